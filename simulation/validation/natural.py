"""Natural experiments: what really happened, read from pairs of runs with and without the event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial

import numpy as np

from simulation.scenario import load_scenario
from simulation.validation.fact_runs import Runs, RunsByName
from simulation.validation.published import Fact
from simulation.validation.published import natural as natural_facts
from simulation.validation.series import Array
from simulation.validation.verdicts import Estimate, estimate_of

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_SOON, _LATER = 4, 16
_PERCENT = 100.0


def percent_of(over: Array, under: Array) -> Array:
    """One quantity in percent of another, set by set; NaN where the other is not above zero.

    Args:
        over: (sets,).
        under: (sets,).
    """
    above = under > 0.0
    return np.where(above, _PERCENT * over / np.where(above, under, 1.0), np.nan)


def change(without: Array, event: Array) -> Array:
    """Change with an event in percent of each set's own value without it; see `percent_of`.

    It may go below -100%, as a profit that becomes a loss does.
    """
    return percent_of(event - without, without)


def changed(event: Runs, without: Runs, name: str, first: date, last: date) -> Estimate:
    """Change of the sum of a series over some days, in percent."""
    return estimate_of(change(without.total(name, first, last), event.total(name, first, last)))


def serbian_operation(event: Runs, without: Runs) -> dict[str, Estimate]:
    """October 2023: the fence empties, people go round it, the Channel hardly notices."""
    december = date(2023, 12, 1), date(2023, 12, 31)
    year = date(2023, 11, 1), date(2024, 10, 31)
    look = partial(changed, event, without)
    return {
        "serbia_hungary": look("serbia_hungary", *december),
        "bosnia_croatia": look("bosnia_croatia", *year),
        "detections": look("wb_detections", *year),
        "arrivals": look("channel_arrivals", *year),
    }


def serbian_visas(event: Runs, without: Runs) -> dict[str, Estimate]:
    """2022: those who needed no visa stop coming; the Channel does not notice."""
    half = date(2023, 1, 1), date(2023, 6, 30)
    look = partial(changed, event, without)
    return {
        "entries": look("visa_free_entries", date(2023, 3, 1), date(2023, 3, 31)),
        "detections": look("wb_detections", *half),
        "arrivals": look("channel_arrivals", *half),
    }


def albanian_returns(event: Runs, without: Runs) -> dict[str, Estimate]:
    """December 2022: most of the fall had happened when the agreement came."""

    def a_day(first: date, last: date) -> Array:
        return event.mean("albanian_arrivals", first, last)

    years = [a_day(date(year, 1, 1), date(year, 12, 31)) for year in (2022, 2023)]
    summer = a_day(date(2022, 7, 1), date(2022, 9, 30))
    autumn = a_day(date(2022, 10, 1), date(2022, 12, 12))
    winter = a_day(date(2023, 1, 1), date(2023, 3, 31))
    # without a fall nothing of it came before
    before = np.where(summer > winter, percent_of(summer - autumn, summer - winter), 0.0)
    agreed = date(2022, 12, 13), date(2023, 12, 31)
    return {
        "fall": estimate_of(change(*years)),
        "before": estimate_of(before),
        "agreement": changed(event, without, "albanian_arrivals", *agreed),
    }


def coast(event: Runs, without: Runs) -> dict[str, Estimate]:
    """A year in which three of four launches are stopped."""
    year = date(2024, 1, 1), date(2024, 12, 31)
    look = partial(changed, event, without)
    prevented = event.total("channel_prevented", *year)
    deaths = [runs.total("channel_deaths", *year) for runs in (without, event)]
    prices = [runs.mean("seat_price_eur", *year) for runs in (without, event)]
    return {
        "boat_profit": look("boat_profit", *year),
        "stopped": estimate_of(
            percent_of(prevented, prevented + event.total("channel_arrivals", *year))
        ),
        "arrivals": look("channel_arrivals", *year),
        "deaths": estimate_of(deaths[1] - deaths[0]),
        "lorries": look("lorry_arrivals", *year),
        "profit": look("smuggler_profit_eur", *year),
        "seat_price": estimate_of(change(*prices)),
    }


def raid(event: Runs, without: Runs, *, fact: Fact) -> dict[str, Estimate]:
    """A large raid: what it takes, and no dip beyond the season within four weeks.

    A set in which it catches nobody tests nothing, and has no dip.
    """
    on = load_scenario(fact.event).raid[0].on

    def more(name: str) -> Array:
        return event.total(name, on, on) - without.total(name, on, on)

    def share(name: str, whole: str) -> Array:
        return percent_of(more(name), without.total(whole, on, on))

    def after(weeks: int) -> Array:
        last = min(on + weeks * _WEEK, event.last)
        arrivals = (runs.total("channel_arrivals", on + _DAY, last) for runs in (without, event))
        return np.where(caught, change(*arrivals), np.nan)

    # arrests of all kinds can be fewer where the raid takes those whom others would have caught
    losses = ("smugglers_arrested", "launch_capacity_arrested", "suppliers_arrested")
    caught = np.any([more(name) > 0.0 for name in losses], axis=0)
    figures = {
        "capacity": share("launch_capacity_arrested", "launch_capacity"),
        "boats": more("boats_seized_upstream"),
        "suppliers": share("suppliers_arrested", "suppliers"),
        "arrested": more("smugglers_arrested"),
        "dip": after(_SOON),
        "sixteen_weeks": after(_LATER),
    }
    return {name: estimate_of(figures[name]) for name in fact.figures}


#: how each natural experiment is read from the runs with the event and without
READERS: Mapping[str, Callable[[Runs, Runs], dict[str, Estimate]]] = {
    **{f.__name__: f for f in (serbian_operation, serbian_visas, albanian_returns, coast)},
    **{
        key: partial(raid, fact=fact)
        for key, fact in natural_facts().items()
        if key.startswith("raid_")
    },
}


def readings(runs: RunsByName) -> dict[str, dict[str, Estimate]]:
    """Every figure of every natural experiment, as the runs give it."""
    return {
        key: READERS[key](runs[fact.event], runs[fact.without])
        for key, fact in natural_facts().items()
    }
