"""The report of a run: figures and the page that holds them."""

from simulation.report.page import write_report

__all__ = ["write_report"]
