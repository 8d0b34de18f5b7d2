from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor import (
    ROUTES,
    arrivals_by_origin,
    input_range,
    load_indicators,
    load_observed,
    load_origins,
)
from simulation.corridor.observed import FRONTEX_SERIES
from simulation.errors import InputError

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


def test_wb_detections_around_the_serbian_operation():
    months, values = OBSERVED.monthly("wb_detections")
    at = months.index("2023-10")
    assert values[at] == 17125
    assert values[at + 1] == 1206


@pytest.mark.parametrize("name", ["channel_arrivals", "channel_boats", *FRONTEX_SERIES])
def test_months_add_up_to_the_years(name):
    months, values = OBSERVED.monthly(name)
    assert f"{max(OBSERVED.yearly(name))}-12" in months
    for year, total in OBSERVED.yearly(name).items():
        of_year = [month.startswith(str(year)) for month in months]
        assert values[of_year].sum() == total


def test_a_ratio_is_undefined_only_where_no_boat_arrived():
    _, boats = OBSERVED.monthly("channel_boats")
    _, load = OBSERVED.monthly("people_per_boat")
    assert np.array_equal(np.isnan(load), boats == 0)


def test_prevented_share_follows_from_attempts():
    share, attempts = OBSERVED.yearly("prevented_share"), OBSERVED.yearly("channel_attempts")
    for year, prevented in OBSERVED.yearly("channel_prevented").items():
        assert attempts[year] == prevented + OBSERVED.yearly("channel_arrivals")[year]
        assert share[year] == pytest.approx(prevented / attempts[year], abs=0.0006)


def test_what_is_returned_can_be_changed_without_harm():
    months, values = OBSERVED.monthly("channel_arrivals")
    months.clear()
    values[:] = 0
    OBSERVED.yearly("channel_arrivals").clear()
    assert OBSERVED.monthly("channel_arrivals")[1].sum() > 0
    assert OBSERVED.yearly("channel_arrivals")[2022] == 45755


def test_indicators_cover_every_route_from_one_month_on():
    assert tuple(INDICATORS) == ROUTES
    for entries in INDICATORS.values():
        assert entries.months[0] == "2020-01"
        assert len(entries.months) == len(entries.people) >= 72
        assert (entries.people > 0).all()


def test_each_input_tells_its_last_month():
    found, years = input_range(), load_origins().years
    last = {route: entries.months[-1] for route, entries in INDICATORS.items()}
    # the months in common are those of the route that ends first
    assert found.people == ("2020-01", min(last.values()))
    assert found.origins == (years[0], years[-1])
    assert found.last_months == {**last, "origins": f"{years[-1]}-12"}
    assert found.last == min(found.last_months.values())


ENTRIES, ARRIVALS = "entries_monthly.csv", "arrivals_by_origin_yearly.csv"
LOADERS = {ENTRIES: load_indicators, ARRIVALS: arrivals_by_origin}


@pytest.mark.parametrize(("file", "old", "new", "message"), [
    ("channel_monthly.csv", "2023-05,", "2023-06,", "missing or out of order"),
    ("channel_monthly.csv", "2023-05,", "2023-5,", "not a month"),
    ("channel_monthly.csv", "2023-05,1664", "2023-05,-1664", "0 or more"),
    ("frontex_monthly.csv", "wb_detections", "wb_detection", 'did you mean "wb_detections"'),
    ("observed_yearly.csv", "serbia_passed,2024,45000,secondary", "x,2024,1,sure", "label"),
    ("observed_yearly.csv", "busiest_day,2023", "busiest_day,2022", "already given"),
    (ENTRIES, "air,2023-05,", "air,2023-04,", "already given"),
    (ENTRIES, "balkan,2023-05,", "balkans,2023-05,", 'did you mean "balkan"'),
    (ENTRIES, "high,kind", "hihg,kind", 'did you mean "high"'),
    (ENTRIES, "5131,3338,7414,people", "5131,3338,7414,indicator", "allowed: people"),
    (
        ENTRIES,
        "5131,3338,7414,people",
        "10,20,30,people",
        r'line [0-9]+: people = "10".*20 or more',
    ),
    (ARRIVALS, "2020,494", "2020,494.5", r'line 4: afghanistan = "494.5": not a whole number'),
    (ARRIVALS, "2020,494", "2020,-4", r'line 4: afghanistan = "-4".*0 or more'),
    (ARRIVALS, "2020,494", "2020,many", r'line 4: afghanistan = "many": not a number'),
    (ARRIVALS, "2020,494", "2019,494", r"line 4: year.*already given on line 3"),
    (ARRIVALS, "2020,494", "2030,494", r'line 4: year = "2030": year missing.*2020'),
    (ARRIVALS, "vietnam,albania", "vietnam,albnia", 'did you mean "albania"'),
    (ARRIVALS, "other,not_recorded", "not_recorded,other", "missing or out of order"),
])  # fmt: skip
def test_a_slip_in_a_table_is_an_error(file, old, new, message, edit):
    with pytest.raises(InputError, match=message) as caught:
        LOADERS.get(file, load_observed)(edit(file, old, new))
    assert file in str(caught.value)


def test_a_route_may_end_before_the_others(drop):
    last = INDICATORS["resident"].months[-1]
    found = load_indicators(drop("entries_monthly.csv", f"resident,{last}"))
    assert found["resident"].months == INDICATORS["resident"].months[:-1]
    assert found["air"].months == INDICATORS["air"].months


@pytest.mark.parametrize(("gone", "message"), [
    ("air,", "no month of this route"), ("air,2020-01", "begin with another month"),
    ("air,2022-05", "missing or out of order"),
])  # fmt: skip
def test_a_route_without_its_months_is_an_error(gone, message, drop):
    with pytest.raises(InputError, match=message):
        load_indicators(drop("entries_monthly.csv", gone))


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


def test_a_year_without_one_of_the_groups_is_left_out(edit):
    folder = edit("arrivals_by_origin_yearly.csv", "2023,5545,", "2023,,")
    assert sorted(set(arrivals_by_origin()) - set(arrivals_by_origin(folder))) == [2023]
