"""Stylised facts: what was published about mechanisms, held against the ensemble.

Each fact is a pair of scenarios run with the same seeds, or a level read from what happened, with a
published band. What lies outside its band is shown so; nothing is tuned here. The natural
experiments share its runs. `simulation/report/facts.py` writes both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import numpy as np

from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.validation.fact_runs import (
    BASELINE,
    BREAK_UPS,
    HISTORY,
    PATROLS,
    SQUEEZED,
    TRIPLED,
    Runs,
    RunsByName,
)
from simulation.validation.natural import change, percent_of
from simulation.validation.natural import readings as natural_readings
from simulation.validation.published import settings, stylised
from simulation.validation.series import Array
from simulation.validation.verdicts import Estimate, estimate_of

SETS, SCALE = 48, 0.3
_MONTHS, _DAYS_A_WEEK = 12, 7
_POINTS = 100.0
_YEARS = 2


def _year(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


_IN_2024 = _year(2024)
_BOTH_YEARS = date(2023, 1, 1), date(2024, 12, 31)


def uk_arrivals(runs: Runs, first: date, last: date) -> Array:
    """People who reached the UK by any means, (sets,)."""
    return runs.total("channel_arrivals", first, last) + runs.total("lorry_arrivals", first, last)


def way_price(prices: Array, people: Array) -> Array:
    """Fees before the Channel, weighted by people who set out, (sets,) EUR.

    Args:
        prices: (sets, legs) EUR asked.
        people: (sets, legs) weights.
    """
    before = np.array([leg.stage != "channel" for leg in load_corridor().legs])
    return np.asarray((prices * people)[:, before].sum(axis=1))


def busiest_legs(people: Array, share: float) -> Array:
    """The smallest number of legs that carry a share of all people, (sets,).

    Args:
        people: (sets, legs) people on each leg.
        share: 0 to 1.
    """
    ordered = -np.sort(-people, axis=1)
    carried = np.cumsum(ordered, axis=1) / ordered.sum(axis=1, keepdims=True)
    return np.asarray((carried < share).sum(axis=1) + 1.0)


def ratio(over: Array, under: Array) -> Array:
    """One quantity over another, set by set; NaN where the other is not above zero."""
    return percent_of(over, under) / _POINTS


def weeks_missing(without: Array, event: Array, removed: Array) -> Array:
    """Mean number of weeks for which removed capacity is missing, (sets,).

    By Little's law: the mean capacity missing is what is removed a week times the weeks it stays
    away (Little 1961, Operations Research 9:383-387).

    Args:
        without: (sets, days) capacity without the event.
        event: (sets, days) with it.
        removed: (sets, days) capacity taken, more than without the event.
    """
    missing = (without - event).sum(axis=1)
    return ratio(missing, _DAYS_A_WEEK * removed.sum(axis=1))


def prices_and_flows(runs: RunsByName, name: str) -> dict[str, Array]:
    """Prices and flows when all staff is tripled, or only those who patrol and check."""
    both = runs[BASELINE], runs[name]
    people = both[0].departures[2024]
    fees = [way_price(one.fees[2024], people) for one in both]
    arrivals = [uk_arrivals(one, *_IN_2024) for one in both]
    tries = [one.total("set_outs_uk", *_IN_2024) for one in both]
    return {
        "way_price": change(*fees),
        "seat_price": change(*(one.mean("seat_price_eur", *_IN_2024) for one in both)),
        "uk_arrivals": change(*arrivals),
        "set_outs": change(*map(ratio, tries, arrivals)),
    }


def routes(runs: RunsByName) -> dict[str, Array]:
    """Legs in use when all staff is tripled."""
    share, before, after = settings().route_share, runs[BASELINE], runs[TRIPLED]

    def more(one: Mapping[int, Array], other: Mapping[int, Array]) -> Array:
        return busiest_legs(other[2024], share) - busiest_legs(one[2024], share)

    return {
        "legs": more(before.arrivals, after.arrivals),
        "legs_tried": more(before.departures, after.departures),
    }


def supply(runs: RunsByName) -> dict[str, Array]:
    """Seats, loads and arrivals when boats are scarce."""
    both = runs[BASELINE], runs[SQUEEZED]
    arrivals = [one.total("channel_arrivals", *_IN_2024) for one in both]
    boats = [one.total("channel_boats", *_IN_2024) for one in both]
    return {
        "seat_price": change(*(one.mean("seat_price_eur", *_IN_2024) for one in both)),
        "load": change(*map(ratio, arrivals, boats)),
        "less_than_boats": change(*arrivals) - change(*boats),
        "arrivals": change(*arrivals),
        "boats": change(*boats),
    }


def break_ups(runs: RunsByName) -> dict[str, Array]:
    """Arrivals and launch capacity under steady raids on networks in France."""
    both = runs[BASELINE], runs[BREAK_UPS]
    usual, left = (one.window("launch_capacity", *_IN_2024) for one in both)
    before, removed = (one.window("launch_capacity_arrested", *_IN_2024) for one in both)
    more = removed - before
    each = more.sum(axis=1) / settings().break_ups
    return {
        "arrivals": change(*(one.total("channel_arrivals", *_IN_2024) for one in both)),
        "weeks_missing": weeks_missing(usual, left, more),
        "taken": percent_of(each, usual.mean(axis=1)),
        "capacity": change(*(one.mean("launch_capacity", *_IN_2024) for one in both)),
    }


def cases(runs: RunsByName) -> dict[str, Array]:
    """Cases in hand and arrests on a case, in the UK and France."""
    base = runs[BASELINE]

    def yearly(name: str) -> Array:
        return base.total(name, *_BOTH_YEARS) / _YEARS

    each = load_parameters().policy.investigations_per_team
    return {
        "uk_live": base.mean("uk_cases", *_BOTH_YEARS) * each,
        "uk_disruptions": yearly("uk_case_arrests") * base.persons,
        "uk_operators": yearly("uk_case_arrests"),
        "joint_cell": yearly("channel_case_arrests") * base.persons,
        "french_networks": (
            yearly("french_case_arrests") * base.persons / settings().persons_per_network
        ),
    }


def seized(runs: RunsByName) -> dict[str, Array]:
    """Boats taken on their way to the coast."""
    total = runs[BASELINE].total("boats_seized_upstream", *_BOTH_YEARS)
    return {"a_month": total / (_YEARS * _MONTHS)}


def levels(runs: RunsByName) -> dict[str, Array]:
    """Flows, stocks and stays of what happened."""
    base, history = runs[BASELINE], runs[HISTORY]

    def stay(place: str, throughput: str, year: int) -> Array:
        days = history if year < _BOTH_YEARS[0].year else base
        return ratio(*(days.total(name, *_year(year)) for name in (place, throughput)))

    return {
        "slovenia": base.total("attempts_croatia_slovenia", *_year(2023)),
        "bulgaria": base.total("stops_turkey_bulgaria", *_year(2023)),
        **{f"serbia_{y}": stay("present_serbia", "came_to_serbia", y) for y in (2022, 2023, 2024)},
        "coast_stock": history.mean("present_coast", *_year(2021)),
        "coast_stay": stay("present_coast", "channel_arrivals", 2021),
        "coast_stock_2024": base.mean("present_coast", *_IN_2024),
        "hungary": ratio(
            history.total("stops_serbia_hungary", *_year(2022)),
            history.total("came_to_serbia", *_year(2022)),
        ),
    }


#: how each fact of `facts.toml` is read: figure to the value in each set, (sets,)
READERS: Mapping[str, Callable[[RunsByName], dict[str, Array]]] = {
    "enforcement": partial(prices_and_flows, name=TRIPLED),
    "patrols": partial(prices_and_flows, name=PATROLS),
    **{f.__name__: f for f in (routes, supply, break_ups, cases, seized, levels)},
}


def readings(runs: RunsByName) -> dict[str, dict[str, Estimate]]:
    """Every figure of every fact, natural experiments included, as the runs give it."""
    facts = {
        key: {name: estimate_of(values) for name, values in READERS[key](runs).items()}
        for key in stylised()
    }
    return {**facts, **natural_readings(runs)}
