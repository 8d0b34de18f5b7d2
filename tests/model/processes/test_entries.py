"""Who sets out: indicators, waves, legal ways, and what stands in for the tables."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation import Crossings
from simulation.corridor import (
    BALKAN,
    DESTINATIONS,
    ROUTES,
    load_futures,
    load_indicators,
    load_origins,
)
from simulation.model.agents.migrant import State
from simulation.model.processes.entries import (
    EntryTables,
    _path,
    daily_rates,
    entries_until,
    from_balkans,
    mix_in,
)
from simulation.parameters import load_parameters, load_records
from simulation.scenario import load_scenario
from simulation.timeseries.months import number_of
from tests.runs import scenario_from

INDICATORS, FUTURES, ORIGINS = load_indicators(), load_futures(), load_origins()


def tables_of(scenario) -> EntryTables:
    return EntryTables(INDICATORS, FUTURES, ORIGINS, scenario.entries)


def years_of(world) -> np.ndarray:
    """Year of every day of a run."""
    return np.array([(world.first + timedelta(days=day)).year for day in range(world.days)])


def rates(**changed: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Year of every day of `history`, and the expected people a day by route."""
    scenario = load_scenario("history")
    parameters = load_parameters({f"entries.{name}": value for name, value in changed.items()})
    world = Crossings(scenario, scale=0.02, parameters=parameters).world
    return years_of(world), daily_rates(world, tables_of(scenario), world.days)


@pytest.fixture(scope="module")
def usual() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return rates(elsewhere_level_2021=1.0, elsewhere_level_2022=1.0)


def test_a_year_has_its_own_level_elsewhere_and_those_before_the_first_take_the_first(usual):
    years, before = usual
    _, after = rates(elsewhere_level_2021=0.8, elsewhere_level_2022=1.5)
    level = np.select([years <= 2021, years == 2022], [0.8, 1.5], 1.0)
    for route, rate in before.items():
        factor = 1.0 if route == BALKAN else level
        np.testing.assert_allclose(after[route], rate * factor, rtol=1e-12)
    assert {2020, 2021, 2022, 2023} <= set(years.tolist())


def test_a_year_has_its_own_place_in_the_balkan_band(usual):
    years, before = usual
    levels = {"elsewhere_level_2021": 1.0, "elsewhere_level_2022": 1.0}
    _, after = rates(**levels, balkan_position_2023=1.0, balkan_position_2024=-0.5)
    here, then = before[BALKAN], after[BALKAN]
    assert (then[years == 2023] > here[years == 2023]).all()
    assert (then[years == 2024] < here[years == 2024]).all()
    np.testing.assert_array_equal(then[years < 2023], here[years < 2023])
    table = INDICATORS[BALKAN]
    months = [k for k, month in enumerate(table.months) if month.startswith("2023-")]
    assert then[years == 2023].sum() == pytest.approx(table.high[months].sum())


# -- legal ways ----------------------------------------------------------------------------------

LEGAL_ROUTE = """
[[legal_route]]
origins = ["afghanistan"]
people_per_year = {people}
from = 2020-01-01
"""


def entered(model, origin: str) -> np.ndarray:
    """How many of an origin who are bound for the UK set out on each day of a run."""
    world, entries, m = model.world, model.processes.entries, model.world.migrants
    these = m.origin == world.levers.origins.index(origin)
    these &= m.destination == DESTINATIONS.index("uk")
    came = np.zeros(world.days, dtype=int)
    for day in range(world.days):
        world.begin_day(day)
        entries.step(world)
        came[day] = np.count_nonzero(these & (m.entry_day == day) & (m.state != State.ABSENT))
    return came


def afghans(folder, text: str = "", *, days: int = 365, start: date = date(2023, 1, 1)):
    """World of a scenario, and how many Afghans bound for the UK set out on each of its days."""
    model = Crossings(scenario_from(folder, text, start=start, days=days, warm_up=0), rng=4)
    return model.world, entered(model, "afghanistan")


def test_a_legal_route_takes_as_many_in_a_year_of_any_flow(tmp_path):
    when = {"days": 1095, "start": date(2021, 1, 1)}
    world, without = afghans(tmp_path, **when)
    _, left = afghans(tmp_path, LEGAL_ROUTE.format(people=1826.25), **when)
    usual, taken = (np.bincount(years_of(world), came)[2021:] for came in (without, without - left))
    assert usual.max() > 1.4 * usual.min()
    np.testing.assert_allclose(taken, 1825, rtol=0.08)


RETURNS = '[[returns]]\npartner = "afghanistan"\neffect = 0.5\nfrom = 2020-01-01\n'


# -- waves -----------------------------------------------------------------------------------------


WAVE = """
[[wave]]
origins = ["albania"]
route = "{route}"
people_per_year = 36525
from = 2023-06-11
to = 2023-06-30
"""


@pytest.mark.parametrize("route", ["air", "balkan"])
def test_with_a_wave_everybody_else_is_the_same(tmp_path, route):
    """Those of a wave by the Balkan route are bound for many places, others for the UK."""
    worlds = [
        Crossings(scenario_from(tmp_path, text, days=40, warm_up=0), rng=5, scale=0.5).world
        for text in ("", WAVE.format(route=route))
    ]
    without, with_wave = (world.migrants for world in worlds)
    more = ~np.isin(with_wave.uid, without.uid)
    for name in ("uid", "entry_day", "origin", "destination", "place", "funds", "risk_aversion"):
        np.testing.assert_array_equal(getattr(with_wave, name)[~more], getattr(without, name))
    # 100 people a day for 20 days, at half scale
    assert 850 < more.sum() < 1150
    assert set(with_wave.entry_day[more].tolist()) == set(range(10, 30))
    assert set(with_wave.origin[more].tolist()) == {ORIGINS.origins.index("albania")}
    destinations = set(with_wave.destination[more].tolist())
    assert (destinations == {ORIGINS.destinations.index("uk")}) == (route == "air")
    assert (len(destinations) > 3) == (route == "balkan")
    assert (from_balkans(worlds[1])[more] == (route == "balkan")).all()


# -- futures ---------------------------------------------------------------------------------------


PARAMETERS = load_records()
LAST = max(number_of(entries.months[-1]) for entries in INDICATORS.values())
PATHS = ("spread", "central", "low", "high")
FUTURE = '[future]\npath = "{}"\n'


def until(path, seed=1, months=36):
    return entries_until(INDICATORS, FUTURES, path, seed, LAST + months)


@pytest.mark.parametrize("path", PATHS)
def test_the_months_of_the_tables_stay_as_they_are(path):
    extended = until(path)
    for route, recorded in INDICATORS.items():
        length = len(recorded.months)
        assert extended[route].months[:length] == recorded.months
        for name in ("people", "low", "high"):
            same = getattr(extended[route], name)[:length]
            np.testing.assert_array_equal(same, getattr(recorded, name))
        assert number_of(extended[route].months[-1]) == LAST + 36


@given(seed=st.integers(0, 10**9), path=st.sampled_from(PATHS), months=st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_what_stands_in_are_people_within_a_band(seed, path, months):
    for route, entries in until(path, seed, months).items():
        assert len(entries.months) == len(entries.people) == len(entries.low) == len(entries.high)
        assert np.isfinite(entries.high).all()
        assert (entries.low >= 0.0).all()
        assert (entries.low <= entries.people + 1e-9).all(), route
        assert (entries.people <= entries.high + 1e-9).all(), route


@given(seed=st.integers(0, 10**9), short=st.integers(1, 30), longer=st.integers(1, 30))
@settings(max_examples=20, deadline=None)
def test_a_month_does_not_hang_on_how_far_a_run_goes(seed, short, longer):
    part, whole = until("spread", seed, short), until("spread", seed, short + longer)
    for route in ROUTES:
        length = len(part[route].people)
        np.testing.assert_allclose(part[route].people, whole[route].people[:length], rtol=1e-9)


@pytest.mark.parametrize("path", PATHS)
def test_each_seed_has_a_future_of_its_own_unless_one_is_named(path):
    one, again, other = until(path, 1), until(path, 1), until(path, 2)
    for route in ROUTES:
        np.testing.assert_array_equal(one[route].people, again[route].people)
        assert np.array_equal(one[route].people, other[route].people) == (path != "spread")


def test_low_and_high_lie_about_the_central_future_and_the_spread_about_all():
    named = {path: until(path) for path in ("low", "central", "high")}
    seeds = 300
    drawn = [until("spread", seed) for seed in range(seeds)]
    for route in ("balkan", "central_med", "eastern_land", "iberia"):
        low, middle, high = (named[path][route].people[-24:] for path in ("low", "central", "high"))
        assert (low < middle).all()
        assert (middle < high).all()
        spread = np.array([one[route].people[-24:] for one in drawn])
        for line, share in ((low, 0.1), (middle, 0.5), (high, 0.9)):
            error = np.sqrt(share * (1 - share) * (1 / seeds + 1 / 4000))
            assert np.abs((spread < line).mean(axis=0) - share).max() < 5 * error, route
        width = np.log(spread + 1.0).std(axis=0)
        assert width[-1] > width[0]


def test_the_eastern_mediterranean_rises_and_falls_with_the_balkan_route():
    """The two are correlated as their past is, and no other route follows any."""
    seeds, names = 400, list(FUTURES.models)
    until_month = max(number_of(m.last_month) for m in FUTURES.models.values()) + 3

    def last_step(name: str, seed: int) -> float:
        model = FUTURES.models[name]
        ahead = until_month - number_of(model.last_month)
        return float(np.diff(model.x_of(_path(FUTURES, name, ahead, "spread", seed)))[-1])

    correlations = np.corrcoef([[last_step(name, seed) for seed in range(seeds)] for name in names])
    wanted = FUTURES.follows["eastern_med"].correlation
    row, column = names.index("eastern_med"), names.index(BALKAN)
    assert correlations[row, column] > wanted - 0.15
    correlations[row, column] = correlations[column, row] = 0.0
    np.fill_diagonal(correlations, 0.0)
    assert np.abs(correlations).max() < 5 / np.sqrt(seeds)


# -- levels of a year -----------------------------------------------------------------------------


# -- origins --------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10**9), route=st.sampled_from(ROUTES), ahead=st.integers(0, 24),
    path=st.sampled_from(PATHS),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_shares_of_origins_are_shares(seed, route, ahead, path):
    last = ORIGINS.years[-1]
    mix = mix_in(PARAMETERS, ORIGINS, route, last + ahead, path, seed)
    before = ORIGINS.mix_in(route, last)
    assert mix.sum() == pytest.approx(1.0)
    assert (mix >= 0.0).all()
    np.testing.assert_array_equal(mix == 0.0, before == 0.0)
    if path != "spread" or (ahead == 0 and route == BALKAN):
        np.testing.assert_array_equal(mix, before)


def test_shares_walk_on_from_year_to_year():
    last = ORIGINS.years[-1]
    step = PARAMETERS.entries.origin_step
    for ahead in (1, 4):
        mixes = np.array(
            [mix_in(PARAMETERS, ORIGINS, BALKAN, last + ahead, "spread", s) for s in range(300)]
        )
        wanted = step * np.sqrt(2.0 * ahead)  # of the difference of two walks
        spread = np.log(mixes[:, 0] / mixes[:, 1]).std()
        assert spread == pytest.approx(wanted, rel=5 / np.sqrt(2 * 300))


# -- in a run -------------------------------------------------------------------------------------


def world_of(folder, text="", *, start=date(2027, 1, 1), days=60, seed=1):
    scenario = scenario_from(folder, text, start=start, days=days, warm_up=0)
    return Crossings(scenario, rng=seed, scale=0.01).world


def test_a_day_does_not_hang_on_when_a_run_starts_or_ends(tmp_path):
    tables = EntryTables(INDICATORS, FUTURES, ORIGINS, {})
    long, short = (
        daily_rates(world_of(tmp_path, start=date(2026, month, 1), days=days), tables, days)
        for month, days in ((1, 500), (10, 60))
    )
    since = (date(2026, 10, 1) - date(2026, 1, 1)).days
    for route, rate in short.items():
        np.testing.assert_allclose(rate, long[route][since : since + 60], rtol=1e-9)


def test_both_sides_of_a_pair_meet_the_same_people(tmp_path):
    """With and without a policy, those who could set out after the data are the same persons."""
    policy = '[[staff]]\nauthority = "FR"\nkind = "coast_patrol"\nchange = 2.0\n'
    people = [world_of(tmp_path, text).migrants for text in ("", policy)]
    for one, other in zip(*people, strict=True):
        np.testing.assert_array_equal(one, other)


def test_more_people_set_out_in_a_higher_future(tmp_path):
    low, central, high = (
        world_of(tmp_path, FUTURE.format(path)).migrants.uid.size
        for path in ("low", "central", "high")
    )
    assert low < central < high
