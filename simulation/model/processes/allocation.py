"""Where units stand: each authority sends them where its picture says people cross.

Weekly; with inertia, a floor of routine presence, and no knowledge beyond the picture. The chance
of a stop follows Koopman's random search, so effort has diminishing returns by itself. Source:
Koopman (1956), "The theory of search II", doi:10.1287/opre.4.5.503.

Checks of vehicles and trains at borders add to what patrols find on a leg. Whoever is found is
refused and turned back, as by a patrol. People avoid checks as they avoid patrols
(`conditions.evade`), and the time they cost counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, compiled, inner, kernel
from simulation.corridor.jurisdiction import patrol_legs
from simulation.corridor.stages import BOAT, LORRY
from simulation.model.agents.decisions import AllocationInputs, AllocationRule, checked
from simulation.model.agents.unit import PATROLS
from simulation.model.processes.tables import LegArrays
from simulation.model.processes.world import World
from simulation.randomness import Decision, uniforms
from simulation.scenario.levers.borders import BORDER_CHECKS, BorderChecks


class Patrols(NamedTuple):
    """Units that patrol, and what does not change of where they can stand and whom they stop."""

    # (units,) all units of all authorities
    authority: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int8]
    leg: npt.NDArray[np.int16]
    strength: Floats  # filled in every day
    # (kinds, authorities)
    number: Ints  # how many there are
    staff: Floats  # units after staff changes and funding, filled in every day
    beat_size: Ints  # number of legs where they can stand, at least 1
    beats: Bools  # (kinds, authorities, legs) where they can stand
    legs_on_ground: Ints  # (authorities,) legs on the own ground, at least 1
    # (legs,)
    freight: Bools  # whether people hide in freight there
    authority_to: npt.NDArray[np.int16]  # who owns the far end
    recorded: Floats  # chance that a stop by that authority is reported


class Beats(NamedTuple):
    """Units of one kind of an authority and the legs where they can stand; (beats,) unless said."""

    first_unit: Ints  # (beats + 1,) where those of each begin in `units`
    units: Ints  # (units,) rows
    first_leg: Ints  # (beats + 1,) where those of each begin in `legs`
    legs: Ints  # (legs of all beats,)
    owner: Ints  # (legs of all beats,) whose units stand there


_BLOCK = 128  # numbers that are summed without being halved


@inner
def _sum_block(values: np.ndarray, first: int, last: int) -> float:
    """Sum of at most 128 numbers, from `first` to before `last`, as `pairwise_sum` takes it."""
    total = 0.0
    if last - first < 8:
        for k in range(first, last):
            total += values[k]
        return total
    s0, s1, s2, s3 = values[first], values[first + 1], values[first + 2], values[first + 3]
    s4, s5, s6, s7 = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    whole = last - (last - first) % 8
    for k in range(first + 8, whole, 8):
        s0 += values[k]
        s1 += values[k + 1]
        s2 += values[k + 2]
        s3 += values[k + 3]
        s4 += values[k + 4]
        s5 += values[k + 5]
        s6 += values[k + 6]
        s7 += values[k + 7]
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for k in range(whole, last):
        total += values[k]
    return total


@compiled
def pairwise_sum(values: np.ndarray) -> float:
    """The sum of some numbers in the order in which `numpy.sum` takes them.

    Blocks of up to 128 are summed by eight, and longer arrays are halved until they are such
    blocks. So a sum that moves from NumPy into compiled code stays the same to the last bit.
    Source: Higham (1993), "The accuracy of floating point summation", doi:10.1137/0914050.

    Args:
        values: (n,).
    """
    if values.size <= _BLOCK:
        return _sum_block(values, 0, values.size)
    half = values.size // 2
    half -= half % 8
    return pairwise_sum(values[:half]) + pairwise_sum(values[half:])


def stop_chance(effort: npt.ArrayLike, sweep: npt.ArrayLike, width: npt.ArrayLike) -> Floats:
    """Chance that random search finds a crossing (Koopman 1956).

    Args:
        effort: Unit-days a day.
        sweep: Km one unit sweeps in the time a crossing takes.
        width: Km to be searched.

    Returns:
        1 - exp(-effort x sweep / width).
    """
    return chance_at_rate(np.asarray(effort) * np.asarray(sweep) / np.asarray(width))


def chance_at_rate(rate: Floats) -> Floats:
    """Chance that random search at a rate finds a crossing: `1 - exp(-rate)` (Koopman 1956).

    Args:
        rate: Effort x sweep / width.
    """
    return np.subtract(1.0, np.exp(-rate))


@kernel
def hand_out(shares: np.ndarray, units: int, remainder: np.ndarray, counts: np.ndarray) -> None:
    """Round shares of some units to whole ones by Hamilton's method of largest remainders.

    Of equal remainders the first goes first.

    Args:
        shares: (shares,) that sum to 1.
        units: Number of units.
        remainder: (shares,) work space.
        counts: (shares,) filled with whole units.
    """
    rest = units
    for k in range(shares.size):
        whole = np.floor(shares[k] * units)
        remainder[k] = shares[k] * units - whole
        counts[k] = int(whole)
        rest -= int(whole)
    for _ in range(min(rest, shares.size)):
        largest = 0
        for k in range(1, shares.size):
            if remainder[k] > remainder[largest]:
                largest = k
        counts[largest] += 1
        remainder[largest] = -1.0


@inner
def _send_units(
    members: np.ndarray,
    legs: np.ndarray,
    stays: np.ndarray,
    standing: np.ndarray,
    wanted: np.ndarray,
    surplus: np.ndarray,
) -> None:
    """Move as few of some units as needed to have so many on each leg; some moves are put off.

    `wanted` is on each of `legs`; `surplus` is filled with the units too many there.
    """
    for k in range(legs.size):
        surplus[k] = -wanted[k]
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


@kernel
def _send_all(
    worth: np.ndarray,
    stays: np.ndarray,
    beats: Beats,
    standing: np.ndarray,
    parts: np.ndarray,
    numbers: np.ndarray,
) -> None:
    """Send units where they are worth most, in proportion; evenly if none is worth anything.

    `worth` is that of a unit on each leg of all beats. The last two, (2, legs), are work space.
    """
    wanted, surplus = numbers[0], numbers[1]
    for k in range(beats.first_unit.size - 1):
        members = beats.units[beats.first_unit[k] : beats.first_unit[k + 1]]
        first, last = beats.first_leg[k], beats.first_leg[k + 1]
        legs, share = beats.legs[first:last], parts[0, : last - first]
        total = pairwise_sum(worth[first:last])
        for place in range(legs.size):
            share[place] = worth[first + place] / total if total > 0.0 else 1.0 / legs.size
        hand_out(share, members.size, parts[1], wanted)
        _send_units(members, legs, stays, standing, wanted, surplus)


@inner
def _add_kind(units: Patrols, routine_share: float, kind: int, effort: np.ndarray) -> None:
    """Add the unit-days of units of one kind: where they stand, and on routine presence."""
    number, staff, beats = units.number, units.staff, units.beats
    for row in range(units.kind.size):
        if units.kind[row] != kind:
            continue
        a, leg = units.authority[row], units.leg[row]
        units.strength[row] = staff[kind, a] / number[kind, a]
        if leg >= 0:
            effort[a, leg] += units.strength[row] * (1.0 - routine_share)
    for a in range(effort.shape[0]):
        routine = routine_share if number[kind, a] > 0 else 1.0
        each = staff[kind, a] * routine / units.beat_size[kind, a]
        for leg in range(effort.shape[1]):
            if beats[kind, a, leg]:
                effort[a, leg] += each


@inner
def _add_operations(units: Patrols, surge: np.ndarray, effort: np.ndarray) -> None:
    """Multiply what there is, or the usual presence on a leg where that is more, by operations."""
    for a in range(effort.shape[0]):
        usual = 0.0
        for kind in range(units.staff.shape[0]):
            usual += units.staff[kind, a]
        usual /= units.legs_on_ground[a]
        for leg in range(effort.shape[1]):
            if surge[a, leg] > 1.0:
                effort[a, leg] = max(effort[a, leg], usual)
            effort[a, leg] *= surge[a, leg]


@inner
def _spread_effort(
    units: Patrols, routine_share: float, surge: np.ndarray, effort: np.ndarray
) -> None:
    """Unit-days of every authority on every leg, operations included.

    A unit spends part of its time on routine presence on all its authority's legs and the rest
    where it stands. An authority that had no units of a kind spreads new ones evenly. An operation
    is a multiple of what is there, or of the usual presence on a leg where that is more, for it
    goes where an authority often has next to nobody.
    """
    effort[:, :] = 0.0
    for kind in range(units.beats.shape[0]):
        _add_kind(units, routine_share, kind, effort)
    _add_operations(units, surge, effort)


@kernel
def _deploy_units(
    packed: np.ndarray,
    units: Patrols,
    surge: np.ndarray,
    search: float,
    effort: np.ndarray,
    total: np.ndarray,
    recorded_chance: np.ndarray,
    stop_authority: np.ndarray,
) -> None:
    """Effort of all authorities on each leg (`_spread_effort`), and whose it mostly is.

    Only the country that is entered reports a stop as a detection at its border. Filled in are
    unit-days of each authority and their sum, the chance that a stop is reported, and who mostly
    stops people, -1 where nobody does. Searches of freight take `search` times today's effort.
    """
    now = packed[0]
    _spread_effort(units, now.patrol.routine_share, surge, effort)
    for leg in range(total.size):
        total[leg], most = 0.0, 0
        for a in range(effort.shape[0]):
            if units.freight[leg]:
                effort[a, leg] *= search
            total[leg] += effort[a, leg]
            if effort[a, leg] > effort[most, leg]:
                most = a
        recorded_chance[leg], stop_authority[leg] = 0.0, -1
        if total[leg] > 0.0:
            entered = effort[units.authority_to[leg], leg] / total[leg]
            recorded_chance[leg] = units.recorded[leg] * entered
            stop_authority[leg] = most


def add_checks(
    checks: BorderChecks,
    authority_to: npt.NDArray[np.int16],
    recorded: Floats,
    search_rate: Floats,
    legs: LegArrays,
) -> None:
    """Add checks to the rate at which people are found, and to who mostly stops them.

    Args:
        checks: Today's checks.
        authority_to: (legs,) row of the authority on whose ground the leg ends.
        recorded: (legs,) chance that a stop by that authority is reported as a detection.
        search_rate: (legs,) search by patrols (effort x sweep / width), to which checks add.
        legs: Its `recorded_chance` and `stop_authority` are changed.
    """
    here = np.flatnonzero(checks.rate > 0.0)
    patrols, rate = search_rate[here], checks.rate[here]
    share = rate / (patrols + rate)  # of stops that checks make
    reported = np.where(checks.authority[here] == authority_to[here], recorded[here], 0.0)
    legs.recorded_chance[here] += share * (reported - legs.recorded_chance[here])
    mostly = here[rate > patrols]
    legs.stop_authority[mostly] = checks.authority[mostly]
    search_rate[here] += rate


def _laid_end_to_end(parts: list[npt.NDArray[np.intp]]) -> tuple[Ints, Ints]:
    """Where each of some arrays begins, (arrays + 1,), and all of them in one."""
    first = np.cumsum([0, *(part.size for part in parts)], dtype=np.int64)
    return first, np.concatenate([np.empty(0, dtype=np.int64), *parts])


class Allocation:
    """Units of every authority and where they stand.

    Args:
        world: The world.
        rule: A rule of the user's own in place of the built-in one.
    """

    def __init__(self, world: World, rule: AllocationRule | None = None) -> None:
        self.rule = rule
        corridor = world.corridor
        units = world.units
        number = np.zeros((len(PATROLS), len(corridor.authorities)), dtype=np.int64)
        for patrol in PATROLS:
            np.add.at(number[patrol], units.authority[units.kind == patrol], 1)
        self._sweep = self._sweeps(world)
        beats = np.zeros((len(PATROLS), *world.ground.on_ground.shape), dtype=bool)
        authorities, members, stands = [], [], []  # where there are units and legs
        number_of = {leg.id: number for number, leg in enumerate(corridor.legs)}
        places_of = {patrol: patrol_legs(corridor, name) for patrol, name in PATROLS.items()}
        for row, authority in enumerate(corridor.authorities):
            for patrol in PATROLS:
                here = places_of[patrol].get(authority.code, ())
                legs = np.array([number_of[leg] for leg in here], dtype=np.intp)
                beats[patrol, row, legs] = True
                mine = (world.units.authority == row) & (world.units.kind == patrol)
                if legs.size and mine.any():
                    authorities.append(row)
                    members.append(np.flatnonzero(mine))
                    stands.append(legs)
        owner = np.repeat(np.array(authorities, dtype=np.int64), [legs.size for legs in stands])
        self._beats_of_units = Beats(*_laid_end_to_end(members), *_laid_end_to_end(stands), owner)
        self.patrols = Patrols(
            units.authority, units.kind, units.leg, units.strength, number, np.zeros(number.shape),
            np.maximum(beats.sum(axis=2), 1), beats,
            np.maximum(world.ground.on_ground.sum(axis=1), 1), world.ground.segment == LORRY,
            world.ground.authority_to, self._recording(world),
        )  # fmt: skip
        self._one_unit = stop_chance(1.0, self._sweep, world.ground.width)
        # those who leave are mostly let go; launches are the exception
        ground = world.ground
        leaving = ground.authority_to != np.arange(len(corridor.authorities))[:, None]
        leaving &= ground.segment != BOAT
        self._interest = np.where(leaving, world.parameters.patrol.exit_interest, 1.0)
        #: what today's effort was worked out from: staff, operations, searches of freight, checks
        #: at borders, and where units stood
        self._basis: tuple[object, object, float, object, bytes] | None = None
        self.by_authority = np.zeros((len(corridor.authorities), len(corridor.legs)))

    def _sweeps(self, world: World) -> Floats:
        """Km a unit sweeps on each leg, by mode, (legs,)."""
        patrol = world.parameters.patrol
        by_mode = {
            "foot": patrol.sweep_foot, "road": patrol.sweep_road, "rail": patrol.sweep_rail,
            "lorry": patrol.sweep_lorry, "ferry": patrol.sweep_ferry, "boat": patrol.sweep_boat,
        }  # fmt: skip
        sweep = np.array([by_mode[mode] for mode in world.ground.mode])
        sweep = np.where(world.ground.segment == LORRY, patrol.sweep_port, sweep)
        return np.where(world.ground.segment == BOAT, patrol.sweep_launch, sweep)

    def _recording(self, world: World) -> Floats:
        """Chance that a stop by the country entered is reported to Frontex, (legs,)."""
        detections = world.parameters.detections
        # the corridor says which legs count; the records of shares go by the country's name
        by_country = {
            "HU": detections.recorded_hungary,
            "HR": detections.recorded_croatia,
            "RO": detections.recorded_romania,
        }
        return np.array(
            [by_country[leg.authority_to] if leg.counted else 0.0 for leg in world.corridor.legs]
        )

    def reallocate(self, world: World, ahead: int = 0) -> None:
        """Send units where the picture says people cross, some of them at a time.

        Args:
            world: The world.
            ahead: Rounds before the first morning, each with its own draws; 0 afterwards.
        """
        patrol, units = world.parameters.patrol, world.units
        draw = uniforms(world.seed, Decision.UNIT_MOVE, units.uid, world.ordinal - ahead)
        stays = draw < patrol.inertia
        # what a unit can find on a leg: people crossing times the chance it adds
        beats = self._beats_of_units
        if self.rule is None:
            worth = world.beliefs.activity[beats.owner, beats.legs] * self._one_unit[beats.legs]
            worth = (worth * self._interest[beats.owner, beats.legs]) ** patrol.concentration
        else:
            worth = self._by_rule(world, self.rule)[beats.owner, beats.legs]
        space = 2, self._one_unit.size
        parts, numbers = np.empty(space), np.empty(space, dtype=np.int64)
        _send_all(worth, stays, beats, units.leg, parts, numbers)

    def _by_rule(self, world: World, rule: AllocationRule) -> Floats:
        """What a unit is worth by a rule of the user's own, (authorities, legs)."""
        beliefs = world.beliefs
        inputs = AllocationInputs(
            day=world.day,
            activity=beliefs.activity.copy(),
            own_activity=beliefs.own_activity.copy(),
            precision=beliefs.precision.copy(),
            stop_chance=self._one_unit.copy(),
            interest=self._interest.copy(),
        )
        return checked("allocation", rule(inputs), beliefs.activity.shape)

    def deploy(self, world: World) -> None:
        """Effort on every leg today and the chance of a stop there.

        As long as staff, operations, searches of freight, checks at borders and places of units
        are yesterday's, so is the effort.
        """
        staff, standing = world.policy.staff, world.units.leg.tobytes()
        surge, search = world.policy.patrol_surge, world.policy.freight_search
        checks = BORDER_CHECKS.of(world.policy)
        if self._basis is not None:
            then_staff, then_surge, then_search, then_checks, then_standing = self._basis
            same = then_staff is staff and then_surge is surge and then_search == search
            if same and then_checks is checks and then_standing == standing:
                return
        self._basis = staff, surge, search, checks, standing
        if not checks.idle:  # lifted checks leave fewer patrols
            surge = surge * checks.patrols
        for patrol, name in PATROLS.items():
            self.patrols.staff[patrol] = staff[name]
        _deploy_units(
            world.now, self.patrols, surge, search, self.by_authority, world.effort,
            world.legs.recorded_chance, world.legs.stop_authority,
        )  # fmt: skip
        np.divide(world.effort * self._sweep, world.ground.width, out=world.search_rate)
        if not checks.idle:
            add_checks(
                checks, world.ground.authority_to, self.patrols.recorded, world.search_rate,
                world.legs,
            )  # fmt: skip
        world.legs.stop_chance[:] = chance_at_rate(world.search_rate)
