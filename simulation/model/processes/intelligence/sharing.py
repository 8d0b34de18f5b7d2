"""How facts travel between authorities, compiled: to whom, when, and how much of them is left.

A fact concerns an authority that can arrest the operator, that has a case on it or on somebody tied
to it, or on whose ground it takes people. It also concerns hubs, which collect facts and hand them
on. A fact is passed on with a chance (coverage), after a delay, through a channel that can turn it
into its opposite (fidelity). It goes further only where the third-party rule allows. A fact counts
once however often it arrives: only the first arrival is stored. A hub hands on the facts that its
analysts process to the authorities concerned that do not have them yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor import Corridor
from simulation.model.agents.authority import CLASS_OF_KIND, OWN_CLASSES
from simulation.model.processes.intelligence.collection import Facts
from simulation.model.processes.intelligence.report_queue import (
    BY_ITSELF,
    BY_PARTNER,
    IDLE,
    NEVER,
    Reports,
)
from simulation.model.processes.world import DayContext, World
from simulation.randomness import (
    PAIRS,
    Decision,
    agent_word,
    occasion_word,
    to_unit,
    uniform,
)
from simulation.scenario.levers.sharing import SharingDay

if TYPE_CHECKING:
    from simulation.parameters.groups import IntelligenceRecords

_LEARNT, _PASSED_ON, _LEAKED = link("learnt"), link("passed_on"), link("leaked")
_WAITING, _DELIVERED = link("waiting"), link("delivered")
#: authorities at most: who has a fact is kept as the bits of one word
MOST_AUTHORITIES = np.iinfo(np.int64).bits - 1


# -- channels -------------------------------------------------------------------------------------


def worth_of_channel(sharing: SharingDay, half_life: float) -> Floats:
    """Worth of a fact to the receiver as a share of its worth to the sender.

    The product of the share passed on, of `2 x fidelity - 1` (0 at 0.5, the correlation of a binary
    symmetric channel), and of what is left at the age on arrival.

    Args:
        sharing: How reports pass between authorities.
        half_life: Days in which knowledge loses half its worth.

    Returns:
        (authorities, authorities), 0 to 1, [from, to]; 0 on the diagonal.
    """
    correlation = np.maximum(2.0 * sharing.fidelity - 1.0, 0.0)
    worth: Floats = sharing.coverage * correlation * 2.0 ** (-sharing.delay_days / half_life)
    np.fill_diagonal(worth, 0.0)
    return worth


def chance_to_hand_on(
    sharing: SharingDay, hubs: Bools, onward: float, strict_below: float
) -> Floats:
    """Chance that a source lets the receiver hand on its facts, (authorities, authorities).

    It is 1 where the third-party rule of the channel allows it. Elsewhere a hub may hand on a part,
    but nothing that comes by a channel that is hardly used.

    Args:
        sharing: How reports pass between authorities.
        hubs: (authorities,) whose work it is to hand on.
        onward: Share that sources let a hub hand on.
        strict_below: Coverage below which the rule has no exception.
    """
    exception = hubs[None, :] & (sharing.coverage >= strict_below)
    allowed: Floats = np.where(sharing.third_party, 1.0, np.where(exception, onward, 0.0))
    return allowed


class Channels(NamedTuple):
    """How facts pass between authorities today; (authorities, authorities), [from, to]."""

    coverage: Floats  # share of facts passed on
    delay: Floats  # mean days on the way
    fidelity: Floats  # chance that a fact survives
    leak: Floats  # chance that the operator learns of it when it is passed on
    #: whether a receiver may hand on a fact at once; a hub waits until its analysts process it
    onward: Bools
    may: Floats  # chance that a source lets a receiver hand on its facts
    worth: Floats  # see `worth_of_channel`


class ChannelsToday:
    """The channels, computed again when sharing changes.

    Args:
        corridor: Its hubs.
    """

    def __init__(self, corridor: Corridor) -> None:
        self.hubs = corridor.hubs()
        self._latest: tuple[SharingDay, Channels] | None = None

    def of(self, sharing: SharingDay, intelligence: IntelligenceRecords) -> Channels:
        """The channels of a day.

        Args:
            sharing: How reports pass between authorities.
            intelligence: The records of intelligence.
        """
        if self._latest is None or self._latest[0] is not sharing:
            may = chance_to_hand_on(
                sharing, self.hubs, intelligence.hub_onward, intelligence.hub_strict_below
            )
            channels = Channels(
                sharing.coverage, sharing.delay_days, sharing.fidelity, sharing.leak,
                sharing.third_party & ~self.hubs[None, :], may,
                worth_of_channel(sharing, intelligence.half_life_days),
            )  # fmt: skip
            self._latest = sharing, channels
        return self._latest[1]


def through_channel(weight: npt.ArrayLike, fidelity: npt.ArrayLike) -> Floats:
    """Weight of a fact heard through a channel that may turn it into its opposite.

    The log-likelihood ratio after a binary symmetric channel: at fidelity 1 the whole weight, at
    0.5 exactly nothing. Source: Cover and Thomas (2006), Elements of Information Theory, section
    7.1.4, applied to a likelihood ratio.

    Args:
        weight: Log-odds the fact carries at its source.
        fidelity: Chance, 0 to 1, that it arrives as it was.

    Returns:
        Log-odds it carries for the receiver, before its sign.
    """
    ratio = np.exp(np.asarray(weight, dtype=float))
    intact = np.asarray(fidelity, dtype=float)
    flipped = 1.0 - intact  # the two sums below are the same number, to the last bit, at 0.5
    return np.log((intact * ratio + flipped) / (flipped * ratio + intact))


@inner
def chained_fidelity(first: float, second: float) -> float:
    """Fidelity of two channels one after the other."""
    return first * second + (1.0 - first) * (1.0 - second)


# -- recipients -----------------------------------------------------------------------------------


@kernel
def _find_standing(
    jurisdiction: np.ndarray,
    hubs: np.ndarray,
    pair_smuggler: np.ndarray,
    pair_leg: np.ndarray,
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
    """Authorities that an operator concerns and those that can act on it, apart from cases.

    Fills in who can arrest each operator, `able`, as bits, and (authorities, operators) `concern`
    and `use`: `IDLE`, `BY_PARTNER` or `BY_ITSELF`. Every operator concerns `hubs`, (authorities,).
    One authority stands in for another on all that concerns that other one.
    """
    authorities, operators = jurisdiction.shape
    able[:] = 0
    for a in range(authorities):
        for o in range(operators):
            concern[a, o] = hubs[a] or jurisdiction[a, o]
            able[o] |= np.int64(jurisdiction[a, o]) << np.int64(a)
    for pair in range(pair_leg.size):
        concern[authority_from[pair_leg[pair]], pair_smuggler[pair]] = True
        concern[authority_to[pair_leg[pair]], pair_smuggler[pair]] = True
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


@inner
def _add_authorities(
    hunters: np.int64, operator: int, concern: np.ndarray, use: np.ndarray
) -> None:
    """Let an operator concern authorities, given as bits, that can act on it themselves."""
    a = 0
    while hunters > 0:
        if hunters & 1:
            concern[a, operator], use[a, operator] = True, BY_ITSELF
        hunters >>= 1
        a += 1


@kernel
def _add_cases(
    authority: np.ndarray,
    target: np.ndarray,
    ties: np.ndarray,
    open_case_mask: np.ndarray,
    concern: np.ndarray,
    use: np.ndarray,
) -> None:
    """Add authorities that an operator concerns because of a case on it or on one of its ties.

    Fills in the authorities that have a case on each operator, `open_case_mask`, as bits.
    """
    open_case_mask[:] = 0
    none = True
    for unit in range(target.size):
        if target[unit] >= 0:
            a, o = authority[unit], target[unit]
            open_case_mask[o] |= np.int64(1) << np.int64(a)
            concern[a, o], use[a, o] = True, BY_ITSELF
            none = False
    if none:
        return
    for tie in range(ties.shape[0]):
        if not open_case_mask[ties[tie, 0]] | open_case_mask[ties[tie, 1]]:
            continue
        for side in range(2):
            _add_authorities(open_case_mask[ties[tie, side]], ties[tie, 1 - side], concern, use)


class Routing:
    """Authorities that receive a fact on each operator, and those that can act on it.

    Attributes:
        hubs: (authorities,) which ones collect facts and hand them on.
        concern: (authorities, operators) which ones receive a fact.
        use: (authorities, operators) what can be done with it there.
        open_case_mask: (operators,) authorities that have a case on each, as bits.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        authorities = len(world.corridor.authorities)
        if authorities > MOST_AUTHORITIES:
            raise ValueError(
                f"{authorities} authorities; at most {MOST_AUTHORITIES} can receive facts"
            )
        self.hubs = world.corridor.hubs()
        self.concern = np.zeros((authorities, 0), dtype=bool)
        self.use = np.zeros((authorities, 0), dtype=np.int8)
        self.open_case_mask = np.zeros(0, dtype=np.int64)
        self._standing = self.concern, self.use
        #: what `_standing` and `open_case_mask` were computed from
        self._inputs: tuple[object, object, object] = None, None, None
        self._cases: tuple[object, bytes] = None, b""

    def update(self, world: World) -> None:
        """Bring all up to date with operators, sharing and cases."""
        sharing, ground = world.policy.sharing, world.ground
        jurisdiction, smuggler = world.jurisdiction, world.pairs.smuggler
        ties, target = world.ties, world.units.target.tobytes()
        inputs = self._inputs
        if inputs[0] is not jurisdiction or inputs[1] is not smuggler or inputs[2] is not sharing:
            self._inputs = jurisdiction, smuggler, sharing
            shape = jurisdiction.shape
            if self.concern.shape != shape:
                self.concern, self.use = np.empty(shape, dtype=bool), np.empty(shape, dtype=np.int8)
                self._standing = np.empty_like(self.concern), np.empty_like(self.use)
                self.open_case_mask = np.empty(shape[1], dtype=np.int64)
            _find_standing(
                jurisdiction, self.hubs, smuggler, world.pairs.leg, ground.authority_from,
                ground.authority_to, int(ground.uk[0]), int(ground.uk[1]), sharing.coverage,
                sharing.fidelity, self.open_case_mask, *self._standing,
            )  # fmt: skip
        elif self._cases[0] is ties and self._cases[1] == target:
            return
        self._cases = ties, target
        np.copyto(self.concern, self._standing[0])
        np.copyto(self.use, self._standing[1])
        units = world.units
        _add_cases(units.authority, units.target, ties, self.open_case_mask, self.concern, self.use)


# -- the way of a fact ----------------------------------------------------------------------------


class SpreadSpace(NamedTuple):
    """The way of one fact, and work space for it; (authorities,)."""

    concerned: Bools  # who is given it
    arrival: Ints  # day; a large number where it never arrives
    quality: Floats  # fidelity along the way
    may_pass: Bools
    done: Bools
    giver: Ints
    reach: Ints


class _FactDraws(NamedTuple):
    """Words from which the draws of a fact are made, for each pair of authorities."""

    shared: np.uint64  # whether it is passed on
    delay: np.uint64  # how long it takes
    leak: np.uint64  # whether its operator hears of it


@inner
def _draws_of(seed: int, key: np.uint64) -> _FactDraws:
    """The words of a fact."""
    return _FactDraws(
        agent_word(seed, Decision.SHARED, key),
        agent_word(seed, Decision.SHARING_DELAY, key),
        agent_word(seed, Decision.LEAK, key),
    )


@inner
def _is_passed_on(draws: _FactDraws, giver: int, receiver: int, channels: Channels) -> bool:
    """Whether one authority passes a fact on to another."""
    coverage = channels.coverage[giver, receiver]
    if coverage <= 0.0:  # most of them: no draw is made
        return False
    return to_unit(occasion_word(draws.shared, giver * PAIRS + receiver)) < coverage


@inner
def _is_leaked(draws: _FactDraws, giver: int, receiver: int, channels: Channels) -> bool:
    """Whether a fact that one authority passes on to another leaks to its operator."""
    u = to_unit(occasion_word(draws.leak, giver * PAIRS + receiver))
    return u < channels.leak[giver, receiver]


@inner
def _days_on_way(draws: _FactDraws, giver: int, receiver: int, channels: Channels) -> int:
    """Days that a fact takes from one authority to another, exponential, in whole days."""
    u = to_unit(occasion_word(draws.delay, giver * PAIRS + receiver))
    return int(np.ceil(-np.log(u) * channels.delay[giver, receiver]))


@inner
def _begin_spread(source: int, day: int, space: SpreadSpace) -> int:
    """Fill in those whom a fact can reach, as it is on the day when only its source has it.

    Returns how many these are.
    """
    count = 0
    for a in range(space.arrival.size):
        space.arrival[a], space.quality[a] = NEVER, 0.0
        # without a branch: half of the time it would be predicted wrongly
        space.reach[count] = a
        count += space.concerned[a] | (a == source)
    for a in space.reach[:count]:
        space.may_pass[a], space.done[a], space.giver[a] = False, False, -1
    space.arrival[source], space.quality[source], space.may_pass[source] = day, 1.0, True
    return count


@inner
def _next_in_time(within: np.ndarray, space: SpreadSpace) -> int:
    """Of those who have not been dealt with, the one whom the fact reaches first; -1 if none."""
    here, earliest = -1, NEVER
    for a in within:
        if not space.done[a] and space.arrival[a] < earliest:
            here, earliest = a, space.arrival[a]
    return here


@inner
def _pass_on(
    here: int,
    within: np.ndarray,
    draws: _FactDraws,
    channels: Channels,
    space: SpreadSpace,
    links: np.ndarray,
) -> None:
    """Let one who has a fact pass it on, and note where it arrives earlier than by other ways."""
    arrival, quality = space.arrival, space.quality
    for receiver in within:
        if space.done[receiver] or not _is_passed_on(draws, here, receiver, channels):
            continue
        links[_PASSED_ON, here] += 1
        when = arrival[here] + _days_on_way(draws, here, receiver, channels)
        if when < arrival[receiver]:
            arrival[receiver], space.giver[receiver] = when, here
            quality[receiver] = chained_fidelity(quality[here], channels.fidelity[here, receiver])
            space.may_pass[receiver] = channels.onward[here, receiver]


@inner
def spread_fact(
    key: np.uint64,
    source: int,
    day: int,
    seed: int,
    channels: Channels,
    space: SpreadSpace,
    links: np.ndarray,
) -> bool:
    """Earliest arrival of one fact at every authority.

    Those who have the fact pass it on in the order in which it reaches them. Source: Dijkstra
    (1959), "A note on two problems in connexion with graphs", doi:10.1007/BF01386390.

    Args:
        key: Identifier of the fact.
        source: Authority that learnt it.
        day: Day it was learnt.
        seed: Seed of the replication.
        channels: How facts pass between authorities.
        space: With those whom the fact concerns; arrival and quality are filled.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Whether it leaked to the operator: drawn for the hand-over by which it arrives, and not for
        those that come too late.
    """
    within = space.reach[: _begin_spread(source, day, space)]
    draws, leaked = _draws_of(seed, key), False
    for _ in range(within.size):
        here = _next_in_time(within, space)
        if here < 0:
            break
        space.done[here] = True
        giver = space.giver[here]
        if giver >= 0 and _is_leaked(draws, giver, here, channels):
            links[_LEAKED, giver] += 1
            leaked = True
        if space.may_pass[here]:
            _pass_on(here, within, draws, channels, space, links)
    return leaked


class Lossy(NamedTuple):
    """Arrivals by a channel that can turn a fact into its opposite; (arrivals,)."""

    row: Ints  # of the report queue
    fidelity: Floats  # along the way
    turned: Bools  # whether it arrives as its opposite


@inner
def _spread_to_concerned(
    now: DayContext,
    fact: int,
    facts: Facts,
    channels: Channels,
    concern: np.ndarray,
    space: SpreadSpace,
    links: np.ndarray,
) -> bool:
    """Let a fact reach those whom it concerns; a host has it at once, and does not pass it on.

    Returns whether its operator heard of it.
    """
    source, host, named = facts.source[fact], facts.host[fact], facts.named[fact]
    thought = named if named >= 0 else ~named
    for a in range(concern.shape[0]):
        space.concerned[a] = concern[a, thought]
    if host >= 0:
        space.concerned[host] = False
    leaked = spread_fact(facts.keys[fact], source, now.day, now.seed, channels, space, links)
    if host >= 0:
        space.arrival[host], space.quality[host] = now.day, 1.0
        links[_PASSED_ON, source] += 1
    links[_LEARNT, source] += 1
    links[_WAITING, source] += 1
    return leaked


@inner
def _recipients(arrival: np.ndarray) -> np.int64:
    """Those whom a fact reaches, as bits."""
    recipients = np.int64(0)
    for a in range(arrival.size):
        if arrival[a] < NEVER:
            recipients |= np.int64(1) << np.int64(a)
    return recipients


@inner
def _count_delivery(now: DayContext, a: int, arrival: int, chain: np.ndarray) -> None:
    """Book the delivery of a fact on the day on which it is there, unless it is dropped before.

    A fact learnt in the evening waits for analysts from the next morning.
    """
    delivery = max(arrival, now.day + 1)
    if delivery < chain.shape[0] and delivery - now.day <= now.intelligence.memory_days + 1:
        chain[delivery, _DELIVERED, a] += 1


@kernel
def spread_facts(
    packed: np.ndarray,
    facts: Facts,
    number: int,
    channels: Channels,
    concern: np.ndarray,
    weights: np.ndarray,
    space: SpreadSpace,
    chain: np.ndarray,
    leaked: np.ndarray,
    reports: Reports,
    start: int,
    lossy: Lossy,
) -> tuple[int, int]:
    """Write the reports in which each fact of a day travels.

    Args:
        packed: The day, and what is assumed (`World.now`).
        facts: Facts of today.
        number: How many there are.
        channels: How facts pass between authorities.
        concern: (authorities, operators) whom an operator concerns.
        weights: (classes,) log-odds of a fact where it is learnt.
        space: Work space.
        chain: (days, links, authorities + 1) counts of the chain; deliveries are booked on the
            day on which they are there, unless they are dropped before.
        leaked: (facts or more,) filled with whether its operator heard of it.
        reports: Filled from `start` on, room is for facts x authorities; the weights are those at
            the source.
        start: Where to begin there.
        lossy: Filled; room is the same.

    Returns:
        How many arrivals there are, and how many of them are lossy.
    """
    now = packed[0]
    arrival, along = space.arrival, space.quality
    k, garbled = start, 0
    for fact in range(number):
        key, source = facts.keys[fact], facts.source[fact]
        leaked[fact] = _spread_to_concerned(
            now, fact, facts, channels, concern, space, chain[now.day]
        )
        recipients = _recipients(arrival)
        evidence_class = CLASS_OF_KIND[facts.kind[fact]]
        for a in range(arrival.size):
            if arrival[a] >= NEVER:
                continue
            reports.due[k], reports.to[k], reports.learnt[k] = arrival[a], a, now.day
            reports.operator[k], reports.key[k] = facts.named[fact], key
            reports.recipients[k], reports.weight[k] = recipients, weights[evidence_class]
            reports.group[k] = evidence_class if a == source else OWN_CLASSES + source
            if a != source:
                _count_delivery(now, a, arrival[a], chain)
            if along[a] < 1.0:
                lossy.row[garbled], lossy.fidelity[garbled] = k, along[a]
                lossy.turned[garbled] = uniform(now.seed, Decision.FIDELITY, key, a) >= along[a]
                garbled += 1
            k += 1
    return k - start, garbled


# -- what hubs hand on ----------------------------------------------------------------------------


class Passed(NamedTuple):
    """Facts that hubs hand on today, one an arrival; (arrivals,)."""

    fact: Ints  # row among the facts worked through by hubs
    to: Ints
    due: Ints
    fidelity: Floats


@inner
def _may_hand_on(now: DayContext, f: int, facts: Reports, channels: Channels) -> bool:
    """Whether the source of a fact lets the hub that has processed it hand it on."""
    hub, origin = facts.to[f], facts.group[f] - OWN_CLASSES
    if origin < 0:
        origin = hub
    u = uniform(now.seed, Decision.HANDLING, facts.key[f], hub)
    return u < channels.may[origin, hub]


@inner
def _is_new_to(receiver: int, f: int, facts: Reports, concern: np.ndarray) -> bool:
    """Whether a fact concerns an authority that does not have it yet."""
    operator = facts.operator[f] if facts.operator[f] >= 0 else ~facts.operator[f]
    has = (facts.recipients[f] >> np.int64(receiver)) & 1
    return not has and concern[receiver, operator]


@kernel
def hand_on(
    packed: np.ndarray,
    facts: Reports,
    channels: Channels,
    concern: np.ndarray,
    links: np.ndarray,
    leaked: np.ndarray,
    passed: Passed,
) -> int:
    """Let hubs hand on what their analysts processed today.

    Args:
        packed: The day, and what is assumed (`World.now`).
        facts: What they processed; whom it has been handed to is added.
        channels: How facts pass between authorities.
        concern: (authorities, operators) who is given it.
        links: (links, authorities + 1) today's counts of the chain, added to.
        leaked: (facts,) filled with whether its operator heard of it.
        passed: Filled with the arrivals.

    Returns:
        Number of arrivals.
    """
    now = packed[0]
    count = 0
    for f in range(facts.to.size):
        leaked[f] = False
        hub = facts.to[f]
        for before in range(f):  # another hub may have handed it on this morning
            if facts.key[before] == facts.key[f]:
                facts.recipients[f] |= facts.recipients[before]
        if not _may_hand_on(now, f, facts, channels):
            continue
        draws = _draws_of(now.seed, facts.key[f])
        for receiver in range(concern.shape[0]):
            is_new = _is_new_to(receiver, f, facts, concern)
            if not is_new or not _is_passed_on(draws, hub, receiver, channels):
                continue
            links[_PASSED_ON, hub] += 1
            if _is_leaked(draws, hub, receiver, channels):
                links[_LEAKED, hub] += 1
                leaked[f] = True
            facts.recipients[f] |= np.int64(1) << np.int64(receiver)
            passed.fact[count], passed.to[count] = f, receiver
            passed.due[count] = now.day + _days_on_way(draws, hub, receiver, channels)
            passed.fidelity[count] = channels.fidelity[hub, receiver]
            count += 1
    return count


@kernel
def write_passed(
    packed: np.ndarray,
    facts: Reports,
    passed: Passed,
    left: np.ndarray,
    before: float,
    reports: Reports,
    size: np.ndarray,
    sign: np.ndarray,
    chain: np.ndarray,
) -> None:
    """Write the facts that hubs hand on as reports, without their weights.

    Args:
        packed: The day, and what is assumed (`World.now`).
        facts: What they processed.
        passed: What they hand on.
        left: (age + 1,) what is left of a fact's weight after some days.
        before: Deliveries are booked on days before this one.
        reports: (arrivals,) filled but for the weight.
        size: (arrivals or more,) filled with the weight before the channel, without its sign.
        sign: (arrivals or more,) filled with the sign of it after the channel.
        chain: (days, links, authorities + 1) counts of the chain; deliveries are added on the day
            on which they are there.
    """
    now = packed[0]
    for k in range(reports.due.size):
        f, to = passed.fact[k], passed.to[k]
        # a fact handed on in the morning waits for analysts from the next morning
        due = max(passed.due[k], now.day + 1)
        reports.due[k], reports.to[k], reports.learnt[k] = due, to, now.day
        reports.operator[k], reports.group[k] = facts.operator[f], facts.group[f]
        reports.key[k], reports.recipients[k] = facts.key[f], facts.recipients[f]
        weight = facts.weight[f] * left[now.day - facts.learnt[f]]
        size[k], sign[k] = abs(weight), np.sign(weight)
        if uniform(now.seed, Decision.FIDELITY, facts.key[f], to) >= passed.fidelity[k]:
            sign[k] = -sign[k]
        if due < before:
            chain[due, _DELIVERED, to] += 1
