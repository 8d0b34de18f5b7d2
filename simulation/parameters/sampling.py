"""What nobody knows, drawn from the records: each assumption between its low and its high."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from simulation.parameters.records import Parameters, Record, Value

type Floats = npt.NDArray[np.float64]

#: a record's range holds this many standard deviations of a normal one on each side
_NORMAL_REACH = 2.0


def uncertain(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records that are sampled: those not fixed and with room between low and high."""
    return tuple(r for r in records if r.distribution != "fixed" and r.low < r.high)


def fixed_by_reason(records: Iterable[Record]) -> dict[str, int]:
    """How many records have room between low and high and are never sampled, by the reason."""
    fixed = (r for r in records if r.distribution == "fixed" and r.low < r.high)
    return dict(Counter(record.fixed_because or "no reason given" for record in fixed))


def quantiles(records: Sequence[Record], u: npt.ArrayLike) -> list[list[Value]]:
    """The values of records at cumulative probabilities.

    `triangular` peaks at the record's value. `normal` has it as its mean, the range reaches two
    standard deviations to either side, and nothing lies beyond. The values are those of
    `scipy.stats`, which every process of an experiment would take a third of a second to load.

    Args:
        records: Records.
        u: Probabilities, 0 to 1, (draws, records).

    Returns:
        For each draw a value of each record that the record accepts: an integer where it is whole,
        a truth value for a switch.
    """
    places = np.asarray(u, dtype=float)
    low, high, value = (
        np.array([float(getattr(record, name)) for record in records])
        for name in ("low", "high", "value")
    )
    width = high - low
    values = np.broadcast_to(value, places.shape).copy()
    free = np.array([r.distribution != "fixed" and not r.is_switch for r in records]) & (width > 0)
    for distribution in sorted({record.distribution for record in records} - {"fixed"}):
        of = free & np.array([record.distribution == distribution for record in records])
        if not of.any():
            continue
        at, least, most, mode, reach = places[:, of], low[of], high[of], value[of], width[of]
        if distribution == "triangular":
            drawn = _triangular(at, (mode - least) / reach) * reach + least
        elif distribution == "loguniform":
            drawn = np.exp(np.log(least) + at * (np.log(most) - np.log(least)))
        elif distribution == "normal":
            sd = reach / (2.0 * _NORMAL_REACH)
            drawn = _truncated_normal(at, (least - mode) / sd, (most - mode) / sd) * sd + mode
        else:
            drawn = at * reach + least
        inside = np.clip(drawn, least, most)
        values[:, of] = np.select([at <= 0.0, at >= 1.0], [least, most], inside)

    def accepted(record: Record, is_free: bool, number: float, u: float) -> Value:
        if is_free:
            return record.accept(round(number) if record.whole else number)
        return u >= 0.5 if record.is_switch and uncertain([record]) else record.value

    return [
        list(map(accepted, records, free, row, at))
        for row, at in zip(values.tolist(), places.tolist(), strict=True)
    ]


def _triangular(u: Floats, peak: Floats) -> Floats:
    """Quantiles of the triangular distribution between 0 and 1, (draws, records)."""
    return np.where(u < peak, np.sqrt(peak * u), 1.0 - np.sqrt((1.0 - peak) * (1.0 - u)))


def _truncated_normal(u: Floats, least: Floats, most: Floats) -> Floats:
    """Quantiles of a standard normal between two numbers of standard deviations around 0.

    In logarithms, which stay exact in the tails.
    """
    inside = scipy.special.log1p(-scipy.special.ndtr(least) - scipy.special.ndtr(-most))
    with np.errstate(divide="ignore"):
        below = np.log(u) + inside
    lower = np.broadcast_to(scipy.special.log_ndtr(least), below.shape)
    return np.asarray(scipy.special.ndtri_exp(scipy.special.logsumexp([lower, below], axis=0)))


def quantile(record: Record, u: float) -> Value:
    """The value of one record at a cumulative probability: see `quantiles`."""
    return quantiles([record], [[u]])[0][0]


def samples(parameters: Parameters, seeds: Sequence[int]) -> list[dict[str, Value]]:
    """Draws of every uncertain record, each the same for its seed whatever else is there.

    Args:
        parameters: The records.
        seeds: Which draws.

    Returns:
        For each seed values by record name. The records are drawn independently: what is known
        about several at once, from a fit, is not in them.
    """
    records = uncertain(parameters)
    words = np.array([_word(record.name) for record in records], dtype=np.uint64)
    from simulation.randomness import Decision, uniforms  # loads Numba

    places = [uniforms(seed, Decision.ASSUMPTION, words, 0) for seed in seeds]
    names = [record.name for record in records]
    return [dict(zip(names, row, strict=True)) for row in quantiles(records, places)]


def sample(parameters: Parameters, seed: int) -> dict[str, Value]:
    """One draw of every uncertain record: see `samples`."""
    return samples(parameters, [seed])[0]


def place_of(record: Record, seed: int) -> float:
    """The cumulative probability at which a record is drawn for a seed."""
    from simulation.randomness import Decision, draw  # loads Numba

    return draw(seed, Decision.ASSUMPTION, _word(record.name), 0)


@cache
def _word(name: str) -> int:
    """A number for a name, so that a new record changes no other's draws."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


# -- quantities with a record a year, such as `entries.elsewhere_level_2024` -----------------------
# Years are data: which there are is read from the names of the records. A year about which nothing
# is known has the distribution that the records give a year, with its peak at the mean of the years
# that are known (an assumption). A distribution estimated from these few years alone would be
# wider: fitted values are uncertain themselves, which would count as change from year to year.

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
