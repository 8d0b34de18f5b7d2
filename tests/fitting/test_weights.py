"""Weights of the last generation of a fit, against densities that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulation.fitting.weights import (
    effective,
    importance,
    systematic,
    tempered,
    weighted_quantile,
)


def test_weights_of_a_sample_of_the_posterior_are_even():
    """Where the sample is from the posterior already there is nothing to weigh."""
    rng = np.random.default_rng(3)
    prior_precision, precision = 1.0, 3.0
    spread = 1.0 / np.sqrt(prior_precision + precision)
    scores = rng.normal(0.7, spread, (2, 2000))
    centre = 0.7 * (prior_precision + precision) / precision
    logs = stats.norm.logpdf(scores, centre, 1.0 / np.sqrt(precision)).sum(axis=0)
    found = importance(scores, logs)
    assert found.power == 1.0
    assert found.effective > 1900


def test_weights_move_a_sample_to_the_posterior():
    rng = np.random.default_rng(4)
    scores = rng.normal(0.0, 1.0, (1, 4000))
    found = importance(scores, stats.norm.logpdf(scores[0], 1.0, 1.0))
    assert scores[0] @ found.values == pytest.approx(0.5, abs=0.06)
    assert weighted_quantile(scores[0], found.values, 0.5) == pytest.approx(0.5, abs=0.08)


def test_weights_of_what_is_the_prior_are_the_likelihoods():
    logs = np.log(np.array([0.5, 0.3, 0.2]))
    found = importance(np.zeros((0, 3)), logs)
    assert found.values == pytest.approx([0.5, 0.3, 0.2])


def test_a_few_members_never_outweigh_the_rest():
    logs = np.linspace(0.0, 500.0, 100)
    found = tempered(logs)
    assert found.effective == pytest.approx(50.0, rel=0.01)
    assert found.effective_raw < 2.0
    assert 0.0 < found.power < 0.02


def test_members_are_drawn_in_proportion():
    weights = np.array([0.5, 0.3, 0.2])
    assert np.bincount(systematic(weights, 10, 1)).tolist() == [5, 3, 2]


def test_a_member_far_out_weighs_what_a_normal_density_says():
    """Five members of two assumptions, by hand: prior over the density they were drawn from."""
    scores = np.array([[0.1, -0.4, 0.9, 0.3, -1.2], [0.5, 0.2, -0.7, 1.1, 0.0]])
    covariance = np.cov(scores)
    # drawn to its diagonal by 2 of 7
    covariance[0, 1] = covariance[1, 0] = covariance[0, 1] * 5.0 / 7.0
    away = scores - scores.mean(axis=1, keepdims=True)
    drawn = np.exp(-0.5 * np.einsum("im,ij,jm->m", away, np.linalg.inv(covariance), away))
    wanted = np.exp(-0.5 * (scores**2).sum(axis=0)) / drawn
    found = importance(scores, np.zeros(5))
    assert found.power == 1.0
    assert found.values == pytest.approx(wanted / wanted.sum())


def test_weights_worth_enough_are_left_as_they_are():
    logs = np.log(np.array([4.0, 3.0, 2.0, 1.0]))
    found = tempered(logs)
    assert found.power == 1.0
    assert found.values == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert found.effective == found.effective_raw == pytest.approx(1.0 / 0.30)


def test_weights_worth_exactly_half_of_the_members_are_left_as_they_are():
    found = tempered(np.array([0.0, 0.0, -1e6, -1e6]))
    assert found.effective_raw == 2.0
    assert found.power == 1.0


def test_the_power_is_the_largest_that_leaves_half_of_the_members():
    logs = np.array([0.0, -1.0, -2.0, -3.0, -4.0, -5.0])
    found = tempered(logs)
    assert found.effective == pytest.approx(3.0)
    raised = np.exp((found.power + 1e-6) * logs)
    assert effective(raised / raised.sum()) < 3.0
    assert found.values.sum() == pytest.approx(1.0)


def test_a_quantile_lies_where_half_of_a_member_is_below():
    values, weights = np.array([30.0, 10.0, 20.0]), np.array([0.2, 0.5, 0.3])
    # sorted: 10 stands at 0.25, 20 at 0.65, 30 at 0.9
    assert weighted_quantile(values, weights, 0.25) == 10.0
    assert weighted_quantile(values, weights, 0.65) == 20.0
    assert weighted_quantile(values, weights, 0.45) == pytest.approx(15.0)
    assert weighted_quantile(values, weights, 0.99) == 30.0


def test_no_mark_falls_beyond_the_last_member():
    # weights that sum to a little less than 1, as floats do
    weights = np.full(3, 0.3)
    for seed in range(20):
        found = systematic(weights, 5, seed)
        assert found.max() <= 2
        assert (np.diff(found) >= 0).all()


def test_another_seed_draws_others_where_weights_leave_it_open():
    weights = np.full(7, 1.0 / 7.0)
    drawn = {tuple(systematic(weights, 3, seed)) for seed in range(20)}
    assert len(drawn) > 1
    assert systematic(weights, 3, 5).tolist() == systematic(weights, 3, 5).tolist()
