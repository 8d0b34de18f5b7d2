"""What authorities learn of operators, compiled: names in accounts, phones, inquiries, officers."""

from __future__ import annotations

import numpy as np

from simulation.agents.authority import FINANCE, SURVEILLANCE
from simulation.agents.smuggler import ORGANISERS, Role, Status
from simulation.compiled import inner, kernel
from simulation.processes.routing import PAIRS
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
_INQUIRY, _LIAISON = int(Decision.INQUIRY), int(Decision.LIAISON)
_TARGET = int(Decision.INQUIRY_TARGET)
_RETIRED, _HELD = int(Status.RETIRED), int(Status.HELD)
#: who handles money: organisers, who hold fees, and suppliers of boats
_MONEYED = (*(int(role) for role in ORGANISERS), int(Role.BOAT_SUPPLIER))


@kernel
def name_others(
    seed: int,
    chance: float,
    innocent: float,
    keys: np.ndarray,
    uid: np.ndarray,
    stage: np.ndarray,
    place: np.ndarray,
    status: np.ndarray,
    named: np.ndarray,
) -> None:
    """Let some facts name somebody else: nobody in the trade, or another operator.

    That is one of the same stage and place, each as likely. Whoever reads a fact on nobody in the
    trade takes it to be about such an operator as the right one.

    Args:
        seed: Seed of the replication.
        chance: Chance that a fact names somebody else.
        innocent: Share of these that name nobody in the trade.
        keys: (facts,) identifiers of the facts.
        uid: (operators,) identifiers.
        stage: (operators,) their segments.
        place: (operators,) their places.
        status: (operators,) whether they are in business.
        named: (facts,) operator each fact names, changed; on nobody in the trade the complement
            (`~row`) of the right one.
    """
    for k in range(keys.size):
        luck = uniform(seed, _MISATTRIBUTION, keys[k], np.uint64(0))
        if luck >= chance:
            continue
        if luck < chance * innocent:
            named[k] = ~named[k]
            continue
        right, other, least = named[k], -1, 1.0
        for row in range(uid.size):
            if row == right or stage[row] != stage[right] or place[row] != place[right]:
                continue
            if status[row] == _RETIRED or status[row] == _HELD:
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
        phone_of: (operators or more,) work space.
        seen: (phones or more, operators or more) work space.
        number: (room,) filled with the phone each fact comes from; room is for 2 x ties.
        partner: (room,) filled with the operator it names.
        key: (room,) filled with its identifier.

    Returns:
        Number of facts.
    """
    for o in range(uid.size):
        phone_of[o] = -1
    for phone in range(arrested.size):
        phone_of[arrested[phone]] = phone
        for o in range(uid.size):
            seen[phone, o] = False
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
            if status[other] == _RETIRED or status[other] == _HELD:
                continue
            cause = keyed_word(0, 0, uid[other], ordinal)
            number[count], partner[count] = phone, other
            key[count] = keyed_word(0, 0, uid[row], cause)
            count += 1
    return count


@kernel
def inquire(
    ordinal: int,
    seed: int,
    rate: np.ndarray,
    tied_weight: float,
    target_share: float,
    finance_share: float,
    teams: np.ndarray,
    team_uid: np.ndarray,
    authority: np.ndarray,
    target: np.ndarray,
    hunted: np.ndarray,
    ties: np.ndarray,
    jurisdiction: np.ndarray,
    uid: np.ndarray,
    role: np.ndarray,
    status: np.ndarray,
    weight: np.ndarray,
    by: np.ndarray,
    about: np.ndarray,
    kind: np.ndarray,
    key: np.ndarray,
) -> int:
    """What investigators find out themselves today: each team a fact with a chance.

    A part of it is about the suspect whom the team works on. The rest is about operators on their
    authority's ground, and the likelier about those who are tied to somebody whose case it has,
    wherever they work. Payments lead to those who handle money: organisers, who hold fees, and
    suppliers of boats.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        rate: (authorities,) facts a day and team.
        tied_weight: How much likelier it is about somebody tied to a case.
        target_share: Share of a team's facts that are about the suspect it works on.
        finance_share: Share of these facts that come from payments.
        teams: Rows of the teams.
        team_uid: (units,) identifiers.
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free.
        hunted: (operators,) authorities that have a case on each, as bits.
        ties: (ties, 2) rows of operators who know each other.
        jurisdiction: (authorities, operators) who can arrest whom.
        uid: (operators,) identifiers.
        role: (operators,) what they do.
        status: (operators,) whether they are in business.
        weight: (operators or more,) work space.
        by: (teams,) filled with the authority that learns.
        about: (teams,) filled with the operator.
        kind: (teams,) filled with how it is learnt.
        key: (teams,) filled with the identifier of the fact.

    Returns:
        Number of facts.
    """
    count = 0
    for team in teams:
        a = authority[team]
        if uniform(seed, _INQUIRY, team_uid[team], ordinal) >= 1.0 - np.exp(-rate[a]):
            continue
        occasion = keyed_word(0, 0, team_uid[team], ordinal)
        payments = uniform(seed, _INQUIRY, team_uid[team], occasion) < finance_share
        suspect = target[team]
        if suspect >= 0 and (status[suspect] == _RETIRED or status[suspect] == _HELD):
            suspect = -1
        if suspect >= 0 and uniform(seed, _TARGET, team_uid[team], ordinal) < target_share:
            by[count], about[count] = a, suspect
            kind[count] = FINANCE if payments and role[suspect] in _MONEYED else SURVEILLANCE
            key[count] = keyed_word(0, _INQUIRY, uid[suspect], occasion)
            count += 1
            continue
        own = np.int64(1) << np.int64(a)
        any_case = np.int64(0)
        for o in range(uid.size):
            weight[o] = 1.0 if jurisdiction[a, o] else 0.0
            any_case |= hunted[o] & own
        if any_case:
            for o in range(uid.size):
                if hunted[o] & own:
                    weight[o] = tied_weight
            for tie in range(ties.shape[0]):
                for side in range(2):
                    if hunted[ties[tie, side]] & own:
                        weight[ties[tie, 1 - side]] = tied_weight
        kind[count] = SURVEILLANCE
        if payments:
            kind[count] = FINANCE
            for o in range(uid.size):
                if role[o] not in _MONEYED:
                    weight[o] = 0.0
        found = shortest_wait(seed, _INQUIRY, occasion, weight, uid, status)
        if found >= 0:
            by[count], about[count] = a, found
            key[count] = keyed_word(0, _INQUIRY, uid[found], occasion)
            count += 1
    return count


@kernel
def find_posts(
    seed: int,
    rate: np.ndarray,
    host: np.ndarray,
    home: np.ndarray,
    chance: np.ndarray,
    word: np.ndarray,
) -> int:
    """Where officers are posted and how likely a fact is, which holds until sharing changes.

    Args:
        seed: Seed of the replication.
        rate: (authorities, authorities) facts a day, [host, home].
        host: (posts,) filled with the host; room is for all pairs.
        home: (posts,) filled with the authority at home.
        chance: (posts,) filled with the chance of a fact on a day.
        word: (posts,) filled with the first keys of the draw.

    Returns:
        Number of posts.
    """
    count = 0
    for there in range(rate.shape[0]):
        for owner in range(rate.shape[0]):
            if rate[there, owner] > 0.0:
                host[count], home[count] = there, owner
                chance[count] = 1.0 - np.exp(-rate[there, owner])
                word[count] = agent_word(seed, _LIAISON, np.uint64(there * PAIRS + owner))
                count += 1
    return count


@kernel
def post_officers(
    ordinal: int,
    seed: int,
    posts: int,
    posts_host: np.ndarray,
    posts_home: np.ndarray,
    chance: np.ndarray,
    word: np.ndarray,
    officers: np.ndarray,
    jurisdiction: np.ndarray,
    uid: np.ndarray,
    status: np.ndarray,
    weight: np.ndarray,
    by: np.ndarray,
    host: np.ndarray,
    about: np.ndarray,
    key: np.ndarray,
) -> int:
    """What officers posted abroad find out today about operators on the host's ground.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        posts: Number of posts, see `find_posts`.
        posts_host: See there; `posts_home`, `chance` and `word` too.
        posts_home: See there.
        chance: See there.
        word: See there.
        officers: (authorities,) investigators; where there are none, none is posted.
        jurisdiction: (authorities, operators) who can arrest whom.
        uid: (operators,) identifiers.
        status: (operators,) whether they are in business.
        weight: (operators or more,) work space.
        by: (pairs,) filled with the authority at home.
        host: (pairs,) filled with the host.
        about: (pairs,) filled with the operator.
        key: (pairs,) filled with the identifier of the fact.

    Returns:
        Number of facts.
    """
    count = 0
    for post in range(posts):
        there, home = posts_host[post], posts_home[post]
        if officers[home] <= 0.0 or to_unit(occasion_word(word[post], ordinal)) >= chance[post]:
            continue
        for o in range(uid.size):
            weight[o] = 1.0 if jurisdiction[there, o] else 0.0
        occasion = keyed_word(0, 0, np.uint64(there * PAIRS + home), ordinal)
        found = shortest_wait(seed, _LIAISON, occasion, weight, uid, status)
        if found >= 0:
            by[count], host[count], about[count] = home, there, found
            key[count] = keyed_word(0, _LIAISON, uid[found], occasion)
            count += 1
    return count


@kernel
def shortest_wait(
    seed: int,
    decision: int,
    occasion: np.uint64,
    weight: np.ndarray,
    uid: np.ndarray,
    status: np.ndarray,
) -> int:
    """One operator in business, as likely as its weight: the shortest of exponential waits.

    Args:
        seed: Seed of the replication.
        decision: What is decided.
        occasion: For what.
        weight: (operators or more,) 0 for those who are not asked.
        uid: (operators,) identifiers.
        status: (operators,) whether they are in business.

    Returns:
        Its row; -1 if there is none.
    """
    found, least = -1, np.inf
    highest, heaviest = 0.0, 0.0  # the draw and the weight of the shortest wait so far
    for o in range(uid.size):
        if weight[o] > 0.0 and status[o] != _RETIRED and status[o] != _HELD:
            luck = uniform(seed, decision, uid[o], occasion)
            if luck <= highest and weight[o] <= heaviest:
                continue  # it cannot be shorter: no need for the logarithm
            wait = -np.log(luck) / weight[o]
            if wait < least:
                found, least = o, wait
                highest, heaviest = luck, weight[o]
    return found


@inner
def comes_first(raw: np.ndarray, keys: np.ndarray, one: int, other: int) -> bool:
    """Whether a fact comes before another by who learnt it, the operator, the kind and the key."""
    for column in range(3):
        if raw[column, one] != raw[column, other]:
            return bool(raw[column, one] < raw[column, other])
    if keys[one] != keys[other]:
        return bool(keys[one] < keys[other])
    return one < other


@kernel
def sort_facts(
    facts: int,
    raw: np.ndarray,
    raw_keys: np.ndarray,
    order: np.ndarray,
    source: np.ndarray,
    operator: np.ndarray,
    kind: np.ndarray,
    host: np.ndarray,
    keys: np.ndarray,
) -> None:
    """Put the facts of a day in order: by who learnt them, the operator, the kind and the key.

    By the method of Shell: D. L. Shell (1959), "A high-speed sorting procedure",
    doi:10.1145/368370.368387, with steps that shrink by 2.25 (Tokuda 1992).

    Args:
        facts: Their number.
        raw: (4, room) the columns below, but for the keys, as facts came in.
        raw_keys: (room,) keys as they came in.
        order: (room,) work space.
        source: (room,) filled with who learnt each.
        operator: (room,) filled with whom it is about.
        kind: (room,) filled with how it was learnt.
        host: (room,) filled with who has it at once.
        keys: (room,) filled with its key.
    """
    for k in range(facts):
        order[k] = k
    step = 1
    while step * 9 // 4 + 1 < facts:
        step = step * 9 // 4 + 1
    while step > 0:
        for k in range(step, facts):
            fact, at = order[k], k
            while at >= step and comes_first(raw, raw_keys, fact, order[at - step]):
                order[at] = order[at - step]
                at -= step
            order[at] = fact
        step = step * 4 // 9
    for k in range(facts):
        fact = order[k]
        source[k], operator[k], kind[k] = raw[0, fact], raw[1, fact], raw[2, fact]
        host[k], keys[k] = raw[3, fact], raw_keys[fact]
