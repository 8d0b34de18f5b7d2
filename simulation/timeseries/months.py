"""Months as "2023-01" and as numbers that count them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

MONTHS_OF_YEAR = 12
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def number_of(month: str) -> int:
    """The number of a month, one more than that of the month before it.

    Args:
        month: A month as "2023-01".

    Raises:
        ValueError: It is no month.
    """
    if not _MONTH.fullmatch(month):
        raise ValueError(f'not a month such as "2023-01": {month!r}')
    return int(month[:4]) * MONTHS_OF_YEAR + int(month[5:]) - 1


def month_at(number: int) -> str:
    """The month of a number, as "2023-01"."""
    return f"{number // MONTHS_OF_YEAR}-{number % MONTHS_OF_YEAR + 1:02d}"


def month_after(month: str) -> str:
    """The month that follows a month, as "2023-01"."""
    return month_at(number_of(month) + 1)


def months_after(month: str, count: int) -> list[str]:
    """The `count` months that follow a month, as "2023-01"."""
    last = number_of(month)
    return [month_at(last + step) for step in range(1, count + 1)]


def months_of(year: int) -> tuple[str, ...]:
    """The names of a year's months: "2024-01", ..."""
    return tuple(f"{year}-{month:02d}" for month in range(1, MONTHS_OF_YEAR + 1))


def last_day(month: str) -> date:
    """The last day of a month such as "2023-01"."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
