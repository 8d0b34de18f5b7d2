"""Who sets out: what the indicators leave open, year by year."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from simulation.corridor import BALKAN, DESTINATIONS, load_futures, load_indicators, load_origins
from simulation.model import Crossings
from simulation.parameters import load_parameters
from simulation.processes.entries import EntryTables, daily_rates
from simulation.scenario import load_scenario
from tests.runs import scenario_from


def rates(**changed: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Year of every day of `history`, and the expected people a day by route."""
    scenario = load_scenario("history")
    parameters = load_parameters({f"entries.{name}": value for name, value in changed.items()})
    world = Crossings(scenario, scale=0.02, parameters=parameters).world
    years = np.array(
        [date.fromordinal(world.first.toordinal() + day).year for day in range(world.days)]
    )
    tables = load_indicators(), load_futures()
    return years, daily_rates(
        world, EntryTables(*tables, load_origins(), scenario.entries), world.days
    )


@pytest.fixture(scope="module")
def usual() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return rates(elsewhere_level_2021=1.0, elsewhere_level_2022=1.0)


def test_a_year_has_its_own_level_elsewhere(usual):
    years, before = usual
    _, after = rates(elsewhere_level_2021=1.0, elsewhere_level_2022=1.5)
    for route, rate in before.items():
        factor = np.where((years == 2022) & (route != BALKAN), 1.5, 1.0)
        np.testing.assert_allclose(after[route], rate * factor, rtol=1e-12)


def test_a_year_has_its_own_place_in_the_balkan_band(usual):
    years, before = usual
    _, after = rates(
        elsewhere_level_2021=1.0,
        elsewhere_level_2022=1.0,
        balkan_position_2023=1.0,
        balkan_position_2024=-0.5,
    )
    here, then = before[BALKAN], after[BALKAN]
    assert (then[years == 2023] > here[years == 2023]).all()
    assert (then[years == 2024] < here[years == 2024]).all()
    np.testing.assert_array_equal(then[years < 2023], here[years < 2023])
    table = load_indicators()
    months = [k for k, month in enumerate(table.months) if month.startswith("2023-")]
    assert then[years == 2023].sum() == pytest.approx(table.high[BALKAN][months].sum())


def test_the_year_before_the_first_takes_the_first(usual):
    years, before = usual
    _, after = rates(elsewhere_level_2021=0.8, elsewhere_level_2022=1.0)
    early = years <= 2021
    assert (years == 2020).any()
    np.testing.assert_allclose(after["air"][early], 0.8 * before["air"][early], rtol=1e-12)
    np.testing.assert_array_equal(after["air"][~early], before["air"][~early])


# -- legal ways ----------------------------------------------------------------------------------

LEGAL_ROUTE = """
[[legal_route]]
origins = ["afghanistan"]
people_per_year = {people}
from = 2020-01-01
"""
WAVE = """
[[wave]]
origins = ["afghanistan"]
route = "air"
people_per_year = 8_000
from = 2020-01-01
"""


def afghans(folder, text: str = "", *, days: int = 365, start: date = date(2023, 1, 1)):
    """World of a scenario, and how many Afghans bound for the UK set out on each of its days."""
    scenario = scenario_from(folder, text, start=start, days=days, warm_up=0)
    model = Crossings(scenario, rng=4)
    world = model.world
    origin = world.levers.origins.index("afghanistan")
    uk = DESTINATIONS.index("uk")
    came = np.zeros(days, dtype=int)
    for day in range(days):
        world.begin_day(day)
        model.processes.entries.step(world)
        rows = model.processes.entries.entered_rows
        m = world.migrants
        came[day] = np.count_nonzero((m.origin[rows] == origin) & (m.destination[rows] == uk))
    return world, came


def test_a_legal_route_takes_as_many_in_a_year_of_any_flow(tmp_path):
    when = {"days": 1095, "start": date(2021, 1, 1)}
    world, without = afghans(tmp_path, **when)
    _, left = afghans(tmp_path, LEGAL_ROUTE.format(people=1826.25), **when)
    years = np.array([(world.first + timedelta(days=day)).year for day in range(world.days)])
    usual = np.array([without[years == year].sum() for year in (2021, 2022, 2023)])
    taken = np.array([(without - left)[years == year].sum() for year in (2021, 2022, 2023)])
    assert usual.max() > 1.5 * usual.min()
    np.testing.assert_allclose(taken, 1825, rtol=0.08)


def test_a_legal_route_takes_no_more_than_there_are(tmp_path):
    _, left = afghans(tmp_path, LEGAL_ROUTE.format(people=1_000_000), days=60)
    assert left.sum() == 0


def test_a_legal_route_takes_as_many_where_a_returns_agreement_holds(tmp_path):
    returns = """
[[returns]]
partner = "afghanistan"
effect = 0.5
from = 2020-01-01
"""
    _, without = afghans(tmp_path, returns)
    _, left = afghans(tmp_path, returns + LEGAL_ROUTE.format(people=1826.25))
    assert (without - left).sum() == pytest.approx(1825, rel=0.08)


def test_places_on_a_legal_way_are_for_those_of_a_wave_too(tmp_path):
    _, without = afghans(tmp_path, WAVE)
    _, left = afghans(tmp_path, WAVE + LEGAL_ROUTE.format(people=1826.25))
    assert (without - left).sum() == pytest.approx(1825, rel=0.08)
