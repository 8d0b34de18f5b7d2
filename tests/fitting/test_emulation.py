"""The emulator of a fit, what it says of assumptions, and the weights of its runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.fitting.emulation import (
    LEAST_EFFECTIVE,
    Emulator,
    Generation,
    Posterior,
    effective,
    emulate,
    importance,
    log_density,
    normal_slopes,
    systematic,
    tempered,
    update,
)
from simulation.fitting.identifiability import judge
from simulation.fitting.priors import first_scores


def linear(slopes: np.ndarray, runs: int, noise: float, seed: int) -> Generation:
    """Runs of a model that is linear in some of its assumptions."""
    scores = first_scores(len(slopes), runs, seed)
    chance = np.random.default_rng(seed).normal(size=(runs, slopes.shape[1]))
    return Generation(scores, 1.0 + scores.T @ slopes + noise * chance)


def sparse(assumptions: int = 150, figures: int = 12) -> np.ndarray:
    """Three assumptions drive the figures, each in its way, and the others nothing."""
    rng = np.random.default_rng(1)
    slopes = np.zeros((assumptions, figures))
    slopes[:3] = rng.normal(size=(3, figures)) * np.array([[1.0], [0.7], [0.4]])
    return slopes


def test_few_that_drive_much_are_found_among_many_that_drive_nothing():
    """With half as many runs again as assumptions, where a plain regression finds noise."""
    slopes = sparse()
    found = emulate([linear(slopes, 220, 0.5, 2)])
    assert found.level == pytest.approx(1.0, abs=0.15)
    assert np.abs(found.slopes[:3] - slopes[:3]).max() < 0.2
    assert np.sqrt(np.mean(found.slopes[3:] ** 2)) < 0.02
    # chance, with a little for what is not known of the slopes
    assert np.sqrt(np.diag(found.noise)) == pytest.approx(0.5, abs=0.15)
    assert (found.explained > 0.2).any()
    assert (found.explained <= 1.0).all()


def test_a_linear_model_gets_its_exact_posterior():
    rng = np.random.default_rng(5)
    slopes = rng.normal(size=(3, 40)) * np.array([[0.8], [0.3], [0.0]])
    truth = np.array([1.0, -0.7, 0.4])
    gap = rng.normal(size=40) - slopes.T @ truth
    emulator = Emulator(gap, slopes, 0.5 * np.eye(40), np.ones(40))
    found = update(emulator)
    exact = np.linalg.inv(np.eye(3) + slopes @ slopes.T / 1.5)
    assert found.covariance == pytest.approx(exact)
    assert found.mean == pytest.approx(-exact @ slopes @ gap / 1.5)
    # the third drives nothing: its prior stays to the last digit
    assert (found.mean[2], found.spread[2]) == pytest.approx((0.0, 1.0))


def test_of_two_that_trade_off_the_sum_is_known():
    slopes = np.array([[1.0], [1.0], [0.0]])
    found = update(Emulator(np.array([-2.0]), slopes, np.zeros((1, 1)), np.ones(1)))
    assert found.mean == pytest.approx([2.0 / 3.0, 2.0 / 3.0, 0.0])
    judgement = judge(found, 2)
    assert judgement.tied == pytest.approx(0.5)
    assert judgement.floor.tied == pytest.approx(0.0)
    assert judgement.informed.all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 30), st.floats(1.0, 50.0), st.integers(0, 10_000))
def test_figures_only_narrow_and_noisier_ones_narrow_less(assumptions, figures, factor, seed):
    rng = np.random.default_rng(seed)
    slopes, level = rng.normal(size=(assumptions, figures)), rng.normal(size=figures)
    exact, wide = (
        update(Emulator(level, slopes, noise * np.eye(figures), np.ones(figures)))
        for noise in (1.0, factor)
    )
    assert (exact.spread <= wide.spread + 1e-9).all()
    assert (wide.spread <= 1.0 + 1e-9).all()
    assert np.linalg.eigvalsh(exact.covariance).min() > -1e-9


def test_members_are_spread_as_the_posterior_is():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(4, 4)) / 2.0
    posterior = Posterior(rng.normal(size=4), root @ root.T)
    drawn = posterior.draw(2000, 9)
    assert drawn.mean(axis=1) == pytest.approx(posterior.mean, abs=0.03)
    assert np.cov(drawn) == pytest.approx(posterior.covariance, abs=0.05)
    assert (drawn == posterior.draw(2000, 9)).all()
    assert (drawn != posterior.draw(2000, 10)).any()


def test_what_is_left_is_read_from_the_runs_made_last():
    """Far from what was observed the model is rough; near it, it is not."""
    slopes = sparse(20)
    rough, smooth = linear(slopes, 300, 2.0, 1), linear(slopes, 300, 0.2, 2)
    assert np.sqrt(np.diag(emulate([rough, smooth]).noise)).mean() < 0.5
    assert np.sqrt(np.diag(emulate([smooth, rough]).noise)).mean() > 1.5


def test_controls_decide_what_counts_as_informed():
    """An assumption is informed only beyond all that drive nothing."""
    mean, covariance = np.zeros(10), np.eye(10)
    covariance[0, 0] = 0.25  # narrowed
    mean[1] = 1.0  # shifted
    covariance[2, 3] = covariance[3, 2] = -0.6  # known together only
    mean[7], covariance[8, 8] = 0.2, 0.95  # controls
    covariance[8, 9] = covariance[9, 8] = 0.1
    found = judge(Posterior(mean, covariance), 6)
    assert found.alone.tolist() == [True, True, False, False, False, False]
    assert found.informed.tolist() == [True, True, True, True, False, False]
    assert found.floor.shifted == pytest.approx(0.2)
    assert found.floor.narrowed == pytest.approx(1.0 - np.sqrt(0.95))


def test_as_good_as_no_runs_leave_the_prior():
    """Figures that follow nothing must not make anybody surer."""
    rng = np.random.default_rng(8)
    found = update(emulate([Generation(first_scores(40, 60, 1), rng.normal(size=(60, 20)))]))
    assert found.spread.min() > 0.85
    assert np.abs(found.mean).max() < 0.5


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.floats(0.1, 10.0), st.integers(0, 10_000))
def test_slopes_are_the_same_solved_among_runs_or_among_assumptions(runs, size, precision, seed):
    rng = np.random.default_rng(seed)
    columns, seen = rng.normal(size=(runs, size)), rng.normal(size=runs)
    variances = rng.uniform(0.1, 2.0, size)
    slopes, doubts, explained = normal_slopes(columns, seen, variances, precision)
    exact = np.linalg.inv(precision * columns.T @ columns + np.diag(1.0 / variances))
    assert slopes == pytest.approx(precision * exact @ columns.T @ seen, abs=1e-8)
    assert doubts == pytest.approx(np.diag(exact), abs=1e-8)
    assert explained == pytest.approx(np.trace(columns @ exact @ columns.T), abs=1e-8)


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
