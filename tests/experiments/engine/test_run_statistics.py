import csv
import io
import json
import math
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from simulation.experiments.engine.replications import (
    balance_means,
    outcome_intervals,
    summary_csv,
    t_interval,
)
from simulation.experiments.findings import Balance, RunFindings, Window
from simulation.outcomes import periods


def test_the_interval_is_students():
    # mean 4, variance 8 / 3, n = 4: t(0.95, 3) = 2.35336343
    mean, low, high = t_interval([2.0, 4.0, 6.0, 4.0])
    half = 2.35336343 * math.sqrt(8 / 3) / 2
    assert (mean, low, high) == pytest.approx((4.0, 4 - half, 4 + half))


@pytest.mark.parametrize("count", [4, 5, 12])
def test_the_interval_is_that_of_scipy_for_any_number_of_runs(count):
    values = np.random.default_rng(count).normal(50, 9, count)
    low, high = stats.t.interval(0.9, count - 1, values.mean(), stats.sem(values))
    assert t_interval(values) == pytest.approx((values.mean(), low, high))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_values_have_no_interval_and_none_has_nothing(count):
    mean, low, high = t_interval([*range(7, 7 + count), math.nan])
    assert mean == 7 + (count - 1) / 2
    assert math.isnan(low)
    assert math.isnan(high)
    assert all(math.isnan(value) for value in t_interval([]))


@pytest.fixture
def summary():
    replications = pa.table(
        {
            "period": ["run"] * 8,
            "outcome": ["channel_deaths", "smuggler_profit_eur"] * 4,
            "value": [0.0, -10.0, 20.0, 10.0, 0.0, -10.0, 0.0, 10.0],
        }
    )
    balance = pa.table({"item": ["state_died"] * 2, "unit": ["people"] * 2, "value": [1.0, 3.0]})
    windows = periods(date(2023, 1, 1), date(2023, 1, 31))
    return RunFindings(
        scenario="A run",
        periods={name: Window.between(*days) for name, days in windows.items()},
        outcomes=outcome_intervals(replications, windows),
        balance=balance_means(balance),
    )


def test_a_count_cannot_be_negative_and_a_profit_can(summary):
    deaths = summary.outcomes["channel_deaths"].periods["run"]
    profit = summary.outcomes["smuggler_profit_eur"].periods["run"]
    assert deaths.mean == 5
    assert deaths.low == 0
    assert profit.low < 0


def test_what_is_missing_is_null_in_json_and_empty_in_csv(summary):
    boats = summary.outcomes["channel_boats"].periods["run"]
    assert (boats.mean, boats.low, boats.high) == (None, None, None)
    json.dumps(summary.as_json(), allow_nan=False)
    text = io.StringIO(summary_csv(summary))
    rows = {(row["outcome"], row["period"]): row for row in csv.DictReader(text)}
    row = rows["channel_boats", "run"]
    assert (row["mean"], row["low"], row["high"]) == ("", "", "")
    assert (row["first"], row["last"], row["unit"]) == ("2023-01-01", "2023-01-31", "boats")
    row = rows["channel_deaths", "run"]
    assert (row["mean"], row["low"]) == ("5.0", "0.0")
    assert float(row["high"]) > 5


def test_a_period_with_projected_days_is_marked_in_the_csv(summary):
    def marks(projected_from: str | None) -> set[str]:
        text = summary_csv(summary.model_copy(update={"projected_from": projected_from}))
        return {row["projected"] for row in csv.DictReader(io.StringIO(text))}

    assert marks(None) == marks("2023-02") == {"false"}
    assert marks("2023-01") == {"true"}


def test_the_balance_is_a_mean(summary):
    assert summary.balance == {"state_died": Balance(unit="people", mean=2.0)}
