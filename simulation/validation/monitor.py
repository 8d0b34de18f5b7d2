"""Does the model still hold? The newest months against an ensemble that was fitted before them.

The forecast is that of a back-test: runs of fitted sets of assumptions with what the model leaves
out laid over them. Each month of each figure is held against it; whether the months together still
agree with it is decided by the sequential test of `simulation.validation.drift`. Nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from simulation.corridor import Observed
from simulation.corridor.observed import MONTH
from simulation.data.own_series import read_own_series
from simulation.errors import InputError
from simulation.experiments.arguments import MONITOR, check_arguments
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.fitted_ensembles import newest_before
from simulation.experiments.engine.longer_run import past_to, run_to
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.findings import Count, ExperimentFindings, Finding, Seed
from simulation.experiments.study import Cost, Study, StudyResult, check_cost
from simulation.fitting.plan import last_observed
from simulation.fitting.series import FitWindow
from simulation.parameters.fitted import FittedEnsemble, window_name
from simulation.scenario import Scenario, scenario_of
from simulation.timeseries.months import last_day, month_after
from simulation.validation.backtest import ModelInput, given_to_model
from simulation.validation.discrepancy import DiscrepancyFound, found_before, lay_over
from simulation.validation.drift import (
    Alarm,
    boundaries,
    correlation_of,
    first_alarm,
    first_outlier,
    scores_of,
    sums,
)
from simulation.validation.forecast import Forecast, MemberRuns, forecast_of
from simulation.validation.scored import QUANTILES
from simulation.validation.scores import Bands, bands_of, listed
from simulation.validation.series import Array, Series, SeriesFound, about, load_series

#: the figures that are watched
FIGURES = ("channel_arrivals", "channel_boats", "people_per_boat", "prevented_share")
#: false alarms of all figures together over the whole period, if the model holds
DRIFT_RATE, OUT_RATE = 0.05, 0.01
#: months over which they are spent; by then there is more to fit to
PERIOD = 24
#: paths of the discrepancy laid over each run: places far out must be told apart
PATHS = 100
#: months before the first that are shown with it
SHOWN_MONTHS = 12
_SETS, _RUNS = 50, 2

OverallVerdict = Literal["inside", "drifting", "out"]
FigureVerdict = Literal["inside", "drifting", "out", "not observed"]
#: exit code of the command by the overall verdict; 2 stands for bad input
EXIT_CODES: dict[OverallVerdict, int] = {"inside": 0, "drifting": 3, "out": 4}
#: a user's own monthly series: months and values, by name
OwnMonths = Mapping[str, tuple[Sequence[str], Array]]


class AlarmFound(Finding):
    """An alarm: the month that gave it, the first month of the departure, and to which side."""

    month: str
    since: str
    side: Literal["above", "below"]


class WatchedFigure(SeriesFound):
    """One figure: each month, both tests and the verdict.

    Attributes:
        bands: Quantiles of the forecast.
        scores: Normal score of what was observed in each month.
        above: The sum of scores to the upper side; `below` to the lower one.
        drift_bounds: Bounds of both sums for a drift; `out_bounds` for being out.
        alarm: What made the verdict; None where all is inside or nothing was observed.
    """

    bands: Bands
    scores: list[float | None]
    above: list[float | None]
    below: list[float | None]
    drift_bounds: list[float | None]
    out_bounds: list[float | None]
    verdict: FigureVerdict
    alarm: AlarmFound | None

    def inside(self, low: str, high: str) -> int:
        """Months observed between two of its quantiles."""
        columns = zip(self.observed, self.bands[low], self.bands[high], strict=True)
        return sum(
            least is not None and most is not None and seen is not None and least <= seen <= most
            for seen, least, most in columns
        )


class Monitored(Finding):
    """What the newest months say of the model; see `Backtested` for what is not said here.

    Attributes:
        months: The months that are watched.
        own_series: Names of the user's own series.
        period: Months over which false alarms are spent.
        drift_rate: False alarms of drift over the period, if the model holds, 0 to 1.
        out_rate: Those of being out.
        verdict: That of the worst figure.
    """

    scenario: str
    fitted_window: list[str]
    months: list[str]
    own_series: list[str]
    members: Count
    replications_per_member: Count
    replications: Count
    seeds: list[Seed]
    period: Count
    drift_rate: float
    out_rate: float
    discrepancy: dict[str, DiscrepancyFound]
    model_inputs: list[ModelInput]
    verdict: OverallVerdict
    figures: dict[str, WatchedFigure]


class MonitorFindings(ExperimentFindings, Monitored):
    """`summary.json` of a look at the newest months."""

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return EXIT_CODES[self.verdict]


@dataclass(frozen=True)
class Monitor(Study[MonitorFindings]):
    """Do the newest months agree with a forecast by assumptions that were fitted before them?

    Attributes:
        scenario: What happened, with its dated levers.
        first: First month, such as "2024-01"; the one after the ensemble's window when None.
        last: Last month; the last that was observed when None.
        members: Sets of assumptions.
        replications: Runs of each.
        own: Monthly series of a user's own; they go before ours.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        observed: Stands in for the observed tables.
    """

    kind: ClassVar[str] = "monitor"
    findings = MonitorFindings
    scenario: Scenario
    first: str | None = None
    last: str | None = None
    members: int = _SETS
    replications: int = _RUNS
    own: OwnMonths = field(default_factory=dict)
    yes: bool = False
    announce: Callable[[Cost], None] | None = None
    observed: Observed | None = None

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run: made longer where it ends before the last month does."""
        return [run_to(self.scenario, last_day(self.last or last_month(self.series)))]

    @property
    def series(self) -> tuple[Series, ...]:
        """What was observed."""
        known = (one for one in load_series(self.observed) if one.name in FIGURES)
        return tuple(with_own(one, self.own) for one in known)

    def check(self) -> None:
        """Refuse what cannot be used."""
        check_arguments(MONITOR, self)

    def begin(self, options: Options, **how: Any) -> Experiment:
        """The experiment, whose assumptions are fitted ones and which ends with the last month."""
        ensemble, months = self._watched(options.ensemble)
        days = (last_day(months[-1]) - self.scenario.run.start).days + 1
        options = replace(options, assumptions="fitted", ensemble=ensemble, days=days)
        settings = {"months": [months[0], months[-1]]}
        return Experiment(self.kind, self.scenarios, options, settings=settings, **how)

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        trials = self._runs(experiment.options).trials
        check_cost(experiment, trials, 0, yes=self.yes, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the members, and hold the months against their forecast."""
        options, series = experiment.options, self.series
        ensemble, months = self._watched(options.ensemble)
        members = self._runs(options)
        histories, weights, done = members.run(experiment)
        first, last = ensemble.window or ("", "")
        left_out = found_before(histories, series, month_after(last), weights, first)
        forecast = forecast_of(histories, months, series, weights)
        wide = lay_over(forecast, left_out, PATHS, options.seed)
        figures = {one.name: figure(one, wide, options.seed) for one in series}
        (scenario,) = self.scenarios
        found = Monitored(
            scenario=scenario.title,
            fitted_window=[first, last],
            months=list(months),
            own_series=sorted(self.own),
            members=len(members.cases),
            replications_per_member=self.replications,
            replications=len(histories.counts),
            seeds=sorted(seed for own_seeds in done for seed in own_seeds),
            period=PERIOD,
            drift_rate=DRIFT_RATE,
            out_rate=OUT_RATE,
            discrepancy={name: one.found for name, one in left_out.items()},
            model_inputs=given_to_model(months[-1], scenario),
            verdict=overall([one.verdict for one in figures.values()]),
            figures=figures,
        )
        experiment.folder.write_text("months.csv", months_csv(figures))
        return StudyResult(found, members.cases, [], own_seeds=done)

    def _runs(self, options: Options) -> MemberRuns:
        return MemberRuns.of(self.scenarios[0], options, self.members, self.replications)

    def _watched(self, ensemble: FittedEnsemble | None) -> tuple[FittedEnsemble, tuple[str, ...]]:
        """The ensemble that was named, or the newest, and the months that it has not seen."""
        last_known = last_month(self.series)
        ensemble = ensemble or newest_before(self.first or last_known)
        if ensemble is None:
            key, problem = (
                "--from" if self.first else "--ensemble",
                "no fitted ensemble ends before",
            )
            makes = "crossings fit --to MONTH --install makes it"
            allowed = f"one that was fitted before the months to be watched; {makes}"
            refuse = partial(InputError, key=key, value=self.first, allowed=allowed)
            raise refuse(f"{problem} {self.first or last_known}")
        if ensemble.window is None:
            raise InputError("does not say which months it was fitted to", key="--ensemble")
        unseen = max(month_after(ensemble.window[1]), f"{self.scenario.run.start:%Y-%m}")
        fitted = window_name(*ensemble.window)
        if last_known < unseen:
            problem = f"nothing was observed after the months it was fitted to ({fitted})"
            allowed = "an ensemble that ends earlier, or newer months with --own-data"
            raise InputError(problem, key="--ensemble", value=fitted, allowed=allowed)
        first, last = self.first or unseen, self.last or last_known
        for key, month, low in (("--from", first, unseen), ("--to", last, first)):
            if not low <= month <= last_known:
                unknown = f"observed, and unknown to the ensemble ({fitted})"
                allowed = f"{low} to {last_known}: {unknown}"
                refuse = partial(InputError, key=key, value=month)
                raise refuse("a month that cannot be watched", allowed=allowed)
        return ensemble, FitWindow(first, last).months


def monitor_of(
    scenario: Scenario | str | Path | None,
    first: str | None,
    last: str | None,
    own_data: str | Path | None,
    **asked: Any,
) -> Monitor:
    """The look at the newest months that is asked for.

    Args:
        scenario: What happened, or its file or name; what is known of it when None.
        first: First month; see `Monitor`.
        last: Last month.
        own_data: File with monthly series of a user's own.
        asked: Other fields of `Monitor`.

    Raises:
        InputError: Any of them cannot be used.
    """
    own: OwnMonths = {} if own_data is None else _own(Path(own_data))
    for key, month in (("--from", first), ("--to", last)):
        if month is not None and not MONTH.match(month):
            allowed = "a month such as 2024-01"
            raise InputError("not a month", key=key, value=month, allowed=allowed)
    if scenario is None:
        month = last or max([last_observed(), *(months[-1] for months, _ in own.values())])
        past = past_to(FitWindow(month, month).days[1])
    else:
        past = scenario_of(scenario)
    return Monitor(past, first, last, own=own, **asked)


def _own(file: Path) -> OwnMonths:
    """A user's own series, of which one at least must be watched."""
    own = read_own_series(file)
    watched = {name: own.monthly(name) for name in own.series if name in FIGURES}
    if not watched:
        named, allowed = ", ".join(own.series), ", ".join(FIGURES)
        raise InputError("no figure that is watched", file=file, value=named, allowed=allowed)
    return watched


def with_own(series: Series, own: OwnMonths) -> Series:
    """A series with a user's own months in it, which go before those of the package."""
    if series.name not in own:
        return series
    months, values = own[series.name]
    mine = {m: float(v) for m, v in zip(months, values, strict=True) if np.isfinite(v)}
    return replace(series, months=dict(sorted({**series.months, **mine}.items())))


def last_month(series: Sequence[Series]) -> str:
    """The last month of which anything was observed; empty if nothing was."""
    return max(max(one.months, default="") for one in series)


def figure(series: Series, forecast: Forecast, seed: int) -> WatchedFigure:
    """Hold the months of one figure against a forecast.

    Args:
        series: What was observed.
        forecast: Predictive paths.
        seed: Which draws of the boundaries.
    """
    paths, months = forecast.months[series.name], forecast.names
    seen = np.array([series.months.get(month, np.nan) for month in months])
    scores = scores_of(seen, paths, forecast.weights)
    known = np.isfinite(scores)
    rate = 1.0 / len(FIGURES)
    # half of the rarer false alarms are those of single months
    rates = DRIFT_RATE * rate, OUT_RATE * rate / 2.0
    drift, out = boundaries(correlation_of(paths), known, rates, PERIOD, seed)
    up, down = sums(scores)
    found = first_alarm(scores, out), first_outlier(scores, rates[1], PERIOD)
    gone = min(filter(None, found), key=lambda alarm: alarm.month, default=None)
    alarm = gone or first_alarm(scores, drift)
    verdict: FigureVerdict = "out" if gone else "drifting" if alarm else "inside"
    if not known.any():
        verdict = "not observed"
    before = [month for month in series.months if month < months[0]][-SHOWN_MONTHS:]
    return WatchedFigure(
        **about(series, months, before),
        bands=bands_of(paths, QUANTILES, forecast.weights),
        scores=listed(scores),
        above=listed(up),
        below=listed(down),
        drift_bounds=listed(drift),
        out_bounds=listed(out),
        verdict=verdict,
        alarm=None if alarm is None else _alarm_found(alarm, months),
    )


def _alarm_found(alarm: Alarm, months: Sequence[str]) -> AlarmFound:
    side: Literal["above", "below"] = "above" if alarm.above else "below"
    return AlarmFound(month=months[alarm.month], since=months[alarm.since], side=side)


def overall(verdicts: Sequence[FigureVerdict]) -> OverallVerdict:
    """The verdict on all figures: that of the worst of them."""
    seen = [one for one in verdicts if one != "not observed"]
    return max(seen, key=list(EXIT_CODES).index, default="inside")


def months_csv(figures: Mapping[str, WatchedFigure]) -> str:
    """Every month of every figure, as the text of a CSV file."""
    header = [
        "figure", "month", "observed", *(f"q{100 * p:g}" for p in QUANTILES), "score",
        "sum_above", "sum_below", "drift_bound", "out_bound",
    ]  # fmt: skip
    rows = []
    for name, one in figures.items():
        columns = [one.observed, *one.bands.values(), one.scores, one.above]
        columns += [one.below, one.drift_bounds, one.out_bounds]
        rows += [
            [name, month, *values] for month, *values in zip(one.months, *columns, strict=True)
        ]
    return as_csv(header, rows)
