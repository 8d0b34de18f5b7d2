"""Cases against operators whom an authority cannot arrest itself: joint teams and case files.

An authority that knows enough of such an operator works the case with a partner who can arrest it,
or hands the case over. Both depend on the channel between the two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import OWN_CLASSES
from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.compiled import kernel
from simulation.parameters import Group
from simulation.processes.routing import PAIRS, Channels
from simulation.processes.sharing import through_channel
from simulation.processes.world import World
from simulation.randomness import Decision, draw, uniform, uniforms

_CASE_FILE, _JOINT_TEAM = int(Decision.CASE_FILE), int(Decision.JOINT_TEAM)
_ACTIVE = int(Status.ACTIVE)
_HANDED_OVER = link("cases_handed_over")
#: nobody can arrest an operator for an authority
NOBODY = -1
_DRAWN = ("whether it is handed over", "how long it takes", "whether it survives")
_DRAWS = len(_DRAWN)  # of each case file
_WHETHER, _DELAY, _KEPT = range(_DRAWS)
_FILES = PAIRS * PAIRS * _DRAWS  # room for the draws of the files of a day on one operator


def least_evidence(intelligence: Group) -> float:
    """Log-odds below which nobody is worked on: a part of the evidence for a lead is left.

    Args:
        intelligence: The records of intelligence.
    """
    prior = intelligence.prior_log_odds
    return float(prior + intelligence.lead_drop_share * (intelligence.lead_threshold - prior))


@kernel
def find_partners(
    seed: int,
    cases: np.ndarray,
    least: float,
    jurisdiction: np.ndarray,
    agreement: np.ndarray,
    uid: np.ndarray,
    partner: np.ndarray,
) -> None:
    """Who arrests an operator for each authority: itself, the partner of a joint team, or nobody.

    Of several partners it is the one with whom it agrees most. Whether two agree on an operator is
    drawn once, so it does not change from day to day.

    Args:
        seed: Seed of the replication.
        cases: (authorities, operators) log-odds.
        least: Log-odds below which nobody is asked.
        jurisdiction: (authorities, operators) who can arrest whom.
        agreement: (authorities, authorities) share of cases on which two make a joint team, [owner,
            partner].
        uid: (operators,) identifiers.
        partner: (authorities, operators), filled with authorities, -1 for nobody.
    """
    authorities, operators = cases.shape
    for a in range(authorities):
        asked = 0
        for o in range(operators):
            partner[a, o] = a if jurisdiction[a, o] else NOBODY
        for o in range(operators):
            asked += (cases[a, o] >= least) & (not jurisdiction[a, o])
        if asked == 0:
            continue
        for o in range(operators):
            if jurisdiction[a, o] or cases[a, o] < least:
                continue
            most = 0.0
            for b in range(authorities):
                if jurisdiction[b, o] and agreement[a, b] > most:
                    luck = uniform(seed, _JOINT_TEAM, uid[o], a * PAIRS + b)
                    if luck < agreement[a, b]:
                        partner[a, o], most = b, agreement[a, b]


@kernel
def hand_over(
    ordinal: int,
    seed: int,
    cases: np.ndarray,
    threshold: float,
    cold_below: float,
    jurisdiction: np.ndarray,
    coverage: np.ndarray,
    uid: np.ndarray,
    status: np.ndarray,
    handed: np.ndarray,
    file: np.ndarray,
) -> int:
    """Which case files are handed over today: of cases now strong enough that others can act on.

    They go to those who can arrest the operator and do not know enough themselves.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        cases: (authorities, operators) log-odds.
        threshold: Log-odds from which an arrest can be made.
        cold_below: Log-odds below which it has gone cold, and can be handed over again later.
        jurisdiction: (authorities, operators) who can arrest whom.
        coverage: (authorities, authorities) share of cases handed over, [from, to].
        uid: (operators,) identifiers.
        status: (operators,) who is at work.
        handed: (authorities, operators) whether a case could be offered to anybody since it became
            so strong, changed.
        file: (room, 3) filled with who hands over, to whom, and the operator.

    Returns:
        How many.
    """
    count = 0
    authorities, operators = cases.shape
    for a in range(authorities):
        strong = 0
        for o in range(operators):
            handed[a, o] &= cases[a, o] >= cold_below
        for o in range(operators):
            strong += (cases[a, o] >= threshold) & (not jurisdiction[a, o])
        if strong == 0:
            continue
        for o in range(operators):
            if cases[a, o] < threshold or handed[a, o] or jurisdiction[a, o]:
                continue
            if status[o] != _ACTIVE:
                continue
            for b in range(authorities):
                if not jurisdiction[b, o] or coverage[a, b] <= 0.0 or count == file.shape[0]:
                    continue
                handed[a, o] = True
                if cases[b, o] >= threshold:  # it knows
                    continue
                occasion = ordinal * _FILES + (a * PAIRS + b) * _DRAWS + _WHETHER
                if uniform(seed, _CASE_FILE, uid[o], occasion) < coverage[a, b]:
                    file[count, 0], file[count, 1], file[count, 2] = a, b, o
                    count += 1
    return count


class Cooperation:
    """Joint teams, and case files on their way from one authority to another.

    Attributes:
        partner: (authorities, operators) who arrests an operator for each authority; `NOBODY`.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        authorities = len(world.corridor.authorities)
        self.partner = np.full((authorities, 0), NOBODY, dtype=np.int64)
        self._channels = Channels(world.corridor)
        self._handed = np.zeros((authorities, 0), dtype=bool)
        self._file = np.empty((0, 3), dtype=np.int64)  # room for all that is handed over in a day
        #: day due, receiver, operator, day written, and (sources,) log-odds by source
        self._files: list[tuple[int, int, int, int, npt.NDArray[np.float64]]] = []

    def receive(self, world: World) -> None:
        """Case files that are due join the evidence of their receivers."""
        if not self._files:
            return
        half_life = world.parameters.intelligence.half_life_days
        due = [file for file in self._files if file[0] <= world.day]
        self._files = [file for file in self._files if file[0] > world.day]
        for _, authority, operator, written, evidence in due:
            left = 2.0 ** (-(world.day - written) / half_life)
            world.pictures.raise_to(authority, operator, evidence * left)

    def step(self, world: World, cases: npt.NDArray[np.float64]) -> None:
        """Find partners, and hand over what others can act on.

        Args:
            world: The world.
            cases: (authorities, operators) log-odds.
        """
        intelligence, s, sharing = (
            world.parameters.intelligence,
            world.smugglers,
            world.policy.sharing,
        )
        threshold = intelligence.case_threshold
        cold_below = threshold * intelligence.case_drop_share
        self._channels.update(sharing, intelligence)
        if self.partner.shape != cases.shape:
            handed = np.zeros(cases.shape, dtype=bool)
            handed[:, : self._handed.shape[1]] = self._handed
            self._handed, self.partner = handed, np.empty(cases.shape, dtype=np.int64)
            self._file = np.empty((cases.size, 3), dtype=np.int64)
        find_partners(
            world.seed, cases, least_evidence(intelligence), world.jurisdiction,
            self._channels.worth, s.uid, self.partner,
        )  # fmt: skip
        count = hand_over(
            world.ordinal, world.seed, cases, threshold, cold_below, world.jurisdiction,
            sharing.coverage, s.uid, s.status, self._handed, self._file,
        )  # fmt: skip
        for giver, receiver, operator in self._file[:count].tolist():
            self._send(world, giver, receiver, operator)

    def _send(self, world: World, giver: int, receiver: int, operator: int) -> None:
        """Put a case file on its way: what the giver knows, by source, as far as it may tell."""
        sharing, uid = world.policy.sharing, int(world.smugglers.uid[operator])

        def luck(what: int) -> float:
            pair = giver * PAIRS + receiver
            occasion = world.ordinal * _FILES + pair * _DRAWS + what
            return float(draw(world.seed, Decision.CASE_FILE, uid, occasion))

        if luck(_KEPT) >= sharing.fidelity[giver, receiver]:
            return  # it arrives as its opposite, and what is known is not taken back
        world.count(_HANDED_OVER, 1, giver)
        wait = -np.log(luck(_DELAY)) * float(sharing.delay_days[giver, receiver])
        evidence = through_channel(
            self._case_file(world, giver, receiver, operator), sharing.fidelity[giver, receiver]
        )
        due = world.day + 1 + int(np.ceil(wait))
        self._files.append((due, receiver, operator, world.day, evidence))

    def _case_file(
        self, world: World, giver: int, receiver: int, operator: int
    ) -> npt.NDArray[np.float64]:
        """What a case file says by source, (sources,), as the receiver keeps it."""
        intelligence, pictures = world.parameters.intelligence, world.pictures
        known = pictures.parts[giver, operator] * pictures.fading[operator]
        file = np.zeros(known.size)
        self._channels.update(world.policy.sharing, intelligence)
        may = self._channels.may[:, giver]
        occasions = giver * PAIRS + np.arange(may.size)
        luck = uniforms(world.seed, Decision.HANDLING, world.smugglers.uid[operator], occasions)
        file[OWN_CLASSES:] = np.where(luck < may, known[OWN_CLASSES:], 0.0)
        file[OWN_CLASSES + giver] = min(known[:OWN_CLASSES].sum(), intelligence.class_cap)
        file[OWN_CLASSES + receiver] = 0.0  # what it told itself
        return file
