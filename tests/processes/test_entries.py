"""Who sets out: what the indicators leave open, year by year."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.corridor import load_indicators
from simulation.model import Crossings
from simulation.parameters import load_parameters
from simulation.processes.entries import BALKAN, daily_rates
from simulation.scenario import load_scenario


def rates(**changed: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Year of every day of `history`, and the expected people a day by route."""
    scenario = load_scenario("history")
    parameters = load_parameters({f"entries.{name}": value for name, value in changed.items()})
    world = Crossings(scenario, scale=0.02, parameters=parameters).world
    years = np.array(
        [date.fromordinal(world.first.toordinal() + day).year for day in range(world.days)]
    )
    return years, daily_rates(world, load_indicators(), scenario.entries, world.days)


@pytest.fixture(scope="module")
def usual() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return rates()


def test_a_year_has_its_own_level_elsewhere(usual):
    years, before = usual
    _, after = rates(elsewhere_level_2022=1.5)
    for route, rate in before.items():
        factor = np.where((years == 2022) & (route != BALKAN), 1.5, 1.0)
        np.testing.assert_allclose(after[route], rate * factor, rtol=1e-12)


def test_a_year_has_its_own_place_in_the_balkan_band(usual):
    years, before = usual
    _, after = rates(balkan_position_2023=1.0, balkan_position_2024=-0.5)
    here, then = before[BALKAN], after[BALKAN]
    assert (then[years == 2023] > here[years == 2023]).all()
    assert (then[years == 2024] < here[years == 2024]).all()
    np.testing.assert_array_equal(then[years < 2023], here[years < 2023])
    table = load_indicators()
    months = [k for k, month in enumerate(table.months) if month.startswith("2023-")]
    assert then[years == 2023].sum() == pytest.approx(table.high[BALKAN][months].sum())


def test_the_year_before_the_first_takes_the_first(usual):
    years, before = usual
    _, after = rates(elsewhere_level_2021=0.8)
    early = years <= 2021
    assert (years == 2020).any()
    np.testing.assert_allclose(after["air"][early], 0.8 * before["air"][early], rtol=1e-12)
    np.testing.assert_array_equal(after["air"][~early], before["air"][~early])
