"""A back-test: the model forecasts years held out, naive forecasts do too, and all are scored.

Each year is forecast by assumptions that know only the years before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from simulation.corridor import Observed
from simulation.corridor.observed import input_range
from simulation.engine.argument import check_arguments
from simulation.engine.arguments import BACKTEST
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Seed
from simulation.engine.fitted_ensembles import newest_before, stale_text
from simulation.engine.longer_run import HISTORY, past_to, run_to
from simulation.engine.options import Options
from simulation.engine.trials import (
    Assumptions,
    Case,
    fitted_ensemble,
)
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.parameters.fitted import FittedEnsemble, window_name
from simulation.scenario import Scenario, scenario_of
from simulation.scenario.notes import Note
from simulation.statistics.finding import Count, Finding
from simulation.studies.study import Cost, Study, check_cost
from simulation.timeseries.months import MONTHS_OF_YEAR, months_of
from simulation.validation.discrepancy import (
    DiscrepancySummary,
    add_discrepancy,
    discrepancies_before,
)
from simulation.validation.forecast import FEWEST_RUNS, MemberRuns, forecast_of
from simulation.validation.scored import (
    MeanScore,
    ScoredSeries,
    mean_scores,
    scored,
    scores_csv,
)
from simulation.validation.series import Series, load_series

_DRAWN_SETS, _RUNS_AS_RECORDED = 50, 40
#: paths of the discrepancy laid over each run
PATHS = 20
#: of a year
_DIGITS = 4


class ModelInput(Finding):
    """A table that the model was given, what it holds, and the months or years that were read."""

    table: str
    what: str
    first: str
    last: str


class BacktestYear(Finding):
    """The findings of a back-test for one year.

    Attributes:
        holdout: The year that was forecast.
        members: Sets of assumptions.
        weighted: Whether runs have weights that differ.
        replications: Finished runs.
        discrepancy: What the model leaves out, by series; empty where it is not laid over.
        fitted_window: First and last month to which the assumptions were fitted, if they were.
        series: What was scored, by name.
    """

    holdout: int
    members: Count
    weighted: bool
    replications: Count
    discrepancy: dict[str, DiscrepancySummary]
    fitted_window: list[str] | None = None
    model_inputs: list[ModelInput]
    series: dict[str, ScoredSeries]


class Backtested(Finding):
    """The findings of a back-test.

    Attributes:
        replications: Finished runs of all years.
        paths: Paths of the discrepancy laid over each run.
        years: Each year.
        mean: The scores by month over all years, by series and forecast.
    """

    scenario: str
    replications_per_member: Count
    replications: Count
    seeds: list[Seed]
    paths: Count
    years: list[BacktestYear]
    mean: dict[str, dict[str, MeanScore]]


class BacktestFindings(ExperimentFindings, Backtested):
    """`summary.json` of a back-test."""


class _Year(NamedTuple):
    """The runs of one year."""

    year: int
    window: tuple[str, str] | None
    members: MemberRuns


@dataclass(frozen=True)
class Backtest(Study[BacktestFindings]):
    """How well are years forecast that are held out, beside naive forecasts?

    Attributes:
        scenario: What happened, with its dated levers.
        holdout: The years that are forecast, as `years_of` reads them.
        members: Sets of assumptions; as many as `assumptions` usually takes when None.
        replications: Runs of each; likewise.
        discrepancy: Whether what the model leaves out is laid over its runs.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        observed: Stands in for the observed tables.
        ensembles: Year to the fitted ensemble that is drawn from; that of the options for others.
    """

    kind: ClassVar[str] = "backtest"
    findings = BacktestFindings
    scenario: Scenario
    holdout: str | int | None = None
    members: int | None = None
    replications: int | None = None
    discrepancy: bool = True
    yes: bool = False
    announce: Callable[[Cost], None] | None = None
    observed: Observed | None = None
    ensembles: Mapping[int, FittedEnsemble] = field(default_factory=dict)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The series that are scored."""
        return load_series(self.observed)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years, in order."""
        return years_of(self.holdout, self.series)

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios that are run, extended where they end before the last year does."""
        return [run_to(self.scenario, date(self.years[-1], MONTHS_OF_YEAR, 31))]

    @property
    def settings(self) -> dict[str, object]:
        """The years, and what the assumptions of each were fitted to."""
        fitted = {str(year): ensemble.hash for year, ensemble in self.ensembles.items()}
        return {"holdout": list(self.years)} | ({"fitted": fitted} if fitted else {})

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
            problem = "the central values are one set of assumptions"
            raise refuse(problem, allowed="1, or --assumptions ranges")
        if self.sets(assumptions) * self.runs_of_each(assumptions) < FEWEST_RUNS:
            refuse = partial(InputError, key="--replications", value=self.replications)
            raise refuse("one run is no distribution", allowed=f"{FEWEST_RUNS} or more runs in all")

    def begin(self, options: Options, **how: Any) -> Experiment:
        """The experiment, which ends with the last year."""
        self.check_size(options.assumptions)
        for year in self.years:
            check_holdout(year, self.scenario, self.series)
            _check_unseen(year, self._options_of(year, options))
        days = _days_to(self.years[-1], self.scenarios[0], options.days)
        return super().begin(replace(options, days=days), **how)

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs, and which ensembles no longer go with their inputs."""
        trials = [trial for year in self._runs(experiment.options) for trial in year.members.trials]
        check_cost(experiment, trials, 0, yes=self.yes, announce=self.announce)
        noted = {note.text for note in experiment.notes}
        texts = dict.fromkeys(stale_text(ensemble) for ensemble in self.ensembles.values())
        experiment.notes += [Note("stale", text) for text in texts if text and text not in noted]

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the members of all years, and score their forecasts beside the naive ones."""
        runs = self._runs(experiment.options)
        experiment.runs.add(chain.from_iterable(one.members.trials for one in runs))
        done: dict[str, tuple[Case, list[int]]] = {}
        for one in runs:
            for case, own in zip(one.members.cases, one.members.seeds, strict=True):
                done[case.key] = case, experiment.runs.seeds([case], own)
        years = [self._year(experiment, one) for one in runs]
        mean = mean_scores([year.series for year in years])
        cases, each = zip(*done.values(), strict=True)
        findings = Backtested(
            scenario=self.scenarios[0].title,
            replications_per_member=self.runs_of_each(experiment.options.assumptions),
            replications=sum(map(len, each)),
            seeds=sorted({seed for own in each for seed in own}),
            paths=PATHS if self.discrepancy else 1,
            years=years,
            mean=mean,
        )
        table = scores_csv({year.holdout: year.series for year in years})
        experiment.folder.write_text("scores.csv", table)
        return StudyResult(findings, cases, [], own_seeds=each)

    def _year(self, experiment: Experiment, one: _Year) -> BacktestYear:
        """One year: its forecasts and their scores."""
        options, months = experiment.options, months_of(one.year)
        histories, weights, _ = one.members.run(experiment)
        watched = self.series if self.discrepancy else ()
        left_out = discrepancies_before(histories, watched, months[0], weights)
        forecast = forecast_of(histories, months, self.series, weights)
        if left_out:
            forecast = add_discrepancy(forecast, left_out, PATHS, options.seed)
        return BacktestYear(
            holdout=one.year,
            members=len(one.members.cases),
            weighted=weights is not None,
            replications=len(histories.counts),
            discrepancy={name: size.summary for name, size in left_out.items()},
            **({"fitted_window": list(one.window)} if one.window else {}),
            model_inputs=given_to_model(months[-1], self.scenarios[0]),
            series={
                series.name: scored(series, forecast, year=one.year, seed=options.seed)
                for series in self.series
            },
        )

    def _options_of(self, year: int, options: Options) -> Options:
        """The options with the ensemble of a year."""
        return replace(options, ensemble=self.ensembles.get(year, options.ensemble))

    def _runs(self, options: Options) -> list[_Year]:
        (scenario,), runs = self.scenarios, []
        sets, each = self.sets(options.assumptions), self.runs_of_each(options.assumptions)
        for year in self.years:
            own = self._options_of(year, options)
            # sets of different ensembles can have the same number
            shown = f"{scenario.title} (forecast of {year})" if self.ensembles else scenario.title
            titled = scenario.model_copy(update={"title": shown})
            runs.append(_Year(year, _window(own), MemberRuns.of(titled, own, sets, each)))
        return runs


def backtest_of(
    scenario: Scenario | str | Path, holdout: str | int | None, options: Options, **asked: Any
) -> tuple[Backtest, Options]:
    """The back-test that is asked for.

    Args:
        scenario: What happened, or its file or name; `history` is made as long as the years need.
        holdout: The years, as `years_of` reads them.
        options: What every experiment is asked.
        asked: Other fields of `Backtest`.

    Returns:
        The back-test, and the options with an ensemble that has not seen the first year.

    Raises:
        InputError: Any of them cannot be used.
    """
    series, past = load_series(), scenario_of(scenario)
    years = years_of(holdout, series)
    for year in years:
        check_holdout(year, past, series)
    if scenario == HISTORY:
        past = past_to(date(years[-1], MONTHS_OF_YEAR, 31))
    study = Backtest(past, holdout, **asked)
    study.check_size(options.assumptions)
    chosen = {year: choose_unseen(year, options) for year in years}
    if len(years) > 1 and options.ensemble is None:
        own = {year: one.ensemble for year, one in chosen.items() if one.ensemble is not None}
        study = replace(study, ensembles=own)
    return study, chosen[years[0]]


def years_of(holdout: str | int | None, series: Sequence[Series]) -> tuple[int, ...]:
    """The years that are held out.

    Args:
        holdout: A year, a range such as "2023-2025", or several with commas between them; the last
            that was observed whole when None.
        series: What is observed.

    Raises:
        InputError: It is none of these.
    """
    if holdout is None:
        return (max(whole_years(series)),)
    years: set[int] = set()
    for part in str(holdout).split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        ends = first, (last if dash else first)
        if not all(len(end) == _DIGITS and end.isascii() and end.isdigit() for end in ends):
            allowed = "years such as 2024, 2023-2025 or 2023,2025"
            raise InputError("no year", key="--holdout", value=holdout, allowed=allowed)
        low, high = map(int, ends)
        if high < low:
            raise InputError(
                "ends before it starts", key="--holdout", value=holdout, allowed=f"{high}-{low}"
            )
        years |= set(range(low, high + 1))
    return tuple(sorted(years))


def whole_years(series: Sequence[Series]) -> set[int]:
    """The years in which every month of the first series was observed."""
    return {year for year in series[0].years if np.isfinite(series[0].of_year(year)).all()}


def check_holdout(holdout: int, scenario: Scenario, series: Sequence[Series]) -> None:
    """Refuse a year that, or before which, nobody observed anything, or before a scenario's run.

    A run that ends before the year does is made longer: see `Backtest.scenarios`.

    Raises:
        InputError: Names the years there are.
    """
    first = scenario.run.start
    seen = whole_years(series)
    later = sorted(seen - {min(seen)})
    usable = ", ".join(str(year) for year in later if first <= date(year, 1, 1))
    refuse = partial(InputError, key="--holdout", value=holdout)
    if holdout not in seen:
        allowed = usable or f"a year from {later[0]} to {later[-1]}"
        raise refuse("nothing was observed in this year", allowed=allowed)
    if holdout == min(seen):
        raise refuse("nothing was observed before this year", allowed=usable or f"{later[0]}")
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
    ensemble = newest_before(f"{holdout}-01")
    if ensemble is None:
        problem = f"no fitted ensemble ends before {holdout}"
        allowed = f"--assumptions records or ranges; or make one first: {_how_to_fit(holdout)}"
        raise InputError(problem, key="--holdout", value=holdout, allowed=allowed)
    return replace(options, ensemble=ensemble)


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


def _window(options: Options) -> tuple[str, str] | None:
    """First and last month to which the assumptions were fitted; None where they are not known."""
    fitted = options.assumptions == "fitted"
    return (options.ensemble or fitted_ensemble()).window if fitted else None
