"""Months of a run outside the data: found from the tables, told in one line."""

from __future__ import annotations

import shutil
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor import InputRange, input_range
from simulation.corridor.tables import DATA
from simulation.scenario.horizon import BEFORE, PROJECTED, Horizon, horizon_of
from simulation.scenario.schema import Future

PATHS = get_args(Future.model_fields["path"].annotation)
COVERED = InputRange(("2020-01", "2024-12"), (2021, 2024))


def test_tables_that_grow_move_the_last_month(tmp_path):
    """No year is written in the code: with another year of tables, it is another last month."""
    shutil.copytree(DATA, tmp_path / "data")
    last = int(input_range().last[:4])
    for name in ("entries_monthly.csv", "origin_mix.csv"):
        file = tmp_path / "data" / name
        header, *lines = file.read_text(encoding="utf-8").splitlines()
        # some routes already have months of the next year
        until = [line for line in lines if line.split(",")[1][:4] <= str(last)]
        of_last = (line for line in until if line.split(",")[1].startswith(str(last)))
        more = [line.replace(f",{last}", f",{last + 1}", 1) for line in of_last]
        grown = sorted([*until, *more], key=lambda line: line.split(",")[0])
        file.write_text("\n".join([header, *grown, ""]), encoding="utf-8")
    assert input_range(tmp_path / "data").last == f"{last + 1}-12"


@pytest.mark.parametrize(
    ("start", "end", "spans", "repeated_until", "projected_from"),
    [
        (date(2021, 1, 1), date(2024, 12, 31), [], None, None),
        (date(2023, 1, 1), date(2025, 1, 1),
         [(date(2025, 1, 1), date(2025, 1, 1), PROJECTED)], None, "2025-01"),
        (date(2019, 6, 1), date(2021, 3, 1),
         [(date(2019, 6, 1), date(2020, 12, 31), BEFORE)], "2020-12", None),
    ],
)  # fmt: skip
def test_a_single_day_outside_the_data_counts(start, end, spans, repeated_until, projected_from):
    horizon = Horizon(start, end, COVERED)
    assert horizon.spans == spans
    assert (horizon.repeated_until, horizon.projected_from) == (repeated_until, projected_from)


def test_the_people_of_2020_are_known_and_not_their_origins():
    before, within = (Horizon(date(n, 6, 1), date(2021, 3, 1), COVERED).line for n in (2019, 2020))
    assert "origins" in within
    assert "months of 2020" not in within
    assert "months of 2020" in before


@given(st.dates(date(2018, 1, 1), date(2050, 12, 31)), st.integers(0, 5000), st.integers(0, 5000))
def test_spans_are_the_days_that_no_month_of_the_data_holds(start, length, asked):
    end = date.fromordinal(start.toordinal() + length)
    horizon = Horizon(start, end, COVERED)
    day = date.fromordinal(start.toordinal() + asked % (length + 1))
    within = horizon.first_observed <= day <= horizon.last_observed
    wanted = "" if within else PROJECTED if day > horizon.last_observed else BEFORE
    assert horizon.mark(day, day) == wanted
    assert bool(horizon.line) == bool(horizon.spans)
    for first, last, _ in horizon.spans:
        assert start <= first <= last <= end


def test_results_keep_the_months_of_the_tables_they_were_made_with():
    days = {"start": "2024-01-01", "end": "2026-12-31"}
    then = {**days, "observed_from": "2021-01", "observed_until": "2025-12"}
    assert horizon_of(then).projected_from == "2026-01"
    now = Horizon(date(2024, 1, 1), date(2026, 12, 31))
    assert horizon_of(days).projected_from == now.projected_from
    assert horizon_of({**days, **now.as_json()}).line == now.line


def test_each_route_is_named_with_the_month_its_data_end():
    ends = {"balkan": "2025-12", "air": "2026-06", "iberia": "2026-06"}
    covered = InputRange(
        ("2020-01", "2025-12"), (2021, 2025), {route: ("2020-01", m) for route, m in ends.items()}
    )
    line = Horizon(date(2025, 1, 1), date(2027, 1, 1), covered).line
    first, _, second = line.partition("June 2026")
    assert "December 2025" in first
    assert "Western Balkan" in first
    assert "by air, by Spain" in second
    assert "June 2026" not in Horizon(date(2025, 1, 1), date(2026, 3, 1), covered).line
