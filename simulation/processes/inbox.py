"""What waits on the desks of analysts, compiled: which facts are worked through today."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import kernel


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
    def empty() -> Inbox:
        """Nothing to do."""
        none = np.empty(0, dtype=np.int64)
        return Inbox(none, none, none, none, np.empty(0), none, np.empty(0, dtype=np.uint64))

    def with_more(self, **more: npt.NDArray) -> Inbox:
        """The same facts and some more after them, each column by its name."""
        return Inbox._make(
            np.concatenate([column, more[name]])
            for name, column in zip(self._fields, self, strict=True)
        )


@kernel
def _scale_rows(table: np.ndarray, factor: np.ndarray) -> None:
    for a in range(table.shape[0]):
        for i in range(factor.size):
            table[a, i] *= factor[i]


def fade_evidence(evidence: npt.NDArray[np.float64], factor: npt.NDArray[np.float64]) -> None:
    """Let evidence on each operator fade.

    Args:
        evidence: (authorities, room, classes), changed.
        factor: (operators,) what is left of a day's evidence the day after.
    """
    # operators and classes side by side, so that a row is one long product
    authorities, _, classes = evidence.shape
    _scale_rows(evidence.reshape(authorities, -1), np.repeat(factor, classes))


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
    for k in range(inbox.due.size):
        a = inbox.to[k]
        if inbox.due[k] > day or today[a] == 0:
            continue
        value = abs(inbox.weight[k]) * left[day - inbox.learnt[k]]
        at = count[a]  # where it stands among the chosen
        while at > 0 and (
            worth[a, at - 1] < value
            or (worth[a, at - 1] == value and inbox.key[chosen[a, at - 1]] > inbox.key[k])
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
    dark: np.ndarray,
    memory_days: int,
    evidence: np.ndarray,
    chosen: np.ndarray,
    worth: np.ndarray,
    count: np.ndarray,
    handled: np.ndarray,
) -> int:
    """Add to the evidence what is worked through today, and drop it and what is too old.

    Args:
        day: Today.
        inbox: All facts; those left are moved to the front, in their order.
        today: (authorities,) facts that can be processed.
        left: (2, age + 1) what is left of a fact's weight after some days: of operators at large
            and of those lying low.
        dark: (operators,) who lies low.
        memory_days: Facts older than this are dropped.
        evidence: (authorities, room, classes), added to.
        chosen: (authorities, room) work space; `worth` and `count` too.
        worth: See there.
        count: See there.
        handled: (facts,) work space, False.

    Returns:
        Number of facts left.
    """
    choose_facts(day, inbox, today, left[0], chosen, worth, count)
    for a in range(count.size):
        for place in range(count[a]):
            handled[chosen[a, place]] = True
    kept = 0
    for k in range(inbox.due.size):
        age = day - inbox.learnt[k]
        if handled[k]:
            operator = inbox.operator[k]
            fresh = left[1, age] if dark[operator] else left[0, age]
            evidence[inbox.to[k], operator, inbox.evidence_class[k]] += inbox.weight[k] * fresh
        elif age <= memory_days:
            inbox.due[kept] = inbox.due[k]
            inbox.to[kept] = inbox.to[k]
            inbox.operator[kept] = inbox.operator[k]
            inbox.evidence_class[kept] = inbox.evidence_class[k]
            inbox.weight[kept] = inbox.weight[k]
            inbox.learnt[kept] = inbox.learnt[k]
            inbox.key[kept] = inbox.key[k]
            kept += 1
    return kept
