from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from simulation.corridor import DESTINATIONS, ROUTES, load_corridor
from simulation.corridor.network import country, great_circle_km, onward_from, reachable
from simulation.corridor.tables import DATA, read_toml

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


def test_indices_point_at_what_they_name():
    assert all(CORRIDOR.places[i].id == name for name, i in CORRIDOR.place_index.items())
    assert all(CORRIDOR.legs[i].id == name for name, i in CORRIDOR.leg_index.items())
    assert len(CORRIDOR.place_index) == len(CORRIDOR.places)
    assert len(CORRIDOR.leg_index) == len(CORRIDOR.legs)


def test_members_of_groups_authorities_and_nothing_else():
    assert CORRIDOR.members("UK") == ("UK-CI", "UK-BI", "UK-IN")
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


@pytest.mark.parametrize("entry", [p.id for p in CORRIDOR.places if p.route == "balkan"])
def test_every_destination_is_open_from_a_balkan_entry(entry):
    there = {PLACES[place].destination for place in reachable(onward_from(CORRIDOR), entry)}
    assert set(DESTINATIONS) <= there


def test_every_route_has_an_entry_that_leads_to_dover():
    entries = {place.route: place.id for place in CORRIDOR.places if place.kind == "entry"}
    assert set(entries) == set(ROUTES)
    assert all("dover" in reachable(onward_from(CORRIDOR), entry) for entry in entries.values())


@pytest.mark.parametrize("closed", ["RS-HU", "RS-RO", "RS-HR", "BA-HR"])
def test_a_closed_border_out_of_serbia_can_be_gone_around(closed):
    legs = tuple(leg for leg in CORRIDOR.legs if leg.border != closed)
    there = reachable(onward_from(dataclasses.replace(CORRIDOR, legs=legs)), "belgrade")
    assert {"germany", "uk"} <= {PLACES[place].destination for place in there}


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


def test_great_circle_of_a_known_distance():
    # Belgrade to Vienna is about 490 km by air, Calais to Dover 42 to 44.
    assert great_circle_km(PLACES["belgrade"], PLACES["vienna"]) == pytest.approx(490, rel=0.02)
    assert great_circle_km(PLACES["calais"], PLACES["dover"]) == pytest.approx(43, rel=0.03)


def test_country_of_an_authority():
    assert country("UK-BI") == "UK"
    assert country("RS") == "RS"


def test_staff_is_some_250_units_and_hubs_have_none_on_the_ground():
    # the fit was made with so many; an authority added since brings its own
    fitted = [CORRIDOR.authority_index[code] for code in AUTHORITIES]
    ground = [units for kind, units in CORRIDOR.staff.items() if kind != "analysis"]
    assert sum(units[fitted].sum() for units in ground) == pytest.approx(250, rel=0.2)
    for hub in ("EUROPOL", "FRONTEX"):
        position = CORRIDOR.authority_index[hub]
        on_ground = [v[position] for kind, v in CORRIDOR.staff.items() if kind != "analysis"]
        assert on_ground == [0, 0, 0, 0]
        assert CORRIDOR.staff["analysis"][position] > 0
    assert CORRIDOR.staff["coast_patrol"].argmax() == CORRIDOR.authority_index["FR"]


def test_arrays_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        CORRIDOR.staff["analysis"][0] = 1.0


def test_supply_chains_end_at_the_coast_and_name_their_authorities():
    assert sum(chain.share for chain in CORRIDOR.supply_chains) == pytest.approx(1)
    for chain in CORRIDOR.supply_chains:
        assert PLACES[chain.places[-1]].kind == "coast"
        assert set(chain.authorities) == {PLACES[place].authority for place in chain.places}
        assert len(set(chain.authorities)) == len(chain.authorities)
    turkish = next(c for c in CORRIDOR.supply_chains if c.id == "turkey-serbia")
    assert turkish.authorities == ("TR", "BG", "RS", "HU", "AT", "DE", "BE", "FR")


def test_graph_has_an_edge_per_leg():
    graph = CORRIDOR.as_graph()
    assert graph.number_of_nodes() == len(CORRIDOR.places)
    assert {key for _, _, key in graph.edges(keys=True)} == set(CORRIDOR.leg_index)
    assert graph.nodes["dover"]["lon"] == PLACES["dover"].longitude
    edge = graph.edges["calais", "dover", "calais>dover:boat"]
    assert CORRIDOR.legs[edge["index"]].id == "calais>dover:boat"


def test_loading_imports_neither_pandas_nor_networkx():
    code = (
        "import sys; from simulation.corridor import *; load_corridor(); load_observed();"
        "print([m for m in ('pandas', 'networkx') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_loading_twice_gives_the_same():
    again = load_corridor()
    assert again.legs == CORRIDOR.legs
    assert all(np.array_equal(again.staff[k], CORRIDOR.staff[k]) for k in again.staff)
