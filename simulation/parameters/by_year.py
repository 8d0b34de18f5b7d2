"""Quantities with a record a year, such as `entries.elsewhere_level_2024`, in years without one.

Years are data: which there are is read from the names of the records. A year about which nothing is
known has the distribution that the records give a year, with its peak at the mean of the years that
are known (an assumption). A distribution estimated from these few years alone would be wider than
that: values that were fitted are uncertain themselves, and this would count as change from year to
year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from simulation.parameters.records import Parameters, Record, Value
from simulation.parameters.sampling import place_of, quantile

_NAME = re.compile(r"(.+)_(\d{4})")


class YearOf(NamedTuple):
    """What the name of a record says.

    Attributes:
        quantity: The name without the year, `entries.elsewhere_level`.
        year: The year.
    """

    quantity: str
    year: int


@cache
def year_of(name: str) -> YearOf | None:
    """The quantity and the year of a record; None for a record that is of no year."""
    match = _NAME.fullmatch(name)
    return YearOf(match[1], int(match[2])) if match else None


def recorded_years(parameters: Parameters, quantity: str) -> dict[int, float]:
    """The values of a quantity by year, in order.

    Args:
        parameters: What is assumed.
        quantity: What comes before the year, `entries.elsewhere_level`.
    """
    group, name = quantity.split(".")
    values, years = getattr(parameters, group), sorted(_records(parameters, quantity))
    return {year: float(getattr(values, f"{name}_{year}")) for year in years}


def drawn_year(values: Iterable[float], place: float, records: Iterable[Record]) -> float:
    """A value in a year about which nothing is known.

    Args:
        values: Those of the years that are known, at least one.
        place: The cumulative probability of the value, between 0 and 1.
        records: The quantity's records; the widest range of any bounds the value.
    """
    of = list(records)
    low, high = min(record.low for record in of), max(record.high for record in of)
    peak = float(np.clip(np.mean(list(values)), float(low), float(high)))
    return float(quantile(replace(of[-1], low=low, high=high, value=peak), place))


def later_years(
    drawn: Mapping[str, Value], parameters: Parameters, last_year: int, seed: int
) -> dict[str, Value]:
    """Values of all records of years after one, drawn from those of the years up to it.

    A set of assumptions that was fitted up to a year knows nothing of the next one. The value that
    is recorded for it may have been set with an eye on it and counts for nothing. A value is drawn
    from the widest range of any year, and held inside its own.

    Args:
        drawn: The set, by record name.
        parameters: The records.
        last_year: The last year about which the set knows anything.
        seed: The seed that the set belongs to.

    Returns:
        Values by record name; none of a quantity of which no year is known.
    """
    values: dict[str, Value] = {}
    for quantity in dict.fromkeys(of.quantity for one in parameters if (of := year_of(one.name))):
        records = _records(parameters, quantity)
        earlier = [
            float(drawn.get(record.name, record.value))
            for year, record in records.items()
            if year <= last_year
        ]
        if not earlier:
            continue
        for year, record in records.items():
            if year > last_year:
                value = drawn_year(earlier, place_of(record, seed), records.values())
                inside = np.clip(value, float(record.low), float(record.high))
                values[record.name] = record.accept(float(inside))
    return values


def _records(parameters: Parameters, quantity: str) -> dict[int, Record]:
    """The records of a quantity by year."""
    return {
        of.year: record
        for record in parameters
        if (of := year_of(record.name)) is not None and of.quantity == quantity
    }
