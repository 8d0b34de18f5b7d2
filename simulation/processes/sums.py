"""Sums of compiled code that are those of NumPy to the last bit."""

from __future__ import annotations

import numpy as np

from simulation.compiled import compiled, inner

_BLOCK = 128  # numbers that are summed without being halved


@inner
def sum_block(values: np.ndarray, first: int, last: int) -> float:
    """Sum of at most 128 numbers, from `first` to before `last`, as `pairwise_sum` takes it."""
    total = 0.0
    if last - first < 8:
        for k in range(first, last):
            total += values[k]
        return total
    s0, s1, s2, s3 = values[first], values[first + 1], values[first + 2], values[first + 3]
    s4, s5, s6, s7 = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    whole = last - (last - first) % 8
    for k in range(first + 8, whole, 8):
        s0 += values[k]
        s1 += values[k + 1]
        s2 += values[k + 2]
        s3 += values[k + 3]
        s4 += values[k + 4]
        s5 += values[k + 5]
        s6 += values[k + 6]
        s7 += values[k + 7]
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for k in range(whole, last):
        total += values[k]
    return total


@compiled
def pairwise_sum(values: np.ndarray) -> float:
    """The sum of some numbers in the order in which `numpy.sum` takes them.

    Blocks of up to 128 are summed by eight, and longer arrays are halved until they are such
    blocks. So a sum that moves from NumPy into compiled code stays the same to the last bit.
    Source: Higham (1993), "The accuracy of floating point summation", doi:10.1137/0914050.

    Args:
        values: (n,).
    """
    if values.size <= _BLOCK:
        return sum_block(values, 0, values.size)
    half = values.size // 2
    half -= half % 8
    return pairwise_sum(values[:half]) + pairwise_sum(values[half:])
