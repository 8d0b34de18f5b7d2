"""Which cases teams work on, compiled: taken up, given up, and how fast each is worked."""

from __future__ import annotations

import numpy as np

from simulation.agents.smuggler import ORGANISERS, Status
from simulation.chain import link
from simulation.compiled import inner, kernel
from simulation.randomness import Decision, uniform

# plain integers, as compiled code wants them
_ACTIVE, _RETIRED, _HELD = int(Status.ACTIVE), int(Status.RETIRED), int(Status.HELD)
_OPENED, _DROPPED, _UNDER_WAY = (
    link("cases_opened"), link("cases_dropped"), link("cases_under_way"),
)  # fmt: skip
_OPERATION_DAYS, _NO_TARGET = link("operation_days"), link("operation_days_without_target")
_REVIEW = int(Decision.LEAD_REVIEW)
_ORGANISERS = tuple(int(role) for role in ORGANISERS)


@kernel
def weigh_cases(totals: np.ndarray, status: np.ndarray, prior: float, cases: np.ndarray) -> None:
    """Log-odds that each operator is one, as each authority sees it; -inf of those who are gone.

    Args:
        totals: (authorities, room) log-odds from all sources of evidence.
        status: (operators,) who is out of the market.
        prior: Log-odds before any evidence.
        cases: (authorities, operators), filled.
    """
    for a in range(cases.shape[0]):
        for o in range(cases.shape[1]):
            cases[a, o] = prior + totals[a, o] if status[o] != _RETIRED else -np.inf


@kernel
def drop_cases(
    ordinal: int,
    seed: int,
    cases: np.ndarray,
    partner: np.ndarray,
    cold_below: float,
    threshold: float,
    lead_days: float,
    uid: np.ndarray,
    status: np.ndarray,
    teams: np.ndarray,
    authority: np.ndarray,
    target: np.ndarray,
    given_up: np.ndarray,
    links: np.ndarray,
) -> None:
    """Free the teams whose suspect is out, or too little known, or can be arrested by nobody.

    A team also gives up a suspect against whom the case has not become ripe for an arrest, with a
    chance a day. What inquiries alone bring in would else keep it for years.

    A case outlives the days for which a helper is held who was caught in the act. Somebody held
    after an arrest by another authority keeps no team.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        cases: (authorities, operators) log-odds.
        partner: (authorities, operators) who arrests an operator for an authority, -1 if nobody.
        cold_below: Log-odds below which a team gives a suspect up.
        threshold: Log-odds from which an arrest can be made.
        lead_days: Days for which a team works on a suspect whose case is not ripe, on average.
        uid: (operators,) identifiers.
        status: (operators,) who is out of the market.
        teams: Rows of the teams.
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free; changed.
        given_up: (units,) filled with the operator given up today, -1 if none.
        links: (links, authorities + 1) today's counts of the chain, added to.
    """
    chance = 1.0 - np.exp(-1.0 / lead_days)
    for team in teams:
        operator = target[team]
        given_up[team] = -1
        if operator < 0:
            continue
        a = authority[team]
        out = status[operator] == _RETIRED or status[operator] == _HELD
        out |= partner[a, operator] < 0 or cases[a, operator] < cold_below
        if not out and cases[a, operator] < threshold:
            out = uniform(seed, _REVIEW, uid[operator], (ordinal << 8) + int(a)) < chance
        if out:
            target[team], given_up[team] = -1, operator
            links[_DROPPED, a] += 1


@kernel
def count_workable(officers: np.ndarray, number: np.ndarray, room: np.ndarray) -> None:
    """Cases each authority can have under way: of whole teams' officers, and one for less.

    Args:
        officers: (authorities,) in teams' worth.
        number: (authorities,) teams to hold the cases.
        room: (authorities,) filled.
    """
    for a in range(room.size):
        whole = max(np.rint(officers[a]), 1.0 if officers[a] > 0.0 else 0.0)
        room[a] = int(min(whole, float(number[a])))


@kernel
def rate_cases(
    officers: np.ndarray,
    number: np.ndarray,
    teams: np.ndarray,
    authority: np.ndarray,
    target: np.ndarray,
    arrest_rate: float,
    under_way: np.ndarray,
    room: np.ndarray,
    rate: np.ndarray,
) -> None:
    """Arrests a day and case of each authority, by the officers on each.

    Fewer officers have fewer cases, each worked as fast as ever; more than fill the teams speed
    those there are. Cases begun with more officers are shared among those who are left.

    Args:
        officers: (authorities,) in teams' worth.
        number: (authorities,) teams to hold the cases.
        teams: Rows of the teams.
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free.
        arrest_rate: Arrests a day and case worked by the officers of one team.
        under_way: (authorities,) work space; `room` too.
        room: See there.
        rate: (authorities,) filled.
    """
    count_workable(officers, number, room)
    for a in range(rate.size):
        under_way[a] = 0
    for team in teams:
        if target[team] >= 0:
            under_way[authority[team]] += 1
    for a in range(rate.size):
        rate[a] = arrest_rate * (officers[a] / max(room[a], under_way[a], 1))


@inner
def is_there(
    surge: np.ndarray, jurisdiction: np.ndarray, place: np.ndarray, a: int, o: int
) -> bool:
    """Whether an operator works where an authority has an operation, and can be arrested by it."""
    return surge[a, place[o]] > 1.0 and jurisdiction[a, o]


@inner
def note_operations(
    cases: np.ndarray,
    surge: np.ndarray,
    jurisdiction: np.ndarray,
    threshold: float,
    status: np.ndarray,
    place: np.ndarray,
    teams: np.ndarray,
    authority: np.ndarray,
    target: np.ndarray,
    links: np.ndarray,
) -> bool:
    """Count the days of operations of arrests, and those on which they find nobody to arrest.

    Args:
        cases: (authorities, operators) log-odds.
        surge: (authorities, places) above 1 where there is an operation.
        jurisdiction: (authorities, operators) who can arrest whom.
        threshold: Log-odds from which an arrest can be made.
        status: (operators,) who is at work.
        place: (operators,) where they work.
        teams: Rows of the teams.
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Whether anybody is known well enough for a case where there is an operation.
    """
    anybody = False
    for a in range(surge.shape[0]):
        operation = False
        for p in range(surge.shape[1]):
            operation |= surge[a, p] > 1.0
        if not operation:
            continue
        known = False
        for o in range(status.size):
            known |= (
                status[o] == _ACTIVE
                and cases[a, o] >= threshold
                and is_there(surge, jurisdiction, place, a, o)
            )
        found = known
        for team in teams:
            if authority[team] == a and target[team] >= 0 and cases[a, target[team]] >= threshold:
                found |= is_there(surge, jurisdiction, place, a, target[team])
        links[_OPERATION_DAYS, a] += 1
        links[_NO_TARGET, a] += not found
        anybody |= known
    return anybody


@inner
def make_way(
    cases: np.ndarray,
    partner: np.ndarray,
    threshold: float,
    status: np.ndarray,
    teams: np.ndarray,
    authority: np.ndarray,
    target: np.ndarray,
    a: int,
    room: int,
    under_way: np.ndarray,
    links: np.ndarray,
) -> int:
    """Take teams off their weakest suspects where there are cases ripe for an arrest instead.

    Args:
        cases: (authorities, operators) log-odds.
        partner: (authorities, operators) who arrests an operator for an authority, -1 if nobody.
        threshold: Log-odds from which an arrest can be made.
        status: (operators,) who is at work.
        teams: Rows of the teams.
        authority: (units,) whose they are.
        target: (units,) operator whose case a team works, -1 if free; changed.
        a: The authority.
        room: Cases that it could take up.
        under_way: (operators,) who is worked on already; changed.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Cases that it can take up now.
    """
    ripe = 0
    for o in range(status.size):
        ripe += (
            cases[a, o] >= threshold
            and status[o] == _ACTIVE
            and partner[a, o] >= 0
            and not under_way[o]
        )
    while room < ripe:
        weakest = -1
        for team in teams:
            if authority[team] != a or target[team] < 0 or cases[a, target[team]] >= threshold:
                continue
            if weakest < 0 or cases[a, target[team]] < cases[a, target[weakest]]:
                weakest = team
        if weakest < 0:
            break
        under_way[target[weakest]] = False
        target[weakest] = -1
        links[_DROPPED, a] += 1
        links[_UNDER_WAY, a] -= 1
        room += 1
    return room


@kernel
def open_cases(
    cases: np.ndarray,
    surge: np.ndarray,
    jurisdiction: np.ndarray,
    partner: np.ndarray,
    state: np.ndarray,
    joint_share: float,
    threshold: float,
    lead: float,
    priority: float,
    uid: np.ndarray,
    role: np.ndarray,
    status: np.ndarray,
    place: np.ndarray,
    teams: np.ndarray,
    authority: np.ndarray,
    officers: np.ndarray,
    number: np.ndarray,
    target: np.ndarray,
    given_up: np.ndarray,
    links: np.ndarray,
    room: np.ndarray,
    under_way: np.ndarray,
) -> None:
    """Give free teams the strongest open cases, organisers first.

    Cases ripe for an arrest go before suspects of whom too little is known for one. Authorities of
    one state do not work on the same operator side by side.

    Teams of an authority with an operation of arrests go where it is, if anybody is known there
    whom they can arrest themselves: an operation is on the own ground, and nobody is sent to that
    of a partner by it.

    Args:
        cases: (authorities, operators) log-odds.
        surge: (authorities, places) above 1 where there is an operation.
        jurisdiction: (authorities, operators) who can arrest whom.
        partner: (authorities, operators) who arrests an operator for an authority, -1 if nobody.
        state: (authorities,) number of the state of each.
        joint_share: Effect of a team on a partner's ground, against its own.
        threshold: Log-odds from which an arrest can be made.
        lead: Log-odds from which a free team takes up a suspect.
        priority: Log-odds that an organiser is worth on top.
        uid: (operators,) identifiers; the lower one goes first of equals.
        role: (operators,) what they do.
        status: (operators,) who is at work.
        place: (operators,) where they work.
        teams: Rows of the teams.
        authority: (units,) whose they are.
        officers: (authorities,) in teams' worth.
        number: (authorities,) teams to hold the cases.
        target: (units,) operator whose case a team works, -1 if free; changed.
        given_up: (units,) operator given up today, who is not taken up at once again; -1 if none.
        links: (links, authorities + 1) today's counts of the chain, added to; cases under way are
            filled in.
        room: (authorities,) work space; `under_way` (operators,) too.
        under_way: See there.
    """
    with_partner = np.log(max(joint_share, 1e-9))
    operation = note_operations(
        cases, surge, jurisdiction, threshold, status, place, teams, authority, target, links
    )
    for turn in range(0 if operation else 1, 2):
        there_only = turn == 0
        count_workable(officers, number, room)
        links[_UNDER_WAY, :] = 0.0
        for team in teams:
            if target[team] >= 0:
                room[authority[team]] -= 1
                links[_UNDER_WAY, authority[team]] += 1
        for a in range(room.size):
            under_way[:] = False
            for team in teams:
                if state[authority[team]] == state[a] and target[team] >= 0:
                    under_way[target[team]] = True
                if authority[team] == a and given_up[team] >= 0:
                    o = given_up[team]
                    under_way[o] |= cases[a, o] < threshold
            if not there_only:
                room[a] = make_way(
                    cases, partner, threshold, status, teams, authority, target, a, room[a],
                    under_way, links,
                )  # fmt: skip
            if room[a] <= 0:
                continue
            for team in teams:
                if authority[team] != a or target[team] >= 0:
                    continue
                best, most, ripest = -1, 0.0, False
                for o in range(uid.size):
                    ripe = cases[a, o] >= threshold
                    if cases[a, o] < lead or status[o] != _ACTIVE or under_way[o]:
                        continue
                    if partner[a, o] < 0 or (ripest and not ripe):
                        continue
                    if there_only and not (ripe and is_there(surge, jurisdiction, place, a, o)):
                        continue
                    worth = cases[a, o] + (priority if role[o] in _ORGANISERS else 0.0)
                    # a case with a partner counts for less by the log of its share of effect
                    if partner[a, o] != a:
                        worth += with_partner
                    first = best < 0 or (ripe and not ripest)
                    if first or worth > most or (worth == most and uid[o] < uid[best]):
                        best, most, ripest = o, worth, ripe
                if best < 0 or room[a] <= 0:
                    break
                target[team] = best
                links[_OPENED, a] += 1
                links[_UNDER_WAY, a] += 1
                under_way[best] = True
                room[a] -= 1
