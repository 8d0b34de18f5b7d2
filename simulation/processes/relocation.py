"""Operators who move to another place of their segment, compiled."""

from __future__ import annotations

import numpy as np

from simulation.compiled import kernel
from simulation.randomness import Decision, put_in_turn, uniform

_RELOCATION = int(Decision.RELOCATION)


@kernel
def count_stalls(
    stage: np.ndarray,
    place: np.ndarray,
    profit_rate: np.ndarray,
    who: np.ndarray,
    number: np.ndarray,
    profit: np.ndarray,
) -> None:
    """Count operators and sum up their profit rates by segment and place.

    Args:
        stage: (operators,) their segments.
        place: (operators,) where they work.
        profit_rate: (operators,) their smoothed profits.
        who: (operators,) who is counted.
        number: (segments, places), filled.
        profit: (segments, places), filled.
    """
    number[:, :] = 0
    profit[:, :] = 0.0
    for row in range(stage.size):
        if who[row]:
            number[stage[row], place[row]] += 1
            profit[stage[row], place[row]] += profit_rate[row]


@kernel
def relocate(
    seed: int,
    ordinal: int,
    uid: np.ndarray,
    stage: np.ndarray,
    place: np.ndarray,
    profit_rate: np.ndarray,
    active: np.ndarray,
    rate: float,
    scale: float,
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
        seed: Seed of the replication.
        ordinal: Today's date as a number.
        uid: (operators,) identifiers.
        stage: (operators,) their segments.
        place: (operators,) where they work, changed.
        profit_rate: (operators,) their smoothed profits.
        active: (operators,) who is in business.
        rate: Chance that an operator looks around.
        scale: Gain in profit rate that makes a place e times as attractive.
        number: (segments, places) work space; `profit` too.
        profit: See there.
        lookers: (operators,) work space; `turn` too.
        turn: See there.
        moved: (operators,) filled with the rows of those who move.

    Returns:
        How many move.
    """
    count = 0
    count_stalls(stage, place, profit_rate, active, number, profit)
    looking = 0
    for row in range(uid.size):
        if active[row]:
            luck = uniform(seed, _RELOCATION, uid[row], ordinal)
            if luck < rate:
                looking = put_in_turn(row, luck, looking, lookers, turn)
    for k in range(looking):
        row = lookers[k]
        segment, here = stage[row], place[row]
        if number[segment, here] <= 1:
            continue
        mean = profit[segment, here] / number[segment, here]
        best, best_gain, best_wait = here, 0.0, np.inf
        for there in range(number.shape[1]):
            if number[segment, there] == 0:
                continue
            gain = profit[segment, there] / number[segment, there] - mean
            pull = number[segment, there] * np.exp(min(max(gain / scale, -30.0), 30.0))
            wait = -np.log(uniform(seed, _RELOCATION, uid[row], there)) / pull
            if wait < best_wait:
                best, best_gain, best_wait = there, gain, wait
        if best != here and best_gain > 0.0:
            place[row] = best
            moved[count] = row
            count += 1
            count_stalls(stage, place, profit_rate, active, number, profit)
    return count
