"""The shipped network, and slips of the pen in its tables."""

from __future__ import annotations

import dataclasses
import re

import pytest

from simulation.corridor import DESTINATIONS, ROUTES, load_corridor
from simulation.corridor.network import great_circle_km, onward_from, reachable
from simulation.corridor.tables import DATA, read_toml
from simulation.errors import InputError

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
    assert len(CORRIDOR.place_index) == len(CORRIDOR.places)


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


def test_every_route_has_an_entry_and_every_destination_a_place():
    assert {place.route for place in CORRIDOR.places if place.kind == "entry"} == set(ROUTES)
    assert {place.destination for place in CORRIDOR.places} == {*DESTINATIONS, ""}


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


BROKEN = {
    "unknown authority of a place": ("places.csv", "nis,Nis,RS,", "nis,Nis,RZ,",
     ["places.csv", "authority", '"RZ"', "RS"]),
    "a hub has no ground": ("places.csv", "nis,Nis,RS,", "nis,Nis,EUROPOL,",
     ["authority", '"EUROPOL"']),
    "unknown kind of place": ("places.csv", "nis,Nis,RS,transit", "nis,Nis,RS,transitt",
     ["kind", '"transitt"', 'did you mean "transit"?']),
    "place twice": ("places.csv", "nis,Nis,", "presevo,Nis,", ["id", "already given on line"]),
    "unknown route": ("places.csv", ",balkan,\nlampedusa", ",balkans,\nlampedusa",
     ['did you mean "balkan"?']),
    "entry without route": ("places.csv", "35.50,central_med,", "35.50,,", ["route", "needs"]),
    "route without entry": ("places.csv", "21.90,43.32,,", "21.90,43.32,air,", ["only an entry"]),
    "second entry of a route": ("places.csv", "35.50,central_med,\n",
     "35.50,central_med,\nnew-entry,New,IT,entry,14.51,35.90,central_med,\n",
     ['route = "central_med": already entered at lampedusa on line', "more only for balkan"]),
    "unknown destination": ("places.csv", "2.35,48.86,,france", "2.35,48.86,,frence",
     ['did you mean "france"?']),
    "landing outside the UK": ("places.csv", "1.31,51.13,,uk", "1.31,51.13,,", ["destination"]),
    "longitude out of range": ("places.csv", "21.90,43.32", "219.0,43.32", ["-180 to 180"]),
    "not a number": ("places.csv", "21.90,43.32", "21.90,43.3x", ["latitude", "not a number"]),
    "nan is no number": ("places.csv", "21.90,43.32", "21.90,nan", ["latitude", "out of range"]),
    "unknown place of a leg": ("legs.csv", "presevo>nis:road,presevo,nis,",
     "presevo>nis:road,presevo,niss,",
     ["legs.csv", "line", ": to", '"niss"', "unknown place", 'did you mean "nis"?']),
    "leg twice": ("legs.csv", "nis>belgrade:rail", "nis>belgrade:road", ["already given"]),
    "id does not match": ("legs.csv", "presevo>nis:road", "presevo-nis", ["presevo>nis:road"]),
    "unknown mode": ("legs.csv", "lille>dunkirk:rail,lille,dunkirk,80,rail",
     "lille>dunkirk:rail,lille,dunkirk,80,rial", ['did you mean "rail"?']),
    "no authority": ("legs.csv", "130,road,,RS,RS,", "130,road,,RS,,", ["authority_to", "missing"]),
    "authority of another place": ("legs.csv", "130,road,,RS,RS,", "130,road,,RS,BA,",
     ["authority_to", "allowed: RS"]),
    "border of other countries": ("legs.csv", "27,foot,MK-RS", "27,foot,MK-XK",
     ["border", "allowed: MK-RS"]),
    "border without a crossing": ("legs.csv", "130,road,,RS,RS,", "130,road,RS-BA,RS,RS,",
     ["border"]),
    "border left out": ("legs.csv", "27,foot,MK-RS", "27,foot,", ["border", "allowed: MK-RS"]),
    "shorter than the great circle": ("legs.csv", "calais,dover,45,boat", "calais,dover,30,boat",
     ["distance_km", "great circle"]),
    "far longer than the great circle": ("legs.csv", "presevo,nis,130", "presevo,nis,430",
     ["distance_km", '"430"', "allowed: 1"]),
    "negative length": ("legs.csv", "presevo,nis,130", "presevo,nis,-130", ["0 or more"]),
    "no width": ("legs.csv", "FR,UK-BI,60,1", "FR,UK-BI,0,1", ["width_km", "more than 0"]),
    "less than a day": ("legs.csv", "FR,UK-BI,60,1", "FR,UK-BI,60,0.5", ["duration_days"]),
    "unknown stage": ("legs.csv", "RS-HU,RS,HU,175,2,exit", "RS-HU,RS,HU,175,2,exot",
     ['did you mean "exit"?']),
    "channel stage": ("legs.csv", "FR,UK-BI,60,1,channel", "FR,UK-BI,60,1,west",
     ["stage", "channel"]),
    "neither true nor false": ("legs.csv", "RS-HU,RS,HU,175,2,exit,true",
     "RS-HU,RS,HU,175,2,exit,yes", ["counted", '"yes"', "true, false"]),
    "counted inside a country": ("legs.csv", "130,road,,RS,RS,30,1,centre,false",
     "130,road,,RS,RS,30,1,centre,true", ["counted"]),
    "unknown column": ("legs.csv", "width_km", "widht_km", ['did you mean "width_km"?']),
    "missing column": ("legs.csv", ",smuggled\n", "\n", ["columns missing"]),
    "a cell too many": ("legs.csv", "presevo,nis,130", "presevo,nis,13,0", ["14 cells", "13"]),
    "an authority without staff": ("staff.csv", "CH,1,2", "AT,1,2", ["already given"]),
    "negative staff": ("staff.csv", "CH,1,2", "CH,1,-2", ["checkpoint", "0 or more"]),
    "staff of a hub": ("staff.csv", "FRONTEX,0,", "FRONTEX,3,", ["border_patrol", "hub"]),
    "unknown confidence": ("staff.csv", 'Basel",assumption', 'Basel",asumption',
     ['did you mean "assumption"?']),
    "chain shares": ("supply_chains.csv", "stores,Stores in Germany to the coast,0.3,",
     "stores,Stores in Germany to the coast,0.4,", ["sum to 1", "1.1"]),
    "chain through nowhere": ("supply_chains.csv", "vidin timisoara", "vidim timisoara",
     ["vidim", 'did you mean "vidin"?']),
    "chain that ends inland": ("supply_chains.csv", "zeebrugge de-panne dunkirk",
     "zeebrugge de-panne lille", ["launch area"]),
    "unknown member of a group": ("authorities.toml", 'WB6 = ["AL", ', 'WB6 = ["AX", ',
     ["groups.WB6", '"AX"', "unknown authority"]),
    "unknown kind of authority": ("authorities.toml", 'name = "Turkey", kind = "country"',
     'name = "Turkey", kind = "contry"', ['did you mean "country"?']),
    "authority twice": ("authorities.toml", 'code = "XK"', 'code = "MK"', ["given twice"]),
    "not TOML": ("authorities.toml", "[groups]", "[groups", ["not a TOML file"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_slip_of_the_pen_is_an_error_that_names_it(case, edit):
    file, old, new, words = BROKEN[case]
    folder = edit(file, old, new)
    with pytest.raises(InputError) as caught:
        load_corridor(folder)
    text = str(caught.value)
    assert file in text
    assert "\n" not in text
    assert all(word in text for word in words), text


@pytest.mark.parametrize(("gone", "message"), [
    ("podgorica>pljevlja", "cannot be reached from any entry"),
    ("pljevlja>sarajevo", "no way leads from it to the UK"),
])  # fmt: skip
def test_a_place_on_no_way_is_refused(gone, message, drop):
    with pytest.raises(InputError, match=message):
        load_corridor(drop("legs.csv", gone))


def test_a_launch_area_without_a_boat_is_refused(edit):
    old = "dieppe>kent-coast:boat,dieppe,kent-coast,120,boat"
    folder = edit("legs.csv", old, old.replace("boat", "ferry"))
    with pytest.raises(InputError, match=r'places\.csv.*"dieppe": a launch area without a boat'):
        load_corridor(folder)


def test_an_unreachable_destination_is_refused(edit):
    # Italy is no destination any more, and none is missed
    load_corridor(edit("places.csv", "9.19,45.46,,italy", "9.19,45.46,,"))
    folder = edit("places.csv", "12.60,35.50,central_med,", "12.60,35.50,central_med,italy")
    with pytest.raises(InputError, match="no way leads from it to italy"):
        load_corridor(folder)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=re.escape("authorities.toml: file not found")):
        load_corridor(tmp_path)
