"""Levers on what was, or may be, otherwise: `wave`, `shock`, `boats`, `taxi_boats` and `freight`.

Waves and shocks are no part of the policy of a day: their people are drawn before the first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulation.corridor.network import BY_ROUTE
from simulation.outcomes import listing
from simulation.scenario.field_types import (
    HalfLife,
    NotNegative,
    Origins,
    Positive,
    Route,
    Routes,
    Share,
    ShockSize,
)
from simulation.scenario.levers.base import (
    Lever,
    PhasedIn,
    Timed,
    amount,
    by_record,
    check_order,
    days_in_words,
    optional,
    origin_words,
    percent,
)
from simulation.scenario.levers.declaration import TIMES, Form, Inputs, PolicyPart
from simulation.scenario.timeline import DAYS_PER_YEAR, Span

if TYPE_CHECKING:
    from simulation.parameters import Parameters
    from simulation.scenario.scenario import Scenario


# -- wave ------------------------------------------------------------------------------------------


class Wave(Timed):
    """More people of some origins set out on a route than its indicator says.

    They come on top of those usual, and with and without the wave everybody else is the same.
    Visas, returns agreements and legal routes apply to them too; places on a legal route are as
    many as before.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("entries.wave_people",)
    template: ClassVar = """\
# [[wave]]                    # on top of those usual
# origins = ["albania"]
# route = "air"
# people_per_year = 20000
# from = 2027-05-01
# to = 2027-09-30
"""
    form: ClassVar = Form(button="Add a wave", noun="waves")

    origins: Origins = Field(title="Who", description="Who.")
    route: Route = Field(title="By which route", description="By which route.")
    people_per_year: NotNegative | None = by_record(
        "entries.wave_people",
        "People more a year",
        "How many more, over all the origins named, evenly.",
    )

    def sentence(self) -> str:
        size, often = "", ""
        if self.people_per_year is not None:
            size, often = f" {amount(self.people_per_year)}", " a year"
        who = origin_words(self.origins)
        return f"A wave of{size} more people{often} from {who} {BY_ROUTE[self.route]}"


def wave_people(
    scenario: Scenario, parameters: Parameters, first: int, days: int
) -> dict[tuple[str, str], np.ndarray]:
    """People a day who set out beyond those usual, by route and origin.

    Args:
        scenario: Its waves.
        parameters: The usual size of one.
        first: Ordinal of the first day.
        days: Number of days.

    Returns:
        (route, origin) -> float (days,).
    """
    people: dict[tuple[str, str], np.ndarray] = {}
    for wave in scenario.of(Wave):
        usual = parameters.entries.wave_people
        size = usual if wave.people_per_year is None else wave.people_per_year
        part = np.array([wave.span.progress(first + day) for day in range(days)])
        for origin in wave.origins:
            key = (wave.route, origin)
            more = part * size / DAYS_PER_YEAR / len(wave.origins)
            people[key] = people.get(key, np.zeros(days)) + more
    return people


# -- shock -----------------------------------------------------------------------------------------


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
        factors[:, np.array(on_route)[:, None], np.array(of_origin)[None]] *= _shock_factor(
            shock, first + np.arange(days)
        )[:, None, None]
    return None if np.all(factors == 1.0) else factors


def _shock_factor(shock: Shock, days: np.ndarray) -> np.ndarray:
    """Factor of one shock on some days, given as ordinals."""
    since = days - shock.on.toordinal()
    left = np.ones(len(days))
    if shock.half_life_days is not None:
        left = 0.5 ** (np.maximum(since, 0) / shock.half_life_days)
    over = np.zeros(len(days), dtype=bool) if shock.to is None else days > shock.to.toordinal()
    return np.where((since < 0) | over, 1.0, 1.0 + (shock.size - 1.0) * left)


# -- boats -----------------------------------------------------------------------------------------


def _boat_size(inputs: Inputs, day: int) -> float:
    """People a boat is built for, against today's, from the boats on the market."""
    size, usual = 1.0, inputs.parameters.channel.boat_size_before
    for lever, part in inputs.of(Boats, day):
        before = usual if lever.size is None else lever.size
        size *= before + part * (1.0 - before)
    return size


class Boats(PhasedIn):
    """Smaller boats on the market until a day, growing to those of today over the ramp.

    The load that launchers aim at and the load that is safe both go with this size.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("channel.boat_size_before", "channel.safe_load_growth")
    template: ClassVar = """\
# [[boats]]                   # smaller boats at first, growing over the ramp
# size = 0.8                  # against today's
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add smaller boats", noun="changes of boats")
    parts: ClassVar = (
        PolicyPart(
            name="boat_size",
            does="people a boat is built for, against today's; before growth, "
            "`channel.boat_size_before`",
            value=_boat_size,
        ),
    )

    size: Positive | None = by_record(
        "channel.boat_size_before",
        "Size before, against today's",
        "Size before the first day, against today's.",
    )

    def sentence(self) -> str:
        before = "smaller" if self.size is None else f"{self.size:g} times today's size"
        return f"Boats are {before} at first and grow to those of today"


# -- taxi_boats ------------------------------------------------------------------------------------


def _taxi_share(inputs: Inputs, day: int) -> float:
    """Share of launches that pick their people up from the water.

    Each lever moves the share from what it would be without it to its own.
    """
    channel = inputs.parameters.channel
    share: float = channel.taxi_share
    for lever, part in inputs.of(TaxiBoats, day):
        goal = channel.taxi_share_now if lever.share is None else lever.share
        share += part * (goal - share)
    return share


TAXI_SHARE: PolicyPart[float] = PolicyPart(
    name="taxi_share",
    does="share of launches that pick their people up from the water; without it "
    "`channel.taxi_share`",
    value=_taxi_share,
)


class TaxiBoats(Timed):
    """Launches that pick their people up from the water, out of reach of patrols on the beach.

    Only units at sea can stop such a boat, before people board.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("channel.taxi_share", "channel.taxi_share_now", "channel.taxi_intercept")
    template: ClassVar = """\
# [[taxi_boats]]              # launches that pick their people up from the water
# share = 0.35                # of all launches
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add boats that pick people up", noun="rises of such boats")
    parts: ClassVar = (TAXI_SHARE,)

    share: Share | None = by_record(
        "channel.taxi_share_now", "Share of launches", "Share of launches."
    )

    def sentence(self) -> str:
        size = "More" if self.share is None else f"{percent(self.share)}"
        return f"{size} of the launches pick their people up from the water"


# -- freight ---------------------------------------------------------------------------------------


def _search_effort(inputs: Inputs, day: int) -> float:
    """Effort of searching freight to the UK, against today's.

    Exactly 1 once every ramp is over, so that today's world does not depend on what was before.
    """
    effort, usual = 1.0, inputs.parameters.patrol.freight_before
    for lever, part in inputs.of(Freight, day):
        before = usual if lever.search is None else lever.search
        effort *= part + (1.0 - part) * before
    return effort


class Freight(PhasedIn):
    """Freight to the UK searched less until a day, growing to today's searches over the ramp.

    Patrols and operations on every leg by lorry or ferry to the UK are multiplied. How many
    people then turn to boats, wait or settle is a result.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("patrol.freight_before", "migrants.freight_nesting")
    template: ClassVar = """\
# [[freight]]                 # lorries and ferries to the UK searched less at first
# search = 0.5                # effort against today's
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add fewer searches of freight", noun="changes of searches")
    parts: ClassVar = (
        PolicyPart(
            name="freight_search",
            does="multiplies effort on lorries and ferries to the UK; before growth, "
            "`patrol.freight_before`",
            value=_search_effort,
        ),
    )

    search: Positive | None = by_record(
        "patrol.freight_before",
        "Searches before, against today's",
        "Search effort before the first day, against today's.",
    )

    def sentence(self) -> str:
        before = "weaker" if self.search is None else f"{self.search:g} times today's"
        searches = "Searches of lorries and ferries to the UK"
        return f"{searches} are {before} at first and grow to those of today"
