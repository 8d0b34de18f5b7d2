"""What operators ask, what a seat in a boat costs to offer, and how many people are put in a boat.

Exponentials and powers are taken by NumPy; all money in EUR.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.agents.smuggler import SmugglerColumns
from simulation.compiled import Floats, inner, kernel
from simulation.corridor.stages import BOAT
from simulation.processes.adaptation import Outlook, plain_chance
from simulation.processes.tables import PairArrays
from simulation.processes.world import Now


class LaunchCosts(NamedTuple):
    """What a launch costs today, and the size of its boat."""

    today: float  # EUR of a launch whose boat is gone
    boat_size: float  # of boats on the market, against the usual


@inner
def cost_per_seat(
    load: float, failure: float, lost_boat: float, saved_boat: float, seizure_chance: float
) -> float:
    """EUR spent for each person who is brought across.

    A launch that fails is stopped before it leaves, and its boat is seized with a chance; of all
    others the boat is gone. Whoever paid until arrival is owed another launch, so what all launches
    cost falls on those who land.

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
        pull: Of the queue (`pull_of_queue`).
        cost: Cost per seat.
        passed_on: Part of what it is dearer than with usual risk, load and price of boats.
        floor: Lowest fee, against the cost.
        most: Highest fee, against the usual one.
    """
    return min(max(usual * pull + passed_on, floor * cost), most * usual)


def pull_of_queue(queue: Floats, scarcity: float) -> Floats:
    """What a queue makes of the usual fee of a seat, as a factor: `queue ^ scarcity`, (n,).

    Args:
        queue: People who want a seat for each seat on offer, against what is usual.
        scarcity: Elasticity of the fee in the queue.
    """
    return np.asarray(queue**scarcity)


def best_load(
    usual: float, fee: Floats, queue: Floats, convexity: float, response: float
) -> Floats:
    """People per boat at which a further seat earns what its risk costs.

    With revenue proportional to the load and losses by failure, speed and danger rising with its
    power `convexity`, the best load goes with the fee to the power 1 / (convexity - 1). Where seats
    are short a launch that is not full is a launch wasted, which raises it further.

    Args:
        usual: People per boat when nothing is short.
        fee: Fee of a seat, against the usual one.
        queue: People who want a seat for each seat on offer, against what is usual.
        convexity: Power with which losses rise.
        response: Elasticity of the load in the queue.
    """
    return np.asarray(usual * fee ** (1.0 / (convexity - 1.0)) * queue**response)


@inner
def single_share(failure: float, met: float, premium: float) -> float:
    """Fee of a single try against that with a guarantee, which covers the tries to come.

    Both earn the same for each person brought through, but for what operators ask on top for
    bearing the risk. People of a stopped launch who are not found are not asked again.

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
