"""The Channel: on a fair day launchers send boats as their clients, boats and teams allow."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import SEIZURE
from simulation.corridor.stages import BOAT
from simulation.processes.interception import intercepted
from simulation.processes.launching import call_up, embark, seat_takings
from simulation.processes.sailing import SeaRules, room_for_boats
from simulation.processes.sea import monthly_fair_shares
from simulation.processes.voyages import Bookings, set_sail
from simulation.processes.world import World
from simulation.randomness import Decision, child_identifier, draw
from simulation.scenario.levers.taxi_boats import TAXI_SHARE


class UsualRisk(NamedTuple):
    """Usual chance that an attempt on each leg fails, by what is counted as one; arrays (legs,)."""

    operators: npt.NDArray[np.float64]  # stopped; of boats, that those aboard do not land
    people: npt.NDArray[np.float64]  # stopped; of boats, found on the beach or brought back


def usual_risk(world: World, flows: npt.NDArray[np.float64]) -> UsualRisk:
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
    back += taxis_left / np.maximum(left, 1e-9) * (1.0 - back) * channel.taxi_intercept
    operators, people = world.legs.stop_chance.copy(), world.legs.stop_chance.copy()
    operators[boat] = stopped + met + left * back
    people[boat] = stopped * channel.found_share + met * channel.found_at_sea + left * back
    return UsualRisk(operators=operators, people=people)


def launch_cost(world: World) -> float:
    """EUR of a launch whose boat is gone: the usual cost, and what the boat is dearer today."""
    parameters = world.parameters
    return float(parameters.channel.launch_cost + world.boat_price - parameters.supply.boat_price)


class Channel:
    """Launches of the day.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        channel, ground = world.parameters.channel, world.ground
        self._leg_of_place = np.full(len(world.corridor.places), -1, dtype=np.int16)
        boat = np.flatnonzero(ground.segment == BOAT)
        self._leg_of_place[ground.origin[boat]] = boat
        distance = np.array([leg.distance_km for leg in world.corridor.legs])
        #: (legs,) danger of a crossing so long against one of the usual length
        self._danger_of_length = np.ones(distance.size)
        self._danger_of_length[boat] = (
            distance[boat] / channel.distance_usual
        ) ** channel.death_distance
        #: (5, operators) and (2, operators) work space, made anew when there are more
        self._rows = np.empty((5, 0), dtype=np.int64)
        self._takings = np.empty((2, 0))
        #: the boats of a day, and of each whether it picks people up from the water, its exponents
        #: of risk, (2, boats), and its cost; made anew when there are more
        self._boats, self._taxi = room_for_boats(0), np.empty(0, dtype=bool)
        self._risk, self._cost = np.empty((2, 0)), np.empty(0)
        self.sea_rules = SeaRules(
            found_share=channel.found_share,
            seizure_chance=channel.seizure_chance,
            found_at_sea=channel.found_at_sea,
            seizure_at_sea=channel.seizure_at_sea,
            death_tail=channel.death_tail,
            death_cap=channel.death_cap,
            scale=world.scale,
            arrival_authority=int(ground.uk[1]),
            beach_authority=ground.authority_from,
        )

    def launch(self, world: World) -> None:
        """Decide the day's launches and let them run their course."""
        price = self._seat_price(world)
        world.ledger.seat_price[world.day] = price
        if not world.sea.fair[world.day]:
            return
        count, riders = self._plan(world)
        if count:
            self._sail(world, count, riders)

    def _seat_price(self, world: World) -> float:
        s = world.smugglers
        if self._rows.shape[1] != s.count:
            self._rows = np.empty((5, s.count), dtype=np.int64)
            self._takings = np.empty((2, s.count))
        count = seat_takings(s.stage, s.status, s.fee, s.teams, *self._takings)
        takings, teams = self._takings[:, :count].sum(axis=1).tolist()
        return takings / teams if count else math.nan

    def _plan(self, world: World) -> tuple[int, npt.NDArray[np.int64]]:
        """Fill in the boats of the day; returns how many there are, and the people in them."""
        m, s, channel = world.migrants, world.smugglers, world.parameters.channel
        quality, wave = float(world.sea.quality[world.day]), float(world.sea.wave[world.day])
        waiting, next_place, launchers, crews, first = self._rows
        queued, lines, riders = np.empty((3, world.live.size), dtype=np.int64)
        turn, turns = np.empty((2, world.live.size), dtype=np.uint64)
        ready, most, clients = call_up(
            world.day, world.ordinal, world.seed, world.live, m.uid, m.state, m.smuggler, m.joined,
            s.uid, s.stage, s.status, s.dark_until, s.organiser, s.teams, s.boats,
            world.parameters.market.orphan_loss, quality**channel.launch_caution, queued, waiting,
            launchers, crews, next_place, first, turn,
        )  # fmt: skip
        if not most:
            return 0, riders
        if most > self._boats.key.size:
            self._boats, self._risk = room_for_boats(2 * most), np.empty((2, 2 * most))
            self._taxi, self._cost = np.empty(2 * most, dtype=bool), np.empty(2 * most)
        alone = -np.log1p(-np.minimum(world.legs.stop_chance, 1.0 - 1e-12))
        count, taken = embark(
            world.ordinal, world.seed, queued[:clients], turn, m.smuggler, next_place, lines,
            turns, s.uid, s.load, s.skill, s.place, launchers[:ready], crews, first[:ready],
            waiting, 1.0 - channel.load_sea_effect * (wave - channel.wave_usual),
            channel.load_spread * math.sqrt(12.0), channel.fill_least, world.scale,
            np.empty((most, 4), dtype=np.int64), riders, TAXI_SHARE.of(world.policy),
            self._leg_of_place, alone, world.effort, channel.handled_launches,
            self._safe_load(world), channel.death_overload, channel.death_wave * wave,
            np.empty(alone.size, dtype=np.int64), self._boats, self._taxi, self._risk,
        )  # fmt: skip
        return count, riders[:taken]

    def _safe_load(self, world: World) -> float:
        """People up to whom a boat of the size that is now on the market is not overloaded."""
        channel = world.parameters.channel
        return channel.load_safe * world.policy.boat_size**channel.safe_load_growth

    def _sail(self, world: World, count: int, riders: npt.NDArray[np.int64]) -> None:
        """Let the boats of the day run their course, pay for them, remember risk, count.

        Args:
            world: The world.
            count: Number of boats.
            riders: Rows of the people in them, boat by boat.
        """
        s, channel, ledger, day = world.smugglers, world.parameters.channel, world.ledger, world.day
        back = channel.return_base + channel.return_wave * float(world.sea.wave[day])
        facts = np.empty((2 * riders.size + 1, 4), dtype=np.int64)
        legs = self._boats.leg[:count][self._taxi[:count]]
        taxis = np.bincount(legs, minlength=world.effort.size).astype(float)
        cost = self._cost[:count]
        books = Bookings(
            world.pairs.smuggler, world.pairs.trips, world.pairs.stops, s.boats, s.cash,
            s.week_cost, world.links, self._rows[0], ledger.launches[day],
            ledger.launches_stopped[day], cost,
        )  # fmt: skip
        learnt, landed, seized, prevented, living = set_sail(
            day, world.ordinal, world.seed, count, riders, self._taxi,
            np.exp(self._risk[:, :count]), min(back, 1.0), channel.taxi_intercept,
            intercepted(world, taxis), channel.death_base, channel.death_contested,
            self._danger_of_length, world.numbers, self.sea_rules, world.yields, world.revenue,
            world.money, facts, launch_cost(world),
            channel.launch_cost * channel.retry_cost_share, books, world.live, world.ended,
            *world.migrants, *self._boats, *world.counts,
        )  # fmt: skip
        world.keep_first(living)
        world.note_accounts(facts[:learnt])
        ledger.profit[day] -= cost.sum()
        ledger.boats_landed[day] = landed
        ledger.boats_seized[day] += seized
        ledger.prevented[day] = prevented
        if seized:
            self._search(world, count)

    def _search(self, world: World, count: int) -> None:
        """Boats seized on the beach tell of those who sent them; `count` is how many were sent."""
        boats, channel = self._boats, world.parameters.channel
        for boat in np.flatnonzero(boats.seized[:count]):
            launcher, leg = boats.launcher[boat], boats.leg[boat]
            luck = draw(world.seed, Decision.INSPECTION_FACT, boats.key[boat], world.ordinal)
            if luck < channel.seizure_fact_yield:
                authority = int(world.ground.authority_from[leg])
                key = child_identifier(int(boats.key[boat]), world.ordinal)
                world.facts.append((authority, int(launcher), SEIZURE, key))
