"""What a forecast is scored on, and what was known before it."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.validation.series import SCORED, Series, load_series, months_of

SERIES = {one.name: one for one in load_series()}


def test_every_series_of_the_back_test_is_there() -> None:
    assert tuple(SERIES) == SCORED
    for name in ("channel_arrivals", "channel_boats", "wb_detections"):
        one = SERIES[name]
        assert one.kind == "count"
        assert one.of_year(2024).sum() == one.total(2024)


def test_detections_go_back_further_than_boats() -> None:
    assert min(SERIES["wb_detections"].months) == "2009-01"
    assert min(SERIES["channel_arrivals"].months) == "2018-01"


def test_the_share_prevented_is_known_by_month_only_since_may_2024() -> None:
    one = SERIES["prevented_share"]
    months = one.of_year(2024)
    assert np.isnan(months[:4]).all()
    assert np.isfinite(months[4:]).all()
    # 21,317 prevented against 29,649 arrived in the weeks of the series
    assert months[4:].mean() == pytest.approx(21317 / (21317 + 29649), abs=0.02)
    assert one.total(2022) == 0.425
    assert "2024-05" in one.months
    assert "May 2024" in one.note


def test_deaths_are_known_by_year_only() -> None:
    one = SERIES["channel_deaths"]
    assert not one.months
    assert np.isnan(one.of_year(2024)).all()
    assert [one.total(year) for year in (2021, 2022, 2023, 2024)] == [39, 7, 16, 80]


def test_nothing_later_is_left_in_what_was_known_before() -> None:
    for one in SERIES.values():
        known = one.before(2024)
        assert not [name for name in known.months if name >= "2024"]
        assert all(year < 2024 for year in known.years)
        assert np.isnan(known.of_year(2024)).all()
        assert np.isnan(known.total(2024))
        assert known.of_year(2023).tolist() == pytest.approx(one.of_year(2023), nan_ok=True)


def test_the_unbroken_run_ends_with_the_series() -> None:
    months = {"2020-01": 9.0, **dict.fromkeys(months_of(2021), 1.0), "2022-01": 2.0}
    one = Series("x", "X", "people", "count", 0, "", months, {})
    assert one.unbroken().tolist() == [1.0] * 12 + [2.0]
    months = list(SERIES["people_per_boat"].months)
    since = months[months.index("2018-08") :]  # no boat came in July 2018
    assert len(SERIES["people_per_boat"].unbroken()) == len(since)
    assert len(SERIES["channel_arrivals"].unbroken()) == len(SERIES["channel_arrivals"].months)
