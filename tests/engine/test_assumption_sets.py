"""The names of assumption sets and future paths: what a seed draws can be asked for by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine.assumption_sets import (
    AssumptionSet,
    on_path,
    path_of,
    read_set,
    set_of_seed,
)
from simulation.engine.trials import fitted_ensemble
from simulation.errors import InputError
from simulation.model.corridor_model import simulate
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario, parse_scenario
from tests.fits import drawn_values

SEEDS = st.integers(0, 2**63 - 1)
#: two months after the data
LATER = """
title = "Later"
extends = "outlook"
run = { start = 2028-01-01, end = 2028-02-29, warm_up_days = 1 }
"""


@given(
    st.one_of(
        st.just(AssumptionSet()),
        st.builds(AssumptionSet, st.none(), SEEDS),
        st.builds(AssumptionSet, st.integers(1, fitted_ensemble().size), SEEDS | st.none()),
    )
)
def test_the_name_of_a_set_is_read_as_that_set(asked):
    assert read_set(str(asked), fitted_ensemble()) == asked


@pytest.mark.parametrize("assumptions", ["records", "ranges", "fitted"])
@pytest.mark.parametrize("seed", [0, 5, 2**63 - 1])
def test_the_set_of_a_seed_holds_what_the_seed_draws(assumptions, seed):
    ensemble = fitted_ensemble()
    name = str(set_of_seed(assumptions, seed, ensemble))
    assert read_set(name, ensemble).values(ensemble) == drawn_values(assumptions, seed)


def test_a_fitted_set_alone_leaves_the_others_at_their_recorded_values():
    ensemble = fitted_ensemble()
    values = read_set("fitted:3", ensemble).values(ensemble)
    assert set(values) == set(ensemble.names)
    assert values == ensemble.member(2)
    load_parameters(values)


@pytest.mark.parametrize("name", [
    "record", "ranges", "ranges:-1", f"ranges:{2**63}", "fitted:0", "fitted:99999",
    "fitted:1:x", "",
])  # fmt: skip
def test_a_name_of_no_set_is_refused(name):
    with pytest.raises(InputError) as refused:
        read_set(name, fitted_ensemble())
    assert refused.value.key == "set"
    assert f"fitted:{fitted_ensemble().size}" in refused.value.allowed


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
