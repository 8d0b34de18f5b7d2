"""Stylised facts: what was published about mechanisms, held against the model.

    python -m simulation.validation.facts --document docs/validation.md

Each fact is a pair of scenarios run with the same seeds, or a level read from what happened, with a
published band. What lies outside its band is shown so; nothing is tuned here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.corridor import STAFF_KINDS, load_corridor
from simulation.experiments.engine.observed_run import (
    InsideSeries,
    ground_series,
    simulate_observed,
)
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.validation.natural import Days, runs_by_name, together
from simulation.validation.published import (
    PublishedEstimate,
    Settings,
    change,
    mean_of,
    percent_of,
    published,
    ratio,
)

if TYPE_CHECKING:
    from simulation.report.blocks import Section
    from simulation.report.document import Asked

Array = npt.NDArray[np.float64]
#: the scenarios by the names they are read by
HISTORY, JULY_RAID = "history to 2022", "raid of July 2022"
BASELINE, TRIPLED, SQUEEZED = "baseline", "enforcement tripled", "boats squeezed"
COAST, BREAK_UPS, RAIDS_2024 = "three of four stopped", "networks broken up", "raids of 2024"
PATROLS = "patrols tripled"
NAMES = (HISTORY, JULY_RAID, BASELINE, TRIPLED, PATROLS, SQUEEZED, COAST, BREAK_UPS, RAIDS_2024)

_OUTCOMES = (
    "channel_arrivals", "channel_boats", "channel_prevented", "lorry_arrivals", "seat_price_eur",
    "smuggler_profit_eur",
)  # fmt: skip
_SUPPLY_RECORD = "supply.boats_per_supplier_week"
_RAIDS = ("raid-february-2024", "raid-december-2024")
_RAIDS_YEAR = 2024
_EPOCH = 1970  # of NumPy's years
_WEEK, _WEEKS = timedelta(days=7), 52
_THURSDAY = 3


@dataclass(frozen=True)
class Runs:
    """What is kept of several runs of one scenario.

    Attributes:
        days: Daily series, (runs, days) by name: some outcomes, the names of `InsideSeries` but
            `leg_fee`, and those of `ground_series`.
        departures: (runs, legs) people who set out, by year.
        arrivals: (runs, legs) people who came through, by year.
        fees: (runs, legs) EUR asked, sum of days, by year.
    """

    days: Days
    departures: Mapping[int, Array]
    arrivals: Mapping[int, Array]
    fees: Mapping[int, Array]


def scenario_of(name: str) -> Scenario:
    """The scenario that a name of `NAMES` stands for."""
    ready = {JULY_RAID: "raid-july-2022", COAST: "french-coast-2024", BASELINE: "baseline"}
    if name in ready:
        return load_scenario(ready[name])
    if name == HISTORY:
        end = load_scenario(ready[JULY_RAID]).run.end
        return load_scenario("history").with_("History to the end of 2022", run={"end": end})
    baseline = load_scenario("baseline")
    return baseline.with_(f"Fact: {name}", **_levers(name, baseline, published()[0]))


def _levers(name: str, baseline: Scenario, settings: Settings) -> dict[str, Any]:
    """What is laid over the baseline."""
    if name in (TRIPLED, PATROLS):
        staff = tripled_staff(settings.staff_factor, baseline.run.start)
        kinds = settings.patrol_kinds if name == PATROLS else STAFF_KINDS
        return {"staff": [lever for lever in staff if lever["kind"] in kinds]}
    if name == SQUEEZED:
        usual = load_parameters(baseline.parameters).supply.boats_per_supplier_week
        return {"parameters": {_SUPPLY_RECORD: settings.supply_factor * usual}}
    if name == BREAK_UPS:
        return {"raid": raids_on_networks(settings)}
    if name == RAIDS_2024:
        laid = [raid for one in _RAIDS for raid in load_scenario(one).raid]
        return {"raid": [raid.model_dump(exclude_none=True, by_alias=True) for raid in laid]}
    raise ValueError(f"no scenario is called {name}")


def tripled_staff(factor: float, first: date) -> list[dict[str, Any]]:
    """A lever for every authority and kind of staff that there is."""
    corridor = load_corridor()
    return [
        {"authority": authority.code, "kind": kind, "change": factor, "from": first}
        for kind, units in corridor.staff.items()
        for authority, number in zip(corridor.authorities, units, strict=True)
        if number > 0.0
    ]


def raids_on_networks(settings: Settings) -> list[dict[str, Any]]:
    """Raids in France on launchers, on Thursdays spread evenly over the year."""
    first = date(_RAIDS_YEAR, 1, 1)
    first += timedelta(days=(_THURSDAY - first.weekday()) % 7)
    return [
        {
            "name": f"network-{number + 1}",
            "authority": "FR",
            "on": first + _WEEK * (number * _WEEKS // settings.break_ups),
            "arrests": settings.persons_per_network,
            "stages": ["boat"],
        }
        for number in range(settings.break_ups)
    ]


def _run(job: tuple[str, int, float]) -> Runs:
    """One run, in a process of its own."""
    name, seed, scale = job
    record, inside = simulate_observed(scenario_of(name), seed=seed, scale=scale)
    series = {key: np.asarray(record.daily[key], dtype=float) for key in _OUTCOMES}
    own = [field.name for field in fields(InsideSeries) if field.name != "leg_fee"]
    series |= {key: getattr(inside, key) for key in own}
    series |= ground_series(record, load_corridor())
    years = record.dates.astype("datetime64[Y]").astype(int) + _EPOCH

    def by_year(values: np.ndarray) -> dict[int, Array]:
        return {int(year): values[years == year].sum(axis=0)[None] for year in np.unique(years)}

    days = Days(record.start, {key: values[None] for key, values in series.items()})
    legs = record.leg_departures, record.leg_arrivals, inside.leg_fee
    return Runs(days, *map(by_year, legs))


def run_all(
    names: Sequence[str], seeds: Sequence[int], scale: float, workers: int
) -> dict[str, Runs]:
    """Run scenarios, each with every seed.

    Args:
        names: Of `NAMES`.
        seeds: One for each run of a scenario.
        scale: Agents per person.
        workers: Processes.
    """
    done = runs_by_name(_run, names, seeds, scale, workers)
    return {name: _together(runs) for name, runs in done.items()}


def _together(runs: Sequence[Runs]) -> Runs:
    def by_year(tables: Sequence[Mapping[int, Array]]) -> dict[int, Array]:
        return {year: np.concatenate([one[year] for one in tables]) for year in tables[0]}

    tables = ([getattr(one, name) for one in runs] for name in ("departures", "arrivals", "fees"))
    return Runs(together([one.days for one in runs]), *map(by_year, tables))


Found = Mapping[str, Runs]
Readings = dict[str, PublishedEstimate]

SEEDS, SCALE = 16, 0.3
_MONTHS, _DAYS_A_WEEK = 12, 7
_FOUR_WEEKS = timedelta(days=28)
_DAY = timedelta(days=1)
_POINTS = 100.0


def _year(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


_BOTH_YEARS = date(2023, 1, 1), date(2024, 12, 31)
_YEARS = 2


def _changed(
    found: Found, event: str, name: str, figure: Callable[..., Array] = Days.total
) -> PublishedEstimate:
    """Change of a figure of 2024 from the baseline, in percent."""
    return change(*(figure(found[case].days, name, *_year(2024)) for case in (BASELINE, event)))


def uk_arrivals(runs: Runs, first: date, last: date) -> Array:
    """People who reached the UK by any means, (runs,)."""
    days = runs.days
    return np.asarray(
        days.total("channel_arrivals", first, last) + days.total("lorry_arrivals", first, last)
    )


def way_price(prices: Array, people: Array) -> Array:
    """Fees before the Channel, weighted by people who set out, (runs,) EUR.

    Args:
        prices: (runs, legs) EUR asked.
        people: (runs, legs) weights.
    """
    before = np.array([leg.stage != "channel" for leg in load_corridor().legs])
    return np.asarray((prices * people)[:, before].sum(axis=1))


def busiest_legs(people: Array, share: float) -> Array:
    """The smallest number of legs that carry a share of all people, (runs,).

    Args:
        people: (runs, legs) people on each leg.
        share: 0 to 1.
    """
    ordered = -np.sort(-people, axis=1)
    carried = np.cumsum(ordered, axis=1) / ordered.sum(axis=1, keepdims=True)
    return np.asarray((carried < share).sum(axis=1) + 1.0)


def weeks_missing(without: Array, event: Array, taken: Array) -> PublishedEstimate:
    """Weeks for which capacity that is taken is missing, on average.

    By Little's law: the mean capacity missing is what is taken a week times the weeks that it stays
    away (Little 1961, Operations Research 9:383-387).

    Args:
        without: (runs, days) capacity without the event.
        event: (runs, days) with it.
        taken: (runs, days) capacity taken, more than without the event.
    """
    missing = (without - event).sum(axis=1)
    return ratio(missing, _DAYS_A_WEEK * taken.sum(axis=1))


def prices_and_flows(found: Found, name: str) -> Readings:
    """Prices and flows when all staff is tripled, or only those who patrol and check."""
    year = _year(2024)
    base, event = found[BASELINE], found[name]
    people = base.departures[2024]
    fees = [way_price(runs.fees[2024], people) for runs in (base, event)]
    arrivals = [uk_arrivals(runs, *year) for runs in (base, event)]
    tries = [runs.days.total("set_outs_uk", *year) for runs in (base, event)]
    return {
        "seat_price": _changed(found, name, "seat_price_eur", Days.mean),
        "way_price": change(*fees),
        "uk_arrivals": change(*arrivals),
        "set_outs": change(tries[0] / arrivals[0], tries[1] / arrivals[1]),
    }


def routes(found: Found) -> Readings:
    """Legs in use when all staff is tripled."""
    share, (before, after) = published()[0].route_share, (found[BASELINE], found[TRIPLED])

    def more(one: Mapping[int, Array], other: Mapping[int, Array]) -> PublishedEstimate:
        return mean_of(busiest_legs(other[2024], share) - busiest_legs(one[2024], share))

    legs, tried = more(before.arrivals, after.arrivals), more(before.departures, after.departures)
    return {"legs": legs, "legs_tried": tried}


def supply(found: Found) -> Readings:
    """Seats, loads and arrivals when boats are scarce."""
    year = _year(2024)

    def both(name: str) -> list[Array]:
        return [found[case].days.total(name, *year) for case in (BASELINE, SQUEEZED)]

    arrivals, boats = both("channel_arrivals"), both("channel_boats")
    gap = arrivals[1] / arrivals[0] - boats[1] / boats[0]
    return {
        "seat_price": _changed(found, SQUEEZED, "seat_price_eur", Days.mean),
        "load": change(arrivals[0] / boats[0], arrivals[1] / boats[1]),
        "less_than_boats": mean_of(_POINTS * gap),
        "arrivals": change(*arrivals),
        "boats": change(*boats),
    }


def coast(found: Found) -> Readings:
    """What launchers earn when three of four launches are stopped."""
    year = _year(2024)
    days = found[COAST].days
    prevented = days.total("channel_prevented", *year)
    attempts = prevented + days.total("channel_arrivals", *year)
    return {
        "boat_profit": _changed(found, COAST, "boat_profit"),
        "stopped": percent_of(prevented, attempts),
        "profit": _changed(found, COAST, "smuggler_profit_eur"),
    }


def break_ups(found: Found) -> Readings:
    """Arrivals and launch capacity under steady raids on networks in France."""
    year = _year(2024)
    base, event = (found[name].days for name in (BASELINE, BREAK_UPS))
    usual, left = (days.window("launch_capacity", *year) for days in (base, event))
    before, taken = (days.window("launch_capacity_arrested", *year) for days in (base, event))
    more = taken - before
    each = more.sum(axis=1) / published()[0].break_ups
    return {
        "arrivals": _changed(found, BREAK_UPS, "channel_arrivals"),
        "weeks_missing": weeks_missing(usual, left, more),
        "taken": percent_of(each, usual.mean(axis=1)),
        "capacity": _changed(found, BREAK_UPS, "launch_capacity", Days.mean),
    }


def raids(found: Found) -> Readings:
    """What the large raids take, and arrivals in the weeks after."""
    july, february, december = (
        load_scenario(f"raid-{name}").raid[0].on
        for name in ("july-2022", "february-2024", "december-2024")
    )

    def taken(event: str, without: str, name: str, day: date) -> Array:
        values = [found[case].days.total(name, day, day) for case in (without, event)]
        return np.asarray(values[1] - values[0])

    def part(event: str, without: str, name: str, whole: str, day: date) -> PublishedEstimate:
        there = found[without].days.total(whole, day, day)
        return percent_of(taken(event, without, name, day), there)

    def after(event: str, without: str, day: date) -> PublishedEstimate:
        last = min(day + _FOUR_WEEKS, _year(day.year)[1])
        arrivals = "channel_arrivals", day + _DAY, last
        return change(*(found[case].days.total(*arrivals) for case in (without, event)))

    def suppliers(day: date) -> PublishedEstimate:
        return part(RAIDS_2024, BASELINE, "suppliers_arrested", "suppliers", day)

    boats = "boats_seized_upstream"
    return {
        "july_share": part(JULY_RAID, HISTORY, "launch_capacity_arrested", "launch_capacity", july),
        "july_boats": mean_of(taken(JULY_RAID, HISTORY, boats, july)),
        "february_boats": mean_of(taken(RAIDS_2024, BASELINE, boats, february)),
        "february_share": suppliers(february),
        "december_share": suppliers(december),
        "july_dip": after(JULY_RAID, HISTORY, july),
        "february_dip": after(RAIDS_2024, BASELINE, february),
        "december_dip": after(RAIDS_2024, BASELINE, december),
    }


def cases(found: Found) -> Readings:
    """Cases in hand and arrests on a case, in the UK and France."""
    settings, _ = published()
    days = found[BASELINE].days
    persons = load_parameters().intelligence.persons_per_operator

    def yearly(name: str) -> Array:
        return np.asarray(days.total(name, *_BOTH_YEARS) / _YEARS)

    each = load_parameters().policy.investigations_per_team
    return {
        "uk_live": mean_of(days.mean("uk_cases", *_BOTH_YEARS) * each),
        "uk_disruptions": mean_of(yearly("uk_case_arrests") * persons),
        "uk_operators": mean_of(yearly("uk_case_arrests")),
        "joint_cell": mean_of(yearly("channel_case_arrests") * persons),
        "french_networks": mean_of(
            yearly("french_case_arrests") * persons / settings.persons_per_network
        ),
    }


def seized(found: Found) -> Readings:
    """Boats taken on their way to the coast."""
    total = found[BASELINE].days.total("boats_seized_upstream", *_BOTH_YEARS)
    return {"a_month": mean_of(total / (_YEARS * _MONTHS))}


def levels(found: Found) -> Readings:
    """Flows, stocks and stays of what happened."""
    base, history = found[BASELINE].days, found[HISTORY].days

    def stay(place: str, throughput: str, year: int) -> PublishedEstimate:
        days = history if year < _BOTH_YEARS[0].year else base
        stock, flow = (days.total(name, *_year(year)) for name in (place, throughput))
        return ratio(stock, flow)

    hungary = history.total("stops_serbia_hungary", *_year(2022))
    return {
        "slovenia": mean_of(base.total("attempts_croatia_slovenia", *_year(2023))),
        "bulgaria": mean_of(base.total("stops_turkey_bulgaria", *_year(2023))),
        **{f"serbia_{y}": stay("present_serbia", "came_to_serbia", y) for y in (2022, 2023, 2024)},
        "coast_stock": mean_of(history.mean("present_coast", *_year(2021))),
        "coast_stay": stay("present_coast", "channel_arrivals", 2021),
        "coast_stock_2024": mean_of(base.mean("present_coast", *_year(2024))),
        "hungary": ratio(hungary, history.total("came_to_serbia", *_year(2022))),
    }


#: how each fact of `facts.toml` is read
READERS: Mapping[str, Callable[[Found], Readings]] = {
    "enforcement": partial(prices_and_flows, name=TRIPLED),
    "patrols": partial(prices_and_flows, name=PATROLS),
    **{f.__name__: f for f in (routes, supply, coast, break_ups, raids, cases, seized, levels)},
}


def readings(found: Found) -> dict[str, Readings]:
    """Every figure of every fact, as the runs give it."""
    return {key: READERS[key](found) for key in published()[1]}


def main() -> None:
    """Command line of the stylised facts."""
    from simulation.report.document import FACTS, facts_section, write_from_runs

    def section(asked: Asked) -> Section:
        found = run_all(NAMES, asked.seeds, asked.scale, asked.workers)
        given = [f"--seeds {len(asked.seeds)}"] if len(asked.seeds) != SEEDS else []
        given += [f"--scale {asked.scale:g}"] if not math.isclose(asked.scale, SCALE) else []
        return facts_section(readings(found), len(asked.seeds), asked.scale, given)

    write_from_runs(FACTS, section, SEEDS, SCALE)


if __name__ == "__main__":
    main()
