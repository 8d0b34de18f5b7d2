"""Boxes in data whose box is known, in noise, and against those of another program."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from simulation.statistics.boxes import (
    drop_weak,
    everything,
    find_boxes,
    limited,
    most_telling,
    peel_and_paste,
    quasi_p,
    region,
)
from tests.answering import few_shuffles
from tests.statistics import workbench_boxes
from tests.statistics.workbench_boxes import SMALLEST, problem


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    few_shuffles(monkeypatch)


@pytest.fixture
def points():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.random((200, 20)), columns=[f"a{number}" for number in range(20)])
    frame["steps"] = rng.integers(0, 10, 200)
    return frame


# -- with a stand-in for the search ---------------------------------------------------------------


def inside_of(box, points):
    """Which points lie within the limits of a box."""
    inside = np.ones(len(points), dtype=bool)
    for limit in box.limits:
        values = points[limit.record]
        low = -np.inf if limit.low is None else limit.low
        inside &= values.between(low, np.inf if limit.high is None else limit.high).to_numpy()
    return inside


def test_the_twelve_records_that_tell_most_are_looked_at(points):
    cases = (points["a3"] > 0.6).to_numpy()
    twelve = points.iloc[:, 4:16]
    assert most_telling(twelve, cases) == list(twelve.columns)
    records = most_telling(points, cases)
    assert len(records) == 12
    assert "a3" in records
    assert records == [name for name in points.columns if name in records]
    p = dict(zip(points, stats.mannwhitneyu(points[cases], points[~cases]).pvalue, strict=True))
    assert max(p[name] for name in records) < min(p[name] for name in p if name not in records)


@pytest.mark.parametrize(
    ("given", "remaining"),
    [
        ([0, 5], [0]), ([5], []), ([0, 1, 2, 3], [0, 1, 2, 3]), ([0, 1, 2, 3, 5], [0, 1, 2, 3]),
        ([0, 1, 2, 3, 4], "all but the weakest"),
    ],
)  # fmt: skip
def test_limits_that_chance_would_give_are_dropped_and_of_five_good_ones_the_weakest(
    given, remaining
):
    """Of the cases each of the first five records doubles the share; the sixth does nothing."""
    rng = np.random.default_rng(3)
    values = rng.random((4000, 6))
    cases = rng.random(4000) < 0.02 * 1.9 ** (values[:, :5] > 0.5).sum(axis=1)
    start = everything(values)
    bounds = start.bounds.copy()
    bounds[0, given] = 0.5
    whole = region(values, bounds)
    if remaining == "all but the weakest":
        p = [max(quasi_p(values, cases, whole, record)) for record in given]
        assert max(p) <= 0.05
        remaining = [record for record in given if record != int(np.argmax(p))]
    box = drop_weak(values, cases, whole)
    assert limited(start, box).tolist() == remaining
    assert (box.bounds[0, remaining] == 0.5).all()
    assert all(max(quasi_p(values, cases, box, record)) <= 0.05 for record in remaining)


def test_a_quasi_p_value_is_a_binomial_test_against_the_box_without_the_limit():
    values = np.arange(20.0)[:, None]
    cases = np.arange(20) >= 12
    box = region(values, np.array([[10.0], [19.0]]))
    # 8 cases in 10 points, where 8 in 20 lie without the limit
    expected = stats.binom.sf(7, 10, 0.4)
    assert quasi_p(values, cases, box, 0) == (pytest.approx(expected), -1.0)


# -- by the search itself -------------------------------------------------------------------------


def test_the_box_is_found_among_many_assumptions(points):
    cases = ((points["a3"] > 0.6) & (points["steps"] <= 4)).to_numpy()
    box = find_boxes(points, cases, 1).boxes[0]
    assert {limit.record: (limit.low, limit.high) for limit in box.limits} == {
        "a3": (pytest.approx(0.6, abs=0.08), None), "steps": (None, pytest.approx(4, abs=1)),
    }  # fmt: skip
    assert min(box.coverage, box.density) > 0.85
    assert box.chance <= 0.05
    assert min(limit.kept for limit in box.limits) >= 0.7
    assert max(limit.quasi_p for limit in box.limits) < 0.001
    # what is said of the box is what lies in it
    inside = inside_of(box, points)
    assert box.density == cases[inside].mean()
    assert box.coverage == cases[inside].sum() / cases.sum()
    assert box.mass == inside.mean()


def test_a_second_box_covers_what_the_first_leaves(points):
    cases = ((points["a3"] > 0.75) | (points["a8"] < 0.2)).to_numpy()
    one, two, *_ = find_boxes(points[["a1", "a3", "a8"]], cases, 1).boxes
    assert {limit.record for limit in (*one.limits, *two.limits)} >= {"a3", "a8"}
    # of the points that the first does not hold
    inside = inside_of(two, points) & ~inside_of(one, points)
    assert two.coverage == cases[inside].sum() / cases.sum()
    assert two.mass == inside.mean()
    # the way to the second region is told in shares of all points, as the region itself is
    assert two.trajectory[0].mass == pytest.approx(1.0 - one.mass)
    assert two.trajectory[0].coverage == pytest.approx(1.0 - one.coverage)


def test_chance_gives_no_box(points):
    cases = [np.random.default_rng(seed).random(200) < 0.3 for seed in range(4)]
    searches = [find_boxes(points.iloc[:, :8], one, seed) for seed, one in enumerate(cases)]
    assert sum(len(search.boxes) for search in searches) <= 1


@pytest.mark.parametrize(
    ("cases", "words"), [(np.arange(200) < 3, "only 3"), (np.arange(200) >= 2, "all cases but 2")]
)
def test_cases_that_are_nearly_none_or_all_are_not_searched(points, cases, words):
    search = find_boxes(points, cases, 1)
    assert search.boxes == []
    assert search.reason.startswith(words)


# -- the search for one box ------------------------------------------------------------------------

THEIRS = json.loads(workbench_boxes.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", range(workbench_boxes.PROBLEMS))
def test_the_path_is_that_of_another_program(seed):
    points, cases = problem(seed)
    theirs = THEIRS[seed]
    path = peel_and_paste(points, cases, SMALLEST)
    assert [box.size for box in path] == theirs["sizes"]
    assert [int(cases[box.inside].sum()) for box in path] == theirs["cases"]
    assert path[-1].bounds.tolist() == theirs["bounds"]
    assert {
        str(record): pytest.approx(quasi_p(points, cases, path[-1], record), rel=1e-9)
        for record in limited(path[0], path[-1])
    } == theirs["quasi_p"]


values = st.sampled_from([0.0, 0.25, 1.0, 1e-9, -3.5, 1e6, 7.0, 0.1])


@settings(max_examples=60)
@given(data=st.data())
def test_what_holds_of_every_path(data):
    size, records = data.draw(st.integers(2, 40)), data.draw(st.integers(1, 4))
    points = data.draw(arrays.arrays(float, (size, records), elements=values))
    cases = data.draw(arrays.arrays(bool, size))
    smallest = data.draw(st.sampled_from([0.05, 0.3, 1.0]))
    path = peel_and_paste(points, cases, smallest)
    assert path[0].inside.all()
    assert not len(limited(path[0], path[0]))
    shares = [cases[box.inside].mean() for box in path]
    assert (np.diff(shares) > 0).all()  # every step is a gain, so the search ends
    for box in path:
        assert box.size >= smallest * size
        assert (region(points, box.bounds).inside == box.inside).all()
    # what a record is measured in changes no box
    scaled = peel_and_paste(points * 4.0, cases, smallest)
    assert [box.inside.tolist() for box in scaled] == [box.inside.tolist() for box in path]
    # nor does the order of the points
    order = data.draw(st.permutations(range(size)))
    turned = peel_and_paste(points[order], cases[order], smallest)
    assert [box.bounds.tolist() for box in turned] == [box.bounds.tolist() for box in path]
