"""A run over its replications: outcomes with intervals, the balance, and the chain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
    values: dict[tuple[str, str], list[float]] = {}
    for period, outcome, value in zip(
        replications["period"].to_pylist(),
        replications["outcome"].to_pylist(),
        replications["value"].to_pylist(),
        strict=True,
    ):
        values.setdefault((outcome, period), []).append(math.nan if value is None else value)
    return {
        name: OutcomeIntervals(
            label=spec.label,
            unit=spec.unit,
            periods={period: _interval(name, values.get((name, period), [])) for period in windows},
        )
        for name, spec in OUTCOMES.items()
    }


def _interval(name: str, values: Sequence[float]) -> Interval:
    mean, low, high = t_interval(values)
    if low < 0 and name not in _CAN_BE_NEGATIVE:
        low = 0.0
    return Interval(mean=json_number(mean), low=json_number(low), high=json_number(high))


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
    found: dict[str, tuple[str, list[float]]] = {}
    for item, unit, value in zip(
        balance["item"].to_pylist(),
        balance["unit"].to_pylist(),
        balance["value"].to_pylist(),
        strict=True,
    ):
        if value is not None:
            found.setdefault(item, (unit, []))[1].append(value)
    return {
        item: Balance(unit=unit, mean=float(np.mean(numbers)))
        for item, (unit, numbers) in found.items()
    }


def chain_totals(path: Path, replications: int, days: int) -> dict[str, LinkTotal]:
    """Totals of every link of the chain, those of authorities with nothing left out.

    Args:
        path: The table `chain.parquet`.
        replications: Finished replications, those without a row included.
        days: Days counted.
    """
    sums: dict[str, dict[str, float]] = {name: {} for name in LINKS}
    table = pq.read_table(path, columns=["link", "authority", "value"])
    for name, authority, value in _chain_sums(table):
        sums[name][authority] = value
    found = {}
    for name, spec in LINKS.items():
        count = replications * (days if spec.kind == "stock" else 1)
        means = {code: value / count for code, value in sorted(sums[name].items())}
        found[name] = LinkTotal(
            label=spec.label,
            unit=spec.unit,
            kind=spec.kind,
            mean=sum(means.values()),
            authorities={code: value for code, value in means.items() if code},
        )
    return found


def _chain_sums(table: pa.Table) -> list[tuple[str, str, float]]:
    """Link, authority and sum over days and replications."""
    # with threads, the last bits of sums change from call to call
    groups = table.group_by(["link", "authority"], use_threads=False).aggregate([("value", "sum")])
    known = pc.is_in(groups["link"].cast(pa.string()), pa.array(list(LINKS)))
    groups = groups.filter(known)
    return list(
        zip(*(groups[key].to_pylist() for key in ("link", "authority", "value_sum")), strict=True)
    )
