"""Monthly counts and what may come after them: level, damped trend, season, changing volatility.

Three steps: `estimate` finds the model of a series from its own past, `paths` turns uniform draws
into possible futures, and `backtest` scores such forecasts on past months. The package knows
nothing of routes, people or runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulation.timeseries.model import (
    DRAWS_PER_MONTH,
    MonthlyModel,
    Volatility,
    central_path,
    paths,
    quantile_path,
)
from simulation.timeseries.months import months_after, number_of

if TYPE_CHECKING:
    from simulation.timeseries.estimation import (
        FEWEST_MONTHS,
        LEVELS,
        BacktestErrors,
        HorizonScore,
        backtest,
        brought_forward,
        correlation,
        estimate,
    )

__all__ = [
    "DRAWS_PER_MONTH",
    "FEWEST_MONTHS",
    "LEVELS",
    "BacktestErrors",
    "HorizonScore",
    "MonthlyModel",
    "Volatility",
    "backtest",
    "brought_forward",
    "central_path",
    "correlation",
    "estimate",
    "months_after",
    "number_of",
    "paths",
    "quantile_path",
]


def __getattr__(name: str) -> Any:
    """Load the names that need statsmodels, which a run does not, when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.estimation"), name)
