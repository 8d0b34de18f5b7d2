"""The years after the data, by which the most central values are judged as well.

Sets that agree about the past may part after it: what brings as many people until the data end need
not do so in the years that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from simulation.experiments.engine.assumption_sets import on_path
from simulation.experiments.engine.longer_run import OUTLOOK, past_to
from simulation.fitting.plan import last_observed
from simulation.fitting.series import Data, FitWindow, years_without_data
from simulation.scenario import Scenario, load_scenario

#: the series that are compared
SERIES = ("channel_arrivals_year", "channel_boats_year", "lorry_arrivals", "channel_deaths")
#: the future path that every run takes, so that paths do not stand between sets
PATH = "central"


@dataclass(frozen=True)
class Ahead:
    """A run that goes on after the data.

    Attributes:
        scenario: What is run.
        years: The years after the data.
    """

    scenario: Scenario
    years: tuple[str, ...]

    @cached_property
    def data(self) -> Data:
        """The series of these years, of which nothing was observed."""
        return years_without_data(SERIES, self.years)


def ahead_of(window: FitWindow) -> Ahead | None:
    """The past and then the outlook; None where the window ends before the data.

    Args:
        window: The months of a fit.
    """
    if window.last != last_observed():
        return None
    end: date = load_scenario(OUTLOOK).run.end
    years = range(int(window.last[:4]) + 1, end.year + 1)
    return Ahead(on_path(past_to(end), PATH), tuple(map(str, years)))
