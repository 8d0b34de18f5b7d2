"""The shipped network."""

from __future__ import annotations

import dataclasses

import pytest

from simulation.corridor import DESTINATIONS, ROUTES, load_corridor
from simulation.corridor.network import STAFF_COLUMNS, SUPPLY_COLUMNS
from simulation.corridor.tables import DATA, read_table
from simulation.parameters.records import CONFIDENCES
from tests.corridor.rules import onward_from, problems, reachable

CORRIDOR = load_corridor()
PLACES = {place.id: place for place in CORRIDOR.places}
COUNTRIES = "TR GR BG MK XK AL ME RS BA RO HU HR SI IT AT DE CH BE FR"
#: those that scenarios and the fit were made with; others may be added
AUTHORITIES = [*COUNTRIES.split(), "UK-CI", "UK-BI", "UK-IN", "EUROPOL", "FRONTEX"]


def test_members_of_groups_authorities_and_nothing_else():
    assert set(CORRIDOR.members("WB6")) == {"AL", "BA", "ME", "MK", "RS", "XK"}
    assert CORRIDOR.members("RS") == ("RS",)
    assert not {"EUROPOL", "FRONTEX"} & set(CORRIDOR.members("EPC"))
    assert not {"TR", "CH", "RS"} & set(CORRIDOR.members("EU"))
    with pytest.raises(KeyError):
        CORRIDOR.members("XX")  # ISO 3166 gives it to no country


def test_every_authority_is_in_a_group():
    """Scenarios name authorities by groups: one in none of them is left at the default level."""
    grouped = {code for members in CORRIDOR.groups.values() for code in members}
    outside = [code for code in CORRIDOR.authority_index if code not in grouped]
    assert not outside, f"authorities.toml: name under [groups], EU or EPC: {', '.join(outside)}"
    uk = [authority.code for authority in CORRIDOR.authorities if authority.kind == "uk"]
    assert list(CORRIDOR.members("UK")) == uk


def test_only_exits_from_the_balkans_into_the_eu_are_counted():
    counted = {leg.border for leg in CORRIDOR.legs if leg.counted}
    assert counted == {"RS-HU", "RS-RO", "RS-HR", "BA-HR", "ME-HR"}
    crossing = {leg.id for leg in CORRIDOR.legs if leg.border in counted}
    assert crossing == {leg.id for leg in CORRIDOR.legs if leg.counted}


def test_every_route_has_an_entry_and_every_destination_a_place():
    assert {place.route for place in CORRIDOR.places if place.kind == "entry"} == set(ROUTES)
    assert {place.destination for place in CORRIDOR.places} == {*DESTINATIONS, ""}


@pytest.mark.parametrize("closed", ["RS-HU", "RS-RO", "RS-HR", "BA-HR"])
def test_a_closed_border_out_of_serbia_can_be_gone_around(closed):
    legs = tuple(leg for leg in CORRIDOR.legs if leg.border != closed)
    reached = reachable(onward_from(dataclasses.replace(CORRIDOR, legs=legs)), "belgrade")
    assert {"germany", "uk"} <= {PLACES[place].destination for place in reached}


def test_serbia_can_be_gone_around():
    around = {"MK-XK", "XK-ME", "ME-BA"}, {"GR-AL", "AL-ME", "ME-BA"}
    borders = {leg.border for leg in CORRIDOR.legs}
    assert all(way <= borders for way in around)
    legs = tuple(leg for leg in CORRIDOR.legs if "RS" not in (leg.authority_from, leg.authority_to))
    onward = onward_from(dataclasses.replace(CORRIDOR, legs=legs))
    assert "vienna" in reachable(onward, "thessaloniki")


def test_staff_is_some_250_units_and_hubs_analyse():
    # the fit was made with so many; an authority added since brings its own
    fitted = [CORRIDOR.authority_index[code] for code in AUTHORITIES]
    ground = [units for kind, units in CORRIDOR.staff.items() if kind != "analysis"]
    assert sum(units[fitted].sum() for units in ground) == pytest.approx(250, rel=0.2)
    for hub in ("EUROPOL", "FRONTEX"):
        assert CORRIDOR.staff["analysis"][CORRIDOR.authority_index[hub]] > 0
    assert CORRIDOR.staff["coast_patrol"].argmax() == CORRIDOR.authority_index["FR"]


def test_graph_has_an_edge_per_leg():
    graph = CORRIDOR.as_graph()
    assert graph.number_of_nodes() == len(CORRIDOR.places)
    assert {key for _, _, key in graph.edges(keys=True)} == {leg.id for leg in CORRIDOR.legs}
    assert graph.nodes["dover"]["lon"] == PLACES["dover"].longitude
    edge = graph.edges["calais", "dover", "calais>dover:boat"]
    assert CORRIDOR.legs[edge["index"]].id == "calais>dover:boat"


def test_the_tables_hold_what_the_model_relies_on():
    assert problems(CORRIDOR) == []


def test_every_authority_has_a_line_of_staff_and_its_confidence():
    rows = read_table(DATA / "staff.csv", STAFF_COLUMNS)
    chains = read_table(DATA / "supply_chains.csv", SUPPLY_COLUMNS)
    assert sorted(row.cells["authority"] for row in rows) == sorted(CORRIDOR.authority_index)
    assert {row.cells["confidence"] for row in [*rows, *chains]} <= set(CONFIDENCES)
