"""Which cases teams work on, compiled: taken up, given up, and how fast each is worked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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


class Suspects(NamedTuple):
    """Operators as authorities see them; (authorities, operators) unless said."""

    cases: npt.NDArray[np.float64]  # log-odds that each is an operator; -inf of those who are gone
    partner: npt.NDArray[np.int16]  # who arrests it for an authority, -1 if nobody
    handed: npt.NDArray[np.bool_]  # whether the case could be offered since it became so strong
    listed: npt.NDArray[np.int32]  # rows of those who are suspected at all, in order
    number: npt.NDArray[np.int64]  # (authorities,) how many are listed
    marks: npt.NDArray[np.bool_]  # (operators,) work space

    @staticmethod
    def with_room(authorities: int, operators: int) -> Suspects:
        """Of nobody is anything known yet."""
        shape = authorities, operators
        return Suspects(
            np.full(shape, -np.inf), np.full(shape, -1, dtype=np.int16),
            np.zeros(shape, dtype=bool), np.empty(shape, dtype=np.int32),
            np.zeros(authorities, dtype=np.int64), np.empty(operators, dtype=bool),
        )  # fmt: skip


class Teams(NamedTuple):
    """Teams that work cases; of work space, what is filled in is said where it is used."""

    rows: npt.NDArray[np.intp]  # (teams,) rows among the units
    authority: npt.NDArray[np.int16]  # (units,) whose they are
    target: npt.NDArray[np.int32]  # (units,) operator whose case a team works, -1 if free
    given_up: npt.NDArray[np.int64]  # (units,) operator given up today, -1 if none
    number: npt.NDArray[np.int64]  # (authorities,) teams to hold the cases
    state: npt.NDArray[np.int64]  # (authorities,) number of the state of each
    room: npt.NDArray[np.int64]  # (authorities,) work space
    in_hand: npt.NDArray[np.int64]  # (authorities,) work space
    rate: npt.NDArray[np.float64]  # (authorities,) work space


@inner
def list_suspects(
    totals: np.ndarray, status: np.ndarray, prior: float, lowest: float, suspects: Suspects
) -> None:
    """What each authority thinks of every operator, and whom it suspects at all.

    Args:
        totals: (authorities, room) log-odds from all sources of evidence.
        status: (operators,) who is out of the market.
        prior: Log-odds before any evidence.
        lowest: Log-odds from which an operator is listed.
        suspects: Cases and the list are filled.
    """
    for a in range(suspects.number.size):
        number = 0
        for o in range(status.size):
            case = prior + totals[a, o] if status[o] != _RETIRED else -np.inf
            suspects.cases[a, o] = case
            # without a branch, which nobody could predict
            suspects.listed[a, number] = o
            number += case >= lowest
        suspects.number[a] = number


@inner
def drop_cases(
    ordinal: int,
    seed: int,
    suspects: Suspects,
    teams: Teams,
    uid: np.ndarray,
    status: np.ndarray,
    cold_below: float,
    threshold: float,
    lead_days: float,
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
        suspects: Who is known.
        teams: Their targets are changed, and whom they have given up is filled in.
        uid: (operators,) identifiers.
        status: (operators,) who is out of the market.
        cold_below: Log-odds below which a team gives a suspect up.
        threshold: Log-odds from which an arrest can be made.
        lead_days: Days for which a team works on a suspect whose case is not ripe, on average.
        links: (links, authorities + 1) today's counts of the chain, added to.
    """
    chance = 1.0 - np.exp(-1.0 / lead_days)
    for team in teams.rows:
        operator = teams.target[team]
        teams.given_up[team] = -1
        if operator < 0:
            continue
        a = teams.authority[team]
        case = suspects.cases[a, operator]
        out = status[operator] == _RETIRED or status[operator] == _HELD
        out |= case < cold_below or suspects.partner[a, operator] < 0
        if not out and case < threshold:
            out = uniform(seed, _REVIEW, uid[operator], (ordinal << 8) + int(a)) < chance
        if out:
            teams.target[team], teams.given_up[team] = -1, operator
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


@inner
def rate_cases(officers: np.ndarray, teams: Teams, arrest_rate: float) -> None:
    """Arrests a day and case of each authority, by the officers on each.

    Fewer officers have fewer cases, each worked as fast as ever; more than fill the teams speed
    those there are. Cases begun with more officers are shared among those who are left.

    Args:
        officers: (authorities,) in teams' worth.
        teams: Their rate is filled.
        arrest_rate: Arrests a day and case worked by the officers of one team.
    """
    count_workable(officers, teams.number, teams.room)
    for a in range(teams.rate.size):
        teams.in_hand[a] = 0
    for team in teams.rows:
        if teams.target[team] >= 0:
            teams.in_hand[teams.authority[team]] += 1
    for a in range(teams.rate.size):
        teams.rate[a] = arrest_rate * (officers[a] / max(teams.room[a], teams.in_hand[a], 1))


@inner
def is_there(
    surge: np.ndarray, jurisdiction: np.ndarray, place: np.ndarray, a: int, o: int
) -> bool:
    """Whether an operator works where an authority has an operation, and can be arrested by it."""
    return surge[a, place[o]] > 1.0 and jurisdiction[a, o]


@inner
def note_operations(
    suspects: Suspects,
    teams: Teams,
    surge: np.ndarray,
    jurisdiction: np.ndarray,
    threshold: float,
    status: np.ndarray,
    place: np.ndarray,
    links: np.ndarray,
) -> bool:
    """Count the days of operations of arrests, and those on which they find nobody to arrest.

    Args:
        suspects: Who is known.
        teams: Whom they work on.
        surge: (authorities, places) above 1 where there is an operation.
        jurisdiction: (authorities, operators) who can arrest whom.
        threshold: Log-odds from which an arrest can be made.
        status: (operators,) who is at work.
        place: (operators,) where they work.
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
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            known |= (
                status[o] == _ACTIVE
                and suspects.cases[a, o] >= threshold
                and is_there(surge, jurisdiction, place, a, o)
            )
        found = known
        for team in teams.rows:
            o = teams.target[team]
            if teams.authority[team] == a and o >= 0 and suspects.cases[a, o] >= threshold:
                found |= is_there(surge, jurisdiction, place, a, o)
        links[_OPERATION_DAYS, a] += 1
        links[_NO_TARGET, a] += not found
        anybody |= known
    return anybody


@inner
def make_way(
    suspects: Suspects,
    teams: Teams,
    threshold: float,
    status: np.ndarray,
    a: int,
    room: int,
    links: np.ndarray,
) -> int:
    """Take teams off their weakest suspects where there are cases ripe for an arrest instead.

    Args:
        suspects: Who is known; the marks, who is worked on already, are changed.
        teams: Their targets are changed.
        threshold: Log-odds from which an arrest can be made.
        status: (operators,) who is at work.
        a: The authority.
        room: Cases that it could take up.
        links: (links, authorities + 1) today's counts of the chain, added to.

    Returns:
        Cases that it can take up now.
    """
    cases, target = suspects.cases, teams.target
    ripe = 0
    for k in range(suspects.number[a]):
        o = suspects.listed[a, k]
        ripe += (
            cases[a, o] >= threshold
            and status[o] == _ACTIVE
            and suspects.partner[a, o] >= 0
            and not suspects.marks[o]
        )
    while room < ripe:
        weakest = -1
        for team in teams.rows:
            o = target[team]
            if teams.authority[team] != a or o < 0 or cases[a, o] >= threshold:
                continue
            if weakest < 0 or cases[a, o] < cases[a, target[weakest]]:
                weakest = team
        if weakest < 0:
            break
        suspects.marks[target[weakest]] = False
        target[weakest] = -1
        links[_DROPPED, a] += 1
        links[_UNDER_WAY, a] -= 1
        room += 1
    return room


@kernel
def assign_teams(
    ordinal: int,
    seed: int,
    suspects: Suspects,
    teams: Teams,
    surge: np.ndarray,
    jurisdiction: np.ndarray,
    cold_below: float,
    joint_share: float,
    threshold: float,
    lead_days: float,
    lead: float,
    priority: float,
    uid: np.ndarray,
    role: np.ndarray,
    status: np.ndarray,
    place: np.ndarray,
    officers: np.ndarray,
    links: np.ndarray,
) -> None:
    """Free teams (`drop_cases`), and give free ones the strongest open cases, organisers first.

    Cases ripe for an arrest go before suspects of whom too little is known for one. Authorities of
    one state do not work on the same operator side by side.

    Teams of an authority with an operation of arrests go where it is, if anybody is known there
    whom they can arrest themselves: an operation is on the own ground, and nobody is sent to that
    of a partner by it.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        suspects: Who is known; the marks are work space.
        teams: Their targets are changed. Whom a team has given up today is not taken up at once
            again.
        surge: (authorities, places) above 1 where there is an operation.
        jurisdiction: (authorities, operators) who can arrest whom.
        cold_below: See `drop_cases`; `lead_days` too.
        joint_share: Effect of a team on a partner's ground, against its own.
        threshold: Log-odds from which an arrest can be made.
        lead_days: See there.
        lead: Log-odds from which a free team takes up a suspect.
        priority: Log-odds that an organiser is worth on top.
        uid: (operators,) identifiers; the lower one goes first of equals.
        role: (operators,) what they do.
        status: (operators,) who is at work.
        place: (operators,) where they work.
        officers: (authorities,) in teams' worth.
        links: (links, authorities + 1) today's counts of the chain, added to; cases under way are
            filled in.
    """
    drop_cases(ordinal, seed, suspects, teams, uid, status, cold_below, threshold, lead_days, links)
    cases, partner, under_way = suspects.cases, suspects.partner, suspects.marks
    authority, target, room = teams.authority, teams.target, teams.room
    with_partner = np.log(max(joint_share, 1e-9))
    operation = note_operations(
        suspects, teams, surge, jurisdiction, threshold, status, place, links
    )
    for turn in range(0 if operation else 1, 2):
        there_only = turn == 0
        count_workable(officers, teams.number, room)
        links[_UNDER_WAY, :] = 0.0
        for team in teams.rows:
            if target[team] >= 0:
                room[authority[team]] -= 1
                links[_UNDER_WAY, authority[team]] += 1
        for a in range(room.size):
            if teams.number[a] == 0:
                continue
            under_way[:] = False
            for team in teams.rows:
                if teams.state[authority[team]] == teams.state[a] and target[team] >= 0:
                    under_way[target[team]] = True
                if authority[team] == a and teams.given_up[team] >= 0:
                    o = teams.given_up[team]
                    under_way[o] |= cases[a, o] < threshold
            if not there_only:
                room[a] = make_way(suspects, teams, threshold, status, a, room[a], links)
            if room[a] <= 0:
                continue
            for team in teams.rows:
                if authority[team] != a or target[team] >= 0:
                    continue
                best, most, ripest = -1, 0.0, False
                for k in range(suspects.number[a]):
                    o = suspects.listed[a, k]
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


def best_known_first(
    rows: npt.NDArray[np.intp], cases: npt.NDArray[np.float64], luck: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Order operators by the strongest case of any authority against each.

    Args:
        rows: The operators.
        cases: (authorities, operators) log-odds.
        luck: (rows,) uniform numbers that order equal cases, lowest first.

    Returns:
        The rows, the strongest case first.
    """
    return rows[np.lexsort((luck, -cases[:, rows].max(axis=0)))]
