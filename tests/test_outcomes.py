from datetime import date

import numpy as np
import pytest

from simulation import outcomes
from simulation.outcomes import (
    DAILY,
    OUTCOMES,
    OutcomeSpec,
    RunRecord,
    period_label,
    summarise,
)

CONTRACT = """
channel_arrivals channel_boats people_per_boat channel_attempts channel_prevented channel_deaths
corridor_deaths lorry_arrivals wb_entries wb_detections settled_elsewhere returned
returned_after_arrival admitted_legally in_transit
median_transit_days attempts_per_arrival seat_price_eur smuggler_revenue_eur smuggler_profit_eur
smugglers_arrested arrests_on_case brief_detentions smugglers_active boats_seized mapped_share
"""


def record(start="2023-12-30", values=None, transit=None) -> RunRecord:
    """Four days over a new year."""
    dates = np.datetime64(start, "D") + np.arange(4)
    daily = {name: np.ones(4) for name in DAILY}
    daily.update({name: np.array(series, dtype=float) for name, series in (values or {}).items()})
    arrays = (
        "leg_departures", "leg_stops", "leg_arrivals", "place_present", "authority_cases",
        "authority_smugglers", "activity_picture", "activity_truth", "chain",
    )  # fmt: skip
    return RunRecord(
        scenario_title="x",
        seed=1,
        scale=1.0,
        start=dates[0].astype(date),
        end=dates[-1].astype(date),
        dates=dates,
        daily=daily,
        transit_days_by_year=transit or {},
        **dict.fromkeys(arrays, np.zeros((4, 0))),
    )


def whole(run: RunRecord) -> dict[str, float]:
    return summarise(run, run.start, run.end)


def test_the_names_are_the_contract():
    assert sorted(OUTCOMES) == sorted(CONTRACT.split())


def test_flows_are_sums_and_stocks_are_means_of_days_with_a_value():
    prices = [2000, np.nan, np.nan, 3000]
    stocks = {"seat_price_eur": prices, "in_transit": [10, 20, 30, 40]}
    values = whole(record(values={"channel_arrivals": [100, 0, 50, 30], **stocks}))
    assert values["channel_arrivals"] == 180
    assert values["seat_price_eur"] == 2500
    assert values["in_transit"] == 25
    assert list(values) == list(OUTCOMES)


def test_a_window_counts_both_its_ends():
    run = record(values={"channel_arrivals": [1, 2, 4, 8]})
    assert summarise(run, date(2023, 12, 30), date(2023, 12, 31))["channel_arrivals"] == 3
    assert summarise(run, date(2024, 1, 1), date(2024, 1, 1))["channel_arrivals"] == 4


@pytest.mark.parametrize(("arrivals", "boats", "prevented", "per_boat", "per_arrival"), [
    ([100, 0, 0, 20], [2, 0, 0, 1], [60, 30, 0, 0], 40, 210 / 120),
    ([0] * 4, [0] * 4, [1] * 4, np.nan, np.nan),  # nothing to divide by
])  # fmt: skip
def test_ratios_divide_sums_and_not_daily_ratios(arrivals, boats, prevented, per_boat, per_arrival):
    values = {"channel_arrivals": arrivals, "channel_boats": boats, "channel_prevented": prevented}
    ratios = whole(record(values=values))
    assert ratios["people_per_boat"] == pytest.approx(per_boat, nan_ok=True)
    assert ratios["attempts_per_arrival"] == pytest.approx(per_arrival, nan_ok=True)


def test_an_outcome_the_model_did_not_give_has_no_value():
    run = record()
    del run.daily["boats_seized"]
    assert np.isnan(whole(run)["boats_seized"])


def test_the_transit_median_is_over_people_and_only_of_whole_years_of_the_run():
    run = record(transit={"2023": np.array([10.0, 20.0, 30.0]), "2024": np.array([100.0])})
    assert whole(run)["median_transit_days"] == 25
    assert summarise(run, date(2024, 1, 1), date(2024, 12, 31))["median_transit_days"] == 100
    assert np.isnan(summarise(run, date(2023, 12, 31), date(2024, 1, 2))["median_transit_days"])


def test_daily_ratios_are_derived_and_empty_where_undefined():
    run = record(values={"channel_arrivals": [90, 0, 50, 0], "channel_boats": [2, 0, 1, 0]})
    ratios = outcomes.daily_value(run.daily, "people_per_boat")
    np.testing.assert_array_equal(ratios, [45, np.nan, 50, np.nan])
    assert outcomes.daily_value(run.daily, "median_transit_days") is None


def test_periods_are_the_run_and_its_years_clipped():
    periods = outcomes.periods(date(2022, 6, 1), date(2023, 2, 1))
    assert periods == {
        "run": (date(2022, 6, 1), date(2023, 2, 1)),
        "2022": (date(2022, 6, 1), date(2022, 12, 31)),
        "2023": (date(2023, 1, 1), date(2023, 2, 1)),
    }
    assert period_label("2022", *periods["2022"]) == "2022 (1 Jun to 31 Dec)"
    assert period_label("2023", date(2023, 1, 1), date(2023, 12, 31)) == "2023"


@pytest.mark.parametrize("quote", ["percent", "absolute"])
def test_an_outcome_that_counts_deaths_cannot_be_quoted_by_a_single_number(quote):
    with pytest.raises(ValueError, match="as a range only"):
        OutcomeSpec("Deaths in the mountains", "people", "flow", quote=quote)
    assert {name for name, spec in OUTCOMES.items() if spec.quote == "range"} == {
        name for name in OUTCOMES if "deaths" in name
    }
