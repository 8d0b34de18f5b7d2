"""What a seat in a boat costs to offer, what is asked for it, and how many are put in a boat.

Pure functions of one launcher, but for powers, which NumPy takes; all money in EUR.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import inner

Array = npt.NDArray[np.float64]


@inner
def manned_by_boats(boats: float, boats_per_crew: float) -> float:
    """Crews that boats on hand and on their way keep at work, launches a day.

    Args:
        boats: Boats on hand and on their way.
        boats_per_crew: Boats that one crew needs to be at work.
    """
    return boats / boats_per_crew


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


def pull_of_queue(queue: Array, scarcity: float) -> Array:
    """What a queue makes of the usual fee of a seat, as a factor: `queue ^ scarcity`, (n,).

    Args:
        queue: People who want a seat for each seat on offer, against what is usual.
        scarcity: Elasticity of the fee in the queue.
    """
    return np.asarray(queue**scarcity)


def best_load(usual: float, fee: Array, queue: Array, convexity: float, response: float) -> Array:
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
