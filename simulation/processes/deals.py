"""What passes between people, operators and authorities, compiled: choice, fee, escrow, talk."""

from __future__ import annotations

import numpy as np

from simulation.agents.authority import DEBRIEF, INTERCEPTION
from simulation.agents.migrant import MigrantColumns
from simulation.compiled import kernel
from simulation.processes.tables import PairArrays, Rules, occasion_of
from simulation.randomness import (
    Decision,
    agent_word,
    occasion_word,
    to_unit,
    two_part_key,
    uniform,
)

_SMUGGLER, _CONTRACT, _DEBRIEF, _RECALL = (
    int(Decision.SMUGGLER), int(Decision.CONTRACT), int(Decision.DEBRIEF), int(Decision.RECALL),
)  # fmt: skip
_JUST_ABOVE_ONE = 1.0 + 1e-9  # room for rounding


@kernel
def release_escrow(row: int, m: MigrantColumns, revenue: np.ndarray, money: np.ndarray) -> None:
    """Pay what a third party held to the operator who brought the person through."""
    amount = m.escrow[row]
    if amount > 0:
        revenue[m.smuggler[row]] += amount
        money[1] += amount
        m.escrow[row] = 0
        m.escrow_leg[row] = -1


@kernel
def refund_escrow(row: int, m: MigrantColumns, money: np.ndarray) -> None:
    """Give back what a third party held."""
    amount = m.escrow[row]
    if amount > 0:
        m.funds[row] += amount
        money[2] += amount
        m.escrow[row] = 0
        m.escrow_leg[row] = -1


@kernel
def pay(
    row: int,
    leg: int,
    pair: int,
    seed: int,
    m: MigrantColumns,
    pairs: PairArrays,
    rules: Rules,
    revenue: np.ndarray,
    money: np.ndarray,
) -> None:
    """Agree on the fee: paid to a third party until arrival, or to the operator at once.

    A fee still held for the same leg is not asked for again.
    """
    if m.escrow[row] > 0 and m.escrow_leg[row] == leg:
        return
    refund_escrow(row, m, money)
    fee = pairs.fee[pair]
    occasion = occasion_of(m.place[row], m.detours[row], m.tries[row]) * 512 + leg
    m.funds[row] -= fee
    m.paid[row] += fee
    money[0] += fee
    if uniform(seed, _CONTRACT, m.uid[row], occasion) < rules.escrow_share:
        m.escrow[row] = fee
        m.escrow_leg[row] = leg
    else:
        revenue[pairs.smuggler[pair]] += fee
        money[1] += fee


@kernel
def operator_keys(pairs: PairArrays, smuggler_uid: np.ndarray, keys: np.ndarray) -> None:
    """Fill `keys` (pairs,) with the part of a `two_part_key` that is the operator's."""
    for pair in range(keys.size):
        keys[pair] = two_part_key(smuggler_uid[pairs.smuggler[pair]], np.uint64(0))


@kernel
def choose_smuggler(
    row: int,
    leg: int,
    seed: int,
    m: MigrantColumns,
    pairs: PairArrays,
    keys: np.ndarray,
    luck: np.ndarray,
) -> int:
    """One of the operators with room who can be paid, with chances in proportion to weights.

    The shortest of exponential waits, each keyed by person and operator: taking one operator
    away moves only that operator's clients.

    Args:
        row: The person.
        leg: The leg.
        seed: Seed of the replication.
        m: The people.
        pairs: The operators on the legs they serve.
        keys: (pairs,) each operator's part of the key of a draw, from `operator_keys`.
        luck: (pairs,) work space.

    Returns:
        The pair, or -1 if there is none.
    """
    occasion = np.uint64(occasion_of(m.place[row], m.detours[row], m.tries[row]))
    best, best_wait = -1, np.inf
    held = m.escrow[row] > 0 and m.escrow_leg[row] == leg
    budget = m.funds[row] + m.escrow[row]
    word = agent_word(seed, _SMUGGLER, m.uid[row])
    first, last = pairs.start[leg], pairs.start[leg + 1]
    here = keys[first:last]
    for i in range(here.size):
        # all draws, wanted or not: without branches many are made at once
        luck[i] = to_unit(occasion_word(word, here[i] + occasion))
    for pair in range(first, last):
        if pairs.room[pair] <= 0 or not (held or pairs.fee[pair] <= budget):
            continue
        u = luck[pair - first]
        # -log(u) is at least 1 - u, so most who come too late are seen without a logarithm
        if 1.0 - u > best_wait * pairs.weight[pair] * _JUST_ABOVE_ONE:
            continue
        wait = -np.log(u) / pairs.weight[pair]
        if wait < best_wait:
            best, best_wait = pair, wait
    return best


@kernel
def remember(row: int, seed: int, m: MigrantColumns) -> None:
    """A leg with an operator is done: any of those so far is as likely to be spoken of later.

    One at a time, each replaces the one remembered with chance 1 / (legs so far). Source: Vitter
    (1985), "Random sampling with a reservoir", doi:10.1145/3147.3165, algorithm R.
    """
    m.previous_smuggler[row] = m.smuggler[row]
    m.legs_served[row] += 1
    served = m.legs_served[row]
    if uniform(seed, _RECALL, m.uid[row], served) * served < 1.0:
        m.recalled_smuggler[row] = m.smuggler[row]


@kernel
def debrief(
    row: int,
    authority: int,
    smuggler: int,
    key: int,
    seed: int,
    m: MigrantColumns,
    yields: np.ndarray,
    rules: Rules,
    facts: np.ndarray,
    count: int,
) -> int:
    """What one person's account gives: a fact on the present operator, one on one before.

    So an authority learns of the whole chain behind the people it meets: the last on the way knows
    most, of operators on whose ground it cannot arrest.

    Args:
        row: The person.
        authority: Who listens; nobody if negative.
        smuggler: The operator at hand, -1 if none.
        key: Occasion of the talk.
        seed: Seed of the replication.
        m: The people.
        yields: (authorities,) chance that one account gives a fact that can be used.
        rules: The numbers.
        facts: (room, 4) rows of authority, operator, how it was learnt, row of the person.
        count: Facts so far.

    Returns:
        Facts now.
    """
    if authority < 0:
        return count
    if smuggler >= 0 and uniform(seed, _DEBRIEF, m.uid[row], 2 * key) < yields[authority]:
        facts[count, 0] = authority
        facts[count, 1] = smuggler
        facts[count, 2] = INTERCEPTION
        facts[count, 3] = row
        count += 1
    chance = yields[authority] * rules.previous_yield
    earlier = m.recalled_smuggler[row]
    if earlier < 0 or earlier == smuggler:  # nobody is named twice in one talk
        return count
    if uniform(seed, _DEBRIEF, m.uid[row], 2 * key + 1) < chance:
        facts[count, 0] = authority
        facts[count, 1] = earlier
        facts[count, 2] = DEBRIEF
        facts[count, 3] = row
        count += 1
    return count
