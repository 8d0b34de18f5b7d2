"""What the launches of a day risk, what becomes of them and what they cost, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns
from simulation.chain import NOWHERE, link
from simulation.compiled import inner, kernel
from simulation.processes.census import keep_living
from simulation.processes.sailing import LANDED, STOPPED, Boats, SeaRules, first_boats, sail
from simulation.processes.tables import LegCounts

_TRIED, _HALTED = link("launches_tried"), link("launches_stopped")
_PREVENTED, _SCATTERED, _ARRIVALS = (
    link("people_prevented"), link("people_scattered"), link("arrivals"),
)  # fmt: skip
_SEIZED, _TAXIS, _NOWHERE = link("boats_seized_coast"), link("launches_taxi"), NOWHERE
# where the columns of the first two tables end among all that `set_sail` takes
_MIGRANTS = len(MigrantColumns._fields)
_BOATS = _MIGRANTS + len(Boats._fields)


@inner
def set_chances(
    count: int,
    taxi: np.ndarray,
    risk: np.ndarray,
    back: float,
    intercept: float,
    at_sea: np.ndarray,
    danger_base: float,
    contested: float,
    of_length: np.ndarray,
    beach_authority: np.ndarray,
    links: np.ndarray,
    boats: Boats,
) -> None:
    """Chances of every launch. Boats that pick people up from the water can be met there.

    They are stopped before people board, or intercepted with people aboard. Crews who fear this
    hurry, so that either makes a crossing more dangerous.

    Args:
        count: Number of launches.
        taxi: (boats,) which pick people up from the water.
        risk: (2, boats) `weigh_risks` as powers of e: the chance of not being stopped, and danger.
        back: Chance that a boat is rescued or turns back.
        intercept: Chance that one is intercepted that picks people up from the water.
        at_sea: (legs,) chance that one is stopped before it picks them up.
        danger_base: Chance that somebody dies in a boat of danger 1.
        contested: Share by which a chance of a stop of 1 raises danger.
        of_length: (legs,) danger of a crossing so long against one of the usual length.
        beach_authority: (legs,) who stops launches.
        links: (links, authorities + 1) today's counts of the chain, added to.
        boats: The launches; chances are filled in.
    """
    for b in range(count):
        leg = boats.leg[b]
        boats.taxi[b] = taxi[b]
        boats.stop_chance[b], boats.return_chance[b] = 1.0 - risk[0, b], back
        met = boats.stop_chance[b]
        if taxi[b]:
            boats.return_chance[b] = 1.0 - (1.0 - back) * (1.0 - intercept)
            boats.stop_chance[b] = at_sea[leg]
            met = intercept + (1.0 - intercept) * at_sea[leg]
            links[_TAXIS, beach_authority[leg]] += 1
        danger = danger_base * risk[1, b] * (1.0 + contested * met) * of_length[leg]
        boats.death_chance[b] = min(danger, 1.0)


@inner
def book_launches(
    boats: Boats,
    launch_cost: float,
    retry_cost: float,
    cost: np.ndarray,
    smuggler: np.ndarray,
    trips: np.ndarray,
    stops: np.ndarray,
    stock: np.ndarray,
    cash: np.ndarray,
    week_cost: np.ndarray,
    beach_authority: np.ndarray,
    links: np.ndarray,
    pair_of: np.ndarray,
    launches: np.ndarray,
    halted: np.ndarray,
) -> tuple[int, int, int]:
    """Use up boats, pay for launches and note trips and those that failed.

    Args:
        boats: The launches.
        launch_cost: EUR of a launch whose boat is gone.
        retry_cost: EUR of one whose boat is still there.
        cost: (boats,) filled with EUR.
        smuggler: (pairs,) operator of each pair of an operator and a leg.
        trips: (pairs,) people who set out today, raised.
        stops: (pairs,) those of them who did not get through, raised.
        stock: (operators,) boats in stock, lowered.
        cash: (operators,) EUR, lowered.
        week_cost: (operators,) EUR, raised.
        beach_authority: (legs,) who stops launches.
        links: (links, authorities + 1) today's counts of the chain, added to.
        pair_of: (operators,) work space.
        launches: (legs,) launches today, raised.
        halted: (legs,) those of them stopped before they left, raised.

    Returns:
        Boats that landed people, boats seized, and people prevented.
    """
    landed, seized, prevented = 0, 0, 0
    pair_of[:] = -1
    for pair in range(smuggler.size):
        pair_of[smuggler[pair]] = pair
    for boat in range(boats.key.size):
        launcher = boats.launcher[boat]
        lost = boats.fate[boat] != STOPPED or boats.seized[boat]
        cost[boat] = launch_cost if lost else retry_cost
        stock[launcher] -= int(lost)
        landed += boats.fate[boat] == LANDED and boats.landed[boat] > 0
        seized += boats.seized[boat]
        prevented += boats.prevented[boat]
        beach = beach_authority[boats.leg[boat]]
        launches[boats.leg[boat]] += 1
        links[_TRIED, beach] += 1
        links[_SEIZED, beach] += boats.seized[boat]
        links[_PREVENTED, beach] += boats.prevented[boat]
        links[_ARRIVALS, _NOWHERE] += boats.landed[boat]
        if boats.fate[boat] == STOPPED:
            halted[boats.leg[boat]] += 1
            links[_HALTED, beach] += 1
            links[_SCATTERED, beach] += boats.load[boat] - boats.prevented[boat]
        cash[launcher] -= cost[boat]
        week_cost[launcher] += cost[boat]
        pair = pair_of[launcher]
        if pair >= 0:
            trips[pair] += boats.load[boat]
            if boats.fate[boat] != LANDED:
                stops[pair] += boats.load[boat]
    return landed, seized, prevented


class Bookings(NamedTuple):
    """Whom and where launches are booked to, and work space."""

    smuggler: npt.NDArray[np.int32]  # (pairs,) as for `book_launches`; so to `links`
    trips: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    stock: npt.NDArray[np.int32]
    cash: npt.NDArray[np.float64]
    week_cost: npt.NDArray[np.float64]
    links: npt.NDArray[np.float64]
    pair_of: npt.NDArray[np.int64]
    launches: npt.NDArray[np.int16]
    halted: npt.NDArray[np.int16]
    cost: npt.NDArray[np.float64]


@kernel
def set_sail(
    day: int,
    ordinal: int,
    seed: int,
    count: int,
    riders: np.ndarray,
    taxi: np.ndarray,
    risk: np.ndarray,
    back: float,
    intercept: float,
    at_sea: np.ndarray,
    danger_base: float,
    contested: float,
    of_length: np.ndarray,
    numbers: np.ndarray,
    sea: SeaRules,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    facts: np.ndarray,
    launch_cost: float,
    retry_cost: float,
    books: Bookings,
    live: np.ndarray,
    ended: np.ndarray,
    *columns: np.ndarray,
) -> tuple[int, int, int, int, int]:
    """`set_chances`, `sail` and `book_launches`, with their arguments, and `keep_living`.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        count: Number of launches.
        riders: As for `sail`.
        taxi: As for `set_chances`; so to `of_length`.
        risk: See there.
        back: See there.
        intercept: See there.
        at_sea: See there.
        danger_base: See there.
        contested: See there.
        of_length: See there.
        numbers: (1,) the `Rules`, packed.
        sea: As for `sail`; so to `facts`.
        yields: See there.
        revenue: See there.
        money: See there.
        facts: See there.
        launch_cost: As for `book_launches`; `retry_cost` too.
        retry_cost: See there.
        books: See there.
        live: As for `keep_living`; `ended` too.
        ended: See there.
        *columns: Those of the people, of the launches, (count or more,), and of counts by leg, one
            by one in the order of these tables: a table takes three times as long to hand over.

    Returns:
        Number of facts, boats that landed people, boats seized, people prevented, and how many
        are still on the way.
    """
    m = MigrantColumns(*columns[:_MIGRANTS])
    boats = Boats(*columns[_MIGRANTS:_BOATS])
    counts = LegCounts(*columns[_BOATS:])
    set_chances(
        count, taxi, risk, back, intercept, at_sea, danger_base, contested, of_length,
        sea.beach_authority, books.links, boats,
    )  # fmt: skip
    today = first_boats(boats, count)
    learnt = sail(
        day, ordinal, seed, riders, today, m, counts, numbers[0], sea, yields, revenue, money,
        facts,
    )  # fmt: skip
    landed, seized, prevented = book_launches(
        today, launch_cost, retry_cost, books.cost, books.smuggler, books.trips, books.stops,
        books.stock, books.cash, books.week_cost, sea.beach_authority, books.links,
        books.pair_of, books.launches, books.halted,
    )  # fmt: skip
    return learnt, landed, seized, prevented, keep_living(live, m.state, ended)
