"""Cases and arrests: what teams work on, and whom they arrest. Loops over many are compiled.

Only an authority on whose ground an operator works can arrest it there. Others work a case together
with such an authority, or hand it over (`cooperation.py`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.model.agents.smuggler import ORGANISERS, SmugglerColumns, Status
from simulation.model.agents.unit import UnitKind
from simulation.model.processes.intelligence.cooperation import (
    Cooperation,
    Suspects,
    least_evidence,
)
from simulation.model.processes.intelligence.sharing import ChannelsToday
from simulation.model.processes.recovery import remove, time_away
from simulation.model.processes.world import DayContext, World
from simulation.randomness import Decision, uniform

_JUST_ABOVE_ONE, _ROUNDING = 1.0 + 1e-9, 1e-9  # room for rounding
_OPENED, _DROPPED, _UNDER_WAY = (
    link("cases_opened"), link("cases_dropped"), link("cases_under_way"),
)  # fmt: skip
_OPERATION_DAYS, _NO_TARGET = link("operation_days"), link("operation_days_without_target")
_CLOSED, _JOINT, _IN_OPERATION = (
    link("cases_closed"), link("arrests_joint"), link("arrests_in_operation"),
)  # fmt: skip
_ON_CASE, _BRIEFLY = link("arrests_on_case"), link("brief_detentions")
_ORGANISERS = tuple(int(role) for role in ORGANISERS)


class Teams(NamedTuple):
    """Teams that work cases, and work space; the functions that use it say what they fill in."""

    rows: npt.NDArray[np.intp]  # (teams,) rows among the units
    authority: npt.NDArray[np.int16]  # (units,) whose they are
    target: npt.NDArray[np.int32]  # (units,) operator whose case a team works, -1 if free
    given_up: Ints  # (units,) operator given up today, -1 if none
    number: Ints  # (authorities,) teams to hold the cases
    state: Ints  # (authorities,) number of the state of each
    room: Ints  # (authorities,) work space
    in_hand: Ints  # (authorities,) work space
    rate: Floats  # (authorities,) work space


class Casework(NamedTuple):
    """What cases are worked with today."""

    suspects: Suspects
    teams: Teams
    #: (authorities, places) multiplier of arrests where an operator works, on the own ground; above
    #: 1 where there is an operation
    surge: Floats
    jurisdiction: Bools  # (authorities, operators) who can arrest whom
    s: SmugglerColumns
    officers: Floats  # (authorities,) in teams' worth
    links: Floats  # (links, authorities + 1) today's counts of the chain, added to


@inner
def _drop_cases(now: DayContext, work: Casework) -> None:
    """Free the teams whose suspect is out, has too weak a case, or can be arrested by nobody.

    A team also gives up a suspect whose case has not become ripe for an arrest, with a chance a
    day. Otherwise the evidence of inquiries alone would occupy it for years.

    A case outlives the days for which a helper caught in the act is held. A suspect held after an
    arrest by another authority occupies no team.
    """
    suspects, teams, s = work.suspects, work.teams, work.s
    intelligence, cold_below = now.intelligence, least_evidence(now)
    chance = 1.0 - np.exp(-1.0 / intelligence.lead_days)
    for team in teams.rows:
        operator = teams.target[team]
        teams.given_up[team] = -1
        if operator < 0:
            continue
        a = teams.authority[team]
        case = suspects.cases[a, operator]
        out = s.status[operator] == Status.RETIRED or s.status[operator] == Status.HELD
        out |= case < cold_below or suspects.partner[a, operator] < 0
        if not out and case < intelligence.case_threshold:
            key = (now.ordinal << 8) + int(a)
            out = uniform(now.seed, Decision.LEAD_REVIEW, s.uid[operator], key) < chance
        if out:
            teams.target[team], teams.given_up[team] = -1, operator
            work.links[_DROPPED, a] += 1


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

    Fewer officers have fewer cases, each at the usual pace. Officers beyond full teams speed up the
    cases under way. If officers leave, the rest share the cases that were begun.

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
def _in_operation(work: Casework, a: int, o: int) -> bool:
    """Whether an authority has an operation where an operator works and can arrest it there."""
    return work.surge[a, work.s.place[o]] > 1.0 and work.jurisdiction[a, o]


@inner
def _note_operations(work: Casework, threshold: float) -> bool:
    """Count the days of operations of arrests, and those without anybody to arrest.

    Returns whether there is a case ripe for an arrest against anybody at large in an operation.
    """
    suspects, teams, surge, s, links = work.suspects, work.teams, work.surge, work.s, work.links
    anybody = False
    for a in range(surge.shape[0]):
        operation = False
        for p in range(surge.shape[1]):
            operation |= surge[a, p] > 1.0
        if not operation:
            continue
        active_target = False
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            active_target |= (
                s.status[o] == Status.ACTIVE
                and suspects.cases[a, o] >= threshold
                and _in_operation(work, a, o)
            )
        any_target = active_target
        for team in teams.rows:
            o = teams.target[team]
            if teams.authority[team] == a and o >= 0 and suspects.cases[a, o] >= threshold:
                any_target |= _in_operation(work, a, o)
        links[_OPERATION_DAYS, a] += 1
        links[_NO_TARGET, a] += not any_target
        anybody |= active_target
    return anybody


@inner
def _free_teams(work: Casework, threshold: float, a: int, room: int) -> int:
    """Take teams off their weakest suspects where there are cases ripe for an arrest instead.

    Returns how many cases an authority `a` with so much room can take up now.
    """
    suspects, teams, s, links = work.suspects, work.teams, work.s, work.links
    cases, target = suspects.cases, teams.target
    ripe = 0
    for k in range(suspects.number[a]):
        o = suspects.listed[a, k]
        ripe += (
            cases[a, o] >= threshold
            and s.status[o] == Status.ACTIVE
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


@inner
def _count_free_room(work: Casework) -> None:
    """Fill in how many more cases each authority can take up, and how many it has under way."""
    teams, under_way = work.teams, work.links[_UNDER_WAY]
    count_workable(work.officers, teams.number, teams.room)
    under_way[:] = 0.0
    for team in teams.rows:
        if teams.target[team] >= 0:
            teams.room[teams.authority[team]] -= 1
            under_way[teams.authority[team]] += 1


@inner
def _mark_unavailable(work: Casework, threshold: float, a: int) -> None:
    """Mark the operators whom an authority `a` cannot take up.

    Those are the ones on whom a team of its state works, and those whom it has given up today.
    """
    suspects, teams, marks = work.suspects, work.teams, work.suspects.marks
    marks[:] = False
    for team in teams.rows:
        if teams.state[teams.authority[team]] == teams.state[a] and teams.target[team] >= 0:
            marks[teams.target[team]] = True
        if teams.authority[team] == a and teams.given_up[team] >= 0:
            given_up = teams.given_up[team]
            marks[given_up] |= suspects.cases[a, given_up] < threshold


@inner
def _can_take_up(now: DayContext, work: Casework, a: int, o: int) -> bool:
    """Whether a free team of an authority can work on an operator."""
    suspects = work.suspects
    if suspects.cases[a, o] < now.intelligence.lead_threshold or suspects.marks[o]:
        return False
    return work.s.status[o] == Status.ACTIVE and suspects.partner[a, o] >= 0


@inner
def _case_worth(now: DayContext, work: Casework, a: int, o: int) -> float:
    """What a case is worth to an authority, in log-odds.

    A case with a partner counts for less by the log of its share of effect.
    """
    worth = work.suspects.cases[a, o]
    worth += now.intelligence.organiser_priority if work.s.role[o] in _ORGANISERS else 0.0
    if work.suspects.partner[a, o] != a:
        worth += np.log(max(now.intelligence.joint_share, 1e-9))
    return worth


@inner
def _strongest_case(now: DayContext, work: Casework, a: int, operations_only: bool) -> int:
    """The operator whose case a free team of an authority takes up; -1 if there is none.

    Cases ripe for an arrest go before weaker ones. Of equals, the operator with the lower
    identifier goes first. With `operations_only`, only ripe cases in an operation count.
    """
    suspects, uid = work.suspects, work.s.uid
    best, most, ripest = -1, 0.0, False
    for k in range(suspects.number[a]):
        o = suspects.listed[a, k]
        ripe = suspects.cases[a, o] >= now.intelligence.case_threshold
        if not _can_take_up(now, work, a, o) or (ripest and not ripe):
            continue
        if operations_only and not (ripe and _in_operation(work, a, o)):
            continue
        worth = _case_worth(now, work, a, o)
        first = best < 0 or (ripe and not ripest)
        if first or worth > most or (worth == most and uid[o] < uid[best]):
            best, most, ripest = o, worth, ripe
    return best


@inner
def _open_cases(now: DayContext, work: Casework, a: int, operations_only: bool) -> None:
    """Give free teams of an authority the strongest cases, as many as it has room for."""
    teams, links = work.teams, work.links
    for team in teams.rows:
        if teams.authority[team] != a or teams.target[team] >= 0:
            continue
        best = -1
        if teams.room[a] > 0:
            best = _strongest_case(now, work, a, operations_only)
        if best < 0:
            break
        teams.target[team] = best
        links[_OPENED, a] += 1
        links[_UNDER_WAY, a] += 1
        work.suspects.marks[best] = True
        teams.room[a] -= 1


@kernel
def assign_teams(packed: np.ndarray, work: Casework) -> None:
    """Free teams (`_drop_cases`), and give free ones the strongest open cases, organisers first.

    Authorities of one state do not work on the same operator side by side.

    Teams of an authority with an operation of arrests go where it is, if they have a case there on
    anybody whom they can arrest themselves. An operation is on the authority's own ground, so it
    sends nobody to the ground of a partner.

    Args:
        packed: The day, and what is assumed (`World.now`).
        work: The targets of teams are changed; whom a team has given up today is not taken up at
            once again. Cases under way are filled in; the marks of suspects are work space.
    """
    now = packed[0]
    teams, threshold = work.teams, now.intelligence.case_threshold
    _drop_cases(now, work)
    operation = _note_operations(work, threshold)
    for operations_only in (True, False):
        if operations_only and not operation:
            continue
        _count_free_room(work)
        for a in range(teams.room.size):
            if teams.number[a] == 0:
                continue
            _mark_unavailable(work, threshold, a)
            if not operations_only:
                teams.room[a] = _free_teams(work, threshold, a, teams.room[a])
            _open_cases(now, work, a, operations_only)


@kernel
def _count_operators(
    suspects: Suspects,
    jurisdiction: np.ndarray,
    s: SmugglerColumns,
    active: np.ndarray,
    threshold: float,
    with_case: np.ndarray,
    within_reach: np.ndarray,
) -> tuple[int, int]:
    """Count active operators by who has a case on them and who can arrest them.

    Fills in who is active, (operators,), and for each authority the active operators that it can
    arrest: `with_case` those on whom it has a case, `within_reach` all. Returns how many are
    active, and on how many of them an authority that can arrest them has a case.
    """
    mapped, working = 0, 0
    for o in range(active.size):
        active[o] = s.status[o] == Status.ACTIVE
        working += active[o]
        suspects.marks[o] = False
    for a in range(with_case.size):
        number, reach = 0, 0
        for o in range(active.size):
            # without branches, so that many are counted at once
            reach += active[o] & jurisdiction[a, o]
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            if suspects.cases[a, o] >= threshold and active[o] and jurisdiction[a, o]:
                number += 1
                mapped += not suspects.marks[o]
                suspects.marks[o] = True
        with_case[a], within_reach[a] = number, reach
    return working, mapped


@kernel
def end_cases(packed: np.ndarray, work: Casework, ended: np.ndarray) -> int:
    """Choose the teams that make an arrest today among those with a ripe case.

    Args:
        packed: The day, and what is assumed (`World.now`).
        work: Whom they work on; operators at work can be arrested.
        ended: (teams,) filled with their rows.

    Returns:
        How many do.
    """
    suspects, teams, s = work.suspects, work.teams, work.s
    now = packed[0]
    intelligence = now.intelligence
    rate_cases(work.officers, teams, intelligence.arrest_rate)
    count = 0
    for team in teams.rows:
        operator, a = teams.target[team], teams.authority[team]
        if operator < 0 or suspects.cases[a, operator] < intelligence.case_threshold:
            continue
        if s.status[operator] == Status.ACTIVE and suspects.partner[a, operator] >= 0:
            # an operation is on the own ground
            own = suspects.partner[a, operator] == a
            share = work.surge[a, s.place[operator]] if own else intelligence.joint_share
            pace = teams.rate[a] * share
            u = uniform(now.seed, Decision.ARREST, s.uid[operator], (now.ordinal << 8) + int(a))
            # the chance is at most the pace, which spares most an exponential
            if u <= pace + _ROUNDING and u < 1.0 - np.exp(-pace):
                ended[count] = team
                count += 1
    return count


@kernel
def _catch_helpers(
    packed: np.ndarray,
    smuggler: np.ndarray,
    leg_of: np.ndarray,
    stopped: np.ndarray,
    s: SmugglerColumns,
    stop_authority: np.ndarray,
    links: np.ndarray,
    stops: np.ndarray,
    where: np.ndarray,
    caught: np.ndarray,
    by: np.ndarray,
) -> int:
    """Find operators at work with a helper caught with people; they are out for some days.

    The people `stopped` of each pair, its operator and its leg are columns of `PairArrays`. The
    rows of these operators, and who arrests them, the authority of the last leg with stops, are
    filled into `caught` and `by`; `stops` and `where` are work space; all (operators,). An
    authority below 0 arrests nobody on a leg. Returns how many there are.
    """
    now = packed[0]
    per_person = now.intelligence.arrest_per_stop
    stops[:] = 0
    for pair in range(stopped.size):
        if stopped[pair] > 0:
            stops[smuggler[pair]] += stopped[pair]
            where[smuggler[pair]] = leg_of[pair]
    count = 0
    rate = -np.log(max(1.0 - per_person, 1e-300)) * _JUST_ABOVE_ONE
    for row in range(s.uid.size):
        if stops[row] > 0:
            u = uniform(now.seed, Decision.FLAGRANT_ARREST, s.uid[row], now.ordinal)
            # the chance is at most the rate times the stops, which spares most a power
            if u > rate * stops[row] / now.scale:
                continue
            authority = stop_authority[where[row]]
            if authority < 0 or s.status[row] != Status.ACTIVE:
                continue
            if u < 1.0 - (1.0 - per_person) ** (stops[row] / now.scale):
                s.status[row], s.until[row] = (
                    Status.DISRUPTED,
                    now.day + int(now.intelligence.helper_days),
                )
                links[_BRIEFLY, authority] += 1
                caught[count], by[count] = row, authority
                count += 1
    return count


@inner
def case_chance(log_odds: float) -> float:
    """Chance that an operator is one, from the log-odds of the case."""
    return 1.0 / (1.0 + np.exp(-min(max(log_odds, -50.0), 50.0)))


def share_watched(world: World) -> Floats:
    """Share of the cases of each authority that have a team, (authorities,).

    Counted are this evening's cases on operators that the authority can arrest.
    """
    cases = np.maximum(world.ledger.cases[world.day], 1)
    return np.asarray(np.minimum(world.policy.staff["investigation"] / cases, 1.0))


def workable_cases(officers: Floats, teams: Ints) -> Ints:
    """Cases each authority can have under way, (authorities,); see `count_workable`.

    Args:
        officers: (authorities,) in teams' worth.
        teams: (authorities,) teams to hold the cases.
    """
    room = np.empty(officers.size, dtype=np.int64)
    count_workable(officers, teams, room)
    return room


class Investigation:
    """Teams that work cases, and arrests in the act.

    Args:
        world: With its units.
        channels: How facts pass between authorities.
    """

    def __init__(self, world: World, channels: ChannelsToday) -> None:
        authorities, units = len(world.corridor.authorities), world.units
        #: rows of the units that work cases
        self.teams = np.flatnonzero(units.kind == UnitKind.INVESTIGATION)
        #: the first authority of a state stands for it
        state = np.arange(authorities)
        state[list(world.ground.uk)] = world.ground.uk[0]
        room, in_hand = np.empty((2, authorities), dtype=np.int64)
        self._table = Teams(
            self.teams, units.authority, units.target, np.full(units.authority.size, -1),
            np.bincount(units.authority[self.teams], minlength=authorities), state, room, in_hand,
            np.empty(authorities),
        )  # fmt: skip
        self._ended = np.empty_like(self.teams)
        self.suspects = Suspects.with_room(authorities, 0)
        #: (4, operators) work space, made anew when there are more
        self._numbers = np.empty((4, 0), dtype=np.int64)
        self.cooperation = Cooperation(channels)

    @property
    def cases(self) -> Floats:
        """(authorities, operators or more) log-odds that each is one, as each authority sees it."""
        return self.suspects.cases

    def step(self, world: World) -> None:
        """Hand over, open and drop cases, arrest, and count the cases."""
        self.cooperation.receive(world)
        self.judge(world)
        self.assign(world)
        self.arrest_on_cases(world)
        self._count(world)

    def judge(self, world: World) -> None:
        """Weigh the evidence of every authority on every operator."""
        before, (authorities, operators) = self.suspects.handed, world.jurisdiction.shape
        if before.shape[1] < operators:
            self.suspects = Suspects.with_room(authorities, 2 * operators)
            self.suspects.handed[:, : before.shape[1]] = before
        self.cooperation.step(world, self.suspects)

    def assign(self, world: World) -> None:
        """Free teams whose case is over or has gone cold, and give free ones the strongest."""
        assign_teams(world.now, self._casework(world))

    def _casework(self, world: World) -> Casework:
        rows: Any = world.smugglers.rows
        return Casework(
            self.suspects, self._table, world.policy.arrest_surge, world.jurisdiction, rows,
            world.policy.staff["investigation"], world.links,
        )  # fmt: skip

    def arrest_on_cases(self, world: World) -> None:
        """Each case can end in an arrest, with a chance a day."""
        units, s, policy = world.units, world.smugglers, world.policy
        count = end_cases(world.now, self._casework(world), self._ended)
        done: set[int] = set()
        for team in self._ended[:count].tolist():
            row = int(units.target[team])
            # the arrest by a partner's joint team can have closed the case of this one
            if row >= 0 and row not in done:
                done.add(row)
                owner = int(units.authority[team])
                authority = int(self.suspects.partner[owner, row])
                self.arrest(world, row, authority)
                world.count(_ON_CASE, 1, authority)
                own = authority == owner  # an operation is of the authority alone
                if own and policy.arrest_surge[authority, s.place[row]] > 1.0:
                    world.count(_IN_OPERATION, 1, authority)
                if not own:
                    # the case is over with the partner's arrest
                    units.target[team] = -1
                    world.count(_JOINT, 1, owner)
                    world.count(_CLOSED, 1, owner)
                    world.count(_UNDER_WAY, -1, owner)

    def arrest_in_the_act(self, world: World) -> None:
        """Take operators caught with the people they carry out of business for some days."""
        s, pairs = world.smugglers, world.pairs
        if self._numbers.shape[1] != s.count:
            self._numbers = np.empty((4, s.count), dtype=np.int64)
        stops, where, caught, by = self._numbers
        count = _catch_helpers(
            world.now, pairs.smuggler, pairs.leg, pairs.stops, s.rows, world.legs.stop_authority,
            world.links, stops, where, caught, by,
        )  # fmt: skip
        world.ledger.arrested[world.day] += count
        for row, authority in zip(caught[:count].tolist(), by[:count].tolist(), strict=True):
            world.seized_phones.append((row, authority, False))

    def arrest(self, world: World, row: int, authority: int) -> None:
        """Arrest on a case or in a raid: the head of a cell is held; phones speak of partners.

        The case of the authority itself is over.

        Args:
            world: The world.
            row: The operator.
            authority: Who arrests it.
        """
        world.ledger.arrested[world.day] += 1
        world.seized_phones.append((row, authority, True))
        target, teams = world.units.target, self.teams
        own = teams[world.units.authority[teams] == authority]
        closed = own[target[own] == row]
        target[closed] = -1
        world.count(_CLOSED, closed.size, authority)
        world.count(_UNDER_WAY, -closed.size, authority)
        remove(world, row, authority, 1.0)
        world.smugglers.hold(row, time_away(world, row))
        world.arrests.append(row)

    def arrest_helpers(self, world: World, row: int, authority: int, part: float) -> None:
        """Arrest helpers of a cell whose head gets away: it goes on with those who are left.

        That is no arrest of the operator, and is counted by the capacity it removes alone.

        Args:
            world: The world.
            row: The operator.
            authority: Who arrests them.
            part: Of its helpers, 0 to 1.
        """
        s = world.smugglers
        away = time_away(world, row)
        s.back[row] = max(int(s.back[row]), away) if s.missing[row] > 0.0 else away
        world.seized_phones.append((row, authority, False))
        remove(world, row, authority, part)

    def _count(self, world: World) -> None:
        """Count today's active operators and cases in the ledger."""
        ledger, day = world.ledger, world.day
        threshold = world.parameters.intelligence.case_threshold
        rows: Any = world.smugglers.rows
        active = np.empty(rows.size, dtype=bool)
        count, mapped = _count_operators(
            self.suspects, world.jurisdiction, rows, active, threshold, ledger.cases[day],
            ledger.in_jurisdiction[day],
        )  # fmt: skip
        ledger.active[day] = count
        ledger.mapped[day] = mapped / count if count else 0.0
