"""Compile the model once, before workers are forked with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.scenario import Scenario

#: share of the people that is enough to call every kernel
_SCALE = 0.01


def precompile(simulate: Callable[..., Any], scenario: Scenario) -> None:
    """Run one day with a few people, so that every kernel is compiled and every table read."""
    try:
        simulate(scenario, seed=1, scale=_SCALE, days=1, on_day=None)
    except InputError:
        raise
    except Exception:
        # whatever is wrong will be recorded for the runs it concerns
        return
