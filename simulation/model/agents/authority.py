"""Authorities and what each of them knows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import Floats

#: how a fact is learnt; interceptions and debriefs are both accounts of people on the way
FACT_KINDS = (
    "interception", "debrief", "phone", "seizure", "surveillance", "finance", "liaison",
)  # fmt: skip
INTERCEPTION, DEBRIEF, PHONE, SEIZURE, SURVEILLANCE, FINANCE, LIAISON = range(len(FACT_KINDS))
#: classes of evidence that an authority collects itself. Beside them it has one for each authority
#: that told it something: sources are independent, and what one source repeats says little new
EVIDENCE_CLASSES = ("account", "phone", "seizure", "surveillance", "finance", "liaison")
OWN_CLASSES = len(EVIDENCE_CLASSES)
#: (kinds,) class of evidence of each kind of fact
CLASS_OF_KIND = np.array([0, 0, 1, 2, 3, 4, 5])


class AuthorityBeliefs:
    """What all authorities know.

    Evidence is log-odds added to the prior against an operator, kept by source: the classes an
    authority collects itself, then one for each authority as the origin of what it was told. All
    sources on an operator fade alike, so the sums are faded every day and the parts are kept as of
    a time before, with what is left of them.

    Attributes:
        parts: (authorities, room, sources) log-odds by source, before `fading`.
        fading: (room,) what is left of the parts of each operator.
        totals: (authorities, room) log-odds of all sources together, faded.
        activity: (authorities, legs) crossings a day expected, fused from own and shared views.
        own_activity: (authorities, legs) the authority's own estimate.
        precision: (authorities, legs) weight of the own estimate, 0 where it sees nothing.

    Args:
        authorities: Number of authorities.
        legs: Number of legs.
        operators: Number of operators at first.
    """

    def __init__(self, authorities: int, legs: int, operators: int) -> None:
        self.parts = np.zeros((authorities, operators, OWN_CLASSES + authorities))
        self.fading = np.ones(operators)
        self.totals = np.zeros((authorities, operators))
        self.activity = np.zeros((authorities, legs))
        self.own_activity = np.zeros((authorities, legs))
        self.precision = np.zeros((authorities, legs))

    def make_room(self, operators: int) -> None:
        """Hold evidence on `operators` operators; new ones are unknown to everyone."""
        authorities, rows, sources = self.parts.shape
        if operators > rows:
            room = max(operators, 2 * rows)
            parts, totals = np.zeros((authorities, room, sources)), np.zeros((authorities, room))
            parts[:, :rows], totals[:, :rows] = self.parts, self.totals
            self.parts, self.totals = parts, totals
            self.fading = np.concatenate([self.fading, np.ones(room - rows)])

    @property
    def evidence(self) -> Floats:
        """Log-odds by source as of today, (authorities, room, sources); a copy, to be read only.

        To change it, assign a whole array or a number.
        """
        evidence = self.parts * self.fading[:, None]
        evidence.setflags(write=False)
        return evidence

    @evidence.setter
    def evidence(self, evidence: npt.ArrayLike) -> None:
        self.parts[:] = evidence
        self.fading[:] = 1.0
        self.totals[:] = self.parts.sum(axis=2)

    def raise_to(self, authority: int, operator: int, evidence: Floats) -> None:
        """Raise evidence to what a case file says, source by source, so that nothing counts twice.

        Args:
            authority: Who is given the file.
            operator: The operator.
            evidence: (sources,) log-odds.
        """
        before = self.parts[authority, operator] * self.fading[operator]
        after = np.maximum(before, evidence)
        self.parts[authority, operator] = after / self.fading[operator]
        self.totals[authority, operator] += float((after - before).sum())

    def case(self, prior: float) -> Floats:
        """Log-odds that each operator is one, as each authority sees it, (authorities, room).

        Args:
            prior: Log-odds before any evidence.
        """
        return prior + self.totals


class AuthorityView:
    """An authority, with its own row of what all know.

    Args:
        code: Its code (`RS`, `UK-CI`).
        name: Its name.
        index: Its row.
        beliefs: What all authorities know.
    """

    def __init__(self, code: str, name: str, index: int, beliefs: AuthorityBeliefs) -> None:
        self.code = code
        self.name = name
        self.index = index
        self._beliefs = beliefs

    def __repr__(self) -> str:
        return f"AuthorityView({self.code})"

    @property
    def evidence(self) -> Floats:
        """Evidence on each operator by source, (operators, sources)."""
        return self._beliefs.evidence[self.index]

    @property
    def activity(self) -> Floats:
        """Crossings a day it expects on each leg, (legs,)."""
        return self._beliefs.activity[self.index]
