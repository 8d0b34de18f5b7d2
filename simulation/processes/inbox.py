"""What waits on the desks of analysts, compiled: which facts are worked through today."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import OWN_CLASSES
from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.compiled import inner, kernel

_RETIRED, _HELD = int(Status.RETIRED), int(Status.HELD)
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


class Inbox(NamedTuple):
    """Facts on their way or waiting to be processed, in the order they were learnt; (facts,)."""

    due: npt.NDArray[np.int32]  # day it arrives
    to: npt.NDArray[np.int16]  # authority
    #: row of the operator it names; its complement (`~row`) where the person named is nobody in the
    #: trade but is taken to be such an operator
    operator: npt.NDArray[np.int32]
    group: npt.NDArray[np.int16]  # source of evidence: own class, or origin after those classes
    weight: npt.NDArray[np.float64]  # log-odds on the day it was learnt
    learnt: npt.NDArray[np.int32]  # day
    key: npt.NDArray[np.uint64]
    told: npt.NDArray[np.int64]  # authorities it arrives at or was handed to, as bits

    @staticmethod
    def with_room(facts: int) -> Inbox:
        """Columns for so many facts, still to be filled in: all are read every morning."""
        due, operator, learnt = np.empty((3, facts), dtype=np.int32)
        to, group = np.empty((2, facts), dtype=np.int16)
        told = np.empty(facts, dtype=np.int64)
        weight, key = np.empty(facts), np.empty(facts, dtype=np.uint64)
        return Inbox(due, to, operator, group, weight, learnt, key, told)

    def between(self, first: int, last: int) -> Inbox:
        """The facts from one to before another, as views."""
        return Inbox._make([column[first:last] for column in self])


class Desk:
    """Holds an inbox in longer columns, so that the facts of a day need not move the others.

    Facts that are worked through are due on `NEVER` and stay until there is no room for others.
    """

    def __init__(self) -> None:
        self._room = Inbox.with_room(0)
        self._first, self._last = 0, 0

    @property
    def inbox(self) -> Inbox:
        """The facts on their way or waiting, as views."""
        self._take_out_done()
        return self._room.between(self._first, self._last)

    @property
    def columns(self) -> tuple[Inbox, int, int]:
        """The longer columns, where the facts that are there begin, and where they end."""
        return self._room, self._first, self._last

    def drop(self, facts: int) -> None:
        """Drop so many facts, the oldest."""
        self._first += facts

    def put(self, facts: int) -> tuple[Inbox, int]:
        """Take in so many more facts after the others; returns columns and where to begin there."""
        columns, start = self.room_for(facts)
        self._last += facts
        return columns, start

    def room_for(self, facts: int) -> tuple[Inbox, int]:
        """Where `put` would write, without taking in anything."""
        if self._last + facts > self._room.due.size:
            old = self.inbox
            count = old.due.size
            self._room = Inbox.with_room(2 * (count + facts))
            columns: Any = zip(self._room, old, strict=True)
            for column, others in columns:
                column[:count] = others
            self._first, self._last = 0, count
        return self._room, self._last

    def _take_out_done(self) -> None:
        """Close the gaps that facts leave that are worked through."""
        there = self._room.due[self._first : self._last] != NEVER
        for column in self._room.between(self._first, self._last):
            column[: np.count_nonzero(there)] = column[there]
        self._last = self._first + int(np.count_nonzero(there))


@inner
def fade_evidence(
    parts: np.ndarray,
    fading: np.ndarray,
    totals: np.ndarray,
    dark_until: np.ndarray,
    day: int,
    at_large: float,
    lying_low: float,
    left: np.ndarray,
) -> None:
    """Let evidence on each operator fade.

    Args:
        parts: (authorities, room, sources) log-odds before fading; cleared where next to nothing
            is left of them.
        fading: (room,) what is left of the parts, changed.
        totals: (authorities, room) faded log-odds of all sources, changed.
        dark_until: (operators,) day until which each lies low.
        day: Today.
        at_large: What is left of a day's evidence the day after.
        lying_low: The same on operators who lie low.
        left: (operators or more,) work space.
    """
    for o in range(dark_until.size):
        left[o] = lying_low if dark_until[o] > day else at_large
    for a in range(totals.shape[0]):
        for o in range(dark_until.size):
            totals[a, o] *= left[o]
    for o in range(dark_until.size):
        fading[o] *= left[o]
        if fading[o] < _FORGOTTEN:
            for a in range(parts.shape[0]):
                totals[a, o] = 0.0
                for source in range(parts.shape[2]):
                    parts[a, o, source] = 0.0
            fading[o] = 1.0


@inner
def add_evidence(
    parts: np.ndarray,
    fading: np.ndarray,
    totals: np.ndarray,
    authority: int,
    operator: int,
    source: int,
    weight: float,
    cap: float,
) -> None:
    """Add a fact to the evidence of its source.

    Facts of one source repeat each other: the first counts in full, and each further one by the
    part that is left up to the cap. Facts of one weight w thus add w, w r, w r^2, ... with
    r = 1 - w / cap, which sum to the cap. What contradicts the source so far counts in full.

    Args:
        parts: See `fade_evidence`.
        fading: See there.
        totals: See there.
        authority: Who learns it.
        operator: The operator.
        source: Where it comes from.
        weight: Log-odds.
        cap: Most that one source can add or take away.
    """
    before = parts[authority, operator, source] * fading[operator]
    gain = weight
    if before * weight > 0.0:
        gain *= max(1.0 - abs(before) / cap, 0.0)
    most = max(cap, abs(before))
    after = min(max(before + gain, -most), most)
    parts[authority, operator, source] = after / fading[operator]
    totals[authority, operator] += after - before


@inner
def share_out(ordinal: int, capacity: np.ndarray, today: np.ndarray) -> None:
    """Facts that each authority can process today; less than one a day is worked off in turns.

    Args:
        ordinal: Today's date as a number.
        capacity: (authorities,) facts a day.
        today: (authorities,) filled with whole facts.
    """
    for a in range(today.size):
        daily = max(capacity[a], 0.0)
        today[a] = int(np.floor(daily * (ordinal + 1)) - np.floor(daily * ordinal))


@inner
def choose_facts(
    day: int,
    inbox: Inbox,
    today: np.ndarray,
    left: np.ndarray,
    use: np.ndarray,
    worth_of_use: np.ndarray,
    chosen: np.ndarray,
    worth: np.ndarray,
    count: np.ndarray,
    bar: np.ndarray,
) -> None:
    """The facts each authority works through today: the most useful, weightiest and freshest.

    Args:
        day: Today.
        inbox: All facts.
        today: (authorities,) facts that can be processed.
        left: (age + 1,) what is left of a fact's weight after some days.
        use: (authorities, operators) what can be done with a fact on each.
        worth_of_use: (uses,) what that is worth.
        chosen: (authorities, room) filled with facts, the best first.
        worth: (authorities, room) filled with what they are worth.
        count: (authorities,) filled with their number.
        bar: (authorities,) work space: what a fact must be worth at least to have a place.
    """
    for a in range(today.size):
        count[a], bar[a] = 0, 0.0 if today[a] > 0 else np.inf
    # the last to come in are the freshest: seen first, they leave most others no place
    for k in range(inbox.due.size - 1, -1, -1):
        a = inbox.to[k]
        operator = max(inbox.operator[k], ~inbox.operator[k])
        value = abs(inbox.weight[k]) * left[day - inbox.learnt[k]]
        value *= worth_of_use[use[a, operator]]
        # one branch, nearly always taken; whether a fact is there yet could not be predicted
        if (value if inbox.due[k] <= day else -1.0) < bar[a]:
            continue
        at = count[a]  # where it stands among the chosen
        while at > 0 and (
            worth[a, at - 1] < value
            or (worth[a, at - 1] == value and inbox.key[chosen[a, at - 1]] >= inbox.key[k])
        ):
            at -= 1
        if at >= today[a]:
            continue
        count[a] = min(count[a] + 1, today[a])
        for later in range(count[a] - 1, at, -1):
            chosen[a, later], worth[a, later] = chosen[a, later - 1], worth[a, later - 1]
        chosen[a, at], worth[a, at] = k, value
        if count[a] == today[a]:
            bar[a] = worth[a, count[a] - 1]


@inner
def work_through(
    day: int,
    inbox: Inbox,
    left: np.ndarray,
    knowledge: Knowledge,
    use: np.ndarray,
    memory_days: int,
    cap: float,
    chain: np.ndarray,
    chosen: np.ndarray,
    count: np.ndarray,
) -> int:
    """Add to the evidence what is worked through today; that is then due on `NEVER`.

    Args:
        day: Today.
        inbox: All facts, the oldest first.
        left: (2, age + 1) what is left of a fact's weight after some days: of operators at large
            and of those lying low.
        knowledge: What is known of operators, changed.
        use: (authorities, operators) what can be done with a fact on each.
        memory_days: Facts older than this are dropped.
        cap: Most that one source can add or take away.
        chain: (days, links, authorities + 1) counts of the chain; those of today are added to.
        chosen: (authorities, room) the facts that each authority works through, see `choose_facts`;
            put in the order in which they came.
        count: (authorities,) their number.

    Returns:
        How many facts, the oldest, are dropped.
    """
    for a in range(count.size):
        mine = chosen[a, : count[a]]
        put_in_order(mine)
        for k in mine:
            operator, age = inbox.operator[k], day - inbox.learnt[k]
            inbox.due[k] = NEVER
            shared = inbox.group[k] >= OWN_CLASSES
            chain[day, _PROCESSED, a] += 1
            chain[day, _PROCESSED_SHARED, a] += shared
            if operator < 0:
                chain[day, _INNOCENT, a] += 1
                continue
            in_business = (
                knowledge.status[operator] != _RETIRED and knowledge.status[operator] != _HELD
            )
            usable = use[a, operator] != IDLE and in_business
            chain[day, _USABLE, a] += usable
            chain[day, _USABLE_SHARED, a] += usable and shared
            fresh = left[1, age] if knowledge.dark_until[operator] > day else left[0, age]
            add_evidence(
                knowledge.parts, knowledge.fading, knowledge.totals, a, operator, inbox.group[k],
                inbox.weight[k] * fresh, cap,
            )  # fmt: skip
    dropped = 0
    while dropped < inbox.due.size and day - inbox.learnt[dropped] > memory_days:
        chain[day, _EXPIRED, inbox.to[dropped]] += inbox.due[dropped] <= day
        dropped += 1
    for a in range(count.size):
        left_over = chain[day - 1, _WAITING, a] if day > 0 else 0.0
        gone = chain[day, _PROCESSED, a] + chain[day, _EXPIRED, a]
        chain[day, _WAITING, a] = left_over + chain[day, _DELIVERED, a] - gone
    return dropped


@inner
def put_in_order(numbers: np.ndarray) -> None:
    """Sort a few numbers, the lowest first."""
    for i in range(1, numbers.size):
        number, at = numbers[i], i
        while at > 0 and numbers[at - 1] > number:
            numbers[at] = numbers[at - 1]
            at -= 1
        numbers[at] = number


class Knowledge(NamedTuple):
    """Operators, and the evidence on them, as a morning's work takes them; see `fade_evidence`."""

    status: npt.NDArray[np.int8]  # (operators,) who is in business
    dark_until: npt.NDArray[np.int32]  # (operators,)
    parts: npt.NDArray[np.float64]
    fading: npt.NDArray[np.float64]
    totals: npt.NDArray[np.float64]


class Morning(NamedTuple):
    """Work space of `work_morning`."""

    today: npt.NDArray[np.int64]  # (authorities,)
    number: npt.NDArray[np.int64]  # (authorities,)
    chosen: npt.NDArray[np.int64]  # (authorities, room)
    worth: npt.NDArray[np.float64]  # (authorities, room)
    bar: npt.NDArray[np.float64]  # (authorities,)
    faded: npt.NDArray[np.float64]  # (operators or more,)

    @staticmethod
    def with_room(authorities: int, most: int, operators: int) -> Morning:
        """For so many authorities, facts that one of them works through, and operators."""
        today, number = np.empty((2, authorities), dtype=np.int64)
        room = authorities, most
        return Morning(
            today, number, np.empty(room, dtype=np.int64), np.empty(room), np.empty(authorities),
            np.empty(operators),
        )  # fmt: skip


@kernel
def work_morning(
    day: int,
    ordinal: int,
    columns: Inbox,
    start: int,
    end: int,
    capacity: np.ndarray,
    left: np.ndarray,
    knowledge: Knowledge,
    use: np.ndarray,
    worth_of_use: np.ndarray,
    hubs: np.ndarray,
    memory_days: int,
    cap: float,
    chain: np.ndarray,
    work: Morning,
    fused: Inbox,
) -> tuple[int, int]:
    """A morning at all desks: evidence fades, and facts are chosen and added to it, or dropped.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        columns: Columns that hold all facts.
        start: Where they begin there.
        end: Where they end.
        capacity: (authorities,) facts a day, see `share_out`.
        left: See `work_through`; `knowledge`, `use` and `memory_days` too.
        knowledge: See there.
        use: See there.
        worth_of_use: See `choose_facts`.
        hubs: (authorities,) whose work is to collect and hand on.
        memory_days: See `work_through`.
        cap: See `add_evidence`.
        chain: See `work_through`.
        work: Work space.
        fused: Filled with copies of the facts that hubs work through.

    Returns:
        How many facts are dropped, the oldest, and how many hubs work through.
    """
    fade_evidence(
        knowledge.parts, knowledge.fading, knowledge.totals, knowledge.dark_until, day, left[0, 1],
        left[1, 1], work.faded,
    )  # fmt: skip
    inbox = Inbox(
        columns.due[start:end], columns.to[start:end], columns.operator[start:end],
        columns.group[start:end], columns.weight[start:end], columns.learnt[start:end],
        columns.key[start:end], columns.told[start:end],
    )  # fmt: skip
    share_out(ordinal, capacity, work.today)
    choose_facts(
        day, inbox, work.today, left[0], use, worth_of_use, work.chosen, work.worth, work.number,
        work.bar,
    )  # fmt: skip
    by_hubs = 0
    for hub in range(hubs.size):
        if hubs[hub]:
            for place in range(work.number[hub]):
                k = work.chosen[hub, place]
                fused.due[by_hubs], fused.to[by_hubs] = inbox.due[k], inbox.to[k]
                fused.operator[by_hubs], fused.group[by_hubs] = inbox.operator[k], inbox.group[k]
                fused.weight[by_hubs], fused.learnt[by_hubs] = inbox.weight[k], inbox.learnt[k]
                fused.key[by_hubs], fused.told[by_hubs] = inbox.key[k], inbox.told[k]
                by_hubs += 1
    dropped = work_through(
        day, inbox, left, knowledge, use, memory_days, cap, chain, work.chosen, work.number
    )
    return dropped, by_hubs
