"""A stand-in for the model whose truth is known: four assumptions, of which three leave a trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulation.corridor import Observed
from simulation.fitting import predictive
from simulation.fitting.centre import EnsembleMedian
from simulation.fitting.gate import GateLine, Judged, judge_gate
from simulation.fitting.priors import Prior
from simulation.fitting.selection import Sets
from simulation.fitting.series import Data, FitWindow, observed_data
from simulation.outcomes import RunRecord
from simulation.parameters import load_parameters, load_records
from simulation.parameters.sampling import quantile, uncertain
from simulation.scenario import Scenario
from simulation.scenario.scenario import parse_scenario

#: people, load of a boat, detections, and one that drives nothing
NAMES = (
    "entries.uk_tilt", "channel.load_start", "detections.recorded_hungary", "sharing.low_coverage"
)  # fmt: skip
#: where the truth lies in each prior
PLACES = (0.8, 0.25, 0.7, 0.9)
WINDOW = FitWindow("2022-01", "2022-12")
SCENARIO = """
title = "A year that is known"
description = "Made up."

[run]
start = 2022-01-01
end = 2023-12-31
warm_up_days = 0
"""
GROUPS = ("iran", "iraq", "other")


def scenario(text: str = "") -> Scenario:
    return parse_scenario(SCENARIO + text)


def prior() -> Prior:
    return Prior(tuple(load_records().record(name) for name in NAMES))


def truth() -> dict[str, float]:
    return {r.name: quantile(r, u) for r, u in zip(prior().records, PLACES, strict=True)}


def simulate(scenario, *, seed, scale=1.0, days=None, parameters=None, on_day=None, **_):
    """A run in which people, loads and detections follow three assumptions, and chance the rest."""
    n = days or (scenario.run.end - scenario.run.start).days + 1
    dates = np.datetime64(scenario.run.start, "D") + np.arange(n)
    if on_day is not None:
        on_day(scenario.run.end)
    rng = np.random.default_rng(seed)
    values = load_parameters() if parameters is None else parameters
    load = values.channel.load_start
    month = dates.astype("datetime64[M]").astype(int) % 12
    season = 1.0 + 0.5 * np.sin((month - 4) / 12 * 2 * np.pi)
    mean = 160.0 * values.entries.uk_tilt * season
    boats = rng.poisson(mean / load) * (rng.random(season.size) < 0.5)
    arrivals = np.round(boats * load).astype(float)
    daily = {
        "channel_boats": boats.astype(float),
        "channel_arrivals": arrivals,
        "channel_prevented": np.round(arrivals * 0.8),
        "wb_detections": rng.poisson(400.0 * values.detections.recorded_hungary, season.size) * 1.0,
        "channel_deaths": rng.poisson(0.05, season.size) * 1.0,
        "lorry_arrivals": np.round(arrivals * 0.1),
    }
    nothing = np.zeros((n, 0))
    return RunRecord(
        scenario.title, seed, scale, scenario.run.start, scenario.run.end, dates, daily,
        *[nothing] * 8, np.zeros((n, 0, 0)),
        arrivals_by_origin={
            group: arrivals * share for group, share in zip(GROUPS, (0.5, 0.3, 0.2), strict=True)
        },
    )  # fmt: skip


def observed() -> tuple[Observed, dict[int, dict[str, int]]]:
    """What one run with the true assumptions gives, as tables."""
    origins = {2022: dict.fromkeys(GROUPS, 1)}
    months = list(WINDOW.months)
    names = ("channel_arrivals", "channel_boats", "people_per_boat", "wb_detections")
    of_years = ("prevented_share", "channel_deaths", "channel_arrivals", "channel_boats")
    blank = Observed(
        {name: (months, np.ones(len(months))) for name in names},
        {name: {2022: 0.5} for name in of_years},
        {},
    )
    data = observed_data(WINDOW, observed=blank, origins=origins)
    figures = data.of(simulate(scenario(), seed=999, days=365, parameters=load_parameters(truth())))
    monthly, yearly = {}, {}
    for block, where in data.slices:
        if block.spec.kind == "mix":
            origins = {2022: dict(zip(GROUPS, figures[where].astype(int).tolist(), strict=True))}
        elif block.spec.by == "year":
            yearly[block.spec.outcome] = {2022: float(figures[where][0])}
        else:
            monthly[block.spec.name] = (months, figures[where])
    return Observed(monthly, yearly, {}), origins


def gate_of(data: Data, sets: Sets, runs: np.ndarray, central: np.ndarray) -> list[GateLine]:
    """The gate of an ensemble by one run of each set, and the figures of its central values."""
    coverage = predictive.check(data, runs, sets.weights).coverage
    middle = EnsembleMedian.of(data, runs, sets.weights)
    return judge_gate(Judged(data, sets, runs, sets.weights, coverage, middle, central))


# -- the same at once for many members, with chance and without the engine -------------------------


def assumptions(count: int = 12) -> Prior:
    """Records of which the first three drive figures in `figures_of`."""
    return Prior(tuple(uncertain(load_records())[:count]))


def figures_of(data: Data, scores: np.ndarray, seed: int, *, kink: bool = False) -> np.ndarray:
    """Figures of members, (members, figures): people, load and detections follow three scores.

    Args:
        data: Whose series.
        scores: (assumptions, members).
        seed: Of chance.
        kink: Boats run out where many people meet small loads, and half of the people stay away
            where few would come: an answer that no polynomial has.
    """
    rng = np.random.default_rng(seed)
    people, load = 0.35 * scores[0], np.exp(3.6 + 0.2 * scores[1])
    if kink:
        people = np.where(people < -0.2, people - 0.7, np.minimum(people, 0.15 + 0.1 * scores[1]))
    season = 1.0 + 0.5 * np.sin((np.arange(12) - 4) / 12 * 2 * np.pi)
    boats = rng.poisson(3000.0 * np.exp(people)[:, None] * season / load[:, None]) + 1.0
    arrivals = boats * load[:, None]
    recorded = rng.poisson(9000.0 * np.exp(0.4 * scores[2])[:, None] * np.ones(12))
    ones, year = np.ones((scores.shape[1], 1)), arrivals.sum(axis=1, keepdims=True)
    by_name = {
        "channel_arrivals": arrivals,
        "channel_boats": boats,
        "people_per_boat": arrivals / boats,
        "wb_detections": recorded * 1.0,
        "prevented_share": 0.45 * ones,
        "arrivals_by_origin": year * (0.5, 0.3, 0.2),
        "channel_deaths": rng.poisson(20.0, ones.shape) * 1.0,
        "channel_arrivals_year": year,
        "channel_boats_year": boats.sum(axis=1, keepdims=True),
        "winter_share": arrivals[:, :2].sum(axis=1, keepdims=True) / year,
    }
    return np.hstack([by_name[block.spec.name] for block in data.blocks])


def data_of(truth: np.ndarray, *, kink: bool = False) -> Data:
    """What one run of a made-up truth gives, as what was observed."""
    tables, origins = observed()
    data = observed_data(WINDOW, observed=tables, origins=origins)
    figures = figures_of(data, truth[:, None], 999, kink=kink)[0]
    return replace(data, observed=tuple(figures.tolist()))
