from __future__ import annotations

import csv
from datetime import date

import pytest

from simulation.corridor import (
    ROUTES,
    arrivals_by_origin,
    load_indicators,
    load_observed,
    load_origins,
)
from simulation.corridor.in_use import (
    LABELS,
    PERIOD,
    PUBLISHED,
    age_in_days,
    load_vintages,
    shipped,
)
from simulation.corridor.observed import CHANNEL_SERIES, FRONTEX_SERIES
from simulation.corridor.tables import DATA
from simulation.timeseries.months import number_of

OBSERVED = load_observed()
INDICATORS = load_indicators()


@pytest.mark.parametrize(("name", "year", "value"), [
    ("channel_arrivals", 2022, 45755), ("channel_boats", 2023, 602),
    ("people_per_boat", 2024, 52.97), ("days_with_arrivals", 2021, 154),
    ("busiest_day", 2022, 1305), ("wb_detections", 2023, 99002),
    ("eastern_land_detections", 2024, 17260), ("channel_prevented", 2022, 33788),
    ("prevented_share", 2023, 0.469), ("channel_deaths", 2024, 80), ("corridor_deaths", 2021, 41),
    ("lorry_arrivals", 2018, 8309),
])  # fmt: skip
def test_yearly_values_as_published(name, year, value):
    assert OBSERVED.yearly(name)[year] == pytest.approx(value)


@pytest.mark.parametrize("name", ["channel_arrivals", "channel_boats", *FRONTEX_SERIES])
def test_months_add_up_to_the_years(name):
    months, values = OBSERVED.monthly(name)
    assert f"{max(OBSERVED.yearly(name))}-12" in months
    for year, total in OBSERVED.yearly(name).items():
        of_year = [month.startswith(str(year)) for month in months]
        assert values[of_year].sum() == total


def test_indicators_cover_every_route_from_one_month_on():
    assert tuple(INDICATORS) == ROUTES
    for entries in INDICATORS.values():
        assert entries.months[0] == "2020-01"
        assert len(entries.months) == len(entries.people) >= 72
        assert (entries.people > 0).all()


def test_months_and_years_follow_each_other_and_values_lie_within_their_range():
    every = [*(months for months, _ in OBSERVED.monthly_series.values()),
             *(entries.months for entries in INDICATORS.values())]  # fmt: skip
    for months in every:
        numbers = [number_of(month) for month in months]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    for _, values in OBSERVED.monthly_series.values():
        assert not (values < 0).any()
    for entries in INDICATORS.values():
        assert (entries.low <= entries.people).all()
        assert (entries.people <= entries.high).all()


def test_every_figure_is_there_once_and_has_a_label():
    keys = {
        "observed_yearly.csv": ("series", "year"),
        "entries_monthly.csv": ("route", "month"),
        "arrivals_by_origin_yearly.csv": ("year",),
    }
    assert {*CHANNEL_SERIES, *FRONTEX_SERIES} <= OBSERVED.yearly_series.keys()
    labels = {label for years in OBSERVED.yearly_labels.values() for label in years.values()}
    assert labels <= set(LABELS)
    for table, columns in keys.items():
        with (DATA / table).open(encoding="utf-8") as file:
            rows = [tuple(row[name] for name in columns) for row in csv.DictReader(file)]
        assert len(set(rows)) == len(rows), table


def test_vintages_have_periods_dates_and_labels():
    for vintage in load_vintages(shipped()):
        assert PERIOD.fullmatch(vintage.first)
        assert PERIOD.fullmatch(vintage.last)
        assert not vintage.published or PUBLISHED.fullmatch(vintage.published)
        assert vintage.label in LABELS
        age_in_days(vintage.published, date.max)


@pytest.mark.parametrize(("year", "origin", "people"), [
    (2018, "iran", 238), (2021, "horn_of_africa", 4865), (2022, "albania", 12658),
    (2023, "afghanistan", 5545), (2023, "turkey", 3040), (2023, "visa_free_serbia", 1241),
    (2024, "vietnam", 3658), (2024, "horn_of_africa", 7761),
])  # fmt: skip
def test_arrivals_by_origin_as_published(year, origin, people):
    assert arrivals_by_origin()[year][origin] == people


def test_arrivals_by_origin_are_of_the_groups_and_nearly_all_who_arrived():
    table = arrivals_by_origin()
    assert list(table) == list(range(2018, max(table) + 1))
    assert max(table) >= 2024
    arrivals = OBSERVED.yearly("channel_arrivals")
    for year, by_origin in table.items():
        assert tuple(by_origin) == load_origins().origins
        # a nationality is not recorded for up to 4%; final totals exceed the daily ones by 0.1%
        assert 0.96 <= sum(by_origin.values()) / arrivals[year] <= 1.001
