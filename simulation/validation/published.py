"""Published facts: the tables `facts.toml` and `natural.toml`, and which of their figures count.

A published statement counts once. Several figures may be held to one statement: the first of them
counts, and the others are shown beside it. A figure that a lever or table of its own scenario fixes
is given, and one that the ensemble was fitted to is counted apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from simulation.corridor.tables import read_toml
from simulation.validation.verdicts import Band, Estimate, Verdict

#: units of which a value is a change and carries its sign
_CHANGES = ("%", "pp", "legs", "deaths")
_SUFFIX = {"%": "%", "share": "%", "pp": " points", "deaths": " deaths"}
#: units of which only the interval is shown, never a single number
_RANGES = ("deaths",)
#: values are shown with one decimal below, and as whole numbers from here on
_WHOLE = 100.0
_LABELS = ("rows", "trust")
_FOLDER = Path(__file__).parent


class Standing(StrEnum):
    """How a figure enters the totals."""

    UNFORCED = "unforced"
    FITTED = "fitted"
    REPEATED = "same evidence"
    GIVEN = "given"
    REPORTED = "reported"


@dataclass(frozen=True)
class Given:
    """The input that fixes a figure: a field of a lever of a scenario, or a table of the corridor.

    Attributes:
        lever: Section and field, such as `raid.share`; empty for a table.
        scenario: The shipped scenario that holds the lever.
        table: File name of a table; empty for a lever.
    """

    lever: str = ""
    scenario: str = ""
    table: str = ""

    def __str__(self) -> str:
        return f"`{self.lever}` of `{self.scenario}`" if self.lever else f"table `{self.table}`"


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
        line: The published statement that the band comes from; figures of one line count once.
        given: The input that fixes the figure, if one does.
        fitted: The series of the fit that holds the figure, if one does.
        rows: Rows of the project's collection of evidence; empty if it is in none.
        trust: Label of trust: P, S, N or D, or several; empty for what is only reported.
    """

    key: str
    what: str
    unit: str
    low: float | None = None
    high: float | None = None
    strict: bool = False
    line: str = ""
    given: Given | None = None
    fitted: str = ""
    rows: str = ""
    trust: str = ""

    @property
    def judged(self) -> bool:
        """Whether it has a band."""
        return self.low is not None or self.high is not None

    @property
    def limits(self) -> Band:
        """Its band."""
        return Band(self.low, self.high, self.strict)

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

    def judge(self, estimate: Estimate) -> Verdict:
        """The verdict on an estimate of it."""
        if not self.judged:
            return Verdict.REPORTED
        return Verdict.GIVEN if self.given else self.limits.judge(estimate)

    def shown(self, estimate: Estimate) -> str:
        """A result in words, with its interval where there is one."""
        interval = not (math.isnan(estimate.low) or math.isnan(estimate.high))
        ends = f"{self._shown(estimate.low)} to {self._shown(estimate.high)}" if interval else ""
        if self.unit in _RANGES:
            return ends or "no range"
        if math.isnan(estimate.median):
            return "no value"
        return self._shown(estimate.median) + (f" ({ends})" if ends else "")

    def _shown(self, value: float) -> str:
        text = _number(value, signed=self.unit in _CHANGES)
        return text + _SUFFIX.get(self.unit, "")


def _number(value: float, *, signed: bool = False) -> str:
    decimals = 0 if abs(value) >= _WHOLE or float(value).is_integer() else 1
    text = f"{value:{'+' if signed else ''},.{decimals}f}"
    return text if text.strip("+-0.,") else "0"


@dataclass(frozen=True)
class Fact:
    """A published fact.

    Attributes:
        key: Its name.
        title: Heading of its part of the page.
        run: What is run, and how it is counted.
        figures: By key.
        source: What was published, by whom; empty where `run` says so.
        event: Shipped scenario with the event, of a natural experiment.
        without: The same without it.
    """

    key: str
    title: str
    run: str
    figures: Mapping[str, PublishedFigure]
    source: str = ""
    event: str = ""
    without: str = ""


@dataclass(frozen=True)
class Settings:
    """How the scenarios of the facts are made and counted; see `facts.toml`."""

    staff_factor: float
    patrol_kinds: list[str]
    supply_factor: float
    break_ups: int
    persons_per_network: int
    route_share: float


#: facts by key, in the order of the page
Facts = Mapping[str, Fact]
#: fact -> figure -> what the runs give
Readings = Mapping[str, Mapping[str, Estimate]]


@cache
def settings() -> Settings:
    """How the scenarios of the stylised facts are made."""
    return Settings(**read_toml(_FOLDER / "facts.toml")["settings"])


@cache
def stylised() -> Facts:
    """The stylised facts."""
    return parse(read_toml(_FOLDER / "facts.toml"))


@cache
def natural() -> Facts:
    """The natural experiments."""
    return parse(read_toml(_FOLDER / "natural.toml"))


def published() -> Facts:
    """All facts: stylised ones, then natural experiments."""
    return {**stylised(), **natural()}


def parse(data: Mapping[str, Any]) -> Facts:
    """Facts from the content of a table.

    Judged figures take `rows` and `trust` from their fact where they have none of their own.
    """
    facts: dict[str, Fact] = {}
    for entry in data["fact"]:
        usual = {name: entry.get(name, "") for name in _LABELS}
        figures = {}
        for line in entry["figure"]:
            own = {"given": Given(**line["given"])} if "given" in line else {}
            of_fact = usual if "low" in line or "high" in line else {}
            figures[line["key"]] = PublishedFigure(**{**of_fact, **line, **own})
        rest = {name: value for name, value in entry.items() if name not in ("figure", *_LABELS)}
        facts[entry["key"]] = Fact(**rest, figures=figures)
    return facts


def standings(facts: Facts) -> dict[tuple[str, str], Standing]:
    """How each figure enters the totals, by keys of fact and figure.

    Of the figures with one line of evidence, the first in the order of the facts counts. A given
    one does not take the line from others.
    """
    lines: set[str] = set()
    result: dict[tuple[str, str], Standing] = {}
    for key, fact in facts.items():
        for name, figure in fact.figures.items():
            standing = Standing.FITTED if figure.fitted else Standing.UNFORCED
            if not figure.judged:
                standing = Standing.REPORTED
            elif figure.given:
                standing = Standing.GIVEN
            elif figure.line in lines:
                standing = Standing.REPEATED
            else:
                lines.add(figure.line)
            result[key, name] = standing
    return result


@dataclass(frozen=True)
class Tally:
    """How many figures have each verdict.

    Attributes:
        unforced: Verdicts on those that neither an input nor the fit fixes.
        fitted: Verdicts on those that the ensemble was fitted to.
        given: How many an input fixes.
        repeated: How many show evidence that is counted elsewhere.
    """

    unforced: Counter[Verdict] = field(default_factory=Counter)
    fitted: Counter[Verdict] = field(default_factory=Counter)
    given: int = 0
    repeated: int = 0


def tally(facts: Facts, readings: Readings) -> Tally:
    """Count the verdicts, each line of evidence once."""
    verdicts: dict[Standing, Counter[Verdict]] = {standing: Counter() for standing in Standing}
    for (key, name), standing in standings(facts).items():
        verdicts[standing][facts[key].figures[name].judge(readings[key][name])] += 1
    return Tally(
        verdicts[Standing.UNFORCED],
        verdicts[Standing.FITTED],
        verdicts[Standing.GIVEN].total(),
        verdicts[Standing.REPEATED].total(),
    )
