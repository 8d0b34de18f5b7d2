"""The daily outcomes of a model as Mesa's data collector has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

#: gives outcomes of the simulated days that are over: name -> (days,)
Outcomes = Callable[[], "dict[str, npt.NDArray[np.float64]]"]


class OutcomeCollector(mesa.DataCollector):
    """A data collector whose model reporters are the outcomes of each simulated day.

    The model counts them in any case, so nothing is collected while it runs: a table is made from
    the counts when it is asked for, and has all days since the first. For other reporters put a
    collector of Mesa's in its place: `model.datacollector = mesa.DataCollector(...)`.

    Args:
        outcomes: Gives the outcomes so far.
        first: The first simulated day.
    """

    def __init__(self, outcomes: Outcomes, first: date) -> None:
        self._outcomes = outcomes
        self._first = first
        super().__init__()
        self.model_reporters = {name: partial(self._latest, name) for name in outcomes()}

    def collect(self, model: mesa.Model) -> None:
        """Do nothing: the model has counted the day already."""

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a simulated day from 1 (`Step`): its `date`, and one column an outcome."""
        table = pd.DataFrame(self._outcomes())
        table.index = pd.RangeIndex(1, len(table) + 1, name="Step")
        table.insert(0, "date", pd.date_range(self._first, periods=len(table)))
        return table

    @property
    def model_vars(self) -> dict[str, list[float]]:
        """Outcome -> its values by day; `mesa.batch_run` reads them."""
        return {name: values.tolist() for name, values in self._outcomes().items()}

    @model_vars.setter
    def model_vars(self, _: Any) -> None:
        """Mesa sets an empty one at first, which nothing needs."""

    @property
    def _collection_steps(self) -> list[int]:
        """The days that `model_vars` has."""
        return list(range(1, len(next(iter(self._outcomes().values()))) + 1))

    @_collection_steps.setter
    def _collection_steps(self, _: Any) -> None:
        """See `model_vars`."""

    def _latest(self, name: str, _: mesa.Model) -> float:
        """An outcome on the last day that is over; NaN before there is one."""
        values = self._outcomes()[name]
        return float(values[-1]) if values.size else float("nan")
