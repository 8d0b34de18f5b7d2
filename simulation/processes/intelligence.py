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
    Pictures,
)
from simulation.agents.smuggler import Status
from simulation.agents.unit import UnitKind
from simulation.processes.collection import (
    find_posts,
    inquire,
    name_others,
    post_officers,
    read_phones,
    sort_facts,
)
from simulation.processes.inbox import (
    Desk,
    Inbox,
    Knowledge,
    Morning,
    file_facts,
    work_morning,
)
from simulation.processes.routing import Channels, Passed, Routing, hand_on, write_passed
from simulation.processes.sharing import (
    Arrivals,
    Ways,
    fuse_activity,
    look_round,
    spread_facts,
    through_channel,
)
from simulation.processes.world import BOAT, World

_MONTH = 365.25 / 12.0  # days


class Learnt(NamedTuple):
    """Facts of a day where they are learnt; (facts,)."""

    source: npt.NDArray[np.int64]  # authority
    operator: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]  # one of FACT_KINDS
    host: npt.NDArray[np.int64]  # authority that has it at once, for it happened there; -1 if none
    keys: npt.NDArray[np.uint64]

    @staticmethod
    def with_room(facts: int) -> Learnt:
        """Columns for so many facts, still to be filled in."""
        source, operator, kind, host = np.empty((4, facts), dtype=np.int64)
        return Learnt(source, operator, kind, host, np.empty(facts, dtype=np.uint64))


class Evening(NamedTuple):
    """Work space of `Intelligence.collect`."""

    raw: npt.NDArray[np.int64]  # (4, facts) the columns of `Learnt` as they come in
    keys: npt.NDArray[np.uint64]  # (facts,)
    order: npt.NDArray[np.int64]  # (facts,)
    learnt: Learnt
    leaked: npt.NDArray[np.bool_]  # (facts,)
    told: npt.NDArray[np.int64]  # (facts,)
    arrivals: Arrivals
    lossy: npt.NDArray[np.int64]  # (arrivals,)
    turned: npt.NDArray[np.bool_]  # (arrivals,)

    @staticmethod
    def with_room(facts: int, authorities: int) -> Evening:
        """For so many facts, each of which can arrive at every authority."""
        order, told = np.empty((2, facts), dtype=np.int64)
        room = facts * authorities
        return Evening(
            np.empty((4, facts), dtype=np.int64), np.empty(facts, dtype=np.uint64), order,
            Learnt.with_room(facts), np.empty(facts, dtype=bool), told, Arrivals.with_room(room),
            np.empty(room, dtype=np.int64), np.empty(room, dtype=bool),
        )  # fmt: skip


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


class Posts(NamedTuple):
    """Where officers are posted abroad, as `find_posts` fills it in; (pairs,)."""

    host: npt.NDArray[np.int64]
    home: npt.NDArray[np.int64]
    chance: npt.NDArray[np.float64]
    word: npt.NDArray[np.uint64]

    @staticmethod
    def with_room(pairs: int) -> Posts:
        """For so many pairs of authorities."""
        host, home = np.empty((2, pairs), dtype=np.int64)
        return Posts(host, home, np.empty(pairs), np.empty(pairs, dtype=np.uint64))


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
        self._at_least_one = np.maximum(self._number, 1)
        #: facts that hubs have handed on: who has each, as bits, and on which day it was handed on
        self._handed: dict[int, tuple[int, int]] = {}
        #: (legs,) who receives those who land there, -1 where nobody lands
        self._landing = np.where(ground.segment == BOAT, ground.authority_to, -1)
        #: work space, kept from day to day and made anew where there is more to do
        self._evening = Evening.with_room(64, authorities)
        self._morning = Morning.with_room(authorities, 0, 0)
        self._handing = Handing.with_room(0, authorities)
        self._ways = Ways.with_room(authorities)
        self._made_out = np.empty((3, legs))
        self._weight = np.empty(0)  # (operators or more,)
        self._phone_of = np.empty(0, dtype=np.int64)  # (operators or more,)
        self._seen = np.empty((0, 0), dtype=bool)  # (phones or more, operators or more)
        self._found = np.empty((3, self._teams.size), dtype=np.int64)
        self._found_keys = np.empty(self._teams.size, dtype=np.uint64)
        self._named = np.empty((2, 0), dtype=np.int64)
        self._named_keys = np.empty(0, dtype=np.uint64)
        pairs = authorities * authorities
        self._abroad = np.empty((3, pairs), dtype=np.int64)
        self._abroad[2] = LIAISON
        self._abroad_host = np.empty(pairs, dtype=np.int64)
        self._abroad_keys = np.empty(pairs, dtype=np.uint64)
        self._posts = Posts.with_room(pairs)
        #: what the posts were worked out from, and how many there are
        self._posted: tuple[object, float, int] = None, 0.0, 0
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
        facts = learnt.keys.size
        if not facts:
            return
        sharing, work, keys = world.policy.sharing, self._evening, learnt.keys
        self._channels.update(sharing, world.parameters.intelligence)
        operator = self._attributed(world, learnt.operator, keys)
        arrivals, leaked, told = work.arrivals, work.leaked[:facts], work.told
        heard = spread_facts(
            keys, learnt.source, operator, learnt.host, world.day, world.seed, sharing.coverage,
            sharing.delay_days, sharing.fidelity, self._channels.onward, sharing.leak,
            self._routing.concern, leaked, told, arrivals, self._ways, world.links,
        )  # fmt: skip
        if np.count_nonzero(leaked):
            world.leaks.extend(operator[leaked & (operator >= 0)].tolist())
        columns, start = self._desk.put(heard)
        new = columns.between(start, start + heard)
        garbled = file_facts(
            world.day, world.seed, *arrivals, keys, learnt.source, operator, learnt.kind,
            self._weights, told, world.parameters.intelligence.memory_days, world.ledger.chain,
            new, work.lossy, work.turned,
        )  # fmt: skip
        if garbled:
            lossy = work.lossy[:garbled]
            size = through_channel(new.weight[lossy], arrivals.quality[:garbled])
            np.negative(size, out=size, where=work.turned[:garbled])
            new.weight[lossy] = size

    def _learnt(self, world: World) -> Learnt:
        """Facts of the day in an order of their own, for sums of floats depend on it."""
        told = [*world.accounts, *self._phones(world), *self._inquiries(world)]
        if world.facts:
            single = np.array([fact[:3] for fact in world.facts], dtype=np.int64)
            told.append((single, np.array([fact[3] for fact in world.facts], dtype=np.uint64)))
        officers, hosts, officers_keys = self._officers(world)
        facts = sum(keys.size for _, keys in told) + hosts.size
        work = self._evening
        if facts > work.keys.size:
            work = self._evening = Evening.with_room(2 * facts, self._number.size)
        end = 0
        for rows, keys in told:
            start, end = end, end + keys.size
            work.raw[:3, start:end] = rows.T
            work.keys[start:end] = keys
        work.raw[3, :end] = -1
        if hosts.size:
            work.raw[:3, end:facts] = officers.T
            work.raw[3, end:facts] = hosts
            work.keys[end:facts] = officers_keys
        sort_facts(facts, work.raw, work.keys, work.order, *work.learnt)
        return Learnt._make(column[:facts] for column in work.learnt)

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
        strength = world.policy.staff["investigation"] / self._at_least_one
        by, about, kind = self._found
        count = inquire(
            world.ordinal, world.seed, strength * intelligence.inquiry_facts / _MONTH,
            intelligence.inquiry_tied, intelligence.inquiry_target, intelligence.finance_share,
            self._teams, units.uid, units.authority, units.target, self._routing.hunted, world.ties,
            world.jurisdiction, s.uid, s.role, s.status, self._per_operator(s.count), by, about,
            kind, self._found_keys,
        )  # fmt: skip
        return [(self._found[:, :count].T, self._found_keys[:count])] if count else []

    def _per_operator(self, operators: int) -> npt.NDArray[np.float64]:
        """Work space for so many operators, or more."""
        if self._weight.size < operators:
            self._weight = np.empty(2 * operators)
        return self._weight

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
        worth, facts, posts = self._channels.worth, intelligence.liaison_facts, self._posts
        if self._posted[0] is not worth or self._posted[1] != facts:
            number = find_posts(world.seed, worth * (facts / _MONTH), *posts)
            self._posted = worth, facts, number
        by, about, _ = self._abroad
        host, key = self._abroad_host, self._abroad_keys
        count = post_officers(
            world.ordinal, world.seed, self._posted[2], *posts, world.policy.staff["investigation"],
            world.jurisdiction, s.uid, s.status, self._per_operator(s.count), by, host, about, key,
        )  # fmt: skip
        return self._abroad[:, :count].T, host[:count], key[:count]

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
        room, operators = 2 * world.ties.shape[0], s.count
        if self._named_keys.size < room:
            self._named = np.empty((2, 2 * room), dtype=np.int64)
            self._named_keys = np.empty(2 * room, dtype=np.uint64)
        if self._phone_of.size < operators or self._seen.shape[0] < len(last):
            self._phone_of = np.empty(2 * operators, dtype=np.int64)
            self._seen = np.empty((2 * len(last), 2 * operators), dtype=bool)
        (number, partner), key = self._named, self._named_keys
        count = read_phones(
            world.ordinal, world.seed, np.array(list(last), dtype=np.int64), np.array(chances),
            world.ties, s.uid, s.status, self._phone_of, self._seen, number, partner, key,
        )  # fmt: skip
        if not count:
            return []
        told = np.empty((count, 3), dtype=np.int64)
        told[:, 0] = np.array([by for by, _ in last.values()])[number[:count]]
        told[:, 1], told[:, 2] = partner[:count], PHONE
        return [(told, key[:count])]

    def process(self, world: World) -> None:
        """Let each authority work through its inbox, and let old evidence fade."""
        day, s, pictures = world.day, world.smugglers, world.pictures
        intelligence = world.parameters.intelligence
        self._routing.update(world)
        columns, start, end = self._desk.columns
        # facts come in day by day, so the first one is the oldest
        left = self._left(world, day - int(columns.learnt[start]) if end > start else 1)
        capacity, authorities = world.policy.staff["analysis"], self._number.size
        work, most = self._morning, int(capacity.max()) + 1
        if most > work.chosen.shape[1] or s.count > work.faded.size:
            work = self._morning = Morning.with_room(authorities, most, 2 * s.count)
        if self._handing.leaked.size < most * authorities:
            self._handing = Handing.with_room(most * authorities, authorities)
        known = Knowledge(
            s.status, s.dark_until, pictures.parts, pictures.fading, pictures.totals
        )
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
        if np.count_nonzero(leaked):
            world.leaks.extend(fused.operator[leaked & (fused.operator >= 0)].tolist())
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
