"""The Channel: on a fair day launchers send boats as their clients, boats and teams allow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import SEIZURE
from simulation.agents.smuggler import at_work
from simulation.chain import link
from simulation.processes.census import keep_living
from simulation.processes.healing import strength_of
from simulation.processes.launching import (
    book_launches,
    call_up,
    embark,
    seat_takings,
    weigh_risks,
)
from simulation.processes.sailing import STOPPED, Boats, SeaRules, sail
from simulation.processes.sea import monthly_fair_shares
from simulation.processes.tables import Rules
from simulation.processes.world import BOAT, World
from simulation.randomness import Decision, child_identifier, draw

_TAXI = link("launches_taxi")


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
    launches *= 1.0 - channel.taxi_share  # the others do not leave from the beach
    relief = 1.0 + launches / np.maximum(channel.handled_launches * world.effort[boat], 1e-9)
    alone = -np.log1p(-np.minimum(world.legs.stop_chance[boat], 1.0 - 1e-12))
    stopped = -np.expm1(-alone / relief)
    back = min(channel.return_base + channel.return_wave * (1.0 - quality), 1.0)
    stopped *= 1.0 - channel.taxi_share
    left = 1.0 - stopped
    back += channel.taxi_share / np.maximum(left, 1e-9) * (1.0 - back) * channel.taxi_intercept
    operators, people = world.legs.stop_chance.copy(), world.legs.stop_chance.copy()
    operators[boat] = stopped + left * back
    people[boat] = stopped * channel.found_share + left * back
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
        self.sea_rules = SeaRules(
            found_share=channel.found_share,
            seizure_chance=channel.seizure_chance,
            death_tail=channel.death_tail,
            death_cap=channel.death_cap,
            scale=world.scale,
            arrival_authority=int(ground.uk[1]),
            beach_authority=ground.authority_from,
        )

    def launch(self, world: World, rules: Rules) -> None:
        """Decide the day's launches and let them run their course."""
        price = self._seat_price(world)
        world.ledger.seat_price[world.day] = price
        if not world.sea.fair[world.day]:
            return
        boats, riders = self._plan(world)
        if not boats.key.size:
            return
        facts = np.empty((2 * riders.size + 1, 4), dtype=np.int64)
        count = sail(
            world.day, world.ordinal, world.seed, riders, boats, world.migrants, world.counts,
            rules, self.sea_rules, world.yields, world.revenue, world.money, facts,
        )  # fmt: skip
        world.note_accounts(facts[:count])
        self._book(world, boats)
        world.live = world.live[: keep_living(world.live, world.migrants.state, world.ended)]

    def _seat_price(self, world: World) -> float:
        s = world.smugglers
        if self._rows.shape[1] != s.count:
            self._rows = np.empty((5, s.count), dtype=np.int64)
            self._takings = np.empty((2, s.count))
        takings, teams = self._takings
        count = seat_takings(s.stage, s.status, s.fee, s.teams, takings, teams)
        return float(takings[:count].sum() / teams[:count].sum()) if count else float("nan")

    def _plan(self, world: World) -> tuple[Boats, npt.NDArray[np.int64]]:
        """Boats of the day and the people in them."""
        m, s, channel = world.migrants, world.smugglers, world.parameters.channel
        quality, wave = float(world.sea.quality[world.day]), float(world.sea.wave[world.day])
        waiting, next_place, launchers, crews, first = self._rows
        queued = np.empty(world.live.size, dtype=np.int64)
        # clients of today's launchers, the first to have joined first
        turn = np.empty(world.live.size, dtype=np.uint64)
        teams = s.teams * strength_of(world, at_work(s, world.day))
        ready, clients = call_up(
            world.day, world.ordinal, world.seed, world.live, m, s.uid, s.stage, s.status,
            s.dark_until, teams, s.boats, quality**channel.launch_caution, queued, waiting,
            launchers, crews, next_place, first, turn,
        )  # fmt: skip
        launchers, crews, first = launchers[:ready], crews[:ready], first[:ready]
        calm = 1.0 - channel.load_sea_effect * (wave - channel.wave_usual)
        lines, riders = np.empty((2, clients), dtype=np.int64)
        plan = np.empty((int(crews.sum()), 4), dtype=np.int64)
        count, taken = embark(
            np.argsort(turn[:clients]), queued, m.smuggler, next_place, lines, world.ordinal,
            world.seed, s.uid, s.load, launchers, crews, first, waiting, calm,
            channel.load_spread * np.sqrt(12.0), channel.fill_least, world.scale, plan, riders,
        )  # fmt: skip
        return self._boats(world, plan[:count], wave), riders[:taken]

    def _boats(self, world: World, plan: npt.NDArray[np.int64], wave: float) -> Boats:
        """Chances of every launch, from effort, numbers, sea, load and distance.

        Args:
            world: The world.
            plan: (boats, 4) as `fill_boats` makes it.
            wave: Height of waves today.
        """
        channel, s = world.parameters.channel, world.smugglers
        size = plan.shape[0]
        back = channel.return_base + channel.return_wave * wave
        boats = Boats(
            key=np.empty(size, dtype=np.uint64),
            launcher=np.empty(size, dtype=np.int32),
            leg=np.empty(size, dtype=np.int16),
            first=np.empty(size, dtype=np.int64),
            load=np.empty(size, dtype=np.int64),
            stop_chance=np.empty(size),
            death_chance=np.empty(size),
            return_chance=np.full(size, min(back, 1.0)),
            fate=np.empty(size, dtype=np.int8),
            dead=np.empty(size, dtype=np.int64),
            prevented=np.empty(size, dtype=np.int64),
            landed=np.empty(size, dtype=np.int64),
            seized=np.empty(size, dtype=bool),
        )
        alone = -np.log1p(-np.minimum(world.legs.stop_chance, 1.0 - 1e-12))
        risk, taxi = np.empty((2, size)), np.empty(size, dtype=bool)
        weigh_risks(
            world.ordinal, world.seed, channel.taxi_share, plan, s.uid, s.skill, s.place,
            self._leg_of_place, alone, world.effort,
            channel.handled_launches, self._safe_load(world), world.scale,
            channel.death_overload, channel.death_wave * wave,
            np.empty(alone.size, dtype=np.int64), boats, taxi, risk[0], risk[1],
        )  # fmt: skip
        np.exp(risk, out=risk)
        np.subtract(1.0, risk[0], out=boats.stop_chance)
        self._meet_in_the_water(world, boats, taxi)
        met = np.where(taxi, channel.taxi_intercept, boats.stop_chance)
        contested = 1.0 + channel.death_contested * met
        danger = channel.death_base * risk[1] * contested * self._danger_of_length[boats.leg]
        np.minimum(danger, 1.0, out=boats.death_chance)
        return boats

    def _meet_in_the_water(self, world: World, boats: Boats, taxi: npt.NDArray[np.bool_]) -> None:
        """Let boats that pick people up from the water be intercepted there, and count them.

        Args:
            world: The world.
            boats: The launches; chances of a return are raised.
            taxi: (boats,) which pick people up from the water.
        """
        if not taxi.any():
            return
        kept = (1.0 - boats.return_chance) * (1.0 - world.parameters.channel.taxi_intercept)
        boats.return_chance[taxi] = 1.0 - kept[taxi]
        np.add.at(world.links[_TAXI], world.ground.authority_from[boats.leg[taxi]], 1)

    def _safe_load(self, world: World) -> float:
        """People up to whom a boat of the size that is now on the market is not overloaded."""
        channel = world.parameters.channel
        return channel.load_safe * world.policy.boat_size**channel.safe_load_growth

    def _book(self, world: World, boats: Boats) -> None:
        """Use up boats, pay for launches, remember risk, count."""
        s, channel, ledger, day = world.smugglers, world.parameters.channel, world.ledger, world.day
        cost = np.empty(boats.key.size)
        landed, seized, prevented = book_launches(
            boats, launch_cost(world), channel.launch_cost * channel.retry_cost_share, cost,
            world.pairs, s.boats, s.cash, s.week_cost, world.ground.authority_from, world.links,
            self._rows[0],
        )  # fmt: skip
        ledger.profit[day] -= cost.sum()
        legs = ledger.launches.shape[1]
        ledger.boats_landed[day] = landed
        ledger.launches[day] = np.bincount(boats.leg, minlength=legs)
        stopped = boats.leg[boats.fate == STOPPED]
        ledger.launches_stopped[day] = np.bincount(stopped, minlength=legs)
        ledger.boats_seized[day] += seized
        ledger.prevented[day] = prevented
        if not seized:
            return
        for boat in np.flatnonzero(boats.seized):
            launcher, leg = boats.launcher[boat], boats.leg[boat]
            luck = draw(world.seed, Decision.INSPECTION_FACT, boats.key[boat], world.ordinal)
            if luck < channel.seizure_fact_yield:
                authority = int(world.ground.authority_from[leg])
                key = child_identifier(int(boats.key[boat]), world.ordinal)
                world.facts.append((authority, int(launcher), SEIZURE, key))
