"""The most central of some sets: near the median of the ensemble's years, tried more than once."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.centre import central_sets, most_central
from simulation.fitting.plan import AGAIN, nearest
from simulation.fitting.priors import values_of
from simulation.fitting.series import FitWindow, observed_data
from tests.fitting import known

DATA = observed_data(FitWindow("2022-01", "2023-12"))
SEEN = np.array(DATA.observed)
#: how far the years of the sets that are tried lie from the middle of the ensemble
OFF = np.array([0.5, -0.3, 0.02, 0.25, -0.4, 0.3, 0.1, -0.15, 0.6, -0.5])
SETS = [{"number": number} for number in range(OFF.size)]


class Runs:
    """Runs sets whose figures are off by what is theirs and by chance."""

    def __init__(self, chance: float, failed: int = -1) -> None:
        self.rng, self.chance, self.failed = np.random.default_rng(3), chance, failed
        self.asked: list[list[int]] = []

    def __call__(self, values):
        numbers = [one["number"] for one in values]
        self.asked.append(numbers)
        ended = np.array(numbers) != self.failed
        off = OFF[numbers] + self.chance * self.rng.normal(size=len(numbers))
        return (SEEN * np.exp(0.2 * off[:, None]))[ended], ended


def ensemble() -> tuple[np.ndarray, np.ndarray]:
    spread = np.random.default_rng(1).normal(0.0, 0.1, (200, 1))
    return SEEN * np.exp(spread), np.full(200, 1.0 / 200)


@pytest.mark.parametrize("chance", [0.0, 0.05])
def test_the_nearest_is_found_and_its_figures_are_of_its_later_runs(chance):
    first, again = Runs(chance), Runs(chance)
    number, figures = most_central(DATA, *ensemble(), SETS, first, again)
    assert number == 2
    assert figures == pytest.approx(SEEN, rel=0.05)
    assert first.asked == [list(range(OFF.size))]
    (numbers,) = again.asked
    assert sorted(set(numbers)) == sorted(numbers[: nearest(OFF.size)])
    assert all(numbers.count(one) == AGAIN for one in numbers)


def test_one_that_fails_is_none():
    number, _ = most_central(DATA, *ensemble(), SETS, Runs(0.0, failed=2), Runs(0.0))
    assert number == 6
    number, _ = most_central(DATA, *ensemble(), SETS, Runs(0.0), Runs(0.0, failed=2))
    assert number == 6


def test_what_no_figure_informs_has_its_recorded_value():
    prior = known.prior()
    scores = np.random.default_rng(2).normal(size=(len(known.NAMES) + 5, 3))
    uninformed = known.NAMES[3]
    sets = central_sets(prior, scores, {uninformed})
    for one, values in zip(sets, values_of(prior, scores[: len(known.NAMES)]), strict=True):
        assert one[uninformed] == prior.records[3].value
        assert {**one, uninformed: 0} == {**values, uninformed: 0}
