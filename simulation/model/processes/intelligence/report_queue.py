"""Reports that wait to be processed by analysts, compiled: which are processed today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Floats, Ints, inner, kernel, table, with_room
from simulation.model.agents.authority import OWN_CLASSES
from simulation.model.agents.smuggler import SmugglerColumns
from simulation.model.processes.tables import in_business

_DELIVERED, _PROCESSED, _PROCESSED_SHARED = (
    link("delivered"), link("processed"), link("processed_shared"),
)  # fmt: skip
_USABLE, _USABLE_SHARED = link("usable"), link("usable_shared")
_EXPIRED, _WAITING, _INNOCENT = link("expired"), link("waiting"), link("innocent")
#: what can be done with a fact: nothing, tell a partner who can act, or act
IDLE, BY_PARTNER, BY_ITSELF = 0, 1, 2
#: day on which a fact arrives where it never does, or has been worked through
NEVER = 1 << 30
#: evidence that has faded to less than this part is nothing
_FORGOTTEN = 1e-60


class Reports(NamedTuple):
    """Facts on their way or waiting to be processed, in the order they were learnt; (facts,).

    They are kept as a `table` of these columns, which compiled code takes.
    """

    due: npt.NDArray[np.int32]  # day it arrives
    to: npt.NDArray[np.int16]  # authority
    #: row of the operator it names; its complement (`~row`) where the person named is nobody in the
    #: trade but is taken to be such an operator
    operator: npt.NDArray[np.int32]
    group: npt.NDArray[np.int16]  # source of evidence: own class, or origin after those classes
    weight: Floats  # log-odds on the day it was learnt
    learnt: npt.NDArray[np.int32]  # day
    key: npt.NDArray[np.uint64]
    recipients: Ints  # authorities it arrives at or was handed to, as bits


class ReportQueue:
    """Reports in a longer table, so that the facts of a day need not move the others.

    Facts that are worked through are due on `NEVER` and stay until there is no room for others.
    """

    def __init__(self) -> None:
        self._room = table(Reports, 0)
        self._first, self._last = 0, 0

    def __setstate__(self, state: Mapping[str, object]) -> None:
        self.__dict__.update(state)
        # the very type of a new table, or Numba compares the two field by field at each call
        self._room = self._room.view(table(Reports, 0).dtype)

    @property
    def reports(self) -> Reports:
        """The facts on their way or waiting, a view whose columns are attributes."""
        self._take_out_done()
        view: Any = self.with_done().view(np.recarray)
        return view

    def with_done(self) -> Any:
        """The facts on their way, waiting or worked through since there was room, as a view."""
        return self._room[self._first : self._last]

    def drop(self, facts: int) -> None:
        """Drop so many facts, the oldest."""
        self._first += facts

    def put(self, facts: int) -> tuple[Any, int]:
        """Take in so many more facts after the others; returns a table and where to begin there."""
        columns, start = self.room_for(facts)
        self._last += facts
        return columns, start

    def room_for(self, facts: int) -> tuple[Any, int]:
        """Where `put` would write, without taking in anything."""
        if self._last + facts > self._room.size:
            self._take_out_done()
            old = self.with_done()
            self._room = table(Reports, 2 * (old.size + facts))
            self._room[: old.size] = old
            self._first, self._last = 0, old.size
        return self._room, self._last

    def _take_out_done(self) -> None:
        """Close the gaps that facts leave that are worked through."""
        facts = self.with_done()
        left = facts[facts["due"] != NEVER]
        facts[: left.size] = left
        self._last = self._first + left.size


class Knowledge(NamedTuple):
    """Operators, and the evidence on them; see `AuthorityBeliefs`."""

    s: SmugglerColumns  # their `rows`
    parts: Floats  # (authorities, room, sources) log-odds before fading
    fading: Floats  # (room,) what is left of the parts
    totals: Floats  # (authorities, room) faded log-odds of all sources


class QueueSpace(NamedTuple):
    """Work space of `process_reports`."""

    today: Ints  # (authorities,)
    number: Ints  # (authorities,)
    chosen: Ints  # (authorities, room)
    worth: Floats  # (authorities, room)
    least: Floats  # (authorities,)
    faded: Floats  # (operators or more,)

    @staticmethod
    def with_room(authorities: int, most: int, operators: int) -> QueueSpace:
        """For so many authorities, facts that one of them works through, and operators."""
        both = authorities, most
        return with_room(QueueSpace, authorities, chosen=both, worth=both, faded=operators)


@inner
def _forget(knowledge: Knowledge, operator: int) -> None:
    """Clear the evidence of all authorities on an operator."""
    authorities, _, sources = knowledge.parts.shape
    for a in range(authorities):
        knowledge.totals[a, operator] = 0.0
        for source in range(sources):
            knowledge.parts[a, operator, source] = 0.0
    knowledge.fading[operator] = 1.0


@inner
def fade_evidence(
    knowledge: Knowledge, day: int, at_large: float, lying_low: float, left: np.ndarray
) -> None:
    """Let evidence on each operator fade; clear the parts of which almost nothing is left.

    Args:
        knowledge: Evidence on operators, changed.
        day: Today.
        at_large: What is left of a day's evidence the day after.
        lying_low: The same on operators who lie low.
        left: (operators or more,) work space.
    """
    operators = knowledge.s.dark_until.size
    for o in range(operators):
        left[o] = lying_low if knowledge.s.dark_until[o] > day else at_large
    for a in range(knowledge.totals.shape[0]):
        for o in range(operators):
            knowledge.totals[a, o] *= left[o]
    for o in range(operators):
        knowledge.fading[o] *= left[o]
        if knowledge.fading[o] < _FORGOTTEN:
            _forget(knowledge, o)


@inner
def add_evidence(
    knowledge: Knowledge, authority: int, operator: int, source: int, weight: float, cap: float
) -> None:
    """Add a fact to the evidence of its source.

    Facts of one source repeat each other: the first counts in full, and each further one by the
    part that is left up to the cap. Facts of one weight w thus add w, w r, w r^2, ... with
    r = 1 - w / cap, which sum to the cap. What contradicts the source so far counts in full.

    Args:
        knowledge: Evidence on operators, changed.
        authority: Who learns it.
        operator: The operator.
        source: Where it comes from.
        weight: Log-odds.
        cap: Most that one source can add or take away.
    """
    before = knowledge.parts[authority, operator, source] * knowledge.fading[operator]
    gain = weight
    if before * weight > 0.0:
        gain *= max(1.0 - abs(before) / cap, 0.0)
    most = max(cap, abs(before))
    after = min(max(before + gain, -most), most)
    knowledge.parts[authority, operator, source] = after / knowledge.fading[operator]
    knowledge.totals[authority, operator] += after - before


@inner
def _daily_capacity(ordinal: int, capacity: np.ndarray, today: np.ndarray) -> None:
    """Fill in the facts that each authority can process today; less than one a day in turns."""
    for a in range(today.size):
        daily = max(capacity[a], 0.0)
        today[a] = int(np.floor(daily * (ordinal + 1)) - np.floor(daily * ordinal))


@inner
def choose_reports(
    day: int,
    reports: Reports,
    left: np.ndarray,
    use: np.ndarray,
    worth_of_use: np.ndarray,
    work: QueueSpace,
) -> None:
    """The facts each authority works through today: the most useful, weightiest and freshest.

    Args:
        day: Today.
        reports: All facts.
        left: (age + 1,) what is left of a fact's weight after some days.
        use: (authorities, operators) what can be done with a fact on each.
        worth_of_use: (uses,) what that is worth.
        work: Filled with the facts that each authority works through, the best first. Its `today`
            has the number of facts that each can process.
    """
    chosen, worth, number, least = work.chosen, work.worth, work.number, work.least
    for a in range(work.today.size):
        number[a], least[a] = 0, 0.0 if work.today[a] > 0 else np.inf
    # the last to come in are the freshest: seen first, they leave most others no place
    for k in range(reports.due.size - 1, -1, -1):
        a = reports.to[k]
        operator = max(reports.operator[k], ~reports.operator[k])
        value = abs(reports.weight[k]) * left[day - reports.learnt[k]]
        value *= worth_of_use[use[a, operator]]
        # one branch, nearly always taken; whether a fact has arrived could not be predicted
        if (value if reports.due[k] <= day else -1.0) < least[a]:
            continue
        at = number[a]  # where it stands among the chosen
        while at > 0 and (
            worth[a, at - 1] < value
            or (worth[a, at - 1] == value and reports.key[chosen[a, at - 1]] >= reports.key[k])
        ):
            at -= 1
        if at >= work.today[a]:
            continue
        number[a] = min(number[a] + 1, work.today[a])
        for later in range(number[a] - 1, at, -1):
            chosen[a, later], worth[a, later] = chosen[a, later - 1], worth[a, later - 1]
        chosen[a, at], worth[a, at] = k, value
        if number[a] == work.today[a]:
            least[a] = worth[a, number[a] - 1]


@inner
def _add_reports(
    day: int,
    reports: Reports,
    left: np.ndarray,
    knowledge: Knowledge,
    use: np.ndarray,
    memory_days: int,
    cap: float,
    chain: np.ndarray,
    work: QueueSpace,
) -> int:
    """Add to the evidence what is worked through today; that is then due on `NEVER`.

    Returns how many facts, the oldest, are dropped.
    """
    for a in range(work.number.size):
        mine = work.chosen[a, : work.number[a]]
        _sort_few(mine)
        for k in mine:
            operator, age = reports.operator[k], day - reports.learnt[k]
            reports.due[k] = NEVER
            shared = reports.group[k] >= OWN_CLASSES
            chain[day, _PROCESSED, a] += 1
            chain[day, _PROCESSED_SHARED, a] += shared
            if operator < 0:
                chain[day, _INNOCENT, a] += 1
                continue
            usable = use[a, operator] != IDLE and in_business(knowledge.s, operator)
            chain[day, _USABLE, a] += usable
            chain[day, _USABLE_SHARED, a] += usable and shared
            fresh = left[1, age] if knowledge.s.dark_until[operator] > day else left[0, age]
            weight = reports.weight[k] * fresh
            add_evidence(knowledge, a, operator, reports.group[k], weight, cap)
    dropped = 0
    while dropped < reports.due.size and day - reports.learnt[dropped] > memory_days:
        chain[day, _EXPIRED, reports.to[dropped]] += reports.due[dropped] <= day
        dropped += 1
    for a in range(work.number.size):
        left_over = chain[day - 1, _WAITING, a] if day > 0 else 0.0
        gone = chain[day, _PROCESSED, a] + chain[day, _EXPIRED, a]
        chain[day, _WAITING, a] = left_over + chain[day, _DELIVERED, a] - gone
    return dropped


@inner
def _sort_few(numbers: np.ndarray) -> None:
    """Sort a few numbers, the lowest first."""
    for i in range(1, numbers.size):
        number, at = numbers[i], i
        while at > 0 and numbers[at - 1] > number:
            numbers[at] = numbers[at - 1]
            at -= 1
        numbers[at] = number


@kernel
def process_reports(
    packed: np.ndarray,
    reports: Reports,
    capacity: np.ndarray,
    left: np.ndarray,
    knowledge: Knowledge,
    use: np.ndarray,
    worth_of_use: np.ndarray,
    hubs: np.ndarray,
    chain: np.ndarray,
    work: QueueSpace,
    fused: Reports,
) -> tuple[int, int]:
    """A morning of all analysts: evidence fades; reports are chosen and added to it, or dropped.

    Args:
        packed: The day, and what is assumed (`World.now`).
        reports: The oldest first; what is worked through is due on `NEVER`.
        capacity: (authorities,) facts a day that can be worked through.
        left: (2, age + 1) what is left of a fact's weight after some days: of operators at large
            and of those lying low.
        knowledge: What is known of operators, changed.
        use: (authorities, operators) what can be done with a fact on each.
        worth_of_use: (uses,) what that is worth.
        hubs: (authorities,) who is one.
        chain: (days, links, authorities + 1) counts of the chain; those of today are added to.
        work: Work space.
        fused: Filled with copies of the reports that hubs process.

    Returns:
        How many reports are dropped, the oldest, and how many hubs process.
    """
    now = packed[0]
    fade_evidence(knowledge, now.day, left[0, 1], left[1, 1], work.faded)
    _daily_capacity(now.ordinal, capacity, work.today)
    choose_reports(now.day, reports, left[0], use, worth_of_use, work)
    by_hubs = 0
    for hub in range(hubs.size):
        if hubs[hub]:
            for place in range(work.number[hub]):
                k, n = work.chosen[hub, place], by_hubs
                fused.due[n], fused.to[n] = reports.due[k], reports.to[k]
                fused.operator[n], fused.group[n] = reports.operator[k], reports.group[k]
                fused.weight[n], fused.learnt[n] = reports.weight[k], reports.learnt[k]
                fused.key[n], fused.recipients[n] = reports.key[k], reports.recipients[k]
                by_hubs += 1
    intelligence = now.intelligence
    dropped = _add_reports(
        now.day, reports, left, knowledge, use, intelligence.memory_days, intelligence.class_cap,
        chain, work,
    )  # fmt: skip
    return dropped, by_hubs
