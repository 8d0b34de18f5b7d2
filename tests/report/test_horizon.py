"""How charts and tables of a page mark the months outside the data."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.corridor import InputRange
from simulation.report.drawing import PlotFigure, month_columns, shade
from simulation.scenario.horizon import horizon

COVERED = InputRange(("2020-01", "2024-12"), (2021, 2024))
MONTHS = ["2020-12", "2021-01", "2024-12", "2025-01"]


def found(start, end):
    return horizon(start, end, COVERED)


@pytest.mark.parametrize(
    ("start", "end", "columns"),
    [
        (date(2021, 1, 1), date(2024, 12, 31), {}),
        (date(2021, 1, 1), date(2025, 2, 1), {"projected": "false false false true"}),
        (date(2020, 6, 1), date(2025, 2, 1), {
            "before_data": "true false false false", "projected": "false false false true",
        }),
    ],
)  # fmt: skip
def test_a_table_says_of_each_month_whether_it_is_projected(start, end, columns):
    marks = month_columns(found(start, end), MONTHS)
    assert marks == {name: values.split() for name, values in columns.items()}


def test_a_chart_is_shaded_and_labelled():
    made = PlotFigure({})
    told = shade(made, found(date(2020, 6, 1), date(2025, 2, 1)), by_month=False)
    labels = [note["text"] for note in made.layout["annotations"]]
    assert labels == ["before the data", "projected"]
    assert [shape["x0"] for shape in made.layout["shapes"]] == ["2020-06-01", "2025-01-01"]
    assert all(label in told for label in labels)
    assert shade(PlotFigure({}), found(date(2022, 1, 1), date(2023, 1, 1)), by_month=False) == ""


def test_a_heading_says_that_its_days_are_projected():
    run = found(date(2024, 1, 1), date(2025, 12, 31))
    assert run.marked("2024", date(2024, 1, 1), date(2024, 12, 31)) == "2024"
    assert run.marked("2025", date(2025, 1, 1), date(2025, 12, 31)) == "2025 (projected)"
