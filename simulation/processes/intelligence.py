"""What authorities learn, share and make of it.

Facts arise from people stopped or landed, from arrests (phones) and from seizures. They travel
(`sharing.py`), wait to be processed (capacity), and add log-odds to the case against an operator,
which fade with a half-life. An authority's view of where people cross is kept and shared too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import EVIDENCE_CLASSES, PHONE, SEIZURE, Pictures
from simulation.processes.inbox import (
    Desk,
    Inbox,
    fade_evidence,
    file_facts,
    share_out,
    work_through,
)
from simulation.processes.sharing import (
    estimate_activity,
    fuse_activity,
    make_out_crossings,
    name_others,
    read_phones,
    spread_facts,
    through_channel,
)
from simulation.processes.world import World


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
        kinds = {a.code: a.kind for a in world.corridor.authorities}
        self._remit = np.array([kinds[a.code] != "country" for a in world.corridor.authorities])
        intelligence = world.parameters.intelligence
        #: (classes,) log-odds of a fact where it is learnt
        self._weights = np.full(len(EVIDENCE_CLASSES), float(intelligence.weight_account))
        self._weights[PHONE] = intelligence.weight_phone
        self._weights[SEIZURE] = intelligence.weight_seizure
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
        """Turn what the day's stops, landings and arrests brought into facts on the way."""
        source, named, evidence_class, keys = self._learnt(world)
        if not keys.size:
            return
        sharing, count = world.policy.sharing, len(world.corridor.authorities)
        operator = self._attributed(world, named, keys)
        leaked = np.zeros(keys.size, dtype=bool)
        number, due, to = np.empty((3, keys.size * count), dtype=np.int64)
        quality = np.empty(number.size)
        heard = spread_facts(
            keys, source, operator, world.day, world.seed, sharing.coverage,
            sharing.delay_days, sharing.fidelity, sharing.third_party, sharing.leak,
            self._remit, world.jurisdiction, leaked, number, due, to, quality,
            world.links,
        )  # fmt: skip
        world.leaks.extend(operator[leaked].tolist())
        new = self._desk.put(heard)
        lossy, turned = np.empty(heard, dtype=np.int64), np.empty(heard, dtype=bool)
        garbled = file_facts(
            world.day, world.seed, number, due, to, quality, keys, source, operator,
            evidence_class, self._weights, world.parameters.intelligence.memory_days,
            world.ledger.chain, new, lossy, turned,
        )  # fmt: skip
        if garbled:
            lossy = lossy[:garbled]
            size = through_channel(new.weight[lossy], quality[:garbled])
            new.weight[lossy] = np.where(turned[:garbled], -size, size)

    def _learnt(
        self, world: World
    ) -> tuple[
        npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint64]
    ]:
        """Facts of the day in an order of their own, for sums of floats depend on it.

        Returns:
            Authority, operator, class of evidence and identifier; each (facts,).
        """
        told = [*world.accounts, *self._phones(world)]
        if world.facts or not told:
            single = np.array([fact[:3] for fact in world.facts], dtype=np.int64).reshape(-1, 3)
            told.append((single, np.array([fact[3] for fact in world.facts], dtype=np.uint64)))
        columns = np.concatenate([facts for facts, _ in told])
        keys = np.concatenate([facts_keys for _, facts_keys in told])
        source, operator, evidence_class = columns.T
        order = np.lexsort((keys, evidence_class, operator, source))
        source, operator, evidence_class = columns[order].T.copy()
        return source, operator, evidence_class, keys[order]

    def _attributed(
        self, world: World, rows: npt.NDArray[np.int64], keys: npt.NDArray[np.uint64]
    ) -> npt.NDArray[np.int64]:
        """The operator each fact names: sometimes another one of the same stage and place.

        So a wrong name never reaches an authority whom the right one would not concern.
        """
        chance = world.parameters.intelligence.misattribution
        s, named = world.smugglers, rows.copy()
        name_others(world.seed, chance, keys, s.uid, s.stage, s.place, s.status, named)
        return named

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
        day, s, evidence = world.day, world.smugglers, world.pictures.evidence
        intelligence = world.parameters.intelligence
        inbox = self.inbox
        facts = inbox.due.size
        # facts come in day by day, so the first one is the oldest
        left = self._left(world, day - int(inbox.learnt[0]) if facts else 1)
        fade_evidence(
            evidence, s.dark_until, day, left[0, 1], left[1, 1],
            np.empty(s.count * evidence.shape[2]),
        )  # fmt: skip
        if not facts:
            return
        capacity = world.policy.staff["analysis"]
        room = capacity.size, int(capacity.max()) + 1
        today, count = np.empty((2, capacity.size), dtype=np.int64)
        share_out(world.ordinal, capacity, today)
        first, last = work_through(
            day, inbox, today, left, s.dark_until, s.status, world.jurisdiction,
            intelligence.memory_days, evidence, world.ledger.chain, np.empty(room, dtype=np.int64),
            np.empty(room), count, np.empty(facts, dtype=bool),
        )  # fmt: skip
        self._desk.keep(first, last)

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
        from sees how many wait there.

        Args:
            world: The world.
            effort: (authorities, legs) of today.
        """
        intelligence, ground = world.parameters.intelligence, world.ground
        pictures, places = world.pictures, world.places
        seen, expected = np.empty((2, effort.shape[1]))
        make_out_crossings(
            world.counts.stops, world.legs.stop_chance, intelligence.chance_floor,
            world.ledger.present[world.day], places.stay_mean, places.leg_start, ground.origin,
            world.scale, seen, expected,
        )  # fmt: skip
        speed = 1.0 - 2.0 ** (-1.0 / intelligence.activity_half_life_days)
        estimate_activity(
            effort, seen, expected, ground.authority_from, ground.on_ground,
            intelligence.effort_half_sight, intelligence.presence_sight, speed,
            pictures.own_activity, pictures.precision,
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
