"""Cases and arrests. Only an authority on whose ground an operator works can arrest it there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import ORGANISERS, Status
from simulation.agents.unit import UnitKind
from simulation.compiled import kernel
from simulation.processes.world import World
from simulation.randomness import Decision, draw, uniforms


@kernel
def weigh_cases(
    evidence: np.ndarray,
    jurisdiction: np.ndarray,
    retired: np.ndarray,
    prior: float,
    cap: float,
    cases: np.ndarray,
) -> None:
    """Log-odds of every case, where the authority can act on it; -inf elsewhere.

    Args:
        evidence: (authorities, room, classes) log-odds from each class of evidence.
        jurisdiction: (authorities, operators) who can arrest whom.
        retired: (operators,) who is out of the market.
        prior: Log-odds before any evidence.
        cap: Most that one class of evidence can add or take away: facts of one kind repeat each
            other, so a case needs a second kind.
        cases: (authorities, operators), filled.
    """
    authorities, operators = jurisdiction.shape
    for a in range(authorities):
        for o in range(operators):
            cases[a, o] = -np.inf
            if jurisdiction[a, o] and not retired[o]:
                total = 0.0
                for c in range(evidence.shape[2]):
                    total += min(max(evidence[a, o, c], -cap), cap)
                cases[a, o] = prior + total


@kernel
def count_known(
    cases: np.ndarray,
    jurisdiction: np.ndarray,
    active: np.ndarray,
    threshold: float,
    known: np.ndarray,
    within_reach: np.ndarray,
    mapped: np.ndarray,
) -> None:
    """Count active operators by who knows them and who could arrest them.

    Args:
        cases: (authorities, operators) log-odds.
        jurisdiction: (authorities, operators) who can arrest whom.
        active: (operators,) who is at work.
        threshold: Log-odds from which an operator is known.
        known: (authorities,) filled with the active operators it knows.
        within_reach: (authorities,) filled with those it can arrest.
        mapped: (operators,) filled with whether anybody knows the operator.
    """
    mapped[:] = False
    for a in range(cases.shape[0]):
        known[a], within_reach[a] = 0, 0
        for o in range(cases.shape[1]):
            if active[o]:
                within_reach[a] += jurisdiction[a, o]
                if cases[a, o] >= threshold:
                    known[a] += 1
                    mapped[o] = True


def case_chance(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chance that an operator is one, from the log-odds of the case."""
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0)))


class Investigation:
    """Teams that work cases, and arrests in the act.

    Args:
        world: With its units.
    """

    def __init__(self, world: World) -> None:
        self._teams = np.flatnonzero(world.units.kind == UnitKind.INVESTIGATION)
        self.cases = np.zeros((len(world.corridor.authorities), 0))

    def step(self, world: World) -> None:
        """Open and drop cases, arrest, and count what is known."""
        self._judge(world)
        self._drop(world)
        self._open(world)
        self._arrest(world)
        self._count(world)

    def _judge(self, world: World) -> None:
        """Weigh every case an authority could act on."""
        intelligence, s = world.parameters.intelligence, world.smugglers
        self.cases = np.empty(world.jurisdiction.shape)
        weigh_cases(
            world.pictures.evidence, world.jurisdiction, s.status == Status.RETIRED,
            intelligence.prior_log_odds, intelligence.class_cap, self.cases,
        )  # fmt: skip

    def _drop(self, world: World) -> None:
        """Free the teams whose case is over or has gone cold."""
        units, s = world.units, world.smugglers
        intelligence = world.parameters.intelligence
        cold_below = intelligence.case_threshold * intelligence.case_drop_share
        busy = self._teams[units.target[self._teams] >= 0]
        target = units.target[busy]
        cold = self.cases[units.authority[busy], target] < cold_below
        units.target[busy[cold | (s.status[target] != Status.ACTIVE)]] = -1

    def _open(self, world: World) -> None:
        """Give free teams the strongest open cases, organisers first."""
        units, s = world.units, world.smugglers
        intelligence = world.parameters.intelligence
        authority_of, busy = units.authority[self._teams], units.target[self._teams] >= 0
        count = self.cases.shape[0]
        teams = np.bincount(authority_of, minlength=count)
        at_work = np.bincount(authority_of[busy], minlength=count)
        # as many cases as there are officers for, and teams to hold them
        officers = np.rint(world.policy.staff["investigation"]).astype(np.int64)
        open_to = np.minimum(officers, teams) - at_work
        strong = (self.cases >= intelligence.case_threshold) & (s.status == Status.ACTIVE)
        strong[authority_of[busy], units.target[self._teams[busy]]] = False  # under way
        for authority in np.flatnonzero((open_to > 0) & strong.any(axis=1)):
            free = self._teams[(authority_of == authority) & ~busy]
            rows = np.flatnonzero(strong[authority])
            worth = self.cases[authority, rows] + np.where(
                np.isin(s.role[rows], ORGANISERS), intelligence.organiser_priority, 0.0
            )
            ranked = rows[np.lexsort((s.uid[rows], -worth))].tolist()
            for team, target in zip(free[: open_to[authority]], ranked, strict=False):
                units.target[team] = target
                units.since[team] = world.day

    def _arrest(self, world: World) -> None:
        """Each case can end in an arrest, with a chance a day."""
        units, s, policy = world.units, world.smugglers, world.policy
        intelligence = world.parameters.intelligence
        busy = self._teams[units.target[self._teams] >= 0]
        target, authority = units.target[busy], units.authority[busy].astype(np.int64)
        # funding that cannot be seen in whole teams speeds the ones there are
        teams = np.bincount(units.authority[self._teams], minlength=self.cases.shape[0])
        strength = np.maximum(policy.staff["investigation"] / np.maximum(teams, 1), 0.0)
        surge = policy.arrest_surge[authority] * policy.arrest_surge_place[s.place[target]]
        chance = 1.0 - np.exp(-intelligence.arrest_rate * surge * strength[authority])
        luck = uniforms(
            world.seed, Decision.ARREST, s.uid[target], (world.ordinal << 8) + authority
        )
        done: set[int] = set()
        for k in np.flatnonzero(luck < chance).tolist():
            row = int(target[k])
            if row not in done:
                done.add(row)
                units.target[busy[k]] = -1
                self._take(world, row, int(authority[k]), major=True)

    def arrest_in_the_act(self, world: World) -> None:
        """Helpers caught with the people they carry: the cell is short of hands for some days."""
        pairs, s = world.pairs, world.smugglers
        enforcement = world.parameters.intelligence
        hit = np.flatnonzero(pairs.stops)
        if not hit.size:
            return
        stops = np.bincount(pairs.smuggler[hit], weights=pairs.stops[hit], minlength=s.count)
        rows = np.flatnonzero(stops)
        chance = 1.0 - (1.0 - enforcement.arrest_per_stop) ** (stops[rows] / world.scale)
        luck = uniforms(world.seed, Decision.FLAGRANT_ARREST, s.uid[rows], world.ordinal)
        for row in rows[luck < chance].tolist():
            leg = world.pairs_leg[hit[pairs.smuggler[hit] == row][-1]]
            authority = int(world.legs.stop_authority[leg])
            if authority >= 0 and s.status[row] == Status.ACTIVE:
                self._take(world, row, authority, major=False)

    def _take(self, world: World, row: int, authority: int, *, major: bool) -> None:
        """Arrest: the operator is out for good or for a time; phones speak of partners."""
        s, intelligence = world.smugglers, world.parameters.intelligence
        agent = world.smuggler_agents[row]
        world.ledger.arrested[world.day] += 1
        world.phones.append((row, authority, major))
        if not major:
            agent.disrupt(world.day + int(intelligence.helper_days))
            return
        convicted = draw(world.seed, Decision.CONVICTION, s.uid[row], world.ordinal)
        if convicted < intelligence.conviction_share:
            agent.retire()
            world.arrests.append(row)
        else:
            agent.disrupt(world.day + int(intelligence.custody_days))

    def _count(self, world: World) -> None:
        """Who is known to whom today."""
        s, ledger, day = world.smugglers, world.ledger, world.day
        active = s.status == Status.ACTIVE
        mapped = np.empty(s.count, dtype=bool)
        count_known(
            self.cases, world.jurisdiction, active,
            world.parameters.intelligence.case_threshold,
            ledger.cases[day], ledger.in_jurisdiction[day], mapped,
        )  # fmt: skip
        number = int(active.sum())
        ledger.active[day] = number
        ledger.mapped[day] = mapped.sum() / number if number else 0.0
