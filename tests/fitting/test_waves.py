"""Waves of a fit to made-up truths, of a smooth model and of one with a strong kink."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simulation.fitting import predictive
from simulation.fitting.plan import CONTROLS, LATER_WAVES, FitPlan
from simulation.fitting.priors import first_scores, first_wave, recorded_scores, values_of
from simulation.fitting.selection import Sets, accepted, select
from simulation.fitting.waves import Waves, run_waves
from tests.fitting import stand_in

PRIOR = stand_in.assumptions()
SIZE = len(PRIOR.names)
PLAN = FitPlan(stand_in.WINDOW, 2000)
TRUTHS = range(5)
#: assumptions that drive figures
DRIVERS = 3
KINKS = (False, True)


def truth(number: int) -> np.ndarray:
    """Scores of a made-up truth, (assumptions,)."""
    return np.clip(first_scores(SIZE, len(TRUTHS), 4)[:, number], -1.5, 1.5)


@cache
def fitted(number: int, kink: bool) -> tuple[Waves, Sets]:
    """Waves and ensemble of a fit to a truth."""
    data = stand_in.data_of(truth(number), kink=kink)

    def run(wave, scores):
        figures = stand_in.figures_of(data, scores, 100 * number + wave, kink=kink)
        return figures, np.ones(len(figures), dtype=bool)

    waves = run_waves(run, data, PRIOR, PLAN.sizes, 1)
    return waves, select(data, waves.runs, PLAN.sets)


def new_runs(number: int, kink: bool) -> np.ndarray:
    """One new run of each set of an ensemble, (sets, figures)."""
    scores = fitted(number, kink)[1].scores
    return stand_in.figures_of(stand_in.data_of(truth(number), kink=kink), scores, 7, kink=kink)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("kink", KINKS)
def test_the_truths_lie_in_their_intervals(kink):
    inside = []
    for number in TRUTHS:
        _, sets = fitted(number, kink)
        low, high = np.quantile(sets.scores[:DRIVERS], (0.05, 0.95), axis=1)
        inside += list((low <= truth(number)[:DRIVERS]) & (truth(number)[:DRIVERS] <= high))
        # and people are known better than before, where the kink lets more of them change anything
        assert sets.scores[0].std() < (0.8 if kink else 0.4)
    assert np.mean(inside) >= 0.75


@pytest.mark.full
@pytest.mark.parametrize("kink", KINKS)
def test_the_figures_of_the_truths_come_back(kink):
    for number in TRUTHS:
        data, (_, sets) = stand_in.data_of(truth(number), kink=kink), fitted(number, kink)
        runs = new_runs(number, kink)
        lines = stand_in.gate_of(data, sets, runs, runs.mean(axis=0))
        reproduced = next(line for line in lines if "every year within 20%" in line.what)
        assert reproduced.value >= 0.8
        coverage = predictive.check(data, runs, sets.weights).coverage
        months = {row.series: row.in_90 for row in coverage}
        for series in ("channel_arrivals", "channel_boats", "wb_detections"):
            assert months[series] >= 9, (number, series)


@pytest.mark.full
@pytest.mark.parametrize("kink", KINKS)
def test_what_no_figure_informs_keeps_its_draw_from_the_prior_to_the_last_digit(kink):
    drawn = first_scores(SIZE + CONTROLS, PLAN.sizes[1], 3)
    for number in TRUTHS:
        waves, sets = fitted(number, kink)
        assert not waves.moved[SIZE:].any(), "controls are never moved"
        assert waves.moved[0]
        assert np.isin(sets.scores[~waves.moved], drawn[~waves.moved]).all()
        idle = sets.scores[DRIVERS:SIZE]
        assert np.abs(idle.mean(axis=1)).max() < 0.45
        assert idle.std(axis=1).min() > 0.75


@pytest.mark.full
def test_more_members_are_accepted_from_wave_to_wave():
    for number in TRUTHS:
        data, (waves, _) = stand_in.data_of(truth(number), kink=True), fitted(number, True)
        shares = [accepted(data, wave.figures).mean() for wave in waves.runs]
        assert shares[-1] > 0.8
        assert shares[-1] > shares[0]


def test_half_of_the_first_wave_lies_round_the_recorded_values():
    scores = first_wave(PRIOR, 4, 400, 1)
    assert scores[:, :200].std(axis=1) == pytest.approx(1.0, abs=0.05)
    narrow = scores[:, 200:]
    assert narrow.std(axis=1) == pytest.approx(0.6, abs=0.05)
    centre = np.concatenate([recorded_scores(PRIOR), np.zeros(4)])
    assert narrow.mean(axis=1) == pytest.approx(centre, abs=0.05)
    (recorded,) = values_of(PRIOR, recorded_scores(PRIOR)[:, None])
    for record in PRIOR.records:
        if not (record.is_switch or record.whole):
            width = float(record.high) - float(record.low)
            assert abs(float(recorded[record.name]) - float(record.value)) < 0.02 * width


@pytest.mark.slow
@pytest.mark.full
def test_members_that_fail_are_left_out_of_later_waves():
    data = stand_in.data_of(truth(0))
    sizes = FitPlan(stand_in.WINDOW, 400).sizes
    seen = []

    def run(wave, scores):
        seen.append(scores.shape[1])
        ended = np.arange(scores.shape[1]) != 3
        return stand_in.figures_of(data, scores[:, ended], wave), ended

    waves = run_waves(run, data, PRIOR, sizes, 1)
    assert seen == [*sizes[:2], *(sizes[2] - n for n in range(1, LATER_WAVES))]
    assert waves.runs[-1].members.tolist() == [0, 1, 2, *range(3 + LATER_WAVES, sizes[1])]
