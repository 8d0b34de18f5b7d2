"""The models of the months after the tables, one for each series, as `futures.toml` holds them.

Four routes have a model of their own, and so has the Eastern Mediterranean route, which nobody in
the model enters by. The two indicators that are means of earlier months follow from these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from simulation.corridor.in_use import table_file
from simulation.corridor.network import ROUTES
from simulation.corridor.tables import read_toml
from simulation.timeseries.model import Array, MonthlyModel, Volatility
from simulation.timeseries.months import number_of

FILE = "futures.toml"
#: series with a model; the place of a series here is a key of its random numbers, so a new one
#: comes last
SERIES = ("balkan", "central_med", "eastern_land", "iberia", "eastern_med")
AGAIN = "python -m simulation.corridor.build_futures"
_WRITTEN = f"# Written by `{AGAIN}` from the tables beside it; see docs/futures.md.\n"


@dataclass(frozen=True)
class Follows:
    """A series whose errors are correlated with those of another one.

    Attributes:
        series: The other one.
        correlation: Correlation of the errors one month ahead of both, within (-1, 1).
    """

    series: str
    correlation: float


def trailing_mean(values: Array, length: int) -> Array:
    """Mean of each value and the `length - 1` before it, float (n,); NaN where too few."""
    total = np.cumsum(np.concatenate([[0.0], values]))
    mean = np.full(len(values), np.nan)
    mean[length - 1 :] = (total[length:] - total[:-length]) / length
    return mean


@dataclass(frozen=True)
class TrailingMean:
    """An indicator that is the mean of the last months of the sum of some series.

    Attributes:
        series: The series, by name.
        factor: Ratio of what is averaged to the sum of these series, in the last twelve months.
        last_month: Last month of the data, as "2023-01".
        past: What is averaged, in the months up to the last one; as many as the mean has.
    """

    series: tuple[str, ...]
    factor: float
    last_month: str
    past: tuple[float, ...]

    def continued(self, paths: Mapping[str, Array]) -> Array:
        """The indicator after its last month.

        Args:
            paths: Series by name to its values after the same month, each (months,).

        Returns:
            Values, (months,).
        """
        coming = self.factor * np.sum([paths[name] for name in self.series], axis=0)
        length = len(self.past)
        return trailing_mean(np.concatenate([self.past, coming]), length)[length:]


@dataclass(frozen=True)
class Futures:
    """The models of all series.

    Attributes:
        models: Series to its model, those of `SERIES`.
        means: Route to what it is a mean of.
        follows: Series to the one it follows, if any, which itself follows none.
    """

    models: Mapping[str, MonthlyModel]
    means: Mapping[str, TrailingMean]
    follows: Mapping[str, Follows] = field(default_factory=dict)

    def last_month(self, route: str) -> str:
        """Last month of the data of a route, as "2023-01"."""
        return (self.means.get(route) or self.models[route]).last_month

    def continued(self, until: int, path: Callable[[str, int], Array]) -> dict[str, Array]:
        """Every route after its last month.

        Args:
            until: Number of the last month wanted (`simulation.timeseries.number_of`).
            path: From the name of a series and a number of months to its values in these months
                after its last one, (months,).

        Returns:
            Route to its values from the month after its last one on.
        """
        ends = {name: number_of(model.last_month) for name, model in self.models.items()}
        paths = {name: path(name, max(until - end, 0)) for name, end in ends.items()}
        drawn = {route: paths[route] for route in ROUTES if route not in self.means}
        return drawn | {route: mean.continued(paths) for route, mean in self.means.items()}

    def as_toml(self) -> str:
        """The text of `futures.toml`."""
        parts: dict[str, Mapping[str, Any]]
        parts = {"model": self.models, "follows": self.follows, "mean": self.means}
        data = {key: {name: asdict(one) for name, one in of.items()} for key, of in parts.items()}
        return _WRITTEN + tomli_w.dumps(data)


def load_futures(directory: Path | None = None) -> Futures:
    """The content of `futures.toml`.

    Args:
        directory: Folder of the tables; those in use when None.
    """
    data = read_toml(table_file(FILE, directory))
    for entry in data["model"].values():
        entry["volatility"] = Volatility(**entry["volatility"])
    return Futures(
        {name: _of_table(MonthlyModel, entry) for name, entry in data["model"].items()},
        {route: _of_table(TrailingMean, entry) for route, entry in data["mean"].items()},
        {name: Follows(**entry) for name, entry in data["follows"].items()},
    )


def _of_table[T](kind: Callable[..., T], entry: Mapping[str, Any]) -> T:
    """A class filled from a table, with tuples in place of its lists."""
    return kind(**{k: tuple(one) if isinstance(one, list) else one for k, one in entry.items()})
