"""Estimates side by side: the figures are those of each estimate, and the lowest is the first."""

from __future__ import annotations

import pytest

from simulation.errors import InputError
from simulation.estimates import estimate
from simulation.estimates.estimate import estimate_of
from simulation.estimates.library import Library
from simulation.estimates.ranking import option_of, ranked_options
from simulation.outcomes import HEADLINE
from simulation.scenario import load_scenario
from tests.estimates.effects_library import COAST, LIBRARY, library_of

MONEY = "British money for investigation"


@pytest.fixture(autouse=True)
def library(monkeypatch, tmp_path):
    """A library in which patrols and money lower arrivals of 2028, money less."""
    file = tmp_path / "known.npz"
    file.write_bytes(library_of({COAST: -0.2, MONEY: -0.1}).as_bytes())
    monkeypatch.setattr(Library, "file", file)
    monkeypatch.setattr(estimate, "changes_since", lambda *of: [])


def options(period):
    policies = ({MONEY: 75}, {COAST: 2.0})
    scenarios = [LIBRARY.with_levers(one) for one in policies]
    return scenarios, ranked_options([option_of(one, period) for one in scenarios])


@pytest.mark.parametrize("period", ["2027", "2028", "2027..2028"])
def test_an_option_has_the_figures_of_its_estimate(period):
    for scenario, option in zip(*options(period), strict=True):
        alone = estimate_of(scenario, period=period)
        for name, one in alone.outcomes.items():
            effect = option.effect(name)
            assert (effect.plausible, effect.median) == (
                one.periods[period].plausible,
                one.periods[period].median,
            )
        assert option.effect("uk_total") == alone.uk_total


def test_the_lowest_is_first_and_money_counts_in_the_years_asked_for_alone():
    _, (money, coast) = options("2028")
    assert coast.effect(HEADLINE).median < money.effect(HEADLINE).median < 0.0
    assert (coast.place, money.place) == (1, 2)
    assert coast.probability_best > money.probability_best
    assert coast.cost_eur == 0.0 < money.cost_eur
    assert money.cost_per_person
    _, (both, _) = options("2027..2028")
    assert both.cost_eur == pytest.approx(2.0 * money.cost_eur, rel=0.01)
    _, (early, _) = options("2027")
    assert early.cost_per_person == []


def test_what_has_no_estimate_is_refused(monkeypatch):
    with pytest.raises(InputError, match="cannot be estimated"):
        option_of(LIBRARY.with_levers({MONEY: 75, COAST: 2.0}), "2028")
    with pytest.raises(InputError, match="period"):
        option_of(LIBRARY.with_levers({COAST: 2.0}), "2031")
    monkeypatch.setattr(estimate, "changes_since", lambda *of: ["the model"])
    with pytest.raises(InputError, match="the model"):
        option_of(LIBRARY.with_levers({COAST: 2.0}), "2028")


def test_an_option_that_is_compared_with_another_scenario_is_refused():
    with pytest.raises(InputError, match="not the days of outlook"):
        option_of(load_scenario("agreements-as-signed"), "2028")
