"""The emulator of a fit, and what it says of assumptions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.fitting.emulation import (
    Emulator,
    Posterior,
    emulate,
    update,
)
from simulation.fitting.identifiability import judge
from simulation.fitting.priors import first_scores


class Runs(NamedTuple):
    """Scores (runs, assumptions) and figures (runs, figures)."""

    scores: np.ndarray
    figures: np.ndarray

    @property
    def all_near(self) -> np.ndarray:
        return np.ones(len(self.scores), dtype=bool)


def emulator_of(runs: Runs, curved: int = 0) -> Emulator:
    return emulate(runs.scores, runs.figures, runs.all_near, curved)


def given_slopes(gap: np.ndarray, slopes: np.ndarray, noise: float) -> Emulator:
    """A linear emulator of figures that are their own components."""
    size = gap.size
    return Emulator(
        np.zeros(size), np.eye(size), gap, slopes, np.empty(0, dtype=np.int64),
        noise * np.eye(size), np.zeros(size), np.zeros(size), np.ones(size),
    )  # fmt: skip


def linear(slopes: np.ndarray, runs: int, noise: float, seed: int) -> Runs:
    """Runs of a model that is linear in some of its assumptions."""
    scores = first_scores(len(slopes), runs, seed).T
    chance = np.random.default_rng(seed).normal(size=(runs, slopes.shape[1]))
    return Runs(scores, 1.0 + scores @ slopes + noise * chance)


def sparse(assumptions: int = 150, figures: int = 12) -> np.ndarray:
    """Three assumptions drive the figures, each in its way, and the others nothing."""
    rng = np.random.default_rng(1)
    slopes = np.zeros((assumptions, figures))
    slopes[:3] = rng.normal(size=(3, figures)) * np.array([[1.0], [0.7], [0.4]])
    return slopes


def test_few_that_drive_much_are_found_among_many_that_drive_nothing():
    """With half as many runs again as assumptions, where a plain regression finds noise."""
    slopes = sparse()
    emulator = emulator_of(linear(slopes, 220, 0.5, 2))
    in_figures = emulator.slopes @ emulator.components
    assert emulator.centre + emulator.level @ emulator.components == pytest.approx(1.0, abs=0.15)
    assert np.abs(in_figures[:3] - slopes[:3]).max() < 0.25
    assert np.sqrt(np.mean(in_figures[3:] ** 2)) < 0.02
    assert np.sqrt(np.diag(emulator.figure_noise)) == pytest.approx(0.5, abs=0.15)
    assert (emulator.explained > 0.2).any()
    assert (emulator.explained <= 1.0).all()


def test_squares_and_products_are_found():
    scores = first_scores(6, 500, 3).T
    answer = scores[:, 0] + 0.8 * scores[:, 1] * scores[:, 0] - 0.5 * (scores[:, 1] ** 2 - 1.0)
    figures = np.column_stack([answer, 0.7 * scores[:, 1]])
    figures += 0.1 * np.random.default_rng(1).normal(size=figures.shape)
    runs = Runs(scores, figures)
    straight, curved = (np.diag(emulator_of(runs, n).figure_noise)[0] for n in (0, 3))
    assert curved < 0.05 * straight
    assert curved == pytest.approx(0.01, rel=0.3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_gradients_are_those_of_the_answers(seed):
    rng = np.random.default_rng(seed)
    runs = Runs(rng.normal(size=(60, 4)), rng.normal(size=(60, 3)))
    emulator, at, small = emulator_of(runs, 2), rng.normal(size=(5, 4)), 1e-5
    for number in range(4):
        step = small * np.eye(4)[number]
        slope = (emulator.answers(at + step) - emulator.answers(at - step)) / (2.0 * small)
        assert emulator.gradients(at)[:, number] == pytest.approx(slope, abs=1e-6)


def test_a_linear_model_gets_its_exact_posterior():
    rng = np.random.default_rng(5)
    slopes = rng.normal(size=(3, 40)) * np.array([[0.8], [0.3], [0.0]])
    truth = np.array([1.0, -0.7, 0.4])
    gap = rng.normal(size=40) - slopes.T @ truth
    posterior = update(given_slopes(gap, slopes, 0.5))
    exact = np.linalg.inv(np.eye(3) + slopes @ slopes.T / 1.5)
    assert posterior.covariance == pytest.approx(exact)
    assert posterior.mean == pytest.approx(-exact @ slopes @ gap / 1.5)
    # the third drives nothing: its prior stays to the last digit
    assert (posterior.mean[2], posterior.spread[2]) == pytest.approx((0.0, 1.0))


def test_of_two_that_trade_off_the_sum_is_known():
    updated = update(given_slopes(np.array([-2.0]), np.array([[1.0], [1.0], [0.0]]), 0.0))
    assert updated.mean == pytest.approx([2.0 / 3.0, 2.0 / 3.0, 0.0])
    judgement = judge(updated, 2)
    assert judgement.tied == pytest.approx(0.5)
    assert judgement.floor.tied == pytest.approx(0.0)
    assert judgement.informed.all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 30), st.floats(1.0, 50.0), st.integers(0, 10_000))
def test_figures_only_narrow_and_noisier_ones_narrow_less(assumptions, figures, factor, seed):
    rng = np.random.default_rng(seed)
    slopes, level = rng.normal(size=(assumptions, figures)), rng.normal(size=figures)
    exact, wide = (update(given_slopes(level, slopes, noise)) for noise in (1.0, factor))
    assert (exact.spread <= wide.spread + 1e-9).all()
    assert (wide.spread <= 1.0 + 1e-9).all()
    assert np.linalg.eigvalsh(exact.covariance).min() > -1e-9


def test_what_is_left_is_read_from_near_runs():
    """Far from what was observed the model is rough; near it, it is not."""
    slopes = sparse(20)
    rough, smooth = linear(slopes, 300, 2.0, 1), linear(slopes, 300, 0.2, 2)
    both = [np.vstack(one) for one in zip(rough, smooth, strict=True)]
    first = np.arange(600) < 300
    assert np.sqrt(np.diag(emulate(*both, ~first).figure_noise)).mean() < 0.5
    assert np.sqrt(np.diag(emulate(*both, first).figure_noise)).mean() > 1.5


def test_controls_decide_what_counts_as_informed():
    """An assumption is informed only beyond all that drive nothing."""
    mean, covariance = np.zeros(10), np.eye(10)
    covariance[0, 0] = 0.25  # narrowed
    mean[1] = 1.0  # shifted
    covariance[2, 3] = covariance[3, 2] = -0.6  # known together only
    mean[7], covariance[8, 8] = 0.2, 0.95  # controls
    covariance[8, 9] = covariance[9, 8] = 0.1
    judgement = judge(Posterior(mean, covariance), 6)
    assert judgement.alone.tolist() == [True, True, False, False, False, False]
    assert judgement.informed.tolist() == [True, True, True, True, False, False]
    assert judgement.floor.shifted == pytest.approx(0.2)
    assert judgement.floor.narrowed == pytest.approx(1.0 - np.sqrt(0.95))
