import math

import numpy as np
import pytest

from simulation.report.data import Monthly
from simulation.report.drawing import band, band_words, safe
from simulation.report.maps import bend, width_class
from simulation.report.run_charts import distance_words, observed_on, weekly


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
    found_dates, found = weekly(dates, values)
    assert str(found_dates[1]) == "2023-01-08"
    assert found[0, 0] == pytest.approx((0 + 2 + 3 + 4 + 5 + 6) / 6)
    assert found[0, 1] == 10


def test_a_short_run_stays_daily():
    dates = np.datetime64("2023-01-01", "D") + np.arange(20)
    assert weekly(dates, np.zeros((1, 20)))[1].shape == (1, 20)


def test_a_band_leaves_out_what_is_missing():
    values = np.array([[0.0, np.nan, 1.0], [10.0, np.nan, np.nan]] * 2)
    mean, low, high = band(values)
    np.testing.assert_allclose(mean, [5, np.nan, 1])
    np.testing.assert_allclose(low, [0, np.nan, 1])
    np.testing.assert_allclose(high, [10, np.nan, 1])


def test_too_few_runs_have_no_band():
    mean, low, high = band(np.array([[0.0], [10.0], [2.0]]))
    assert mean == [4.0]
    assert np.isnan([low, high]).all()
    assert "too few for a band" in band_words(3)


def test_legs_bend_to_the_right_of_their_way():
    xs, ys = bend(0, 0, 0, 1)  # northwards: the right is east
    assert (xs[0], ys[0], xs[-1], ys[-1]) == (0, 0, 0, 1)
    assert max(xs) > 0.05
    assert min(bend(0, 1, 0, 0)[0]) < -0.05


def test_wider_lines_stand_for_more_people():
    widths = [width_class(people, 1000) for people in (0, 1, 4, 20, 70, 300, 1000)]
    assert widths == sorted(widths)
    assert widths[-1] == 4
    assert width_class(0, 0) == 0
    assert math.isclose(width_class(1000 / 4, 1000), 3)


def test_text_in_figures_cannot_be_markup():
    assert safe("<a href='x'>") == "&lt;a href='x'&gt;"


def test_the_distance_from_the_observed_leaves_out_what_was_not():
    words = distance_words(np.array([10.0, 20.0, 5.0]), np.array([20.0, 20.0, np.nan]))
    assert words == (
        "On average a month of the model is 5 off what was observed (25% of the observed mean)."
    )
    assert "%" not in distance_words(np.array([10.0]), np.array([0.0]))
