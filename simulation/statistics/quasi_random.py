"""Points of a unit cube of which any first few, and any in a row, are spread evenly.

Point n has the coordinates n sqrt(2), n sqrt(3), n sqrt(5), ... modulo 1: Richtmyer's sequence, an
additive one of low discrepancy (Niederreiter 1992, *Random Number Generation and Quasi-Monte Carlo
Methods*, doi:10.1137/1.9781611970081, chapter 3).
"""

from __future__ import annotations

from math import isqrt

_PRIMES = (2, 3, 5, 7, 11, 13)
#: whole numbers modulo 2 to this power, so that the last points are as exact as the first
_BITS, _OF_A_FLOAT = 64, 53


def quasi_random(number: int, dimension: int) -> float:
    """One coordinate of a point of the sequence, 0 to below 1.

    Args:
        number: Which point.
        dimension: Which of its first six coordinates, from 0.
    """
    root = isqrt(_PRIMES[dimension] << 2 * _BITS)
    return float((number * root % (1 << _BITS) >> _BITS - _OF_A_FLOAT) * 2.0**-_OF_A_FLOAT)
