"""Shocks: what they make of the flow of people on a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulation.scenario.lever_models import Shock
from simulation.scenario.schema import Scenario


def shock_factors(
    scenario: Scenario, routes: Sequence[str], origins: Sequence[str], first: int, days: int
) -> np.ndarray | None:
    """Factor on the people who set out, by day, route and origin.

    Args:
        scenario: Its shocks.
        routes: The routes, in order.
        origins: The groups of origin, in order.
        first: Ordinal of the first day.
        days: Number of days.

    Returns:
        Float (days, routes, origins); None where no shock acts on any of these days.
    """
    factors = np.ones((days, len(routes), len(origins)))
    for shock in scenario.shock:
        on_route = [routes.index(route) for route in shock.route or routes]
        of_origin = [origins.index(origin) for origin in shock.origins or origins]
        factors[:, np.array(on_route)[:, None], np.array(of_origin)[None]] *= _factor(
            shock, first + np.arange(days)
        )[:, None, None]
    return None if np.all(factors == 1.0) else factors


def _factor(shock: Shock, days: np.ndarray) -> np.ndarray:
    """Factor of one shock on some days, given as ordinals."""
    since = days - shock.on.toordinal()
    left = np.ones(len(days))
    if shock.half_life_days is not None:
        left = 0.5 ** (np.maximum(since, 0) / shock.half_life_days)
    over = np.zeros(len(days), dtype=bool) if shock.to is None else days > shock.to.toordinal()
    return np.where((since < 0) | over, 1.0, 1.0 + (shock.size - 1.0) * left)
