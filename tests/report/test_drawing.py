import itertools
import json
import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor import InputRange
from simulation.report.data import Monthly
from simulation.report.drawing import (
    PlotFigure,
    add_line,
    band,
    band_words,
    month_columns,
    plain,
    shade,
)
from simulation.report.maps import MapWindow, bend, named, width_class
from simulation.report.run_charts import observed_on, weekly
from simulation.scenario.horizon import Horizon

COVERED = InputRange(("2020-01", "2024-12"), (2021, 2024))
MONTHS = ["2020-12", "2021-01", "2024-12", "2025-01"]


def horizon(start, end):
    return Horizon(start, end, COVERED)


def test_what_is_no_number_becomes_null():
    plot = PlotFigure({})
    plot.scatter(
        np.array(["2023-01-01"], dtype="datetime64[D]"),
        np.array([np.nan]),
        text=(float("inf"), np.float64(2.5), "ä"),
    )
    assert plain({"x": [date(2023, 1, 2)]}) == {"x": ["2023-01-02"]}
    (trace,) = json.loads(plot.to_json())["data"]
    shown = [trace[key] for key in ("x", "y", "text")]
    assert shown == [["2023-01-01"], [None], [None, 2.5, "ä"]]
    assert plain(np.array([[1, 2]])) == [[1, 2]]


# -- months outside the data ----------------------------------------------------------------------


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
    marks = month_columns(horizon(start, end), MONTHS)
    assert marks == {name: values.split() for name, values in columns.items()}


def test_a_chart_is_shaded_and_labelled():
    plot = PlotFigure({})
    sentence = shade(plot, horizon(date(2020, 6, 1), date(2025, 2, 1)), by_month=False)
    labels = [note["text"] for note in plot.layout["annotations"]]
    assert labels == ["before the data", "projected"]
    assert [shape["x0"] for shape in plot.layout["shapes"]] == ["2020-06-01", "2025-01-01"]
    assert all(label in sentence for label in labels)
    assert shade(PlotFigure({}), horizon(date(2022, 1, 1), date(2023, 1, 1)), by_month=False) == ""


def test_a_chart_that_is_projected_as_a_whole_says_so_and_has_no_shade():
    plot = PlotFigure({})
    note = shade(plot, horizon(date(2026, 7, 1), date(2028, 12, 31)), by_month=False)
    assert [one["text"] for one in plot.layout["annotations"]] == ["projected"]
    assert not plot.layout.get("shapes")
    assert "grey" not in note
    assert "projected" in note


# -- what charts show ------------------------------------------------------------------------------


class Observed:
    def monthly(self, name):
        return {"known": (["2023-01", "2023-03"], np.array([5.0, 7.0]))}[name]


@pytest.fixture
def months() -> Monthly:
    return Monthly(
        np.array(["2023-01", "2023-02", "2023-03"], dtype="datetime64[M]"),
        np.zeros((1, 3)),
        np.array([True, True, False]),
    )


def test_observed_values_stand_on_their_months_and_not_on_a_part_of_one(months):
    np.testing.assert_array_equal(observed_on(Observed(), "known", months), [5, np.nan, np.nan])
    assert observed_on(Observed(), "unknown", months) is None


def test_a_part_of_a_month_is_not_drawn_as_a_fall(months):
    np.testing.assert_array_equal(months.drawn, [[0, 0, np.nan]])
    only = Monthly(months.months[:1], np.ones((1, 1)), np.array([False]))
    np.testing.assert_array_equal(only.drawn, [[1]])


def test_weeks_are_means_of_their_days():
    dates = np.datetime64("2023-01-01", "D") + np.arange(70)
    values = np.arange(70.0)[np.newaxis, :]
    values[0, 1] = np.nan
    weeks, means = weekly(dates, values)
    assert str(weeks[1]) == "2023-01-08"
    assert means[0, 0] == pytest.approx((0 + 2 + 3 + 4 + 5 + 6) / 6)
    assert means[0, 1] == 10
    # a short run stays daily
    assert weekly(dates[:20], values[:, :20])[1].shape == (1, 20)


def test_a_band_leaves_out_what_is_missing():
    mean, low, high = band(np.array([[0.0, np.nan, 1.0], [10.0, np.nan, np.nan]] * 2))
    np.testing.assert_allclose(mean, [5, np.nan, 1])
    np.testing.assert_allclose(low, [0, np.nan, 1])
    np.testing.assert_allclose(high, [10, np.nan, 1])


def line_of(values: list[list[float]]) -> PlotFigure:
    plot = PlotFigure({})
    add_line(plot, ["2023-01", "2023-02"], np.array(values), name="model", colour="#0072b2")
    return plot


FEW = [[0.0, 1.0], [9.0, 2.0], [4.0, 5.0]]


def test_too_few_runs_have_no_band():
    median, low, high = band(np.array(FEW))
    assert median.tolist() == [4.0, 2.0]
    assert np.isnan([low, high]).all()
    assert len(line_of(FEW).data) == 1
    assert "too few for a band" in band_words(3)


def test_a_band_is_filled_from_the_lowest_to_the_highest():
    upper, lower, _ = line_of([*FEW, [3.0, 1.5]]).data
    np.testing.assert_array_equal([upper["y"], lower["y"]], [[9.0, 5.0], [0.0, 1.0]])
    assert (upper["fill"], lower["fill"], lower["legendgroup"]) == (None, "tonexty", "model")


def test_names_are_written_of_the_fullest_places_and_not_of_their_neighbours(real_corridor):
    places = real_corridor.places
    window = MapWindow(-6, 32, 34, 56)
    present = {place.id: float(number) for number, place in enumerate(places)}
    chosen = named(places, present, window, columns=3, rows=10)
    assert chosen[0] is places[-1]
    assert [present[place.id] for place in chosen] == sorted(
        (present[place.id] for place in chosen), reverse=True
    )
    for one, other in itertools.combinations(chosen, 2):
        apart = abs(one.longitude - other.longitude), abs(one.latitude - other.latitude)
        assert apart[0] > 38 / 3 or apart[1] > 22 / 10
    fullest = named(places, present, window, columns=3, rows=10, first=[places[0]])
    assert fullest[0] is places[0]


@given(ends=st.lists(st.floats(-40, 40), min_size=4, max_size=4))
def test_a_bent_leg_goes_from_its_place_to_the_other_by_the_middle_between_them(ends):
    x0, y0, x1, y1 = ends
    xs, ys = bend(x0, y0, x1, y1)
    assert (xs[0], ys[0], xs[-1], ys[-1]) == pytest.approx((x0, y0, x1, y1), abs=1e-3)
    # half-way it lies beside the middle, by 6% of the way and at a right angle to it
    aside = 0.06 * (y1 - y0), -0.06 * (x1 - x0)
    assert (xs[4], ys[4]) == pytest.approx(
        ((x0 + x1) / 2 + aside[0], (y0 + y1) / 2 + aside[1]), abs=1e-3
    )


def test_wider_lines_stand_for_more_people():
    widths = [width_class(people, 1000) for people in (0, 1, 4, 20, 70, 300, 1000)]
    assert widths == sorted(widths)
    assert widths[-1] == 4
    assert width_class(0, 0) == 0
    assert math.isclose(width_class(1000 / 4, 1000), 3)
