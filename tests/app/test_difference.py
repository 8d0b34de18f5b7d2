"""The map of a difference: it shows what other seeds show too, and the tables say the same."""

from __future__ import annotations

import itertools
import math

import pytest

from simulation.app.difference import CHANGE_EDGES, OtherPairs, WorldsChange
from simulation.app.live import UNUSED, LiveRun
from simulation.corridor import load_corridor
from simulation.scenario import parse_scenario
from simulation.statistics.paired import DIRECTION_PAIRS
from tests.app.test_live import SCALE, TEXT

OPERATION = """
[[operation]]
authority = "RS"
kind = "patrol"
places = ["subotica"]
strength = 5.0
from = 2023-06-01
"""
#: days that are simulated, the last of which is shown
DAYS = 80


def changed(lever: str, seed: int) -> WorldsChange:
    """What a lever changes, by the pair of a seed and those that follow it."""
    scenarios = parse_scenario(TEXT), parse_scenario(TEXT + lever)
    others, shown = OtherPairs(scenarios, seed), [LiveRun(one, seed, SCALE) for one in scenarios]
    assert others.change(shown, 0) == WorldsChange(1)
    for run in shown:
        for _ in range(DAYS):
            run.step()
    assert not others.work(math.inf)
    assert signs(others.change(shown, shown[0].first - 1)) == {}, "the lever is not in force yet"
    return others.change(shown, DAYS - 1)


@pytest.fixture(scope="module")
def change() -> WorldsChange:
    return changed(OPERATION, 1)


def signs(change: WorldsChange) -> dict[tuple[str, int], bool]:
    """What is drawn: whether it is more, by leg, stops on a leg, and place."""
    assert change.frame is not None
    frame = change.frame
    codes = {n: code % 5 for n, code in enumerate(frame["legs"]) if code != UNUSED}
    assert set(codes.values()) <= {0, 4}
    drawn = {("leg", n): code == 4 for n, code in codes.items()}
    for name in ("units", "places"):
        drawn |= {(name, n): value > 0 for n, value in enumerate(frame[name]) if value}
    return drawn


@pytest.mark.slow
def test_a_what_if_that_changes_nothing_draws_nothing():
    change = changed("", 1)
    assert change.pairs == DIRECTION_PAIRS
    assert signs(change) == {}
    assert [group["rows"] for group in change.groups] == [[["nothing clear", "", ""]]] * 3


@pytest.mark.full
def test_what_is_drawn_is_drawn_by_other_seeds_too(change):
    drawn, again = signs(change), signs(changed(OPERATION, 101))
    both = drawn.keys() & again.keys()
    assert len(both) > 10
    assert all(drawn[one] == again[one] for one in both)
    # fewer come over the border with the patrols
    legs = [leg.id for leg in load_corridor().legs]
    assert drawn["leg", legs.index("szeged>budapest:road")] is False


def test_the_tables_hold_what_is_drawn_the_largest_first(change):
    drawn = signs(change)
    set_out, stopped, present = (group["rows"] for group in change.groups)
    counts = [sum(kind == name for kind, _ in drawn) for name in ("leg", "units", "places")]
    # less than half a person more at a place is drawn as none
    assert len(set_out) == counts[0]
    assert len(stopped) >= counts[1]
    assert len(present) >= counts[2]
    for rows in (set_out, stopped, present):
        ends = [[float(end.replace(",", "")) for end in row[2].split(" to ")] for row in rows]
        sizes = [abs(low + high) for low, high in ends]
        assert all(one >= other - 0.21 for one, other in itertools.pairwise(sizes))
        assert all(low >= 0.0 or high <= 0.0 for low, high in ends)


def test_a_line_is_as_wide_as_its_change(change):
    assert change.frame is not None
    wide = [code // 5 for code in change.frame["legs"] if code != UNUSED]
    low, high = change.groups[0]["rows"][0][2].split(" to ")
    most = abs(float(low) + float(high)) / 2
    assert max(wide) == sum(most >= edge for edge in CHANGE_EDGES)
