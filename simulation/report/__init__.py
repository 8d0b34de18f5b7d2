"""The report of a run or an experiment: figures and the page that holds them."""

from simulation.report.experiment import write_experiment_report
from simulation.report.run import ensure_report, write_report

__all__ = ["ensure_report", "write_experiment_report", "write_report"]
