"""When a lever is in force, and how far its ramp has come."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

DAYS_PER_YEAR = 365.25
_ALWAYS = 0  # before any ordinal of a date in use


def days_after(day: date, days: int) -> date:
    """The day so many days later; at most the last day of the calendar."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


@dataclass(frozen=True)
class Span:
    """The days of a lever, as ordinals of the proleptic Gregorian calendar.

    Attributes:
        first: First day in force.
        last: Last day in force, or None for ever.
        ramp_days: Days from no effect, on the first day, to full effect.
    """

    first: int
    last: int | None
    ramp_days: int

    @classmethod
    def of(cls, start: date | None, end: date | None, ramp_days: int) -> Span:
        """The span between two days, both included; None stands for always or for ever."""
        return cls(
            _ALWAYS if start is None else start.toordinal(),
            None if end is None else end.toordinal(),
            ramp_days,
        )

    def covers(self, day: int) -> bool:
        """Whether a day is one of them."""
        return self.overlaps(day, day)

    def overlaps(self, first: int, last: int | None) -> bool:
        """Whether some day from one to another, or from one on, is one of them."""
        begun = last is None or self.first <= last
        return begun and (self.last is None or first <= self.last)

    def progress(self, day: int) -> float:
        """Share of the full effect on a day: 0 before and after, 1 once the ramp is over."""
        if day < self.first or (self.last is not None and day > self.last):
            return 0.0
        since = day - self.first
        return 1.0 if since >= self.ramp_days else since / self.ramp_days


class Timeline:
    """The days on which any of some spans changes.

    Args:
        spans: The spans of the levers, in the order in which they apply.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans: Sequence[Span] = tuple(spans)
        changes = {_ALWAYS}
        ramps: Counter[int] = Counter()  # by day: ramps that begin less ramps that end
        for span in self.spans:
            grown = span.first + span.ramp_days
            changes.update((span.first, grown))
            ramps[span.first] += 1
            if span.last is not None:
                changes.add(span.last + 1)
                grown = min(grown, span.last + 1)
            ramps[grown] -= 1
        self._starts = sorted(changes)
        self._moving = [count > 0 for count in accumulate(ramps[day] for day in self._starts)]

    def key(self, day: int) -> tuple[int, int]:
        """The same for two days if and only if they need the same values computed.

        Args:
            day: Ordinal of a date.

        Returns:
            The period the day lies in, and the day itself while a ramp is under way.
        """
        period = bisect_right(self._starts, day) - 1
        return (period, day if self._moving[period] else 0)
