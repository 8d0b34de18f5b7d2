"""The years after the data, by which the most central values are judged as well.

Sets that agree about the past may part after it: what brings as many people until the data end need
not do so in the years that follow. Every run draws a path of its own there, and how many people a
path brings stands between sets. So figures of these years are moved to a path that brings as many
as the mean of all, by the slope of the ensemble's runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.future_paths import people_on_path
from simulation.experiments.engine.longer_run import OUTLOOK, past_to
from simulation.fitting.plan import last_observed
from simulation.fitting.series import Data, FitWindow, years_without_data
from simulation.scenario import Scenario, load_scenario

Array = npt.NDArray[np.float64]
#: the series that are compared
SERIES = ("channel_arrivals_year", "channel_boats_year", "lorry_arrivals", "channel_deaths")


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

    def people(self, seeds: Iterable[int]) -> Array:
        """Logarithm of the people expected on the path that each seed draws, (seeds,)."""
        first, last = f"{self.years[0]}-01", f"{self.years[-1]}-12"
        return np.log([people_on_path(first, last, seed) for seed in seeds])


@dataclass(frozen=True, eq=False)
class PathEffects:
    """How figures of the years after the data follow the people on a path.

    Attributes:
        data: Series of these years.
        people: Mean of the logarithm of people.
        slopes: Of each figure on the scale of the fit, (figures,).
    """

    data: Data
    people: float
    slopes: Array

    @classmethod
    def of(cls, data: Data, figures: Array, people: Array) -> PathEffects:
        """Those of some runs by least squares.

        Args:
            data: Series of the years after the data.
            figures: Of the runs, (runs, figures), those of these years last.
            people: Logarithm of the people on the path of each, (runs,).
        """
        off = people - people.mean()
        scaled = data.transformed(figures[:, figures.shape[1] - data.size :])
        slopes = off @ (scaled - scaled.mean(axis=0)) / max(float(off @ off), 1e-12)
        return cls(data, float(people.mean()), slopes)

    def removed(self, figures: Array, people: Array) -> Array:
        """Figures of runs as they would be on a path with the mean of people, (runs, figures)."""
        past, after = np.split(figures, [figures.shape[1] - self.data.size], axis=1)
        moved = self.data.transformed(after) - np.outer(people - self.people, self.slopes)
        return np.hstack([past, self.data.restored(moved)])


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
