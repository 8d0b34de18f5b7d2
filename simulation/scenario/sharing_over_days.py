"""Sharing on many days at once, with all levers and without one of them.

The numbers are those of `simulation.scenario.levers.sharing`, to the last bit. Pairs of authorities
that the same levers name have the same numbers and are computed once; such pairs are a *column*.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulation.corridor import Corridor
from simulation.parameters import Parameters
from simulation.scenario.levers.sharing import Sharing, SharingDay, lever_targets, usual_sharing
from simulation.scenario.scenario import Scenario

#: the row of the permission to pass on, after the four numbers
_PERMISSION = 4
#: what is left of a change, against what it is a part of, where it is lost in rounding
_VANISHES = 2.0**-80


Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class SharingOverDays:
    """How authorities share on some days of a scenario.

    Args:
        scenario: The scenario.
        corridor: The authorities.
        parameters: What a level of sharing is.
        days: The days, as ordinals in order; D of them.
    """

    def __init__(
        self, scenario: Scenario, corridor: Corridor, parameters: Parameters, days: Sequence[int]
    ) -> None:
        self._authorities = len(corridor.authorities)
        levers = scenario.of(Sharing)
        targets = [lever_targets(lever, corridor, parameters) for lever in levers]
        numbers, permitted = usual_sharing(scenario, corridor, parameters)
        usual = np.vstack([numbers, permitted])
        names = np.zeros((len(levers) + 1, usual.shape[1]), dtype=bool)
        names[-1, :: self._authorities + 1] = True  # an authority and itself
        for number, (pairs, *_) in enumerate(targets):
            names[number, pairs] = True
        _, one_of, column = np.unique(
            np.packbits(names, axis=0), axis=1, return_index=True, return_inverse=True
        )
        self._column: Indices = np.asarray(column).reshape(-1)
        self._usual: Numbers = usual[:, one_of]  # (5, columns)
        self._names = names[:-1, one_of]  # (levers, columns)
        self._columns: list[Indices] = [np.flatnonzero(row) for row in self._names]
        # of each lever: the rows it sets, and to what
        self._rows: list[Indices] = []
        self._targets: list[Numbers] = []
        for _, some, permission in targets:
            every = [*some, *([] if permission is None else [(_PERMISSION, float(permission))])]
            self._rows.append(np.array([row for row, _ in every], dtype=np.intp))
            self._targets.append(np.array([value for _, value in every])[:, None, None])
        self._progress: Numbers = np.array(
            [[lever_span.progress(day) for day in days] for lever_span in (x.span for x in levers)]
        ).reshape(len(levers), len(days))
        self._compute(len(days))

    def _compute(self, days: int) -> None:
        """The numbers of all days, each (5, columns, D)."""
        numbers = np.repeat(self._usual[:, :, None], days, axis=2)
        replaced_by = np.full(numbers.shape, -1, dtype=np.int32)  # the last lever that replaces it
        left = np.zeros(numbers.shape)  # logarithm of what ramps leave of a number
        for lever in range(len(self._rows)):
            place, part = self._place(lever)
            numbers[place] = self._changed(numbers[place], lever, place[-1])
            left[place] += part
            replaced_by[(*place[:2], place[-1][part == 0.0])] = lever
        self._numbers, self._left, self._replaced_by = numbers, left, replaced_by

    @cached_property
    def matters(self) -> npt.NDArray[np.bool_]:
        """Whether sharing would differ without a lever, (levers, D)."""
        matters = np.zeros(self._progress.shape, dtype=bool)
        now, left = self._numbers, self._left.copy()
        numbers = np.repeat(self._usual[:, :, None], matters.shape[1], axis=2)
        for lever in range(len(self._rows)):
            place, part = self._place(lever)
            before = numbers[place]
            after = numbers[place] = self._changed(before, lever, place[-1])
            left[place] -= part
            lasting = np.abs(after - before) * np.exp(left[place]) > _VANISHES * np.abs(now[place])
            lasting &= self._replaced_by[place] <= lever
            matters[lever, place[-1]] = lasting.any(axis=(0, 1))
        return matters

    def _place(self, lever: int) -> tuple[tuple[Indices, ...], Numbers]:
        """Which numbers a lever changes, and the logarithm of what it leaves; 0 for nothing."""
        days = np.flatnonzero(self._progress[lever])
        part = self._progress[lever, days]
        leaves = np.log1p(-np.where(part == 1.0, 0.0, part))
        return self._at(lever, self._columns[lever], days), leaves

    def _changed(self, before: Numbers, lever: int, days: Indices) -> Numbers:
        """What a lever makes of the numbers that it sets, (rows, columns, days)."""
        target, part = self._targets[lever], self._progress[lever, days]
        after = np.where(part == 1.0, target, before + part * (target - before))
        if self._rows[lever][-1] == _PERMISSION:  # it changes once the ramp is over
            after[-1] = np.where(part == 1.0, target[-1], before[-1])
        return after

    def _at(self, lever: int, columns: Indices, days: Indices) -> tuple[Indices, ...]:
        """Where the numbers stand that a lever sets, for columns and days."""
        return self._rows[lever][:, None, None], columns[:, None], days

    def on(self, day: int) -> SharingDay:
        """Sharing on a day, by its number among the days."""
        return self._day(self._numbers[:, :, day])

    def all_days(self) -> list[SharingDay]:
        """Sharing on each of the days."""
        return [self.on(day) for day in range(self._numbers.shape[2])]

    def without(self, lever: int, days: Indices) -> list[SharingDay]:
        """Sharing without a lever on some days, by their numbers."""
        columns = self._columns[lever]
        numbers = np.repeat(self._usual[:, columns, None], len(days), axis=2)
        others = self._names[:, columns].any(axis=1) & self._progress[:, days].any(axis=1)
        others[lever] = False
        every = np.arange(len(days))
        for other in np.flatnonzero(others).tolist():
            here = np.flatnonzero(self._names[other, columns])
            place = self._at(other, here, every)
            numbers[place] = self._changed(numbers[place], other, days)
        tables = self._numbers[:, :, days]
        tables[:, columns] = numbers
        return [self._day(tables[:, :, day]) for day in range(len(days))]

    def _day(self, numbers: Numbers) -> SharingDay:
        tables = numbers[:, self._column].reshape(5, self._authorities, self._authorities)
        coverage, delay_days, fidelity, leak, permission = tables
        return SharingDay(coverage, delay_days, fidelity, leak, permission == 1.0)
