import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulation.experiments.engine.measures import (
    LEG_COUNTS,
    OUTCOME_NAMES,
    Axes,
    Measures,
    measure,
    months,
)
from simulation.outcomes import OUTCOMES, periods, summarise
from tests import synthetic


def rows_of(columns: int) -> st.SearchStrategy[np.ndarray]:
    """Arrays with that many columns, one to five rows, and any floats."""
    return arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.just(columns)),
        elements=st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True),
    )


values, on_legs = rows_of(len(OUTCOMES)), rows_of(len(LEG_COUNTS))


def bits(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array).tobytes()


@given(totals=values, by_month=values, legs=on_legs)
def test_measures_go_through_text_to_the_last_bit(totals, by_month, legs):
    before = Measures(totals, by_month, legs)
    after = Measures.from_json(json.loads(json.dumps(before.as_json())))
    for mine, theirs in zip(before, after, strict=True):
        assert mine.shape == theirs.shape
        assert bits(mine) == bits(theirs)


def test_a_view_with_gaps_goes_through_as_what_it_shows():
    array = np.arange(4.0 * len(OUTCOMES)).reshape(4, -1)
    legs = np.arange(4.0 * len(LEG_COUNTS)).reshape(-1, 4).T
    before = Measures(array[::2], array[:, ::-1], legs)
    after = Measures.from_json(before.as_json())
    for mine, theirs in zip(before, after, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_measures_of_a_run_are_its_sums(small):
    record = synthetic.simulate(small, seed=3)
    found = measure(record)
    assert found.totals.shape == (len(periods(record.start, record.end)), len(OUTCOMES))
    assert found.months.shape == (2, len(OUTCOMES))
    column = OUTCOME_NAMES.index("channel_arrivals")
    arrivals = record.daily["channel_arrivals"]
    assert found.totals[0, column] == arrivals.sum()
    assert found.months[:, column].tolist() == [arrivals[:31].sum(), arrivals[31:].sum()]
    assert found.totals[0].tolist() == pytest.approx(
        list(summarise(record, record.start, record.end).values()), nan_ok=True
    )
    for column, name in enumerate(LEG_COUNTS):
        assert found.legs[:, column].tolist() == getattr(record, f"leg_{name}").sum(0).tolist()


def test_an_outcome_without_a_value_stays_without_one(small):
    record = synthetic.simulate(small, seed=3)
    nothing = np.full(len(record.dates), np.nan)
    record = replace(record, daily={**record.daily, "seat_price_eur": nothing})
    found = Measures.from_json(measure(record).as_json())
    assert np.isnan(found.totals[:, OUTCOME_NAMES.index("seat_price_eur")]).all()
    assert not np.isnan(found.totals[:, OUTCOME_NAMES.index("channel_arrivals")]).any()


def test_months_are_clipped_to_the_run():
    found = months(date(2023, 11, 20), date(2024, 2, 3))
    assert list(found) == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert found["2023-11"] == (date(2023, 11, 20), date(2023, 11, 30))
    assert found["2023-12"] == (date(2023, 12, 1), date(2023, 12, 31))
    assert found["2024-02"] == (date(2024, 2, 1), date(2024, 2, 3))


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 1200))
def test_months_hold_every_day_once(start, days):
    end = date.fromordinal(start.toordinal() + days)
    spans = list(months(start, end).values())
    assert spans[0][0] == start
    assert spans[-1][1] == end
    assert sum((last - first).days + 1 for first, last in spans) == days + 1
    assert all(a[1].toordinal() + 1 == b[0].toordinal() for a, b in pairwise(spans))


def test_axes_name_the_rows():
    axes = Axes(date(2023, 1, 1), date(2024, 1, 31), ("a", "b"))
    assert axes.periods[0] == "run"
    assert (axes.months[0], axes.months[-1], len(axes.months)) == ("2023-01", "2024-01", 13)
