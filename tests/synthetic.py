"""A stand-in for the model: a plausible record of any run, at once and the same for each seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache, lru_cache

import numpy as np

from simulation.chain import LINKS
from simulation.corridor import load_corridor
from simulation.outcomes import DAILY, RunRecord

SCENARIO = """
title = "A small test"
description = "Two months."

[run]
start = 2023-01-01
end = 2023-02-28
warm_up_days = 0
"""


#: read once by process, for a run is asked for hundreds of times
shipped_corridor = cache(load_corridor)


def simulate(
    scenario, *, seed, scale=1.0, days=None, parameters=None, corridor=None, on_day=None
) -> RunRecord:
    """What `simulation.model.corridor_model.simulate` gives, made up; it grows with the seed."""
    corridor = shipped_corridor() if corridor is None else corridor
    start = scenario.run.start
    n = days or (scenario.run.end - start).days + 1
    for day in range(n):
        if on_day is not None:
            on_day(start + timedelta(days=day))
    sizes = len(corridor.legs), len(corridor.places), len(corridor.authorities)
    record = _drawn(seed, start, n, *sizes)
    daily = {name: series.copy() for name, series in record.daily.items()}
    return replace(
        record, scenario_title=scenario.title, scale=scale, daily=daily,
        states=dict(record.states), totals=dict(record.totals),
        transit_days_by_year=dict(record.transit_days_by_year),
    )  # fmt: skip


# the runs of a pair are the same, and not far from each other
@lru_cache(maxsize=8)
def _drawn(seed: int, start: date, n: int, legs: int, places: int, authorities: int) -> RunRecord:
    """The record of so many days, without a title; only its daily series can be written to."""
    rng = np.random.default_rng(seed)
    dates = np.datetime64(start, "D") + np.arange(n)
    month = dates.astype("datetime64[M]").astype(int) % 12
    season = 1.0 + 0.8 * np.sin((month - 4) / 12 * 2 * np.pi)
    fair = rng.random(n) < 0.38 * season
    boats = np.where(fair, rng.poisson(3.6 * season), 0).astype(float)
    arrivals = np.round(boats * 50 + rng.normal(0, 3, n) * (boats > 0))
    detections = rng.poisson(np.where(dates < np.datetime64("2023-11-01"), 300, 60)).astype(float)
    daily = {name: rng.poisson(5, n).astype(float) for name in DAILY}
    daily |= {
        "channel_arrivals": arrivals,
        "channel_boats": boats,
        "channel_prevented": np.round(arrivals * 0.8),
        "channel_attempts": np.round(arrivals * 2.1),
        "channel_deaths": rng.poisson(0.05 + 0.05 * (boats > 5), n).astype(float),
        "corridor_deaths": rng.poisson(0.3, n).astype(float),
        "wb_detections": detections,
        "wb_entries": np.round(detections * 0.6),
        "seat_price_eur": np.where(fair, 2500 + 300 * rng.normal(size=n), np.nan),
        "smugglers_active": 400 + np.cumsum(rng.normal(0, 1, n)),
        "mapped_share": np.clip(0.1 + np.cumsum(rng.normal(0, 0.002, n)), 0.01, 0.9),
        "in_transit": 30_000 + np.cumsum(rng.normal(0, 50, n)),
        "smuggler_revenue_eur": arrivals * 2500,
        "smuggler_profit_eur": arrivals * 1500 - 50_000,
    }
    departures = rng.poisson(rng.lognormal(2, 1.3, legs) * np.ones((n, 1))).astype(float)
    stops = rng.binomial(departures.astype(int), rng.beta(1, 4, legs)).astype(float)
    truth = departures[-28:].mean(axis=0)
    smugglers = np.tile(np.round(rng.gamma(2, 10, authorities)), (n, 1))
    smugglers[:, -2:] = 0
    share = np.clip(rng.beta(1, 6, authorities) + np.linspace(0, 0.1, n)[:, None], 0, 1)
    years = np.unique(dates.astype("datetime64[Y]")).astype(str)
    states = {"waiting": 21_000.0, "travelling": 4_000.0, "detained": 900.0}
    states |= {"arrived_boat": float(arrivals.sum()), "settled": 80_000.0, "died": 150.0}
    chain = np.zeros((n, len(LINKS), authorities + 1))
    for row, spec in enumerate(LINKS.values()):
        columns = slice(None, -1) if spec.whose else slice(-1, None)
        size = authorities if spec.whose else 1
        chain[:, row, columns] = rng.poisson(2.0 / (1 + row % 10), (n, size))
    record = RunRecord(
        scenario_title="",
        seed=seed,
        scale=1.0,
        start=start,
        end=start + timedelta(days=n - 1),
        dates=dates,
        daily=daily,
        leg_departures=departures,
        leg_stops=stops,
        leg_arrivals=departures - stops,
        place_present=rng.poisson(rng.lognormal(5, 1.2, places) * np.ones((n, 1))).astype(float),
        authority_cases=np.floor(smugglers * share),
        authority_smugglers=smugglers,
        activity_picture=truth * rng.lognormal(-1, 1.0, (authorities, legs)),
        activity_truth=truth,
        chain=chain,
        states=states,
        transit_days_by_year={str(year): rng.gamma(4, 15, 500) for year in years},
        totals={
            "fees_paid": 3e8,
            "fees_received": 2.5e8,
            "escrow_held": 3e7,
            "escrow_returned": 2e7,
            "entered": sum(states.values()),
        },
    )
    for array in vars(record).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return record
