"""The patient rule induction method against another program, and what always holds of a path."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulation.experiments.statistics.boxes import quasi_p
from simulation.experiments.statistics.peeling import limited, peel_and_paste, region
from tests.experiments import workbench_boxes
from tests.experiments.workbench_boxes import SMALLEST, problem

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


def test_one_step_removes_a_twentieth_at_the_end_without_cases():
    points = np.arange(101.0)[:, None]
    first, second, *_ = peel_and_paste(points, points[:, 0] > 50, SMALLEST)
    assert first.bounds.tolist() == [[0.0], [100.0]]
    # 5 is the quantile of one twentieth; the bound lies between it and the next value
    assert second.bounds.tolist() == [[5.5], [100.0]]


def test_of_equal_values_all_are_removed_at_once():
    points = np.repeat([0.0, 1.0, 2.0], 20)[:, None]
    path = peel_and_paste(points, points[:, 0] == 2.0, SMALLEST)
    assert [box.size for box in path] == [60, 40, 20]
    assert path[-1].bounds[0, 0] == 1.5


def test_pasting_takes_back_what_peeling_removed_too_much():
    """A later step in one record shows that an earlier one in another removed cases for nothing."""
    grown = 0
    for seed in range(workbench_boxes.PROBLEMS):
        points, cases = problem(seed)
        sizes = [box.size for box in peel_and_paste(points, cases, SMALLEST)]
        grown += sizes[-1] > min(sizes)
    assert grown >= 3


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
