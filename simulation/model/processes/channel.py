"""The Channel: on a fair day launchers send boats as their clients, boats and teams allow.

Units at sea can stop boats before they pick people up from the water. They watch the coast that
boats leave from, as patrols on the beach do: random search (Koopman 1956), which finds a smaller
share where many boats come at once. A boat that is met is stopped only where that is safe.
Passengers still on the beach stay there.

Fair days come in spells. The share of fair days by month is climatology, so a forecast does not use
the weather that happened, unless a scenario gives the days of a month (`weather.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from simulation.compiled import Bools, Floats, Ints, with_room
from simulation.corridor.stages import BOAT
from simulation.model.agents.authority import SEIZURE
from simulation.model.agents.decisions import LaunchInputs, LaunchRule, checked
from simulation.model.agents.migrant import State
from simulation.model.agents.smuggler import at_work
from simulation.model.processes.launching import (
    BoatRisk,
    Bookings,
    Coast,
    Launches,
    LaunchPlan,
    SeaDay,
    SeaRisk,
    call_up,
    embark,
    seat_takings,
    set_sail,
)
from simulation.model.processes.weather import calm_days, levels_given
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.randomness import Decision, child_identifier, draw, uniforms
from simulation.scenario.levers.borders import SEA_PATROLS, SeaPatrol
from simulation.scenario.levers.times import TAXI_SHARE


@dataclass(frozen=True)
class Sea:
    """The sea on every day of a run; arrays (days,).

    Attributes:
        fair: Whether boats can leave.
        quality: How good the day is, 0 to 1; 0 on rough days.
        wave: Hazard level, 0 (calm) to 1 (rough).
    """

    fair: Bools
    quality: Floats
    wave: Floats


def monthly_fair_shares(parameters: Parameters) -> Floats:
    """Share of fair days by calendar month, (12,)."""
    sea = parameters.sea
    arrival_days = np.array(
        [
            sea.arrival_days_january, sea.arrival_days_february, sea.arrival_days_march,
            sea.arrival_days_april, sea.arrival_days_may, sea.arrival_days_june,
            sea.arrival_days_july, sea.arrival_days_august, sea.arrival_days_september,
            sea.arrival_days_october, sea.arrival_days_november, sea.arrival_days_december,
        ]
    )  # fmt: skip
    return np.minimum(arrival_days * sea.fair_day_factor, 1.0)


def month_levels(share: npt.ArrayLike) -> Floats:
    """Usual calm of a month: a day is fair where it and the weather of the day exceed 0, (months,).

    Args:
        share: (months,) share of fair days.

    Returns:
        Normal quantiles of the shares, for the weather of a day is a standard normal.
    """
    levels: Floats = ndtri(np.minimum(share, np.nextafter(1.0, 0.0)))
    return levels


def calm_rank(calm: Floats, levels: Floats) -> Floats:
    """Share of the fair days of a year that are rougher than these, (days,).

    Args:
        calm: (days,) usual calm of the month and weather of the day; above 0, for they are fair.
        levels: (months,) see `month_levels`.
    """
    calmer = ndtr(levels - calm[:, None]).mean(axis=1)
    rank: Floats = 1.0 - calmer / ndtr(levels).mean()
    return rank


def make_sea(
    first: date,
    days: int,
    parameters: Parameters,
    seed: int,
    given: Mapping[str, int] | None = None,
) -> Sea:
    """Draw the sea for `days` days from `first`, keyed by date.

    The weather is an autoregressive normal, and a day is fair where it is calm enough. So where few
    days are fair, as in winter and on the first and last day of a spell, those that are fair are
    the marginal ones. Over a year the rank of fair days is uniform.

    Args:
        first: The first day.
        days: How many days.
        parameters: What is assumed.
        seed: The seed of the run.
        given: Month, as "2024-01", to its days with arrivals, which take the place of the climate.
    """
    dates = [first + timedelta(days=k) for k in range(days)]
    ordinals = np.array([day.toordinal() for day in dates], dtype=np.uint64)
    draws = uniforms(seed, Decision.SEA_STATE, 0, ordinals)
    calm = calm_days(draws, parameters.sea.persistence)
    usual = month_levels(monthly_fair_shares(parameters))
    levels = usual[[day.month - 1 for day in dates]]
    if given:
        observed = levels_given(calm, dates, given, parameters.sea.fair_day_factor)
        levels = np.where(np.isnan(observed), levels, observed)
    calm += levels
    fair, quality = calm > 0.0, np.zeros(days)
    quality[fair] = calm_rank(calm[fair], usual) ** parameters.sea.quality_shape
    return Sea(fair=fair, quality=quality, wave=1.0 - quality)


class AtSea(NamedTuple):
    """Units at sea on each leg today; arrays (legs,)."""

    effort: Floats  # units
    safe: Floats  # share of boats met that may be stopped


def spread_units(
    patrols: Sequence[SeaPatrol],
    activity: Floats,
    boat_legs: Sequence[npt.NDArray[np.intp]],
) -> AtSea:
    """Put the units of each authority where its picture says that boats leave.

    Args:
        patrols: Units at sea, by authority.
        activity: (authorities, legs) crossings a day as each authority sees them.
        boat_legs: Of each authority, the legs by which boats leave its ground for the UK.

    Returns:
        Units on each leg, evenly where a picture shows nothing, and what they may stop.
    """
    effort, allowed = np.zeros((2, activity.shape[1]))
    for authority, units, safe in patrols:
        legs = boat_legs[authority]
        seen = activity[authority, legs]
        total = float(seen.sum())
        here = units * (seen / total if total > 0.0 else 1.0 / legs.size)
        effort[legs] += here
        allowed[legs] += here * safe
    return AtSea(effort, np.divide(allowed, effort, out=np.zeros_like(effort), where=effort > 0.0))


def chance_before_boarding(
    at_sea: AtSea, taxis: Floats, sweep: float, width: Floats, handled: float
) -> Floats:
    """Chance that a boat is stopped before it picks people up, (legs,).

    Args:
        at_sea: Units on each leg.
        taxis: (legs,) boats that pick people up from the water today.
        sweep: Km of coast that a unit watches while a boat picks people up.
        width: (legs,) km of coast.
        handled: Boats that a unit deals with at a time.

    Returns:
        `safe x (1 - exp(-effort x sweep / width / relief))` with
        `relief = 1 + taxis / (handled x effort)`; exactly 0 where there are no units.
    """
    relief = 1.0 + taxis / np.maximum(handled * at_sea.effort, 1e-9)
    met: Floats = -np.expm1(-at_sea.effort * sweep / width / relief)
    return at_sea.safe * met


def intercepted(world: World, taxis: Floats) -> Floats:
    """Chance that a boat is stopped before it picks people up under today's policy, (legs,).

    Args:
        world: The world.
        taxis: (legs,) boats that pick people up from the water today.
    """
    patrols, ground = SEA_PATROLS.of(world.policy), world.ground
    if not patrols:
        return np.zeros(taxis.size)
    at_sea = spread_units(patrols, world.beliefs.activity, ground.boat_legs)
    parameters = world.parameters
    return chance_before_boarding(
        at_sea, taxis, parameters.patrol.sweep_at_sea, ground.width,
        parameters.channel.handled_launches,
    )  # fmt: skip


class UsualRisk(NamedTuple):
    """Usual chance that an attempt on each leg fails, by what is counted as one; arrays (legs,)."""

    operators: Floats  # stopped; of boats, that those aboard do not land
    people: Floats  # stopped; of boats, found on the beach or brought back


def usual_risk(world: World, flows: Floats) -> UsualRisk:
    """Chances of a failure with patrols as they are and flows as they are expected.

    Of boats it is what operators and people would see in the long run at the usual load with an
    operator of skill 1: beaches are as full as launches of a fair day make them, and some boats are
    brought back. The mean over days that boats leave on is that of the climatology, so it is the
    same for every seed.

    Args:
        world: With the effort and the chances of a stop of the first day.
        flows: (legs,) expected attempts a day, people.
    """
    channel, sea = world.parameters.channel, world.parameters.sea
    boat = np.flatnonzero(world.ground.segment == BOAT)
    # a launcher launches with chance quality^c, and quality is u^s: moments of u^s by launch
    shape, caution = sea.quality_shape, channel.launch_caution
    daring = 1.0 / (caution * shape + 1.0)
    quality = 1.0 / ((caution + 1.0) * shape + 1.0) / daring
    company = 1.0 / (2.0 * caution * shape + 1.0) / daring**2  # on good days more leave at once
    load = channel.load_start * world.policy.boat_size
    fair_share = float(monthly_fair_shares(world.parameters).mean())
    launches = flows[boat] / load / fair_share * company
    taxi_share = TAXI_SHARE.of(world.policy)  # these do not leave from the beach
    taxis = np.zeros(world.effort.size)
    taxis[boat] = launches * taxi_share
    at_sea = intercepted(world, taxis)[boat]
    launches *= 1.0 - taxi_share
    relief = 1.0 + launches / np.maximum(channel.handled_launches * world.effort[boat], 1e-9)
    alone = -np.log1p(-np.minimum(world.legs.stop_chance[boat], 1.0 - 1e-12))
    stopped = -np.expm1(-alone / relief)
    back = min(channel.return_base + channel.return_wave * (1.0 - quality), 1.0)
    stopped *= 1.0 - taxi_share
    met = taxi_share * at_sea
    left = 1.0 - (stopped + met)
    taxis_left = taxi_share * (1.0 - at_sea)
    brought_back = back + (
        taxis_left / np.maximum(left, 1e-9) * (1.0 - back) * channel.taxi_intercept
    )
    operators, people = world.legs.stop_chance.copy(), world.legs.stop_chance.copy()
    operators[boat] = stopped + met + left * brought_back
    caught = stopped * channel.found_share + met * channel.found_at_sea
    people[boat] = caught + left * brought_back
    return UsualRisk(operators=operators, people=people)


def launch_cost(world: World) -> float:
    """EUR of a launch whose boat is gone: the usual cost, and what the boat is dearer today."""
    parameters = world.parameters
    return float(parameters.channel.launch_cost + world.boat_price - parameters.supply.boat_price)


class Channel:
    """Launches of the day.

    Args:
        world: The world.
        rule: A rule of the user's own for who sends boats.
    """

    def __init__(self, world: World, rule: LaunchRule | None = None) -> None:
        self._rule = rule
        channel, ground = world.parameters.channel, world.ground
        self._sea = make_sea(
            world.first, world.days, world.parameters, world.seed, world.levers.background.weather
        )
        self._leg_of_place = np.full(len(world.corridor.places), -1, dtype=np.int16)
        boat = np.flatnonzero(ground.segment == BOAT)
        self._leg_of_place[ground.origin[boat]] = boat
        distance = np.array([leg.distance_km for leg in world.corridor.legs])
        #: (legs,) danger of a crossing so long against one of the usual length
        self._danger_of_length = np.ones(distance.size)
        self._danger_of_length[boat] = (
            distance[boat] / channel.distance_usual
        ) ** channel.death_distance
        #: (2, operators) work space, made anew when there are more
        self._takings = np.empty((2, 0))
        #: the boats of a day, what they risk, and (boats,) EUR; made anew when there are more
        self._boats, self._risk = with_room(Launches, 0), BoatRisk.with_room(0, distance.size)
        self._cost, self._plan = np.empty(0), LaunchPlan.with_room(0, 0)
        self._coast = Coast(world.scale, world.landing_authority, ground.authority_from)

    def launch(self, world: World) -> None:
        """Decide the day's launches and let them run their course."""
        price = self._seat_price(world)
        world.ledger.seat_price[world.day] = price
        if self._sea.fair[world.day]:
            operators, people = world.smugglers.count, world.live.size
            if self._plan.waiting.size != operators or self._plan.clients.size < people:
                self._plan = LaunchPlan.with_room(operators, 2 * people)
            count, riders = self._embark(world, self._plan)
            if count:
                self._sail(world, count, self._plan, self._plan.riders[:riders])

    def _seat_price(self, world: World) -> float:
        s = world.smugglers
        if self._takings.shape[1] != s.count:
            self._takings = np.empty((2, s.count))
        count = seat_takings(s.rows, *self._takings)
        takings, teams = self._takings[:, :count].sum(axis=1).tolist()
        return takings / teams if count else math.nan

    def _by_rule(
        self, world: World, rule: LaunchRule, quality: float, wave: float, chance: Floats
    ) -> None:
        """Fill in the chances of those who could launch, by a rule of the user's own."""
        s, m, live = world.smugglers, world.migrants, world.live
        queued = live[m.state[live] == State.QUEUED]
        waiting = np.bincount(m.smuggler[queued], minlength=s.count)
        able = (waiting > 0) & (s.boats > 0) & (s.stage == BOAT) & at_work(s, world.day)
        rows = np.flatnonzero(able)
        if not rows.size:
            return
        morning = LaunchInputs(
            day=world.day,
            quality=quality,
            wave=wave,
            operator=rows,
            leg=self._leg_of_place[s.place[rows]],
            clients=waiting[rows] / world.scale,
            boats=s.boats[rows],
            teams=s.teams[rows],
            load=s.load[rows],
        )
        chance[rows] = checked("launching", rule(morning), rows.shape, most=1.0)

    def _embark(self, world: World, plan: LaunchPlan) -> tuple[int, int]:
        """Fill in the boats of the day; returns how many there are, and the people in them."""
        channel = world.parameters.channel
        quality, wave = float(self._sea.quality[world.day]), float(self._sea.wave[world.day])
        m, rows = world.migrants, world.smugglers.rows
        chance = np.full(world.smugglers.count, quality**channel.launch_caution)
        if self._rule is not None:
            self._by_rule(world, self._rule, quality, wave, chance)
        ready, most, clients = call_up(world.now, world.live, m, rows, chance, plan)
        if not most:
            return 0, 0
        if most > self._cost.size:
            self._boats = with_room(Launches, 2 * most)
            self._risk = BoatRisk.with_room(2 * most, world.effort.size)
            self._cost = np.empty(2 * most)
        today = SeaDay(
            calm=1.0 - channel.load_sea_effect * (wave - channel.wave_usual),
            from_waves=channel.death_wave * wave,
            # people up to whom a boat of the size that is now on the market is not overloaded
            safe_load=channel.load_safe * world.policy.boat_size**channel.safe_load_growth,
            taxi_share=TAXI_SHARE.of(world.policy),
            leg_of_place=self._leg_of_place,
            alone=-np.log1p(-np.minimum(world.legs.stop_chance, 1.0 - 1e-12)),
            effort=world.effort,
        )
        count, riders = embark(
            world.now, ready, clients, m.smuggler, rows, today, plan, self._risk, self._boats
        )
        return count, riders

    def _sail(self, world: World, count: int, plan: LaunchPlan, riders: Ints) -> None:
        """Let the boats of the day run their course, pay for them, remember risk, count.

        The riders stand boat by boat. The plan's column of waiting clients is work space now.
        """
        channel, ledger, day = world.parameters.channel, world.ledger, world.day
        back = channel.return_base + channel.return_wave * float(self._sea.wave[day])
        accounts = np.empty((2 * riders.size + 1, 4), dtype=np.int64)
        boats = Launches._make(column[:count] for column in self._boats)
        taxis = np.bincount(boats.leg[boats.taxi], minlength=world.effort.size).astype(float)
        cost = self._cost[:count]
        risk = SeaRisk(
            np.exp(self._risk.exponent[:, :count]), min(back, 1.0), intercepted(world, taxis),
            self._danger_of_length,
        )  # fmt: skip
        books = Bookings(
            world.links, plan.waiting, ledger.launches[day], ledger.launches_stopped[day], cost,
            world.pairs.smuggler, world.pairs.trips, world.pairs.stops, launch_cost(world),
        )  # fmt: skip
        learnt, landed, seized, prevented, living = set_sail(
            world.now, riders, risk, self._coast, world.account_yield, world.revenue, world.money,
            accounts, np.empty(1, dtype=np.int64), world.smugglers.rows, books, world.live,
            world.ended, *world.migrants, *boats, *world.counts,
        )  # fmt: skip
        world.keep_first(living)
        world.record_accounts(accounts[:learnt])
        ledger.profit[day] -= cost.sum()
        ledger.boats_landed[day] = landed
        ledger.boats_seized[day] += seized
        ledger.prevented[day] = prevented
        if seized:
            self._inspect(world, boats)

    def _inspect(self, world: World, boats: Launches) -> None:
        """Boats seized on the beach tell of those who sent them."""
        channel = world.parameters.channel
        for boat in np.flatnonzero(boats.seized):
            launcher, leg = boats.launcher[boat], boats.leg[boat]
            u = draw(world.seed, Decision.INSPECTION_FACT, boats.key[boat], world.ordinal)
            if u < channel.seizure_fact_yield:
                authority = int(world.ground.authority_from[leg])
                key = child_identifier(int(boats.key[boat]), world.ordinal)
                world.seizure_facts.append((authority, int(launcher), SEIZURE, key))
