"""Forecasts of monthly series that take little time, where they are not the subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from unittest import mock

import numpy as np

from simulation.timeseries import estimation
from simulation.timeseries.model import MonthlyModel, Volatility
from simulation.timeseries.months import month_at, number_of
from simulation.validation import ets, naive

#: months between two estimates at earlier months; the fewer, the longer it takes
MONTHS = 24
#: what was estimated with so few, apart from what the package keeps
_volatility = lru_cache(naive.volatility_model.__wrapped__)


@contextmanager
def few_refits() -> Iterator[None]:
    """Within it a model of a series is estimated anew at a few earlier months only.

    Exponential smoothing has two forms.
    """
    with (
        mock.patch.object(estimation, "REFIT_EVERY", MONTHS),
        mock.patch.object(naive, "volatility_model", _volatility),
        mock.patch.object(ets, "FORMS", ets.FORMS[:2]),
    ):
        yield


def flat_model(last: str, values: tuple[float, ...]) -> MonthlyModel:
    """In place of `naive.volatility_model`: mean and spread of a series, and nothing to estimate.

    Args:
        last: Its last month, as "2023-12".
        values: Its months without a gap, (months,).
    """
    counts = np.array(values)
    offset = estimation.OFFSET * max(float(counts.mean()), 1.0)
    logs = np.log(offset + counts)
    variance = float(np.log(logs.var() + 1e-6))
    return MonthlyModel(
        first_month=month_at(number_of(last) - len(values) + 1), last_month=last,
        alpha=0.5, beta=0.1, gamma=0.1, damping=0.8,
        level=float(logs.mean()), trend=0.0, season=(0.0,) * 12,
        volatility=Volatility(variance, 0.5, 0.2, variance, 0.2),
        stretch=(1.0,), offset=offset, highest=estimation.HIGHEST * max(float(counts.max()), 1.0),
    )  # fmt: skip


@contextmanager
def quick_forecasts() -> Iterator[None]:
    """Within it no model of a series is estimated but two forms of exponential smoothing."""
    with few_refits(), mock.patch.object(naive, "volatility_model", flat_model):
        yield
