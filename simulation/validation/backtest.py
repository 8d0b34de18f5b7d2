"""A back-test: the model forecasts a year held out, naive forecasts do too, and all are scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from simulation.corridor import Observed
from simulation.corridor.observed import input_range
from simulation.errors import InputError
from simulation.experiments.arguments import BACKTEST, check_arguments
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.fitted_ensembles import newest_before
from simulation.experiments.engine.longer_run import HISTORY, past_to, run_to
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.engine.trials import Assumptions, fitted_ensemble
from simulation.experiments.findings import Count, ExperimentFindings, Finding, Seed
from simulation.experiments.study import Cost, Study, StudyResult, check_cost
from simulation.parameters import load_parameters
from simulation.parameters.fitted import window_name
from simulation.scenario import Scenario, scenario_of
from simulation.timeseries.months import MONTHS_OF_YEAR, months_of
from simulation.validation import naive
from simulation.validation.discrepancy import DiscrepancyFound, found_before, lay_over
from simulation.validation.forecast import FEWEST_RUNS, Forecast, MemberRuns, forecast_of
from simulation.validation.scores import INTERVALS, Bands, Score, bands_of, duel, listed, score
from simulation.validation.series import (
    Array,
    Series,
    SeriesFound,
    about,
    load_series,
)

#: what the model's forecast is called among the others
MODEL = "model"
#: what is kept of a forecast: edges of the 95%, 90%, 80% and 50% interval, and the median
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
#: years before the held-out one that are shown with it
SHOWN_YEARS = 2
#: what a summary holds of a naive forecast as it is
_AS_MADE = ("month_errors", "total_errors", "first", "last")
_DRAWN_SETS, _RUNS_AS_RECORDED = 50, 40
#: paths of the discrepancy laid over each run
PATHS = 20

#: of the months of the year one by one, or of the whole of it
HorizonName = Literal["months", "year"]


class ModelInput(Finding):
    """A table that the model was given, what it holds, and the months or years that were read."""

    table: str
    what: str
    first: str
    last: str


class NaiveFound(Finding):
    """What is kept of a naive forecast; see `simulation.validation.naive.Naive`."""

    points: list[float | None]
    total_point: float | None
    month_errors: int | None
    total_errors: int | None
    first: str
    last: str


class ScoredSeries(SeriesFound):
    """The forecasts of a series, and their scores.

    Attributes:
        total_observed: What was observed in the whole year.
        bands: Quantiles of the model's forecast by month.
        total_bands: Those of the whole year.
        naive: The naive forecasts, by method.
        scores: By month and of the whole year, by forecast; None for what there is no forecast or
            no observation of.
    """

    total_observed: float | None
    bands: Bands
    total_bands: dict[str, float | None]
    naive: dict[str, NaiveFound]
    scores: dict[HorizonName, dict[str, Score | None]]

    @property
    def by_month(self) -> bool:
        """Whether it was observed by month in the year held out."""
        return any(value is not None for value in self.observed)


class Backtested(Finding):
    """What a back-test finds.

    Attributes:
        holdout: The year that was forecast.
        members: Sets of assumptions.
        weighted: Whether runs have weights that differ.
        replications: Finished runs.
        discrepancy: What the model leaves out, by series; empty where it is not laid over.
        paths: Paths of it laid over each run.
        fitted_window: First and last month to which the assumptions were fitted, if they were.
        error_years: Years from which the errors of naive forecasts are taken.
        series: What was scored, by name.
    """

    scenario: str
    holdout: int
    members: Count
    replications_per_member: Count
    weighted: bool
    replications: Count
    seeds: list[Seed]
    discrepancy: dict[str, DiscrepancyFound]
    paths: Count
    fitted_window: list[str] | None = None
    model_inputs: list[ModelInput]
    error_years: Count
    series: dict[str, ScoredSeries]


class BacktestFindings(ExperimentFindings, Backtested):
    """`summary.json` of a back-test."""


@dataclass(frozen=True)
class Backtest(Study[BacktestFindings]):
    """How well is a year forecast that is held out, beside naive forecasts?

    Attributes:
        scenario: What happened, with its dated levers.
        holdout: The year that is forecast.
        members: Sets of assumptions; as many as `assumptions` usually takes when None.
        replications: Runs of each; likewise.
        discrepancy: Whether what the model leaves out is laid over its runs.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        observed: Stands in for the observed tables.
    """

    kind: ClassVar[str] = "backtest"
    findings = BacktestFindings
    scenario: Scenario
    holdout: int
    members: int | None = None
    replications: int | None = None
    discrepancy: bool = True
    yes: bool = False
    announce: Callable[[Cost], None] | None = None
    observed: Observed | None = None

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run: made longer where it ends before the year does."""
        return [run_to(self.scenario, date(self.holdout, MONTHS_OF_YEAR, 31))]

    @property
    def settings(self) -> dict[str, Any]:
        """The year."""
        return {"holdout": self.holdout}

    def sets(self, assumptions: Assumptions) -> int:
        """How many sets of assumptions are run."""
        return self.members or (1 if assumptions == "records" else _DRAWN_SETS)

    def runs_of_each(self, assumptions: Assumptions) -> int:
        """How many runs each of them has."""
        return self.replications or (_RUNS_AS_RECORDED if assumptions == "records" else 2)

    def check_size(self, assumptions: Assumptions) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        check_arguments(BACKTEST, self)
        if assumptions == "records" and self.sets(assumptions) > 1:
            refuse = partial(InputError, key="--members", value=self.members)
            problem = "the recorded values are one set of assumptions"
            raise refuse(problem, allowed="1, or --assumptions ranges")
        if self.sets(assumptions) * self.runs_of_each(assumptions) < FEWEST_RUNS:
            refuse = partial(InputError, key="--replications", value=self.replications)
            raise refuse("one run is no distribution", allowed=f"{FEWEST_RUNS} or more runs in all")

    def begin(self, options: Options, **how: Any) -> Experiment:
        """The experiment, which ends with the year."""
        self.check_size(options.assumptions)
        check_holdout(self.holdout, self.scenario, load_series(self.observed))
        _check_unseen(self.holdout, options)
        days = _days_to(self.holdout, self.scenarios[0], options.days)
        return super().begin(replace(options, days=days), **how)

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        trials = self._runs(experiment.options).trials
        check_cost(experiment, trials, 0, yes=self.yes, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the members, and score their forecast beside the naive ones."""
        options, series = experiment.options, load_series(self.observed)
        members = self._runs(options)
        histories, weights, done = members.run(experiment)
        months = months_of(self.holdout)
        forecast = forecast_of(histories, months, series, weights)
        watched = series if self.discrepancy else ()
        left_out = found_before(histories, watched, months[0], weights)
        if left_out:
            forecast = lay_over(forecast, left_out, PATHS, options.seed)
        (scenario,), window = self.scenarios, _window(options)
        found = Backtested(
            scenario=scenario.title,
            holdout=self.holdout,
            members=len(members.cases),
            replications_per_member=self.runs_of_each(options.assumptions),
            weighted=weights is not None,
            replications=len(histories.counts),
            seeds=sorted(seed for own in done for seed in own),
            discrepancy={name: one.found for name, one in left_out.items()},
            paths=PATHS if self.discrepancy else 1,
            **({"fitted_window": list(window)} if window else {}),
            model_inputs=given_to_model(months[-1], scenario),
            error_years=naive.ERROR_YEARS,
            series={one.name: _scored(one, forecast, self.holdout, options.seed) for one in series},
        )
        experiment.folder.write_text("scores.csv", _scores_csv(found))
        return StudyResult(found, members.cases, [], own_seeds=done)

    def _runs(self, options: Options) -> MemberRuns:
        sets, each = self.sets(options.assumptions), self.runs_of_each(options.assumptions)
        return MemberRuns.of(self.scenarios[0], options, sets, each)


def backtest_of(
    scenario: Scenario | str | Path, holdout: int | None, options: Options, **asked: Any
) -> tuple[Backtest, Options]:
    """The back-test that is asked for.

    Args:
        scenario: What happened, or its file or name; `history` is made as long as the year needs.
        holdout: The year; the last that was observed whole when None.
        options: What every experiment is asked.
        asked: Other fields of `Backtest`.

    Returns:
        The back-test, and the options with an ensemble that has not seen the year.

    Raises:
        InputError: Any of them cannot be used.
    """
    series = load_series()
    year = last_whole_year(series) if holdout is None else holdout
    past = scenario_of(scenario)
    check_holdout(year, past, series)
    if scenario == HISTORY:
        past = past_to(date(year, MONTHS_OF_YEAR, 31))
    study = Backtest(past, year, **asked)
    study.check_size(options.assumptions)
    return study, choose_unseen(year, options)


def last_whole_year(series: Sequence[Series]) -> int:
    """The last year in which every month of the first series was observed."""
    return max(year for year in series[0].years if np.isfinite(series[0].of_year(year)).all())


def check_holdout(holdout: int, scenario: Scenario, series: Sequence[Series]) -> None:
    """Refuse a year that nobody observed, or that begins before a scenario's run.

    A run that ends before the year does is made longer: see `Backtest.scenarios`.

    Raises:
        InputError: Names the years there are.
    """
    first = scenario.run.start
    seen = {year for year in series[0].years if np.isfinite(series[0].of_year(year)).all()}
    usable = ", ".join(str(year) for year in sorted(seen) if first <= date(year, 1, 1))
    refuse = partial(InputError, key="--holdout", value=holdout)
    if holdout not in seen:
        allowed = usable or f"a year from {min(seen)} to {max(seen)}"
        raise refuse("nothing was observed in this year", allowed=allowed)
    if date(holdout, 1, 1) < first:
        problem = f'not a whole year of "{scenario.title}" ({first} to {scenario.run.end})'
        raise refuse(problem, allowed=usable or "a --scenario that begins earlier")


def choose_unseen(holdout: int, options: Options) -> Options:
    """The same options, with the newest ensemble that ends before a year where none was named.

    Raises:
        InputError: The package holds none; how to make one is in it.
    """
    if options.assumptions != "fitted" or options.ensemble is not None:
        return options
    found = newest_before(f"{holdout}-01")
    if found is None:
        problem = f"no fitted ensemble ends before {holdout}"
        allowed = f"--assumptions records or ranges; or make one first: {_how_to_fit(holdout)}"
        raise InputError(problem, key="--holdout", value=holdout, allowed=allowed)
    return replace(options, ensemble=found)


def _check_unseen(holdout: int, options: Options) -> None:
    """Refuse fitted assumptions that have seen the year that is to be forecast."""
    if options.assumptions != "fitted":
        return
    window = _window(options)
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


def given_to_model(month: str, scenario: Scenario) -> list[ModelInput]:
    """Which months of which tables the model was given, up to the last month that it forecasts.

    Args:
        month: The last month.
        scenario: What was run.
    """
    inputs, run = input_range(), scenario.run
    start = run.start - timedelta(days=run.warm_up_days)
    months = max(f"{start:%Y-%m}", inputs.people[0]), min(month, inputs.people[1])
    years = max(start.year, inputs.origins[0]), min(int(month[:4]), inputs.origins[1])
    climate = load_parameters().record("sea.arrival_days_january").source
    policies = f"{run.start:%Y-%m}", month
    rows = (
        ("entries_monthly.csv", "who enters on each route", *months),
        ("origin_mix.csv", "the nationality mix of each route", *map(str, years)),
        (f"scenario {scenario.slug}", "dated policies and staff", *policies),
        ("sea.arrival_days_* (records)", f"the climate of the sea: {climate}", "", ""),
    )
    return [ModelInput(**dict(zip(ModelInput.model_fields, row, strict=True))) for row in rows]


def _days_to(holdout: int, scenario: Scenario, days: int | None) -> int:
    """The days counted: to the end of the held-out year unless more are asked for."""
    needed = (date(holdout, MONTHS_OF_YEAR, 31) - scenario.run.start).days + 1
    if days is not None and days < needed:
        problem, allowed = f"ends before the held-out year {holdout} does", f"{needed} or more"
        refuse = partial(InputError, key="--days", value=days)
        raise refuse(problem, allowed=f"{allowed}, or none at all")
    return days or needed


def _scored(series: Series, forecast: Forecast, year: int, seed: int) -> ScoredSeries:
    """Every forecast of a series, its scores, and the model against each other one."""
    others = naive.forecasts(series, year, seed)
    mine, total = forecast.months[series.name], forecast.totals[series.name][:, None]
    runs = {MODEL: mine, **{o.method: o.months for o in others}}
    whole: dict[str, Array | None] = {MODEL: total}
    whole |= {o.method: None if o.total is None else o.total[:, None] for o in others}
    seen, weights = np.array([series.total(year)]), forecast.weights
    before = [name for past in range(year - SHOWN_YEARS, year) for name in months_of(past)]
    return ScoredSeries(
        **about(series, months_of(year), before),
        total_observed=json_number(seen[0]),
        bands=bands_of(mine, QUANTILES, weights),
        total_bands={key: edge for key, (edge,) in bands_of(total, QUANTILES, weights).items()},
        naive={
            other.method: NaiveFound(
                points=listed(other.points),
                total_point=json_number(other.total_point),
                **{key: getattr(other, key) for key in _AS_MADE},
            )
            for other in others
        },
        scores={
            "months": _scores(series.of_year(year), runs, weights, seed),
            "year": _scores(seen, whole, weights, seed),
        },
    )


def _scores_csv(found: Backtested) -> str:
    """The scores as a table, one line a series, horizon and forecast."""
    header = [
        "series", "unit", "horizon", "forecast", "values", "crps", "mae", "bias",
        *(f"inside_{100 * interval:g}" for interval in INTERVALS),
        "model_skill", "skill_low", "skill_high", "model_verdict",
    ]  # fmt: skip
    rows = []
    for name, one in found.series.items():
        for horizon, scores in one.scores.items():
            for method, entry in scores.items():
                if entry is None:
                    continue
                row = [name, one.unit, horizon, method, entry.count, entry.crps, entry.mae]
                row += [entry.bias, *entry.inside.values()]
                duels = ("skill", "low", "high", "verdict")
                rows.append([*row, *(getattr(entry.duel, key, None) for key in duels)])
    return as_csv(header, rows)


def _window(options: Options) -> tuple[str, str] | None:
    """First and last month to which the assumptions were fitted; None where they are not known."""
    fitted = options.assumptions == "fitted"
    return (options.ensemble or fitted_ensemble()).window if fitted else None


def _scores(
    seen: Array, runs: Mapping[str, Array | None], weights: Array | None, seed: int
) -> dict[str, Score | None]:
    """The score of every forecast; None for what there is no forecast or no observation of."""
    found: dict[str, Score | None] = {}
    for name, values in runs.items():
        found[name] = None
        if values is not None:
            with suppress(ValueError):
                found[name] = score(seen, values, weights if name == MODEL else None)
    mine = found[MODEL]
    for name, one in found.items():
        if one is not None and mine is not None and name != MODEL and one.count == mine.count:
            found[name] = one.model_copy(update={"duel": duel(mine, one, seed)})
    return found
