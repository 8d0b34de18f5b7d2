"""The shipped network."""

from __future__ import annotations

import dataclasses

import pytest

from simulation.corridor import DESTINATIONS, ROUTES, load_corridor
from simulation.corridor.network import STAFF_COLUMNS, SUPPLY_COLUMNS
from simulation.corridor.tables import DATA, read_table, read_toml
from simulation.parameters.records import CONFIDENCES
from tests.corridor.rules import onward_from, problems, reachable

CORRIDOR = load_corridor()
PLACES = {place.id: place for place in CORRIDOR.places}
COUNTRIES = "TR GR BG MK XK AL ME RS BA RO HU HR SI IT AT DE CH BE FR"
#: those that scenarios and the fit were made with; others may be added
AUTHORITIES = [*COUNTRIES.split(), "UK-CI", "UK-BI", "UK-IN", "EUROPOL", "FRONTEX"]


def test_authorities_are_those_of_the_file_in_its_order():
    codes = [record["code"] for record in read_toml(DATA / "authorities.toml")["authority"]]
    assert [authority.code for authority in CORRIDOR.authorities] == codes
    assert list(CORRIDOR.authority_index.items()) == [(code, i) for i, code in enumerate(codes)]
    assert [code for code in codes if code in AUTHORITIES] == AUTHORITIES


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


def test_both_boats_and_lorries_reach_the_uk_from_calais():
    modes = {leg.mode for leg in CORRIDOR.legs if leg.origin == "calais" and leg.stage == "channel"}
    assert modes == {"boat", "lorry"}


def test_launch_areas_are_joined_both_ways_without_a_smuggler():
    coast = {place.id for place in CORRIDOR.places if place.kind == "coast"}
    sideways = [leg for leg in CORRIDOR.legs if leg.origin in coast and leg.target in coast]
    pairs = {(leg.origin, leg.target) for leg in sideways}
    assert pairs == {(b, a) for a, b in pairs}
    assert {a for a, _ in pairs} == coast
    assert not any(leg.smuggled for leg in sideways)


def test_boats_leave_each_launch_area_once_and_fall_with_the_width_of_the_strait():
    boats = [leg for leg in CORRIDOR.legs if leg.mode == "boat" and leg.stage == "channel"]
    origins = [leg.origin for leg in boats]
    assert sorted(origins) == sorted(p.id for p in CORRIDOR.places if p.kind == "coast")
    assert min(boats, key=lambda leg: leg.distance_km).origin == "wissant"


def test_staff_is_some_250_units_and_hubs_analyse():
    # the fit was made with so many; an authority added since brings its own
    fitted = [CORRIDOR.authority_index[code] for code in AUTHORITIES]
    ground = [units for kind, units in CORRIDOR.staff.items() if kind != "analysis"]
    assert sum(units[fitted].sum() for units in ground) == pytest.approx(250, rel=0.2)
    for hub in ("EUROPOL", "FRONTEX"):
        assert CORRIDOR.staff["analysis"][CORRIDOR.authority_index[hub]] > 0
    assert CORRIDOR.staff["coast_patrol"].argmax() == CORRIDOR.authority_index["FR"]


def test_supply_chains_name_their_authorities():
    for chain in CORRIDOR.supply_chains:
        assert set(chain.authorities) == {PLACES[place].authority for place in chain.places}
        assert len(set(chain.authorities)) == len(chain.authorities)
    turkish = next(c for c in CORRIDOR.supply_chains if c.id == "turkey-serbia")
    assert turkish.authorities == ("TR", "BG", "RS", "HU", "AT", "DE", "BE", "FR")


def test_graph_has_an_edge_per_leg():
    graph = CORRIDOR.as_graph()
    assert graph.number_of_nodes() == len(CORRIDOR.places)
    assert {key for _, _, key in graph.edges(keys=True)} == {leg.id for leg in CORRIDOR.legs}
    assert graph.nodes["dover"]["lon"] == PLACES["dover"].longitude
    edge = graph.edges["calais", "dover", "calais>dover:boat"]
    assert CORRIDOR.legs[edge["index"]].id == "calais>dover:boat"


def test_the_tables_hold_what_the_model_relies_on():
    assert problems(CORRIDOR) == []


@pytest.mark.parametrize(("gone", "problem"), [
    ("podgorica>pljevlja", "pljevlja cannot be reached from any entry"),
    ("pljevlja>sarajevo", "no way leads from pljevlja to the UK"),
    ("dieppe>kent-coast:boat", "dieppe is a launch area without a boat"),
])  # fmt: skip
def test_a_place_on_no_way_is_noticed(gone, problem):
    legs = tuple(leg for leg in CORRIDOR.legs if not leg.id.startswith(gone))
    assert problem in problems(dataclasses.replace(CORRIDOR, legs=legs))


@pytest.mark.parametrize(("leg", "changed"), [
    ("presevo>nis:road", {"distance_km": 430.0}), ("calais>dover:boat", {"distance_km": 30.0}),
    ("presevo>nis:road", {"authority_to": "BA"}), ("presevo>nis:road", {"border": "RS-BA"}),
    ("presevo>nis:road", {"counted": True}), ("calais>dover:boat", {"stage": "west"}),
    ("calais>dover:boat", {"width_km": 0.0}), ("calais>dover:boat", {"duration_days": 0.5}),
    ("presevo>nis:road", {"mode": "rial"}), ("presevo>nis:road", {"target": "edirne"}),
])  # fmt: skip
def test_a_slip_in_a_leg_is_noticed(leg, changed):
    legs = tuple(
        dataclasses.replace(one, **changed) if one.id == leg else one for one in CORRIDOR.legs
    )
    assert any(leg in slip for slip in problems(dataclasses.replace(CORRIDOR, legs=legs)))


def test_every_authority_has_a_line_of_staff_and_its_confidence():
    rows = read_table(DATA / "staff.csv", STAFF_COLUMNS)
    chains = read_table(DATA / "supply_chains.csv", SUPPLY_COLUMNS)
    assert sorted(row.cells["authority"] for row in rows) == sorted(CORRIDOR.authority_index)
    assert {row.cells["confidence"] for row in [*rows, *chains]} <= set(CONFIDENCES)
