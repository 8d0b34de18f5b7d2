"""The weekly rules of operators, compiled: what they learn, where they work, whom they hire, fees.

Exponentials and powers are taken by NumPy, and those between these kernels by
`simulation.model.processes.market`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.compiled import Floats, inner, kernel
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import SmugglerColumns
from simulation.model.processes.healing import close_gaps, size_of_cell, strength_of_cell
from simulation.model.processes.service import hear_partners, list_by_operator
from simulation.model.processes.tables import PairArrays, fill_turned_away
from simulation.model.processes.world import WEEK, Now
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


@inner
def risk_estimate(
    losses: float, trials: float, prior: float, prior_trials: float, salience: float
) -> float:
    """Mean of a Beta-Bernoulli belief in which a loss can weigh more than a success.

    Args:
        losses: Losses remembered.
        trials: Trials remembered, losses included.
        prior: Chance believed before any trial.
        prior_trials: Trials the prior is worth.
        salience: Weight of a loss; 1 gives the expected value.

    Returns:
        Believed chance of a loss, between 0 and 1.
    """
    weighted = salience * (losses + prior * prior_trials)
    successes = (trials - losses) + (1.0 - prior) * prior_trials
    return weighted / (weighted + successes)


@inner
def plain_chance(believed: float, salience: float) -> float:
    """The chance of a loss behind a belief in which a loss weighs `salience` times a success."""
    losses = believed / salience
    return losses / (losses + 1.0 - believed)


def salient_chance(chance: Floats, salience: float) -> Floats:
    """What is believed of a chance of a loss when a loss weighs `salience` times a success."""
    losses = chance * salience
    return losses / (losses + 1.0 - chance)


@kernel
def learn_risks(
    packed: np.ndarray,
    ties: np.ndarray,
    pairs: PairArrays,
    usual: np.ndarray,
    keep: float,
    start: np.ndarray,
    by_operator: np.ndarray,
    trials: np.ndarray,
    losses: np.ndarray,
    risk: np.ndarray,
) -> None:
    """Believed chance of a stop of each pair, from own and partners' trips.

    Args:
        packed: The day, and what is assumed (`World.now`).
        ties: (ties, 2) rows of operators who know each other.
        pairs: Own trips; the memory of them fades by a week.
        usual: (legs,) chance of a stop believed before any trip.
        keep: Part of the memory left after a week.
        start: (operators + 1,) work space of `list_by_operator`.
        by_operator: (pairs,) work space of `list_by_operator`.
        trials: (pairs,) filled with trips remembered, partners' included.
        losses: (pairs,) filled with those of them that were stopped.
        risk: (pairs,) filled.
    """
    now = packed[0]
    market = now.market
    list_by_operator(pairs.smuggler, start, by_operator)
    for pair in range(risk.size):
        trials[pair] = pairs.trials[pair]
        losses[pair] = pairs.losses[pair]
    hear_partners(
        ties, start, by_operator, pairs.leg, market.partner_weight, pairs.trials, pairs.losses,
        trials, losses,
    )  # fmt: skip
    for pair in range(risk.size):
        pairs.trials[pair] *= keep
        pairs.losses[pair] *= keep
        risk[pair] = risk_estimate(
            losses[pair] / now.scale, trials[pair] / now.scale, usual[pairs.leg[pair]],
            market.risk_prior_trials, market.loss_salience,
        )  # fmt: skip


@kernel
def weigh_legs(
    packed: np.ndarray,
    s: SmugglerColumns,
    pairs: PairArrays,
    fee_factor: np.ndarray,
    risk: np.ndarray,
    paid: float,
    value: np.ndarray,
) -> None:
    """Expected profit a day of each pair, in units of choice.

    Capacity on a leg earns from the clients who asked there. Where an operator has no capacity, the
    clients are those that it expects.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators.
        pairs: What they know of their legs.
        fee_factor: (legs,) fee of a leg against the usual one of its segment.
        risk: (pairs,) believed chance of a stop.
        paid: What all clients pay for each brought through, against a fee with a guarantee.
        value: (pairs,) filled.
    """
    now = packed[0]
    market = now.market
    for pair in range(value.size):
        who, factor = pairs.smuggler[pair], fee_factor[pairs.leg[pair]]
        fee = s.fee[who] * factor
        expected_share = (1.0 - risk[pair]) * paid
        margin = fee * expected_share - s.cost[who] * factor - risk[pair] * market.loss_per_stop
        filled = min(pairs.clients[pair] / max(s.capacity[who], 1e-9), 1.0)
        hoped = filled / max(pairs.share[pair], market.share_floor)
        profit = margin * min(hoped, 1.0)
        value[pair] = min(max(profit / max(market.route_scale * fee, 1e-9), -30.0), 30.0)


@kernel
def move_capacity(
    packed: np.ndarray,
    pairs: PairArrays,
    weight: np.ndarray,
    working: np.ndarray,
    total: np.ndarray,
    wanted: np.ndarray,
) -> None:
    """Move shares of capacity towards a logit, step by step.

    Args:
        packed: The day, and what is assumed (`World.now`).
        pairs: Operators on their legs; shares are changed.
        weight: (pairs,) of the logit.
        working: (operators,) who is at work.
        total: (operators,) work space.
        wanted: (pairs,) work space.
    """
    now = packed[0]
    market = now.market
    share_floor = market.share_floor
    total[:] = 0.0
    for pair in range(weight.size):
        total[pairs.smuggler[pair]] += weight[pair]
    for pair in range(weight.size):
        share = weight[pair] / total[pairs.smuggler[pair]]
        wanted[pair] = share_floor + (1.0 - share_floor) * share
    total[:] = 0.0
    for pair in range(weight.size):
        total[pairs.smuggler[pair]] += wanted[pair]
    for pair in range(weight.size):
        who = pairs.smuggler[pair]
        if working[who]:
            pairs.share[pair] += market.route_speed * (
                wanted[pair] / total[who] - pairs.share[pair]
            )


# -- demand ---------------------------------------------------------------------------------------


@kernel
def form_outlook(
    packed: np.ndarray,
    pairs: PairArrays,
    risk: np.ndarray,
    usual: np.ndarray,
    usually_believed: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    turned_away: np.ndarray,
    weight: np.ndarray,
    look: Outlook,
) -> None:
    """What operators expect of their legs.

    Args:
        packed: The day, and what is assumed (`World.now`).
        pairs: Operators on their legs.
        risk: (pairs,) believed chance of a loss.
        usual: (legs,) usual chance that an attempt fails.
        usually_believed: (legs,) chance of a loss believed of it.
        asked: (legs,) agents who asked this week.
        unmet: (legs,) those of them whom no operator took.
        turned_away: (legs,) work space.
        weight: (operators,) work space.
        look: Filled.
    """
    now = packed[0]
    market = now.market
    fill_turned_away(asked, unmet, now.scale, turned_away)
    weight[:] = 0.0
    for values in look:
        values[:] = 0.0
    for pair in range(risk.size):
        who, leg, share = pairs.smuggler[pair], pairs.leg[pair], pairs.share[pair]
        times = 1.0 + min(turned_away[leg], market.unmet_cap)
        weight[who] += share
        look.demand[who] += pairs.clients[pair] * times
        look.times[who] += share * times
        look.failure[who] += share * plain_chance(risk[pair], market.loss_salience)
        look.usual_failure[who] += share * usual[leg]
        look.extra[who] += share * (risk[pair] - usually_believed[leg])
    for row in range(weight.size):
        size = max(weight[row], 1e-9)
        look.times[row] /= size
        look.failure[row] /= size
        look.usual_failure[row] /= size
        look.extra[row] /= size


@inner
def manned_by_boats(boats: float, boats_per_crew: float) -> float:
    """Crews that boats on hand and on their way keep at work, launches a day.

    Args:
        boats: Boats on hand and on their way.
        boats_per_crew: Boats that one crew needs to be at work.
    """
    return boats / boats_per_crew


@kernel
def set_use(
    packed: np.ndarray,
    s: SmugglerColumns,
    look: Outlook,
    working: np.ndarray,
    queue: np.ndarray,
    this_week: np.ndarray,
) -> None:
    """Smoothed share of capacity that was asked for, unmet demand included.

    Of launchers it is the queue against the seats that they promise ahead and can keep: those of
    the crews for whom there are boats, fewer without an organiser, times the share of launches that
    get through against the usual one.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; their use is changed.
        look: What they expect of their legs.
        working: (operators,) who is at work.
        queue: (known operators,) agents with a seat promised; operators new today have none.
        this_week: (operators,) filled with the share of this week, not smoothed.
    """
    now = packed[0]
    market, depth = now.market, now.channel.queue_depth
    boats_per_crew, orphan_loss = now.supply.boats_per_crew, market.orphan_loss
    for row in range(this_week.size):
        demand, capacity = look.demand[row], s.capacity[row]
        if s.stage[row] == BOAT:
            queued = queue[row] if row < queue.size else 0.0
            demand = queued * look.times[row] / now.scale
            led = strength_of_cell(row, s, working, orphan_loss) if working[row] else 1.0
            manned = manned_by_boats(s.boats[row] + s.ordered[row], boats_per_crew)
            through = (1.0 - look.failure[row]) / max(1.0 - look.usual_failure[row], 1e-9)
            capacity = depth * s.load[row] * min(led * s.teams[row], manned) * through
        this_week[row] = demand / max(capacity, 1e-9)
        if working[row]:
            s.use[row] += market.use_speed * (min(this_week[row], market.use_cap) - s.use[row])


# -- helpers --------------------------------------------------------------------------------------


@kernel
def compare_demand(
    packed: np.ndarray, s: SmugglerColumns, asked_of: np.ndarray, relation: np.ndarray
) -> None:
    """Factor by which operators want to be larger, from demand alone.

    A crew is only hired for a boat that is in stock or on its way.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators.
        asked_of: (cases, operators) share of capacity that was asked for.
        relation: (cases, operators) filled.
    """
    now = packed[0]
    market, boats_per_crew = now.market, now.supply.boats_per_crew
    for case in range(asked_of.shape[0]):
        for row in range(asked_of.shape[1]):
            boat = s.stage[row] == BOAT
            usual = market.use_usual_boat if boat else market.use_usual
            wanted = max(asked_of[case, row], 1e-9) / usual
            if boat and s.teams[row] > 0.0:
                manned = manned_by_boats(s.boats[row] + s.ordered[row], boats_per_crew)
                wanted = min(wanted, max(manned / max(s.teams[row], 1e-9), 1e-9))
            relation[case, row] = wanted


@inner
def _grown(row: int, s: SmugglerColumns, step: float, typical: np.ndarray, floor: float) -> float:
    """Factor by which an operator grows; it keeps a share of the typical size at least."""
    capacity = s.capacity[row]
    least = floor * typical[s.stage[row], s.place[row]]
    return max(capacity * step, min(least, capacity)) / max(capacity, 1e-9)


@kernel
def hire(
    packed: np.ndarray,
    s: SmugglerColumns,
    working: np.ndarray,
    step: np.ndarray,
    available: np.ndarray,
    typical: np.ndarray,
    extra: np.ndarray,
    taken_over: np.ndarray,
    share: np.ndarray,
    closed: np.ndarray,
    change: np.ndarray,
) -> None:
    """Let operators hire helpers and grow, or shrink.

    Growth for the clients of absent operators is limited to the capacity that arrests removed and
    that nobody has replaced yet (`close_gaps`).

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; changed.
        working: (operators,) who is at work.
        step: (2, operators) factors by which they want to grow, for their own clients and with the
            clients of absent operators.
        available: (segments,) share of the helpers looked for that can be hired.
        typical: (segments, places) people a day of one operator.
        extra: (segments,) filled with the growth for clients of absent operators.
        taken_over: (segments,) filled with the part of it that replaces missing capacity.
        share: (operators,) work space of `close_gaps`.
        closed: (operators,) filled with capacity no longer missing, people a day.
        change: (operators,) filled with people a day won and lost.
    """
    floor = packed[0].market.hiring_floor
    extra[:] = 0.0
    for row in range(change.size):
        segment = s.stage[row]
        change[row] = 0.0
        if working[row] and segment != SUPPLY:
            usual = _grown(row, s, step[0, row], typical, floor)
            more = _grown(row, s, step[1, row], typical, floor) - usual
            step[0, row], step[1, row] = usual, more
            extra[segment] += size_of_cell(row, s) * more * available[segment]
    close_gaps(s, typical, floor, extra, taken_over, share, closed)
    for row in range(change.size):
        segment = s.stage[row]
        if working[row] and segment != SUPPLY:
            growth, part = step[0, row], 0.0
            if extra[segment] > 0.0:
                part = taken_over[segment] / extra[segment]
            if growth > 1.0:
                growth = 1.0 + (growth - 1.0) * available[segment]
            growth += part * available[segment] * step[1, row]
            change[row] = s.capacity[row] * (growth - 1.0)
            s.capacity[row] *= growth
            s.teams[row] *= growth


# -- fees and loads -------------------------------------------------------------------------------


class LaunchCosts(NamedTuple):
    """What a launch costs today, and the size of its boat."""

    today: float  # EUR of a launch whose boat is gone
    boat_size: float  # of boats on the market, against the usual


@inner
def cost_per_seat(
    load: float, failure: float, lost_boat: float, saved_boat: float, seizure_chance: float
) -> float:
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
    return spent / (load * max(1.0 - failure, 1e-9))


@inner
def seat_fee(
    usual: float, pull: float, cost: float, passed_on: float, floor: float, most: float
) -> float:
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
    return min(max(usual * pull + passed_on, floor * cost), most * usual)


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


@inner
def single_share(failure: float, met: float, premium: float) -> float:
    """Fee of a single try against that with a guarantee, which covers the tries to come.

    Both earn the same for each person brought through, apart from a premium for bearing the risk.
    People who escape when a launch is stopped do not pay again.

    Args:
        failure: Chance that an attempt fails, in the eyes of operators.
        met: People found or brought back for each whose attempt fails.
        premium: Asked on top with a guarantee, as a share.
    """
    due_again = met * failure
    again = due_again / max(due_again + 1.0 - failure, 1e-9)
    return (1.0 - again) / (1.0 + premium)


@inner
def _fee_for_seat(
    now: Now,
    row: int,
    s: SmugglerColumns,
    look: Outlook,
    usual: float,
    pull: float,
    costs: LaunchCosts,
) -> float:
    """What a launcher would ask for a seat: scarcity and cost per seat."""
    market, channel = now.market, now.channel
    retry = channel.launch_cost * channel.retry_cost_share
    load = max(s.load[row], channel.load_least * costs.boat_size)
    cost = cost_per_seat(load, look.failure[row], costs.today, retry, channel.seizure_chance)
    usual_cost = cost_per_seat(
        channel.load_start * costs.boat_size, look.usual_failure[row], channel.launch_cost, retry,
        channel.seizure_chance,
    )  # fmt: skip
    passed_on = market.cost_pass_through * (cost - usual_cost)
    return seat_fee(usual, pull, cost, passed_on, market.price_floor, market.seat_fee_most)


@kernel
def compare_launches(
    packed: np.ndarray,
    s: SmugglerColumns,
    look: Outlook,
    working: np.ndarray,
    costs: LaunchCosts,
    dearer: np.ndarray,
) -> None:
    """Cost of a launch for each that gets through, against the usual one.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators.
        look: What they expect of their legs.
        working: (operators,) who is at work.
        costs: Of launches.
        dearer: (operators,) filled; 1 of all but launchers at work.
    """
    channel = packed[0].channel
    retry, lost = channel.launch_cost * channel.retry_cost_share, channel.seizure_chance
    for row in range(dearer.size):
        dearer[row] = 1.0
        if working[row] and s.stage[row] == BOAT:
            spent = cost_per_seat(1.0, look.failure[row], costs.today, retry, lost)
            usual = cost_per_seat(1.0, look.usual_failure[row], channel.launch_cost, retry, lost)
            dearer[row] = spent / usual


@kernel
def set_fees(
    packed: np.ndarray,
    s: SmugglerColumns,
    pairs: PairArrays,
    risk: np.ndarray,
    look: Outlook,
    working: np.ndarray,
    usual_fee: np.ndarray,
    met: np.ndarray,
    demand: np.ndarray,
    pull: np.ndarray,
    costs: LaunchCosts,
) -> None:
    """Fee: the usual one, risk passed on, times excess demand; approached step by step.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; their fees are changed.
        pairs: Operators on their legs; shares of single tries are changed.
        risk: (pairs,) believed chance of a loss.
        look: What operators expect of their legs.
        working: (operators,) who is at work.
        usual_fee: (segments,) EUR.
        met: (legs,) people found or brought back for each whose attempt fails.
        demand: (operators,) what the demand makes of a fee, as a factor.
        pull: (operators,) what the queue makes of the usual fee of a seat, as a factor.
        costs: Of launches.
    """
    now = packed[0]
    market = now.market
    for row in range(working.size):
        if not working[row]:
            continue
        usual = usual_fee[s.stage[row]] * s.level[row]
        if s.stage[row] == BOAT:
            target = _fee_for_seat(now, row, s, look, usual, pull[row], costs)
        else:
            dearer = 1.0 + market.risk_pass_through * look.extra[row]
            target = max(usual * dearer * demand[row], s.cost[row] * market.price_floor)
        s.fee[row] += market.price_speed * (target - s.fee[row])
    for pair in range(risk.size):
        if working[pairs.smuggler[pair]]:
            failure = plain_chance(risk[pair], market.loss_salience)
            single = single_share(failure, met[pairs.leg[pair]], market.guarantee_premium)
            pairs.single[pair] += market.price_speed * (single - pairs.single[pair])


# -- places ----------------------------------------------------------------------------------------


@kernel
def count_stalls(
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
    count_stalls(s, active, number, profit)
    looking = 0
    for row in range(s.uid.size):
        if active[row]:
            luck = uniform(now.seed, Decision.RELOCATION, s.uid[row], now.ordinal)
            if luck < now.market.relocation_rate:
                looking = put_in_turn(row, luck, looking, lookers, turn)
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
            count_stalls(s, active, number, profit)
    return count


# -- results --------------------------------------------------------------------------------------


@kernel
def close_week(
    packed: np.ndarray, s: SmugglerColumns, working: np.ndarray, usual_taken: np.ndarray
) -> None:
    """Reputation and profit rate after a week; the counts of the next one begin.

    Reputation is the smoothed share of clients brought through, also for operators held now. The
    profit rate is the smoothed profit against the usual revenue for an operator's size.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; changed.
        working: (operators,) who is at work.
        usual_taken: (segments, places) EUR usually taken per person of capacity in use.
    """
    now = packed[0]
    market = now.market
    for row in range(working.size):
        if s.week_trips[row] > 0:
            through = 1.0 - s.week_losses[row] / max(s.week_trips[row], 1)
            s.reputation[row] += market.reputation_speed * (through - s.reputation[row])
        if working[row]:
            margin = 0.0
            if s.stage[row] != SUPPLY:
                taken = usual_taken[s.stage[row], s.place[row]]
                usual = max(WEEK * (s.capacity[row] * taken * market.use_usual), 1e-9)
                margin = (s.week_revenue[row] / now.scale - s.week_cost[row]) / usual
            s.profit_rate[row] += market.profit_speed * (margin - s.profit_rate[row])
        s.week_revenue[row] = 0
        s.week_cost[row] = 0.0
        s.week_trips[row] = 0
        s.week_losses[row] = 0
