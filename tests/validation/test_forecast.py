"""What a forecast is scored on, and from runs to it: months, quotients, luck and weights."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.engine.run_store import Axes, measure
from simulation.parameters import load_records
from simulation.parameters.sampling import sample
from simulation.scenario import load_scenario
from simulation.scenario.scenario import parse_scenario
from simulation.timeseries.months import months_of
from simulation.validation.forecast import Histories, cases_of, forecast_of, run_weights, seed_of
from simulation.validation.series import SCORED, Series, load_series
from tests import synthetic

SERIES = load_series()
BY_NAME = {one.name: one for one in SERIES}


@pytest.fixture(scope="module")
def records():
    scenario = parse_scenario(synthetic.SCENARIO.replace("2023-02-28", "2024-12-31"))
    return [synthetic.simulate(scenario, seed=seed) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def forecast(records):
    axes = Axes(records[0].start, records[0].end, ())
    histories = Histories(axes.months, np.array([measure(one).months for one in records]))
    return forecast_of(histories, months_of(2024), SERIES)


def test_the_months_are_those_of_the_year_held_out(records, forecast):
    assert set(forecast.months) == set(SCORED) == set(forecast.totals)
    assert {len(whole) for whole in forecast.totals.values()} == {3}
    for run, record in enumerate(records):
        inside = record.dates.astype("datetime64[M]")
        july = record.daily["channel_arrivals"][inside == np.datetime64("2024-07")].sum()
        assert forecast.months["channel_arrivals"][run, 6] == july
        year = record.daily["wb_detections"][record.dates >= np.datetime64(date(2024, 1, 1))].sum()
        assert forecast.totals["wb_detections"][run] == pytest.approx(year)


def test_ratios_divide_sums_and_not_the_other_way_round(forecast):
    people, boats = forecast.months["channel_arrivals"], forecast.months["channel_boats"]
    load = forecast.months["people_per_boat"]
    with_boats = boats > 0
    assert load[with_boats] == pytest.approx(people[with_boats] / boats[with_boats])
    assert np.isnan(load[~with_boats]).all()
    assert forecast.totals["people_per_boat"] == pytest.approx(
        people.sum(axis=1) / boats.sum(axis=1)
    )
    # the stand-in prevents 0.8 for each arrival, whatever else it calls an attempt
    assert forecast.totals["prevented_share"] == pytest.approx(np.full(3, 0.8 / 1.8), abs=0.002)


def test_every_run_has_luck_of_its_own_and_more_runs_leave_the_others_theirs():
    few = {(m, r): seed_of(7, m, r) for m in range(5) for r in range(4)}
    many = {(m, r): seed_of(7, m, r) for m in range(40) for r in range(30)}
    assert len(set(many.values())) == len(many)
    assert min(many.values()) == 7
    assert few.items() <= many.items()


def test_assumptions_of_ranges_are_draws_and_those_of_records_are_none():
    scenario = load_scenario("baseline")
    (recorded,) = cases_of(scenario, "records", 9, 1)
    assert recorded.assumptions == {}
    cases = cases_of(scenario, "ranges", 3, 5)
    assert [case.assumptions for case in cases] == [
        sample(load_records(), seed) for seed in (5, 6, 7)
    ]
    assert cases_of(scenario, "ranges", 2, 5) == cases[:2]


def test_what_a_scenario_sets_stays_set():
    text = synthetic.SCENARIO + '\n[parameters]\n"sea.persistence" = 0.4\n'
    (case,) = cases_of(parse_scenario(text), "ranges", 1, 1)
    assert "sea.persistence" not in case.assumptions
    assert len(case.assumptions) > 10


def test_a_set_of_assumptions_shares_its_weight_among_its_runs():
    assert run_weights([4, 4]) is None
    assert run_weights([4, 0]) is None
    assert run_weights([1, 2, 0]).tolist() == pytest.approx([0.5, 0.25, 0.25])


def test_every_series_of_the_back_test_is_there() -> None:
    assert tuple(BY_NAME) == tuple(SCORED)
    for name in ("channel_arrivals", "channel_boats", "wb_detections"):
        one = BY_NAME[name]
        assert one.kind == "count"
        assert one.of_year(2024).sum() == one.total(2024)
        assert min(one.months) == ("2009-01" if name == "wb_detections" else "2018-01")


def test_the_share_prevented_is_known_by_month_only_since_may_2024() -> None:
    one = BY_NAME["prevented_share"]
    months = one.of_year(2024)
    assert np.isnan(months[:4]).all()
    assert np.isfinite(months[4:]).all()
    # 21,317 prevented against 29,649 arrived in the weeks of the series
    assert months[4:].mean() == pytest.approx(21317 / (21317 + 29649), abs=0.02)
    assert one.total(2022) == 0.425


def test_deaths_are_known_by_year_only() -> None:
    one = BY_NAME["channel_deaths"]
    assert not one.months
    assert np.isnan(one.of_year(2024)).all()
    assert [one.total(year) for year in (2021, 2022, 2023, 2024)] == [39, 7, 16, 80]


def test_nothing_later_is_left_in_what_was_known_before() -> None:
    for one in BY_NAME.values():
        before = one.before(2024)
        assert not [name for name in before.months if name >= "2024"]
        assert all(year < 2024 for year in before.years)
        assert np.isnan(before.of_year(2024)).all()
        assert np.isnan(before.total(2024))
        assert before.of_year(2023).tolist() == pytest.approx(one.of_year(2023), nan_ok=True)


def test_the_unbroken_run_ends_with_the_series() -> None:
    months = {"2020-01": 9.0, **dict.fromkeys(months_of(2021), 1.0), "2022-01": 2.0}
    one = Series("x", "X", "people", "count", 0, "", months, {})
    assert one.unbroken().tolist() == [1.0] * 12 + [2.0]
    months = list(BY_NAME["people_per_boat"].months)
    since = months[months.index("2018-08") :]  # no boat came in July 2018
    assert len(BY_NAME["people_per_boat"].unbroken()) == len(since)
    assert len(BY_NAME["channel_arrivals"].unbroken()) == len(BY_NAME["channel_arrivals"].months)
