"""Published facts about mechanisms: the table `facts.toml`, and how a result is judged by it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.experiments.statistics.paired import paired_differences
from simulation.validation.ratios import relative_change

Array = npt.NDArray[np.float64]
#: units of which a value is a change and carries its sign
_CHANGES = ("%", "pp", "legs")
_SUFFIX = {"%": "%", "share": "%", "pp": " points"}
#: units whose values are shown with one decimal; others are whole numbers from `_WHOLE` on
_WHOLE = 100.0
#: added to a ratio before its interval is worked out, which is stated for positive ratios only
_SHIFT = 100.0
_PERCENT = 100.0
_LABELS = ("rows", "trust")


class Verdict(StrEnum):
    """What a result says of a fact."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNDECIDED = "cannot be decided"
    REPORTED = "reported"


@dataclass(frozen=True)
class PublishedEstimate:
    """A mean over seeds with its 90% interval; NaN ends where no interval can be stated."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class PublishedFigure:
    """One figure of a fact and the band it is held to.

    Attributes:
        key: Its name among the figures of the fact.
        what: What is measured, in words.
        unit: `%` for a change in percent, `pp` for a difference of two changes, `share` for a share
            in percent, or the name of what is counted.
        low: Lower end of the band; None where there is none.
        high: Upper end.
        strict: Whether the ends lie outside the band.
        rows: Rows of the project's collection of evidence; empty if it is in none.
        trust: Label of trust: P, S, N or D, or several; empty for what is only reported.
    """

    key: str
    what: str
    unit: str
    low: float | None = None
    high: float | None = None
    strict: bool = False
    rows: str = ""
    trust: str = ""

    @property
    def evidence(self) -> str:
        """Rows and label of trust of what the band comes from; empty without a band."""
        return f"{self.rows} ({self.trust})" if self.rows else self.trust

    @property
    def band(self) -> str:
        """The band in words; empty for a figure that is only reported."""
        low, high = ("" if end is None else self._shown(end) for end in (self.low, self.high))
        if low and high:
            return f"{low} to {high}"
        if low:
            return f"above {low}" if self.strict else f"{low} or more"
        return high and (f"below {high}" if self.strict else f"{high} or less")

    def shown(self, found: PublishedEstimate) -> str:
        """A result in words, with its interval where there is one."""
        if math.isnan(found.mean):
            return "no value"
        text = self._shown(found.mean)
        if math.isnan(found.low) or math.isnan(found.high):
            return text
        return f"{text} ({self._shown(found.low)} to {self._shown(found.high)})"

    def judge(self, found: PublishedEstimate) -> Verdict:
        """Hold a result to the band.

        It holds if the whole interval lies inside, it does not hold if all of it lies outside, and
        else the runs cannot decide.
        """
        if self.low is None and self.high is None:
            return Verdict.REPORTED
        if math.isnan(found.low) or math.isnan(found.high):
            return Verdict.UNDECIDED
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        inside = low <= found.low and found.high <= high
        outside = found.high < low or found.low > high
        if self.strict:
            inside = low < found.low and found.high < high
            outside = found.high <= low or found.low >= high
        return Verdict.HOLDS if inside else Verdict.FAILS if outside else Verdict.UNDECIDED

    def _shown(self, value: float) -> str:
        decimals = 0 if abs(value) >= _WHOLE or float(value).is_integer() else 1
        text = f"{value:{'+' if self.unit in _CHANGES else ''},.{decimals}f}"
        if not text.strip("+-0.,"):
            text = "0"
        return text + _SUFFIX.get(self.unit, "")


@dataclass(frozen=True)
class Fact:
    """A published fact.

    Attributes:
        key: Its name.
        title: Heading of its part of the page.
        run: What is run, and how it is counted.
        source: What was published, by whom.
        figures: By key.
    """

    key: str
    title: str
    run: str
    source: str
    figures: Mapping[str, PublishedFigure]


@dataclass(frozen=True)
class Settings:
    """How the scenarios of the facts are made and counted; see `facts.toml`."""

    staff_factor: float
    patrol_kinds: list[str]
    supply_factor: float
    break_ups: int
    persons_per_network: int
    route_share: float


@cache
def published() -> tuple[Settings, Mapping[str, Fact]]:
    """The settings and the facts by key, in the order of the page."""
    text = files("simulation.validation").joinpath("facts.toml").read_text(encoding="utf-8")
    return parse(tomllib.loads(text))


def parse(data: Mapping[str, Any]) -> tuple[Settings, Mapping[str, Fact]]:
    """Settings and facts from the content of a table.

    Judged figures take `rows` and `trust` from their fact where they have none of their own.

    Raises:
        ValueError: A key is given twice, a band ends before it begins or has no label of trust.
    """
    facts: dict[str, Fact] = {}
    for entry in data["fact"]:
        figures: dict[str, PublishedFigure] = {}
        usual = {name: entry.get(name, "") for name in _LABELS}
        for line in entry["figure"]:
            judged = "low" in line or "high" in line
            figure = PublishedFigure(**{**usual, **line} if judged else line)
            if figure.key in figures:
                raise ValueError(f"{entry['key']}.{figure.key} is given twice")
            if figure.low is not None and figure.high is not None and figure.high <= figure.low:
                raise ValueError(f"{entry['key']}.{figure.key}: its band ends before it begins")
            if judged and not figure.trust:
                raise ValueError(f"{entry['key']}.{figure.key} has no label of trust")
            figures[figure.key] = figure
        if entry["key"] in facts:
            raise ValueError(f"{entry['key']} is given twice")
        rest = {name: value for name, value in entry.items() if name not in ("figure", *_LABELS)}
        facts[entry["key"]] = Fact(**rest, figures=figures)
    return Settings(**data["settings"]), facts


def mean_of(values: Array) -> PublishedEstimate:
    """Mean over seeds with a Student t interval, from (seeds,) values."""
    found = paired_differences(np.zeros_like(values), values)
    return PublishedEstimate(float(found.mean), float(found.low), float(found.high))


def ratio(over: Array, under: Array) -> PublishedEstimate:
    """Mean of one quantity over the mean of another, with Fieller's interval.

    The ratio may be negative, where `over` is. An interval is stated for positive ratios only, and
    Fieller's moves with the ratio, so it is worked out for a ratio shifted into the positive. NaN
    where the mean of `under` cannot be told from nothing.

    Args:
        over: (seeds,) values above the line.
        under: (seeds,) values below it, same seeds.
    """
    ends = relative_change(under, over + _SHIFT * under)
    mean, low, high = (end / _PERCENT + 1.0 - _SHIFT for end in ends)
    return PublishedEstimate(mean, low, high)


def scaled(found: PublishedEstimate, factor: float, less: float = 0.0) -> PublishedEstimate:
    """An estimate times a positive factor, less a constant."""
    ends = (factor * end - less for end in (found.mean, found.low, found.high))
    return PublishedEstimate(*ends)


def percent_of(over: Array, under: Array) -> PublishedEstimate:
    """A ratio of two means in percent; see `ratio`."""
    return scaled(ratio(over, under), _PERCENT)


def change(without: Array, event: Array) -> PublishedEstimate:
    """Change in percent of the mean without an event; see `ratio`.

    It may go below -100%, as a profit that becomes a loss does.

    Args:
        without: (seeds,) values without the event.
        event: (seeds,) values with it, same seeds.
    """
    return scaled(ratio(event, without), _PERCENT, _PERCENT)
