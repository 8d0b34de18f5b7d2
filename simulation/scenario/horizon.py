"""Which months of a run lie outside the data, and what is used instead.

The number of people who set out comes from tables by route and month, their origins from a table by
route and year. After the last month of a table a run takes a projection
(`model/processes/entries.py`), before the first month that of the nearest year. The sea needs no
data of a month: its climatology holds in every year (`model/processes/channel.py`). All else is an
assumption or a lever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple, TypedDict

from simulation.corridor import BALKAN, ROUTES, InputRange, input_range
from simulation.corridor.network import BY_ROUTE
from simulation.timeseries.months import last_day

#: what charts and tables call a month or a year after the data, and one before them
PROJECTED, BEFORE = "projected", "before the data"
#: what a projection is, by the future that a scenario asks for
_STANDS_IN = {
    "spread": "every run draws a possible future of its own from how the route changed in the "
    "past, and runs that are compared share it",
    "one": "every run takes the same possible future, drawn from how the route changed in the past",
    "row": "every row of the table names the possible future that its run takes",
    "central": "every run takes the median of the possible futures of the route, month by month",
    "low": "few people set out, as every run takes the 10th percentile of the possible futures of "
    "the route, month by month",
    "high": "many people set out, as every run takes the 90th percentile of the possible futures "
    "of the route, month by month",
}
_ORIGINS = "origins"


class DataMonths(TypedDict):
    """The months by the keys of manifests and summaries.

    Attributes:
        observed_from: First month that all inputs cover.
        observed_until: Last such month.
        repeated_until: Last month of the run before the data; None if there is none.
        projected_from: First month of the run after the data of some input; None if there is none.
        observed_inputs: Last month of each input.
    """

    observed_from: str
    observed_until: str
    repeated_until: str | None
    projected_from: str | None
    observed_inputs: dict[str, str]


#: the keys, in order
KEYS = tuple(DataMonths.__annotations__)


class Stretch(NamedTuple):
    """Days of a run outside the data.

    Attributes:
        first: First of them.
        last: Last of them.
        label: `PROJECTED` or `BEFORE`.
    """

    first: date
    last: date
    label: str


@cache
def _packaged() -> InputRange:
    return input_range()


@dataclass(frozen=True)
class Horizon:
    """The days of a run against the months of the data.

    Attributes:
        start: First day counted.
        end: Last day counted.
        covered: The months and years that the tables hold; those of the package if not given.
        path: The future that the scenario asks for (`Future.kind`), or `row`
            where each run names its own.
    """

    start: date
    end: date
    covered: InputRange = field(default_factory=_packaged)
    path: str = "spread"

    @property
    def first_observed(self) -> date:
        """First day of the first month that all inputs cover."""
        return _first_day(self.covered.first)

    @property
    def last_observed(self) -> date:
        """Last day of the last month that all inputs cover."""
        return last_day(self.covered.last)

    @property
    def repeated_until(self) -> str | None:
        """Last month of the run that lies before the data, as "2020-12"; None if there is none."""
        if self.start >= self.first_observed:
            return None
        return month_of(min(self.end, self.first_observed - timedelta(days=1)))

    @property
    def projected_from(self) -> str | None:
        """First month of the run after the data of some input, as "2025-01"; None if none."""
        if self.end <= self.last_observed:
            return None
        return month_of(max(self.start, self.last_observed + timedelta(days=1)))

    @property
    def line(self) -> str:
        """The substitute for data, in words; empty where the data cover the whole run."""
        parts = [part for part in (self._before(), self._after()) if part]
        sea = "The sea follows the same average climate in every year."
        return " ".join([*parts, sea]) if parts else ""

    @property
    def spans(self) -> list[Stretch]:
        """The stretches of the run outside the data of some input, in order."""
        stretches = []
        if self.repeated_until is not None:
            last = min(self.end, last_day(self.repeated_until))
            stretches.append(Stretch(self.start, last, BEFORE))
        if self.projected_from is not None:
            first = max(self.start, _first_day(self.projected_from))
            stretches.append(Stretch(first, self.end, PROJECTED))
        return stretches

    def mark(self, first: date, last: date) -> str:
        """The mark of some days: `PROJECTED` or `BEFORE` if any of them is, else empty."""
        marks = [s.label for s in self.spans if first <= s.last and s.first <= last]
        return marks[-1] if marks else ""

    def marked(self, text: str, first: date, last: date) -> str:
        """The name of some days, with their mark: `2027 (projected)`."""
        mark = self.mark(first, last)
        return f"{text} ({mark})" if mark else text

    def as_json(self) -> DataMonths:
        """The months as JSON knows them."""
        return {
            "observed_from": self.covered.first,
            "observed_until": self.covered.last,
            "repeated_until": self.repeated_until,
            "projected_from": self.projected_from,
            "observed_inputs": self.covered.last_months,
        }

    def _after(self) -> str:
        if self.projected_from is None:
            return ""
        inputs = self.covered.last_months
        months = sorted({month for month in inputs.values() if last_day(month) < self.end})
        ends = {month: [name for name, end in inputs.items() if end == month] for month in months}
        parts = [f"in {_first_day(month):%B %Y}{_inputs(names)}" for month, names in ends.items()]
        return (
            f"The data end {', and '.join(parts)}. "
            f"What comes after is projected: {_STANDS_IN[self.path]}."
        )

    def _before(self) -> str:
        if self.repeated_until is None:
            return ""
        people, (first_year, _) = self.covered.people[0], self.covered.origins
        text = (
            f"The data on people who set out and their origins begin in "
            f"{self.first_observed:%B %Y}. "
            f"Until {last_day(self.repeated_until):%B %Y} the origins and the level of the year "
            f"are those of {first_year}."
        )
        if self.start < _first_day(people):
            year = people[:4]
            text += f" Before {year} the months of {year} stand in for how many set out."
        return text


def horizon_of(summary: Mapping[str, Any]) -> Horizon:
    """The horizon of a finished run or experiment, from its summary or its manifest.

    Args:
        summary: Content with `start`, `end` and the names in `KEYS`. The months it names count: the
            tables may have grown since. Without them those of the package are taken.
    """
    start, end = (date.fromisoformat(str(summary[key])) for key in ("start", "end"))
    first, last = (summary.get(key) for key in KEYS[:2])
    if first is None or last is None:
        return Horizon(start, end)
    inputs = dict(summary.get("observed_inputs") or {})
    origins = str(inputs.pop(_ORIGINS, last))
    by_route = {route: (first, str(month)) for route, month in inputs.items()}
    covered = InputRange((first, last), (int(first[:4]), int(origins[:4])), by_route)
    return Horizon(start, end, covered)


def _inputs(names: Sequence[str]) -> str:
    """Inputs in words, to go after a month; none where the routes are not named."""
    routes = [BY_ROUTE.get(name, name) for name in names if name != _ORIGINS]
    parts = []
    if len(routes) == len(ROUTES) - 1 and BY_ROUTE[BALKAN] not in routes:
        parts.append("all others")
    elif routes:
        parts.append(f"people {', '.join(routes)}")
    if _ORIGINS in names:
        parts.append("the origins of people")
    return f" for {' and '.join(parts)}" if parts else ""


def month_of(day: date) -> str:
    """The month of a day, as "2023-01"."""
    return f"{day.year}-{day.month:02d}"


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)
