"""Lengths of time: how they are read and written, and the time that pairs may be added for."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from simulation.errors import InputError

#: seconds for which pairs are added unless somebody says otherwise
DEFAULT_SECONDS = 180.0
#: the same as it is typed
DEFAULT_TIME = "3m"
_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "": 60.0}
_WRITTEN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?(s|min|m|h|)", re.ASCII)
#: more than this is a mistake: a month
_MOST_SECONDS = 31 * 86_400.0


def read_time(text: str | float) -> float:
    """Seconds that a length of time stands for.

    Args:
        text: `90s`, `3m`, `3min` or `1h`; a number alone is minutes.

    Raises:
        InputError: It is no length of time, or not above nothing.
    """
    match = _WRITTEN.fullmatch(str(text).strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else math.nan
    if not 0.0 < seconds <= _MOST_SECONDS:
        raise InputError(
            "not a length of time",
            key="--time",
            value=str(text),
            allowed="such as 90s, 3m, 1h, or a number of minutes; at most 31 days",
        )
    return seconds


def exactly(seconds: float) -> str:
    """A length of time as it was asked for, not rounded: `100 seconds`, `3 minutes`, `1 hour`."""
    for unit, size in (("hour", 3600), ("minute", 60), ("second", 1)):
        count = seconds / size
        if unit == "second" or (count >= 1.0 and count == int(count)):
            break
    return f"{count:g} {unit}{'s' if count != 1 else ''}"


def in_words(seconds: float) -> str:
    """A length of time as people say it: `40 seconds`, `25 minutes`, `3 hours`."""
    for unit, size, until in (("second", 1, 90), ("minute", 60, 90), ("hour", 3600, 48)):
        count = max(1, round(seconds / size))
        if count <= until:
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{round(seconds / 86_400)} days"


def time_for(pairs: int | None, text: str | float | None) -> float:
    """Seconds for which pairs are added, from what was asked.

    Args:
        pairs: Pairs that were asked for; None to add them.
        text: The time that was asked for, if any; see `read_time`.

    Raises:
        InputError: It is no length of time, or the number of pairs is given already.
    """
    if text is None:
        return DEFAULT_SECONDS
    if pairs is not None:
        raise InputError(
            "ends nothing where the number of pairs is given",
            key="--time",
            value=str(text),
            allowed="--replications auto, or no --time",
        )
    return read_time(text)


class Budget:
    """A length of time that begins when this is made.

    Args:
        seconds: How long it is.
        clock: Seconds since some moment. It must never jump, as the time of day does when
            somebody sets it.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock, self._began = seconds, clock, clock()

    @property
    def used(self) -> float:
        """Seconds since it began."""
        return self.clock() - self._began

    def over(self) -> bool:
        """Whether all of it is used."""
        return self.used >= self.seconds
