"""A back-test: the model forecasts a year held out, naive forecasts do too, and all are scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from simulation.corridor import Observed
from simulation.corridor.observed import input_range
from simulation.errors import InputError
from simulation.experiments.engine.cost import Cost, check_cost
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.fitted_choice import newest_before
from simulation.experiments.engine.longer_run import run_to
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.engine.trials import Assumptions, fitted_ensemble
from simulation.experiments.studies.design_points import check_count
from simulation.parameters import load_parameters
from simulation.parameters.fitted import window_name
from simulation.scenario import Scenario
from simulation.validation import naive
from simulation.validation.discrepancy import Discrepancy, found_before, lay_over
from simulation.validation.forecast import Forecast, forecast_of
from simulation.validation.members import FEWEST_RUNS, MemberRuns
from simulation.validation.scores import INTERVALS, Duel, Score, duel, quantiles, score
from simulation.validation.series import (
    MONTHS_OF_YEAR,
    Array,
    Series,
    load_series,
    months_of,
)

KIND = "backtest"
#: what the model's forecast is called among the others
MODEL = "model"
#: what is kept of a forecast: edges of the 95%, 90%, 80% and 50% interval, and the median
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
#: years before the held-out one that are shown with it
SHOWN_YEARS = 2
_MOST = 10_000
_DRAWN_SETS, _RUNS_AS_RECORDED = 50, 40
#: paths of the discrepancy laid over each run
PATHS = 20


@dataclass(frozen=True)
class Plan:
    """What is held out, and how much is run.

    Attributes:
        holdout: The year that is forecast.
        members: Sets of assumptions; as many as `assumptions` usually takes when None.
        replications: Runs of each; likewise.
        discrepancy: Whether what the model leaves out is laid over its runs.
    """

    holdout: int
    members: int | None = None
    replications: int | None = None
    discrepancy: bool = True

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
    observed: Observed | None = None,
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
        observed: Stands in for the observed tables.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    plan.check(options.assumptions)
    series = load_series(observed)
    check_holdout(plan.holdout, scenario, series)
    check_unseen(plan.holdout, options)
    scenario = run_to(scenario, date(plan.holdout, MONTHS_OF_YEAR, 31))
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
    members = MemberRuns.of(scenario, options, plan.sets(options.assumptions), turns)
    check_cost(experiment, members.trials, 0, yes=yes, announce=announce)
    with experiment:
        histories, weights, done = members.run(experiment)
        months = months_of(plan.holdout)
        forecast = forecast_of(histories, months, series, weights)
        left_out: dict[str, Discrepancy] = {}
        if plan.discrepancy:
            left_out = found_before(histories, series, months[0], weights)
            forecast = lay_over(forecast, left_out, PATHS, options.seed)
        summary = {
            "scenario": scenario.title,
            "holdout": plan.holdout,
            "members": len(members.cases),
            "replications_per_member": turns,
            "weighted": weights is not None,
            "replications": len(histories.counts),
            "seeds": sorted(seed for own in done for seed in own),
            "discrepancy": {name: one.as_json() for name, one in left_out.items()},
            "paths": PATHS if plan.discrepancy else 1,
            **_fitted(options),
            "model_inputs": given_to_model(months[-1], scenario),
            "error_years": naive.ERROR_YEARS,
            **scored(series, forecast, plan.holdout, options.seed),
        }
        experiment.folder.write_text("scores.csv", scores_csv(summary))
        content = experiment.finish(summary, members.cases, [], own_seeds=done)
        return BackTest(experiment.folder.path, content, experiment.runs.ran)


def last_whole_year(series: Sequence[Series]) -> int:
    """The last year in which every month of the first series was observed."""
    return max(year for year in series[0].years if np.isfinite(series[0].of_year(year)).all())


def check_holdout(holdout: int, scenario: Scenario, series: Sequence[Series]) -> None:
    """Refuse a year that nobody observed, or that begins before a scenario's run.

    A run that ends before the year does is made longer: see `run_to`.

    Raises:
        InputError: Names the years there are.
    """
    first = scenario.run.start
    seen = {year for year in series[0].years if np.isfinite(series[0].of_year(year)).all()}
    usable = ", ".join(str(year) for year in sorted(seen) if first <= date(year, 1, 1))
    if holdout not in seen:
        allowed = usable or f"a year from {min(seen)} to {max(seen)}"
        raise InputError(
            "nothing was observed in this year", key="--holdout", value=holdout, allowed=allowed
        )
    if date(holdout, 1, 1) < first:
        raise InputError(
            f'not a whole year of "{scenario.title}" ({first} to {scenario.run.end})',
            key="--holdout",
            value=holdout,
            allowed=usable or "a --scenario that begins earlier",
        )


def choose_unseen(holdout: int, options: Options) -> Options:
    """The same options, with the newest ensemble that ends before a year where none was named.

    Raises:
        InputError: The package holds none; how to make one is in it.
    """
    if options.assumptions != "fitted" or options.ensemble is not None:
        return options
    found = newest_before(f"{holdout}-01")
    if found is None:
        raise InputError(
            f"no fitted ensemble ends before {holdout}",
            key="--holdout",
            value=holdout,
            allowed=f"--assumptions records or ranges; or make one first: {_how_to_fit(holdout)}",
        )
    return replace(options, ensemble=found)


def check_unseen(holdout: int, options: Options) -> None:
    """Refuse fitted assumptions that have seen the year that is to be forecast.

    Raises:
        InputError: Their window reaches into it, or is not known.
    """
    if options.assumptions != "fitted":
        return
    window = (options.ensemble or fitted_ensemble()).window
    if window is None or window[1] >= f"{holdout}-01":
        shown = "a window that is not known" if window is None else window_name(*window)
        raise InputError(
            f"the assumptions were fitted to {shown}, and the year {holdout} must be unknown to "
            "them",
            key="--ensemble",
            value=shown if window else None,
            allowed=f"an ensemble that ends before {holdout}; {_how_to_fit(holdout)} makes one",
        )


def _how_to_fit(holdout: int) -> str:
    return f"crossings fit --to {holdout - 1}-{MONTHS_OF_YEAR:02d} --install"


def given_to_model(month: str, scenario: Scenario) -> list[dict[str, str]]:
    """Which months of which tables the model was given, up to the last month that it forecasts.

    Args:
        month: The last month.
        scenario: What was run.

    Returns:
        For each table its name (`table`), what it holds (`what`), and the `first` and `last`
        period that was read.
    """
    inputs, run = input_range(), scenario.run
    first = run.start - timedelta(days=run.warm_up_days)
    months = max(f"{first:%Y-%m}", inputs.people[0]), min(month, inputs.people[1])
    years = max(first.year, inputs.origins[0]), min(int(month[:4]), inputs.origins[1])
    climate = load_parameters().record("sea.arrival_days_january").source
    policies = f"{run.start:%Y-%m}", month
    rows = (
        ("entries_monthly.csv", "who enters on each route", *months),
        ("origin_mix.csv", "the nationality mix of each route", *map(str, years)),
        (f"scenario {scenario.slug}", "dated policies and staff", *policies),
        ("sea.arrival_days_* (records)", f"the climate of the sea: {climate}", "", ""),
    )
    return [dict(zip(("table", "what", "first", "last"), row, strict=True)) for row in rows]


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


def scored(series: Sequence[Series], forecast: Forecast, year: int, seed: int) -> dict[str, Any]:
    """Every forecast of every series, its scores, and the model against each other one.

    Args:
        series: What is scored.
        forecast: The model's forecast.
        year: Of which year.
        seed: Which draws of the naive forecasts and of the bootstrap.
    """
    found = {}
    for one in series:
        others = naive.forecasts(one, year, seed)
        runs = {MODEL: forecast.months[one.name], **{o.method: o.months for o in others}}
        whole = {MODEL: forecast.totals[one.name], **{o.method: o.total for o in others}}
        weights = {MODEL: forecast.weights}
        whole_runs = forecast.totals[one.name][:, None]
        columns = {name: None if t is None else t[:, None] for name, t in whole.items()}
        seen = np.array([one.total(year)])
        found[one.name] = {
            "label": one.label,
            "unit": one.unit,
            "kind": one.kind,
            "decimals": one.decimals,
            "note": one.note,
            "months": list(months_of(year)),
            "observed": _listed(one.of_year(year)),
            "before": _before(one, year),
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
                    "first": other.first,
                    "last": other.last,
                }
                for other in others
            },
            "scores": {
                "months": _scores(one.of_year(year), runs, weights, seed),
                "year": _scores(seen, columns, weights, seed),
            },
        }
    return {"series": found}


def scores_csv(summary: dict[str, Any]) -> str:
    """The scores as a table, one line a series, horizon and forecast."""
    header = [
        "series", "unit", "horizon", "forecast", "values", "crps", "mae", "bias",
        *(f"inside_{100 * interval:g}" for interval in INTERVALS),
        "model_skill", "skill_low", "skill_high", "model_verdict",
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


def _fitted(options: Options) -> dict[str, Any]:
    """What the fitted assumptions were fitted to; nothing with others."""
    if options.assumptions != "fitted":
        return {}
    window = (options.ensemble or fitted_ensemble()).window
    return {} if window is None else {"fitted_window": list(window)}


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
