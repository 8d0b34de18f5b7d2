"""The gate: what an ensemble must do before it can be installed, by new runs of its sets.

The lines and what is asked stand in `gate.toml`. A line of a series that the window does not have
is left out; without a whole year nothing can be reproduced, and the gate stays shut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor.tables import read_toml
from simulation.fitting.centre import EnsembleMedian
from simulation.fitting.predictive import Coverage
from simulation.fitting.selection import ARRIVALS, BOATS, Sets
from simulation.fitting.series import Array, Data
from simulation.statistics.finding import Finding

FILE = Path(__file__).with_name("gate.toml")
_ENDS = (0.05, 0.95)


class GateLine(Finding):
    """One line of the gate.

    Attributes:
        what: What is measured.
        value: Its value.
        shown: The same in words.
        asked: What is asked, in words.
        passed: Whether the value is what is asked.
    """

    what: str
    value: float
    shown: str
    asked: str
    passed: bool


@dataclass(frozen=True)
class Asked:
    """A line of `gate.toml`, whose keys are explained there."""

    measure: str
    what: str
    unit: str
    why: str
    series: str = ""
    low: float | None = None
    high: float | None = None
    weakness: str = ""

    def text(self, value: float) -> str:
        """A value in words."""
        return f"{100 * value:.3g}%" if self.unit == "share" else f"{value:.3g}"

    @property
    def words(self) -> str:
        """What is asked, in words."""
        if self.low is not None and self.high is not None:
            return f"{self.text(self.low)} to {self.text(self.high)}"
        if self.low is not None:
            return f"at least {self.text(self.low)}"
        return f"at most {self.text(self.high or 0.0)}"

    def judged(self, value: float) -> GateLine:
        """The line with its value."""
        passed = (self.low is None or value >= self.low) and (
            self.high is None or value <= self.high
        )
        return GateLine(
            what=self.what,
            value=float(value),
            shown=self.text(value),
            asked=self.words,
            passed=bool(passed),
        )


@dataclass(frozen=True)
class GateAsked:
    """The content of `gate.toml`."""

    within: float
    lines: tuple[Asked, ...]


@cache
def load_gate() -> GateAsked:
    """Read `gate.toml`."""
    content = read_toml(FILE)
    return GateAsked(content["within"], tuple(Asked(**row) for row in content["line"]))


@dataclass(frozen=True, eq=False)
class Judged:
    """What the gate looks at.

    Attributes:
        data: What was observed.
        sets: The ensemble.
        runs: One new run of each set, (sets, figures); without those that failed.
        weights: Of these runs, (sets,).
        coverage: Of the same runs.
        middle: Of the ensemble.
        central: Mean figures of the most central values, (figures,), those of years after the data
            last.
    """

    data: Data
    sets: Sets
    runs: Array
    weights: Array
    coverage: Sequence[Coverage]
    middle: EnsembleMedian
    central: Array


def judge_gate(judged: Judged) -> list[GateLine]:
    """Every line that the window has the figures for, with its value."""
    columns, asked = judged.data.columns, load_gate().lines
    lines = [line for line in asked if not line.series or columns(line.series).size]
    return [line.judged(_MEASURES[line.measure](judged, line.series)) for line in lines]


def weakness_of(what: str) -> str:
    """Why the model of today fails a line of the gate; empty where the reason is unknown."""
    return next((line.weakness for line in load_gate().lines if line.what == what), "")


def first_failed(lines: Sequence[GateLine]) -> GateLine | None:
    """The first line that was not passed and that no known weakness of the model explains."""
    failed = (line for line in lines if not line.passed)
    return next((line for line in failed if not weakness_of(line.what)), None)


def _reproduced(judged: Judged, _: str) -> float:
    columns = np.concatenate([judged.data.columns(name) for name in (ARRIVALS, BOATS)])
    if not columns.size:
        return 0.0
    observed = np.array(judged.data.observed)[columns]
    off = np.abs(judged.runs[:, columns] - observed) <= load_gate().within * observed
    return float(judged.weights @ off.all(axis=1))


def _inside(judged: Judged, series: str) -> float:
    row = next(row for row in judged.coverage if row.series == series)
    return row.in_90 / row.figures


def _ends(judged: Judged, series: str) -> tuple[Array, Array, Array]:
    """The ends of the 90% interval of each year, and what was observed."""
    columns = judged.data.columns(series)
    runs = judged.runs[:, columns]
    low, high = np.quantile(runs, _ENDS, axis=0, weights=judged.weights, method="inverted_cdf")
    return low, high, np.array(judged.data.observed)[columns]


#: no factor is larger than this, so that an end of 0 is a number too
_MOST = 1e6


def _factor(judged: Judged, series: str) -> float:
    low, high, observed = (np.maximum(one, 1.0) for one in _ends(judged, series))
    return float(min(np.maximum(high / observed, observed / low).max(), _MOST))


def _half_width(judged: Judged, series: str) -> float:
    low, high, observed = _ends(judged, series)
    return float(((high - low) / 2.0 / np.maximum(observed, 1.0)).max())


def _distance(judged: Judged, series: str) -> float:
    squares = judged.data.distances(judged.runs)[:, judged.data.columns(series)] ** 2
    return float(np.sqrt((judged.weights @ squares).mean()))


_MEASURES: dict[str, Callable[[Judged, str], float]] = {
    "sets": lambda judged, _: float(min(judged.sets.accepted, judged.sets.weights.size)),
    "largest": lambda judged, _: float(judged.sets.weights.max()),
    "reproduced": _reproduced,
    "inside": _inside,
    "factor": _factor,
    "half_width": _half_width,
    "distance": _distance,
    "off_centre": lambda judged, series: float(
        judged.middle.farthest(series, judged.central[None])[0]
    ),
}
