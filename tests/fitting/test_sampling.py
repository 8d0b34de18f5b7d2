"""Elliptical slice sampling and Gauss-Newton steps against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.emulation import update
from simulation.fitting.slice_sampling import elliptical_slices, posterior_draws
from simulation.fitting.smoother import Anchors, anchored, step
from tests.fitting.test_emulation import given_slopes


def close_to(drawn: np.ndarray, mean: np.ndarray, covariance: np.ndarray, within: float) -> None:
    """Whether (members, assumptions) draws have a mean and a covariance."""
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=within)
    assert np.cov(drawn.T) == pytest.approx(covariance, abs=within)


def test_slices_give_the_posterior_of_a_normal_likelihood():
    rng = np.random.default_rng(1)
    root = rng.normal(size=(3, 3))
    precision, centre = root @ root.T, np.array([1.0, -2.0, 0.5])

    def log_likelihood(scores):
        away = scores - centre
        return -0.5 * np.einsum("ij,jk,ik->i", away, precision, away)

    exact = np.linalg.inv(np.eye(3) + precision)
    draws = elliptical_slices(log_likelihood, rng.standard_normal((4000, 3)), 60, rng)
    close_to(draws, exact @ precision @ centre, exact, 0.06)


def test_slices_reach_both_sides_of_a_likelihood_with_two_peaks():

    def log_likelihood(scores):
        return np.logaddexp(*(-8.0 * (scores[:, 0] - at) ** 2 for at in (-1.0, 1.0)))

    draws = elliptical_slices(log_likelihood, np.full((1000, 1), 1.0), 80, np.random.default_rng(2))
    assert np.mean(draws > 0.0) == pytest.approx(0.5, abs=0.06)


def test_draws_from_a_linear_emulator_are_its_posterior():
    slopes = np.random.default_rng(3).normal(size=(4, 10)) * 0.5
    emulator = given_slopes(np.full(10, -0.4), slopes, 0.3)
    exact = update(emulator)
    draws = posterior_draws(emulator, 3000, np.random.default_rng(4), steps=60).T
    close_to(draws, exact.mean, exact.covariance, 0.06)


def test_one_step_in_a_linear_model_gives_exact_draws_from_the_posterior():
    """Wherever the members stand."""
    rng = np.random.default_rng(5)
    slopes, gap, members = rng.normal(size=(3, 8)), rng.normal(size=8), 20_000
    emulator = given_slopes(gap, slopes, 0.0)
    at = rng.normal(size=(members, 3)) * 2.0
    anchors = Anchors(rng.standard_normal((members, 3)), rng.standard_normal((members, 8)))
    exact = update(emulator)
    moved = step(emulator, at, gap + at @ slopes, anchors, longest=np.inf)
    close_to(moved, exact.mean, exact.covariance, 0.03)
    # another step changes nothing: anchors and errors are the same, so no figure counts twice
    again = step(emulator, moved, gap + moved @ slopes, anchors, longest=np.inf)
    assert again == pytest.approx(moved, abs=1e-8)


def test_anchors_are_prior_draws_where_the_figures_inform_and_stay_elsewhere():
    slopes = np.array([[5.0, 0.0], [0.0, 0.0], [0.0, 1e-3]])
    emulator = given_slopes(np.zeros(2), slopes, 0.0)
    at = np.tile([3.0, 0.7, -0.2], (4000, 1))
    anchors = anchored(emulator, at, np.random.default_rng(7))
    assert anchors.scores[:, 1:] == pytest.approx(at[:, 1:])
    assert anchors.scores[:, 0].mean() == pytest.approx(0.0, abs=0.06)
    assert anchors.scores[:, 0].std() == pytest.approx(1.0, abs=0.06)
    assert np.cov(anchors.errors.T) == pytest.approx(np.eye(2), abs=0.08)
