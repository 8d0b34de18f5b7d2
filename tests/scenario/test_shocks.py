"""Shocks: what they make of the flow, and that everybody else is the same person."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import tomli_w
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulation import Crossings
from simulation.corridor import BALKAN, ROUTES, load_origins
from simulation.scenario import load_scenario, parse_scenario
from simulation.scenario.levers.times import shock_factors
from tests.runs import scenario_from

ORIGINS = load_origins().origins
START = date(2023, 3, 1)
DAYS = 60
ON = START + timedelta(days=20)


def shock(**keys):
    return "\n[[shock]]\n" + tomli_w.dumps({"on": ON, "size": 2.0, **keys})


def factors(text, days=DAYS):
    scenario = parse_scenario(f'title = "t"\nextends = "baseline"\n{text}', "t")
    return shock_factors(scenario, ROUTES, ORIGINS, START.toordinal(), days)


def people(folder, text="", days=DAYS):
    scenario = scenario_from(folder, text, start=START, days=days, warm_up=0)
    world = Crossings(scenario, rng=4, scale=0.05).world
    return world.migrants, world


def identities(m, rows=slice(None)):
    columns = (m.uid, m.entry_day, m.origin, m.place, m.destination, m.funds)
    return set(zip(*(column[rows].tolist() for column in columns), strict=True))


@pytest.mark.parametrize("text", ["", shock(on=date(2030, 1, 1)), shock(size=1.0)])
def test_without_a_shock_there_is_no_factor(text):
    assert factors(text) is None


@pytest.mark.parametrize("route", ["air", ["air"], ["air", "iberia"]])
def test_a_shock_holds_for_its_days_routes_and_origins(route):
    factor = factors(shock(route=route, origins=["albania"], to=ON + timedelta(days=9)))
    hit = np.ones((DAYS, len(ROUTES), len(ORIGINS)))
    rows = [ROUTES.index(name) for name in ("air", "iberia") if name in route]
    hit[20:30, rows, ORIGINS.index("albania")] = 2.0
    np.testing.assert_array_equal(factor, hit)


@given(size=st.floats(0.0, 20.0), half=st.floats(1.0, 1000.0))
@settings(max_examples=40)
def test_half_of_it_is_left_after_its_half_life(size, half):
    multipliers = factors(shock(size=size, half_life_days=half))
    if multipliers is None:
        assert size == 1.0
        return
    away = multipliers[20:, 0, 0] - 1.0
    np.testing.assert_allclose(away, (size - 1.0) * 0.5 ** (np.arange(40) / half), atol=1e-9)
    assert (np.diff(np.abs(away)) <= 1e-12).all()
    assert (multipliers >= 0.0).all()


def test_shocks_on_a_day_multiply():
    both = factors(shock(size=2.0) + shock(size=0.25, route="air"))
    assert both[30, ROUTES.index("air"), 0] == 0.5
    assert both[30, ROUTES.index(BALKAN), 0] == 2.0


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The people without a shock, whom no test changes."""
    return people(tmp_path_factory.mktemp("usual"))


def test_nobody_sets_out_on_a_closed_route_and_all_others_are_the_same(usual, tmp_path):
    before, world = usual
    after, _ = people(tmp_path, shock(size=0.0, route=["balkan"], to=ON + timedelta(days=19)))
    balkan = {i for i, place in enumerate(world.corridor.places) if place.route == BALKAN}
    shut = np.isin(before.place, list(balkan)) & (before.entry_day >= 20) & (before.entry_day < 40)
    assert shut.any()
    assert identities(after) == identities(before, ~shut)


def test_more_people_come_on_top_of_the_same_ones(usual, tmp_path):
    before, _ = usual
    doubled, _ = people(tmp_path, shock(size=2.0))
    trebled, _ = people(tmp_path, shock(size=3.0))
    assert identities(before) < identities(doubled)
    # whom a smaller shock adds, a larger one adds too
    assert set(doubled.uid.tolist()) < set(trebled.uid.tolist())
    without, added = (np.count_nonzero(m.entry_day >= 20) for m in (before, doubled))
    assert added / without == pytest.approx(2.0, abs=5 * np.sqrt(2.0 / without) + 0.15)
    assert (doubled.entry_day < 20).sum() == (before.entry_day < 20).sum()


@given(size=st.floats(0.0, 1.0))
@example(size=0.0)
@example(size=0.999)
@settings(max_examples=10)
def test_fewer_people_are_some_of_the_same_ones(usual, tmp_path_factory, size):
    before, _ = usual
    after, _ = people(tmp_path_factory.mktemp("fewer"), shock(size=size))
    assert identities(after) <= identities(before)


def test_those_added_are_of_the_origins_named(usual, tmp_path):
    before, world = usual
    after, _ = people(tmp_path, shock(size=5.0, origins=["syria"]))
    new = ~np.isin(after.uid, before.uid)
    assert new.any()
    assert set(after.origin[new].tolist()) == {world.levers.origins.index("syria")}


@pytest.mark.parametrize("start", [date(2024, 6, 1), date(2027, 6, 1)])
def test_a_shock_acts_before_and_after_the_end_of_the_data(tmp_path, start):
    usual, shocked = (
        scenario_from(tmp_path, text, start=start, days=30, warm_up=0)
        for text in ("", shock(on=start, size=3.0))
    )
    before, after = (
        len(Crossings(one, rng=4, scale=0.02).world.migrants.uid) for one in (usual, shocked)
    )
    assert 2.5 < after / before < 3.5


def test_a_shock_of_a_parent_that_still_acts_is_kept(tmp_path):
    early = f'title = "p"\nextends = "baseline"\n{shock(on=date(2020, 1, 1))}'
    (tmp_path / "parent.toml").write_text(early, encoding="utf-8")
    child = tmp_path / "child.toml"
    child.write_text('title = "c"\nextends = "parent.toml"\n', encoding="utf-8")
    assert len(load_scenario(child).shock) == 1
