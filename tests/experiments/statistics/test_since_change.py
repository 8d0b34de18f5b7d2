"""Differences by year since the first change: from which day, over which months, of what."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.experiments.engine.measures import OUTCOME_NAMES, measure, months
from simulation.experiments.statistics.since_change import (
    days_of_months,
    first_change,
    totals_of_years,
    windows,
    years_since,
)
from simulation.outcomes import OUTCOMES, summarise
from simulation.scenario import load_scenario
from tests import synthetic

BASE = load_scenario("baseline")
DAYS = (BASE.run.end - BASE.run.start).days + 1
SHARE = {"between": ["UK", "RS"], "level": "full"}
WAVE = {"origins": ["albania"], "route": "air", "people_per_year": 9000.0}
SHOCK = {"on": date(2024, 2, 9), "size": 2.0}


@pytest.mark.parametrize(
    ("keys", "day"),
    [
        ({"sharing": [{**SHARE, "from": date(2023, 5, 17)}]}, date(2023, 5, 17)),
        # a ramp is nothing on its first day
        ({"sharing": [{**SHARE, "from": date(2023, 5, 17), "ramp_days": 9}]}, date(2023, 5, 18)),
        ({"sharing": [{**SHARE, "from": date(2022, 9, 1)}]}, BASE.run.start),  # in the warm-up
        ({"adaptation": {"price": False}}, BASE.run.start),
        ({"sharing": [{**SHARE, "from": date(2024, 12, 31)}]}, date(2024, 12, 31)),
        ({"wave": [{**WAVE, "from": date(2023, 5, 17)}]}, date(2023, 5, 17)),
        ({"wave": [{**WAVE, "from": date(2023, 5, 17), "people_per_year": 0.0}]}, None),
        ({"shock": [SHOCK]}, date(2024, 2, 9)),
        ({"shock": [SHOCK], "wave": [{**WAVE, "from": date(2024, 1, 5)}]}, date(2024, 1, 5)),
        ({"shock": [SHOCK], "adaptation": {"price": False}}, BASE.run.start),
        ({}, None),
    ],
)
def test_the_first_change_is_the_first_day_counted_that_can_differ(keys, day):
    assert first_change(BASE, BASE.with_(**keys), DAYS) == day


def test_two_shocks_differ_from_where_the_first_of_them_ends():
    longer, shorter = (
        BASE.with_(shock=[{**SHOCK, "to": date(2024, month, 15)}]) for month in (6, 4)
    )
    assert first_change(longer, shorter, DAYS) == date(2024, 4, 16)


def test_a_change_after_the_days_that_are_run_is_none():
    late = BASE.with_(sharing=[{**SHARE, "from": date(2024, 6, 1)}])
    assert first_change(BASE, late, 200) is None


def test_years_are_twelve_months_from_that_of_the_change():
    start, end = date(2026, 7, 1), date(2028, 12, 31)
    years = years_since(date(2026, 10, 1), start, end)
    assert years == {"year 1": slice(3, 15), "year 2": slice(15, 27), "year 3": slice(27, 30)}
    days = {name: window.days for name, window in windows(years, start, end).items()}
    assert days["year 1"] == (date(2026, 10, 1), date(2027, 9, 30))
    assert days["year 3"] == (date(2028, 10, 1), date(2028, 12, 31))
    assert list(years_since(date(2028, 12, 31), start, end).values()) == [slice(29, 30)]


def test_a_year_is_what_its_days_are():
    """Of a run of two calendar years, years since its first day are the calendar years."""
    scenario = load_scenario("baseline").with_(
        run={"start": date(2023, 1, 1), "end": date(2024, 12, 31)}
    )
    record = synthetic.simulate(scenario, seed=3)
    start, end = record.start, record.end
    by_month = measure(record).months[None]
    years = years_since(start, start, end)
    found = totals_of_years(by_month, list(years.values()), days_of_months(start, end))
    assert days_of_months(start, end).sum() == (end - start).days + 1
    for row, year in enumerate((2023, 2024)):
        whole = summarise(record, date(year, 1, 1), date(year, 12, 31))
        for column, name in enumerate(OUTCOME_NAMES):
            if OUTCOMES[name].kind == "median":
                assert np.isnan(found[0, row, column])
                continue
            # a level is weighted by days counted, also in months of which some days have none
            near = 0.02 if OUTCOMES[name].kind == "stock" else 1e-9
            assert found[0, row, column] == pytest.approx(whole[name], rel=near, nan_ok=True), name


def test_months_without_a_level_do_not_count():
    rows = len(months(date(2023, 1, 1), date(2023, 3, 31)))
    values = np.zeros((1, rows, len(OUTCOME_NAMES)))
    price = OUTCOME_NAMES.index("seat_price_eur")
    values[0, :, price] = 100.0, np.nan, 200.0
    found = totals_of_years(values, [slice(0, 3)], np.array([31.0, 28.0, 31.0]))
    assert found[0, 0, price] == pytest.approx(150.0)
    assert np.isnan(found[0, 0, OUTCOME_NAMES.index("people_per_boat")])
