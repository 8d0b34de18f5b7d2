"""The intelligence cycle: what authorities learn, share and make of it.

Facts arise from people stopped or landed, from arrests (phones), seizures, inquiries and officers
posted abroad (`collection.py`). They travel (`sharing.py`) to those whom they concern
(`routing.py`), wait to be processed (`inbox.py`), and add log-odds to the case against an operator,
which fade with a half-life. An authority's view of where people cross is kept and shared too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import (
    CLASS_OF_KIND,
    EVIDENCE_CLASSES,
    FINANCE,
    LIAISON,
    OWN_CLASSES,
    PHONE,
    SEIZURE,
    SURVEILLANCE,
    Pictures,
)
from simulation.agents.unit import UnitKind
from simulation.chain import link
from simulation.processes.collection import inquire, name_others, post_officers, read_phones
from simulation.processes.inbox import (
    Desk,
    Inbox,
    choose_facts,
    fade_evidence,
    file_facts,
    share_out,
    work_through,
)
from simulation.processes.routing import (
    Channels,
    Passed,
    Routing,
    hand_on,
)
from simulation.processes.sharing import (
    estimate_activity,
    fuse_activity,
    make_out_crossings,
    spread_facts,
    through_channel,
)
from simulation.processes.world import BOAT, World
from simulation.randomness import Decision, uniforms

_DELIVERED = link("delivered")
_MONTH = 365.25 / 12.0  # days


class Learnt(NamedTuple):
    """Facts of a day where they are learnt; (facts,)."""

    source: npt.NDArray[np.int64]  # authority
    operator: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]  # one of FACT_KINDS
    host: npt.NDArray[np.int64]  # authority that has it at once, for it happened there; -1 if none
    keys: npt.NDArray[np.uint64]


class Intelligence:
    """The intelligence cycle of all authorities.

    Args:
        world: The world; its `pictures` are set.
    """

    def __init__(self, world: World) -> None:
        authorities, legs = len(world.corridor.authorities), len(world.corridor.legs)
        self._ring = np.zeros((world.parameters.intelligence.memory_days, authorities, legs))
        self._desk = Desk()
        #: half-lives at large and while lying low, and (2, days) what they leave of a fact's weight
        self._fading: tuple[tuple[float, float], npt.NDArray[np.float64]] = (
            (0.0, 0.0),
            np.ones((2, 0)),
        )
        intelligence, ground = world.parameters.intelligence, world.ground
        #: (classes,) log-odds of a fact where it is learnt
        self._weights = np.full(len(EVIDENCE_CLASSES), float(intelligence.weight_account))
        for kind, weight in (
            (PHONE, intelligence.weight_phone),
            (SEIZURE, intelligence.weight_seizure),
            (SURVEILLANCE, intelligence.weight_inquiry),
            (FINANCE, intelligence.weight_inquiry),
            (LIAISON, intelligence.weight_liaison),
        ):
            self._weights[CLASS_OF_KIND[kind]] = weight
        #: (uses,) what a fact is worth to a desk by what can be done with it
        self._worth_of_use = np.array([intelligence.idle_use, intelligence.partner_use, 1.0])
        self._routing = Routing(world)
        self._channels = Channels(world.corridor)
        self._teams = np.flatnonzero(world.units.kind == UnitKind.INVESTIGATION)
        self._number = np.bincount(world.units.authority[self._teams], minlength=authorities)
        #: facts that hubs have handed on: who has each, as bits, and on which day it was handed on
        self._handed: dict[int, tuple[int, int]] = {}
        #: (legs,) who receives those who land there, -1 where nobody lands
        self._landing = np.where(ground.segment == BOAT, ground.authority_to, -1)
        world.yields = np.zeros(authorities)
        self._set_yields(world)

    @property
    def inbox(self) -> Inbox:
        """Facts on their way or waiting to be processed."""
        return self._desk.inbox

    def _set_yields(self, world: World) -> None:
        """Chance that one account gives a usable fact; an agent speaks for 1 / scale people."""
        chance = world.parameters.intelligence.account_yield / world.scale
        world.yields[:] = min(chance, 1.0)

    @staticmethod
    def pictures(world: World) -> Pictures:
        """Empty pictures for a world."""
        return Pictures(len(world.corridor.authorities), len(world.corridor.legs), 0)

    # -- cases ---------------------------------------------------------------------------------

    def collect(self, world: World) -> None:
        """Turn what the day's stops, landings, arrests and inquiries brought into facts."""
        self._routing.update(world)
        learnt = self._learnt(world)
        if not learnt.keys.size:
            return
        sharing, count = world.policy.sharing, len(world.corridor.authorities)
        keys, facts = learnt.keys, learnt.keys.size
        operator = self._attributed(world, learnt.operator, keys)
        thought = np.where(operator < 0, ~operator, operator)
        leaked, told = np.zeros(facts, dtype=bool), np.empty(facts, dtype=np.int64)
        number, due, to = np.empty((3, facts * count), dtype=np.int64)
        quality = np.empty(number.size)
        heard = spread_facts(
            keys, learnt.source, thought, learnt.host, world.day, world.seed, sharing.coverage,
            sharing.delay_days, sharing.fidelity, sharing.third_party, sharing.leak,
            self._routing.concern, leaked, told, number, due, to, quality, world.links,
        )  # fmt: skip
        world.leaks.extend(operator[leaked & (operator >= 0)].tolist())
        new = self._desk.put(heard)
        lossy, turned = np.empty(heard, dtype=np.int64), np.empty(heard, dtype=bool)
        garbled = file_facts(
            world.day, world.seed, number, due, to, quality, keys, learnt.source, operator,
            CLASS_OF_KIND[learnt.kind], self._weights, told,
            world.parameters.intelligence.memory_days, world.ledger.chain, new, lossy, turned,
        )  # fmt: skip
        if garbled:
            lossy = lossy[:garbled]
            size = through_channel(new.weight[lossy], quality[:garbled])
            new.weight[lossy] = np.where(turned[:garbled], -size, size)

    def _learnt(self, world: World) -> Learnt:
        """Facts of the day in an order of their own, for sums of floats depend on it."""
        told = [*world.accounts, *self._phones(world), *self._inquiries(world)]
        if world.facts or not told:
            single = np.array([fact[:3] for fact in world.facts], dtype=np.int64).reshape(-1, 3)
            told.append((single, np.array([fact[3] for fact in world.facts], dtype=np.uint64)))
        columns = np.concatenate([facts for facts, _ in told])
        keys = np.concatenate([facts_keys for _, facts_keys in told])
        host = np.full(keys.size, -1)
        officers, hosts, officers_keys = self._officers(world)
        if hosts.size:
            columns, keys = np.concatenate([columns, officers]), np.append(keys, officers_keys)
            host = np.append(host, hosts)
        source, operator, kind = columns.T
        order = np.lexsort((keys, kind, operator, source))
        source, operator, kind = columns[order].T.copy()
        return Learnt(source, operator, kind, host[order], keys[order])

    def _attributed(
        self, world: World, rows: npt.NDArray[np.int64], keys: npt.NDArray[np.uint64]
    ) -> npt.NDArray[np.int64]:
        """Whom each fact names: sometimes another operator of the same stage and place, or nobody.

        So a wrong name never reaches an authority whom the right one would not concern.

        Returns:
            (facts,) rows of operators; complements (`~row`) of the right ones where the person
            named is nobody in the trade.
        """
        intelligence, s, named = world.parameters.intelligence, world.smugglers, rows.copy()
        name_others(
            world.seed, intelligence.misattribution, intelligence.innocent_share, keys, s.uid,
            s.stage, s.place, s.status, named,
        )  # fmt: skip
        return named

    def _inquiries(
        self, world: World
    ) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]]:
        """Facts that investigators find out themselves today, as in `World.accounts`."""
        intelligence, s, units = world.parameters.intelligence, world.smugglers, world.units
        strength = world.policy.staff["investigation"] / np.maximum(self._number, 1)
        room = self._teams.size
        by, about, kind = np.empty((3, room), dtype=np.int64)
        key = np.empty(room, dtype=np.uint64)
        count = inquire(
            world.ordinal, world.seed, strength * intelligence.inquiry_facts / _MONTH,
            intelligence.inquiry_tied, intelligence.finance_share, self._teams, units.uid,
            units.authority, self._routing.hunted, world.ties, world.jurisdiction, s.uid, s.role,
            s.status, np.empty(s.count), by, about, kind, key,
        )  # fmt: skip
        if not count:
            return []
        return [(np.column_stack([by, about, kind])[:count], key[:count])]

    def _officers(
        self, world: World
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        """Facts found out today by officers posted abroad.

        An authority with investigators has as much of an officer with every authority that has
        operators on its ground as what that one tells it is worth.

        Returns:
            (facts, 3) as in `World.accounts`, (facts,) hosts and (facts,) keys.
        """
        intelligence, s = world.parameters.intelligence, world.smugglers
        self._channels.update(world.policy.sharing, intelligence)
        rate = self._channels.worth * (intelligence.liaison_facts / _MONTH)
        rate *= world.policy.staff["investigation"] > 0.0
        room = rate.size
        by, host, about = np.empty((3, room), dtype=np.int64)
        key = np.empty(room, dtype=np.uint64)
        count = post_officers(
            world.ordinal, world.seed, rate, world.jurisdiction, s.uid, s.status,
            np.empty(s.count), by, host, about, key,
        )  # fmt: skip
        found = np.column_stack([by[:count], about[:count], np.full(count, LIAISON)])
        return found, host[:count], key[:count]

    def _phones(self, world: World) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]]:
        """Facts on partners from the phones of those arrested today, as in `World.accounts`."""
        if not world.phones:
            return []
        intelligence, s = world.parameters.intelligence, world.smugglers
        # one phone each, in the hands of who arrested last
        last = {row: (by, major) for row, by, major in world.phones}
        chances = [
            intelligence.phone_yield if major else intelligence.phone_yield_helper
            for _, major in last.values()
        ]
        room = 2 * world.ties.shape[0]
        number, partner = np.empty((2, room), dtype=np.int64)
        key = np.empty(room, dtype=np.uint64)
        count = read_phones(
            world.ordinal, world.seed, np.array(list(last), dtype=np.int64), np.array(chances),
            world.ties, s.uid, s.status, np.empty(s.count, dtype=np.int64),
            np.empty((len(last), s.count), dtype=bool), number, partner, key,
        )  # fmt: skip
        told = np.empty((count, 3), dtype=np.int64)
        told[:, 0] = np.array([by for by, _ in last.values()])[number[:count]]
        told[:, 1], told[:, 2] = partner[:count], PHONE
        return [(told, key[:count])]

    def process(self, world: World) -> None:
        """Let each authority work through its inbox, and let old evidence fade."""
        day, s, pictures = world.day, world.smugglers, world.pictures
        intelligence = world.parameters.intelligence
        inbox = self.inbox
        facts = inbox.due.size
        # facts come in day by day, so the first one is the oldest
        left = self._left(world, day - int(inbox.learnt[0]) if facts else 1)
        fade_evidence(
            pictures.parts, pictures.fading, pictures.totals, s.dark_until, day, left[0, 1],
            left[1, 1], np.empty(s.count),
        )  # fmt: skip
        if not facts:
            return
        self._routing.update(world)
        capacity = world.policy.staff["analysis"]
        room = capacity.size, int(capacity.max()) + 1
        today, count = np.empty((2, capacity.size), dtype=np.int64)
        share_out(world.ordinal, capacity, today)
        chosen = np.empty(room, dtype=np.int64)
        choose_facts(
            day, inbox, today, left[0], self._routing.use, self._worth_of_use, chosen,
            np.empty(room), count,
        )  # fmt: skip
        hubs = np.flatnonzero(self._routing.hubs)
        fused = inbox.rows(np.concatenate([chosen[hub, : count[hub]] for hub in hubs]))
        first, last = work_through(
            day, inbox, left, s.dark_until, s.status, self._routing.use, intelligence.memory_days,
            pictures.parts, pictures.fading, pictures.totals, intelligence.class_cap,
            world.ledger.chain, chosen, count, np.empty(facts, dtype=bool),
        )  # fmt: skip
        self._desk.keep(first, last)
        if fused.due.size:
            self._hand_on(world, fused, left[0])

    def _hand_on(self, world: World, fused: Inbox, left: npt.NDArray[np.float64]) -> None:
        """Hubs hand on what they worked through today to those concerned who do not have it.

        It comes from its first source as before, so it counts once, and it is as old as it was.

        Args:
            world: The world.
            fused: The facts.
            left: (age + 1,) what is left of a fact's weight after some days.
        """
        intelligence, sharing, day = world.parameters.intelligence, world.policy.sharing, world.day
        names = fused.key.tolist()
        fused.told[:] |= [self._handed.get(name, (0, 0))[0] for name in names]
        self._channels.update(sharing, intelligence)
        may = self._channels.may
        leaked = np.empty(fused.due.size, dtype=bool)
        passed = Passed.with_room(fused.due.size * may.shape[0])
        count = hand_on(
            day, world.seed, fused, OWN_CLASSES, may, self._routing.concern, sharing.coverage,
            sharing.delay_days, sharing.fidelity, sharing.leak, world.links, leaked, passed,
        )  # fmt: skip
        world.leaks.extend(fused.operator[leaked & (fused.operator >= 0)].tolist())
        if not count:
            return
        fact, to, due, kept = (column[:count] for column in passed)
        for row in np.unique(fact).tolist():
            self._handed[names[row]] = int(fused.told[row]), day
        if world.weekly:
            oldest = day - intelligence.memory_days
            self._handed = {
                name: (told, when) for name, (told, when) in self._handed.items() if when >= oldest
            }
        new = self._desk.put(count)
        # handed on in the morning, it lies on the next desk from the next morning on
        new.due[:], new.to[:], new.learnt[:] = np.maximum(due, day + 1), to, day
        for name in ("operator", "group", "key", "told"):
            getattr(new, name)[:] = getattr(fused, name)[fact]
        weight = fused.weight[fact] * left[day - fused.learnt[fact]]
        size = through_channel(np.abs(weight), kept)
        luck = uniforms(world.seed, Decision.FIDELITY, new.key, to)
        new.weight[:] = np.sign(weight) * np.where(luck < kept, size, -size)
        there = new.due < min(world.days, day + intelligence.memory_days + 2)
        np.add.at(world.ledger.chain, (new.due[there], _DELIVERED, to[there]), 1.0)

    def _left(self, world: World, oldest: int) -> npt.NDArray[np.float64]:
        """What is left of a fact's weight after some days, at large and lying low, (2, days)."""
        intelligence = world.parameters.intelligence
        half_lives = intelligence.half_life_days, intelligence.half_life_dark_days
        known, left = self._fading
        if known != half_lives or oldest >= left.shape[1]:
            age = np.arange(max(oldest, int(intelligence.memory_days)) + 2)
            left = 2.0 ** (-age / np.array(half_lives)[:, None])
            self._fading = half_lives, left
        return left

    # -- activity ------------------------------------------------------------------------------

    def observe(self, world: World, effort: npt.NDArray[np.float64]) -> None:
        """Each authority's own estimate of crossings on its legs.

        Who stops people sees stops divided by the chance of a stop; who owns the place they leave
        from sees how many wait there; who receives those who land sees them land.

        Args:
            world: The world.
            effort: (authorities, legs) of today.
        """
        intelligence, ground = world.parameters.intelligence, world.ground
        pictures, places = world.pictures, world.places
        seen, expected, landed = np.empty((3, effort.shape[1]))
        make_out_crossings(
            world.counts.stops, world.legs.stop_chance, intelligence.chance_floor,
            world.ledger.present[world.day], places.stay_mean, places.leg_start, ground.origin,
            world.counts.arrivals, world.scale, seen, expected, landed,
        )  # fmt: skip
        speed = 1.0 - 2.0 ** (-1.0 / intelligence.activity_half_life_days)
        estimate_activity(
            effort, seen, expected, ground.authority_from, ground.on_ground, self._landing, landed,
            intelligence.effort_half_sight, intelligence.presence_sight,
            intelligence.landing_sight, speed, pictures.own_activity, pictures.precision,
        )  # fmt: skip
        self._ring[world.day % self._ring.shape[0]] = pictures.own_activity

    def fuse(self, world: World) -> None:
        """Bring every authority's view of activity up to date with what others told it.

        In the morning the latest estimate is that of the evening before.
        """
        sharing = world.policy.sharing
        fuse_activity(
            self._ring,
            world.pictures.precision,
            (world.day - 1) % self._ring.shape[0],
            sharing.coverage,
            sharing.delay_days,
            sharing.fidelity,
            world.parameters.intelligence.activity_half_life_days,
            world.ground.on_ground,
            world.pictures.activity,
        )

    def prime(self, world: World, flows: npt.NDArray[np.float64]) -> None:
        """Before the first day every authority knows the usual activity on its own ground.

        Args:
            world: The world.
            flows: (legs,) expected attempts a day.
        """
        usual = flows[None, :] * world.ground.on_ground
        world.pictures.own_activity[:] = usual
        world.pictures.activity[:] = usual
        self._ring[:] = usual

    # -- leaks ---------------------------------------------------------------------------------

    def warn(self, world: World) -> None:
        """Operators who hear that they are known lie low for a while."""
        if not world.policy.adaptation.going_dark:
            return
        days = world.parameters.intelligence.dark_days
        for row in dict.fromkeys(world.leaks):
            world.smuggler_agents[row].go_dark(world.day + days)
