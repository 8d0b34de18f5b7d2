"""What authorities learn of operators, compiled: names in accounts, phones, inquiries, officers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, inner, kernel, with_room
from simulation.model.agents.authority import FINANCE, LIAISON, PHONE, SURVEILLANCE
from simulation.model.agents.smuggler import ORGANISERS, Role, SmugglerColumns
from simulation.model.processes.tables import in_business
from simulation.model.processes.world import DayContext
from simulation.randomness import (
    PAIRS,
    Decision,
    agent_word,
    keyed_word,
    occasion_word,
    to_unit,
    two_part_key,
    uniform,
)

#: who handles money: organisers, who hold fees, and suppliers of boats
_MONEYED = (*(int(role) for role in ORGANISERS), int(Role.BOAT_SUPPLIER))


MONTH = 365.25 / 12.0  # days


class Inquirers(NamedTuple):
    """Teams of investigators."""

    rows: npt.NDArray[np.intp]  # (teams,) rows among the units
    uid: npt.NDArray[np.uint64]  # (units,)
    authority: npt.NDArray[np.int16]  # (units,) whose they are
    target: npt.NDArray[np.int32]  # (units,) operator whose case a team works, -1 if free
    number: Ints  # (authorities,) teams of each


class Posts(NamedTuple):
    """Where officers are posted abroad, as `find_posts` fills it in; (pairs,)."""

    host: Ints
    home: Ints
    chance: Floats  # of a fact on a day
    word: npt.NDArray[np.uint64]  # first keys of the draw


class Facts(NamedTuple):
    """Facts of a day where they are learnt; (facts,)."""

    source: Ints  # authority
    operator: Ints  # whom it is about
    kind: Ints  # one of FACT_KINDS
    host: Ints  # authority that has it at once, for it happened there; -1 if none
    keys: npt.NDArray[np.uint64]
    named: Ints  # whom it names, see `name_others`


class CollectionSpace(NamedTuple):
    """Facts of a day as they come in, and work space of `collect_facts`."""

    raw: Ints  # (4, facts) authority, operator, kind and host
    keys: npt.NDArray[np.uint64]  # (facts,) identifiers
    order: Ints  # (facts,)
    weight: Floats  # (operators,)
    phone_of: Ints  # (operators,)
    #: (operators,) authorities that have a case on each, or on somebody it knows, as bits
    near: Ints
    seen: Bools  # (phones, operators)

    @staticmethod
    def with_room(facts: int, operators: int, phones: int) -> CollectionSpace:
        """For so many facts, operators and phones."""
        return with_room(
            CollectionSpace, operators, raw=(4, facts), keys=facts, order=facts,
            seen=(phones, operators),
        )  # fmt: skip


class Sources(NamedTuple):
    """Where facts come from today."""

    officers: Floats  # (authorities,) investigators, in teams' worth
    teams: Inquirers
    open_case_mask: Ints  # (operators,) authorities that have a case on each, as bits
    ties: npt.NDArray[np.int32]  # (ties, 2) rows of operators who know each other
    jurisdiction: Bools  # (authorities, operators) who can arrest whom
    s: SmugglerColumns


@inner
def name_others(
    seed: int,
    chance: float,
    innocent: float,
    keys: np.ndarray,
    s: SmugglerColumns,
    named: np.ndarray,
) -> None:
    """Let some facts name somebody else: nobody in the trade, or another operator.

    The other operator is one of the same stage and place, each as likely. So a wrong name goes to
    the authorities that the right one would go to. An authority that reads a fact on nobody in the
    trade treats it as one about an operator like the right one.

    Args:
        seed: Seed of the replication.
        chance: Chance that a fact names somebody else.
        innocent: Share of these that name nobody in the trade.
        keys: (facts,) identifiers of the facts.
        s: The operators.
        named: (facts,) operator each fact names, changed; on nobody in the trade the complement
            (`~row`) of the right one.
    """
    for k in range(keys.size):
        u = uniform(seed, Decision.MISATTRIBUTION, keys[k], np.uint64(0))
        if u >= chance:
            continue
        if u < chance * innocent:
            named[k] = ~named[k]
            continue
        right, other, least = named[k], -1, 1.0
        for row in range(s.uid.size):
            if row == right or s.stage[row] != s.stage[right] or s.place[row] != s.place[right]:
                continue
            if not in_business(s, row):
                continue
            wait = uniform(seed, Decision.MISATTRIBUTION, keys[k], s.uid[row])
            if wait < least:
                other, least = row, wait
        if other >= 0:
            named[k] = other


@inner
def _write_fact(
    space: CollectionSpace,
    fact: int,
    key: np.uint64,
    authority: int,
    operator: int,
    kind: int,
    host: int,
) -> int:
    """Write down a fact as it comes in; returns the number of facts with it."""
    raw, space.keys[fact] = space.raw, key
    raw[0, fact], raw[1, fact], raw[2, fact], raw[3, fact] = authority, operator, kind, host
    return fact + 1


@inner
def _read_phones(
    now: DayContext, phones: np.ndarray, today: Sources, space: CollectionSpace, facts: int
) -> int:
    """Partners named by the phones of those arrested today, each once by each phone.

    An operator has one phone, in the hands of who arrested last. Returns how many facts there are.
    """
    s, ties, intelligence = today.s, today.ties, now.intelligence
    for o in range(s.uid.size):
        space.phone_of[o] = -1
    for phone in range(phones.shape[0]):
        space.phone_of[phones[phone, 0]] = phone
        for o in range(s.uid.size):
            space.seen[phone, o] = False
    for tie in range(ties.shape[0]):
        if space.phone_of[ties[tie, 0]] < 0 and space.phone_of[ties[tie, 1]] < 0:
            continue
        for side in range(2):
            row, other = ties[tie, side], ties[tie, 1 - side]
            phone = space.phone_of[row]
            if phone < 0 or space.seen[phone, other]:
                continue
            space.seen[phone, other] = True
            occasion = two_part_key(s.uid[other], now.ordinal)
            speaks = intelligence.phone_yield_helper
            if phones[phone, 2]:
                speaks = intelligence.phone_yield
            if uniform(now.seed, Decision.PHONE, s.uid[row], occasion) >= speaks:
                continue
            if not in_business(s, other):
                continue
            key = keyed_word(0, 0, s.uid[row], keyed_word(0, 0, s.uid[other], now.ordinal))
            facts = _write_fact(space, facts, key, phones[phone, 1], other, PHONE, -1)
    return facts


@inner
def _list_near(today: Sources, near: np.ndarray) -> None:
    """Fill in the authorities that have a case on an operator, or on somebody it knows, as bits."""
    open_case_mask, ties = today.open_case_mask, today.ties
    for o in range(today.s.uid.size):
        near[o] = open_case_mask[o]
    for tie in range(ties.shape[0]):
        for side in range(2):
            near[ties[tie, side]] |= open_case_mask[ties[tie, 1 - side]]


@inner
def _inquire_on_suspect(now: DayContext, team: int, today: Sources) -> int:
    """The suspect whom a team works on, if that is whom it learns of today; else -1."""
    suspect = today.teams.target[team]
    if suspect < 0 or not in_business(today.s, suspect):
        return -1
    u = uniform(now.seed, Decision.INQUIRY_TARGET, today.teams.uid[team], now.ordinal)
    return suspect if u < now.intelligence.inquiry_target else -1


@inner
def _inquire_at_large(
    now: DayContext,
    a: int,
    occasion: np.uint64,
    payments: bool,
    today: Sources,
    space: CollectionSpace,
) -> int:
    """An operator on an authority's ground, or tied to somebody whose case it has; else -1."""
    s, weight, own = today.s, space.weight, np.int64(1) << np.int64(a)
    for o in range(s.uid.size):
        ground = 1.0 if today.jurisdiction[a, o] else 0.0
        weight[o] = now.intelligence.inquiry_tied if space.near[o] & own else ground
        if payments and s.role[o] not in _MONEYED:
            weight[o] = 0.0
    return shortest_wait(now.seed, Decision.INQUIRY, occasion, weight, s)


@inner
def _inquire(now: DayContext, today: Sources, space: CollectionSpace, facts: int) -> int:
    """What investigators find out themselves today: each team a fact with a chance.

    A part of it is about the suspect whom the team works on. The rest is about operators on their
    authority's ground, and the likelier about those who are tied to somebody whose case it has,
    wherever they work. Payments lead to those who handle money: organisers, who hold fees, and
    suppliers of boats.
    """
    s, teams, intelligence = today.s, today.teams, now.intelligence
    _list_near(today, space.near)
    for team in teams.rows:
        a, uid = teams.authority[team], teams.uid[team]
        rate = today.officers[a] / max(teams.number[a], 1) * intelligence.inquiry_facts / MONTH
        if uniform(now.seed, Decision.INQUIRY, uid, now.ordinal) >= 1.0 - np.exp(-rate):
            continue
        occasion = keyed_word(0, 0, uid, now.ordinal)
        payments = uniform(now.seed, Decision.INQUIRY, uid, occasion) < intelligence.finance_share
        operator = _inquire_on_suspect(now, team, today)
        if operator < 0:
            operator = _inquire_at_large(now, a, occasion, payments, today, space)
        if operator >= 0:
            kind = FINANCE if payments and s.role[operator] in _MONEYED else SURVEILLANCE
            key = keyed_word(0, Decision.INQUIRY, s.uid[operator], occasion)
            facts = _write_fact(space, facts, key, a, operator, kind, -1)
    return facts


@kernel
def find_posts(seed: int, rate: np.ndarray, posts: Posts) -> int:
    """Where officers are posted and how likely a fact is, which holds until sharing changes.

    `rate` is facts a day, (authorities, authorities), [host, home]. Returns the number of posts.
    """
    count = 0
    for host in range(rate.shape[0]):
        for owner in range(rate.shape[0]):
            if rate[host, owner] > 0.0:
                posts.host[count], posts.home[count] = host, owner
                posts.chance[count] = 1.0 - np.exp(-rate[host, owner])
                posts.word[count] = agent_word(
                    seed, Decision.LIAISON, np.uint64(host * PAIRS + owner)
                )
                count += 1
    return count


@inner
def _post_officers(
    now: DayContext, number: int, posts: Posts, today: Sources, space: CollectionSpace, facts: int
) -> int:
    """What officers at so many posts find out today about operators on the host's ground."""
    s, weight = today.s, space.weight
    for post in range(number):
        host, home = posts.host[post], posts.home[post]
        if today.officers[home] <= 0.0:
            continue
        if to_unit(occasion_word(posts.word[post], now.ordinal)) >= posts.chance[post]:
            continue
        for o in range(s.uid.size):
            weight[o] = 1.0 if today.jurisdiction[host, o] else 0.0
        occasion = keyed_word(0, 0, np.uint64(host * PAIRS + home), now.ordinal)
        operator = shortest_wait(now.seed, Decision.LIAISON, occasion, weight, s)
        if operator >= 0:
            key = keyed_word(0, Decision.LIAISON, s.uid[operator], occasion)
            facts = _write_fact(space, facts, key, home, operator, LIAISON, host)
    return facts


@inner
def shortest_wait(
    seed: int, decision: int, occasion: np.uint64, weight: np.ndarray, s: SmugglerColumns
) -> int:
    """One operator in business, as likely as its weight: the shortest of exponential waits.

    Args:
        seed: Seed of the replication.
        decision: What is decided.
        occasion: For what.
        weight: (operators or more,) 0 for those who are not asked.
        s: The operators.

    Returns:
        Its row; -1 if there is none.
    """
    chosen, least = -1, np.inf
    highest, heaviest = 0.0, 0.0  # the draw and the weight of the shortest wait so far
    for o in range(s.uid.size):
        if weight[o] > 0.0 and in_business(s, o):
            u = uniform(seed, decision, s.uid[o], occasion)
            if u <= highest and weight[o] <= heaviest:
                continue  # it cannot be shorter: no need for the logarithm
            wait = -np.log(u) / weight[o]
            if wait < least:
                chosen, least = o, wait
                highest, heaviest = u, weight[o]
    return chosen


@inner
def _comes_first(raw: np.ndarray, keys: np.ndarray, one: int, other: int) -> bool:
    """Whether a fact comes before another by who learnt it, the operator, the kind and the key."""
    for column in range(3):
        if raw[column, one] != raw[column, other]:
            return bool(raw[column, one] < raw[column, other])
    if keys[one] != keys[other]:
        return bool(keys[one] < keys[other])
    return one < other


@inner
def _sort_facts(facts: int, space: CollectionSpace, out: Facts) -> None:
    """Put the facts of a day in order: by who learnt them, the operator, the kind and the key.

    By the method of Shell: D. L. Shell (1959), "A high-speed sorting procedure",
    doi:10.1145/368370.368387, with steps that shrink by 2.25 (Tokuda 1992).
    """
    raw, raw_keys, order = space.raw, space.keys, space.order
    for k in range(facts):
        order[k] = k
    step = 1
    while step * 9 // 4 + 1 < facts:
        step = step * 9 // 4 + 1
    while step > 0:
        for k in range(step, facts):
            fact, at = order[k], k
            while at >= step and _comes_first(raw, raw_keys, fact, order[at - step]):
                order[at] = order[at - step]
                at -= step
            order[at] = fact
        step = step * 4 // 9
    for k in range(facts):
        fact = order[k]
        out.source[k], out.operator[k], out.kind[k] = raw[0, fact], raw[1, fact], raw[2, fact]
        out.host[k], out.keys[k], out.named[k] = raw[3, fact], raw_keys[fact], raw[1, fact]


@kernel
def collect_facts(
    packed: np.ndarray,
    facts: int,
    phones: np.ndarray,
    today: Sources,
    number: int,
    posts: Posts,
    space: CollectionSpace,
    out: Facts,
) -> int:
    """Add to the facts of a day what phones, inquiries and officers abroad tell, and sort them.

    The order does not depend on how they came in, for sums of floats depend on it.

    Args:
        packed: The day, and what is assumed (`World.now`).
        facts: How many facts are in `space` already.
        phones: (phones, 3) operator, who arrested, and whether its head was arrested.
        today: Where facts come from.
        number: Number of posts, from `find_posts`.
        posts: The posts; an authority without investigators posts nobody.
        space: The facts that there are; others are added.
        out: Filled with all of them.

    Returns:
        Number of facts.
    """
    now = packed[0]
    if phones.shape[0]:
        facts = _read_phones(now, phones, today, space, facts)
    facts = _inquire(now, today, space, facts)
    facts = _post_officers(now, number, posts, today, space, facts)
    _sort_facts(facts, space, out)
    chance, innocent = now.intelligence.misattribution, now.intelligence.innocent_share
    name_others(now.seed, chance, innocent, out.keys[:facts], today.s, out.named)
    return facts
