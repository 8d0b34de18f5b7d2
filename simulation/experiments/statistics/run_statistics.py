"""A run over its replications: outcomes with intervals, the balance, and the chain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.chain import LINKS
from simulation.experiments.engine.serialization import as_csv, json_number, projected_word
from simulation.experiments.findings import (
    Balance,
    Interval,
    LinkTotal,
    OutcomeIntervals,
    RunFindings,
    Window,
)
from simulation.experiments.statistics.paired import COVERAGE, FEWEST_PAIRS
from simulation.outcomes import OUTCOMES

_CAN_BE_NEGATIVE = {"smuggler_profit_eur"}


def t_interval(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Mean and Student t interval of the mean.

    Args:
        values: (replications,) one value per replication; NaN are left out.

    Returns:
        Mean, low, high. Low and high are NaN for fewer than `FEWEST_PAIRS` values, as they are
        for pairs of runs; all three are NaN for none.
    """
    found = np.asarray(values, dtype=float)
    found = found[~np.isnan(found)]
    if found.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(found.mean())
    if found.size < FEWEST_PAIRS:
        return mean, math.nan, math.nan
    from scipy.special import stdtrit

    error = float(found.std(ddof=1)) / math.sqrt(found.size)
    half = float(stdtrit(found.size - 1, 0.5 + COVERAGE / 2)) * error
    return mean, mean - half, mean + half


def outcome_intervals(
    replications: pa.Table, windows: Mapping[str, tuple[date, date]]
) -> dict[str, OutcomeIntervals]:
    """Every outcome by period: a mean over replications with its interval.

    Args:
        replications: Table `replications`.
        windows: Periods.
    """
    groups = replications.to_pandas().groupby(["outcome", "period"], observed=True)["value"]
    values = {group: one.to_numpy() for group, one in groups}

    def interval(name: str, period: str) -> Interval:
        mean, low, high = t_interval(values.get((name, period), ()))
        if low < 0 and name not in _CAN_BE_NEGATIVE:
            low = 0.0
        return Interval(mean=json_number(mean), low=json_number(low), high=json_number(high))

    return {
        name: OutcomeIntervals(
            label=spec.label,
            unit=spec.unit,
            periods={period: interval(name, period) for period in windows},
        )
        for name, spec in OUTCOMES.items()
    }


def windows_of(periods: Mapping[str, tuple[date, date]]) -> dict[str, Window]:
    """First and last day of each period."""
    return {
        name: Window(first=first.isoformat(), last=last.isoformat())
        for name, (first, last) in periods.items()
    }


def summary_csv(found: RunFindings) -> str:
    """The outcomes of a run as the text of `summary.csv`."""
    header = ["outcome", "label", "unit", "period", "first", "last", "mean", "low", "high"]
    rows: list[list[Any]] = []
    for name, outcome in found.outcomes.items():
        for period, value in outcome.periods.items():
            days = found.periods[period]
            mark = projected_word(days.last, found.projected_from)
            row = [name, outcome.label, outcome.unit, period, days.first, days.last]
            rows.append([*row, value.mean, value.low, value.high, mark])
    return as_csv([*header, "projected"], rows)


def balance_means(balance: pa.Table) -> dict[str, Balance]:
    """Where people and money are at the end, means over replications.

    Args:
        balance: Table `balance`.
    """
    rows = balance.to_pandas().dropna()
    return {
        item: Balance(unit=unit, mean=float(np.mean(values.to_numpy())))
        for (item, unit), values in rows.groupby(["item", "unit"], observed=True, sort=False)[
            "value"
        ]
    }


def chain_totals(path: Path, replications: int, days: int) -> dict[str, LinkTotal]:
    """Totals of every link of the chain, those of authorities with nothing left out.

    Args:
        path: The table `chain.parquet`.
        replications: Finished replications, those without a row included.
        days: Days counted.
    """
    table = pq.read_table(path, columns=["link", "authority", "value"])
    # with threads, the last bits of sums change from call to call
    groups = table.group_by(["link", "authority"], use_threads=False).aggregate([("value", "sum")])
    sums: dict[str, dict[str, float]] = {}
    for row in groups.to_pylist():
        sums.setdefault(row["link"], {})[row["authority"]] = row["value_sum"]
    found = {}
    for name, spec in LINKS.items():
        count = replications * (days if spec.kind == "stock" else 1)
        means = {code: value / count for code, value in sorted(sums.get(name, {}).items())}
        found[name] = LinkTotal(
            label=spec.label,
            unit=spec.unit,
            kind=spec.kind,
            mean=sum(means.values()),
            authorities={code: value for code, value in means.items() if code},
        )
    return found
