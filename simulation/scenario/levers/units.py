"""Units by authority after what levers add: the part `staff` of the policy of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.corridor.jurisdiction import workplaces
from simulation.scenario.levers.declaration import Inputs, PartPair, PolicyPart

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.scenario.policy_difference import DayComparison


class Step(NamedTuple):
    """A change to the units of one kind.

    Attributes:
        kind: The kind of staff.
        here: Indices of the authorities concerned, int (n,).
        factor: Multiplier of the units of each.
        add: Units added, shared out by size.
    """

    kind: str
    here: np.ndarray
    factor: float
    add: float

    def apply(self, units: np.ndarray, part: float) -> None:
        """Change the units of all authorities, float (A,), by a part (0 to 1) of this step."""
        factor = 1.0 + part * (self.factor - 1.0)
        if len(self.here) == 1:
            one = self.here[0]
            units[one] = max(units.item(one) * factor + part * self.add, 0.0)
        else:
            there = units[self.here] * factor
            units[self.here] = np.maximum(there + part * self.add * _by_size(there), 0.0)


class StaffTable:
    """Units by kind and authority, from the progress of the levers that change them.

    Args:
        inputs: The scenario, the staff there is, and what a unit costs.
        sections: The sections whose levers are applied, in order; each lever gives its `steps`.
    """

    def __init__(self, inputs: Inputs, sections: Sequence[str]) -> None:
        staff = inputs.corridor.staff
        self._base = {kind: np.array(base, dtype=float) for kind, base in staff.items()}
        for base in self._base.values():
            base.setflags(write=False)
        useful = workplaces(inputs.corridor)
        self._steps: list[list[Step]] = [
            lever.steps(inputs, useful)
            for section in sections
            for lever in getattr(inputs.scenario, section)
        ]
        #: progress of the levers before the first that moves, and the units after them
        self._kept: tuple[list[float], Mapping[str, np.ndarray]] = [], self._base

    def __call__(self, progress: list[float]) -> Mapping[str, np.ndarray]:
        """Units by kind.

        Args:
            progress: Of each lever, section by section; 0 to 1.

        Returns:
            For each kind, units of each authority, float (A,), never below 0. Read-only.
        """
        moving = (index for index, part in enumerate(progress) if 0.0 < part < 1.0)
        steady = next(moving, len(progress))
        if self._kept[0] != progress[:steady]:
            self._kept = progress[:steady], self._changed(self._base, 0, progress[:steady])
        return self._changed(self._kept[1], steady, progress[steady:])

    def _changed(
        self, units: Mapping[str, np.ndarray], first: int, progress: list[float]
    ) -> Mapping[str, np.ndarray]:
        """Units after some levers from the `first` on; kinds they do not change are shared."""
        new: dict[str, np.ndarray] = {}
        for steps, part in zip(self._steps[first:], progress, strict=False):
            if part == 0.0:
                continue
            for step in steps:
                if step.kind not in new:
                    new[step.kind] = units[step.kind].copy()
                step.apply(new[step.kind], part)
        for array in new.values():
            array.setflags(write=False)
        return {**units, **new}


def rows_with_work(corridor: Corridor, codes: Sequence[str], useful: Sequence[str]) -> np.ndarray:
    """Rows of some authorities, without those of a group whose share would have no effect."""
    here = [code for code in codes if code in useful] or codes
    return np.array([corridor.authority_index[code] for code in here], dtype=np.intp)


def _by_size(units: np.ndarray) -> np.ndarray:
    """Shares in proportion to the units there are, even shares where there are none."""
    total = units.sum()
    return units / total if total > 0 else np.full(len(units), 1.0 / len(units))


def _compare(comparison: DayComparison, both: PartPair[Mapping[str, np.ndarray]]) -> None:
    for kind in both.one:
        comparison.note(both.one[kind] != both.other[kind], comparison.reach.can_use_staff(kind))


#: levers that change units, in the order in which they are applied
_SECTIONS = ("staff", "funding")
UNITS = PolicyPart(
    name="staff",
    does="units of each kind, of each authority",
    make=lambda inputs: StaffTable(inputs, _SECTIONS),
    sections=_SECTIONS,
    compare=_compare,
)
