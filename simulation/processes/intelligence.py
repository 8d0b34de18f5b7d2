"""What authorities learn, share and make of it.

Facts arise from people stopped or landed, from arrests (phones) and from seizures. They travel
(`sharing.py`), wait to be processed (capacity), and add log-odds to the case against an operator,
which fade with a half-life. An authority's view of where people cross is kept and shared too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import PARTNER, PHONE, SEIZURE, Pictures
from simulation.agents.smuggler import Status
from simulation.processes.sharing import fuse_activity, spread_fact, through_channel
from simulation.processes.world import World
from simulation.randomness import Decision, child_identifier, uniforms


class Intelligence:
    """The intelligence cycle of all authorities.

    Args:
        world: The world; its `pictures` are set.
    """

    def __init__(self, world: World) -> None:
        authorities, legs = len(world.corridor.authorities), len(world.corridor.legs)
        self._ring = np.zeros((world.parameters.intelligence.memory_days, authorities, legs))
        # the inbox: facts on their way or waiting to be processed
        self._due = np.empty(0, dtype=np.int64)
        self._to = np.empty(0, dtype=np.int64)
        self._operator = np.empty(0, dtype=np.int64)
        self._class = np.empty(0, dtype=np.int64)
        self._weight = np.empty(0)
        self._learnt = np.empty(0, dtype=np.int64)
        self._key = np.empty(0, dtype=np.uint64)
        kinds = {a.code: a.kind for a in world.corridor.authorities}
        self._remit = np.array([kinds[a.code] != "country" for a in world.corridor.authorities])
        world.yields = np.zeros(authorities)
        self._set_yields(world)

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
        # in an order of their own, for sums of floats depend on it
        facts = sorted([*world.facts, *self._phones(world)])
        world.ledger.facts[world.day] = len(facts)
        if not facts:
            return
        sharing, count = world.policy.sharing, len(world.corridor.authorities)
        arrival = np.empty(count, dtype=np.int64)
        quality = np.empty(count)
        due, to, operator, kind, weight, keys = [], [], [], [], [], []
        for authority, row, evidence_class, key in facts:
            row = self._attributed(world, row, key)
            concerned = self._remit | world.jurisdiction[:, row]
            leaked = spread_fact(
                np.uint64(key), authority, world.day, world.seed, sharing.coverage,
                sharing.delay_days, sharing.fidelity, sharing.third_party, sharing.leak,
                concerned, arrival, quality,
            )  # fmt: skip
            if leaked:
                world.leaks.append(row)
            for receiver in np.flatnonzero(arrival < (1 << 30)):
                due.append(arrival[receiver])
                to.append(receiver)
                operator.append(row)
                keys.append(key)
                kind.append(evidence_class if receiver == authority else PARTNER)
                weight.append(
                    self._received(world, key, int(receiver), evidence_class, quality[receiver])
                )
        world.ledger.facts_shared[world.day] = len(due) - len(facts)
        self._due = np.concatenate([self._due, np.array(due, dtype=np.int64)])
        self._to = np.concatenate([self._to, np.array(to, dtype=np.int64)])
        self._operator = np.concatenate([self._operator, np.array(operator, dtype=np.int64)])
        self._class = np.concatenate([self._class, np.array(kind, dtype=np.int64)])
        self._weight = np.concatenate([self._weight, np.array(weight)])
        self._learnt = np.concatenate([self._learnt, np.full(len(due), world.day)])
        self._key = np.concatenate([self._key, np.array(keys, dtype=np.uint64)])

    def _received(
        self, world: World, key: int, receiver: int, evidence_class: int, fidelity: float
    ) -> float:
        """Log-odds a fact adds for a receiver; the channel may have turned it round."""
        intelligence = world.parameters.intelligence
        own = intelligence.weight_phone if evidence_class == PHONE else intelligence.weight_account
        if evidence_class == SEIZURE:
            own = intelligence.weight_seizure
        if fidelity >= 1.0:
            return float(own)
        flipped = uniforms(world.seed, Decision.FIDELITY, key, receiver) >= fidelity
        size = float(through_channel(own, fidelity))
        return -size if flipped else size

    def _attributed(self, world: World, row: int, key: int) -> int:
        """The operator a fact names: sometimes another one of the same stage and place.

        So a wrong name never reaches an authority whom the right one would not concern.
        """
        chance = world.parameters.intelligence.misattribution
        if uniforms(world.seed, Decision.MISATTRIBUTION, key, 0) >= chance:
            return row
        s = world.smugglers
        near = (s.stage == s.stage[row]) & (s.place == s.place[row])
        near[row] = False
        others = np.flatnonzero(near & (s.status != Status.RETIRED))
        if others.size == 0:
            return row
        wait = uniforms(world.seed, Decision.MISATTRIBUTION, np.uint64(key), s.uid[others])
        return int(others[np.argmin(wait)])

    def _phones(self, world: World) -> list[tuple[int, int, int, int]]:
        """Facts on partners from the phones of those arrested today."""
        found = []
        intelligence = world.parameters.intelligence
        s = world.smugglers
        for row, authority, major in world.phones:
            chance = intelligence.phone_yield if major else intelligence.phone_yield_helper
            one, other = world.ties[:, 0] == row, world.ties[:, 1] == row
            partners = np.unique(np.concatenate([world.ties[one, 1], world.ties[other, 0]]))
            partners = partners[s.status[partners] != Status.RETIRED]
            draw = uniforms(
                world.seed, Decision.PHONE, s.uid[row], s.uid[partners] + np.uint64(world.ordinal)
            )
            for partner in partners[draw < chance]:
                cause = child_identifier(int(s.uid[partner]), world.ordinal)
                key = child_identifier(int(s.uid[row]), cause)
                found.append((authority, int(partner), PHONE, key))
        return found

    def process(self, world: World) -> None:
        """Let each authority work through its inbox, and let old evidence fade."""
        pictures, s = world.pictures, world.smugglers
        intelligence = world.parameters.intelligence
        dark = s.dark_until > world.day
        half_life = np.where(dark, intelligence.half_life_dark_days, intelligence.half_life_days)
        pictures.evidence[:, : s.count] *= (2.0 ** (-1.0 / half_life))[None, :, None]
        if not self._due.size:
            return
        handled = self._in_capacity(world)
        if handled.any():
            age = world.day - self._learnt[handled]
            rows = self._operator[handled]
            fresh = 2.0 ** (-age / half_life[rows])
            np.add.at(
                pictures.evidence,
                (self._to[handled], rows, self._class[handled]),
                self._weight[handled] * fresh,
            )
        stale = world.day - self._learnt > intelligence.memory_days
        keep = ~(handled | stale)
        for name in ("_due", "_to", "_operator", "_class", "_weight", "_learnt", "_key"):
            setattr(self, name, getattr(self, name)[keep])

    def _in_capacity(self, world: World) -> npt.NDArray[np.bool_]:
        """Which waiting facts are processed today: the weightiest and freshest first."""
        waiting = self._due <= world.day
        if not waiting.any():
            return waiting
        half_life = world.parameters.intelligence.half_life_days
        worth = np.abs(self._weight) * 2.0 ** (-(world.day - self._learnt) / half_life)
        order = np.lexsort((self._key, -worth, self._to, ~waiting))
        to = self._to[order]
        first = np.flatnonzero(np.r_[True, to[1:] != to[:-1]])
        group = np.cumsum(np.r_[True, to[1:] != to[:-1]]) - 1
        rank = np.arange(to.size) - first[group]
        capacity = np.maximum(world.policy.staff["analysis"], 0.0)
        # a capacity below one a day is worked off in turns
        today = np.floor(capacity * (world.ordinal + 1)) - np.floor(capacity * world.ordinal)
        handled = np.zeros(waiting.size, dtype=bool)
        handled[order] = waiting[order] & (rank < today[to])
        return handled

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
        pictures, legs = world.pictures, world.legs
        chance = np.maximum(legs.stop_chance, intelligence.chance_floor)
        seen = world.counts.stops / world.scale / chance
        waiting = world.ledger.present[world.day] / world.scale
        leaving = waiting / np.maximum(world.places.stay_mean + 1.0, 1.0)
        ways = np.maximum(np.diff(world.places.leg_start), 1)
        expected = (leaving / ways)[ground.origin]
        sight = effort / (effort + intelligence.effort_half_sight)
        columns = np.arange(ground.origin.size)
        at_home = np.zeros(effort.shape)
        at_home[ground.authority_from, columns] = intelligence.presence_sight
        weight = sight + at_home
        estimate = (sight * seen + at_home * expected) / np.maximum(weight, 1e-9)
        speed = 1.0 - 2.0 ** (-1.0 / intelligence.activity_half_life_days)
        pictures.own_activity += speed * (estimate - pictures.own_activity)
        pictures.precision[:] = weight * ground.on_ground
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
