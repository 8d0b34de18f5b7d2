"""Authorities and what each of them knows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: classes of evidence; a case needs more than one, because each is capped
EVIDENCE_CLASSES = ("interception", "debrief", "phone", "seizure", "partner")
INTERCEPTION, DEBRIEF, PHONE, SEIZURE, PARTNER = range(len(EVIDENCE_CLASSES))


class Pictures:
    """What all authorities know.

    Attributes:
        evidence: (authorities, operators, classes) log-odds added to the prior by what was
            learnt in each class; decays towards 0.
        activity: (authorities, legs) crossings a day expected, fused from own and shared views.
        own_activity: (authorities, legs) the authority's own estimate.
        precision: (authorities, legs) weight of the own estimate, 0 where it sees nothing.

    Args:
        authorities: Number of authorities.
        legs: Number of legs.
        operators: Number of operators at first.
    """

    def __init__(self, authorities: int, legs: int, operators: int) -> None:
        self.evidence = np.zeros((authorities, operators, len(EVIDENCE_CLASSES)))
        self.activity = np.zeros((authorities, legs))
        self.own_activity = np.zeros((authorities, legs))
        self.precision = np.zeros((authorities, legs))

    def make_room(self, operators: int) -> None:
        """Hold evidence on `operators` operators; new ones are unknown to everyone."""
        authorities, known, classes = self.evidence.shape
        if operators > known:
            wider = np.zeros((authorities, max(operators, 2 * known), classes))
            wider[:, :known] = self.evidence
            self.evidence = wider

    def case(self, prior: float, cap: float) -> npt.NDArray[np.float64]:
        """Log-odds that each operator is one, as each authority sees it.

        Args:
            prior: Log-odds before any evidence.
            cap: Most that one class of evidence can add or take away: facts of one kind repeat
                each other, so a case needs a second kind.

        Returns:
            (authorities, operators).
        """
        return prior + np.clip(self.evidence, -cap, cap).sum(axis=2)


class Authority:
    """An authority, with its own row of the pictures.

    Args:
        code: Its code (`RS`, `UK-CI`).
        name: Its name.
        index: Its row.
        pictures: What all authorities know.
    """

    def __init__(self, code: str, name: str, index: int, pictures: Pictures) -> None:
        self.code = code
        self.name = name
        self.index = index
        self._pictures = pictures

    def __repr__(self) -> str:
        return f"Authority({self.code})"

    @property
    def evidence(self) -> npt.NDArray[np.float64]:
        """Evidence on each operator by class, (operators, classes)."""
        return self._pictures.evidence[self.index]

    @property
    def activity(self) -> npt.NDArray[np.float64]:
        """Crossings a day it expects on each leg, (legs,)."""
        return self._pictures.activity[self.index]
