"""Steps that bring the years of members to the observed ones."""

from __future__ import annotations

import numpy as np

from simulation.fitting.calibration import (
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


def test_members_that_failed_in_one_wave_are_left_out_of_the_slopes():
    (*before, last), _ = waves()
    fewer = [*before, WaveRuns(last.scores[:, 10:], last.members[10:], last.figures[10:])]
    whole, part = (slopes_of_years(DATA, each, MOVED) for each in ([*before, last], fewer))
    assert np.linalg.norm(part - whole) < 0.1 * np.linalg.norm(whole)
    assert calibrated(DATA, fewer, MOVED, anchored(fewer, np.zeros((110, DATA.size)))).shape == (
        5,
        110,
    )
