"""A back-test: the model forecasts a year held out, naive forecasts do too, and all are scored."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from simulation.errors import InputError, closest
from simulation.experiments.cost import Cost, check_cost
from simulation.experiments.design_points import check_count
from simulation.experiments.experiment import Experiment, Options
from simulation.experiments.plain import as_csv, json_number
from simulation.experiments.replications import Progress
from simulation.experiments.trials import Assumptions, Case, Trial, fitted_ensemble
from simulation.scenario import Scenario
from simulation.validation import naive
from simulation.validation.forecast import Forecast, forecast_of, observe
from simulation.validation.members import Member, members_of, run_weights, seed_of
from simulation.validation.scores import Duel, Score, duel, quantiles, score
from simulation.validation.series import (
    COUNTS,
    MONTHS_OF_YEAR,
    Array,
    Series,
    load_series,
    months_of,
)

KIND = "backtest"
#: what the model's forecast is called among the others
MODEL = "model"
#: what is drawn of a forecast: edges of the 90% and the 50% interval, and the median
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: years before the held-out one that are shown with it
SHOWN_YEARS = 2
#: a quantile of 5% means little with fewer runs
FEWEST_RUNS = 2
_MOST = 10_000
_DRAWN_SETS, _RUNS_AS_RECORDED = 50, 40


@dataclass(frozen=True)
class Plan:
    """What is held out, and how much is run.

    Attributes:
        holdout: The year that is forecast.
        members: Sets of assumptions; as many as `assumptions` usually takes when None.
        replications: Runs of each; likewise.
        dispersion: Count -> dispersion of the noise of counting laid over it; see `observe`.
    """

    holdout: int = 2024
    members: int | None = None
    replications: int | None = None
    dispersion: Mapping[str, float] = field(default_factory=dict)

    def sets(self, assumptions: Assumptions) -> int:
        """How many sets of assumptions are run."""
        return self.members or (1 if assumptions == "records" else _DRAWN_SETS)

    def runs_of_each(self, assumptions: Assumptions) -> int:
        """How many runs each of them has."""
        return self.replications or (_RUNS_AS_RECORDED if assumptions == "records" else 2)

    def check(self, assumptions: Assumptions) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        if self.members is not None:
            check_count("--members", self.members, 1, _MOST)
        if self.replications is not None:
            check_count("--replications", self.replications, 1, _MOST)
        for name, size in self.dispersion.items():
            if not 0.0 < size < math.inf:
                raise InputError(
                    "out of range",
                    key="--dispersion",
                    value=f"{name}={size:g}",
                    allowed="a number above 0; the larger, the less noise",
                )
            if name not in COUNTS:
                raise InputError(
                    "no count that is forecast",
                    key="--dispersion",
                    value=name,
                    allowed=", ".join(COUNTS),
                    suggestion=closest(name, COUNTS),
                )
        if assumptions == "records" and self.sets(assumptions) > 1:
            raise InputError(
                "the recorded values are one set of assumptions",
                key="--members",
                value=self.members,
                allowed="1, or --assumptions ranges",
            )
        if self.sets(assumptions) * self.runs_of_each(assumptions) < FEWEST_RUNS:
            raise InputError(
                "one run is no distribution",
                key="--replications",
                value=self.replications,
                allowed=f"{FEWEST_RUNS} or more runs in all",
            )


@dataclass(frozen=True)
class BackTest:
    """A finished back-test.

    Attributes:
        folder: Its folder.
        summary: Content of `summary.json`.
        ran: Runs done by this attempt.
    """

    folder: Path
    summary: dict[str, Any]
    ran: int


def backtest(
    scenario: Scenario,
    options: Options,
    plan: Plan,
    *,
    yes: bool = False,
    announce: Callable[[Cost], None] | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> BackTest:
    """Forecast a held-out year and score it beside naive forecasts.

    Args:
        scenario: What happened, with its dated levers.
        options: What every experiment can be told.
        plan: What is held out, and how much is run.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    plan.check(options.assumptions)
    series = load_series()
    check_holdout(plan.holdout, scenario, series)
    options = replace(options, days=days_to(plan.holdout, scenario, options.days))
    experiment = Experiment(
        KIND,
        [scenario],
        options,
        settings={"holdout": plan.holdout},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    turns = plan.runs_of_each(options.assumptions)
    members = members_of(options.assumptions, plan.sets(options.assumptions), options.seed)
    cases = [member.case(scenario) for member in members]
    seeds = [
        [seed_of(options.seed, number, turn) for turn in range(turns)]
        for number in range(len(members))
    ]
    trials = [Trial(case, seed) for case, own in zip(cases, seeds, strict=True) for seed in own]
    check_cost(experiment, trials, 0, yes=yes, announce=announce)
    with experiment:
        experiment.ensemble.add(trials)
        done = [
            experiment.ensemble.seeds([case], own) for case, own in zip(cases, seeds, strict=True)
        ]
        forecast = _forecast(experiment, cases, done, members, plan.holdout, series)
        forecast = observe(forecast, plan.dispersion, options.seed)
        summary = {
            "scenario": scenario.title,
            "holdout": plan.holdout,
            "members": len(members),
            "replications_per_member": turns,
            "weighted": forecast.weights is not None,
            "replications": forecast.runs,
            "seeds": sorted(seed for own in done for seed in own),
            "dispersion": dict(plan.dispersion),
            **_fitted(options.assumptions, plan.holdout),
            "error_years": naive.ERROR_YEARS,
            **scored(series, forecast, options.seed),
        }
        experiment.folder.write_text("scores.csv", scores_csv(summary))
        content = experiment.finish(summary, cases, [], own_seeds=done)
        return BackTest(experiment.folder.path, content, experiment.ensemble.ran)


def check_holdout(holdout: int, scenario: Scenario, series: Sequence[Series]) -> None:
    """Refuse a year that nobody observed, or that is not whole in a scenario's run.

    Raises:
        InputError: Names the years there are.
    """
    first, last = scenario.run.start, scenario.run.end
    whole = [
        year
        for year in range(first.year, last.year + 1)
        if first <= date(year, 1, 1) and date(year, MONTHS_OF_YEAR, 31) <= last
    ]
    seen = {year for year in series[0].years if np.isfinite(series[0].of_year(year)).all()}
    usable = ", ".join(str(year) for year in whole if year in seen)
    if holdout not in seen:
        allowed = usable or f"a year from {min(seen)} to {max(seen)}"
        raise InputError(
            "nothing was observed in this year", key="--holdout", value=holdout, allowed=allowed
        )
    if holdout not in whole:
        raise InputError(
            f'not a whole year of "{scenario.title}" ({first} to {last})',
            key="--holdout",
            value=holdout,
            allowed=usable or "a --scenario that holds a whole year",
        )


def days_to(holdout: int, scenario: Scenario, days: int | None) -> int:
    """The days counted: to the end of the held-out year unless more are asked for.

    Raises:
        InputError: Fewer are asked for.
    """
    needed = (date(holdout, MONTHS_OF_YEAR, 31) - scenario.run.start).days + 1
    if days is not None and days < needed:
        raise InputError(
            f"ends before the held-out year {holdout} does",
            key="--days",
            value=days,
            allowed=f"{needed} or more, or none at all",
        )
    return days or needed


def scored(series: Sequence[Series], forecast: Forecast, seed: int) -> dict[str, Any]:
    """Every forecast of every series, its scores, and the model against each other one.

    Args:
        series: What is scored.
        forecast: The model's forecast.
        seed: Which draws of the naive forecasts and of the bootstrap.
    """
    found = {}
    for one in series:
        others = naive.forecasts(one, forecast.year, seed)
        runs = {MODEL: forecast.months[one.name], **{o.method: o.months for o in others}}
        whole = {MODEL: forecast.totals[one.name], **{o.method: o.total for o in others}}
        weights = {MODEL: forecast.weights}
        whole_runs = forecast.totals[one.name][:, None]
        columns = {name: None if t is None else t[:, None] for name, t in whole.items()}
        seen = np.array([one.total(forecast.year)])
        found[one.name] = {
            "label": one.label,
            "unit": one.unit,
            "kind": one.kind,
            "decimals": one.decimals,
            "note": one.note,
            "months": list(months_of(forecast.year)),
            "observed": _listed(one.of_year(forecast.year)),
            "before": _before(one, forecast.year),
            "total_observed": json_number(seen[0]),
            "bands": _bands(forecast.months[one.name], forecast.weights),
            "total_bands": {
                probability: edge
                for probability, (edge,) in _bands(whole_runs, forecast.weights).items()
            },
            "naive": {
                other.method: {
                    "points": _listed(other.points),
                    "total_point": json_number(other.total_point),
                    "month_errors": other.month_errors,
                    "total_errors": other.total_errors,
                }
                for other in others
            },
            "scores": {
                "months": _scores(one.of_year(forecast.year), runs, weights, seed),
                "year": _scores(seen, columns, weights, seed),
            },
        }
    return {"series": found}


def scores_csv(summary: dict[str, Any]) -> str:
    """The scores as a table, one line a series, horizon and forecast."""
    header = [
        "series", "unit", "horizon", "forecast", "values", "crps", "mae", "bias", "inside_50",
        "inside_90", "model_skill", "skill_low", "skill_high", "model_verdict",
    ]  # fmt: skip
    rows = []
    for name, one in summary["series"].items():
        for horizon, scores in one["scores"].items():
            for method, entry in scores.items():
                if entry is None:
                    continue
                against = entry.get("duel") or {}
                row = [name, one["unit"], horizon, method, entry["count"], entry["crps"]]
                row += [entry["mae"], entry["bias"], *entry["inside"].values()]
                row += [against.get(key) for key in ("skill", "low", "high", "verdict")]
                rows.append(row)
    return as_csv(header, rows)


def _fitted(assumptions: Assumptions, holdout: int) -> dict[str, Any]:
    """What the fitted assumptions were fitted to; nothing with others."""
    window = fitted_ensemble().provenance.get("window") if assumptions == "fitted" else None
    if window is None:
        return {}
    first, last = window
    return {"fitted_window": [first, last], "fitted_before_holdout": last < f"{holdout}-01"}


def _forecast(
    experiment: Experiment,
    cases: Sequence[Case],
    done: list[list[int]],
    members: tuple[Member, ...],
    year: int,
    series: Sequence[Series],
) -> Forecast:
    ensemble = experiment.ensemble
    if sum(map(len, done)) < FEWEST_RUNS:
        failures = ensemble.failures(cases)
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"{len(failures)} runs failed, and the others are too few for a forecast{first}",
            kept=experiment.folder.path,
        )
    runs = (
        measures
        for case, own in zip(cases, done, strict=True)
        for measures in ensemble.each(case, own)
    )
    weights = run_weights(members, [len(own) for own in done])
    return forecast_of(experiment.axes, runs, year, series, weights)


def _scores(
    seen: Array,
    runs: dict[str, Array | None],
    weights: dict[str, Array | None],
    seed: int,
) -> dict[str, Any]:
    """The score of every forecast; None for what there is no forecast or no observation of."""
    found: dict[str, Score | None] = {}
    for name, values in runs.items():
        try:
            found[name] = None if values is None else score(seen, values, weights.get(name))
        except ValueError:
            found[name] = None
    mine = found[MODEL]
    entries: dict[str, Any] = {}
    for name, one in found.items():
        against = None
        if one is not None and mine is not None and name != MODEL and one.count == mine.count:
            against = duel(mine, one, seed)
        entries[name] = None if one is None else _score_entry(one, against)
    return entries


def _score_entry(one: Score, against: Duel | None) -> dict[str, Any]:
    entry = {**asdict(one), "each": _listed(one.each)}
    entry["inside"] = {f"{interval:g}": count for interval, count in one.inside.items()}
    if against is not None:
        entry["duel"] = {
            **asdict(against),
            "skill": json_number(against.skill),
            "sure": against.sure,
            "verdict": against.verdict,
        }
    return entry


def _bands(runs: Array, weights: Array | None) -> dict[str, list[float | None]]:
    found = quantiles(runs, QUANTILES, weights)
    return {f"{p:g}": _listed(row) for p, row in zip(QUANTILES, found, strict=True)}


def _before(series: Series, year: int) -> dict[str, Any]:
    shown = range(year - SHOWN_YEARS, year)
    return {
        "months": [name for past in shown for name in months_of(past)],
        "observed": [value for past in shown for value in _listed(series.of_year(past))],
    }


def _listed(values: Array) -> list[float | None]:
    return [json_number(value) for value in values]
