"""Time series whose past errors come from few earlier months, where these are not the subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from unittest import mock

from simulation.timeseries import estimation
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
