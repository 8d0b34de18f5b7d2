"""Monthly counts and what may come after them: level, damped trend, season, changing volatility.

Three steps: `estimate` finds the model of a series from its own past, `paths` turns uniform draws
into possible futures, and `backtest` says how such futures would have done in the past. The package
knows nothing of routes, people or runs.
"""

from simulation.timeseries.backtest import LEVELS, Backtest, HorizonScore, backtest
from simulation.timeseries.estimation import FEWEST_MONTHS, estimate
from simulation.timeseries.model import DRAWS_PER_MONTH, MonthlyModel, Volatility
from simulation.timeseries.months import months_after, number_of
from simulation.timeseries.paths import central_path, paths, quantile_path

__all__ = [
    "DRAWS_PER_MONTH",
    "FEWEST_MONTHS",
    "LEVELS",
    "Backtest",
    "HorizonScore",
    "MonthlyModel",
    "Volatility",
    "backtest",
    "central_path",
    "estimate",
    "months_after",
    "number_of",
    "paths",
    "quantile_path",
]
