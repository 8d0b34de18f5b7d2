"""The names of assumption sets and future paths: what a seed draws can be asked for by name."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from simulation.engine.assumption_sets import (
    on_path,
    path_of,
    set_of_seed,
)
from simulation.engine.trials import fitted_ensemble
from simulation.errors import InputError
from simulation.model.corridor_model import simulate
from simulation.scenario import Scenario, load_scenario, parse_scenario
from tests.fits import drawn_values

SEEDS = st.integers(0, 2**63 - 1)
#: two months after the data
LATER = """
title = "Later"
extends = "outlook"
run = { start = 2028-01-01, end = 2028-02-29, warm_up_days = 1 }
"""


@pytest.mark.parametrize("assumptions", ["records", "ranges", "fitted"])
@pytest.mark.parametrize("seed", [0, 5, 2**63 - 1])
def test_the_set_of_a_seed_holds_what_the_seed_draws(assumptions, seed):
    ensemble = fitted_ensemble()
    assert set_of_seed(assumptions, seed, ensemble).values(ensemble) == drawn_values(
        assumptions, seed
    )


# -- paths ----------------------------------------------------------------------------------------


def arrivals(scenario: Scenario, seed: int) -> list[float]:
    return simulate(scenario, seed=seed, scale=0.05).daily["wb_entries"].tolist()


def test_a_path_is_chosen_apart_from_the_seed():
    later = parse_scenario(LATER)
    assert path_of(later, 3) == "spread:3"
    assert arrivals(on_path(later, "spread:3"), 3) == arrivals(later, 3)
    assert arrivals(on_path(later, "spread:4"), 3) != arrivals(later, 3)
    assert arrivals(on_path(later, "low"), 3) != arrivals(later, 3)


def test_a_scenario_on_a_path_is_written_and_read_as_it_is():
    asked = on_path(load_scenario("outlook"), "spread:7")
    assert "draw = 7" in asked.resolved_toml()
    assert parse_scenario(asked.resolved_toml()).hash() == asked.hash()
    assert path_of(asked, 3) == "spread:7"
    assert on_path(asked, "spread").hash() == load_scenario("outlook").hash()


@pytest.mark.parametrize("text", ["lo", "spread:", "spread:-1", f"spread:{2**63}", "low:3", ""])
def test_a_name_of_no_path_is_refused(text):
    with pytest.raises(InputError) as refused:
        on_path(load_scenario("outlook"), text)
    assert refused.value.key == "path"


def test_a_draw_goes_with_a_spread_only():
    with pytest.raises(InputError, match="spread"):
        parse_scenario(LATER + '[future]\npath = "low"\ndraw = 3\n')
