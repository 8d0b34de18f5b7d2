"""Sums of compiled code against those of NumPy."""

import numpy as np
import pytest

from simulation.processes.allocation import pairwise_sum


@pytest.mark.parametrize("size", [*range(20), 127, 128, 129, 136, 255, 256, 257, 1000, 5001])
def test_a_sum_is_that_of_numpy_to_the_last_bit(size):
    rng = np.random.default_rng(size)
    values = rng.lognormal(0.0, 6.0, size) * rng.choice([-1.0, 1.0], size)

    assert pairwise_sum(values) == values.sum()
