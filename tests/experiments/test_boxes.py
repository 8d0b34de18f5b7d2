"""Boxes in data whose box is known, and in noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulation.experiments.boxes import best_box, find_boxes
from tests.experiments.answering import few_shuffles


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    few_shuffles(monkeypatch)


@pytest.fixture
def points():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.random((200, 20)), columns=[f"a{number}" for number in range(20)])
    frame["steps"] = rng.integers(0, 10, 200)
    return frame


def test_the_box_is_found_among_many_assumptions(points):
    cases = ((points["a3"] > 0.6) & (points["steps"] <= 4)).to_numpy()
    search = find_boxes(points, cases, 1)
    box = search.boxes[0]
    limits = {limit.record: limit for limit in box.limits}
    assert set(limits) == {"a3", "steps"}
    assert limits["a3"].low == pytest.approx(0.6, abs=0.08)
    assert limits["a3"].high is None
    assert limits["steps"].low is None
    assert limits["steps"].high == pytest.approx(4, abs=1)
    assert box.coverage > 0.85
    assert box.density > 0.85
    assert box.chance <= 0.05
    assert min(limit.kept for limit in box.limits) >= 0.7
    assert max(limit.quasi_p for limit in box.limits) < 0.001
    # what is said of the box is what lies in it
    assert box.density == cases[box.inside].mean()
    assert box.coverage == cases[box.inside].sum() / cases.sum()
    assert box.mass == box.inside.mean()


def test_a_second_box_covers_what_the_first_leaves(points):
    cases = ((points["a3"] > 0.75) | (points["a8"] < 0.2)).to_numpy()
    one, two, *_ = find_boxes(points[["a1", "a3", "a8"]], cases, 1).boxes
    assert {limit.record for limit in (*one.limits, *two.limits)} >= {"a3", "a8"}
    assert not (one.inside & two.inside).any()
    assert two.coverage == cases[two.inside].sum() / cases.sum()
    assert two.mass == two.inside.mean()
    # the way to the second region is told in shares of all points, as the region itself is
    assert two.trajectory[0]["mass"] == pytest.approx(1.0 - one.mass)
    assert two.trajectory[0]["coverage"] == pytest.approx(1.0 - one.coverage)


def test_chance_gives_no_box(points):
    found = 0
    for seed in range(4):
        cases = np.random.default_rng(seed).random(200) < 0.3
        search = find_boxes(points.iloc[:, :8], cases, seed)
        found += len(search.boxes)
    assert found <= 1


def test_cases_that_are_none_or_all_are_not_searched(points):
    for cases, words in (
        (np.arange(200) < 3, "only 3 such cases"),
        (np.arange(200) >= 2, "all cases but 2"),
    ):
        search = find_boxes(points, cases, 1)
        assert search.boxes == ()
        assert search.reason.startswith(words)
    assert best_box(points, np.zeros(200, dtype=bool)) is None
