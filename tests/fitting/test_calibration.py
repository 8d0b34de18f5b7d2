"""Steps that bring the years of members to the observed ones."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.calibration import (
    MONTHLY,
    TARGET_SPREAD,
    calibrated,
    slopes_of_years,
    year_sums,
)
from simulation.fitting.selection import WaveRuns
from simulation.fitting.smoother import Anchors
from tests.fitting import stand_in

DATA = stand_in.data_of(np.zeros(len(stand_in.assumptions().names)))
SUMS = year_sums(DATA)
YEARS = SUMS.shape[1]
MEMBERS, SIZE = 120, 6
MOVED = np.array([True] * (SIZE - 1) + [False])
SLOPES = np.random.default_rng(1).normal(0.0, 3.0, (SIZE - 1, YEARS))


def wave(scores: np.ndarray, own: np.ndarray) -> WaveRuns:
    """A wave whose years follow the assumptions, and what each member has beyond them."""
    figures = np.tile(np.array(DATA.observed), (MEMBERS, 1))
    # the shortest way to these years: every month of a year as far away as the others
    away = (scores[MOVED].T @ SLOPES + own) @ np.linalg.pinv(SUMS)
    away *= np.sqrt(DATA.discrepancy / DATA.weight)
    for block, at in DATA.slices:
        if np.abs(away[:, at]).max() > 0.0:
            figures[:, at] = block.spec.backward(block.spec.forward(figures[:, at]) + away[:, at])
    return WaveRuns(scores, np.arange(MEMBERS), figures)


def waves() -> tuple[list[WaveRuns], np.ndarray]:
    """A proposal, then two waves, the second moved against what members have beyond assumptions."""
    rng = np.random.default_rng(2)
    own = rng.normal(0.0, 2.0, (MEMBERS, YEARS))
    proposal = wave(rng.normal(0.0, 0.3, (SIZE, MEMBERS)), rng.normal(0.0, 2.0, own.shape))
    first = rng.normal(0.0, 0.3, (SIZE, MEMBERS))
    second = first.copy()
    second[MOVED] -= 0.05 * (SLOPES @ own.T) + rng.normal(0.0, 0.5, (SIZE - 1, MEMBERS))
    return [proposal, wave(first, own), wave(second, own)], own


def anchored(waves: list[WaveRuns], errors: np.ndarray) -> Anchors:
    """Anchors where the members are."""
    return Anchors(waves[-1].scores[MOVED].T, errors)


def test_a_year_of_a_monthly_series_is_in_the_same_unit_as_a_figure_of_a_year():
    assert np.linalg.norm(SUMS, axis=0) == pytest.approx(1.0)
    (months,) = [at for block, at in DATA.slices if block.spec.name == MONTHLY]
    (year,) = np.flatnonzero(SUMS[months].any(axis=0))
    assert (SUMS[months, year] > 0.0).all()
    assert SUMS[:, year].sum() == pytest.approx(np.sqrt(12.0))


def test_slopes_are_free_of_what_members_have_beyond_their_assumptions():
    three, _ = waves()
    level = DATA.distances(three[-1].figures) @ SUMS
    scores = three[-1].scores[MOVED].T
    flat = np.linalg.lstsq(scores - scores.mean(axis=0), level - level.mean(axis=0), rcond=None)[0]
    assert np.abs(flat).sum() < 0.9 * np.abs(SLOPES).sum()
    slopes = slopes_of_years(DATA, three, MOVED)
    assert np.linalg.norm(slopes - SLOPES) < 0.5 * np.linalg.norm(flat - SLOPES)


def test_a_step_brings_years_to_what_a_member_is_brought_to():
    three, own = waves()
    errors = np.random.default_rng(3).normal(size=(MEMBERS, DATA.size))
    scores = three[-1].scores.copy()
    scores[MOVED] = calibrated(DATA, three, MOVED, anchored(three, errors), longest=100.0)
    target = TARGET_SPREAD * errors @ SUMS
    before, after = (
        DATA.distances(one.figures) @ SUMS - target for one in (three[-1], wave(scores, own))
    )
    # what the assumptions can move is made up for
    directions = np.linalg.svd(SLOPES, full_matrices=False)[2]
    assert np.abs(after @ directions.T).mean() < 0.25 * np.abs(before @ directions.T).mean()
    assert (scores[~MOVED] == three[-1].scores[~MOVED]).all()


def test_no_member_moves_farther_than_it_may():
    three, _ = waves()
    anchors = anchored(three, np.zeros((MEMBERS, DATA.size)))
    change = calibrated(DATA, three, MOVED, anchors, longest=0.1) - three[-1].scores[MOVED]
    assert np.linalg.norm(change, axis=0).max() <= 0.1 + 1e-9


def test_members_that_failed_in_one_wave_are_left_out_of_the_slopes():
    (*before, last), _ = waves()
    fewer = [*before, WaveRuns(last.scores[:, 10:], last.members[10:], last.figures[10:])]
    whole, part = (slopes_of_years(DATA, each, MOVED) for each in ([*before, last], fewer))
    assert np.linalg.norm(part - whole) < 0.1 * np.linalg.norm(whole)
    assert calibrated(DATA, fewer, MOVED, anchored(fewer, np.zeros((110, DATA.size)))).shape == (
        5,
        110,
    )


def test_what_a_run_has_by_chance_is_followed_the_less_the_more_runs_there_are():
    """Members that would be in place but for the chance of their runs move less after more runs."""
    rng = np.random.default_rng(4)
    still, errors = np.zeros((SIZE, MEMBERS)), np.zeros((MEMBERS, DATA.size))

    def moves(runs: int) -> float:
        of = [wave(still, rng.normal(0.0, 1.0, (MEMBERS, YEARS))) for _ in range(runs)]
        every = [waves()[0][0], *of]
        change = calibrated(DATA, every, MOVED, anchored(every, errors)) - still[MOVED]
        return float(np.sqrt((change**2).mean()))

    assert moves(8) < 0.92 * moves(2)
