"""How a fact travels between authorities, compiled.

A fact is passed on with a chance (coverage), after a delay, through a channel that can turn it
into its opposite (fidelity), and further on only where the third-party rule allows. It counts
once however often it is heard: only its first arrival is kept.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.compiled import compiled, kernel
from simulation.randomness import (
    Decision,
    agent_word,
    keyed_word,
    occasion_word,
    to_unit,
    two_part_key,
    uniform,
)

_MISATTRIBUTION, _PHONE = int(Decision.MISATTRIBUTION), int(Decision.PHONE)
_SHARED, _DELAY, _LEAK = int(Decision.SHARED), int(Decision.SHARING_DELAY), int(Decision.LEAK)
_RETIRED = int(Status.RETIRED)
_LEARNT, _PASSED_ON, _LEAKED = link("learnt"), link("passed_on"), link("leaked")
_WAITING = link("waiting")
NEVER = 1 << 30  # day on which a fact arrives where it never does
_PAIRS = 1 << 12  # room for a pair of authorities in an occasion


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


@compiled
def chained_fidelity(first: float, second: float) -> float:
    """Fidelity of two channels one after the other."""
    return first * second + (1.0 - first) * (1.0 - second)


@compiled
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
    links: np.ndarray,
) -> bool:
    """Earliest arrival of one fact at every authority.

    An authority is given only what concerns it: an operator who works on its ground, or any
    operator where its remit is the whole corridor.

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
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Whether it leaked to the operator.
    """
    count = concerned.size
    may_pass = np.zeros(count, dtype=np.bool_)
    done = np.zeros(count, dtype=np.bool_)
    arrival[:] = NEVER
    quality[:] = 0.0
    arrival[source], quality[source], may_pass[source] = day, 1.0, True
    leaked = False
    shared_word = agent_word(seed, _SHARED, key)
    delay_word, leak_word = agent_word(seed, _DELAY, key), agent_word(seed, _LEAK, key)
    for _ in range(count):
        here, earliest = -1, NEVER
        for a in range(count):
            if not done[a] and arrival[a] < earliest:
                here, earliest = a, arrival[a]
        if here < 0:
            break
        done[here] = True
        if not may_pass[here]:
            continue
        for there in range(count):
            if done[there] or not concerned[there] or coverage[here, there] <= 0.0:
                continue
            pair = here * _PAIRS + there
            if to_unit(occasion_word(shared_word, pair)) >= coverage[here, there]:
                continue
            links[_PASSED_ON, here] += 1
            if to_unit(occasion_word(leak_word, pair)) < leak[here, there]:
                leaked = True
            wait = -np.log(to_unit(occasion_word(delay_word, pair))) * delay[here, there]
            when = arrival[here] + int(np.ceil(wait))
            if when < arrival[there]:
                arrival[there] = when
                quality[there] = chained_fidelity(quality[here], fidelity[here, there])
                may_pass[there] = onward[here, there]
    return leaked


@compiled
def spread_facts(
    keys: np.ndarray,
    source: np.ndarray,
    operator: np.ndarray,
    day: int,
    seed: int,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    onward: np.ndarray,
    leak: np.ndarray,
    remit: np.ndarray,
    jurisdiction: np.ndarray,
    leaked: np.ndarray,
    number: np.ndarray,
    due: np.ndarray,
    to: np.ndarray,
    quality: np.ndarray,
    links: np.ndarray,
) -> int:
    """Where each fact of a day arrives, fact by fact; the sharing as in `spread_fact`.

    Args:
        keys: (facts,) identifiers.
        source: (facts,) authority that learnt it.
        operator: (facts,) operator it names.
        day: Day they were learnt.
        seed: Seed of the replication.
        coverage: See `spread_fact`.
        delay: See there.
        fidelity: See there.
        onward: See there.
        leak: See there.
        remit: (authorities,) whom every operator concerns.
        jurisdiction: (authorities, operators) whom an operator concerns who works on its ground.
        leaked: (facts,) filled with whether its operator heard of it.
        number: (facts x authorities,) filled with the fact of each arrival.
        due: Same shape, filled with the day.
        to: Same shape, filled with the authority.
        quality: Same shape, filled with the fidelity along the way.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Number of arrivals.
    """
    authorities = remit.size
    concerned = np.empty(authorities, dtype=np.bool_)
    arrival = np.empty(authorities, dtype=np.int64)
    along = np.empty(authorities)
    count = 0
    for fact in range(keys.size):
        for a in range(authorities):
            concerned[a] = remit[a] or jurisdiction[a, operator[fact]]
        leaked[fact] = spread_fact(
            keys[fact], source[fact], day, seed, coverage, delay, fidelity, onward, leak,
            concerned, arrival, along, links,
        )  # fmt: skip
        links[_LEARNT, source[fact]] += 1
        links[_WAITING, source[fact]] += 1
        links[_LEAKED, source[fact]] += leaked[fact]
        for a in range(authorities):
            if arrival[a] < NEVER:
                number[count], due[count], to[count] = fact, arrival[a], a
                quality[count] = along[a]
                count += 1
    return count


@kernel
def make_out_crossings(
    stops: np.ndarray,
    stop_chance: np.ndarray,
    chance_floor: float,
    present: np.ndarray,
    stay_mean: np.ndarray,
    leg_start: np.ndarray,
    origin: np.ndarray,
    scale: float,
    seen: np.ndarray,
    expected: np.ndarray,
) -> None:
    """Crossings of every leg as stops make them out, and as those who wait to cross do.

    Args:
        stops: (legs,) agents stopped today.
        stop_chance: (legs,) chance of it.
        chance_floor: No chance is taken for less than this.
        present: (places,) agents there this evening.
        stay_mean: (places,) days they stay.
        leg_start: (places + 1,) first of the legs that leave each place.
        origin: (legs,) place where a leg starts.
        scale: Agents per person.
        seen: (legs,) filled with people.
        expected: (legs,) filled with people.
    """
    for leg in range(seen.size):
        place = origin[leg]
        seen[leg] = stops[leg] / scale / max(stop_chance[leg], chance_floor)
        leaving = present[place] / scale / max(stay_mean[place] + 1.0, 1.0)
        expected[leg] = leaving / max(leg_start[place + 1] - leg_start[place], 1)


@kernel
def estimate_activity(
    effort: np.ndarray,
    seen: np.ndarray,
    expected: np.ndarray,
    authority_from: np.ndarray,
    on_ground: np.ndarray,
    half_sight: float,
    presence_sight: float,
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
        half_sight: Effort that sees half of what there is.
        presence_sight: Worth of owning the near end.
        speed: Weight of today.
        own: (authorities, legs) estimates, changed.
        precision: (authorities, legs) filled with their worth.
    """
    for a in range(effort.shape[0]):
        for leg in range(effort.shape[1]):
            sight = effort[a, leg] / (effort[a, leg] + half_sight)
            at_home = presence_sight if authority_from[leg] == a else 0.0
            weight = sight + at_home
            estimate = sight * seen[leg] + at_home * expected[leg]
            estimate /= max(weight, 1e-9)
            own[a, leg] += speed * (estimate - own[a, leg])
            precision[a, leg] = weight if on_ground[a, leg] else 0.0


@compiled
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


@kernel
def name_others(
    seed: int,
    chance: float,
    keys: np.ndarray,
    uid: np.ndarray,
    stage: np.ndarray,
    place: np.ndarray,
    status: np.ndarray,
    named: np.ndarray,
) -> None:
    """Let some facts name another operator of the same stage and place, each as likely.

    Args:
        seed: Seed of the replication.
        chance: Chance that a fact does so.
        keys: (facts,) identifiers of the facts.
        uid: (operators,) identifiers.
        stage: (operators,) their segments.
        place: (operators,) their places.
        status: (operators,) whether they are in business.
        named: (facts,) operator each fact names, changed.
    """
    for k in range(keys.size):
        if uniform(seed, _MISATTRIBUTION, keys[k], np.uint64(0)) >= chance:
            continue
        right, other, least = named[k], -1, 1.0
        for row in range(uid.size):
            if row == right or stage[row] != stage[right] or place[row] != place[right]:
                continue
            if status[row] == _RETIRED:
                continue
            wait = uniform(seed, _MISATTRIBUTION, keys[k], uid[row])
            if wait < least:
                other, least = row, wait
        if other >= 0:
            named[k] = other


@kernel
def read_phones(
    ordinal: int,
    seed: int,
    arrested: np.ndarray,
    chance: np.ndarray,
    ties: np.ndarray,
    uid: np.ndarray,
    status: np.ndarray,
    phone_of: np.ndarray,
    seen: np.ndarray,
    number: np.ndarray,
    partner: np.ndarray,
    key: np.ndarray,
) -> int:
    """Partners named by the phones of those arrested today, each once by each phone.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        arrested: (phones,) rows of operators.
        chance: (phones,) chance that a phone speaks of a partner.
        ties: (ties, 2) rows of operators who know each other.
        uid: (operators,) identifiers.
        status: (operators,) whether they are in business.
        phone_of: (operators,) work space.
        seen: (phones, operators) work space.
        number: (room,) filled with the phone each fact comes from; room is for 2 x ties.
        partner: (room,) filled with the operator it names.
        key: (room,) filled with its identifier.

    Returns:
        Number of facts.
    """
    phone_of[:] = -1
    for phone in range(arrested.size):
        phone_of[arrested[phone]] = phone
    seen[:, :] = False
    count = 0
    for tie in range(ties.shape[0]):
        if phone_of[ties[tie, 0]] < 0 and phone_of[ties[tie, 1]] < 0:
            continue
        for side in range(2):
            row, other = ties[tie, side], ties[tie, 1 - side]
            phone = phone_of[row]
            if phone < 0 or seen[phone, other]:
                continue
            seen[phone, other] = True
            occasion = two_part_key(uid[other], ordinal)
            if uniform(seed, _PHONE, uid[row], occasion) >= chance[phone]:
                continue
            if status[other] == _RETIRED:
                continue
            cause = keyed_word(0, 0, uid[other], ordinal)
            number[count], partner[count] = phone, other
            key[count] = keyed_word(0, 0, uid[row], cause)
            count += 1
    return count
