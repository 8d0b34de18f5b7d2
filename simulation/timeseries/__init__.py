"""Monthly counts and what may come after them: level, damped trend, season, changing volatility.

Three steps: `estimate` finds the model of a series from its own past, `paths` turns uniform draws
into possible futures, and `backtest` scores such forecasts on past months. The package knows
nothing of routes, people or runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulation.timeseries.model import DRAWS_PER_MONTH, MonthlyModel, Volatility
from simulation.timeseries.months import months_after, number_of
from simulation.timeseries.paths import central_path, paths, quantile_path

if TYPE_CHECKING:
    from simulation.timeseries.backtesting import LEVELS, BacktestErrors, HorizonScore, backtest
    from simulation.timeseries.estimation import (
        FEWEST_MONTHS,
        brought_forward,
        correlation,
        estimate,
    )

#: names that need statsmodels, which a run does not, and the module of each
_LATER = {
    "FEWEST_MONTHS": "estimation",
    "brought_forward": "estimation",
    "correlation": "estimation",
    "estimate": "estimation",
    "LEVELS": "backtesting",
    "BacktestErrors": "backtesting",
    "HorizonScore": "backtesting",
    "backtest": "backtesting",
}

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
    """Load a name of `_LATER` when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
