"""Which months of a run lie outside the data, and what stands in for the data there.

The number of people who set out and their origins come from tables by month and year. Outside
these tables a run takes the nearest year (`simulation.processes.entries`). The sea needs no data of
a month: its climatology holds in every year (`simulation.processes.sea`). All else is an
assumption or a lever.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from simulation.corridor import InputRange, input_range

#: keys by which manifests and summaries name the months, as `Horizon.as_json` gives them
KEYS = ("observed_from", "observed_until", "repeated_until", "repeated_from")
#: what charts and tables call a month or a year outside the data
LABEL = "beyond the data"


@dataclass(frozen=True)
class Horizon:
    """The days of a run against the months of the data.

    Attributes:
        start: First day counted.
        end: Last day counted.
        covered: The months and years that the tables hold.
    """

    start: date
    end: date
    covered: InputRange

    @property
    def first_observed(self) -> date:
        """First day of the first month that all inputs cover."""
        return _first_day(self.covered.first)

    @property
    def last_observed(self) -> date:
        """Last day of the last month that all inputs cover."""
        return _last_day(self.covered.last)

    @property
    def repeated_until(self) -> str | None:
        """Last month of the run that lies before the data, as "2020-12"; None if there is none."""
        if self.start >= self.first_observed:
            return None
        return month_of(min(self.end, self.first_observed - timedelta(days=1)))

    @property
    def repeated_from(self) -> str | None:
        """First month of the run that lies after the data, as "2025-01"; None if there is none."""
        if self.end <= self.last_observed:
            return None
        return month_of(max(self.start, self.last_observed + timedelta(days=1)))

    @property
    def line(self) -> str:
        """What stands in for the data, in words; empty where the data cover the whole run."""
        parts = [self._before(), self._after()]
        if not any(parts):
            return ""
        parts.append("The sea follows the same average climate in every year.")
        return " ".join(part for part in parts if part)

    @property
    def spans(self) -> list[tuple[date, date]]:
        """The days of the run outside the data, as first and last day of each stretch."""
        found = []
        if self.repeated_until is not None:
            found.append((self.start, min(self.end, _last_day(self.repeated_until))))
        if self.repeated_from is not None:
            found.append((max(self.start, _first_day(self.repeated_from)), self.end))
        return found

    def outside(self, first: date, last: date) -> bool:
        """Whether some of the days from one to another are days of the run outside the data."""
        return any(first <= end and start <= last for start, end in self.spans)

    def as_json(self) -> dict[str, str | None]:
        """The months as JSON knows them, by the names in `KEYS`."""
        return {
            "observed_from": self.covered.first,
            "observed_until": self.covered.last,
            "repeated_until": self.repeated_until,
            "repeated_from": self.repeated_from,
        }

    def _after(self) -> str:
        if self.repeated_from is None:
            return ""
        last = self.last_observed
        return (
            f"The data on people who set out and their origins end in {last:%B %Y}. From "
            f"{_first_day(self.repeated_from):%B %Y} on the months of {last.year} are repeated."
        )

    def _before(self) -> str:
        if self.repeated_until is None:
            return ""
        people, (first_year, _) = self.covered.people[0], self.covered.origins
        text = (
            f"The data on people who set out and their origins begin in "
            f"{self.first_observed:%B %Y}. "
            f"Until {_last_day(self.repeated_until):%B %Y} the origins and the level of the year "
            f"are those of {first_year}."
        )
        if self.start < _first_day(people):
            year = people[:4]
            text += f" Before {year} the months of {year} stand in for how many set out."
        return text


def horizon(start: date, end: date, covered: InputRange | None = None) -> Horizon:
    """The days from one to another against the months of the data.

    Args:
        start: First day counted.
        end: Last day counted.
        covered: What the tables hold; those of the package when None.
    """
    return Horizon(start, end, _packaged() if covered is None else covered)


def horizon_of(found: Mapping[str, Any]) -> Horizon:
    """The horizon of a finished run or experiment, from its summary or its manifest.

    Args:
        found: Content with `start`, `end` and the names in `KEYS`. The months it names count: the
            tables may have grown since. A folder of an earlier version names none, and those of the
            package are taken.
    """
    start, end = (date.fromisoformat(str(found[key])) for key in ("start", "end"))
    first, last = (found.get(key) for key in KEYS[:2])
    if first is None or last is None:
        return horizon(start, end)
    return Horizon(start, end, InputRange((first, last), (int(first[:4]), int(last[:4]))))


def month_of(day: date) -> str:
    """The month of a day, as "2023-01"."""
    return f"{day.year}-{day.month:02d}"


@cache
def _packaged() -> InputRange:
    return input_range()


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])
