"""The intelligence cycle: what authorities learn, share and make of it.

Facts arise from people stopped or landed, from arrests (phones), seizures, inquiries and officers
posted abroad (`collection.py`). They travel to those whom they concern (`sharing.py`), wait to be
processed (`report_queue.py`), and add log-odds to the case against an operator, which fade with a
half-life.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, table, with_room
from simulation.model.agents.authority import (
    CLASS_OF_KIND,
    EVIDENCE_CLASSES,
    FINANCE,
    LIAISON,
    PHONE,
    SEIZURE,
    SURVEILLANCE,
)
from simulation.model.agents.unit import UnitKind
from simulation.model.processes.intelligence.collection import (
    MONTH,
    CollectionSpace,
    Facts,
    Inquirers,
    Posts,
    Sources,
    collect_facts,
    find_posts,
)
from simulation.model.processes.intelligence.report_queue import (
    Knowledge,
    QueueSpace,
    ReportQueue,
    Reports,
    process_reports,
)
from simulation.model.processes.intelligence.sharing import (
    ChannelsToday,
    Lossy,
    Passed,
    Routing,
    SpreadSpace,
    hand_on,
    spread_facts,
    through_channel,
    write_passed,
)
from simulation.model.processes.world import World

#: in place of the phones of those arrested where nobody was
_NO_PHONES = np.empty((0, 3), dtype=np.int64)


class HubSpace(NamedTuple):
    """Work space for what hubs hand on."""

    fused: Any  # a table of `Reports`
    leaked: Bools  # (facts,)
    passed: Any  # a table of `Passed`
    size: Floats  # (arrivals,)
    sign: Floats  # (arrivals,)

    @staticmethod
    def with_room(facts: int, authorities: int) -> HubSpace:
        """For so many facts, each of which can be handed to every authority."""
        size, sign = np.empty((2, facts * authorities))
        return HubSpace(
            table(Reports, facts), np.empty(facts, dtype=bool), table(Passed, facts * authorities),
            size, sign,
        )  # fmt: skip


class Intelligence:
    """The intelligence cycle of all authorities.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        authorities = len(world.corridor.authorities)
        self._queue = ReportQueue()
        #: half-lives at large and while lying low, and (2, days) what they leave of a fact's weight
        self._fading = (0.0, 0.0), np.ones((2, 0))
        intelligence = world.parameters.intelligence
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
        #: (uses,) what a fact is worth to analysts by what can be done with it
        self._worth_of_use = np.array([intelligence.idle_use, intelligence.partner_use, 1.0])
        self.routing = Routing(world)
        #: how facts pass between authorities
        self.channels = ChannelsToday(world.corridor)
        units = world.units
        teams = np.flatnonzero(units.kind == UnitKind.INVESTIGATION)
        self._inquirers = Inquirers(
            teams, units.uid, units.authority, units.target,
            np.bincount(units.authority[teams], minlength=authorities),
        )  # fmt: skip
        #: facts that hubs have handed on: who has each, as bits, and on which day it was handed on
        self._handed: dict[int, tuple[int, int]] = {}
        #: work space, kept from day to day and made anew where there is more to do
        self.facts = table(Facts, 0)
        self.n_facts = 0  # of today
        self._collection = CollectionSpace.with_room(0, 0, 0)
        self._leaked = np.empty(0, dtype=bool)
        self._lossy = table(Lossy, 0)
        self._queue_space = QueueSpace.with_room(authorities, 0, 0)
        self._hub_space = HubSpace.with_room(0, authorities)
        self._spread_space = with_room(SpreadSpace, authorities)
        self._posts = table(Posts, authorities * authorities)
        #: what the posts were worked out from, and how many there are
        self._posted: tuple[object, float, int] = None, 0.0, 0

    @property
    def reports(self) -> Reports:
        """Facts on their way or waiting to be processed."""
        return self._queue.reports

    # -- cases ---------------------------------------------------------------------------------

    def collect(self, world: World) -> None:
        """Turn what the day's stops, landings, arrests and inquiries brought into facts."""
        self.routing.update(world)
        self.n_facts = self.learn(world)

    def share(self, world: World) -> None:
        """Pass the day's facts on to those whom they concern; they arrive after some days."""
        facts, intelligence = self.n_facts, world.parameters.intelligence
        if not facts:
            return
        channels = self.channels.of(world.policy.sharing, intelligence)
        room = facts * self._inquirers.number.size
        if self._lossy.size < room:
            self._lossy = table(Lossy, 2 * room)
            self._leaked = np.empty(2 * facts, dtype=bool)
        leaked, lossy = self._leaked, self._lossy
        reports, start = self._queue.room_for(room)
        heard, garbled = spread_facts(
            world.now, self.facts, facts, channels, self.routing.concern, self._weights,
            self._spread_space, world.ledger.chain, leaked, reports, start, lossy,
        )  # fmt: skip
        self._queue.put(heard)
        self._note_leaks(world, self.facts["named"][:facts], leaked[:facts])
        if garbled:
            lossy, weight = lossy[:garbled], reports["weight"]
            size = through_channel(weight[lossy["row"]], lossy["fidelity"])
            np.negative(size, out=size, where=lossy["turned"])
            weight[lossy["row"]] = size

    @staticmethod
    def _note_leaks(world: World, operator: npt.NDArray[np.integer], leaked: Bools) -> None:
        """Remember the operators who hear of facts on them; nobody is told of an innocent."""
        if np.count_nonzero(leaked):
            world.warned_operators.extend(operator[leaked & (operator >= 0)].tolist())

    def learn(self, world: World) -> int:
        """Fill in the facts of the day, from accounts, seizures and the rest; returns how many."""
        buffer, s = world.account_facts, world.smugglers
        phones = (
            np.array(world.seized_phones, dtype=np.int64) if world.seized_phones else _NO_PHONES
        )
        number = self._find_posts(world)
        more = len(world.seizure_facts) + self._inquirers.rows.size + number
        buffer.make_room(more + 2 * world.ties.shape[0])
        facts = buffer.count
        for authority, operator, kind, key in world.seizure_facts:
            buffer.raw[:, facts] = authority, operator, kind, -1
            buffer.keys[facts] = key
            facts += 1
        room, space = buffer.keys.size, self._collection
        if room > space.order.size or s.count > space.weight.size or len(phones) > len(space.seen):
            self.facts = table(Facts, room)
            space = CollectionSpace.with_room(room, 2 * s.count, 2 * len(phones))
        if space.raw is not buffer.raw:
            space = space._replace(raw=buffer.raw, keys=buffer.keys)
        self._collection = space
        rows: Any = s.rows
        sources = Sources(
            world.policy.staff["investigation"], self._inquirers, self.routing.open_case_mask,
            world.ties, world.jurisdiction, rows,
        )  # fmt: skip
        return collect_facts(
            world.now, facts, phones, sources, number, self._posts, space, self.facts
        )

    def _find_posts(self, world: World) -> int:
        """Bring the posts abroad up to date; returns how many there are.

        An authority with investigators has as much of an officer with every authority that has
        operators on its ground as what that one tells it is worth.
        """
        intelligence = world.parameters.intelligence
        worth = self.channels.of(world.policy.sharing, intelligence).worth
        facts = intelligence.liaison_facts
        if self._posted[0] is not worth or self._posted[1] != facts:
            number = find_posts(world.seed, worth * (facts / MONTH), self._posts)
            self._posted = worth, facts, number
        return self._posted[2]

    def process(self, world: World) -> None:
        """Let each authority work through its reports, and let old evidence fade."""
        day, s, beliefs = world.day, world.smugglers, world.beliefs
        self.routing.update(world)
        reports = self._queue.with_done()
        # facts come in day by day, so the first one is the oldest
        left = self._left(world, day - int(reports["learnt"][0]) if reports.size else 1)
        capacity, authorities = world.policy.staff["analysis"], self._inquirers.number.size
        work, most = self._queue_space, int(capacity.max()) + 1
        if most > work.chosen.shape[1] or s.count > work.faded.size:
            work = self._queue_space = QueueSpace.with_room(authorities, most, 2 * s.count)
        if self._hub_space.leaked.size < most * authorities:
            self._hub_space = HubSpace.with_room(most * authorities, authorities)
        rows: Any = s.rows
        knowledge = Knowledge(rows, beliefs.parts, beliefs.fading, beliefs.totals)
        dropped, by_hubs = process_reports(
            world.now, reports, capacity, left, knowledge, self.routing.use,
            self._worth_of_use, self.routing.hubs, world.ledger.chain, work, self._hub_space.fused,
        )  # fmt: skip
        self._queue.drop(dropped)
        if by_hubs:
            self._hand_on(world, self._hub_space.fused[:by_hubs], left[0])

    def _hand_on(self, world: World, fused: Any, left: Floats) -> None:
        """Hubs hand on what they worked through today to those concerned who do not have it.

        It comes from its first source as before, so it counts once, and it is as old as it was.
        What is `left` of a fact's weight after some days is (age + 1,).
        """
        intelligence, day = world.parameters.intelligence, world.day
        names, handed, work = fused["key"].tolist(), self._handed, self._hub_space
        has = fused["recipients"]
        for row, name in enumerate(names):
            if name in handed:
                has[row] |= handed[name][0]
        channels = self.channels.of(world.policy.sharing, intelligence)
        leaked = work.leaked[: len(names)]
        count = hand_on(
            world.now, fused, channels, self.routing.concern, world.links, leaked, work.passed
        )
        self._note_leaks(world, fused["operator"], leaked)
        if not count:
            return
        recipients = has.tolist()
        for row in dict.fromkeys(work.passed["fact"][:count].tolist()):
            handed.pop(names[row], None)  # so that those handed on last stand last
            handed[names[row]] = recipients[row], day
        if world.weekly:
            oldest = day - intelligence.memory_days
            for name in list(itertools.takewhile(lambda name: handed[name][1] < oldest, handed)):
                del handed[name]
        queue, start = self._queue.put(count)
        new = queue[start : start + count]
        before = float(min(world.days, day + intelligence.memory_days + 2))
        write_passed(
            world.now, fused, work.passed, left, before, new, work.size, work.sign,
            world.ledger.chain,
        )  # fmt: skip
        size = through_channel(work.size[:count], work.passed["fidelity"][:count])
        new["weight"] = work.sign[:count] * size

    def _left(self, world: World, oldest: int) -> Floats:
        """What is left of a fact's weight after some days, at large and lying low, (2, days)."""
        intelligence = world.parameters.intelligence
        half_lives = intelligence.half_life_days, intelligence.half_life_dark_days
        cached, left = self._fading
        if cached != half_lives or oldest >= left.shape[1]:
            age = np.arange(max(oldest, int(intelligence.memory_days)) + 2)
            left = 2.0 ** (-age / np.array(half_lives)[:, None])
            self._fading = half_lives, left
        return left
