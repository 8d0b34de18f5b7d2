from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor import build_entries, load_indicators
from simulation.corridor.build_entries import registered_season
from simulation.corridor.tables import DATA

ANCHORS = {2021: 60_000, 2022: 112_000, 2023: 105_000, 2024: 57_500, 2025: 50_000}


def balkan():
    entries = load_indicators()["balkan"]
    return dict(zip(entries.months, entries.people, strict=True))


def test_the_table_is_what_the_script_writes():
    assert build_entries.build() == (DATA / "entries_monthly.csv").read_text(encoding="utf-8")


def test_years_add_up_to_their_anchors():
    people = balkan()
    for year, anchor in ANCHORS.items():
        total = sum(value for month, value in people.items() if month.startswith(str(year)))
        assert total == pytest.approx(anchor, abs=6)


def test_entries_do_not_depend_on_what_the_model_is_scored_against(folder):
    lines = (folder / "frontex_monthly.csv").read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        month, detections, *rest = line.split(",")
        if i > 0 and month >= "2021":
            changed = 99_999 - int(detections)
            rest[-1] = str(int(rest[-1]) + changed - int(detections))
            lines[i] = ",".join([month, str(changed), *rest])
    (folder / "frontex_monthly.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "channel_monthly.csv").unlink()
    assert build_entries.build(folder) == build_entries.build()


def test_entries_do_depend_on_the_eastern_mediterranean(edit):
    folder = edit("frontex_monthly.csv", "2023-09,16642,12971,", "2023-09,16642,1297,")
    assert build_entries.build(folder) != build_entries.build()


def rows_of(text):
    parts = [line.split(",", 2) for line in text.splitlines()[1:]]
    return {(route, month): rest for route, month, rest in parts}


@pytest.mark.parametrize("last", ["2024-12", "2025-06", "2025-12"])
def test_months_that_are_added_move_none_before_them(last, folder):
    """So that a run that ends before them gives the same tables as ever."""
    file = folder / "frontex_monthly.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    earlier = [line for line in lines if line[:7] <= last]
    assert len(earlier) < len(lines)
    file.write_text("\n".join([header, *earlier, ""]), encoding="utf-8")
    then, now = rows_of(build_entries.build(folder)), rows_of(build_entries.build())
    assert {key: now[key] for key in then} == then
    assert max(month for route, month in then if route == "air") == last
    whole = last if last.endswith("-12") else f"{int(last[:4]) - 1}-12"
    assert max(month for route, month in then if route == "balkan") == whole


def test_another_figure_of_the_last_year_moves_no_year_before(edit):
    folder = edit("entry_anchors.csv", "2025,2025,50000,", "2025,2025,60000,")
    then, now = rows_of(build_entries.build()), rows_of(build_entries.build(folder))
    moved = {key for key in now if now[key] != then[key]}
    assert {key[0] for key in moved} == {"balkan"}
    assert {key[1][:4] for key in moved} == {"2025"}


def test_inflow_falls_by_more_than_half_from_autumn_2023_to_the_new_year():
    people = balkan()
    autumn = people["2023-09"] + people["2023-10"]
    winter = people["2024-01"] + people["2024-02"]
    assert 0.3 < winter / autumn < 0.5
    # ... and over months, not overnight as detections did (-93 per cent).
    assert people["2023-11"] > 0.75 * people["2023-10"]


def test_no_step_where_one_year_meets_the_next():
    people = balkan()
    for year in (2021, 2022, 2023, 2024):
        ratio = people[f"{year + 1}-01"] / people[f"{year}-12"]
        assert 0.75 < ratio < 1.3


def test_season_is_not_growth(tmp_path):
    months = ["2009-12", *(f"2010-{month:02d}" for month in range(1, 13))]
    season = np.array([1.0, 2.0, *[1.0] * 11])
    people = 1000 * season * np.exp(0.05 * np.arange(13))
    lines = [f"{month},{month},{count},x" for month, count in zip(months, people, strict=True)]
    file = tmp_path / "registered.csv"
    file.write_text("\n".join(["first,last,people,source", *lines]) + "\n", encoding="utf-8")
    assert registered_season(file) == pytest.approx(season[1:] / season[1:].mean())


def test_half_as_many_come_by_the_balkans_in_winter_as_in_late_summer():
    people = balkan()
    for year in (2021, 2022, 2023):
        winter = sum(people[f"{year}-{month}"] for month in ("01", "02"))
        assert winter < 0.5 * sum(people[f"{year}-{month}"] for month in ("08", "09"))
