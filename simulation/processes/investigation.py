"""Cases and arrests. Only an authority on whose ground an operator works can arrest it there.

Others work a case together with such an authority, or hand it over (`cooperation.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status
from simulation.agents.unit import UnitKind
from simulation.chain import link
from simulation.compiled import inner, kernel
from simulation.processes.casework import (
    Suspects,
    Teams,
    assign_teams,
    count_workable,
    rate_cases,
)
from simulation.processes.cooperation import Cooperation, least_evidence
from simulation.processes.healing import remove, time_away
from simulation.processes.world import World
from simulation.randomness import Decision, uniform

# plain integers, as compiled code wants them
_ACTIVE, _DISRUPTED = int(Status.ACTIVE), int(Status.DISRUPTED)
_ARREST, _FLAGRANT = int(Decision.ARREST), int(Decision.FLAGRANT_ARREST)
_JUST_ABOVE_ONE, _ROUNDING = 1.0 + 1e-9, 1e-9  # room for rounding
_UNDER_WAY, _CLOSED = link("cases_under_way"), link("cases_closed")
_IN_OPERATION = link("arrests_in_operation")
_ON_CASE, _BRIEFLY = link("arrests_on_case"), link("brief_detentions")
_JOINT = link("arrests_joint")


@kernel
def count_known(
    suspects: Suspects,
    jurisdiction: np.ndarray,
    status: np.ndarray,
    threshold: float,
    known: np.ndarray,
    within_reach: np.ndarray,
) -> tuple[int, int]:
    """Count active operators by who knows them and who could arrest them.

    Args:
        suspects: Who is listed; the marks are work space.
        jurisdiction: (authorities, operators) who can arrest whom.
        status: (operators,) who is at work.
        threshold: Log-odds from which an operator is known.
        known: (authorities,) filled with the active operators it knows and can arrest.
        within_reach: (authorities,) filled with those it can arrest.

    Returns:
        Active operators, and those of them whom anybody knows who can arrest them.
    """
    active, mapped = 0, 0
    for o in range(status.size):
        active += status[o] == _ACTIVE
        suspects.marks[o] = False
    for a in range(known.size):
        number, reach = 0, 0
        for o in range(status.size):
            # without branches, so that many are counted at once
            reach += (status[o] == _ACTIVE) & jurisdiction[a, o]
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            if suspects.cases[a, o] >= threshold and status[o] == _ACTIVE and jurisdiction[a, o]:
                number += 1
                mapped += not suspects.marks[o]
                suspects.marks[o] = True
        known[a], within_reach[a] = number, reach
    return active, mapped


@kernel
def end_cases(
    ordinal: int,
    seed: int,
    suspects: Suspects,
    teams: Teams,
    threshold: float,
    officers: np.ndarray,
    arrest_rate: float,
    uid: np.ndarray,
    status: np.ndarray,
    place: np.ndarray,
    surge: np.ndarray,
    joint_share: float,
    ended: np.ndarray,
) -> int:
    """Which teams make an arrest today, of those whose case is ripe for one.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        suspects: Who is known.
        teams: Whom they work on.
        threshold: Log-odds from which an arrest can be made.
        officers: (authorities,) in teams' worth, see `rate_cases`.
        arrest_rate: See there.
        uid: (operators,) identifiers.
        status: (operators,) who is at work, and so can be arrested.
        place: (operators,) where they work.
        surge: (authorities, places) multiplier of the rate where an operator works, on the own
            ground.
        joint_share: Effect of a team on a partner's ground, against its own.
        ended: (teams,) filled with their rows.

    Returns:
        How many do.
    """
    rate_cases(officers, teams, arrest_rate)
    count = 0
    for team in teams.rows:
        operator, a = teams.target[team], teams.authority[team]
        if operator < 0 or suspects.cases[a, operator] < threshold:
            continue
        if status[operator] == _ACTIVE and suspects.partner[a, operator] >= 0:
            # an operation is on the own ground
            own = suspects.partner[a, operator] == a
            pace = teams.rate[a] * (surge[a, place[operator]] if own else joint_share)
            luck = uniform(seed, _ARREST, uid[operator], (ordinal << 8) + int(a))
            # the chance is at most the pace, which spares most an exponential
            if luck <= pace + _ROUNDING and luck < 1.0 - np.exp(-pace):
                ended[count] = team
                count += 1
    return count


@kernel
def catch_helpers(
    ordinal: int,
    seed: int,
    smuggler: np.ndarray,
    stopped: np.ndarray,
    pairs_leg: np.ndarray,
    uid: np.ndarray,
    per_person: float,
    scale: float,
    stop_authority: np.ndarray,
    until: np.ndarray,
    status: np.ndarray,
    out_until: np.ndarray,
    links: np.ndarray,
    stops: np.ndarray,
    where: np.ndarray,
    caught: np.ndarray,
    by: np.ndarray,
) -> int:
    """Operators at work who have a helper caught with the people they carry are out for some days.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        smuggler: (pairs,) operator of each pair.
        stopped: (pairs,) clients stopped today.
        pairs_leg: (pairs,) leg of each pair.
        uid: (operators,) identifiers.
        per_person: Chance of it for each person stopped.
        scale: Agents per person.
        stop_authority: (legs,) who mostly stops people; negative if nobody arrests anybody there.
        until: Day until which they are out.
        status: (operators,) who is at work, changed.
        out_until: (operators,) day a disruption ends, changed.
        links: (links, authorities + 1) today's counts of the chain, added to.
        stops: (operators,) work space; `where` too.
        where: See there.
        caught: (operators,) filled with their rows.
        by: (operators,) filled with who arrests them: the authority of the last leg with stops.

    Returns:
        How many there are.
    """
    stops[:] = 0
    for pair in range(pairs_leg.size):
        if stopped[pair] > 0:
            stops[smuggler[pair]] += stopped[pair]
            where[smuggler[pair]] = pairs_leg[pair]
    count = 0
    rate = -np.log(max(1.0 - per_person, 1e-300)) * _JUST_ABOVE_ONE
    for row in range(uid.size):
        if stops[row] > 0:
            luck = uniform(seed, _FLAGRANT, uid[row], ordinal)
            # the chance is at most the rate times the stops, which spares most a power
            if luck > rate * stops[row] / scale:
                continue
            authority = stop_authority[where[row]]
            if authority < 0 or status[row] != _ACTIVE:
                continue
            if luck < 1.0 - (1.0 - per_person) ** (stops[row] / scale):
                status[row], out_until[row] = _DISRUPTED, until
                links[_BRIEFLY, authority] += 1
                caught[count], by[count] = row, authority
                count += 1
    return count


@inner
def case_chance(log_odds: float) -> float:
    """Chance that an operator is one, from the log-odds of the case."""
    return 1.0 / (1.0 + np.exp(-min(max(log_odds, -50.0), 50.0)))


def workable_cases(
    officers: npt.NDArray[np.float64], teams: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
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
    """

    def __init__(self, world: World) -> None:
        authorities, units = len(world.corridor.authorities), world.units
        self._teams = np.flatnonzero(units.kind == UnitKind.INVESTIGATION)
        #: the first authority of a state stands for it
        state = np.arange(authorities)
        state[list(world.ground.uk)] = world.ground.uk[0]
        room, in_hand = np.empty((2, authorities), dtype=np.int64)
        self._table = Teams(
            self._teams, units.authority, units.target, np.full(units.authority.size, -1),
            np.bincount(units.authority[self._teams], minlength=authorities), state, room, in_hand,
            np.empty(authorities),
        )  # fmt: skip
        self._ended = np.empty_like(self._teams)
        self.suspects = Suspects.with_room(authorities, 0)
        #: (4, operators) work space, made anew when there are more
        self._numbers = np.empty((4, 0), dtype=np.int64)
        self._cooperation = Cooperation(world)

    @property
    def cases(self) -> npt.NDArray[np.float64]:
        """(authorities, operators) log-odds that each is an operator, as each authority sees it."""
        return self.suspects.cases

    def step(self, world: World) -> None:
        """Hand over, open and drop cases, arrest, and count what is known."""
        self._cooperation.receive(world)
        self._judge(world)
        self._assign(world)
        self._arrest(world)
        self._count(world)

    def _judge(self, world: World) -> None:
        """Weigh what every authority knows of every operator."""
        before, shape = self.suspects.handed, world.jurisdiction.shape
        if before.shape != shape:
            self.suspects = Suspects.with_room(*shape)
            self.suspects.handed[:, : before.shape[1]] = before
        self._cooperation.step(world, self.suspects)

    def _assign(self, world: World) -> None:
        """Free teams whose case is over or has gone cold, and give free ones the strongest."""
        s, policy, intelligence = world.smugglers, world.policy, world.parameters.intelligence
        assign_teams(
            world.ordinal, world.seed, self.suspects, self._table, policy.arrest_surge,
            world.jurisdiction, least_evidence(intelligence), intelligence.joint_share,
            intelligence.case_threshold, intelligence.lead_days, intelligence.lead_threshold,
            intelligence.organiser_priority, s.uid, s.role, s.status, s.place,
            policy.staff["investigation"], world.links,
        )  # fmt: skip

    def _arrest(self, world: World) -> None:
        """Each case can end in an arrest, with a chance a day."""
        units, s, policy = world.units, world.smugglers, world.policy
        intelligence, ended = world.parameters.intelligence, self._ended
        count = end_cases(
            world.ordinal, world.seed, self.suspects, self._table, intelligence.case_threshold,
            policy.staff["investigation"], intelligence.arrest_rate, s.uid, s.status, s.place,
            policy.arrest_surge, intelligence.joint_share, ended,
        )  # fmt: skip
        if not count:
            return
        done: set[int] = set()
        for team in ended[:count].tolist():
            row = int(units.target[team])
            # the arrest by a partner's joint team can have closed the case of this one
            if row >= 0 and row not in done:
                done.add(row)
                owner = int(units.authority[team])
                authority = int(self.suspects.partner[owner, row])
                self.take(world, row, authority)
                world.count(_ON_CASE, 1, authority)
                own = authority == owner  # an operation is of the authority alone
                if own and policy.arrest_surge[authority, s.place[row]] > 1.0:
                    world.count(_IN_OPERATION, 1, authority)
                if not own:
                    self._close_joint_case(world, team, owner)

    def _close_joint_case(self, world: World, team: int, owner: int) -> None:
        """The case of a team that worked with a partner is over with the partner's arrest."""
        world.units.target[team] = -1
        world.count(_JOINT, 1, owner)
        world.count(_CLOSED, 1, owner)
        world.count(_UNDER_WAY, -1, owner)

    def arrest_in_the_act(self, world: World) -> None:
        """Operators caught with the people they carry: the whole cell is out for some days."""
        s, intelligence = world.smugglers, world.parameters.intelligence
        if self._numbers.shape[1] != s.count:
            self._numbers = np.empty((4, s.count), dtype=np.int64)
        stops, where, caught, by = self._numbers
        count = catch_helpers(
            world.ordinal, world.seed, world.pairs.smuggler, world.pairs.stops, world.pairs_leg,
            s.uid, intelligence.arrest_per_stop, world.scale, world.legs.stop_authority,
            world.day + int(intelligence.helper_days), s.status, s.until, world.links, stops,
            where, caught, by,
        )  # fmt: skip
        world.ledger.arrested[world.day] += count
        for row, authority in zip(caught[:count].tolist(), by[:count].tolist(), strict=True):
            world.phones.append((row, authority, False))

    def take(self, world: World, row: int, authority: int) -> None:
        """Arrest on a case or in a raid: the head of a cell is held; phones speak of partners.

        The case of the authority itself is over.

        Args:
            world: The world.
            row: The operator.
            authority: Who arrests it.
        """
        agent = world.smuggler_agents[row]
        world.ledger.arrested[world.day] += 1
        world.phones.append((row, authority, True))
        target, teams = world.units.target, self._teams
        own = teams[world.units.authority[teams] == authority]
        closed = own[target[own] == row]
        target[closed] = -1
        world.count(_CLOSED, closed.size, authority)
        world.count(_UNDER_WAY, -closed.size, authority)
        remove(world, row, authority, 1.0)
        agent.hold(time_away(world, row))
        world.arrests.append(row)

    def take_helpers(self, world: World, row: int, authority: int, part: float) -> None:
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
        world.phones.append((row, authority, False))
        remove(world, row, authority, part)

    def _count(self, world: World) -> None:
        """Who is known to whom today."""
        s, ledger, day = world.smugglers, world.ledger, world.day
        active, mapped = count_known(
            self.suspects, world.jurisdiction, s.status,
            world.parameters.intelligence.case_threshold,
            ledger.cases[day], ledger.in_jurisdiction[day],
        )  # fmt: skip
        ledger.active[day] = active
        ledger.mapped[day] = mapped / active if active else 0.0
