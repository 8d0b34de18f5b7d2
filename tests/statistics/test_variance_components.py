"""The variance of an effect between sets, paths and seeds, on effects with known components."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.statistics.variance_components import (
    FEWEST_FREEDOM,
    variance_components,
)

#: as a comparison crosses them: every set twice, every second set on two paths
SETS = np.repeat(np.arange(40), 2)
PATHS = np.where((SETS % 2 == 1) & (np.arange(80) % 2 == 1), SETS + 100, SETS)


def _effects(rng, sets: float, paths: float, chance: float):
    """Made-up effects with these standard deviations."""
    y = rng.normal(0.0, chance, len(SETS))
    y += rng.normal(0.0, sets, 200)[SETS]
    return y + rng.normal(0.0, paths, 200)[PATHS]


@pytest.mark.parametrize(
    "sd", [(10.0, 5.0, 2.0), (2.0, 5.0, 10.0), (0.0, 6.0, 1.0), (6.0, 0.0, 6.0)]
)
def test_known_components_come_back(sd):
    rng = np.random.default_rng(4)
    estimates = [variance_components(_effects(rng, *sd), SETS, PATHS) for _ in range(300)]
    wanted = np.square(sd)
    means = np.mean([(one.sets, one.paths, one.chance) for one in estimates], axis=0)
    # pooling lifts a component that is zero, and nothing else by much
    assert means == pytest.approx(wanted, abs=0.12 * wanted.sum())
    assert np.mean([one.total for one in estimates]) == pytest.approx(wanted.sum(), rel=0.06)


def test_equal_numbers_give_the_nested_analysis_of_variance():
    """Two paths in each of 12 sets, two seeds on each path, by the textbook's mean squares."""
    rng = np.random.default_rng(1)
    y = rng.normal(0, 3, (12, 1, 1)) + rng.normal(0, 2, (12, 2, 1)) + rng.normal(0, 1, (12, 2, 2))
    number = np.arange(48)
    components = variance_components(y.ravel(), number // 4, number // 2)
    within = y.var(axis=2, ddof=1).mean()
    of_paths = 2.0 * y.mean(axis=2).var(axis=1, ddof=1).mean()
    assert components.chance == pytest.approx(within)
    assert components.paths == pytest.approx((of_paths - within) / 2.0)
    of_sets = 4.0 * y.mean(axis=(1, 2)).var(ddof=1)
    assert components.sets == pytest.approx((of_sets - of_paths) / 4.0)


def test_what_does_not_differ_has_no_component():
    y = np.random.default_rng(2).normal(size=80)
    assert variance_components(y, SETS, np.zeros(80)).paths is None
    one_set = variance_components(y, np.zeros(80), SETS)
    assert one_set.sets is None
    assert one_set.paths is not None


FEW = np.arange(2 * FEWEST_FREEDOM)


@pytest.mark.parametrize("sets", [FEW // 2, FEW, 0 * FEW], ids=["pairs", "no seeds", "one set"])
def test_too_few_are_not_split(sets):
    assert variance_components(FEW.astype(float), sets, 0 * FEW) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=80, max_size=80), st.permutations(range(80)))
def test_components_are_never_negative_and_hang_on_no_order(values, order):
    y, order = np.array(values), np.array(order)
    components = variance_components(y, SETS, PATHS)
    again = variance_components(7.0 - 2.0 * y[order], SETS[order], PATHS[order])
    parts = np.array([components.sets, components.paths, components.chance])
    assert (parts >= 0.0).all()
    assert [again.sets, again.paths, again.chance] == pytest.approx(
        4.0 * parts, rel=1e-6, abs=1e-9 * (1.0 + y.var())
    )


def test_a_failed_pair_does_not_count():
    y = np.random.default_rng(3).normal(size=80)
    gone = y.copy()
    gone[[4, 9]] = np.nan
    left = np.isfinite(gone)
    assert variance_components(gone, SETS, PATHS) == variance_components(
        y[left], SETS[left], PATHS[left]
    )
