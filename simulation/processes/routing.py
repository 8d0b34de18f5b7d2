"""Who is told a fact, and who can do something with it, compiled.

A fact concerns an authority that can arrest the operator, that has a case on it or on somebody who
knows it, or on whose ground it takes people; and hubs, whose work is to collect and hand on. What
a hub's analysts work through they hand on to those concerned who do not have it yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import kernel
from simulation.corridor import Corridor
from simulation.processes.inbox import BY_ITSELF, BY_PARTNER, IDLE, Inbox
from simulation.processes.world import World
from simulation.randomness import Decision, agent_word, occasion_word, to_unit, uniform
from simulation.scenario.levers.sharing import SharingDay

if TYPE_CHECKING:
    from simulation.parameters.groups import IntelligenceRecords

_SHARED, _DELAY, _LEAK = int(Decision.SHARED), int(Decision.SHARING_DELAY), int(Decision.LEAK)
_HANDLING, _FIDELITY = int(Decision.HANDLING), int(Decision.FIDELITY)
_DELIVERED = link("delivered")
_PASSED_ON, _LEAKED = link("passed_on"), link("leaked")
PAIRS = 1 << 12  # room for a pair of authorities in an occasion
#: authorities at most: who has a fact is kept as the bits of one word
MOST_AUTHORITIES = np.iinfo(np.int64).bits - 1


def worth_of_channel(sharing: SharingDay, half_life: float) -> npt.NDArray[np.float64]:
    """What is left of the worth of something known to one side when the other side has it.

    By the share passed on, what fidelity leaves of it (nothing at 0.5), and its age on arrival.

    Args:
        sharing: How reports pass between authorities.
        half_life: Days in which knowledge loses half its worth.

    Returns:
        (authorities, authorities), 0 to 1, [from, to]; 0 on the diagonal.
    """
    kept = np.maximum(2.0 * sharing.fidelity - 1.0, 0.0)
    worth: npt.NDArray[np.float64] = (
        sharing.coverage * kept * 2.0 ** (-sharing.delay_days / half_life)
    )
    np.fill_diagonal(worth, 0.0)
    return worth


def chance_to_hand_on(
    sharing: SharingDay, hubs: npt.NDArray[np.bool_], onward: float, strict_below: float
) -> npt.NDArray[np.float64]:
    """Chance that a source lets the receiver hand on what it told, (authorities, authorities).

    Where the third-party rule of the channel allows it, all; where not, a hub may hand on a part,
    but nothing of what comes by a channel that is hardly used.

    Args:
        sharing: How reports pass between authorities.
        hubs: (authorities,) whose work it is to hand on.
        onward: Share that sources let a hub hand on.
        strict_below: Coverage below which the rule has no exception.
    """
    exception = hubs[None, :] & (sharing.coverage >= strict_below)
    allowed: npt.NDArray[np.float64] = np.where(
        sharing.third_party, 1.0, np.where(exception, onward, 0.0)
    )
    return allowed


class Channels:
    """What channels are worth and what may be handed on, worked out when sharing changes.

    Attributes:
        worth: See `worth_of_channel`.
        may: See `chance_to_hand_on`.
        onward: (authorities, authorities) whether a receiver may hand on at once what it is told.
            A hub hands on what its analysts have worked through, and nothing before.

    Args:
        corridor: Tells who is a hub.
    """

    def __init__(self, corridor: Corridor) -> None:
        self.hubs = corridor.hubs()
        self.worth = self.may = np.zeros((self.hubs.size, self.hubs.size))
        self.onward = np.zeros(self.may.shape, dtype=bool)
        self._sharing: SharingDay | None = None

    def update(self, sharing: SharingDay, intelligence: IntelligenceRecords) -> None:
        """Bring both up to date.

        Args:
            sharing: How reports pass between authorities today.
            intelligence: The records of intelligence.
        """
        if sharing is not self._sharing:
            self._sharing = sharing
            self.worth = worth_of_channel(sharing, intelligence.half_life_days)
            self.onward = sharing.third_party & ~self.hubs[None, :]
            self.may = chance_to_hand_on(
                sharing, self.hubs, intelligence.hub_onward, intelligence.hub_strict_below
            )


@kernel
def find_standing(
    jurisdiction: np.ndarray,
    hubs: np.ndarray,
    pairs_smuggler: np.ndarray,
    pairs_leg: np.ndarray,
    authority_from: np.ndarray,
    authority_to: np.ndarray,
    stands_in: int,
    stands_for: int,
    coverage: np.ndarray,
    fidelity: np.ndarray,
    able: np.ndarray,
    concern: np.ndarray,
    use: np.ndarray,
) -> None:
    """Whom an operator concerns and who can do something about it, whatever cases there are.

    Args:
        jurisdiction: (authorities, operators) who can arrest whom.
        hubs: (authorities,) whom everybody concerns.
        pairs_smuggler: (pairs,) operator of each pair of an operator and a leg.
        pairs_leg: (pairs,) leg of each pair.
        authority_from: (legs,) on whose ground a leg starts.
        authority_to: (legs,) on whose ground it ends.
        stands_in: Authority that takes on what concerns another one.
        stands_for: That other one.
        coverage: (authorities, authorities) share of facts passed on, [from, to].
        fidelity: Chance that they survive, same shape.
        able: (operators,) filled with the authorities that can arrest each, as bits.
        concern: (authorities, operators), filled.
        use: (authorities, operators), filled with `IDLE`, `BY_PARTNER` or `BY_ITSELF`.
    """
    authorities, operators = jurisdiction.shape
    able[:] = 0
    for a in range(authorities):
        for o in range(operators):
            concern[a, o] = hubs[a] or jurisdiction[a, o]
            able[o] |= np.int64(jurisdiction[a, o]) << np.int64(a)
    for pair in range(pairs_leg.size):
        concern[authority_from[pairs_leg[pair]], pairs_smuggler[pair]] = True
        concern[authority_to[pairs_leg[pair]], pairs_smuggler[pair]] = True
    for o in range(operators):
        concern[stands_in, o] |= concern[stands_for, o]
    for a in range(authorities):
        partners = np.int64(0)
        for partner in range(authorities):
            if a != partner and coverage[a, partner] > 0.0 and fidelity[a, partner] > 0.5:
                partners |= np.int64(1) << np.int64(partner)
        for o in range(operators):
            if jurisdiction[a, o]:
                use[a, o] = BY_ITSELF
            else:
                use[a, o] = BY_PARTNER if able[o] & partners else IDLE


@kernel
def add_cases(
    authority: np.ndarray,
    target: np.ndarray,
    ties: np.ndarray,
    hunted: np.ndarray,
    concern: np.ndarray,
    use: np.ndarray,
) -> None:
    """Add whom an operator concerns because of a case on it, or on one who knows it.

    Args:
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free.
        ties: (ties, 2) rows of operators who know each other.
        hunted: (operators,) filled with the authorities that have a case on each, as bits.
        concern: (authorities, operators), added to.
        use: (authorities, operators), raised.
    """
    hunted[:] = 0
    none = True
    for unit in range(target.size):
        if target[unit] >= 0:
            a, o = authority[unit], target[unit]
            hunted[o] |= np.int64(1) << np.int64(a)
            concern[a, o], use[a, o] = True, BY_ITSELF
            none = False
    if none:
        return
    for tie in range(ties.shape[0]):
        for side in range(2):
            by = hunted[ties[tie, side]]
            other, a = ties[tie, 1 - side], 0
            while by > 0:
                if by & 1:
                    concern[a, other], use[a, other] = True, BY_ITSELF
                by >>= 1
                a += 1


class Passed(NamedTuple):
    """Facts that hubs hand on today, one an arrival; (arrivals,)."""

    fact: npt.NDArray[np.int64]  # row among the facts worked through by hubs
    to: npt.NDArray[np.int64]
    due: npt.NDArray[np.int64]
    fidelity: npt.NDArray[np.float64]

    @staticmethod
    def with_room(arrivals: int) -> Passed:
        """Columns for so many arrivals, still to be filled in."""
        fact, to, due = np.empty((3, arrivals), dtype=np.int64)
        return Passed(fact, to, due, np.empty(arrivals))


@kernel
def hand_on(
    day: int,
    seed: int,
    facts: Inbox,
    own_classes: int,
    may: np.ndarray,
    concern: np.ndarray,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    leak: np.ndarray,
    links: np.ndarray,
    leaked: np.ndarray,
    passed: Passed,
) -> int:
    """Let hubs hand on what their analysts worked through today.

    Args:
        day: Today.
        seed: Seed of the replication.
        facts: What they worked through; whom it has been handed to is added.
        own_classes: Number of classes of evidence that an authority collects itself.
        may: (authorities, authorities) chance that a source lets a receiver hand a fact on.
        concern: (authorities, operators) who is given it.
        coverage: (authorities, authorities) share of facts passed on, [from, to].
        delay: Mean days on the way, same shape.
        fidelity: Chance that it survives, same shape.
        leak: Chance that passing it on tells the operator, same shape.
        links: (links, authorities + 1) today's counts of the chain, added to.
        leaked: (facts,) filled with whether its operator heard of it.
        passed: Filled with the arrivals.

    Returns:
        Number of arrivals.
    """
    count = 0
    for f in range(facts.to.size):
        leaked[f] = False
        hub, origin = facts.to[f], facts.group[f] - own_classes
        if origin < 0:
            origin = hub
        for before in range(f):  # another hub may have handed it on this morning
            if facts.key[before] == facts.key[f]:
                facts.told[f] |= facts.told[before]
        operator = facts.operator[f] if facts.operator[f] >= 0 else ~facts.operator[f]
        if uniform(seed, _HANDLING, facts.key[f], hub) >= may[origin, hub]:
            continue
        shared_word = agent_word(seed, _SHARED, facts.key[f])
        delay_word = agent_word(seed, _DELAY, facts.key[f])
        leak_word = agent_word(seed, _LEAK, facts.key[f])
        for there in range(coverage.shape[0]):
            has = (facts.told[f] >> np.int64(there)) & 1
            if has or not concern[there, operator] or coverage[hub, there] <= 0.0:
                continue
            pair = hub * PAIRS + there
            if to_unit(occasion_word(shared_word, pair)) >= coverage[hub, there]:
                continue
            links[_PASSED_ON, hub] += 1
            if to_unit(occasion_word(leak_word, pair)) < leak[hub, there]:
                links[_LEAKED, hub] += 1
                leaked[f] = True
            wait = -np.log(to_unit(occasion_word(delay_word, pair))) * delay[hub, there]
            facts.told[f] |= np.int64(1) << np.int64(there)
            passed.fact[count], passed.to[count] = f, there
            passed.due[count] = day + int(np.ceil(wait))
            passed.fidelity[count] = fidelity[hub, there]
            count += 1
    return count


@kernel
def write_passed(
    day: int,
    seed: int,
    facts: Inbox,
    passed: Passed,
    left: np.ndarray,
    before: float,
    inbox: Inbox,
    size: np.ndarray,
    sign: np.ndarray,
    chain: np.ndarray,
) -> None:
    """Write what hubs hand on into the inboxes, all but the weight, for which the channel is asked.

    Args:
        day: Today.
        seed: Seed of the replication.
        facts: What they worked through.
        passed: What they hand on.
        left: (age + 1,) what is left of a fact's weight after some days.
        before: Deliveries are booked on days before this one.
        inbox: (arrivals,) filled but for the weight.
        size: (arrivals or more,) filled with the weight before the channel, without its sign.
        sign: (arrivals or more,) filled with the sign of it after the channel.
        chain: (days, links, authorities + 1) counts of the chain; deliveries are added on the day
            on which they are there.
    """
    for k in range(inbox.due.size):
        f, to = passed.fact[k], passed.to[k]
        # handed on in the morning, it lies on the next desk from the next morning on
        due = max(passed.due[k], day + 1)
        inbox.due[k], inbox.to[k], inbox.learnt[k] = due, to, day
        inbox.operator[k], inbox.group[k] = facts.operator[f], facts.group[f]
        inbox.key[k], inbox.told[k] = facts.key[f], facts.told[f]
        weight = facts.weight[f] * left[day - facts.learnt[f]]
        size[k], sign[k] = abs(weight), np.sign(weight)
        if uniform(seed, _FIDELITY, facts.key[f], to) >= passed.fidelity[k]:
            sign[k] = -sign[k]
        if due < before:
            chain[due, _DELIVERED, to] += 1


class Routing:
    """Who is given a fact on each operator, and who can do something with it.

    Attributes:
        hubs: (authorities,) whose work is to collect and hand on.
        concern: (authorities, operators) who is given a fact.
        use: (authorities, operators) what can be done with it there.
        hunted: (operators,) authorities that have a case on each, as bits.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        authorities = len(world.corridor.authorities)
        if authorities > MOST_AUTHORITIES:
            raise ValueError(f"{authorities} authorities; at most {MOST_AUTHORITIES} can be told")
        self.hubs = world.corridor.hubs()
        self.concern = np.zeros((authorities, 0), dtype=bool)
        self.use = np.zeros((authorities, 0), dtype=np.int8)
        self.hunted = np.zeros(0, dtype=np.int64)
        self._standing = self.concern, self.use
        #: what that and the rest were worked out from
        self._known: tuple[object, object, object] = None, None, None
        self._cases: tuple[object, bytes] = None, b""

    def update(self, world: World) -> None:
        """Bring all up to date with operators, sharing and cases."""
        sharing, ground = world.policy.sharing, world.ground
        jurisdiction, smuggler = world.jurisdiction, world.pairs.smuggler
        ties, target = world.ties, world.units.target.tobytes()
        known = self._known
        if known[0] is not jurisdiction or known[1] is not smuggler or known[2] is not sharing:
            self._known = jurisdiction, smuggler, sharing
            shape = jurisdiction.shape
            if self.concern.shape != shape:
                self.concern, self.use = np.empty(shape, dtype=bool), np.empty(shape, dtype=np.int8)
                self._standing = np.empty_like(self.concern), np.empty_like(self.use)
                self.hunted = np.empty(shape[1], dtype=np.int64)
            find_standing(
                jurisdiction, self.hubs, smuggler, world.pairs_leg,
                ground.authority_from, ground.authority_to, int(ground.uk[0]), int(ground.uk[1]),
                sharing.coverage, sharing.fidelity, self.hunted, *self._standing,
            )  # fmt: skip
        elif self._cases[0] is ties and self._cases[1] == target:
            return
        self._cases = ties, target
        np.copyto(self.concern, self._standing[0])
        np.copyto(self.use, self._standing[1])
        units = world.units
        add_cases(units.authority, units.target, ties, self.hunted, self.concern, self.use)
