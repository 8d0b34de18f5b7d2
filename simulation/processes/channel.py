"""The Channel: on a fair day launchers send boats as their clients, boats and teams allow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import SEIZURE
from simulation.agents.smuggler import Status
from simulation.processes.census import keep_living, list_queued
from simulation.processes.launching import book_launches, call_crews, fill_boats
from simulation.processes.sailing import LANDED, STOPPED, Boats, SeaRules, sail
from simulation.processes.tables import Rules
from simulation.processes.world import BOAT, World
from simulation.randomness import Decision, child_identifier, draw, uniforms


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
        self._distance = np.array([leg.distance_km for leg in world.corridor.legs])
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
            world.day, world.seed, riders, boats, world.migrants, world.counts, rules,
            self.sea_rules, world.yields, world.revenue, world.money, facts,
        )  # fmt: skip
        world.note_accounts(facts[:count])
        self._book(world, boats)
        world.live = world.live[: keep_living(world.live, world.migrants, world.ended)]

    def _seat_price(self, world: World) -> float:
        s = world.smugglers
        launching = (s.stage == BOAT) & (s.teams > 0) & (s.status == Status.ACTIVE)
        if not launching.any():
            return float("nan")
        teams = s.teams[launching]
        return float((s.fee[launching] * teams).sum() / teams.sum())

    def _plan(self, world: World) -> tuple[Boats, npt.NDArray[np.int64]]:
        """Boats of the day and the people in them."""
        m, s, channel = world.migrants, world.smugglers, world.parameters.channel
        quality, wave = float(world.sea.quality[world.day]), float(world.sea.wave[world.day])
        queued = np.empty(world.live.size, dtype=np.int64)
        queued = queued[: list_queued(world.live, m, queued)]
        who = m.smuggler[queued]
        waiting = np.bincount(who, minlength=s.count)
        launchers, crews = np.empty((2, s.count), dtype=np.int64)
        ready = call_crews(
            world.ordinal, world.seed, s.uid, s.stage, s.working(world.day), s.teams, s.boats,
            waiting, quality**channel.launch_caution, launchers, crews,
        )  # fmt: skip
        launchers, crews = launchers[:ready], crews[:ready]
        queued, first = self._in_turn(world, queued, who, launchers)
        calm = 1.0 - channel.load_sea_effect * (wave - channel.wave_usual)
        plan, riders = np.empty((int(crews.sum()), 4), dtype=np.int64), np.empty_like(queued)
        count, taken = fill_boats(
            world.ordinal, world.seed, s.uid, s.load, launchers, crews, queued, first, waiting,
            calm, channel.load_spread * np.sqrt(12.0), channel.fill_least, world.scale, plan,
            riders,
        )  # fmt: skip
        return self._boats(world, plan[:count], wave), riders[:taken]

    def _in_turn(
        self,
        world: World,
        queued: npt.NDArray[np.int64],
        who: npt.NDArray[np.int32],
        launchers: npt.NDArray[np.intp],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
        """Clients of today's launchers, launcher by launcher, the first to have joined first.

        Args:
            world: The world.
            queued: (clients,) rows of all who have a seat promised.
            who: (clients,) by whom.
            launchers: (launchers,) who launches today, in ascending order.

        Returns:
            Their rows, and where each launcher's begin.
        """
        m = world.migrants
        today = np.zeros(world.smugglers.count, dtype=bool)
        today[launchers] = True
        mine = today[who]
        queued, who = queued[mine], who[mine]
        joined = m.joined[queued]
        luck = uniforms(world.seed, Decision.QUEUE, m.uid[queued], joined)
        order = np.lexsort((luck, joined, who))
        return queued[order], np.searchsorted(who[order], launchers)

    def _boats(self, world: World, plan: npt.NDArray[np.int64], wave: float) -> Boats:
        """Chances of every launch, from effort, numbers, sea, load and distance.

        Args:
            world: The world.
            plan: (boats, 4) as `fill_boats` makes it.
            wave: Height of waves today.
        """
        channel, s = world.parameters.channel, world.smugglers
        rows, number, first, load = np.ascontiguousarray(plan.T)
        leg = self._leg_of_place[s.place[rows]]
        # a beach can be swamped: units deal with a few launches at a time
        launches = np.bincount(leg, minlength=world.effort.size)[leg]
        effort = world.effort[leg]
        relief = 1.0 + launches / np.maximum(channel.handled_launches * effort, 1e-9)
        alone = -np.log1p(-np.minimum(world.legs.stop_chance[leg], 1.0 - 1e-12))
        stop = 1.0 - np.exp(-alone * s.skill[rows] / relief)
        people = load / world.scale
        over = np.maximum(people / (channel.load_safe * world.policy.boat_size) - 1.0, 0.0)
        danger = (
            channel.death_base
            * np.exp(channel.death_wave * wave + channel.death_overload * over)
            * (1.0 + channel.death_contested * stop)
            * (self._distance[leg] / channel.distance_usual) ** channel.death_distance
        )
        back = channel.return_base + channel.return_wave * wave
        size = rows.size
        return Boats(
            key=(s.uid[rows] << np.uint64(4)) ^ number.astype(np.uint64),
            launcher=rows.astype(np.int32),
            leg=leg,
            first=first,
            load=load,
            stop_chance=stop,
            death_chance=np.minimum(danger, 1.0),
            return_chance=np.full(size, min(back, 1.0)),
            fate=np.zeros(size, dtype=np.int8),
            dead=np.zeros(size, dtype=np.int64),
            prevented=np.zeros(size, dtype=np.int64),
            landed=np.zeros(size, dtype=np.int64),
            seized=np.zeros(size, dtype=bool),
        )

    def _book(self, world: World, boats: Boats) -> None:
        """Use up boats, pay for launches, remember risk, count."""
        s, channel, ledger, day = world.smugglers, world.parameters.channel, world.ledger, world.day
        lost = (boats.fate != STOPPED) | boats.seized
        cost = np.where(lost, channel.launch_cost, channel.launch_cost * channel.retry_cost_share)
        ledger.profit[day] -= cost.sum()
        book_launches(
            boats, lost, cost, world.pairs, s.boats, s.cash, s.week_cost,
            np.empty(s.count, dtype=np.int64),
        )  # fmt: skip
        ledger.boats_landed[day] = np.count_nonzero((boats.fate == LANDED) & (boats.landed > 0))
        ledger.boats_stopped[day] = np.count_nonzero(boats.fate == STOPPED)
        ledger.prevented[day] = boats.prevented.sum()
        ledger.boats_seized[day] += np.count_nonzero(boats.seized)
        for boat in np.flatnonzero(boats.seized):
            launcher, leg = boats.launcher[boat], boats.leg[boat]
            luck = draw(world.seed, Decision.INSPECTION_FACT, boats.key[boat], world.ordinal)
            if luck < channel.seizure_fact_yield:
                authority = int(world.ground.authority_from[leg])
                key = child_identifier(int(boats.key[boat]), world.ordinal)
                world.facts.append((authority, int(launcher), SEIZURE, key))
