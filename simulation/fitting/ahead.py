"""The years after the data, by which the most central values are judged as well.

Sets that agree about the past may part after it: what brings as many people until the data end need
not do so in the years that follow. What is tried as the centre runs on the central path. Runs of
the ensemble draw a path each, as they do wherever it is used, so their figures of these years are
moved to as many people as the central path brings, by the slope over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from simulation.engine.assumption_sets import on_path, people_on_path
from simulation.engine.longer_run import OUTLOOK, past_to
from simulation.fitting.plan import last_observed
from simulation.fitting.series import Array, Data, FitWindow, years_without_data
from simulation.parameters import load_records
from simulation.scenario import Scenario, load_scenario

#: the series that are compared
SERIES = (
    "channel_arrivals_year", "channel_boats_year", "lorry_arrivals", "channel_deaths",
    "days_with_arrivals", "busiest_tenth",
)  # fmt: skip
CENTRAL: Final = "central"


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
    def central(self) -> Scenario:
        """The same on the central path."""
        return on_path(self.scenario, CENTRAL)

    @cached_property
    def data(self) -> Data:
        """The series of these years, of which nothing was observed."""
        return years_without_data(SERIES, self.years)

    def on_central_path(self, figures: Array, seeds: Iterable[int]) -> Array:
        """Figures of runs as they would be with as many people as the central path brings.

        Args:
            figures: Of runs that draw a path each, (runs, figures), those of these years last.
            seeds: Of the runs, which draw the paths.
        """
        # what is central today must not decide what the next fit takes for central
        asked = f"{self.years[0]}-01", f"{self.years[-1]}-12", load_records()
        people = np.log([people_on_path(*asked, "spread", seed) for seed in seeds])
        central = np.log(people_on_path(*asked, CENTRAL))
        past, after = np.split(figures, [figures.shape[1] - self.data.size], axis=1)
        scaled, off = self.data.transformed(after), people - people.mean()
        slopes = off @ (scaled - scaled.mean(axis=0)) / (off @ off)
        moved = self.data.restored(scaled + np.outer(central - people, slopes))
        return np.hstack([past, moved])


def ahead_of(window: FitWindow) -> Ahead | None:
    """The past and then the outlook; None where the window ends before the data.

    Args:
        window: The months of a fit.
    """
    if window.last != last_observed():
        return None
    end = load_scenario(OUTLOOK).run.end
    years = range(int(window.last[:4]) + 1, end.year + 1)
    return Ahead(past_to(end), tuple(map(str, years)))
