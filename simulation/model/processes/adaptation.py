"""The weekly rules of operators: what they learn, where they work, what they ask, how they do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor.stages import SUPPLY
from simulation.model.agents.smuggler import SmugglerColumns
from simulation.model.processes.operators import contract_mix
from simulation.model.processes.tables import PairArrays
from simulation.model.processes.world import WEEK, World
from simulation.randomness import Decision, put_in_turn, uniform


class Outlook(NamedTuple):
    """What operators expect of their legs; arrays (operators,).

    All but the first are means over an operator's legs, by its capacity there.
    """

    demand: Floats  # clients a day, those turned away included
    times: Floats  # demand against the clients who found room
    failure: Floats  # chance that an attempt fails
    usual_failure: Floats  # the same, as it usually is
    extra: Floats  # believed chance of a loss above what is usually believed


# -- risk and legs --------------------------------------------------------------------------------


def risk_estimate(
    losses: Floats, trials: Floats, prior: Floats, prior_trials: float, salience: float
) -> Floats:
    """Mean of a Beta-Bernoulli belief in which a loss can weigh more than a success.

    Args:
        losses: (n,) losses remembered.
        trials: (n,) trials remembered, losses included.
        prior: (n,) chance believed before any trial.
        prior_trials: Trials the prior is worth.
        salience: Weight of a loss; 1 gives the expected value.

    Returns:
        (n,) believed chance of a loss, between 0 and 1.
    """
    weighted = salience * (losses + prior * prior_trials)
    successes = (trials - losses) + (1.0 - prior) * prior_trials
    return weighted / (weighted + successes)


def plain_chance(believed: Floats, salience: float) -> Floats:
    """The chance of a loss behind a belief in which a loss weighs `salience` times a success."""
    losses = believed / salience
    return losses / (losses + 1.0 - believed)


def salient_chance(chance: Floats, salience: float) -> Floats:
    """What is believed of a chance of a loss when a loss weighs `salience` times a success."""
    losses = chance * salience
    return losses / (losses + 1.0 - chance)


@inner
def _hear_partner(
    to: int,
    source: int,
    weight: float,
    start: np.ndarray,
    by_operator: np.ndarray,
    pairs: PairArrays,
    trials: np.ndarray,
    losses: np.ndarray,
) -> None:
    """Add a part of one operator's experience to what another knows of the same legs."""
    for i in range(start[to], start[to + 1]):
        mine = by_operator[i]
        for k in range(start[source], start[source + 1]):
            theirs = by_operator[k]
            if pairs.leg[mine] == pairs.leg[theirs]:
                trials[mine] += weight * pairs.trials[theirs]
                losses[mine] += weight * pairs.losses[theirs]


@kernel
def hear_partners(
    ties: np.ndarray,
    start: np.ndarray,
    by_operator: np.ndarray,
    pairs: PairArrays,
    weight: float,
    trials: np.ndarray,
    losses: np.ndarray,
) -> None:
    """Add to everyone's experience of a leg a part of that of partners on the same leg.

    Args:
        ties: (ties, 2) rows of operators who know each other.
        start: (operators + 1,) first entry of each operator in `by_operator`.
        by_operator: (pairs,) pairs, operator by operator.
        pairs: Own trips, and those of them that were stopped.
        weight: What a partner's trip counts against an own one.
        trials: (pairs,) added to.
        losses: (pairs,) added to.
    """
    for side in range(2):
        for tie in range(ties.shape[0]):
            _hear_partner(
                ties[tie, side], ties[tie, 1 - side], weight, start, by_operator, pairs, trials,
                losses,
            )  # fmt: skip


def value_of_legs(world: World, pairs: PairArrays, fee_factor: Floats, risk: Floats) -> Floats:
    """Expected profit a day of each pair, in units of choice, (pairs,).

    Capacity on a leg earns from the clients who asked there. Where an operator has no capacity, the
    clients are those that it expects.

    Args:
        world: Its operators.
        pairs: What they know of their legs.
        fee_factor: (legs,) fee of a leg against the usual one of its segment.
        risk: (pairs,) believed chance of a stop.
    """
    s, market = world.smugglers, world.parameters.market
    who, factor = pairs.smuggler, fee_factor[pairs.leg]
    fee = s.fee[who] * factor
    # what all clients pay for each brought through, against a fee with a guarantee
    expected_share = (1.0 - risk) * contract_mix(world.parameters)
    margin = fee * expected_share - s.cost[who] * factor - risk * market.loss_per_stop
    filled = np.minimum(pairs.clients / np.maximum(s.capacity[who], 1e-9), 1.0)
    hoped = filled / np.maximum(pairs.share, market.share_floor)
    profit = margin * np.minimum(hoped, 1.0)
    return np.clip(profit / np.maximum(market.route_scale * fee, 1e-9), -30.0, 30.0)


def move_capacity(world: World, pairs: PairArrays, weight: Floats, working: Bools) -> None:
    """Move shares of capacity towards a logit, step by step.

    Args:
        world: The world.
        pairs: Operators on their legs; shares are changed.
        weight: (pairs,) of the logit.
        working: (operators,) who is at work.
    """
    market, who = world.parameters.market, pairs.smuggler
    share = weight / np.bincount(who, weight)[who]
    wanted = market.share_floor + (1.0 - market.share_floor) * share
    wanted /= np.bincount(who, wanted)[who]
    moves = working[who]
    pairs.share[moves] += market.route_speed * (wanted - pairs.share)[moves]


# -- demand ---------------------------------------------------------------------------------------


def manned_by_boats(boats: Ints, boats_per_crew: float) -> Floats:
    """Crews that boats on hand and on their way keep at work, launches a day.

    Args:
        boats: (n,) boats on hand and on their way.
        boats_per_crew: Boats that one crew needs to be at work.
    """
    return boats / boats_per_crew


# -- fees and loads -------------------------------------------------------------------------------


def cost_per_seat(
    load: Floats | float,
    failure: Floats,
    lost_boat: float,
    saved_boat: float,
    seizure_chance: float,
) -> Floats:
    """EUR spent for each person who is brought across.

    A launch that fails is stopped before it leaves, and its boat is seized with a chance. All other
    launches use up their boat. People who paid until arrival are owed another launch, so the cost
    of all launches falls on those who land.

    Args:
        load: People per boat.
        failure: Chance that a launch does not bring its people across.
        lost_boat: Cost of a launch whose boat is gone.
        saved_boat: Cost of one whose boat is still there.
        seizure_chance: Chance that the boat of a stopped launch is gone.
    """
    lost = 1.0 - failure * (1.0 - seizure_chance)
    spent = lost * lost_boat + (1.0 - lost) * saved_boat
    return spent / (load * np.maximum(1.0 - failure, 1e-9))


def seat_fee(
    usual: Floats, pull: Floats, cost: Floats, passed_on: Floats, floor: float, most: float
) -> Floats:
    """Fee of a seat: the usual one by how long the queue is, and what is passed on of its cost.

    `usual x pull + passed on`, at least `floor x cost`, at most `most x usual`.

    Args:
        usual: Usual fee.
        pull: Of the queue, `queue ^ market.seat_scarcity`.
        cost: Cost per seat.
        passed_on: Part of what it is dearer than with usual risk, load and price of boats.
        floor: Lowest fee, against the cost.
        most: Highest fee, against the usual one.
    """
    return np.minimum(np.maximum(usual * pull + passed_on, floor * cost), most * usual)


def best_load(usual: float, dearer: Floats, convexity: float) -> Floats:
    """People per boat at which a person brought across costs least, (n,).

    A launch costs `C` for each that gets through, and losses by failure, speed and danger rise
    with the load `L` as `k L^convexity`. `(C + k L^convexity) / L` is least where `C` is
    `(convexity - 1) k L^convexity`: boats are fuller if they cost more and if more are lost.

    Args:
        usual: People per boat at the usual cost.
        dearer: Cost of a launch for each that gets through, against the usual one.
        convexity: Power with which losses rise.
    """
    return np.asarray(usual * dearer ** (1.0 / convexity))


def single_share(failure: Floats, met: Floats, premium: float) -> Floats:
    """Fee of a single try against that with a guarantee, which covers the tries to come.

    Both earn the same for each person brought through, apart from a premium for bearing the risk.
    People who escape when a launch is stopped do not pay again.

    Args:
        failure: Chance that an attempt fails, in the eyes of operators.
        met: People found or brought back for each whose attempt fails.
        premium: Asked on top with a guarantee, as a share.
    """
    due_again = met * failure
    again = due_again / np.maximum(due_again + 1.0 - failure, 1e-9)
    return (1.0 - again) / (1.0 + premium)


# -- places ----------------------------------------------------------------------------------------


@kernel
def count_local_competitors(
    s: SmugglerColumns, who: np.ndarray, number: np.ndarray, profit: np.ndarray
) -> None:
    """Count operators and sum up their profit rates by segment and place.

    Args:
        s: The operators.
        who: (operators,) who is counted.
        number: (segments, places), filled.
        profit: (segments, places), filled.
    """
    number[:, :] = 0
    profit[:, :] = 0.0
    for row in range(s.stage.size):
        if who[row]:
            number[s.stage[row], s.place[row]] += 1
            profit[s.stage[row], s.place[row]] += s.profit_rate[row]


@kernel
def relocate(
    packed: np.ndarray,
    s: SmugglerColumns,
    active: np.ndarray,
    number: np.ndarray,
    profit: np.ndarray,
    lookers: np.ndarray,
    turn: np.ndarray,
    moved: np.ndarray,
) -> int:
    """Let some operators look around, and move to a place of their segment that pays better.

    Each place draws by the number who work there already and by what it pays on top: the
    shortest of exponential waits, keyed by operator and place. The last one at a place stays. They
    go one after another by the draw that made them look around, the lowest first.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; where they work is changed.
        active: (operators,) who is in business.
        number: (segments, places) work space.
        profit: (segments, places) work space.
        lookers: (operators,) work space.
        turn: (operators,) work space.
        moved: (operators,) filled with the rows of those who move.

    Returns:
        How many move.
    """
    now = packed[0]
    count = 0
    count_local_competitors(s, active, number, profit)
    looking = 0
    for row in range(s.uid.size):
        if active[row]:
            u = uniform(now.seed, Decision.RELOCATION, s.uid[row], now.ordinal)
            if u < now.market.relocation_rate:
                looking = put_in_turn(row, u, looking, lookers, turn)
    for k in range(looking):
        row = lookers[k]
        segment, here = s.stage[row], s.place[row]
        if number[segment, here] <= 1:
            continue
        mean = profit[segment, here] / number[segment, here]
        best, best_gain, best_wait = here, 0.0, np.inf
        for place in range(number.shape[1]):
            if number[segment, place] == 0:
                continue
            gain = profit[segment, place] / number[segment, place] - mean
            pull = number[segment, place] * np.exp(
                min(max(gain / now.market.relocation_scale, -30.0), 30.0)
            )
            wait = -np.log(uniform(now.seed, Decision.RELOCATION, s.uid[row], place)) / pull
            if wait < best_wait:
                best, best_gain, best_wait = place, gain, wait
        if best != here and best_gain > 0.0:
            s.place[row] = best
            moved[count] = row
            count += 1
            count_local_competitors(s, active, number, profit)
    return count


# -- results --------------------------------------------------------------------------------------


def close_week(world: World, working: Bools, usual_taken: Floats) -> None:
    """Reputation and profit rate after a week; the counts of the next one begin.

    Reputation is the smoothed share of clients brought through, also for operators held now. The
    profit rate is the smoothed profit against the usual revenue for an operator's size.

    Args:
        world: Its operators are changed.
        working: (operators,) who is at work.
        usual_taken: (segments, places) EUR usually taken per person of capacity in use.
    """
    s, market = world.smugglers, world.parameters.market
    traded = s.week_trips > 0
    through = 1.0 - s.week_losses / np.maximum(s.week_trips, 1)
    s.reputation[traded] += market.reputation_speed * (through - s.reputation)[traded]
    taken = usual_taken[s.stage, s.place]
    usual = np.maximum(WEEK * (s.capacity * taken * market.use_usual), 1e-9)
    margin = (s.week_revenue / world.scale - s.week_cost) / usual
    margin[s.stage == SUPPLY] = 0.0
    s.profit_rate[working] += market.profit_speed * (margin - s.profit_rate)[working]
    for counted in (s.week_revenue, s.week_cost, s.week_trips, s.week_losses):
        counted[:] = 0
