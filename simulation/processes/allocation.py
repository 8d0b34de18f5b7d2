"""Where units stand: each authority sends them where its picture says people cross.

Weekly; with inertia, a floor of routine presence, and no knowledge beyond the picture. The chance
of a stop follows Koopman's random search, so effort has diminishing returns by itself. Source:
Koopman (1956), "The theory of search II", doi:10.1287/opre.4.5.503.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.columns import register_rows
from simulation.agents.unit import EnforcementUnit, UnitColumns, UnitKind
from simulation.compiled import kernel
from simulation.processes.world import BOAT, LORRY, World
from simulation.randomness import Decision, uniforms

PATROLS = {
    UnitKind.BORDER_PATROL: "border_patrol",
    UnitKind.CHECKPOINT: "checkpoint",
    UnitKind.COAST_PATROL: "coast_patrol",
}


def stop_chance(
    effort: npt.ArrayLike, sweep: npt.ArrayLike, width: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Chance that random search finds a crossing (Koopman 1956).

    Args:
        effort: Unit-days a day.
        sweep: Km one unit sweeps in the time a crossing takes.
        width: Km to be searched.

    Returns:
        1 - exp(-effort x sweep / width).
    """
    return 1.0 - np.exp(-np.asarray(effort) * np.asarray(sweep) / np.asarray(width))


def largest_remainder(shares: npt.NDArray[np.float64], units: int) -> npt.NDArray[np.int64]:
    """Whole units closest to the shares (Hamilton's method), in a fixed order of ties."""
    exact = shares * units
    whole = np.floor(exact)
    counts = whole.astype(np.int64)
    rest = units - int(counts.sum())
    if rest > 0:
        hand_out(exact - whole, counts, rest)
    return counts


@kernel
def hand_out(remainder: np.ndarray, counts: np.ndarray, rest: int) -> None:
    """Add one each to the `rest` counts with the largest remainders, the first of equal ones.

    Args:
        remainder: (shares,) from 0 to 1, changed.
        counts: (shares,) raised.
        rest: How many to add to.
    """
    for _ in range(min(rest, counts.size)):
        largest = 0
        for k in range(1, counts.size):
            if remainder[k] > remainder[largest]:
                largest = k
        counts[largest] += 1
        remainder[largest] = -1.0


@kernel
def send_units(
    members: np.ndarray,
    legs: np.ndarray,
    stays: np.ndarray,
    standing: np.ndarray,
    surplus: np.ndarray,
) -> None:
    """Move as few units as needed to have so many on each leg; some moves are put off.

    Args:
        members: Rows of the units concerned.
        legs: (legs,) where they can stand.
        stays: (units,) whose move is put off.
        standing: (units,) leg where each unit stands, changed.
        surplus: (legs,) minus the units wanted; becomes the units too many on each leg.
    """
    for row in members:
        for k in range(legs.size):
            if legs[k] == standing[row]:
                surplus[k] += 1
    goal = 0  # first leg that lacks units
    for row in members:
        at = -1
        for k in range(legs.size):
            if legs[k] == standing[row]:
                at = k
        if at >= 0 and (surplus[at] <= 0 or stays[row]):
            continue
        while goal < legs.size and surplus[goal] >= 0:
            goal += 1
        if goal == legs.size:
            break
        if at >= 0:
            surplus[at] -= 1
        surplus[goal] += 1
        standing[row] = legs[goal]


class Allocation:
    """Units of every authority and where they stand.

    Args:
        world: The world; its `units` are set.
    """

    def __init__(self, world: World) -> None:
        corridor = world.corridor
        authority, kind, uid = [], [], []
        for number, name in enumerate([*PATROLS.values(), "investigation"]):
            for row, size in enumerate(corridor.staff[name]):
                for k in range(round(float(size))):
                    authority.append(row)
                    kind.append(number)
                    uid.append((number << 32) | (row << 16) | k)
        world.units = UnitColumns(
            np.array(authority, dtype=np.int16),
            np.array(kind, dtype=np.int8),
            np.array(uid, dtype=np.uint64),
        )
        register_rows(world.model, EnforcementUnit, range(len(authority)))
        self._sweep = self._sweeps(world)
        self._recorded = self._recording(world)
        self._legs = {
            (row, kind): self._beat(world, row, kind)
            for row in range(len(corridor.authorities))
            for kind in PATROLS
        }
        #: (authorities, legs) the same as a table for each kind
        self._beats = {kind: np.zeros(world.ground.on_ground.shape, dtype=bool) for kind in PATROLS}
        for (owner, unit_kind), legs in self._legs.items():
            self._beats[unit_kind][owner, legs] = True
        self._one_unit = stop_chance(1.0, self._sweep, world.ground.width)
        # those who leave are mostly let go; launches are the exception
        ground = world.ground
        leaving = ground.authority_to != np.arange(len(corridor.authorities))[:, None]
        leaving &= ground.segment != BOAT
        self._interest = np.where(leaving, world.parameters.patrol.exit_interest, 1.0)
        #: what today's effort was worked out from: staff, operations, where units stood
        self._basis: tuple[object, object, npt.NDArray[np.int16]] | None = None
        self.by_authority = np.zeros((len(corridor.authorities), len(corridor.legs)))

    def _sweeps(self, world: World) -> npt.NDArray[np.float64]:
        """Km a unit sweeps on each leg, by mode, (legs,)."""
        patrol = world.parameters.patrol
        by_mode = {
            "foot": patrol.sweep_foot, "road": patrol.sweep_road, "rail": patrol.sweep_rail,
            "lorry": patrol.sweep_lorry, "ferry": patrol.sweep_ferry, "boat": patrol.sweep_boat,
        }  # fmt: skip
        sweep = np.array([by_mode[mode] for mode in world.ground.mode])
        sweep = np.where(world.ground.segment == LORRY, patrol.sweep_port, sweep)
        return np.where(world.ground.segment == BOAT, patrol.sweep_launch, sweep)

    def _recording(self, world: World) -> npt.NDArray[np.float64]:
        """Chance that a stop by the country entered is reported to Frontex, (legs,)."""
        detections = world.parameters.detections
        by_country = {
            "HU": detections.recorded_hungary,
            "HR": detections.recorded_croatia,
            "RO": detections.recorded_romania,
        }
        return np.array(
            [by_country[leg.authority_to] if leg.counted else 0.0 for leg in world.corridor.legs]
        )

    def _beat(self, world: World, authority: int, kind: UnitKind) -> npt.NDArray[np.intp]:
        """Legs a kind of unit of an authority can stand on."""
        ground = world.ground
        mine = ground.on_ground[authority]
        launch = ground.segment == BOAT
        by_sea = np.isin(ground.mode, ("boat", "ferry"))
        on_foot = ground.mode == "foot"
        if kind is UnitKind.COAST_PATROL:
            # launches are stopped on the beach they leave from
            suits = (by_sea & ~launch) | (launch & (ground.authority_from == authority))
        elif kind is UnitKind.BORDER_PATROL:
            border = ground.authority_from != ground.authority_to
            suits = on_foot | (border & ~by_sea)
        else:
            suits = ~on_foot & ~by_sea
        return np.flatnonzero(mine & suits)

    def reallocate(self, world: World) -> None:
        """Send units where the picture says people cross, some of them at a time."""
        patrol, units = world.parameters.patrol, world.units
        activity = world.pictures.activity
        draw = uniforms(world.seed, Decision.UNIT_MOVE, units.uid, world.ordinal)
        stays = draw < patrol.inertia
        group = units.authority.astype(np.int64) * len(UnitKind) + units.kind
        order = np.argsort(group, kind="stable")
        first = np.searchsorted(group[order], np.arange(activity.shape[0] * len(UnitKind) + 1))
        for (authority, kind), legs in self._legs.items():
            number = authority * len(UnitKind) + kind
            members = order[first[number] : first[number + 1]]
            if not members.size or not legs.size:
                continue
            # what a unit can find there: people crossing times the chance it adds
            yields = activity[authority, legs] * self._one_unit[legs]
            interest = self._interest[authority, legs]
            yields = (yields * interest) ** patrol.concentration
            total = yields.sum()
            share = yields / total if total > 0 else np.full(legs.size, 1.0 / legs.size)
            wanted = largest_remainder(share, members.size)
            send_units(members, legs, stays, units.leg, -wanted)

    def _surged(self, world: World, effort: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Effort with operations: a multiple of what is there, or of the usual presence on a leg.

        An operation goes where an authority often has next to nobody, so its strength counts from
        the authority's mean presence on a leg where that is more.
        """
        surge = world.policy.patrol_surge
        legs = np.maximum(world.ground.on_ground.sum(axis=1), 1)
        presence = sum(world.policy.staff[name] for name in PATROLS.values()) / legs
        base = np.where(surge > 1.0, np.maximum(effort, presence[:, None]), effort)
        return base * surge

    def deploy(self, world: World) -> None:
        """Effort on every leg today and the chance of a stop there.

        A unit spends part of its time on routine presence on all its authority's legs and the
        rest where it stands. As long as staff, operations and places of units are yesterday's,
        so is the effort.
        """
        units, patrol, staff = world.units, world.parameters.patrol, world.policy.staff
        surge = world.policy.patrol_surge
        if self._basis is not None:
            then_staff, then_surge, then_leg = self._basis
            if then_staff is staff and then_surge is surge and np.array_equal(then_leg, units.leg):
                return
        self._basis = staff, surge, units.leg.copy()
        effort = np.zeros(self.by_authority.shape)
        for kind, name in PATROLS.items():
            of_kind = units.kind == kind
            number = np.bincount(units.authority[of_kind], minlength=effort.shape[0])
            per_unit = np.divide(
                staff[name], number, out=np.zeros(effort.shape[0]), where=number > 0
            )
            units.strength[of_kind] = per_unit[units.authority[of_kind]]
            placed = of_kind & (units.leg >= 0)
            np.add.at(
                effort,
                (units.authority[placed], units.leg[placed]),
                units.strength[placed] * (1.0 - patrol.routine_share),
            )
            # an authority that had no units of a kind spreads new ones evenly
            routine = np.where(number > 0, patrol.routine_share, 1.0)
            beat = self._beats[kind]
            each = staff[name] * routine / np.maximum(beat.sum(axis=1), 1)
            effort += np.where(beat, each[:, None], 0.0)
        effort = self._surged(world, effort)
        self.by_authority = effort
        world.effort = effort.sum(axis=0)
        world.legs.stop_chance[:] = stop_chance(world.effort, self._sweep, world.ground.width)
        # only the country that is entered reports a stop as a detection at its border
        entered = effort[world.ground.authority_to, np.arange(effort.shape[1])]
        entered = np.divide(
            entered, world.effort, out=np.zeros(entered.size), where=world.effort > 0
        )
        world.legs.recorded_chance[:] = self._recorded * entered
        stopper = np.argmax(effort, axis=0)
        world.legs.stop_authority[:] = np.where(world.effort > 0, stopper, -1)
