"""How people choose their way: the value of every place, and a person's choice of the next leg.

The value of coming to a place for somebody bound for a destination is the expected best of the legs
that lead on, each at its cost plus the value of where it ends, less what the usual stay before
going on costs. Source: Fosgerau, Frejinger, Karlstrom
(2013), "A link based network route choice model with unrestricted choice set",
doi:10.1016/j.trb.2013.07.012.

Legs by freight across the Channel are a nest: what people prefer of boats and lorries is more
stable than what they prefer among lorries or among boats. Source: Mai, Fosgerau, Frejinger (2015),
"A nested recursive logit model for route choice analysis", doi:10.1016/j.trb.2015.03.015.

What is the same for everyone is worked out once a day (`RouteOptions`); what is a person's own
(belief, aversion to risk, luck) when the person chooses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, compiled, inner, with_room
from simulation.model.processes.contracts import PeopleToday, attempt_of
from simulation.model.processes.tables import LegArrays, PlaceArrays, occasion_of
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.randomness import Decision, agent_word, occasion_word, to_unit, uniform

_JUST_ABOVE_ONE = 1.0 + 1e-9  # room for rounding
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


class _Network(NamedTuple):
    """What the value of a place is made of; see `values_to_go`."""

    leg_start: npt.NDArray[np.int32]
    legs: npt.NDArray[np.int32]
    target: npt.NDArray[np.int16]
    cost: Floats
    freight: Bools
    nesting: float
    stay: Floats
    destination: npt.NDArray[np.int16]


class _Values(NamedTuple):
    """Values while they settle; arrays (destinations, places).

    Times are counts of values worked out. Where nothing ahead has changed, a value stays.
    """

    to_go: Floats
    worked: Ints  # when each was worked out
    changed: Ints  # when each changed


@inner
def _best_onward(d: int, p: int, network: _Network, values: _Values) -> tuple[float, bool]:
    """The best that a leg from a place leads to, and whether anything ahead has changed since."""
    best, stale = -np.inf, False
    for k in range(network.leg_start[p], network.leg_start[p + 1]):
        leg = network.legs[k]
        end = network.target[leg]
        best = max(best, values.to_go[d, end] - network.cost[leg])
        stale |= values.changed[d, end] > values.worked[d, p]
    return best, stale


@inner
def _value_of_place(d: int, p: int, best: float, network: _Network, values: _Values) -> float:
    """The expected best of the legs from a place, less what the stay there costs.

    `best` of them is taken out of the exponentials, so that none is too large.
    """
    others, hidden = 0.0, 0.0
    for k in range(network.leg_start[p], network.leg_start[p + 1]):
        leg = network.legs[k]
        part = np.exp(values.to_go[d, network.target[leg]] - network.cost[leg] - best)
        if network.freight[leg]:
            hidden += part
        else:
            others += part
    return best + nested_value(hidden, others, network.nesting) - network.stay[p]


@inner
def _sweep(network: _Network, values: _Values, clock: int) -> tuple[float, int]:
    """Work out values once where something ahead has changed, the last place first.

    Returns the largest change, and the time.
    """
    change = 0.0
    for d in range(values.to_go.shape[0]):
        for p in range(network.destination.size - 1, -1, -1):
            if network.destination[p] == d:
                continue
            best, stale = _best_onward(d, p, network, values)
            if best == -np.inf or not stale:
                continue
            values.worked[d, p] = clock
            clock += 1
            value = _value_of_place(d, p, best, network, values)
            change = max(change, abs(value - values.to_go[d, p]))
            if value != values.to_go[d, p]:
                values.to_go[d, p], values.changed[d, p] = value, clock
    return change, clock


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
    """Solve for the value of every place and destination, by sweeps until none changes.

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
    out[:, :] = -np.inf
    for p in range(destination.size):
        if destination[p] >= 0:
            out[destination[p], p] = 0.0
    network = _Network(leg_start, legs, target, cost, freight, nesting, stay, destination)
    values = _Values(out, np.full(out.shape, -1), np.zeros(out.shape, dtype=np.int64))
    clock = 0
    for sweep in range(_SWEEPS):
        change, clock = _sweep(network, values, clock)
        if change < _CLOSE:
            return sweep + 1
    return _SWEEPS


def leg_costs(world: World) -> Floats:
    """Cost of each leg to somebody of average risk aversion, in units of choice, (legs,).

    Fee, days on the way, and what stops and deaths are believed to cost; infinite where nobody
    offers the leg.
    """
    legs, migrants = world.legs, world.parameters.migrants
    belief = np.minimum(legs.belief, world.parameters.beliefs.ceiling)
    odds = belief / (1.0 - belief)
    cost = (
        np.where(legs.smuggled, legs.fee, 0)
        + migrants.day_value * legs.duration
        + legs.other_cost
        + odds * migrants.stop_cost
        + legs.death_chance * migrants.death_cost
    )
    return np.where(legs.offered, cost / migrants.choice_scale, np.inf)


def stay_costs(world: World) -> Floats:
    """Cost of the usual stay at each place, in units of choice, (places,)."""
    migrants = world.parameters.migrants
    return world.places.stay_mean * (migrants.day_value / migrants.choice_scale)


def look_ahead(world: World) -> None:
    """Bring the value of every place up to date with fees, beliefs, offers and stays."""
    places = world.places
    values_to_go(
        places.leg_start, places.legs, world.legs.target, leg_costs(world), world.legs.freight,
        world.parameters.migrants.freight_nesting, stay_costs(world), places.destination,
        places.to_go,
    )  # fmt: skip


def revise_route_values(world: World) -> None:
    """Look ahead on the first day and on Mondays, when operators have adapted."""
    if world.weekly or world.day == 0:
        look_ahead(world)


def expected_flows(world: World, entries: Floats, stop_odds: Floats) -> Floats:
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
    nest, nesting = legs.freight.astype(np.int64), world.parameters.migrants.freight_nesting
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


# -- one person's choice ------------------------------------------------------------------------

#: what keeps a person off a leg
NOTHING, ELSEWHERE, TOO_DEAR, NOT_OFFERED = 0, -1, -2, -3


class RouteOptions(NamedTuple):
    """Legs in the order of `PlaceArrays.legs` as everyone meets them today; arrays (legs,)."""

    hindrance: npt.NDArray[np.int8]  # (destinations, legs) what keeps everyone off, or NOTHING
    ahead: Floats  # (destinations, legs) value of coming to its end, choice units
    onward: Bools  # does not lie on a circuit
    freight: Bools  # of the nest of freight
    fee: Ints  # EUR
    least_fee: Ints  # EUR for which one can set out at all: a single try
    cost: Floats  # EUR of fee, days and detours
    death_cost: Floats  # EUR, for a person of average risk aversion
    belief: Floats  # chance of a stop as people think of it
    # work space for one person's choice: the legs at hand, their values and draws
    option: Ints
    value: Floats
    u: Floats


def route_room(places: PlaceArrays) -> RouteOptions:
    """Room for the legs of a day, to be filled by `fill_options`."""
    count = places.legs.size
    both = places.to_go.shape[0], count
    return with_room(RouteOptions, count, hindrance=both, ahead=both, option=count + 1)


@inner
def fill_options(
    legs: LegArrays, places: PlaceArrays, parameters: Parameters, route: RouteOptions
) -> None:
    """Fill in the legs of the day."""
    migrants = parameters.migrants
    for k in range(places.legs.size):
        leg = places.legs[k]
        route.onward[k] = not legs.sideways[leg]
        route.freight[k] = legs.freight[leg]
        route.fee[k] = legs.fee[leg]
        route.least_fee[k] = legs.single_fee[leg]
        days = migrants.day_value * legs.duration[leg]
        route.cost[k] = legs.fee[leg] + days + legs.other_cost[leg]
        route.death_cost[k] = legs.death_chance[leg] * migrants.death_cost
        route.belief[k] = legs.belief[leg]
        for d in range(places.to_go.shape[0]):
            route.ahead[d, k] = places.to_go[d, legs.target[leg]]
            route.hindrance[d, k] = NOTHING if legs.offered[leg] else NOT_OFFERED
            if route.ahead[d, k] == -np.inf:
                route.hindrance[d, k] = ELSEWHERE


@inner
def believed_stop(belief: float, u: float, stopped_here: bool, parameters: Parameters) -> float:
    """A person's own belief that a leg ends in a stop: what people say, with error, and memory.

    The error is on the odds: where everybody is stopped, nobody believes in an even chance. It
    comes from `u`, a draw of the person for the leg.
    """
    error = (2.0 * u - 1.0) * 1.7320508075688772
    odds = belief * max(1.0 + parameters.beliefs.error * error, 0.0)
    own = odds / (odds + 1.0 - belief) if odds > 0.0 else 0.0
    if stopped_here:
        own += parameters.beliefs.experience * (1.0 - own)
    return min(own, parameters.beliefs.ceiling)


@inner
def choose_leg(row: int, places: PlaceArrays, route: RouteOptions, today: PeopleToday) -> int:
    """The next leg: a nested logit over what can be afforded.

    Returns:
        The leg; where no leg onward can be had, why (what keeps the person off).
    """
    m = today.m
    place, destination = m.place[row], m.destination[row]
    budget = m.funds[row] + m.escrow[row]
    count, onward, too_dear, not_offered = 0, False, False, False
    for k in range(places.leg_start[place], places.leg_start[place + 1]):
        # without branches, for nobody could guess them
        free = route.hindrance[destination, k] == NOTHING
        affordable = route.least_fee[k] <= budget
        route.option[count] = k
        count += free & affordable
        onward |= free & affordable & route.onward[k]
        too_dear |= free & (not affordable)
        not_offered |= route.hindrance[destination, k] == NOT_OFFERED
    reason = TOO_DEAR if too_dear else NOT_OFFERED if not_offered else ELSEWHERE
    if count == 0 or not (onward or reason == ELSEWHERE):
        return reason  # nobody walks in circles for want of a fee
    if count == 1:
        return places.legs[route.option[0]]
    return places.legs[_best_option(row, count, places, route, today)]


@inner
def _best_option(
    row: int, count: int, places: PlaceArrays, route: RouteOptions, today: PeopleToday
) -> int:
    """The best of the first `count` of `RouteOptions.option`, with a person's own noise.

    Where some are by freight and some are not, the nest is drawn first, then the best in it.
    """
    hidden = _value_options(row, count, places, route, today)
    if 0 < hidden < count:
        count = _keep_nest(_takes_freight(row, count, route, today), count, route)
    return route.option[_best_with_noise(count, route)]


@inner
def _value_options(
    row: int, count: int, places: PlaceArrays, route: RouteOptions, today: PeopleToday
) -> int:
    """Fill in what options are worth to a person, and their draws; returns how many hide."""
    m, migrants = today.m, today.parameters.migrants
    occasion = attempt_of(row, m) * 512
    error_word = agent_word(today.seed, Decision.BELIEF_ERROR, m.uid[row])
    noise_word = agent_word(today.seed, Decision.LEG, m.uid[row])
    hidden = 0
    for j in range(count):
        k = route.option[j]
        hidden += route.freight[k]
        leg = places.legs[k]
        u = to_unit(occasion_word(error_word, leg))
        stop = believed_stop(route.belief[k], u, m.stopped_leg[row] == leg, today.parameters)
        risk = stop / (1.0 - stop) * migrants.stop_cost + route.death_cost[k]
        loss = m.risk_aversion[row] * risk
        cost = (route.cost[k] + loss) / migrants.choice_scale
        route.value[j] = route.ahead[m.destination[row], k] - cost
        route.u[j] = to_unit(occasion_word(noise_word, occasion + leg))
    return hidden


@inner
def _best_with_noise(count: int, route: RouteOptions) -> int:
    """Which of the first `count` options has the highest value with a Gumbel draw added."""
    top = 0
    for j in range(count):
        if route.value[j] > route.value[top]:
            top = j
    best = top
    best_value = route.value[top] + _gumbel(route.u[top])
    for j in range(count):
        # noise is at most -log(1 - u), and exp(x) at least 1 + x + x^2 / 2, so most of those
        # that lag behind are seen without a logarithm
        behind = best_value - route.value[j]
        if j == top or (
            behind > 0.0
            and (1.0 - route.u[j]) * (1.0 + behind + 0.5 * behind * behind) > _JUST_ABOVE_ONE
        ):
            continue
        value = route.value[j] + _gumbel(route.u[j])
        if value > best_value:
            best, best_value = j, value
    return best


@inner
def _takes_freight(row: int, count: int, route: RouteOptions, today: PeopleToday) -> bool:
    """Whether a person who could do either hides in freight rather than go another way.

    The draw holds for a visit of a place, however often the person tries from there: what somebody
    prefers of boats and lorries does not change from one night to the next. What each is worth
    does.
    """
    m, nesting = today.m, today.parameters.migrants.freight_nesting
    best = route.value[0]
    for j in range(count):
        best = max(best, route.value[j])
    hidden, others = 0.0, 0.0
    for j in range(count):
        part = np.exp(route.value[j] - best)
        if route.freight[route.option[j]]:
            hidden += part
        else:
            others += part
    most = max(hidden, others)
    hidden = (hidden / most) ** nesting
    others = (others / most) ** nesting
    occasion = occasion_of(m.place[row], m.detours[row], 0)
    return uniform(today.seed, Decision.NEST, m.uid[row], occasion) * (hidden + others) < hidden


@inner
def _keep_nest(freight: bool, count: int, route: RouteOptions) -> int:
    """Move the options of one nest to the front; returns how many there are."""
    left = 0
    for j in range(count):
        if route.freight[route.option[j]] == freight:
            route.option[left], route.value[left] = route.option[j], route.value[j]
            route.u[left] = route.u[j]
            left += 1
    return left


@inner
def _gumbel(u: float) -> float:
    """A Gumbel draw."""
    return -np.log(-np.log(u))
