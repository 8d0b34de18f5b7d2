"""What waits on the desks of analysts, compiled: which facts are worked through today."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import PARTNER
from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.compiled import kernel
from simulation.randomness import Decision, uniform

_FIDELITY = int(Decision.FIDELITY)
_RETIRED = int(Status.RETIRED)
_DELIVERED, _PROCESSED, _PROCESSED_SHARED = (
    link("delivered"), link("processed"), link("processed_shared"),
)  # fmt: skip
_USABLE, _USABLE_SHARED = link("usable"), link("usable_shared")
_EXPIRED, _WAITING = link("expired"), link("waiting")


class Inbox(NamedTuple):
    """Facts on their way or waiting to be processed, in the order they were learnt; (facts,)."""

    due: npt.NDArray[np.int64]  # day it arrives
    to: npt.NDArray[np.int64]  # authority
    operator: npt.NDArray[np.int64]  # row of the operator it names
    evidence_class: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]  # log-odds on the day it was learnt
    learnt: npt.NDArray[np.int64]  # day
    key: npt.NDArray[np.uint64]

    @staticmethod
    def with_room(facts: int) -> Inbox:
        """Columns for so many facts, still to be filled in."""
        due, to, operator, evidence_class, learnt = np.empty((5, facts), dtype=np.int64)
        weight, key = np.empty(facts), np.empty(facts, dtype=np.uint64)
        return Inbox(due, to, operator, evidence_class, weight, learnt, key)

    def between(self, first: int, last: int) -> Inbox:
        """The facts from one to before another, as views."""
        return Inbox._make(column[first:last] for column in self)


class Desk:
    """Holds an inbox in longer columns, so that the facts of a day need not move the others."""

    def __init__(self) -> None:
        self._room = Inbox.with_room(0)
        self._first, self._last = 0, 0

    @property
    def inbox(self) -> Inbox:
        """The facts that are there, as views."""
        return self._room.between(self._first, self._last)

    def keep(self, first: int, last: int) -> None:
        """Keep of the facts that are there those from `first` to before `last`."""
        self._first, self._last = self._first + first, self._first + last

    def put(self, facts: int) -> Inbox:
        """Take in so many more facts after the others; returns where to write them."""
        if self._last + facts > self._room.due.size:
            old = self.inbox
            count = old.due.size
            self._room = Inbox.with_room(2 * (count + facts))
            for column, others in zip(self._room, old, strict=True):
                column[:count] = others
            self._first, self._last = 0, count
        start, self._last = self._last, self._last + facts
        return self._room.between(start, self._last)


@kernel
def file_facts(
    day: int,
    seed: int,
    number: np.ndarray,
    due: np.ndarray,
    to: np.ndarray,
    fidelity: np.ndarray,
    keys: np.ndarray,
    source: np.ndarray,
    operator: np.ndarray,
    evidence_class: np.ndarray,
    weights: np.ndarray,
    memory_days: int,
    chain: np.ndarray,
    inbox: Inbox,
    lossy: np.ndarray,
    turned: np.ndarray,
) -> int:
    """Put what was learnt today into the inboxes it is on its way to.

    Args:
        day: Today.
        seed: Seed of the replication.
        number: (arrivals,) which fact.
        due: (arrivals,) day it arrives.
        to: (arrivals,) authority.
        fidelity: (arrivals,) chance that the channel keeps it; those below 1 are moved to the
            front.
        keys: (facts,) identifiers.
        source: (facts,) authority that learnt it.
        operator: (facts,) operator it names.
        evidence_class: (facts,) how it was learnt.
        weights: (classes,) log-odds of a fact where it is learnt.
        memory_days: Facts older than this are dropped.
        chain: (days, links, authorities + 1) counts of the chain; deliveries are booked on the
            day on which they are there, unless they are dropped before.
        inbox: (arrivals,) filled; the weights are still those at the source.
        lossy: (arrivals,) filled with the arrivals by a channel that can turn a fact round.
        turned: (arrivals,) filled with whether it does.

    Returns:
        How many come by such a channel.
    """
    count = 0
    for k in range(inbox.due.size):
        fact = number[k]
        inbox.due[k], inbox.to[k], inbox.learnt[k] = due[k], to[k], day
        inbox.operator[k], inbox.key[k] = operator[fact], keys[fact]
        inbox.weight[k] = weights[evidence_class[fact]]
        own = to[k] == source[fact]
        # learnt in the evening, a fact lies on a desk from the next morning
        there = max(due[k], day + 1)
        if not own and there < chain.shape[0] and there - day <= memory_days + 1:
            chain[there, _DELIVERED, to[k]] += 1
        inbox.evidence_class[k] = evidence_class[fact] if own else PARTNER
        kept = fidelity[k]
        if kept < 1.0:
            lossy[count], fidelity[count] = k, kept
            turned[count] = uniform(seed, _FIDELITY, keys[fact], to[k]) >= kept
            count += 1
    return count


@kernel
def fade_evidence(
    evidence: np.ndarray,
    dark_until: np.ndarray,
    day: int,
    at_large: float,
    lying_low: float,
    factor: np.ndarray,
) -> None:
    """Let evidence on each operator fade.

    Args:
        evidence: (authorities, room, classes), changed.
        dark_until: (operators,) day until which each lies low.
        day: Today.
        at_large: What is left of a day's evidence the day after.
        lying_low: The same on operators who lie low.
        factor: (operators x classes,) work space.
    """
    classes = evidence.shape[2]
    for row in range(dark_until.size):
        left = lying_low if dark_until[row] > day else at_large
        for c in range(classes):
            factor[row * classes + c] = left
    # operators and classes side by side, so that a row is one long product
    rows = evidence.reshape(evidence.shape[0], evidence.shape[1] * classes)
    for a in range(rows.shape[0]):
        for i in range(factor.size):
            rows[a, i] *= factor[i]


@kernel
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


@kernel
def choose_facts(
    day: int,
    inbox: Inbox,
    today: np.ndarray,
    left: np.ndarray,
    chosen: np.ndarray,
    worth: np.ndarray,
    count: np.ndarray,
) -> None:
    """The facts each authority works through today: the weightiest and freshest first.

    Args:
        day: Today.
        inbox: All facts.
        today: (authorities,) facts that can be processed.
        left: (age + 1,) what is left of a fact's weight after some days.
        chosen: (authorities, room) filled with facts, the best first.
        worth: (authorities, room) filled with what they are worth.
        count: (authorities,) filled with their number.
    """
    count[:] = 0
    # the last to come in are the freshest: seen first, they leave most others no place
    for k in range(inbox.due.size - 1, -1, -1):
        a = inbox.to[k]
        if inbox.due[k] > day or today[a] == 0:
            continue
        value = abs(inbox.weight[k]) * left[day - inbox.learnt[k]]
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


@kernel
def work_through(
    day: int,
    inbox: Inbox,
    today: np.ndarray,
    left: np.ndarray,
    dark_until: np.ndarray,
    status: np.ndarray,
    jurisdiction: np.ndarray,
    memory_days: int,
    evidence: np.ndarray,
    chain: np.ndarray,
    chosen: np.ndarray,
    worth: np.ndarray,
    count: np.ndarray,
    handled: np.ndarray,
) -> tuple[int, int]:
    """Add to the evidence what is worked through today, and drop it and what is too old.

    Args:
        day: Today.
        inbox: All facts, the oldest first; those left keep their order.
        today: (authorities,) facts that can be processed.
        left: (2, age + 1) what is left of a fact's weight after some days: of operators at large
            and of those lying low.
        dark_until: (operators,) day until which each lies low.
        status: (operators,) who is out of the market.
        jurisdiction: (authorities, operators) who can arrest whom.
        memory_days: Facts older than this are dropped.
        evidence: (authorities, room, classes), added to.
        chain: (days, links, authorities + 1) counts of the chain; those of today are added to.
        chosen: (authorities, room) work space; `worth` and `count` too.
        worth: See there.
        count: See there.
        handled: (facts,) work space.

    Returns:
        The first fact that is left, and the one after the last.
    """
    choose_facts(day, inbox, today, left[0], chosen, worth, count)
    handled[:] = False
    for a in range(count.size):
        for place in range(count[a]):
            handled[chosen[a, place]] = True
    first = 0
    while first < handled.size and day - inbox.learnt[first] > memory_days:
        first += 1
    kept = first
    for k in range(handled.size):
        if handled[k]:
            a, operator, age = inbox.to[k], inbox.operator[k], day - inbox.learnt[k]
            shared = inbox.evidence_class[k] == PARTNER
            usable = jurisdiction[a, operator] and status[operator] != _RETIRED
            chain[day, _PROCESSED, a] += 1
            chain[day, _PROCESSED_SHARED, a] += shared
            chain[day, _USABLE, a] += usable
            chain[day, _USABLE_SHARED, a] += usable and shared
            fresh = left[1, age] if dark_until[operator] > day else left[0, age]
            evidence[a, operator, inbox.evidence_class[k]] += inbox.weight[k] * fresh
        elif k < first:
            chain[day, _EXPIRED, inbox.to[k]] += inbox.due[k] <= day
        else:
            if kept < k:  # those before the first that goes stay where they are
                inbox.due[kept] = inbox.due[k]
                inbox.to[kept] = inbox.to[k]
                inbox.operator[kept] = inbox.operator[k]
                inbox.evidence_class[kept] = inbox.evidence_class[k]
                inbox.weight[kept] = inbox.weight[k]
                inbox.learnt[kept] = inbox.learnt[k]
                inbox.key[kept] = inbox.key[k]
            kept += 1
    for a in range(count.size):
        left_over = chain[day - 1, _WAITING, a] if day > 0 else 0.0
        gone = chain[day, _PROCESSED, a] + chain[day, _EXPIRED, a]
        chain[day, _WAITING, a] = left_over + chain[day, _DELIVERED, a] - gone
    return first, kept
