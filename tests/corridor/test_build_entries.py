from __future__ import annotations

import pytest

from simulation.corridor import build_entries, load_indicators
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


def test_no_step_where_one_year_meets_the_next():
    people = balkan()
    for year in (2021, 2022, 2023, 2024):
        ratio = people[f"{year + 1}-01"] / people[f"{year}-12"]
        assert 0.75 < ratio < 1.3
