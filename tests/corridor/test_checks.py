from __future__ import annotations

import re

import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError

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
    for word in words:
        assert word in text, text


def test_an_error_names_the_line(edit):
    folder = edit("places.csv", "nis,Nis,RS,transit", "nis,Nis,RS,transitt")
    lines = (folder / "places.csv").read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines, 1) if line.startswith("nis,"))
    with pytest.raises(InputError, match=f"line {number}: kind"):
        load_corridor(folder)


def test_a_second_entry_of_a_route_is_refused(edit):
    lampedusa = "lampedusa,Lampedusa,IT,entry,12.60,35.50,central_med,\n"
    folder = edit(
        "places.csv", lampedusa, lampedusa + "new-entry,New,IT,entry,14.51,35.90,central_med,\n"
    )
    lines = (folder / "places.csv").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines, 1) if line.startswith("lampedusa,"))
    with pytest.raises(InputError) as caught:
        load_corridor(folder)
    assert str(caught.value) == (
        f'{folder / "places.csv"}: line {first + 1}: route = "central_med": already entered at '
        f"lampedusa on line {first}; allowed: one entry a route, more only for balkan"
    )


def test_a_place_nobody_can_reach_is_refused(edit):
    folder = edit("legs.csv", "podgorica>pljevlja:road", "podgorica>pljevlja:road")
    text = (folder / "legs.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("podgorica>pljevlja")]
    (folder / "legs.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be reached from any entry"):
        load_corridor(folder)


def test_a_dead_end_is_refused(edit):
    folder = edit("legs.csv", "pljevlja>sarajevo:foot", "pljevlja>sarajevo:foot")
    text = (folder / "legs.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("pljevlja>sarajevo")]
    (folder / "legs.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="no way leads from it to the UK"):
        load_corridor(folder)


def test_a_launch_area_without_a_boat_is_refused(edit):
    old = "dieppe>kent-coast:boat,dieppe,kent-coast,120,boat"
    folder = edit("legs.csv", old, old.replace("boat", "ferry"))
    with pytest.raises(InputError, match=r'places\.csv.*"dieppe": a launch area without a boat'):
        load_corridor(folder)


def test_an_unreachable_destination_is_refused(edit):
    folder = edit("places.csv", "9.19,45.46,,italy", "9.19,45.46,,")
    load_corridor(folder)  # Italy is no destination any more, and none is missed
    text = (folder / "places.csv").read_text(encoding="utf-8")
    text = text.replace("12.60,35.50,central_med,", "12.60,35.50,central_med,italy")
    (folder / "places.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no way leads from it to italy"):
        load_corridor(folder)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=re.escape("authorities.toml: file not found")):
        load_corridor(tmp_path)
