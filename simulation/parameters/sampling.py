"""What nobody knows, drawn from the records: each assumption between its low and its high."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

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
