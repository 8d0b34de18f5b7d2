"""Where people cross, by each authority's own view and by shared estimates, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor.stages import BOAT
from simulation.model.processes.world import World


class Sights(NamedTuple):
    """What an evening shows of crossings; arrays (legs,) unless said."""

    stops: Ints  # agents stopped today
    stop_chance: Floats
    arrivals: Ints  # agents who arrived today
    origin: npt.NDArray[np.int16]  # place where a leg starts
    present: npt.NDArray[np.int32]  # (places,) agents there this evening
    stay_mean: Floats  # (places,) days they stay
    leg_start: npt.NDArray[np.int32]  # (places + 1,) first of the legs that leave each place


class Watch(NamedTuple):
    """Who can see what; arrays (legs,) unless said."""

    authority_from: npt.NDArray[np.int16]  # who owns the near end
    landing: npt.NDArray[np.int16]  # who receives those who land there, -1 where nobody lands
    on_ground: Bools  # (authorities, legs) legs that concern an authority
    crossings: Floats  # (3, legs) work space of `_estimate_crossings`


@inner
def _estimate_crossings(
    sights: Sights, chance_floor: float, scale: float, crossings: np.ndarray
) -> None:
    """Estimate the crossings of every leg from stops, from those who leave, and from arrivals.

    Fills in people, (3, legs), one row for each kind of sight. No chance counts for less than
    `chance_floor`.
    """
    by_stops, by_presence, by_landings = crossings[0], crossings[1], crossings[2]
    for leg in range(by_stops.size):
        place, chance = sights.origin[leg], sights.stop_chance[leg]
        by_stops[leg] = sights.stops[leg] / scale / max(chance, chance_floor)
        leaving = sights.present[place] / scale / max(sights.stay_mean[place] + 1.0, 1.0)
        ways = sights.leg_start[place + 1] - sights.leg_start[place]
        by_presence[leg] = leaving / max(ways, 1)
        by_landings[leg] = sights.arrivals[leg] / scale / max(1.0 - chance, chance_floor)


@kernel
def _estimate_activity(
    packed: np.ndarray,
    sights: Sights,
    watch: Watch,
    effort: np.ndarray,
    speed: float,
    own: np.ndarray,
    precision: np.ndarray,
    latest: np.ndarray,
) -> None:
    """Each authority's own estimate of crossings, from what it saw today.

    Estimates, their worth, and the estimates to be remembered are filled in, (authorities, legs).
    """
    now = packed[0]
    intelligence = now.intelligence
    crossings, landing = watch.crossings, watch.landing
    by_stops, by_presence, by_landings = crossings[0], crossings[1], crossings[2]
    _estimate_crossings(sights, intelligence.chance_floor, now.scale, crossings)
    for a in range(effort.shape[0]):
        for leg in range(effort.shape[1]):
            precision[a, leg], latest[a, leg] = 0.0, own[a, leg]
        for leg in range(effort.shape[1]):
            at_near_end = watch.authority_from[leg] == a
            blind = (effort[a, leg] == 0.0) & (not at_near_end) & (landing[leg] != a)
            if blind & (own[a, leg] == 0.0):  # most: it sees nothing and remembers nothing
                continue
            sight = effort[a, leg] / (effort[a, leg] + intelligence.effort_half_sight)
            at_home = intelligence.presence_sight if at_near_end else 0.0
            at_landing = intelligence.landing_sight if landing[leg] == a else 0.0
            weight = sight + at_home + at_landing
            estimate = (
                sight * by_stops[leg] + at_home * by_presence[leg]
                + at_landing * by_landings[leg]
            )  # fmt: skip
            estimate /= max(weight, 1e-9)
            own[a, leg] += speed * (estimate - own[a, leg])
            precision[a, leg] = weight if watch.on_ground[a, leg] else 0.0
            latest[a, leg] = own[a, leg]


class _Shared(NamedTuple):
    """Estimates of activity, and how they pass between authorities; see `fuse_activity`."""

    history: Floats
    precision: Floats
    newest: int
    coverage: Floats
    delay: Floats
    fidelity: Floats
    half_life: float


@inner
def _is_heard(source: int, to: int, shared: _Shared) -> bool:
    """Whether anything of what one authority sees reaches another."""
    return shared.coverage[source, to] > 0.0 and shared.fidelity[source, to] > 0.5


@inner
def _fuse_leg(to: int, leg: int, shared: _Shared) -> float:
    """Expected activity on one leg, as one authority sees it; 0 where none knows of any."""
    days, count, _ = shared.history.shape
    total, weight_sum, at_sources = 0.0, 0.0, 0.0
    for source in range(count):
        worth, age = shared.precision[source, leg], 0.0
        if worth <= 0.0 or (source != to and not _is_heard(source, to, shared)):
            continue
        if source != to:
            age = shared.delay[source, to]
            at_sources += worth
            worth *= shared.coverage[source, to] * (2.0 * shared.fidelity[source, to] - 1.0)
        worth *= 2.0 ** (-age / shared.half_life)
        back = min(int(age), days - 1)
        total += worth * shared.history[(shared.newest - back) % days, source, leg]
        weight_sum += worth
    if shared.precision[to, leg] <= 0.0:
        weight_sum = at_sources
    return total / weight_sum if weight_sum > 0.0 else 0.0


@kernel
def fuse_activity(
    history: np.ndarray,
    precision: np.ndarray,
    newest: int,
    coverage: np.ndarray,
    delay: np.ndarray,
    fidelity: np.ndarray,
    half_life: float,
    on_ground: np.ndarray,
    out: np.ndarray,
) -> None:
    """Each authority's expected activity: its own estimate and the others', by their worth.

    Another's estimate counts by coverage, by what fidelity leaves of it (nothing at 0.5) and by
    its age. Estimates are not passed on further, so none counts twice. Where an authority sees
    nothing itself, shared estimates count by their worth, so old or garbled ones have no effect.

    Args:
        history: (days, authorities, legs) own estimates, a ring.
        precision: (authorities, legs) worth of each authority's own estimate.
        newest: Index in the ring of today's.
        coverage: (authorities, authorities), [from, to].
        delay: Mean days, same shape.
        fidelity: Same shape.
        half_life: Days in which an estimate loses half its worth.
        on_ground: (authorities, legs) legs that concern an authority.
        out: (authorities, legs), filled.
    """
    shared = _Shared(history, precision, newest, coverage, delay, fidelity, half_life)
    for to in range(on_ground.shape[0]):
        for leg in range(on_ground.shape[1]):
            out[to, leg] = _fuse_leg(to, leg, shared) if on_ground[to, leg] else 0.0


class Activity:
    """Estimates of where people cross, over some days.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        ground, days = world.ground, world.parameters.intelligence.memory_days
        #: (days, authorities, legs) own estimates, a ring
        self._history = np.zeros((days, *ground.on_ground.shape))
        landing = np.where(ground.segment == BOAT, ground.authority_to, np.int16(-1))
        crossings = np.empty((3, ground.segment.size))
        self._watch = Watch(ground.authority_from, landing, ground.on_ground, crossings)

    def prime(self, world: World, flows: Floats) -> None:
        """Before the first day every authority knows the usual activity on its own ground.

        Args:
            world: The world.
            flows: (legs,) expected attempts a day.
        """
        usual = flows[None, :] * world.ground.on_ground
        world.beliefs.own_activity[:] = usual
        world.beliefs.activity[:] = usual
        self._history[:] = usual

    def observe(self, world: World, effort: Floats) -> None:
        """Each authority's own estimate of crossings on its legs.

        Patrols see stops, which are divided by the chance of a stop. The owner of the place that
        people leave sees how many wait there. The authority where people land sees them land.

        Args:
            world: The world.
            effort: (authorities, legs) of today.
        """
        places, beliefs = world.places, world.beliefs
        half_life = world.parameters.intelligence.activity_half_life_days
        sights = Sights(
            world.counts.stops, world.legs.stop_chance, world.counts.arrivals,
            world.ground.origin, world.ledger.present[world.day], places.stay_mean,
            places.leg_start,
        )  # fmt: skip
        _estimate_activity(
            world.now, sights, self._watch, effort, 1.0 - 2.0 ** (-1.0 / half_life),
            beliefs.own_activity, beliefs.precision,
            self._history[world.day % self._history.shape[0]],
        )  # fmt: skip

    def fuse(self, world: World) -> None:
        """Bring every authority's view of activity up to date with the estimates of others.

        In the morning the latest estimate is that of the evening before.
        """
        sharing = world.policy.sharing
        fuse_activity(
            self._history, world.beliefs.precision, (world.day - 1) % self._history.shape[0],
            sharing.coverage, sharing.delay_days, sharing.fidelity,
            world.parameters.intelligence.activity_half_life_days, world.ground.on_ground,
            world.beliefs.activity,
        )  # fmt: skip
