"""Indices of functions whose indices are known, and of chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulation.statistics.sensitivity_indices import (
    STEP,
    Screening,
    morris_design,
    screen,
    shares,
    sobol_design,
    survivors,
)

NAMES = [f"group.record_{number}" for number in range(12)]
THREE = NAMES[:3]
UNITS = morris_design(NAMES, 10, 1)


def column(indices, key: str) -> np.ndarray:
    """An index of every record, in the order of `NAMES`; NaN where there is none."""
    ranked = indices.effects if isinstance(indices, Screening) else indices.shares
    by_name = {one.record: getattr(one, key) for one in ranked}
    return np.array([by_name[name] for name in NAMES if name in by_name], dtype=float)


def clear(indices) -> list[int]:
    """The records that stand out from chance."""
    return list(np.flatnonzero(column(indices, "significant")))


def effects_of_record_4(values) -> np.ndarray:
    """What happened where record 4 moved, as an effect of moving it up."""
    steps = np.diff(UNITS.reshape(10, -1, len(NAMES)), axis=1)
    moved = np.diff(values.reshape(10, -1), axis=1)
    return (moved * np.sign(steps[:, :, 4])).sum(axis=1)


def screened(values, noise=1e-9, trajectories=10):
    return screen(NAMES, morris_design(NAMES, trajectories, 1), values, noise, 8, 1)


def test_screening_finds_what_matters_and_nothing_else():
    screening = screened(3.0 * UNITS[:, 4] + UNITS[:, 7] * UNITS[:, 4])
    assert survivors(screening, 6) == [NAMES[4], NAMES[7]]
    assert clear(screening) == [4, 7]
    assert screening.left_out == 0


def test_an_effect_is_what_one_step_does():
    screening = screened(300.0 * UNITS[:, 4] - 150.0 * UNITS[:, 7])
    # two thirds of 300, whichever way the trajectory went
    assert column(screening, "mu")[[4, 7]] == pytest.approx([200.0, -100.0])
    assert column(screening, "mu_star")[[4, 7]] == pytest.approx([200.0, 100.0])
    assert column(screening, "sigma")[[4, 7]] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_effects_are_held_against_chance_by_their_squares():
    # every step moves by 2; two points of variance 1 differ with variance 2
    screening = screened(3.0 * UNITS[:, 4], noise=1.0)
    assert column(screening, "p")[4] == pytest.approx(stats.f.sf(2.0**2 / 2.0, 10, 7))
    # where effects hang on others
    values = 3.0 * UNITS[:, 4] * UNITS[:, 7]
    effects = effects_of_record_4(values)
    assert effects.std() > 0.1
    wanted = stats.f.sf((effects**2).mean() / 2.0, 10, 7)
    assert column(screened(values, noise=1.0), "p")[4] == pytest.approx(wanted)


def test_two_trajectories_are_enough_and_one_is_not():
    values = 3.0 * morris_design(NAMES, 3, 1)[:, 4]
    values[0] = np.nan
    screening = screened(values, trajectories=3)
    assert (screening.used, screening.left_out) == (2, 1)
    assert column(screening, "mu_star")[4] == pytest.approx(3.0 * STEP)
    values[13] = np.nan
    screening = screened(values, trajectories=3)
    assert (screening.used, screening.left_out) == (1, 2)
    assert np.isnan(column(screening, "mu_star")).all()
    assert clear(screening) == survivors(screening, 3) == []


def test_eight_base_samples_are_enough_and_seven_are_not():
    units = sobol_design(THREE, 16, 1)
    values = 2.0 * units[:, 0] + units[:, 1]
    values[0:35:5] = np.nan
    values[75] = np.nan
    indices = shares(THREE, values, 0.0, 1)
    assert (indices.used, indices.left_out) == (8, 8)
    assert np.isfinite(column(indices, "total")).all()
    values[70] = np.nan
    indices = shares(THREE, values, 0.0, 1)
    assert (indices.used, indices.left_out) == (7, 9)
    assert np.isnan(column(indices, "total")).all()
    assert indices.floor is None


def test_effects_of_chance_alone_are_not_told_from_chance():
    rngs = map(np.random.default_rng, range(20))
    screenings = [screened(rng.normal(0.0, 5.0, 130), noise=25.0) for rng in rngs]
    assert {len(survivors(one, 6)) for one in screenings} == {6}
    # one in ten times at most, as the share of false findings says
    assert sum(bool(clear(one)) for one in screenings) <= 4


def test_a_trajectory_with_a_failed_point_is_left_out_whole():
    values = 3.0 * UNITS[:, 4] + UNITS[:, 7] ** 2
    spoiled = values.copy()
    spoiled[[13 * 2 + 5, 13 * 9]] = np.nan
    spoiled[13 * 2 + 6] = 1e9  # lies in the same trajectory, so it must not count
    screening = screened(spoiled)
    rows = np.r_[0:26, 39:117]
    whole = screen(NAMES, UNITS[rows], values[rows], 1e-9, 8, 1)
    assert (screening.used, screening.left_out) == (8, 2)
    np.testing.assert_array_equal(column(screening, "mu_star"), column(whole, "mu_star"))
    np.testing.assert_array_equal(column(screening, "sigma"), column(whole, "sigma"))


@pytest.mark.parametrize("design", [morris_design, sobol_design])
def test_more_trajectories_and_samples_begin_with_the_same_points(design):
    few, many = design(NAMES, 8, 3), design(NAMES, 16, 3)
    np.testing.assert_array_equal(few, many[: len(few)])


def test_shares_of_variance_are_those_known():
    units = sobol_design(THREE, 512, 1)
    indices = shares(THREE, 2.0 * units[:, 0] + units[:, 1], 0.0, 1)
    np.testing.assert_allclose(column(indices, "first"), [0.8, 0.2, 0.0], atol=0.05)
    np.testing.assert_allclose(column(indices, "total"), [0.8, 0.2, 0.0], atol=0.05)
    assert clear(indices) == [0, 1]


def test_shares_below_the_floor_of_chance_are_not_told():
    units = sobol_design(THREE, 128, 1)
    chance = np.random.default_rng(1).normal(0.0, 0.3, len(units))
    indices = shares(THREE, 2.0 * units[:, 0] + chance, 0.09, 1)
    # chance alone shows in every total share
    assert indices.floor == pytest.approx(0.2, abs=0.06)
    np.testing.assert_allclose(column(indices, "total")[1:], indices.floor, atol=0.06)
    assert clear(indices) == [0]
