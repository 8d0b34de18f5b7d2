"""What people find at places and believe about legs: stays, crowding, hearsay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.processes.world import World

_YEAR = 365.25
_COLDEST = 15  # day of the year


def base_stays(world: World) -> npt.NDArray[np.float64]:
    """Usual days at each place before seasons and crowds, (places,)."""
    stays = world.parameters.stays
    by_kind = {
        "entry": stays.entry_days,
        "transit": stays.transit_days,
        "hub": stays.hub_days,
        "coast": stays.coast_days,
        "landing": 0.0,
    }
    inside = {"IT", "AT", "DE", "CH", "BE", "FR"}  # beyond the Balkans people stay longer
    return np.array(
        [
            by_kind[place.kind]
            * (stays.west_factor if place.authority in inside and place.kind == "hub" else 1.0)
            for place in world.corridor.places
        ]
    )


class Conditions:
    """Stays at places and shared beliefs about legs.

    Args:
        world: The world.
        usual_risk: (legs,) chance of a stop people know of on the first day.
    """

    def __init__(self, world: World, usual_risk: npt.NDArray[np.float64]) -> None:
        self._base = base_stays(world)
        self._usual_present = np.zeros(self._base.size)
        self._usual_risk = usual_risk
        self._trials = np.zeros(usual_risk.size)
        self._stops = np.zeros(usual_risk.size)
        trust = world.parameters.beliefs.smuggler_trust
        self._shade = 1.0 - trust * (1.0 - world.parameters.beliefs.smuggler_shade)
        world.legs.belief[:] = self._played_down(usual_risk)
        self._usual_cost = world.legs.other_cost.copy()
        self._asked = np.zeros(usual_risk.size)
        self._unmet = np.zeros(usual_risk.size)

    def step(self, world: World) -> None:
        """Set today's stays from season and crowding."""
        stays = world.parameters.stays
        angle = 2.0 * np.pi * (world.today.timetuple().tm_yday - _COLDEST) / _YEAR
        season = 1.0 + stays.winter_effect * np.cos(angle)
        present = world.waiting
        keep = np.exp(-1.0 / stays.crowd_memory_days)
        self._usual_present = keep * self._usual_present + (1.0 - keep) * present
        # camps fuller than usual push people on
        ratio = (present + 1.0) / (self._usual_present + 1.0)
        bounded = np.minimum(np.maximum(ratio, 1.0 / stays.crowd_bound), stays.crowd_bound)
        push = bounded**-stays.crowd_effect
        world.places.stay_mean[:] = self._base * season * push

    def hear(self, world: World) -> None:
        """Pass on what happened on each leg: people talk where they wait, smugglers play down."""
        self._queue_up(world)
        if not world.policy.adaptation.beliefs:
            return
        beliefs, counts = world.parameters.beliefs, world.counts
        keep = 2.0 ** (-1.0 / beliefs.half_life_days)
        self._trials = keep * self._trials + counts.departures / world.scale
        self._stops = keep * self._stops + counts.stops / world.scale
        prior = beliefs.prior_trials
        shared = (self._stops + prior * self._usual_risk) / (self._trials + prior)
        world.legs.belief[:] = self._played_down(shared)

    def _queue_up(self, world: World) -> None:
        """What asking again and again for a full leg is expected to cost.

        If a share of those who ask are turned away, somebody is turned away share / (1 - share)
        times before finding room, and waits each time.
        """
        keep = np.exp(-1.0 / world.parameters.stays.queue_memory_days)
        self._asked = keep * self._asked + world.counts.asked / world.scale
        self._unmet = keep * self._unmet + world.counts.unmet / world.scale
        tries = self._unmet / np.maximum(self._asked - self._unmet, 1.0)
        wait = tries * world.rules.wait_days
        world.legs.other_cost[:] = self._usual_cost + world.rules.day_value * wait

    def _played_down(self, chance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What is believed of a chance when smugglers own up to part of its odds."""
        odds = self._shade * chance
        return odds / (odds + 1.0 - chance)
