"""Cases against operators whom an authority cannot arrest itself: joint teams and case files.

An authority with enough evidence on such an operator works the case with a partner who can arrest
it, or hands the case over. Both depend on the channel between the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.model.agents.authority import OWN_CLASSES
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.processes.intelligence.sharing import Channels, ChannelsToday, through_channel
from simulation.model.processes.world import DayContext, World
from simulation.randomness import PAIRS, Decision, draw, uniform, uniforms

_HANDED_OVER = link("cases_handed_over")
#: nobody can arrest an operator for an authority
NOBODY = -1
_DRAWN = ("whether it is handed over", "how long it takes", "whether it survives")
_DRAWS = len(_DRAWN)  # of each case file
_WHETHER, _DELAY, _FIDELITY = range(_DRAWS)
_FILES = PAIRS * PAIRS * _DRAWS  # room for the draws of the files of a day on one operator
_COLUMNS = ("who hands over", "to whom", "the operator")  # of a table of case files
_GIVER, _RECEIVER, _OPERATOR = range(len(_COLUMNS))


class Suspects(NamedTuple):
    """Operators as authorities see them; (authorities, operators or more) unless said."""

    cases: Floats  # log-odds that each is an operator; -inf of those who are gone
    partner: npt.NDArray[np.int16]  # who arrests it for an authority, -1 if nobody
    handed: Bools  # whether the case could be offered since it became so strong
    listed: npt.NDArray[np.int32]  # rows of those who are suspected at all, in order
    number: Ints  # (authorities,) how many are listed
    marks: Bools  # (operators or more,) work space
    others: Ints  # (authorities,) work space

    @staticmethod
    def with_room(authorities: int, operators: int) -> Suspects:
        """Room for so many, without any evidence yet."""
        shape = authorities, operators
        return Suspects(
            np.full(shape, -np.inf), np.full(shape, -1, dtype=np.int16),
            np.zeros(shape, dtype=bool), np.empty(shape, dtype=np.int32),
            np.zeros(authorities, dtype=np.int64), np.empty(operators, dtype=bool),
            np.empty(authorities, dtype=np.int64),
        )  # fmt: skip


@inner
def least_evidence(now: DayContext) -> float:
    """Log-odds below which no operator is investigated: a part of the threshold for a lead."""
    intelligence = now.intelligence
    prior = intelligence.prior_log_odds
    return prior + intelligence.lead_drop_share * (intelligence.lead_threshold - prior)


@inner
def _list_suspects(
    totals: np.ndarray, s: SmugglerColumns, prior: float, lowest: float, suspects: Suspects
) -> None:
    """Fill in each authority's case on every operator, and list those from `lowest` log-odds on."""
    gone = suspects.marks  # side by side, where the table of operators has them far apart
    for o in range(s.status.size):
        gone[o] = s.status[o] == Status.RETIRED
    for a in range(suspects.number.size):
        number = 0
        for o in range(s.status.size):
            case = -np.inf if gone[o] else prior + totals[a, o]
            suspects.cases[a, o] = case
            # a sum without a branch, which a processor could not predict
            suspects.listed[a, number] = o
            number += case >= lowest
        suspects.number[a] = number


@inner
def _list_willing(a: int, agreement: np.ndarray, others: np.ndarray) -> int:
    """Fill in those who make joint teams with an authority; returns how many there are."""
    count = 0
    for b in range(others.size):
        others[count] = b
        count += agreement[a, b] > 0.0
    return count


@inner
def _choose_partner(
    seed: int,
    a: int,
    uid: np.uint64,
    willing: np.ndarray,
    can_arrest: np.ndarray,
    agreement: np.ndarray,
) -> int:
    """Of those who agree to arrest an operator for an authority, the one it agrees with most.

    `can_arrest` is (authorities,), `willing` those who are asked. Returns NOBODY if none agrees.
    """
    partner, most = NOBODY, 0.0
    for b in willing:
        if can_arrest[b] and agreement[a, b] > most:
            u = uniform(seed, Decision.JOINT_TEAM, uid, a * PAIRS + b)
            if u < agreement[a, b]:
                partner, most = b, agreement[a, b]
    return partner


@inner
def find_partners(
    seed: int,
    suspects: Suspects,
    least: float,
    jurisdiction: np.ndarray,
    agreement: np.ndarray,
    uid: np.ndarray,
) -> None:
    """Who arrests an operator for each authority: itself, the partner of a joint team, or nobody.

    Of several partners it is the one with whom it agrees most. Whether two agree on an operator is
    drawn once, so it does not change from day to day.

    Args:
        seed: Seed of the replication.
        suspects: Who is listed; partners are filled in, nobody for those who are not listed.
        least: Log-odds below which nobody is asked.
        jurisdiction: (authorities, operators) who can arrest whom.
        agreement: (authorities, authorities) share of cases on which two make a joint team, [owner,
            partner].
        uid: (operators,) identifiers.
    """
    partner = suspects.partner
    for a in range(suspects.number.size):
        for o in range(uid.size):
            partner[a, o] = NOBODY
        willing = suspects.others[: _list_willing(a, agreement, suspects.others)]
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            if jurisdiction[a, o]:
                partner[a, o] = a
            elif suspects.cases[a, o] >= least:
                can_arrest = jurisdiction[:, o]
                partner[a, o] = _choose_partner(seed, a, uid[o], willing, can_arrest, agreement)


@inner
def _offer_case(
    now: DayContext,
    a: int,
    o: int,
    suspects: Suspects,
    jurisdiction: np.ndarray,
    coverage: np.ndarray,
    uid: np.uint64,
    file: np.ndarray,
    count: int,
) -> int:
    """Hand a case to those who can arrest the operator, have no such case, and are sent a file.

    Files are filled in from number `count` on; the arguments are those of `hand_over`. Returns how
    many files there are then.
    """
    cases = suspects.cases
    for b in range(suspects.number.size):
        if not jurisdiction[b, o] or coverage[a, b] <= 0.0 or count == file.shape[0]:
            continue
        suspects.handed[a, o] = True
        if cases[b, o] >= now.intelligence.case_threshold:
            continue
        occasion = now.ordinal * _FILES + (a * PAIRS + b) * _DRAWS + _WHETHER
        if uniform(now.seed, Decision.CASE_FILE, uid, occasion) < coverage[a, b]:
            file[count, _GIVER], file[count, _RECEIVER], file[count, _OPERATOR] = a, b, o
            count += 1
    return count


@inner
def hand_over(
    now: DayContext,
    suspects: Suspects,
    cold_below: float,
    jurisdiction: np.ndarray,
    coverage: np.ndarray,
    s: SmugglerColumns,
    file: np.ndarray,
) -> int:
    """Choose the case files to hand over today: cases newly strong enough for others to act on.

    They go to authorities that can arrest the operator and have no such case themselves.

    Args:
        now: The day, and what is assumed.
        suspects: Who is listed; whose case could be offered is changed.
        cold_below: Log-odds below which a case has gone cold, and can be handed over again later.
        jurisdiction: (authorities, operators) who can arrest whom.
        coverage: (authorities, authorities) share of cases handed over, [from, to].
        s: The operators.
        file: (room, 3) filled with the columns `_GIVER`, `_RECEIVER` and `_OPERATOR`.

    Returns:
        How many.
    """
    count, threshold = 0, now.intelligence.case_threshold
    cases, handed = suspects.cases, suspects.handed
    for a in range(suspects.number.size):
        for o in range(s.uid.size):
            handed[a, o] &= cases[a, o] >= cold_below
        for k in range(suspects.number[a]):
            o = suspects.listed[a, k]
            if cases[a, o] < threshold or handed[a, o] or jurisdiction[a, o]:
                continue
            if s.status[o] == Status.ACTIVE:
                count = _offer_case(
                    now, a, o, suspects, jurisdiction, coverage, s.uid[o], file, count
                )
    return count


@kernel
def _judge_suspects(
    packed: np.ndarray,
    totals: np.ndarray,
    suspects: Suspects,
    jurisdiction: np.ndarray,
    agreement: np.ndarray,
    coverage: np.ndarray,
    s: SmugglerColumns,
    file: np.ndarray,
) -> int:
    """Find today's suspects, who arrests them for whom, and the case files to hand over.

    `totals` is (authorities, room) log-odds from all sources of evidence; the others are those of
    `find_partners` and `hand_over`. Returns how many files are handed over.
    """
    now = packed[0]
    intelligence, least = now.intelligence, least_evidence(now)
    lowest = min(least, intelligence.case_threshold, intelligence.lead_threshold)
    _list_suspects(totals, s, intelligence.prior_log_odds, lowest, suspects)
    find_partners(now.seed, suspects, least, jurisdiction, agreement, s.uid)
    cold_below = intelligence.case_threshold * intelligence.case_drop_share
    return hand_over(now, suspects, cold_below, jurisdiction, coverage, s, file)


def strongest_case_first(
    rows: npt.NDArray[np.intp], cases: Floats, u: Floats
) -> npt.NDArray[np.intp]:
    """Order operators by the strongest case of any authority against each.

    Args:
        rows: The operators.
        cases: (authorities, operators) log-odds.
        u: (rows,) uniform numbers that order equal cases, lowest first.

    Returns:
        The rows, the strongest case first.
    """
    return rows[np.lexsort((u, -cases[:, rows].max(axis=0)))]


class Cooperation:
    """Joint teams, and case files on their way from one authority to another.

    Args:
        channels: How facts pass between authorities.
    """

    def __init__(self, channels: ChannelsToday) -> None:
        self._channels = channels
        #: room for all that is handed over in a day
        self._file = np.empty((0, len(_COLUMNS)), dtype=np.int64)
        #: day due, receiver, operator, day written, and (sources,) log-odds by source
        self._files: list[tuple[int, int, int, int, Floats]] = []

    def _channels_of(self, world: World) -> Channels:
        return self._channels.of(world.policy.sharing, world.parameters.intelligence)

    def receive(self, world: World) -> None:
        """Add case files that are due to the evidence of their receivers."""
        if not self._files:
            return
        half_life = world.parameters.intelligence.half_life_days
        due = [file for file in self._files if file[0] <= world.day]
        self._files = [file for file in self._files if file[0] > world.day]
        for _, authority, operator, written, evidence in due:
            left = 2.0 ** (-(world.day - written) / half_life)
            world.beliefs.raise_to(authority, operator, evidence * left)

    def step(self, world: World, suspects: Suspects) -> None:
        """Weigh the evidence, find partners, and hand over cases that others can act on.

        Args:
            world: The world.
            suspects: Filled.
        """
        channels = self._channels_of(world)
        if self._file.shape[0] < suspects.cases.size:
            self._file = np.empty((suspects.cases.size, len(_COLUMNS)), dtype=np.int64)
        count = _judge_suspects(
            world.now, world.beliefs.totals, suspects, world.jurisdiction, channels.worth,
            channels.coverage, world.smugglers.rows, self._file,
        )  # fmt: skip
        for giver, receiver, operator in self._file[:count].tolist():
            self._send(world, giver, receiver, operator)

    def _send(self, world: World, giver: int, receiver: int, operator: int) -> None:
        """Send a case file: the giver's evidence by source, as far as it may pass it on."""
        sharing, uid = world.policy.sharing, int(world.smugglers.uid[operator])

        def u(what: int) -> float:
            pair = giver * PAIRS + receiver
            occasion = world.ordinal * _FILES + pair * _DRAWS + what
            return float(draw(world.seed, Decision.CASE_FILE, uid, occasion))

        if u(_FIDELITY) >= sharing.fidelity[giver, receiver]:
            return  # it arrives as its opposite, which removes no evidence of the receiver
        world.count(_HANDED_OVER, 1, giver)
        wait = -np.log(u(_DELAY)) * float(sharing.delay_days[giver, receiver])
        evidence = through_channel(
            self.case_file(world, giver, receiver, operator), sharing.fidelity[giver, receiver]
        )
        due = world.day + 1 + int(np.ceil(wait))
        self._files.append((due, receiver, operator, world.day, evidence))

    def case_file(self, world: World, giver: int, receiver: int, operator: int) -> Floats:
        """Log-odds in a case file by source, (sources,), as the receiver stores them."""
        intelligence, beliefs = world.parameters.intelligence, world.beliefs
        evidence = beliefs.parts[giver, operator] * beliefs.fading[operator]
        file = np.zeros(evidence.size)
        may = self._channels_of(world).may[:, giver]
        occasions = giver * PAIRS + np.arange(may.size)
        u = uniforms(world.seed, Decision.HANDLING, world.smugglers.uid[operator], occasions)
        file[OWN_CLASSES:] = np.where(u < may, evidence[OWN_CLASSES:], 0.0)
        file[OWN_CLASSES + giver] = min(evidence[:OWN_CLASSES].sum(), intelligence.class_cap)
        file[OWN_CLASSES + receiver] = 0.0  # what came from the receiver itself
        return file
