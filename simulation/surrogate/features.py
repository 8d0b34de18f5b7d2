"""Features of a policy: the doses of its axes in force, by period, and chosen interactions.

The dose of sharing is how much more passes between the pairs of authorities of a block: reports
passed on, times what of them survives as information. Each pair is in the block of the narrowest
axis that names it. So agreements that overlap are not counted twice.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulation.corridor import load_corridor, load_origins
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levers.declaration import Inputs
from simulation.scenario.levers.registry import PARTS
from simulation.scenario.levers.sharing import Sharing, lever_pairs
from simulation.scenario.timeline import Span
from simulation.surrogate.coordinates import AXES, DEFAULT, Measure

Array = npt.NDArray[np.float64]
_SHARING = next(part for part in PARTS if part.name == "sharing")
#: day of a month that stands for it
_MIDDLE = 15
#: groups of axes, in order
GROUPS = tuple(dict.fromkeys(axis.group for axis in AXES.values()))
#: axes that are features themselves; that of all pairs acts through the blocks
NAMES = tuple(name for name, axis in AXES.items() if axis is not DEFAULT)
_BLOCKS = tuple(name for name in NAMES if AXES[name].section == "sharing")
#: group of each axis
_OF_GROUP = {group: [n for n, one in enumerate(NAMES) if AXES[one].group == group]
             for group in GROUPS}  # fmt: skip
#: products of the sums of groups that are features too
_PRODUCTS = (
    ("sharing", "boats"), ("sharing", "inflow"), ("boats", "inflow"),
    ("sharing", "boats", "inflow"),
)  # fmt: skip
FEATURES = len(NAMES) + len(_PRODUCTS)


class Doses:
    """Makes features of policies.

    Args:
        base: The scenario that policies are laid over.
        end: Last day that counts; that of the scenario when None.
    """

    def __init__(self, base: Scenario, end: date | None = None) -> None:
        self._base = base
        run, last = base.run, end or base.run.end
        years = {str(year): (max(run.start, date(year, 1, 1)), min(last, date(year, 12, 31)))
                 for year in range(run.start.year, last.year + 1)}  # fmt: skip
        spans = {"before": (run.first_simulated, run.start), **years}
        #: days that stand for each period; the first is the time before the first day counted
        self._days = {name: _middles(*span) for name, span in spans.items()}
        self._corridor, self._parameters = load_corridor(), load_parameters()

    def of(self, policy: Sequence[Measure], scenario: Scenario) -> Array:
        """The features of a policy, (periods, features).

        Args:
            policy: Its measures.
            scenario: The scenario that has them.
        """
        rows = np.zeros((len(self._days), FEATURES))
        sharing = any(AXES[one.axis].group == "sharing" for one in policy)
        for row, days in zip(rows, self._days.values(), strict=True):
            for one in policy:
                axis = AXES[one.axis]
                if axis.group != "sharing":
                    span = Span.of(one.start, None, one.ramp_days)
                    progress = np.array([span.progress(day) for day in days])
                    row[NAMES.index(one.axis)] += axis.dose(one.strength, progress).mean()
        if sharing:
            passed = self._passed_on(scenario) - self._usual
            for column, name in enumerate(_BLOCKS):
                rows[:, NAMES.index(name)] = passed[:, self._block == column].mean(axis=1)
        return with_products(rows)

    @cached_property
    def _usual(self) -> Array:
        return self._passed_on(self._base)

    @cached_property
    def _block(self) -> npt.NDArray[np.intp]:
        """The block of each pair of authorities, flat; -1 for those in none."""
        index, count = self._corridor.authority_index, len(self._corridor.authorities)
        pairs = [
            lever_pairs(Sharing.model_validate({**AXES[name].fixed, "level": "full"}),
                        self._corridor)
            for name in _BLOCKS
        ]  # fmt: skip
        block = np.full(count * count, -1)
        for number in sorted(range(len(pairs)), key=lambda one: -len(pairs[one])):
            block[[index[a] * count + index[b] for a, b in pairs[number]]] = number
        return block

    def _passed_on(self, scenario: Scenario) -> Array:
        """Information that passes between authorities, (periods, pairs)."""
        inputs = Inputs(scenario, self._corridor, self._parameters, load_origins().origins)
        assert _SHARING.table is not None
        table, levers = _SHARING.table(inputs), scenario.of(Sharing)
        rows = []
        for days in self._days.values():
            passed = []
            for day in days:
                today = table([lever.span.progress(day) for lever in levers])
                passed.append((today.coverage * (2.0 * today.fidelity - 1.0)).ravel())
            rows.append(np.mean(passed, axis=0))
        return np.array(rows)


def with_products(rows: Array) -> Array:
    """Features (..., features) with the products that are features too, made of the others."""
    sums = {group: rows[..., columns].sum(axis=-1) for group, columns in _OF_GROUP.items()}
    for column, groups in enumerate(_PRODUCTS, start=len(NAMES)):
        rows[..., column] = np.prod([sums[group] for group in groups], axis=0)
    return rows


def group_sizes(features: Array) -> Array:
    """How much of each group is in force: the norm of its doses, (policies, groups).

    Args:
        features: (policies, periods, features).
    """
    return np.stack(
        [
            np.sqrt((features[:, :, columns] ** 2).sum(axis=(1, 2)))
            for columns in _OF_GROUP.values()
        ],
        axis=1,
    )


def _middles(first: date, last: date) -> list[int]:
    """A day in each month, as ordinals; the middle of a shorter span."""
    days = []
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, number = month // 12, month % 12 + 1
        day = date(year, number, min(_MIDDLE, calendar.monthrange(year, number)[1])).toordinal()
        if first.toordinal() <= day <= last.toordinal():
            days.append(day)
    return days or [(first.toordinal() + last.toordinal()) // 2]
