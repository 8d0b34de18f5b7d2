"""Units by authority after what policy adds: staff levers and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.parameters import Parameters
from simulation.scenario.lever_models import Funding
from simulation.scenario.names import paid, workplaces
from simulation.scenario.schema import Scenario

if TYPE_CHECKING:
    from simulation.corridor import Corridor

DAYS_PER_YEAR = 365.25


class StaffTable:
    """Units by kind and authority, from the progress of the levers that change them.

    Args:
        scenario: Its staff levers, then its funding levers, are applied in order.
        corridor: The staff there is.
        parameters: What a unit costs, and the rate of exchange.
    """

    def __init__(self, scenario: Scenario, corridor: Corridor, parameters: Parameters) -> None:
        self._base = {kind: np.array(base, dtype=float) for kind, base in corridor.staff.items()}
        for base in self._base.values():
            base.setflags(write=False)
        self._steps: list[list[_Step]] = []
        #: progress of the levers before the first that moves, and the units after them
        self._kept: tuple[list[float], Mapping[str, np.ndarray]] = [], self._base
        useful = workplaces(corridor)
        for lever in scenario.staff:
            here = _indices(corridor, corridor.members(lever.authority), useful[lever.kind])
            factor = 1.0 if lever.change is None else lever.change
            self._steps.append([_Step(lever.kind, here, factor, lever.add or 0.0)])
        for funding in scenario.funding:
            yearly = eur_per_year(funding, scenario, parameters)
            self._steps.append(
                [
                    _Step(
                        kind,
                        _indices(corridor, receivers(funding, kind, corridor), useful[kind]),
                        1.0,
                        yearly * share / cost_of(kind, parameters),
                    )
                    for kind, share in funding.spend_on.items()
                    if kind != "boat_supply" and share > 0.0
                ]
            )

    def __call__(self, progress: list[float]) -> Mapping[str, np.ndarray]:
        """Units by kind.

        Args:
            progress: Of each staff lever, then of each funding lever; 0 to 1.

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


class _Step(NamedTuple):
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


def eur_per_year(funding: Funding, scenario: Scenario, parameters: Parameters) -> float:
    """What a funding lever spends in a year, in EUR.

    A single amount ("once") is spent from the lever's first to its last day; the run's first and
    last day stand in for those it does not give. It is spread evenly but for the ramp, along which
    less is spent a day; the days after it make up for that, so that all of the amount is spent.
    """
    amount = funding.amount.in_eur(parameters.policy.gbp_eur)
    if funding.per == "year":
        return amount
    first = funding.from_ or scenario.run.start
    last = funding.to or scenario.run.end
    full = _full_days((last - first).days + 1, funding.ramp_days)
    return amount * DAYS_PER_YEAR / full if full > 0 else 0.0


def _full_days(days: int, ramp_days: int) -> float:
    """Days of full effect that a lever's first days come to: the sum of its progress on each."""
    rising = min(days, ramp_days)
    share = rising * (rising - 1) / 2 / ramp_days if ramp_days else 0.0
    return days - rising + share


def cost_of(kind: str, parameters: Parameters) -> float:
    """The cost of one unit of a kind for a year, in EUR."""
    policy = parameters.policy
    costs: dict[str, float] = {
        "border_patrol": policy.cost_border_patrol_unit_year,
        "coast_patrol": policy.cost_coast_patrol_unit_year,
        "investigation": policy.cost_investigation_unit_year,
        "analysis": policy.cost_analysis_unit_year,
        "boat_supply": policy.cost_boat_supply_unit_year,
    }
    return costs[kind]


def receivers(funding: Funding, kind: str, corridor: Corridor) -> tuple[str, ...]:
    """The authorities whose work of a kind a funding lever pays for.

    The beneficiary if there is one, otherwise the payer.
    """
    members = corridor.members(funding.beneficiary or funding.authority)
    uk = {authority.code for authority in corridor.authorities if authority.kind == "uk"}
    return paid(tuple(members), kind, uk)


def _indices(corridor: Corridor, codes: Sequence[str], useful: Sequence[str]) -> np.ndarray:
    """Indices of some authorities, without those of a group whose share would have no effect."""
    here = [code for code in codes if code in useful] or codes
    return np.array([corridor.authority_index[code] for code in here], dtype=np.intp)


def _by_size(units: np.ndarray) -> np.ndarray:
    """Shares in proportion to the units there are, even shares where there are none."""
    total = units.sum()
    return units / total if total > 0 else np.full(len(units), 1.0 / len(units))
