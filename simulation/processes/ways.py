"""Which way people go, compiled: a nested logit over the legs that lead on and can be afforded.

What is the same for everyone is worked out once a day (`Ways`); what is a person's own (belief,
aversion to risk, luck) when the person chooses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns
from simulation.compiled import inner
from simulation.processes.tables import LegArrays, PlaceArrays, Rules, occasion_of
from simulation.randomness import Decision, agent_word, occasion_word, to_unit, uniform

_LEG, _BELIEF_ERROR, _NEST = (
    int(Decision.LEG), int(Decision.BELIEF_ERROR), int(Decision.NEST),
)  # fmt: skip
_JUST_ABOVE_ONE = 1.0 + 1e-9  # room for rounding

#: what keeps a person off a leg
NOTHING, ELSEWHERE, TOO_DEAR, NOT_OFFERED = 0, -1, -2, -3


class Ways(NamedTuple):
    """Legs in the order of `PlaceArrays.legs` as everyone meets them today; arrays (legs,)."""

    hindrance: npt.NDArray[np.int8]  # (destinations, legs) what keeps everyone off, or NOTHING
    ahead: npt.NDArray[np.float64]  # (destinations, legs) value of coming to its end, choice units
    onward: npt.NDArray[np.bool_]  # does not lie on a circuit
    freight: npt.NDArray[np.bool_]  # of the nest of freight
    fee: npt.NDArray[np.int64]  # EUR
    least_fee: npt.NDArray[np.int64]  # EUR for which one can set out at all: a single try
    cost: npt.NDArray[np.float64]  # EUR of fee, days and detours
    death_cost: npt.NDArray[np.float64]  # EUR, for a person of average risk aversion
    belief: npt.NDArray[np.float64]  # chance of a stop as people think of it
    # work space for one person's choice
    option: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    luck: npt.NDArray[np.float64]


def make_ways(places: PlaceArrays) -> Ways:
    """Room for the legs of a day, to be filled by `lay_out`."""
    count = places.legs.size
    shape = places.to_go.shape[0], count
    return Ways(
        hindrance=np.empty(shape, dtype=np.int8),
        ahead=np.empty(shape),
        onward=np.empty(count, dtype=bool),
        freight=np.empty(count, dtype=bool),
        fee=np.empty(count, dtype=np.int64),
        least_fee=np.empty(count, dtype=np.int64),
        cost=np.empty(count),
        death_cost=np.empty(count),
        belief=np.empty(count),
        option=np.empty(count + 1, dtype=np.int64),
        value=np.empty(count),
        luck=np.empty(count),
    )


@inner
def lay_out(legs: LegArrays, places: PlaceArrays, rules: Rules, ways: Ways) -> None:
    """Fill in the ways of the day."""
    for k in range(places.legs.size):
        leg = places.legs[k]
        ways.onward[k] = not legs.sideways[leg]
        ways.freight[k] = legs.freight[leg]
        ways.fee[k] = legs.fee[leg]
        ways.least_fee[k] = legs.single_fee[leg]
        ways.cost[k] = legs.fee[leg] + rules.day_value * legs.duration[leg] + legs.other_cost[leg]
        ways.death_cost[k] = legs.death_chance[leg] * rules.death_cost
        ways.belief[k] = legs.belief[leg]
        for d in range(places.to_go.shape[0]):
            ways.ahead[d, k] = places.to_go[d, legs.target[leg]]
            ways.hindrance[d, k] = NOTHING if legs.offered[leg] else NOT_OFFERED
            if ways.ahead[d, k] == -np.inf:
                ways.hindrance[d, k] = ELSEWHERE


@inner
def believed_stop(belief: float, u: float, stopped_here: bool, rules: Rules) -> float:
    """A person's own belief that a leg ends in a stop: what people say, with error, and memory.

    The error is on the odds: where everybody is stopped, nobody believes in an even chance. It
    comes from `u`, a draw of the person for the leg.
    """
    error = (2.0 * u - 1.0) * 1.7320508075688772
    odds = belief * max(1.0 + rules.belief_error * error, 0.0)
    own = odds / (odds + 1.0 - belief) if odds > 0.0 else 0.0
    if stopped_here:
        own += rules.experience * (1.0 - own)
    return min(own, rules.belief_ceiling)


@inner
def choose_leg(
    row: int,
    seed: int,
    m: MigrantColumns,
    places: PlaceArrays,
    ways: Ways,
    rules: Rules,
) -> int:
    """The next leg: a nested logit over what can be afforded.

    Returns:
        The leg; where no leg onward can be had, why (what keeps the person off).
    """
    place, destination = m.place[row], m.destination[row]
    budget = m.funds[row] + m.escrow[row]
    options, onward, too_dear, not_offered = 0, False, False, False
    for k in range(places.leg_start[place], places.leg_start[place + 1]):
        # without branches, for nobody could guess them
        free = ways.hindrance[destination, k] == NOTHING
        affordable = ways.least_fee[k] <= budget
        ways.option[options] = k
        options += free & affordable
        onward |= free & affordable & ways.onward[k]
        too_dear |= free & (not affordable)
        not_offered |= ways.hindrance[destination, k] == NOT_OFFERED
    reason = TOO_DEAR if too_dear else NOT_OFFERED if not_offered else ELSEWHERE
    if options == 0 or not (onward or reason == ELSEWHERE):
        return reason  # nobody walks in circles for want of a fee
    if options == 1:
        return places.legs[ways.option[0]]
    return places.legs[best_option(row, options, seed, m, places, ways, rules)]


@inner
def best_option(
    row: int,
    options: int,
    seed: int,
    m: MigrantColumns,
    places: PlaceArrays,
    ways: Ways,
    rules: Rules,
) -> int:
    """The best of the first `options` of `Ways.option`, with a person's own noise.

    Where some are by freight and some are not, the nest is drawn first, then the best in it.
    """
    occasion = occasion_of(m.place[row], m.detours[row], m.tries[row]) * 512
    error_word = agent_word(seed, _BELIEF_ERROR, m.uid[row])
    noise_word = agent_word(seed, _LEG, m.uid[row])
    hidden = 0
    for j in range(options):
        k = ways.option[j]
        hidden += ways.freight[k]
        leg = places.legs[k]
        u = to_unit(occasion_word(error_word, leg))
        stop = believed_stop(ways.belief[k], u, m.stopped_leg[row] == leg, rules)
        loss = m.risk_aversion[row] * (stop / (1.0 - stop) * rules.stop_cost + ways.death_cost[k])
        ways.value[j] = ways.ahead[m.destination[row], k] - (ways.cost[k] + loss) / (
            rules.choice_scale
        )
        ways.luck[j] = to_unit(occasion_word(noise_word, occasion + leg))
    if 0 < hidden < options:
        options = keep_nest(takes_freight(row, options, seed, m, ways, rules), options, ways)
    top = 0
    for j in range(options):
        if ways.value[j] > ways.value[top]:
            top = j
    best = top
    best_value = ways.value[top] + noise_of(ways.luck[top])
    for j in range(options):
        # noise is at most -log(1 - u), and exp(x) at least 1 + x + x^2 / 2, so most of those
        # that lag behind are seen without a logarithm
        behind = best_value - ways.value[j]
        if j == top or (
            behind > 0.0
            and (1.0 - ways.luck[j]) * (1.0 + behind + 0.5 * behind * behind) > _JUST_ABOVE_ONE
        ):
            continue
        value = ways.value[j] + noise_of(ways.luck[j])
        if value > best_value:
            best, best_value = j, value
    return ways.option[best]


@inner
def takes_freight(
    row: int, options: int, seed: int, m: MigrantColumns, ways: Ways, rules: Rules
) -> bool:
    """Whether a person who could do either hides in freight rather than go another way.

    The draw holds for a visit of a place, however often the person tries from there: what somebody
    prefers of boats and lorries does not change from one night to the next. What each is worth
    does.

    Args:
        row: The person.
        options: How many of `Ways.option`, `value` and `luck` are filled.
        seed: Seed of the replication.
        m: The people.
        ways: The ways of the day.
        rules: The numbers.
    """
    best = ways.value[0]
    for j in range(options):
        best = max(best, ways.value[j])
    hidden, others = 0.0, 0.0
    for j in range(options):
        part = np.exp(ways.value[j] - best)
        if ways.freight[ways.option[j]]:
            hidden += part
        else:
            others += part
    most = max(hidden, others)
    hidden = (hidden / most) ** rules.freight_nesting
    others = (others / most) ** rules.freight_nesting
    occasion = occasion_of(m.place[row], m.detours[row], 0)
    return uniform(seed, _NEST, m.uid[row], occasion) * (hidden + others) < hidden


@inner
def keep_nest(freight: bool, options: int, ways: Ways) -> int:
    """Move the options of one nest to the front; returns how many there are."""
    kept = 0
    for j in range(options):
        if ways.freight[ways.option[j]] == freight:
            ways.option[kept], ways.value[kept] = ways.option[j], ways.value[j]
            ways.luck[kept] = ways.luck[j]
            kept += 1
    return kept


@inner
def noise_of(u: float) -> float:
    """A Gumbel draw."""
    return -np.log(-np.log(u))
