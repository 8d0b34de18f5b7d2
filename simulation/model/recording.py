"""From the ledger of a finished world to the record of a run, in real people and euros."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from simulation.chain import LINKS, link
from simulation.corridor.stages import BOAT, LORRY
from simulation.model.agents.migrant import State
from simulation.model.processes.entries import from_balkans
from simulation.model.processes.world import World
from simulation.outcomes import DAILY, OUTCOMES, RunRecord

_BRIEFLY = link("brief_detentions")
#: units of outcomes that are multiplied by the people an agent stands for
_OF_PEOPLE = ("people", "attempts", "detections")
_RECENT = 28  # days over which the true activity is averaged


def make_record(world: World, title: str, first_counted: int) -> RunRecord:
    """Make the record of a run, scaled back to people.

    Args:
        world: A world whose days are over.
        title: Title of the scenario.
        first_counted: First day after the warm-up.
    """
    ledger, people = world.ledger, 1.0 / world.scale
    days = slice(first_counted, world.day + 1)
    start = world.first + timedelta(days=first_counted)
    recent = slice(max(first_counted, world.day + 1 - _RECENT), world.day + 1)
    paid, received, returned = (float(amount) * people for amount in world.money)
    return RunRecord(
        scenario_title=title,
        seed=world.seed,
        scale=world.scale,
        start=start,
        end=world.today,
        dates=np.datetime64(start, "D") + np.arange((world.today - start).days + 1),
        daily=daily_outcomes(world, days),
        leg_departures=ledger.departures[days] * people,
        leg_stops=ledger.stops[days] * people,
        leg_arrivals=ledger.arrivals[days] * people,
        place_present=ledger.present[days] * people,
        authority_cases=ledger.cases[days].astype(float),
        authority_smugglers=ledger.in_jurisdiction[days].astype(float),
        activity_picture=world.beliefs.activity.copy(),
        activity_truth=ledger.departures[recent].mean(axis=0) * people,
        chain=_chain(world, days),
        states={
            state.name.lower(): float(ledger.states[world.day, state]) * people
            for state in State
            if state is not State.ABSENT
        },
        **_by_origin(world, days),
        transit_days_by_year=_transit_days(world, first_counted),
        totals={
            "fees_paid": paid,
            "fees_received": received,
            "escrow_returned": returned,
            "escrow_held": float(world.migrants.escrow.sum()) * people,
            "entered": float(ledger.states[world.day].sum()) * people,
        },
    )


def _chain(world: World, days: slice) -> np.ndarray:
    """The links of the chain, (days, links, authorities + 1), in real people."""
    of_people = np.array([spec.of_people for spec in LINKS.values()])
    factor = np.where(of_people, 1.0 / world.scale, 1.0)
    return np.asarray(world.ledger.chain[days] * factor[:, None])


def daily_outcomes(world: World, days: slice) -> dict[str, np.ndarray]:
    """What is written of each day, of a world whose days are over or still go on.

    What is not computed here is what the ledger counts under the name of the outcome.

    Args:
        world: The world.
        days: Rows of the ledger.

    Returns:
        Outcome name -> (days,) float, in real people and euros; the names of `DAILY`.
    """
    ledger, people = world.ledger, 1.0 / world.scale
    legs = world.ground.segment
    boat, lorry = legs == BOAT, legs == LORRY
    ended = np.diff(ledger.states[: days.stop], axis=0, prepend=0)[days]
    landed = ledger.arrivals[days][:, boat].sum(axis=1)  # some may be returned later
    arrivals = landed * people
    prevented = ledger.prevented[days] * people
    deaths = ledger.deaths[days] * people
    sea_deaths = deaths[:, boat].sum(axis=1)
    on_the_way = ledger.states[days][:, State.WAITING : State.QUEUED + 1].sum(axis=1)
    briefly = ledger.chain[days, _BRIEFLY].sum(axis=1)
    daily = {
        "channel_arrivals": arrivals,
        "channel_boats": ledger.boats_landed[days],
        "channel_attempts": arrivals + prevented + sea_deaths,
        "channel_prevented": prevented,
        "channel_deaths": sea_deaths,
        "corridor_deaths": deaths[:, ~boat].sum(axis=1),
        "lorry_arrivals": ledger.arrivals[days][:, lorry].sum(axis=1) * people,
        "wb_entries": ledger.entered[days] * people,
        "wb_detections": ledger.detections[days] * people,
        "settled_elsewhere": ended[:, State.SETTLED] * people,
        "returned_after_arrival": ledger.removed[days] * people,
        "admitted_legally": ledger.admitted[days] * people,
        "returned": ended[:, State.RETURNED] * people,
        "in_transit": on_the_way * people,
        "seat_price_eur": ledger.seat_price[days],
        "smuggler_revenue_eur": ledger.revenue[days],
        "smuggler_profit_eur": ledger.profit[days],
        "smugglers_arrested": ledger.arrested[days],
        "arrests_on_case": ledger.arrested[days] - briefly,
        "brief_detentions": briefly,
        "smugglers_active": ledger.active[days],
        "mapped_share": ledger.mapped[days],
    }
    for name in DAILY:
        if name not in daily:
            factor = people if OUTCOMES[name].unit in _OF_PEOPLE else 1.0
            daily[name] = getattr(ledger, name)[days] * factor
    return {name: np.asarray(values, dtype=float) for name, values in daily.items()}


def _by_origin(world: World, days: slice) -> dict[str, dict[str, np.ndarray]]:
    """Who arrived over the Channel and who set out on the Balkan route, day by day."""
    m = world.migrants
    set_out = np.flatnonzero((m.state != State.ABSENT) & from_balkans(world))
    counted = {
        "arrivals_by_origin": landings(world),
        "entries_by_origin": (set_out, m.entry_day[set_out]),
    }
    shape = len(world.levers.origins), world.day + 1
    series: dict[str, dict[str, np.ndarray]] = {}
    for name, (rows, day) in counted.items():
        people = np.zeros(shape)
        np.add.at(people, (m.origin[rows], day), 1.0 / world.scale)
        series[name] = dict(zip(world.levers.origins, people[:, days], strict=True))
    return series


def landings(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Every landing by boat, those included after which somebody was returned.

    Args:
        world: A world whose days are over.

    Returns:
        Row of the person and day of the landing, each (landings,).
    """
    m = world.migrants
    rows = np.flatnonzero(m.state == State.ARRIVED_BOAT)
    undone = np.array(world.undone_landings, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([rows, undone[:, 0]]), np.concatenate([m.end_day[rows], undone[:, 1]])


def _transit_days(world: World, first_counted: int) -> dict[str, np.ndarray]:
    """Days from entry to landing of those who arrived by boat, by calendar year."""
    m = world.migrants
    rows, day = landings(world)
    rows, day = rows[day >= first_counted], day[day >= first_counted]
    years = np.array([(world.first + timedelta(days=d)).year for d in day.tolist()])
    travel_days = (day - m.entry_day[rows]).astype(float)
    return {str(year): travel_days[years == year] for year in np.unique(years).tolist()}
