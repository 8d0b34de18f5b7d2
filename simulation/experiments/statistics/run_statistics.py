"""Outcomes over replications: a mean and, from `FEWEST_PAIRS` on, an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from simulation.experiments.engine.serialization import as_csv, json_number, projected_word
from simulation.experiments.statistics.paired import COVERAGE, FEWEST_PAIRS
from simulation.outcomes import OUTCOMES, periods

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


def summary_of(replications: pa.Table, balance: pa.Table, start: date, end: date) -> dict[str, Any]:
    """The content of `summary.json` that is computed from the replications.

    Args:
        replications: Table `replications`.
        balance: Table `balance`.
        start: First day counted.
        end: Last day counted.

    Returns:
        `periods`, `outcomes` (by name: label, unit and, by period, mean, low, high), and `balance`
        (mean over replications of where people and money are at the end).
    """
    values: dict[tuple[str, str], list[float]] = {}
    for period, outcome, value in zip(
        replications["period"].to_pylist(),
        replications["outcome"].to_pylist(),
        replications["value"].to_pylist(),
        strict=True,
    ):
        values.setdefault((outcome, period), []).append(math.nan if value is None else value)
    windows = periods(start, end)
    outcomes: dict[str, Any] = {}
    for name, spec in OUTCOMES.items():
        entry: dict[str, Any] = {"label": spec.label, "unit": spec.unit, "periods": {}}
        for period in windows:
            mean, low, high = t_interval(values.get((name, period), []))
            if low < 0 and name not in _CAN_BE_NEGATIVE:
                low = 0.0
            entry["periods"][period] = {
                "mean": json_number(mean),
                "low": json_number(low),
                "high": json_number(high),
            }
        outcomes[name] = entry
    return {
        "coverage": COVERAGE,
        "periods": {
            name: {"first": first.isoformat(), "last": last.isoformat()}
            for name, (first, last) in windows.items()
        },
        "outcomes": outcomes,
        "balance": _balance_means(balance),
    }


def summary_csv(summary: dict[str, Any]) -> str:
    """The outcomes of a summary as the text of `summary.csv`.

    Args:
        summary: Content of `summary.json`; its `projected_from` says which periods are projected.
    """
    header = ["outcome", "label", "unit", "period", "first", "last", "mean", "low", "high"]
    header.append("projected")
    projected_from = summary.get("projected_from")
    rows: list[list[Any]] = []
    for name, entry in summary["outcomes"].items():
        for period, value in entry["periods"].items():
            window = summary["periods"][period]
            numbers = (value[key] for key in ("mean", "low", "high"))
            days = (window["first"], window["last"])
            mark = projected_word(window["last"], projected_from)
            rows.append([name, entry["label"], entry["unit"], period, *days, *numbers, mark])
    return as_csv(header, rows)


def _balance_means(balance: pa.Table) -> dict[str, dict[str, Any]]:
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
        item: {"unit": unit, "mean": float(np.mean(numbers))}
        for item, (unit, numbers) in found.items()
    }
