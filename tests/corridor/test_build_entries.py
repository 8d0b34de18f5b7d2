from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulation.corridor import build_entries, load_indicators
from simulation.corridor.build_entries import mean_season, spread_years, trailing_mean
from simulation.corridor.tables import DATA

Edit = Callable[[str, str, str], Path]
ANCHORS = {2021: 60_000, 2022: 112_000, 2023: 105_000, 2024: 57_500}


def balkan() -> dict[str, float]:
    entries = load_indicators()
    return dict(zip(entries.months, entries.people["balkan"], strict=True))


def test_the_table_is_what_the_script_writes() -> None:
    assert build_entries.build() == (DATA / "entries_monthly.csv").read_text(encoding="utf-8")


def test_years_add_up_to_their_anchors() -> None:
    people = balkan()
    for year, anchor in ANCHORS.items():
        total = sum(value for month, value in people.items() if month.startswith(str(year)))
        assert total == pytest.approx(anchor, abs=6)


def test_entries_do_not_depend_on_what_the_model_is_scored_against(edit: Edit) -> None:
    folder = edit("entry_anchors.csv", "year,people", "year,people")
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


def test_entries_do_depend_on_the_eastern_mediterranean(edit: Edit) -> None:
    folder = edit("frontex_monthly.csv", "2023-09,16642,12971,", "2023-09,16642,1297,")
    assert build_entries.build(folder) != build_entries.build()


def test_inflow_falls_by_about_half_from_autumn_2023_to_the_new_year() -> None:
    people = balkan()
    autumn = people["2023-09"] + people["2023-10"]
    winter = people["2024-01"] + people["2024-02"]
    assert 0.4 < winter / autumn < 0.6
    # ... and over months, not overnight as detections did (-93 per cent).
    assert people["2023-11"] > 0.75 * people["2023-10"]


def test_no_step_where_one_year_meets_the_next() -> None:
    people = balkan()
    for year in (2021, 2022, 2023):
        ratio = people[f"{year + 1}-01"] / people[f"{year}-12"]
        assert 0.75 < ratio < 1.3


def test_spread_years_keeps_the_shape_when_totals_follow_it() -> None:
    shape = np.linspace(1, 3, 24)
    totals = 5 * shape.reshape(2, 12).sum(axis=1)
    assert spread_years(totals, shape) == pytest.approx(5 * shape)


def test_spread_years_meets_the_totals_and_is_smooth() -> None:
    spread = spread_years(np.array([120.0, 240.0]), np.ones(24))
    assert spread.reshape(2, 12).sum(axis=1) == pytest.approx([120, 240])
    assert (np.diff(spread) >= -1e-9).all()
    assert np.diff(spread).max() < 2  # a plain split would jump by 10


def test_season_is_not_growth() -> None:
    months = [f"{year}-{month:02d}" for year in range(2010, 2014) for month in range(1, 13)]
    growth = np.exp(0.03 * np.arange(48))
    season = np.tile([2.0, *[1.0] * 11], 4)
    found = mean_season(months, growth * season, (2011, 2012))
    assert found.mean() == pytest.approx(1)
    assert found[0] / found[1:].mean() == pytest.approx(2, rel=0.1)
    assert found[11] / found[1] == pytest.approx(1, rel=0.1)


def test_trailing_mean_looks_back_only() -> None:
    mean = trailing_mean(np.array([1.0, 3.0, 5.0, 100.0]), 2)
    assert np.isnan(mean[0])
    assert mean[1:] == pytest.approx([2, 4, 52.5])
