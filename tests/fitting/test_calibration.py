"""Steps that bring the years of members to the observed ones."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.calibration import (
    TARGET_SPREAD,
    calibrated,
    slopes_of_changes,
    year_columns,
)
from simulation.fitting.selection import WaveRuns
from tests.fitting import known

DATA = known.made_up(np.zeros(len(known.assumptions().names)))
COLUMNS = year_columns(DATA)
MEMBERS, SIZE = 120, 6
MOVED = np.array([True] * (SIZE - 1) + [False])
SLOPES = np.random.default_rng(1).normal(0.0, 3.0, (SIZE - 1, COLUMNS.size))


def wave(scores: np.ndarray, own: np.ndarray) -> WaveRuns:
    """A wave whose years follow the assumptions, and what each member has beyond them."""
    figures = np.tile(np.array(DATA.observed), (MEMBERS, 1))
    away = scores[MOVED].T @ SLOPES + own
    scale = np.sqrt(DATA.discrepancy / DATA.weight)[COLUMNS]
    for place, column in enumerate(COLUMNS):
        (block,) = [b for b, at in DATA.slices if at.start <= column < at.stop]
        spec = block.spec
        level = spec.forward(figures[:, column]) + away[:, place] * scale[place]
        figures[:, column] = np.exp(level) - spec.offset
    return WaveRuns(scores, np.arange(MEMBERS), figures)


def waves() -> tuple[list[WaveRuns], np.ndarray]:
    """Two waves, the second moved against what each member has beyond its assumptions."""
    rng = np.random.default_rng(2)
    own = rng.normal(0.0, 2.0, (MEMBERS, COLUMNS.size))
    first = rng.normal(0.0, 0.3, (SIZE, MEMBERS))
    second = first.copy()
    second[MOVED] -= 0.05 * (SLOPES @ own.T) + rng.normal(0.0, 0.2, (SIZE - 1, MEMBERS))
    return [wave(first, own), wave(second, own)], own


def test_slopes_are_free_of_what_members_have_beyond_their_assumptions():
    both, _ = waves()
    assert slopes_of_changes(DATA, both, MOVED) == pytest.approx(SLOPES, abs=0.35)
    level = DATA.distances(both[1].figures)[:, COLUMNS]
    scores = both[1].scores[MOVED].T
    flat = np.linalg.lstsq(scores - scores.mean(axis=0), level - level.mean(axis=0), rcond=None)[0]
    assert np.abs(flat).sum() < np.abs(SLOPES).sum()


def test_a_step_brings_years_to_what_a_member_is_brought_to():
    both, own = waves()
    errors = np.random.default_rng(3).normal(size=(MEMBERS, DATA.size))
    scores = both[1].scores.copy()
    scores[MOVED] = calibrated(DATA, both, MOVED, errors, longest=100.0)
    target = TARGET_SPREAD * errors[:, COLUMNS]
    before, after = (
        DATA.distances(one.figures)[:, COLUMNS] - target for one in (both[1], wave(scores, own))
    )
    # what the assumptions can move is made up for
    directions = np.linalg.svd(SLOPES, full_matrices=False)[2]
    assert np.abs(after @ directions.T).mean() < 0.25 * np.abs(before @ directions.T).mean()
    assert (scores[~MOVED] == both[1].scores[~MOVED]).all()


def test_no_member_moves_farther_than_it_may():
    both, _ = waves()
    errors = np.zeros((MEMBERS, DATA.size))
    change = calibrated(DATA, both, MOVED, errors, longest=0.1) - both[1].scores[MOVED]
    assert np.linalg.norm(change, axis=0).max() <= 0.1 + 1e-9


def test_members_that_failed_in_one_wave_are_left_out_of_the_slopes():
    first, second = waves()[0]
    fewer = WaveRuns(second.scores[:, 10:], second.members[10:], second.figures[10:])
    assert slopes_of_changes(DATA, [first, fewer], MOVED) == pytest.approx(SLOPES, abs=0.4)
    assert calibrated(DATA, [first, fewer], MOVED, np.zeros((110, DATA.size))).shape == (5, 110)
