"""Weights of all runs of a fit, against distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.fitting.emulation import (
    LEAST_EFFECTIVE,
    Generation,
    Posterior,
    effective,
    importance,
    log_density,
    systematic,
    tempered,
)

PRIOR = Posterior(np.zeros(1), np.eye(1))


def generation(of: Posterior, members: int, seed: int) -> Generation:
    """A figure that is a distance of the one assumption from 1, in its errors."""
    scores = of.draw(members, seed)
    return Generation(scores, scores.T - 1.0)


def moments(generations: list[Generation], weights: np.ndarray) -> tuple[float, float]:
    scores = np.hstack([one.scores[0] for one in generations])
    mean = float(weights @ scores)
    return mean, float(np.sqrt(weights @ (scores - mean) ** 2))


def test_runs_of_the_prior_become_the_posterior():
    runs = [generation(PRIOR, 4000, 1)]
    found = importance(runs, [PRIOR])
    assert found.power == 1.0
    assert moments(runs, found.values) == pytest.approx((0.5, np.sqrt(0.5)), abs=0.02)


@pytest.mark.parametrize(("mean", "spread"), [(0.5, 0.7), (1.5, 0.5), (-0.5, 1.2)])
def test_wherever_a_later_generation_was_drawn_the_posterior_is_the_same(mean, spread):
    """What a rough emulator got wrong is put right by the runs themselves."""
    rough = Posterior(np.array([mean]), np.array([[spread**2]]))
    runs = [generation(PRIOR, 3000, 1), generation(rough, 1500, 2)]
    found = importance(runs, [PRIOR, rough])
    assert moments(runs, found.values) == pytest.approx((0.5, np.sqrt(0.5)), abs=0.04)


def test_the_density_is_that_of_a_normal_distribution():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(3, 3))
    of = Posterior(rng.normal(size=3), root @ root.T)
    scores = rng.normal(size=(3, 5))
    away = scores - of.mean[:, None]
    exact = -0.5 * np.einsum("im,ij,jm->m", away, np.linalg.inv(of.covariance), away)
    exact -= 0.5 * np.linalg.slogdet(of.covariance)[1]
    assert log_density(of, scores) == pytest.approx(exact)


def test_a_few_runs_never_outweigh_the_rest():
    found = tempered(np.linspace(0.0, 500.0, 100))
    assert found.effective == pytest.approx(100 * LEAST_EFFECTIVE, rel=0.01)
    assert 0.0 < found.power < 0.1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e4, 0.0), min_size=20, max_size=60))
def test_the_power_is_the_largest_that_leaves_enough(logs):
    values = np.array(logs)
    found = tempered(values)
    least = LEAST_EFFECTIVE * values.size
    assert found.values.sum() == pytest.approx(1.0)
    assert found.effective >= least * 0.999
    if found.power < 1.0:
        more = np.exp((found.power * 1.01 + 1e-9) * (values - values.max()))
        assert effective(more / more.sum()) <= least * 1.001


def test_members_are_drawn_in_proportion_and_as_evenly_as_can_be():
    weights = np.array([0.5, 0.3, 0.2])
    assert systematic(weights, 10, 1).tolist() == [5, 3, 2]
    for seed in range(20):
        times = systematic(np.full(7, 1.0 / 7.0), 3, seed)
        assert times.sum() == 3
        assert times.max() == 1
    # weights that sum to a little less than 1, as floats do
    assert systematic(np.full(3, 0.3), 5, 4).sum() == 5
