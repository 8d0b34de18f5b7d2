"""What passes between people, operators and authorities, compiled: choice, fee, escrow, talk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.model.agents.authority import DEBRIEF, INTERCEPTION
from simulation.model.agents.migrant import MigrantColumns
from simulation.model.processes.tables import PairArrays, occasion_of
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.randomness import (
    Decision,
    agent_word,
    occasion_word,
    to_unit,
    two_part_key,
    uniform,
)

_JUST_ABOVE_ONE = 1.0 + 1e-9  # room for rounding


class PeopleToday(NamedTuple):
    """The people, and where compiled code writes what they pay and tell today."""

    day: int
    ordinal: int  # the date as a number, a key for draws
    seed: int
    parameters: Parameters  # in compiled code: a row of `World.now`
    m: MigrantColumns
    revenue: Ints  # (operators,) EUR received today, added to
    money: Ints  # (3,) EUR paid, received by operators, given back; added to
    account_yield: Floats  # (authorities,) chance that an account gives a fact
    #: (room, 4) facts from accounts: authority, operator, how it was learnt, row of the person
    accounts: Ints
    n_accounts: Ints  # (1,) how many there are


def people_today(world: World, accounts: int = 0) -> PeopleToday:
    """The people of a world today, with room for so many facts from accounts."""
    return PeopleToday(
        world.day, world.ordinal, world.seed, world.now[0], world.migrants,
        world.revenue, world.money, world.account_yield, np.empty((accounts, 4), dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )  # fmt: skip


@inner
def attempt_of(row: int, m: MigrantColumns) -> np.int64:
    """Key of a person's attempt where the person is."""
    return occasion_of(m.place[row], m.detours[row], m.tries[row])


@kernel
def release_escrow(row: int, today: PeopleToday) -> None:
    """Pay what a third party held to the operator who brought the person through."""
    m = today.m
    amount = m.escrow[row]
    if amount > 0:
        today.revenue[m.smuggler[row]] += amount
        today.money[1] += amount
        m.escrow[row] = 0
        m.escrow_leg[row] = -1


@kernel
def refund_escrow(row: int, today: PeopleToday) -> None:
    """Give back what a third party held."""
    m = today.m
    amount = m.escrow[row]
    if amount > 0:
        m.funds[row] += amount
        today.money[2] += amount
        m.escrow[row] = 0
        m.escrow_leg[row] = -1


@inner
def pay_for_try(row: int, today: PeopleToday) -> None:
    """Pay the operator for a try that is over, whatever came of it, if it was paid by the try."""
    if today.m.single_try[row]:
        release_escrow(row, today)


@kernel
def guarantee_chance(
    fee: float, single_fee: float, belief: float, aversion: float, parameters: Parameters
) -> float:
    """Chance that somebody who can pay for either takes the guarantee and not a single try.

    With a single try a fee is due again after each stop; how much that is feared goes with the
    aversion to risk. A logit on what the two cost.

    Args:
        fee: EUR with a guarantee.
        single_fee: EUR of a single try.
        belief: Chance of a stop as people think of it.
        aversion: The person's aversion to risk, 1 for the average.
        parameters: What is assumed.
    """
    usual = parameters.migrants.escrow_share
    stop = min(belief, parameters.beliefs.ceiling)
    saved = single_fee * (1.0 + aversion * stop / (1.0 - stop)) - fee
    pull = np.exp(min(max(saved / parameters.migrants.contract_scale, -30.0), 30.0)) * usual
    return pull / (pull + 1.0 - usual)


@kernel
def pay(
    row: int, leg: int, pair: int, belief: float, waits: bool, pairs: PairArrays, today: PeopleToday
) -> None:
    """Agree on a contract and pay.

    With a guarantee the fee is held by a third party until arrival, and while it is held for a leg
    it is not asked for again: who fails has another try, and the operator bears it. A single try
    costs less and is due again after a stop. It is paid to the operator when people set out: who
    `waits` for a launch has it held till then, and it goes back if they are not launched.
    """
    m = today.m
    if m.escrow[row] > 0 and m.escrow_leg[row] == leg:
        return
    refund_escrow(row, today)
    fee, single_fee = pairs.fee[pair], pairs.single_fee[pair]
    chance = guarantee_chance(fee, single_fee, belief, m.risk_aversion[row], today.parameters)
    u = uniform(today.seed, Decision.CONTRACT, m.uid[row], attempt_of(row, m) * 512 + leg)
    guarantee = u < chance and fee <= m.funds[row]
    if not guarantee:
        fee = single_fee
    m.funds[row] -= fee
    m.paid[row] += fee
    today.money[0] += fee
    if guarantee or waits:
        m.single_try[row] = not guarantee
        m.escrow[row] = fee
        m.escrow_leg[row] = leg
    else:
        today.revenue[pairs.smuggler[pair]] += fee
        today.money[1] += fee


class Clients(NamedTuple):
    """Those who look for an operator today, as much of them as the choice needs; arrays (room,).

    Copies beside each other, because those first in turn stand anywhere among all people.
    """

    row: Ints
    turn: Floats  # the lowest comes first
    leg: npt.NDArray[np.int16]
    occasion: npt.NDArray[np.uint64]
    word: npt.NDArray[np.uint64]  # `agent_word` of the choice
    budget: Ints  # EUR
    held: Bools  # whether a third party holds a fee for this leg
    pair: npt.NDArray[np.int32]  # filled: the pair found, or -1


@kernel
def enter_client(row: int, leg: int, today: PeopleToday, at: int, out: Clients) -> None:
    """Write down somebody who looks for an operator on a leg, as client number `at`."""
    m = today.m
    out.row[at] = row
    out.turn[at] = uniform(today.seed, Decision.QUEUE, m.uid[row], today.ordinal)
    out.leg[at] = leg
    out.occasion[at] = attempt_of(row, m)
    out.word[at] = agent_word(today.seed, Decision.SMUGGLER, m.uid[row])
    out.budget[at] = m.funds[row] + m.escrow[row]
    out.held[at] = m.escrow[row] > 0 and m.escrow_leg[row] == leg


class PairDraws(NamedTuple):
    """What is worked out once a day for every choice of an operator; arrays (pairs,) or longer."""

    key: npt.NDArray[np.uint64]  # each operator's part of the key of a draw
    rarity: Floats  # 1 / weight
    # work space for one client's choice
    u: Floats
    least: Floats


@kernel
def fill_pair_draws(pairs: PairArrays, smuggler_uid: np.ndarray, draws: PairDraws) -> None:
    """Fill in the key and the rarity of every pair; `smuggler_uid` has shape (operators,)."""
    for pair in range(pairs.room.size):
        draws.key[pair] = two_part_key(smuggler_uid[pairs.smuggler[pair]], np.uint64(0))
        draws.rarity[pair] = 1.0 / pairs.weight[pair]


@kernel
def choose_smuggler(at: int, clients: Clients, pairs: PairArrays, draws: PairDraws) -> int:
    """One of the operators with room who can be paid, with chances in proportion to weights.

    The shortest of exponential waits, each keyed by person and operator: taking one operator
    away moves only that operator's clients. -log(u) lies between 1 - u and (1 - u) / u, so most
    who come too late are seen without a logarithm.

    Args:
        at: Number of the client.
        clients: Who looks for an operator.
        pairs: The operators on the legs they serve.
        draws: From `fill_pair_draws`.

    Returns:
        The pair, or -1 if there is none.
    """
    leg, held, budget = clients.leg[at], clients.held[at], clients.budget[at]
    word, occasion = clients.word[at], clients.occasion[at]
    first, last = pairs.start[leg], pairs.start[leg + 1]
    # one after another without branches, so that many are worked out at once
    key, rarity = draws.key[first:last], draws.rarity[first:last]
    room, fee = pairs.room[first:last], pairs.single_fee[first:last]
    for i in range(key.size):
        u = to_unit(occasion_word(word, key[i] + occasion))
        can = (room[i] > 0) & (held | (fee[i] <= budget))
        draws.u[i] = u
        draws.least[i] = (1.0 - u) * rarity[i] if can else np.inf
    soonest = np.inf
    for i in range(key.size):
        most = draws.least[i] / draws.u[i]
        soonest = most if most < soonest else soonest
    best, best_wait = -1, np.inf
    if soonest == np.inf:
        return best  # nobody can
    soonest *= _JUST_ABOVE_ONE
    for i in range(key.size):
        if draws.least[i] <= soonest:
            wait = -np.log(draws.u[i]) / pairs.weight[first + i]
            if wait < best_wait:
                best, best_wait = first + i, wait
    return best


@inner
def note_operator(row: int, today: PeopleToday) -> None:
    """A leg with an operator is done: any of those so far is as likely to be spoken of later.

    One at a time, each replaces the one remembered with chance 1 / (legs so far). Source: Vitter
    (1985), "Random sampling with a reservoir", doi:10.1145/3147.3165, algorithm R.
    """
    m = today.m
    m.legs_served[row] += 1
    served = m.legs_served[row]
    if uniform(today.seed, Decision.RECALL, m.uid[row], served) * served < 1.0:
        m.recalled_smuggler[row] = m.smuggler[row]


@inner
def _write_account(row: int, authority: int, smuggler: int, kind: int, today: PeopleToday) -> None:
    """Write down a fact on an operator that somebody told an authority."""
    out, fact = today.accounts, today.n_accounts[0]
    out[fact, 0], out[fact, 1], out[fact, 2], out[fact, 3] = authority, smuggler, kind, row
    today.n_accounts[0] += 1


@inner
def debrief(row: int, authority: int, smuggler: int, key: int, today: PeopleToday) -> None:
    """What one person's account gives: a fact on the present operator, one on one before.

    So an authority learns of the whole chain behind the people it meets: the last on the way knows
    most, of operators on whose ground it cannot arrest.

    Args:
        row: The person.
        authority: Who listens; nobody if negative.
        smuggler: The operator at hand, -1 if none.
        key: Occasion of the talk.
        today: The people; facts are added to its accounts.
    """
    if authority < 0:
        return
    m, chance = today.m, today.account_yield[authority]
    if smuggler >= 0 and uniform(today.seed, Decision.DEBRIEF, m.uid[row], 2 * key) < chance:
        _write_account(row, authority, smuggler, INTERCEPTION, today)
    chance = chance * today.parameters.intelligence.previous_yield
    earlier = m.recalled_smuggler[row]
    if earlier < 0 or earlier == smuggler:  # nobody is named twice in one talk
        return
    if uniform(today.seed, Decision.DEBRIEF, m.uid[row], 2 * key + 1) < chance:
        _write_account(row, authority, earlier, DEBRIEF, today)
