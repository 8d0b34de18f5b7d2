"""How facts and estimates travel between authorities, compiled.

A fact is passed on with a chance (coverage), after a delay, through a channel that can turn it
into its opposite (fidelity), and further on only where the third-party rule allows. It counts
once however often it is heard: only its first arrival is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import CLASS_OF_KIND, OWN_CLASSES
from simulation.chain import link
from simulation.compiled import inner, kernel
from simulation.processes.collection import Facts
from simulation.processes.inbox import NEVER, Inbox
from simulation.processes.routing import PAIRS
from simulation.randomness import Decision, agent_word, occasion_word, to_unit, uniform

_SHARED, _DELAY, _LEAK = int(Decision.SHARED), int(Decision.SHARING_DELAY), int(Decision.LEAK)
_LEARNT, _PASSED_ON, _LEAKED = link("learnt"), link("passed_on"), link("leaked")
_WAITING, _DELIVERED = link("waiting"), link("delivered")
_FIDELITY = int(Decision.FIDELITY)


def through_channel(weight: npt.ArrayLike, fidelity: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Weight of a fact heard through a channel that keeps it with a chance and else flips it.

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
    kept = np.asarray(fidelity, dtype=float)
    lost = 1.0 - kept  # the two sums below are the same number, to the last bit, at 0.5
    return np.log((kept * ratio + lost) / (lost * ratio + kept))


@inner
def chained_fidelity(first: float, second: float) -> float:
    """Fidelity of two channels one after the other."""
    return first * second + (1.0 - first) * (1.0 - second)


@inner
def spread_fact(
    key: np.uint64,
    source: int,
    day: int,
    seed: int,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    onward: np.ndarray,
    leak: np.ndarray,
    concerned: np.ndarray,
    arrival: np.ndarray,
    quality: np.ndarray,
    may_pass: np.ndarray,
    done: np.ndarray,
    giver: np.ndarray,
    reach: np.ndarray,
    links: np.ndarray,
) -> bool:
    """Earliest arrival of one fact at every authority.

    Args:
        key: Identifier of the fact.
        source: Authority that learnt it.
        day: Day it was learnt.
        seed: Seed of the replication.
        coverage: (authorities, authorities) share of facts passed on, [from, to].
        delay: Mean days on the way, same shape.
        fidelity: Chance that it survives, same shape.
        onward: Whether the receiver may pass it on, same shape.
        leak: Chance that passing it on tells the operator, same shape.
        concerned: (authorities,) who is given it.
        arrival: (authorities,) filled with days; a large number where it never arrives.
        quality: (authorities,) filled with the fidelity along the way.
        may_pass: (authorities,) bool, work space.
        done: (authorities,) bool, work space.
        giver: (authorities,) integer, work space; `reach` too.
        reach: See there.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Whether it leaked to the operator: drawn for the hand-over by which it arrives, and not for
        those that come too late.
    """
    count = 0
    for a in range(concerned.size):
        arrival[a], quality[a] = NEVER, 0.0
        # without a branch, which nobody could predict
        reach[count] = a
        count += concerned[a] | (a == source)
    within = reach[:count]
    for a in within:
        may_pass[a], done[a], giver[a] = False, False, -1
    arrival[source], quality[source], may_pass[source] = day, 1.0, True
    leaked = False
    shared_word = agent_word(seed, _SHARED, key)
    delay_word, leak_word = agent_word(seed, _DELAY, key), agent_word(seed, _LEAK, key)
    for _ in range(count):
        here, earliest = -1, NEVER
        for a in within:
            if not done[a] and arrival[a] < earliest:
                here, earliest = a, arrival[a]
        if here < 0:
            break
        done[here] = True
        if giver[here] >= 0:
            pair = giver[here] * PAIRS + here
            if to_unit(occasion_word(leak_word, pair)) < leak[giver[here], here]:
                links[_LEAKED, giver[here]] += 1
                leaked = True
        if not may_pass[here]:
            continue
        for there in within:
            if done[there] or coverage[here, there] <= 0.0:
                continue
            pair = here * PAIRS + there
            if to_unit(occasion_word(shared_word, pair)) >= coverage[here, there]:
                continue
            links[_PASSED_ON, here] += 1
            wait = -np.log(to_unit(occasion_word(delay_word, pair))) * delay[here, there]
            when = arrival[here] + int(np.ceil(wait))
            if when < arrival[there]:
                arrival[there], giver[there] = when, here
                quality[there] = chained_fidelity(quality[here], fidelity[here, there])
                may_pass[there] = onward[here, there]
    return leaked


class Ways(NamedTuple):
    """Work space for the ways of one fact; (authorities,)."""

    concerned: npt.NDArray[np.bool_]
    arrival: npt.NDArray[np.int64]
    quality: npt.NDArray[np.float64]
    may_pass: npt.NDArray[np.bool_]
    done: npt.NDArray[np.bool_]
    giver: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]

    @staticmethod
    def with_room(authorities: int) -> Ways:
        """For so many authorities."""
        concerned, may_pass, done = np.empty((3, authorities), dtype=bool)
        arrival, giver, reach = np.empty((3, authorities), dtype=np.int64)
        return Ways(concerned, arrival, np.empty(authorities), may_pass, done, giver, reach)


class Lossy(NamedTuple):
    """Arrivals by a channel that can turn a fact round; (arrivals,)."""

    row: npt.NDArray[np.int64]  # where it is in the inbox
    fidelity: npt.NDArray[np.float64]  # along the way
    turned: npt.NDArray[np.bool_]  # whether it is turned round

    @staticmethod
    def with_room(arrivals: int) -> Lossy:
        """Columns for so many arrivals, still to be filled in."""
        return Lossy(
            np.empty(arrivals, dtype=np.int64), np.empty(arrivals), np.empty(arrivals, dtype=bool)
        )


@kernel
def spread_facts(
    facts: Facts,
    number: int,
    day: int,
    seed: int,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    onward: np.ndarray,
    leak: np.ndarray,
    concern: np.ndarray,
    weights: np.ndarray,
    memory_days: int,
    ways: Ways,
    chain: np.ndarray,
    leaked: np.ndarray,
    inbox: Inbox,
    start: int,
    lossy: Lossy,
) -> tuple[int, int]:
    """Put each fact of a day into the inboxes it is on its way to; the sharing as in `spread_fact`.

    Args:
        facts: Facts of today.
        number: How many there are.
        day: Today.
        seed: Seed of the replication.
        coverage: See `spread_fact`.
        delay: See there.
        fidelity: See there.
        onward: See there.
        leak: See there.
        concern: (authorities, operators) whom an operator concerns.
        weights: (classes,) log-odds of a fact where it is learnt.
        memory_days: Facts older than this are dropped.
        ways: Work space.
        chain: (days, links, authorities + 1) counts of the chain; deliveries are booked on the
            day on which they are there, unless they are dropped before.
        leaked: (facts or more,) filled with whether its operator heard of it.
        inbox: Filled from `start` on, room is for facts x authorities; the weights are those at the
            source.
        start: Where to begin there.
        lossy: Filled; room is the same.

    Returns:
        How many arrivals there are, and how many of them are lossy.
    """
    authorities, links = concern.shape[0], chain[day]
    concerned, arrival, along = ways.concerned, ways.arrival, ways.quality
    k, garbled = start, 0
    for fact in range(number):
        key, source, host, named = (
            facts.keys[fact], facts.source[fact], facts.host[fact], facts.named[fact],
        )  # fmt: skip
        thought = named if named >= 0 else ~named
        for a in range(authorities):
            concerned[a] = concern[a, thought]
        if host >= 0:
            concerned[host] = False
        leaked[fact] = spread_fact(
            key, source, day, seed, coverage, delay, fidelity, onward, leak, concerned, arrival,
            along, ways.may_pass, ways.done, ways.giver, ways.reach, links,
        )  # fmt: skip
        if host >= 0:
            arrival[host], along[host] = day, 1.0
            links[_PASSED_ON, source] += 1
        links[_LEARNT, source] += 1
        links[_WAITING, source] += 1
        told = np.int64(0)
        for a in range(authorities):
            if arrival[a] < NEVER:
                told |= np.int64(1) << np.int64(a)
        evidence_class = CLASS_OF_KIND[facts.kind[fact]]
        for a in range(authorities):
            if arrival[a] >= NEVER:
                continue
            inbox.due[k], inbox.to[k], inbox.learnt[k] = arrival[a], a, day
            inbox.operator[k], inbox.key[k], inbox.told[k] = named, key, told
            inbox.weight[k] = weights[evidence_class]
            inbox.group[k] = evidence_class if a == source else OWN_CLASSES + source
            # learnt in the evening, a fact lies on a desk from the next morning
            there = max(arrival[a], day + 1)
            if a != source and there < chain.shape[0] and there - day <= memory_days + 1:
                chain[there, _DELIVERED, a] += 1
            if along[a] < 1.0:
                lossy.row[garbled], lossy.fidelity[garbled] = k, along[a]
                lossy.turned[garbled] = uniform(seed, _FIDELITY, key, a) >= along[a]
                garbled += 1
            k += 1
    return k - start, garbled


@inner
def make_out_crossings(
    stops: np.ndarray,
    stop_chance: np.ndarray,
    chance_floor: float,
    present: np.ndarray,
    stay_mean: np.ndarray,
    leg_start: np.ndarray,
    origin: np.ndarray,
    arrivals: np.ndarray,
    scale: float,
    seen: np.ndarray,
    expected: np.ndarray,
    landed: np.ndarray,
) -> None:
    """Crossings of every leg as stops, those who wait to cross and those who arrive make them out.

    Args:
        stops: (legs,) agents stopped today.
        stop_chance: (legs,) chance of it.
        chance_floor: No chance is taken for less than this.
        present: (places,) agents there this evening.
        stay_mean: (places,) days they stay.
        leg_start: (places + 1,) first of the legs that leave each place.
        origin: (legs,) place where a leg starts.
        arrivals: (legs,) agents who arrived today.
        scale: Agents per person.
        seen: (legs,) filled with people.
        expected: (legs,) filled with people.
        landed: (legs,) filled with people.
    """
    for leg in range(seen.size):
        place = origin[leg]
        seen[leg] = stops[leg] / scale / max(stop_chance[leg], chance_floor)
        leaving = present[place] / scale / max(stay_mean[place] + 1.0, 1.0)
        expected[leg] = leaving / max(leg_start[place + 1] - leg_start[place], 1)
        landed[leg] = arrivals[leg] / scale / max(1.0 - stop_chance[leg], chance_floor)


@inner
def estimate_activity(
    effort: np.ndarray,
    seen: np.ndarray,
    expected: np.ndarray,
    authority_from: np.ndarray,
    on_ground: np.ndarray,
    landing: np.ndarray,
    landed: np.ndarray,
    half_sight: float,
    presence_sight: float,
    landing_sight: float,
    speed: float,
    own: np.ndarray,
    precision: np.ndarray,
) -> None:
    """Each authority's own estimate of crossings, from what it saw today.

    Args:
        effort: (authorities, legs) unit-days.
        seen: (legs,) crossings as stops make them out.
        expected: (legs,) crossings as those who wait at the near end make them out.
        authority_from: (legs,) who owns the near end.
        on_ground: (authorities, legs) legs that concern an authority.
        landing: (legs,) who receives those who land there, -1 where nobody lands.
        landed: (legs,) crossings as those who land make them out.
        half_sight: Effort that sees half of what there is.
        presence_sight: Worth of owning the near end.
        landing_sight: Worth of seeing people land.
        speed: Weight of today.
        own: (authorities, legs) estimates, changed.
        precision: (authorities, legs) filled with their worth.
    """
    for a in range(effort.shape[0]):
        for leg in range(effort.shape[1]):
            blind = effort[a, leg] == 0.0 and authority_from[leg] != a and landing[leg] != a
            if blind and own[a, leg] == 0.0:  # most: it sees nothing and remembers nothing
                precision[a, leg] = 0.0
                continue
            sight = effort[a, leg] / (effort[a, leg] + half_sight)
            at_home = presence_sight if authority_from[leg] == a else 0.0
            at_landing = landing_sight if landing[leg] == a else 0.0
            weight = sight + at_home + at_landing
            estimate = sight * seen[leg] + at_home * expected[leg] + at_landing * landed[leg]
            estimate /= max(weight, 1e-9)
            own[a, leg] += speed * (estimate - own[a, leg])
            precision[a, leg] = weight if on_ground[a, leg] else 0.0


@kernel
def look_round(
    stops: np.ndarray,
    stop_chance: np.ndarray,
    chance_floor: float,
    present: np.ndarray,
    stay_mean: np.ndarray,
    leg_start: np.ndarray,
    origin: np.ndarray,
    arrivals: np.ndarray,
    scale: float,
    effort: np.ndarray,
    authority_from: np.ndarray,
    on_ground: np.ndarray,
    landing: np.ndarray,
    half_sight: float,
    presence_sight: float,
    landing_sight: float,
    speed: float,
    own: np.ndarray,
    precision: np.ndarray,
    history: np.ndarray,
    newest: int,
    made_out: np.ndarray,
) -> None:
    """What an evening shows of crossings, and what every authority makes of it.

    Args:
        stops: See `make_out_crossings`, down to `scale`.
        stop_chance: See there.
        chance_floor: See there.
        present: See there.
        stay_mean: See there.
        leg_start: See there.
        origin: See there.
        arrivals: See there.
        scale: See there.
        effort: See `estimate_activity`, down to `precision`.
        authority_from: See there.
        on_ground: See there.
        landing: See there.
        half_sight: See there.
        presence_sight: See there.
        landing_sight: See there.
        speed: See there.
        own: See there.
        precision: See there.
        history: (days kept, authorities, legs) own estimates, a ring; today's are written.
        newest: Index in the ring of today's.
        made_out: (3, legs) work space.
    """
    make_out_crossings(
        stops, stop_chance, chance_floor, present, stay_mean, leg_start, origin, arrivals, scale,
        made_out[0], made_out[1], made_out[2],
    )  # fmt: skip
    estimate_activity(
        effort, made_out[0], made_out[1], authority_from, on_ground, landing, made_out[2],
        half_sight, presence_sight, landing_sight, speed, own, precision,
    )  # fmt: skip
    for a in range(own.shape[0]):
        for leg in range(own.shape[1]):
            history[newest, a, leg] = own[a, leg]


@kernel
def fuse_activity(
    history: np.ndarray,
    precision: np.ndarray,
    newest: int,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    half_life: float,
    on_ground: np.ndarray,
    out: np.ndarray,
) -> None:
    """Each authority's expected activity: its own estimate and the others', by their worth.

    Another's estimate counts by coverage, by what fidelity leaves of it (nothing at 0.5) and by
    its age. Estimates are not passed on further, so none is heard twice. Where an authority sees
    nothing itself, it believes as much of what it hears as that is worth, so that news too old or
    too garbled tells nothing.

    Args:
        history: (days kept, authorities, legs) own estimates, a ring.
        precision: (authorities, legs) worth of each authority's own estimate.
        newest: Index in the ring of today's.
        coverage: (authorities, authorities), [from, to].
        delay: Mean days, same shape.
        fidelity: Same shape.
        half_life: Days in which an estimate loses half its worth.
        on_ground: (authorities, legs) legs that concern an authority.
        out: (authorities, legs), filled.
    """
    days, count, legs = history.shape
    for to in range(count):
        for leg in range(legs):
            out[to, leg] = 0.0
            if not on_ground[to, leg]:
                continue
            total, weight_sum, at_source = 0.0, 0.0, 0.0
            for source in range(count):
                worth = precision[source, leg]
                if worth <= 0.0:
                    continue
                age = 0.0
                if source != to:
                    if coverage[source, to] <= 0.0 or fidelity[source, to] <= 0.5:
                        continue
                    age = delay[source, to]
                    at_source += worth
                    worth *= coverage[source, to] * (2.0 * fidelity[source, to] - 1.0)
                worth *= 2.0 ** (-age / half_life)
                back = min(int(age), days - 1)
                total += worth * history[(newest - back) % days, source, leg]
                weight_sum += worth
            if precision[to, leg] <= 0.0:
                weight_sum = at_source
            if weight_sum > 0.0:
                out[to, leg] = total / weight_sum
