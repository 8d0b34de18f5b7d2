"""What staff and money buy, before a run and in words."""

from __future__ import annotations

import re
from datetime import date

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.policy import Levers
from simulation.scenario.resources import full_effect, purchases
from tests.refusals import succeeded

MONEY = """
extends = "baseline"
title = "More analysts and fewer patrols"

[[funding]]
name = "desks"
authority = "UK"
amount = { GBP = 10_000_000 }
per = "year"
spend_on = { analysis = 1.0 }
from = 2023-06-01
ramp_days = 30

[[staff]]
name = "fewer-patrols"
authority = "RS"
kind = "border_patrol"
change = 0.5

[[funding]]
name = "boats"
authority = "UK"
beneficiary = "DE"
amount = { EUR = 4_000_000 }
per = "year"
spend_on = { boat_supply = 1.0 }

[[staff]]
name = "teams"
authority = "FR"
kind = "investigation"
change = 2.0

[[staff]]
name = "coast"
authority = "BE"
kind = "coast_patrol"
change = 2.0
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("money") / "money.toml"
    path.write_text(MONEY)
    return path


@pytest.fixture(scope="module")
def shown(file):
    """What `crossings scenario show` says of the file."""
    return succeeded(CliRunner().invoke(cli, ["scenario", "show", str(file)])).output


@pytest.fixture(scope="module")
def bought(file):
    bought = purchases(load_scenario(str(file)), load_corridor(), load_parameters())
    return {one.lever.name: one for one in bought}


def test_money_buys_what_a_unit_costs(bought):
    policy = load_parameters().policy
    desks = bought["desks"]
    assert (desks.authority, desks.kind, desks.day) == ("UK-IN", "analysis", date(2023, 7, 1))
    units = 10e6 * policy.gbp_eur / policy.cost_analysis_unit_year
    assert desks.after - desks.before == pytest.approx(units)
    assert desks.officers == pytest.approx(units * policy.officers_analysis_unit)
    hours = desks.officers * policy.hours_per_officer_year / 365.25
    assert desks.hours_a_day == pytest.approx(hours)


def test_units_are_those_of_a_run():
    scenario = load_scenario("border-security-command")
    corridor, parameters = load_corridor(), load_parameters(scenario.parameters)
    levers = Levers(scenario, corridor, parameters)
    units = purchases(scenario, corridor, parameters)
    assert units
    for one in units:
        if one.kind != "boat_supply":
            row = corridor.authority_index[one.authority]
            assert levers.on(one.day).staff[one.kind][row] == pytest.approx(one.after)


def test_a_lever_that_ends_before_its_ramp_is_told_on_its_last_day(file):
    scenario = load_scenario(str(file))
    lever = scenario.funding[-2].model_copy(update={"to": date(2023, 6, 10)})
    assert full_effect(lever, scenario) == date(2023, 6, 10)


def test_show_tells_units_and_how_busy_they_are(crossings, file, shown, bought):
    text = shown[shown.index("What staff and money buy") :]
    lines = [line.strip() for line in text.splitlines()]
    more = f"({bought['boats'].after / bought['boats'].before - 1:+.0%})"
    for start, words in (
        ("- UK-IN, analysis", ("analysts more", "% busy")),
        ("- RS, border patrol", ("fewer", "people are stopped")),
        ("- BE, coast patrol", ("people are stopped",)),
        ("- DE, work against boat deliveries", (more,)),
    ):
        (line,) = (line for line in lines if line.startswith(start))
        assert [word for word in words if word not in line] == [], line
    assert sum("people are stopped" in line for line in lines) == 2
    (teams,) = (line for line in lines if line.startswith("- FR, investigation"))
    cases, room, busy = re.findall(r"have ([\d.]+) cases .* hold ([\d.]+) \((\d+)% busy", teams)[0]
    assert float(busy) == pytest.approx(100.0 * float(cases) / float(room), abs=1.0)
    shares = bought["teams"]
    assert f"({shares.after / shares.before - 1:+.0%})" in teams
    assert "\nAgainst baseline (" in shown
    # levers of the parent are its own business
    assert "uk-france-2023" not in text
    quick = crossings("scenario", "show", str(file), "--no-resources")
    assert quick.exit_code == 0
    assert "What staff and money buy" not in quick.output
