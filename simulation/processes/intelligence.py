"""The intelligence cycle: what authorities learn, share and make of it.

Facts arise from people stopped or landed, from arrests (phones), seizures, inquiries and officers
posted abroad (`collection.py`). They travel (`sharing.py`) to those whom they concern
(`routing.py`), wait to be processed (`inbox.py`), and add log-odds to the case against an operator,
which fade with a half-life. An authority's view of where people cross is kept and shared too.
"""

from __future__ import annotations

import itertools
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
)
from simulation.agents.smuggler import Status
from simulation.agents.unit import UnitKind
from simulation.corridor.stages import BOAT
from simulation.processes.collection import (
    MONTH,
    Facts,
    Inquirers,
    Operators,
    Posts,
    WorkSpace,
    find_posts,
    learn,
)
from simulation.processes.inbox import Desk, Inbox, Knowledge, Morning, work_morning
from simulation.processes.routing import Channels, Passed, Routing, hand_on, write_passed
from simulation.processes.sharing import (
    Lossy,
    Ways,
    fuse_activity,
    look_round,
    spread_facts,
    through_channel,
)
from simulation.processes.world import World

#: in place of the phones of those arrested where nobody was
_NO_PHONES = np.empty((0, 3), dtype=np.int64)


class Handing(NamedTuple):
    """Work space for what hubs hand on."""

    fused: Inbox
    leaked: npt.NDArray[np.bool_]  # (facts,)
    passed: Passed
    size: npt.NDArray[np.float64]  # (arrivals,)
    sign: npt.NDArray[np.float64]  # (arrivals,)

    @staticmethod
    def with_room(facts: int, authorities: int) -> Handing:
        """For so many facts, each of which can be handed to every authority."""
        size, sign = np.empty((2, facts * authorities))
        return Handing(
            Inbox.with_room(facts), np.empty(facts, dtype=bool),
            Passed.with_room(facts * authorities), size, sign,
        )  # fmt: skip


class Intelligence:
    """The intelligence cycle of all authorities.

    Args:
        world: The world.
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
        units = world.units
        teams = np.flatnonzero(units.kind == UnitKind.INVESTIGATION)
        self._inquirers = Inquirers(
            teams, units.uid, units.authority, units.target,
            np.bincount(units.authority[teams], minlength=authorities),
        )  # fmt: skip
        #: facts that hubs have handed on: who has each, as bits, and on which day it was handed on
        self._handed: dict[int, tuple[int, int]] = {}
        #: (legs,) who receives those who land there, -1 where nobody lands
        self._landing = np.where(ground.segment == BOAT, ground.authority_to, -1)
        #: work space, kept from day to day and made anew where there is more to do
        self._facts = Facts.with_room(0)
        self._work_space = WorkSpace.with_room(0, 0, 0)
        self._leaked = np.empty(0, dtype=bool)
        self._lossy = Lossy.with_room(0)
        self._morning = Morning.with_room(authorities, 0, 0)
        self._handing = Handing.with_room(0, authorities)
        self._ways = Ways.with_room(authorities)
        self._made_out = np.empty((3, legs))
        self._posts = Posts.with_room(authorities * authorities)
        #: what the posts were worked out from, and how many there are
        self._posted: tuple[object, float, int] = None, 0.0, 0

    @property
    def inbox(self) -> Inbox:
        """Facts on their way or waiting to be processed."""
        return self._desk.inbox

    # -- cases ---------------------------------------------------------------------------------

    def collect(self, world: World) -> None:
        """Turn what the day's stops, landings, arrests and inquiries brought into facts."""
        self._routing.update(world)
        self._channels.update(world.policy.sharing, world.parameters.intelligence)
        facts = self._learn(world)
        if not facts:
            return
        sharing, intelligence, learnt = (
            world.policy.sharing,
            world.parameters.intelligence,
            self._facts,
        )
        room = facts * self._inquirers.number.size
        if self._lossy.row.size < room:
            self._lossy = Lossy.with_room(2 * room)
            self._leaked = np.empty(2 * facts, dtype=bool)
        leaked, lossy = self._leaked, self._lossy
        inbox, start = self._desk.room_for(room)
        heard, garbled = spread_facts(
            learnt, facts, world.day, world.seed, sharing.coverage, sharing.delay_days,
            sharing.fidelity, self._channels.onward, sharing.leak, self._routing.concern,
            self._weights, intelligence.memory_days, self._ways, world.ledger.chain, leaked, inbox,
            start, lossy,
        )  # fmt: skip
        self._desk.put(heard)
        self._note_leaks(world, learnt.named[:facts], leaked[:facts])
        if garbled:
            rows = lossy.row[:garbled]
            size = through_channel(inbox.weight[rows], lossy.fidelity[:garbled])
            np.negative(size, out=size, where=lossy.turned[:garbled])
            inbox.weight[rows] = size

    @staticmethod
    def _note_leaks(
        world: World, operator: npt.NDArray[np.integer], leaked: npt.NDArray[np.bool_]
    ) -> None:
        """Remember the operators who hear of facts on them; nobody is told of an innocent.

        Args:
            world: The world.
            operator: (facts,) whom each names; negative where that is nobody in the trade.
            leaked: (facts,) whether it has leaked.
        """
        if np.count_nonzero(leaked):
            world.leaks.extend(operator[leaked & (operator >= 0)].tolist())

    def _learn(self, world: World) -> int:
        """Fill in the facts of the day, from accounts, seizures, phones, inquiries and officers.

        Returns:
            Number of facts.
        """
        told, s, intelligence = world.accounts, world.smugglers, world.parameters.intelligence
        phones = np.array(world.phones, dtype=np.int64) if world.phones else _NO_PHONES
        number = self._find_posts(world)
        more = len(world.facts) + self._inquirers.rows.size + number
        told.make_room(more + 2 * world.ties.shape[0])
        facts = told.count
        for authority, operator, kind, key in world.facts:
            told.raw[:, facts] = authority, operator, kind, -1
            told.keys[facts] = key
            facts += 1
        work = self._work_space
        if told.keys.size > work.order.size or s.count > work.weight.size:
            self._facts = Facts.with_room(told.keys.size)
            work = WorkSpace.with_room(told.keys.size, 2 * s.count, len(phones))
        if len(phones) > work.seen.shape[0]:
            work = WorkSpace.with_room(told.keys.size, 2 * s.count, 2 * len(phones))
        self._work_space = work
        return learn(
            world.ordinal, world.seed, facts, told.raw, told.keys, phones, intelligence.phone_yield,
            intelligence.phone_yield_helper, world.policy.staff["investigation"],
            intelligence.inquiry_facts, intelligence.inquiry_tied, intelligence.inquiry_target,
            intelligence.finance_share, self._inquirers, self._routing.hunted, world.ties,
            world.jurisdiction, number, self._posts,
            Operators(s.uid, s.role, s.stage, s.place, s.status), intelligence.misattribution,
            intelligence.innocent_share, work, self._facts,
        )  # fmt: skip

    def _find_posts(self, world: World) -> int:
        """Bring the posts abroad up to date; returns how many there are.

        An authority with investigators has as much of an officer with every authority that has
        operators on its ground as what that one tells it is worth.
        """
        worth, facts = self._channels.worth, world.parameters.intelligence.liaison_facts
        if self._posted[0] is not worth or self._posted[1] != facts:
            number = find_posts(world.seed, worth * (facts / MONTH), *self._posts)
            self._posted = worth, facts, number
        return self._posted[2]

    def process(self, world: World) -> None:
        """Let each authority work through its inbox, and let old evidence fade."""
        day, s, pictures = world.day, world.smugglers, world.pictures
        intelligence = world.parameters.intelligence
        self._routing.update(world)
        columns, start, end = self._desk.columns
        # facts come in day by day, so the first one is the oldest
        left = self._left(world, day - int(columns.learnt[start]) if end > start else 1)
        capacity, authorities = world.policy.staff["analysis"], self._inquirers.number.size
        work, most = self._morning, int(capacity.max()) + 1
        if most > work.chosen.shape[1] or s.count > work.faded.size:
            work = self._morning = Morning.with_room(authorities, most, 2 * s.count)
        if self._handing.leaked.size < most * authorities:
            self._handing = Handing.with_room(most * authorities, authorities)
        known = Knowledge(s.status, s.dark_until, pictures.parts, pictures.fading, pictures.totals)
        dropped, by_hubs = work_morning(
            day, world.ordinal, columns, start, end, capacity, left, known, self._routing.use,
            self._worth_of_use, self._routing.hubs, intelligence.memory_days,
            intelligence.class_cap, world.ledger.chain, work, self._handing.fused,
        )  # fmt: skip
        self._desk.drop(dropped)
        if by_hubs:
            self._hand_on(world, self._handing.fused.between(0, by_hubs), left[0])

    def _hand_on(self, world: World, fused: Inbox, left: npt.NDArray[np.float64]) -> None:
        """Hubs hand on what they worked through today to those concerned who do not have it.

        It comes from its first source as before, so it counts once, and it is as old as it was.

        Args:
            world: The world.
            fused: The facts.
            left: (age + 1,) what is left of a fact's weight after some days.
        """
        intelligence, sharing, day = world.parameters.intelligence, world.policy.sharing, world.day
        names, handed, work = fused.key.tolist(), self._handed, self._handing
        for row, name in enumerate(names):
            if name in handed:
                fused.told[row] |= handed[name][0]
        self._channels.update(sharing, intelligence)
        leaked = work.leaked[: len(names)]
        count = hand_on(
            day, world.seed, fused, OWN_CLASSES, self._channels.may, self._routing.concern,
            sharing.coverage, sharing.delay_days, sharing.fidelity, sharing.leak, world.links,
            leaked, work.passed,
        )  # fmt: skip
        self._note_leaks(world, fused.operator, leaked)
        if not count:
            return
        told = fused.told.tolist()
        for row in dict.fromkeys(work.passed.fact[:count].tolist()):
            handed.pop(names[row], None)  # so that those handed on last stand last
            handed[names[row]] = told[row], day
        if world.weekly:
            oldest = day - intelligence.memory_days
            for name in list(itertools.takewhile(lambda name: handed[name][1] < oldest, handed)):
                del handed[name]
        columns, start = self._desk.put(count)
        new = columns.between(start, start + count)
        write_passed(
            day, world.seed, fused, work.passed, left,
            float(min(world.days, day + intelligence.memory_days + 2)), new, work.size, work.sign,
            world.ledger.chain,
        )  # fmt: skip
        size = through_channel(work.size[:count], work.passed.fidelity[:count])
        np.multiply(work.sign[:count], size, out=new.weight)

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
        look_round(
            world.counts.stops, world.legs.stop_chance, intelligence.chance_floor,
            world.ledger.present[world.day], places.stay_mean, places.leg_start, ground.origin,
            world.counts.arrivals, world.scale, effort, ground.authority_from, ground.on_ground,
            self._landing, intelligence.effort_half_sight, intelligence.presence_sight,
            intelligence.landing_sight,
            1.0 - 2.0 ** (-1.0 / intelligence.activity_half_life_days), pictures.own_activity,
            pictures.precision, self._ring, world.day % self._ring.shape[0], self._made_out,
        )  # fmt: skip

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
        status = world.smugglers.status
        for row in dict.fromkeys(world.leaks):
            if status[row] != Status.HELD:  # nobody lies low in custody
                world.smuggler_agents[row].go_dark(world.day + days)
