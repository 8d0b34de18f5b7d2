"""The most central of some sets: near the median of the ensemble's years, tried more than once."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.centre import EnsembleMedian, central_values, most_central, slopes_towards
from simulation.fitting.plan import CentreRounds
from simulation.fitting.priors import values_of
from simulation.fitting.selection import WaveRuns
from simulation.fitting.series import FitWindow, observed_data, years_without_data
from tests.fitting import stand_in

DATA = observed_data(FitWindow("2022-01", "2023-12"))
SEEN = np.array(DATA.observed)
#: how far the years of the sets that are tried lie from the middle of the ensemble
OFF = np.array(
    [0.5, -0.3, 0.02, 0.25, -0.4, 0.3, 0.1, -0.15, 0.6, -0.5, 0.35, -0.45, 0.55, -0.65, 0.7, -0.25]
)
#: of two assumptions, the years follow the first; the second is a control
ROUNDS = CentreRounds(OFF.size)
SETS = np.vstack([OFF, np.arange(OFF.size)])
NO_STEP = np.zeros((2, 0))


def figures_of(off: np.ndarray) -> np.ndarray:
    return np.asarray(SEEN * np.exp(0.2 * off[:, None]))


class Runs:
    """Runs sets whose figures are off by what is theirs and by chance, or are those of `figures`.

    Those that are off by as much as `failed` says fail in a round.
    """

    def __init__(self, chance=0.0, failed=(None, None), figures=figures_of) -> None:
        self.rng, self.chance, self.failed = np.random.default_rng(3), chance, failed
        self.figures, self.asked = figures, []

    def __call__(self, number, values):
        off = np.array([one["off"] for one in values])
        self.asked.append(off.tolist())
        ended = (off != self.failed[1]) | (number != self.failed[0])
        return self.figures(off + self.chance * self.rng.normal(size=off.size))[ended], ended


def values(scores):
    return [{"off": float(off)} for off in scores[0]]


def middle() -> EnsembleMedian:
    spread = np.random.default_rng(1).normal(0.0, 0.1, (200, 1))
    return EnsembleMedian.of(DATA, SEEN * np.exp(spread), np.full(200, 1.0 / 200))


def slopes() -> np.ndarray:
    """What a fit has of them: runs of some waves in which the first assumption does it all."""
    of_waves = np.random.default_rng(5).normal(0.0, 0.4, (4, 2, 200))
    waves = [WaveRuns(scores, np.arange(200), figures_of(scores[0])) for scores in of_waves]
    return slopes_towards(DATA, waves, np.array([True, True]), np.array([True, False]))


@pytest.mark.parametrize("chance", [0.0, 0.05])
def test_the_nearest_is_found_and_its_figures_are_the_mean_of_its_runs(chance):
    run = Runs(chance)
    scores, figures = most_central(middle(), SETS, NO_STEP, values, run)
    assert scores[0] == 0.02
    assert figures == pytest.approx(SEEN, rel=0.05)
    first, *later = run.asked
    assert first == OFF.tolist()
    assert [len(first), *map(len, later)] == list(ROUNDS.runs)
    again, *_, last = (set(asked) for asked in later)
    assert len(again) == ROUNDS.contenders
    assert 0.02 in last <= again
    assert all(later[0].count(one) == ROUNDS.times for one in again)


def test_the_years_after_the_data_count_as_well():
    """Of sets that agree with the past, the one that goes on as the ensemble does is the centre."""
    ahead = years_without_data(["channel_arrivals_year"], ["2024", "2025"])
    after = np.array([20_000.0, 30_000.0])
    rng = np.random.default_rng(1)
    past = SEEN * np.exp(rng.normal(0.0, 0.1, (200, 1)))
    ensemble = np.hstack([past, after * np.exp(rng.normal(0.0, 0.3, (200, 1)))])
    middle = EnsembleMedian.of(DATA, ensemble, np.full(200, 1.0 / 200), ahead)

    def alike_until_now(off):
        later = after * np.exp(0.5 * (off[:, None] - 0.3))
        return np.hstack([figures_of(0.0 * off), later])

    run = Runs(figures=alike_until_now)
    scores, figures = most_central(middle, SETS, NO_STEP, values, run)
    assert scores[0] in (0.25, 0.3)
    assert middle.farthest("channel_arrivals_year", figures[None])[0] < 0.1
    figures[-1] *= 2.0
    assert middle.farthest("channel_arrivals_year", figures[None])[0] > 0.8
    assert middle.farthest("channel_boats_year", figures[None])[0] < 0.1


@pytest.mark.parametrize(
    "series", ["channel_arrivals_year", "channel_boats_year", "lorry_arrivals"]
)
def test_one_year_far_off_is_no_centre(series):
    """Near in all but one year of one series is not central."""
    column = DATA.columns(series)[0]

    def far_off(off):
        figures = figures_of(off)
        figures[off == 0.02, column] *= 1.5
        return figures

    scores, _ = most_central(middle(), SETS, NO_STEP, values, Runs(figures=far_off))
    assert scores[0] == 0.1


def test_a_step_brings_sets_nearer_and_leaves_what_is_not_informed():
    away = np.vstack([abs(OFF) + 0.25, SETS[1]])
    scores, _ = most_central(middle(), away, slopes(), values, Runs())
    assert abs(scores[0]) < 0.3 * away[0].min()
    assert scores[1] in SETS[1]


@pytest.mark.parametrize("round_number", [0, 1])
def test_one_that_fails_is_none(round_number):
    scores, _ = most_central(middle(), SETS, NO_STEP, values, Runs(failed=(round_number, 0.02)))
    assert scores[0] == 0.1


def test_what_no_figure_informs_has_its_recorded_value():
    prior = stand_in.prior()
    scores = np.random.default_rng(2).normal(size=(len(stand_in.NAMES) + 5, 3))
    uninformed = stand_in.NAMES[3]
    sets = central_values(prior, {uninformed})(scores)
    for one, of in zip(sets, values_of(prior, scores[: len(stand_in.NAMES)]), strict=True):
        assert one[uninformed] == prior.records[3].value
        assert {**one, uninformed: 0} == {**of, uninformed: 0}
