"""The lever `shock`: the flow on some routes is multiplied from a day on.

It is no part of the policy of a day: its people are drawn before the first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulation.corridor.network import BY_ROUTE
from simulation.outcomes import listing
from simulation.scenario.field_types import HalfLife, Origins, Routes, ShockSize
from simulation.scenario.levers.base import (
    Lever,
    check_order,
    days_in_words,
    optional,
    origin_words,
)
from simulation.scenario.levers.declaration import TIMES, Form
from simulation.scenario.timeline import Span

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario


class Shock(Lever):
    """The flow on some routes is multiplied from a day on, for good, for a time, or less and less.

    It acts on whoever would have set out, waves included: more people are added and fewer kept
    away, and everybody else is the same with and without it. Shocks on the same day multiply.
    """

    group: ClassVar = TIMES
    template: ClassVar = """\
# [[shock]]                   # a factor on all who set out, from a day on
# on = 2027-03-01
# size = 2.0                  # twice as many; 0 closes the routes
# route = ["balkan"]          # or "balkan"; all routes if left out
# origins = ["syria"]         # all if left out
# half_life_days = 120        # half of it is left after so many days; all of it if left out
# to = 2027-12-31
"""
    form: ClassVar = Form(
        button="Add a shock",
        noun="shocks",
        rarely=frozenset({"to"}),
        empty={"route": "all routes", "origins": "everybody"},
    )

    on: date = Field(title="From", description="First day.")
    to: date | None = optional("To", "Last day, of one that ends at once.")
    size: ShockSize = Field(
        title="How many times as many set out",
        description="Factor on the flow on its first day; 0 closes a route.",
    )
    route: Routes | None = optional("By which routes", "A route or several. Default: all.")
    origins: Origins | None = optional("Who", "Whom it concerns. Default: all.")
    half_life_days: HalfLife | None = optional(
        "Days until half of it is over",
        "Days after which half of it is left. Default: all of it stays.",
    )

    def check_days(self) -> None:
        check_order(self.on, self.to, "to")

    @property
    def span(self) -> Span:
        return Span.of(self.on, self.to, 0)  # that less and less of it is left is no end

    def sentence(self) -> str:
        where = self._where("every" if self.size else "any")
        who = f"people from {origin_words(self.origins)}" if self.origins else "people"
        if self.size == 0.0:
            return f"No {who} set out {where}"
        return f"{self.size:g} times as many {who} set out {where}"

    def when(self) -> str:
        half = self.half_life_days
        left = f"; of this, half is left after {half:g} days" if half else ""
        return days_in_words(self.on, self.to) + left

    def _where(self, all_routes: Literal["every", "any"]) -> str:
        """Its routes in words; `every` route or `any` where it names none."""
        if not self.route:
            return f"on {all_routes} route"
        return listing([BY_ROUTE[route] for route in self.route])


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
    for shock in scenario.of(Shock):
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
