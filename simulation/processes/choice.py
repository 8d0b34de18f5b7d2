"""What the way ahead is worth: the recursive logit by which people choose their next leg.

The value of coming to a place for somebody bound for a destination is the expected best of the legs
that lead on, each at its cost plus the value of where it ends, less what the usual stay before
going on costs. Source: Fosgerau, Frejinger, Karlstrom
(2013), "A link based network route choice model with unrestricted choice set",
doi:10.1016/j.trb.2013.07.012.

Legs by freight across the Channel are a nest: what people prefer of boats and lorries is more
stable than what they prefer among lorries or among boats. Source: Mai, Fosgerau, Frejinger (2015),
"A nested recursive logit model for route choice analysis", doi:10.1016/j.trb.2015.03.015.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import compiled, inner
from simulation.processes.world import World

_SWEEPS = 500
_CLOSE = 1e-9


@inner
def nested_value(freight: float, others: float, nesting: float) -> float:
    """The expected best of two nests, each given as its sum of exponentials of values.

    Args:
        freight: Of the legs by freight; zero if there are none.
        others: Of the other legs; the same.
        nesting: Weight of values in the choice between the nests; 1 is the plain logit.
    """
    best, least = max(freight, others), min(freight, others)
    if least <= 0.0:
        return np.log(best)
    return np.log(best) + np.log1p((least / best) ** nesting) / nesting


@compiled
def values_to_go(
    leg_start: np.ndarray,
    legs: np.ndarray,
    target: np.ndarray,
    cost: np.ndarray,
    freight: np.ndarray,
    nesting: float,
    stay: np.ndarray,
    destination: np.ndarray,
    out: np.ndarray,
) -> int:
    """Solve for the value of every place and destination.

    Args:
        leg_start: (places + 1,) first entry of `legs` for each place.
        legs: Legs sorted by where they start.
        target: (legs,) where a leg ends.
        cost: (legs,) in units of choice, positive; infinite where a leg is not on offer.
        freight: (legs,) which ones are the nest of freight.
        nesting: Weight of values in the choice between freight and the other legs.
        stay: (places,) cost of staying before going on, in units of choice.
        destination: (places,) destination served by a place, -1 if none.
        out: (destinations, places), the values; -inf where a destination cannot be reached.

    Returns:
        Sweeps used, at most a fixed number.
    """
    places = destination.size
    out[:, :] = -np.inf
    for d in range(out.shape[0]):
        for p in range(places):
            if destination[p] == d:
                out[d, p] = 0.0
    for sweep in range(_SWEEPS):
        change = 0.0
        for d in range(out.shape[0]):
            for p in range(places - 1, -1, -1):
                if destination[p] == d:
                    continue
                best = -np.inf
                for k in range(leg_start[p], leg_start[p + 1]):
                    best = max(best, out[d, target[legs[k]]] - cost[legs[k]])
                if best == -np.inf:
                    continue
                others, hidden = 0.0, 0.0
                for k in range(leg_start[p], leg_start[p + 1]):
                    part = np.exp(out[d, target[legs[k]]] - cost[legs[k]] - best)
                    if freight[legs[k]]:
                        hidden += part
                    else:
                        others += part
                value = best + nested_value(hidden, others, nesting) - stay[p]
                change = max(change, abs(value - out[d, p]))
                out[d, p] = value
        if change < _CLOSE:
            return sweep + 1
    return _SWEEPS


def leg_costs(world: World) -> npt.NDArray[np.float64]:
    """Cost of each leg to somebody of average risk aversion, in units of choice, (legs,).

    Fee, days on the way, and what stops and deaths are believed to cost; infinite where nobody
    offers the leg.
    """
    legs, rules = world.legs, world.rules
    belief = np.minimum(legs.belief, rules.belief_ceiling)
    odds = belief / (1.0 - belief)
    cost = (
        np.where(legs.smuggled, legs.fee, 0)
        + rules.day_value * legs.duration
        + legs.other_cost
        + odds * rules.stop_cost
        + legs.death_chance * rules.death_cost
    )
    return np.where(legs.offered, cost / rules.choice_scale, np.inf)


def stay_costs(world: World) -> npt.NDArray[np.float64]:
    """Cost of the usual stay at each place, in units of choice, (places,)."""
    return world.places.stay_mean * (world.rules.day_value / world.rules.choice_scale)


def look_ahead(world: World) -> None:
    """Bring the value of every place up to date with fees, beliefs, offers and stays."""
    places = world.places
    values_to_go(
        places.leg_start,
        places.legs,
        world.legs.target,
        leg_costs(world),
        world.legs.freight,
        world.rules.freight_nesting,
        stay_costs(world),
        places.destination,
        places.to_go,
    )


def expected_flows(
    world: World, entries: npt.NDArray[np.float64], stop_odds: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Load the network: expected attempts on each leg if everyone chose by the values now.

    Args:
        world: With legs, places and values to go.
        entries: (destinations, places) people a day setting out from each place.
        stop_odds: (legs,) expected failed attempts per success.

    Returns:
        (legs,) attempts a day.
    """
    places, legs = world.places, world.legs
    cost, stay = leg_costs(world), stay_costs(world)
    n_places = places.destination.size
    attempts = np.zeros(cost.size)
    origin, target = world.ground.origin, legs.target
    nest, nesting = legs.freight.astype(np.int64), world.rules.freight_nesting
    for d in range(places.to_go.shape[0]):
        to_go = places.to_go[d]
        leaving = to_go + stay  # once the stay is over
        usable = np.isfinite(to_go[target]) & np.isfinite(cost) & np.isfinite(to_go[origin])
        usable &= places.destination[origin] != d
        value = np.where(usable, to_go[target] - cost, -np.inf)
        nests = np.full((2, n_places), -np.inf)
        np.logaddexp.at(nests, (nest, origin), value)
        nest_value = nests[nest[usable], origin[usable]]
        share = np.zeros(cost.size)
        share[usable] = np.exp(
            value[usable] - nest_value + nesting * (nest_value - leaving[origin[usable]])
        )
        step = np.zeros((n_places, n_places))
        np.add.at(step, (target, origin), share)
        start = np.where(np.isfinite(to_go), entries[d], 0.0)
        visits = np.linalg.solve(np.eye(n_places) - step, start)
        # the solution can lie a rounding error below nothing
        attempts += np.maximum(visits, 0.0)[origin] * share * (1.0 + stop_odds)
    return attempts
