"""The report of a run or an experiment: figures and the page that holds them."""

from simulation.report.experiment import write_experiment_report
from simulation.report.page import write_report

__all__ = ["write_experiment_report", "write_report"]
