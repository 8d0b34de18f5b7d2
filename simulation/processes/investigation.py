"""Cases and arrests. Only an authority on whose ground an operator works can arrest it there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import ORGANISERS, Status
from simulation.agents.unit import UnitKind
from simulation.processes.world import World
from simulation.randomness import Decision, uniforms


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
        self._arrest_in_the_act(world)
        self._count(world)

    def _judge(self, world: World) -> None:
        """Log-odds of every case, where the authority can act on it; -inf elsewhere."""
        intelligence, count = world.parameters.intelligence, world.smugglers.count
        case = world.pictures.case(intelligence.prior_log_odds, intelligence.class_cap)
        self.cases = np.where(world.jurisdiction, case[:, :count], -np.inf)
        retired = world.smugglers.status == Status.RETIRED
        self.cases[:, retired] = -np.inf

    def _drop(self, world: World) -> None:
        """Free the teams whose case is over or has gone cold."""
        units, s = world.units, world.smugglers
        threshold = world.parameters.intelligence.case_threshold
        for row in self._teams[units.target[self._teams] >= 0]:
            target = int(units.target[row])
            cold = self.cases[units.authority[row], target] < threshold / 2
            if cold or s.status[target] != Status.ACTIVE:
                units.target[row] = -1

    def _open(self, world: World) -> None:
        """Give free teams the strongest open cases, organisers first."""
        units, s = world.units, world.smugglers
        intelligence = world.parameters.intelligence
        strong = (self.cases >= intelligence.case_threshold) & (s.status == Status.ACTIVE)
        for authority in np.flatnonzero(strong.any(axis=1)):
            teams = self._teams[units.authority[self._teams] == authority]
            taken = set(units.target[teams].tolist())
            free = teams[units.target[teams] < 0]
            staff = world.policy.staff["investigation"][authority]
            open_to = max(0, round(float(staff)) - (teams.size - free.size))
            if not teams.size or not open_to:
                continue
            rows = np.flatnonzero(strong[authority])
            worth = self.cases[authority, rows] + np.where(
                np.isin(s.role[rows], ORGANISERS), intelligence.organiser_priority, 0.0
            )
            ranked = [int(r) for r in rows[np.lexsort((s.uid[rows], -worth))] if r not in taken]
            for team, target in zip(free[:open_to], ranked, strict=False):
                units.target[team] = target
                units.since[team] = world.day

    def _arrest(self, world: World) -> None:
        """Each case can end in an arrest, with a chance a day."""
        units, s, policy = world.units, world.smugglers, world.policy
        intelligence = world.parameters.intelligence
        staff = policy.staff["investigation"]
        done: set[int] = set()
        for row in self._teams[units.target[self._teams] >= 0]:
            target, authority = int(units.target[row]), int(units.authority[row])
            teams = np.count_nonzero(units.authority[self._teams] == authority)
            # funding that cannot be seen in whole teams speeds the ones there are
            strength = float(staff[authority]) / max(teams, 1)
            surge = policy.arrest_surge[authority] * policy.arrest_surge_place[s.place[target]]
            chance = 1.0 - np.exp(-intelligence.arrest_rate * surge * max(strength, 0.0))
            draw = uniforms(
                world.seed, Decision.ARREST, s.uid[target], (world.ordinal << 8) + authority
            )
            if draw < chance and target not in done:
                done.add(target)
                units.target[row] = -1
                self._take(world, target, authority, major=True)

    def _arrest_in_the_act(self, world: World) -> None:
        """Helpers caught with the people they carry: the cell is short of hands for some days."""
        pairs, s = world.pairs, world.smugglers
        enforcement = world.parameters.intelligence
        hit = np.flatnonzero(pairs.stops)
        if not hit.size:
            return
        stops = np.bincount(pairs.smuggler[hit], weights=pairs.stops[hit], minlength=s.count)
        rows = np.flatnonzero(stops)
        chance = 1.0 - (1.0 - enforcement.arrest_per_stop) ** (stops[rows] / world.scale)
        draw = uniforms(world.seed, Decision.FLAGRANT_ARREST, s.uid[rows], world.ordinal)
        caught = rows[draw < chance]
        leg_of = {int(pairs.smuggler[k]): int(world.pairs_leg[k]) for k in hit}
        for row in caught:
            authority = int(world.legs.stop_authority[leg_of[int(row)]])
            if authority >= 0 and s.status[row] == Status.ACTIVE:
                self._take(world, int(row), authority, major=False)

    def _take(self, world: World, row: int, authority: int, *, major: bool) -> None:
        """Arrest: the operator is out for good or for a time; phones speak of partners."""
        s, intelligence = world.smugglers, world.parameters.intelligence
        agent = world.smuggler_agents[row]
        world.ledger.arrested[world.day] += 1
        world.phones.append((row, authority, major))
        if not major:
            agent.disrupt(world.day + int(intelligence.helper_days))
            return
        convicted = uniforms(world.seed, Decision.CONVICTION, s.uid[row], world.ordinal)
        if convicted < intelligence.conviction_share:
            agent.retire()
            world.arrests.append(row)
        else:
            agent.disrupt(world.day + int(intelligence.custody_days))

    def _count(self, world: World) -> None:
        """Who is known to whom today."""
        s, ledger, day = world.smugglers, world.ledger, world.day
        threshold = world.parameters.intelligence.case_threshold
        active = s.status == Status.ACTIVE
        known = (self.cases >= threshold) & active
        number = int(active.sum())
        ledger.active[day] = number
        ledger.mapped[day] = known.any(axis=0).sum() / number if number else 0.0
        ledger.cases[day] = known.sum(axis=1)
        ledger.in_jurisdiction[day] = (world.jurisdiction & active).sum(axis=1)

    def supplier_cases(self, world: World) -> npt.NDArray[np.float64]:
        """Chance that each operator is one, as each authority sees it, (authorities, operators)."""
        return 1.0 / (1.0 + np.exp(-np.clip(self.cases, -50.0, 50.0)))

