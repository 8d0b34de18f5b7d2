"""What people find at places and believe about legs: stays, crowding, hearsay."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from simulation.compiled import Bools, Floats, inner, kernel
from simulation.corridor import Corridor
from simulation.corridor.stages import LORRY
from simulation.model.agents.decisions import RouteChoiceInputs, RouteChoiceRule, checked
from simulation.model.processes.tables import times_turned_away
from simulation.model.processes.world import World
from simulation.scenario.levers.borders import BORDER_CHECKS

_YEAR = 365.25


def base_stays(world: World) -> Floats:
    """Usual days at each place before seasons and crowds, (places,)."""
    stays = world.parameters.stays
    by_kind = {
        "entry": stays.entry_days,
        "transit": stays.transit_days,
        "hub": stays.hub_days,
        "coast": stays.coast_days,
        "landing": 0.0,
    }
    # beyond the Balkans, where people could settle, those who want to go on stay longer
    return np.array(
        [
            by_kind[place.kind]
            * (stays.west_factor if place.destination and place.kind == "hub" else 1.0)
            for place in world.corridor.places
        ]
    )


def winter_hubs(corridor: Corridor) -> Bools:
    """Where people wait for spring: hubs from Serbia on, (places,).

    The season of entries is that of registrations in Serbia, so it has the waits before it.
    """
    south = {leg.origin for leg in corridor.legs if leg.stage == "south"}
    return np.array([p.kind == "hub" and p.id not in south for p in corridor.places])


@inner
def downplayed_risk(chance: float, shade: float) -> float:
    """What is believed of a chance when smugglers own up to part of its odds."""
    odds = shade * chance
    return odds / (odds + 1.0 - chance)


@kernel
def compare_crowds(
    present: np.ndarray,
    scale: float,
    keep: float,
    bound: float,
    usual: np.ndarray,
    crowding: np.ndarray,
) -> None:
    """How full every place is against what is usual there.

    Args:
        present: (places,) agents there this morning.
        scale: Agents per person.
        keep: Share of a memory left after a day.
        bound: Most that a place counts as fuller or emptier than usual.
        usual: (places,) people usually there, changed.
        crowding: (places,) filled.
    """
    for place in range(present.size):
        people = present[place] / scale
        usual[place] = keep * usual[place] + (1.0 - keep) * people
        ratio = (people + 1.0) / (usual[place] + 1.0)
        crowding[place] = min(max(ratio, 1.0 / bound), bound)


class LegMemory(NamedTuple):
    """What is remembered of legs; arrays (legs,)."""

    usual_cost: Floats  # EUR beside fee, time and risk
    usual_risk: Floats  # usual chance of a stop
    asked: Floats  # people who asked
    unmet: Floats  # people who were turned away
    trials: Floats  # attempts
    stops: Floats
    usual_rate: Floats  # of patrols finding a crossing, on the first morning
    evaded: Floats  # log of what is avoided of patrols


@kernel
def evade(
    search_rate: np.ndarray,
    usual_rate: np.ndarray,
    avoidable: np.ndarray,
    share: float,
    least: float,
    speed: float,
    evaded: np.ndarray,
    stop_chance: np.ndarray,
) -> None:
    """Let people cross at other places of a leg as patrols there change, and set its stop chance.

    In the long run the rate of stops goes with effort to the power 1 - share: the rest is avoided
    in places that are further off. Patrols as they usually are meet people where they usually are.

    Args:
        search_rate: (legs,) rate at which patrols find a crossing where people usually cross.
        usual_rate: (legs,) the same on the first morning.
        avoidable: (legs,) where there are other places to cross.
        share: Share of a change of effort, in logs, that is avoided.
        least: A rate of stops below which hardly anybody avoids patrols.
        speed: Share of the way to the long run that is made in a day.
        evaded: (legs,) log of what is avoided, changed.
        stop_chance: (legs,) filled.
    """
    for leg in range(evaded.size):
        if avoidable[leg]:
            ratio = (search_rate[leg] + least) / (usual_rate[leg] + least)
            evaded[leg] += speed * (share * np.log(ratio) - evaded[leg])
        stop_chance[leg] = 1.0 - np.exp(-search_rate[leg] * np.exp(-evaded[leg]))


@kernel
def remember_day(
    packed: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    departures: np.ndarray,
    stops: np.ndarray,
    queues_keep: float,
    usual_cost: np.ndarray,
    cost: np.ndarray,
    heard: bool,
    keep: float,
    shade: float,
    memory: LegMemory,
    belief: np.ndarray,
) -> None:
    """What people make of today: the cost of asking for legs and, if they hear of it, stops.

    Whoever is turned away waits each time, and asks again until there is room.

    Args:
        packed: The day, and what is assumed (`World.now`).
        asked: (legs,) agents who looked for an operator today.
        unmet: (legs,) those of them who found none.
        departures: (legs,) agents who set out today.
        stops: (legs,) those of them who were stopped.
        queues_keep: Share of the memory of queues left after a day.
        usual_cost: (legs,) EUR beside fee, time and risk, with what checks at borders cost.
        cost: (legs,) filled with that cost, and that of waiting and evading.
        heard: Whether people hear of stops.
        keep: Share of the memory of stops left after a day.
        shade: Share of the odds that smugglers own up to.
        memory: Who asked, who was turned away, attempts and stops; changed.
        belief: (legs,) filled with the chance of a stop that people believe in.
    """
    now = packed[0]
    migrants, prior_trials = now.migrants, now.beliefs.prior_trials
    for leg in range(cost.size):
        memory.asked[leg] = queues_keep * memory.asked[leg] + asked[leg] / now.scale
        memory.unmet[leg] = queues_keep * memory.unmet[leg] + unmet[leg] / now.scale
        tries = times_turned_away(memory.asked[leg], memory.unmet[leg])
        cost[leg] = usual_cost[leg] + migrants.day_value * (tries * migrants.wait_days)
        cost[leg] += now.evasion.cost * max(memory.evaded[leg], 0.0)
        if heard:
            memory.trials[leg] = keep * memory.trials[leg] + departures[leg] / now.scale
            memory.stops[leg] = keep * memory.stops[leg] + stops[leg] / now.scale
            seen = memory.stops[leg] + prior_trials * memory.usual_risk[leg]
            belief[leg] = downplayed_risk(seen / (memory.trials[leg] + prior_trials), shade)


def shade_of(world: World) -> float:
    """Share of the odds of a risk that people hear of, because smugglers play it down."""
    beliefs = world.parameters.beliefs
    shade: float = 1.0 - beliefs.smuggler_trust * (1.0 - beliefs.smuggler_shade)
    return shade


class Conditions:
    """Stays at places and shared beliefs about legs.

    Args:
        world: The world.
        usual_risk: (legs,) chance of a stop people know of on the first day.
        rule: A rule of the user's own for what else people hold against a leg.
    """

    def __init__(
        self, world: World, usual_risk: Floats, rule: RouteChoiceRule | None = None
    ) -> None:
        self._rule = rule
        self._base = base_stays(world)
        self._winter_hubs = winter_hubs(world.corridor)
        west = np.array([bool(place.destination) for place in world.corridor.places])
        stays = world.parameters.stays
        shares = np.where(west, stays.winter_share_west, stays.winter_share)
        world.places.winter_share[:] = shares * self._winter_hubs
        self._usual_present = np.zeros(self._base.size)
        self._crowding = np.empty(self._base.size)  # work space
        asked, unmet, trials, stops, evaded = np.zeros((5, usual_risk.size))
        self.memory = LegMemory(
            world.legs.other_cost.copy(), usual_risk, asked, unmet, trials, stops,
            world.search_rate.copy(), evaded,
        )  # fmt: skip
        beliefs = world.parameters.beliefs
        # shares of memories left after a day, and of the way to other places to cross made in it
        self._crowds_keep = float(np.exp(-1.0 / stays.crowd_memory_days))
        self._queues_keep = float(np.exp(-1.0 / stays.queue_memory_days))
        self._beliefs_keep = 2.0 ** (-1.0 / beliefs.half_life_days)
        self._evasion_speed = float(-np.expm1(-1.0 / world.parameters.evasion.days))
        self._shade = shade_of(world)
        for leg, risk in enumerate(usual_risk.tolist()):
            world.legs.belief[leg] = downplayed_risk(risk, self._shade)
        self._winter = 0  # the year in which the winter of `places` ends
        #: ports are few: whoever hides in freight passes where lorries pass
        self._avoidable = world.ground.segment != LORRY

    def step(self, world: World) -> None:
        """Set stays from season and crowding, the winter of hubs, and the chances of a stop."""
        stays = world.parameters.stays
        today = world.today
        day_of_year = world.ordinal - date(today.year, 1, 1).toordinal() + 1
        angle = 2.0 * np.pi * (day_of_year - stays.coldest_day) / _YEAR
        season = float(1.0 + stays.winter_effect * np.cos(angle))
        compare_crowds(
            world.waiting, world.scale, self._crowds_keep, stays.crowd_bound, self._usual_present,
            self._crowding,
        )  # fmt: skip
        push = self._crowding**-stays.crowd_effect  # fuller camps push people on
        world.places.stay_mean[:] = self._base * season * push
        year = today.year + int(day_of_year > stays.winter_last_day)
        if year != self._winter:
            self._winter = year
            start, end = ((date(one, 1, 1) - world.first).days for one in (year - 1, year))
            hubs, places = self._winter_hubs, world.places
            places.winter_start[hubs] = start + int(stays.winter_first_day) - 1
            places.winter_end[hubs] = end + int(stays.winter_last_day)
        memory, evasion = self.memory, world.parameters.evasion
        evade(
            world.search_rate, memory.usual_rate, self._avoidable, evasion.share,
            evasion.least_rate, self._evasion_speed, memory.evaded, world.legs.stop_chance,
        )  # fmt: skip

    def update_beliefs(self, world: World) -> None:
        """Pass on what happened on each leg: people talk where they wait, smugglers play down."""
        usual_cost, checks = self.memory.usual_cost, BORDER_CHECKS.of(world.policy)
        if not checks.idle:  # the time they cost, or save where they were lifted
            usual_cost = usual_cost + world.parameters.migrants.day_value * checks.days
        today = world.counts
        remember_day(
            world.now, today.asked, today.unmet, today.departures, today.stops, self._queues_keep,
            usual_cost, world.legs.other_cost, world.policy.adaptation.beliefs,
            self._beliefs_keep, self._shade, self.memory, world.legs.belief,
        )  # fmt: skip

    def ask_people(self, world: World) -> None:
        """Add what a rule of the user's own, if there is one, lets people hold against each leg."""
        if self._rule is None:
            return
        legs, cost = world.legs, world.legs.other_cost
        evening = RouteChoiceInputs(
            day=world.day,
            fee=np.where(legs.smuggled, legs.fee, 0.0),
            duration=legs.duration.copy(),
            belief=legs.belief.copy(),
            death_chance=legs.death_chance.copy(),
            departures=world.counts.departures / world.scale,
            other_cost=cost.copy(),
        )
        cost += checked("route_choice", self._rule(evening), cost.shape)
