"""What nobody knows, drawn from the records: each assumption between its low and its high."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from scipy import stats

from simulation.parameters.records import Parameters, Record, Value
from simulation.randomness import Decision, draw

#: a record's range holds this many standard deviations of a normal one on each side
_NORMAL_REACH = 2.0


def uncertain(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records that are sampled: those not fixed and with room between low and high."""
    return tuple(
        record for record in records if record.distribution != "fixed" and record.low < record.high
    )


def quantile(record: Record, u: float) -> Value:
    """The value of a record at a cumulative probability.

    `triangular` peaks at the record's value. `normal` has it as its mean, the range reaches two
    standard deviations to either side, and nothing lies beyond.

    Args:
        record: A record.
        u: Probability, 0 to 1.

    Returns:
        A value the record accepts: an integer where it is whole, a truth value for a switch.
    """
    low, high, value = float(record.low), float(record.high), float(record.value)
    if record.distribution == "fixed" or low == high:
        return record.value
    if record.is_switch:
        return u >= 0.5
    width = high - low
    if record.distribution == "triangular":
        found = stats.triang.ppf(u, (value - low) / width, loc=low, scale=width)
    elif record.distribution == "loguniform":
        found = stats.loguniform.ppf(u, low, high)
    elif record.distribution == "normal":
        sd = width / (2.0 * _NORMAL_REACH)
        found = stats.truncnorm.ppf(u, (low - value) / sd, (high - value) / sd, value, sd)
    else:
        found = stats.uniform.ppf(u, low, width)
    found = min(max(float(found), low), high)
    return record.accept(round(found) if record.whole else found)


def sample(parameters: Parameters, seed: int) -> dict[str, Value]:
    """One draw of every uncertain record, the same for a seed whatever else is there.

    Args:
        parameters: The records.
        seed: Which draw.

    Returns:
        Values by record name. The records are drawn independently: what is known about several
        at once, from a fit, is not in them.
    """
    return {
        record.name: quantile(record, draw(seed, Decision.ASSUMPTION, _word(record.name), 0))
        for record in uncertain(parameters)
    }


def _word(name: str) -> int:
    """A number for a name, so that a new record changes no other's draws."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
