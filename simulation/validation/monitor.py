"""Does the model still hold? The newest months against an ensemble that was fitted before them.

The forecast is that of a back-test: runs of fitted sets of assumptions with what the model leaves
out laid over them. The mean of the months of each figure is held against the distribution of this
mean over the predictive paths. The rates of false alarms are shared evenly among the figures
(Bonferroni), so they hold for all figures together, however these depend on each other. Nothing is
fitted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from simulation.corridor import Observed
from simulation.corridor.observed import MONTH
from simulation.data.own_series import read_own_series
from simulation.engine.argument import check_arguments
from simulation.engine.arguments import MONITOR
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Seed
from simulation.engine.fitted_ensembles import newest_before
from simulation.engine.longer_run import past_to, run_to
from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.fitting.plan import last_observed
from simulation.fitting.series import FitWindow
from simulation.parameters.fitted import FittedEnsemble, window_name
from simulation.scenario import Scenario, scenario_of
from simulation.serialization import as_csv, json_number
from simulation.statistics.finding import Count, Finding
from simulation.studies.study import Cost, Study, check_cost
from simulation.timeseries.months import last_day, month_after
from simulation.validation.backtest import ModelInput, given_to_model
from simulation.validation.discrepancy import (
    DiscrepancySummary,
    add_discrepancy,
    discrepancies_before,
)
from simulation.validation.forecast import Forecast, MemberRuns, forecast_of
from simulation.validation.scored import QUANTILES
from simulation.validation.scores import Bands, bands_of, quantiles
from simulation.validation.series import Array, Series, SeriesSummary, about, load_series

#: the figures that are watched
FIGURES = ("channel_arrivals", "channel_boats", "people_per_boat", "prevented_share")
#: chance of a false alarm of any figure in a look, if the model holds: of drifting, and of out
DRIFT_RATE, OUT_RATE = 0.1, 0.01
#: a lasting change that a look should notice, as a share; where the chance of that is below a half,
#: a figure that agrees says little
CHANGE, LEAST_POWER = 0.2, 0.5
#: least number of predictive paths
_PATHS = 20_000
#: own figures differ from published ones by no more than a revision does, as a share
_REVISED = 0.25
#: months before the first that are shown with it
SHOWN_MONTHS = 12
#: sets rather than runs of each: rare false alarms need many that differ
_SETS, _RUNS = 100, 1

OverallVerdict = Literal["inside", "too early to tell", "drifting", "out"]
FigureVerdict = Literal["inside", "too early to tell", "drifting", "out", "not observed"]
#: exit code of the command by the overall verdict, from best to worst; 2 stands for bad input
EXIT_CODES: dict[OverallVerdict, int] = {
    "inside": 0, "too early to tell": 0, "drifting": 3, "out": 4,
}  # fmt: skip
#: a user's own monthly series: months and values, by name
OwnMonths = Mapping[str, tuple[Sequence[str], Array]]


class WatchedFigure(SeriesSummary):
    """One figure: each month, and the verdict on all of them.

    Attributes:
        bands: Quantiles of the forecast.
        departure: Mean of the months over its median in the forecast, less 1.
        p_value: Chance that the mean lies as far off to either side, if the model holds.
        power: Chance that a lasting change of `CHANGE` would be noticed: the mean of a rise and a
            fall.
        verdict: Of this figure.
    """

    bands: Bands
    departure: float | None = None
    p_value: float | None = None
    power: float | None = None
    verdict: FigureVerdict

    @property
    def departs(self) -> bool:
        """Whether the months lie further off than chance explains."""
        return self.verdict in ("drifting", "out")

    @property
    def months_seen(self) -> int:
        """How many months were observed."""
        return sum(value is not None for value in self.observed)

    def inside(self, low: str, high: str) -> int:
        """Months observed between two of its quantiles."""
        columns = zip(self.observed, self.bands[low], self.bands[high], strict=True)
        return sum(
            least is not None and most is not None and seen is not None and least <= seen <= most
            for seen, least, most in columns
        )


class Monitored(Finding):
    """The findings of a look at the newest months; `Backtested` documents the other fields.

    Attributes:
        months: The months that are watched.
        own_series: Names of the user's own series.
        drift_rate: Chance of a false alarm of drift in a look, if the model holds, 0 to 1.
        out_rate: That of being out.
        change: The lasting change whose chance to be noticed is `power`.
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
    drift_rate: float
    out_rate: float
    change: float
    discrepancy: dict[str, DiscrepancySummary]
    model_inputs: list[ModelInput]
    verdict: OverallVerdict
    figures: dict[str, WatchedFigure]


class MonitorFindings(ExperimentFindings, Monitored):
    """`summary.json` of a look at the newest months."""

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
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
        """The scenarios that are run, extended where they end before the last month does."""
        return [run_to(self.scenario, last_day(self.last or last_month(self.series)))]

    @property
    def series(self) -> tuple[Series, ...]:
        """The observed series that are watched."""
        watched = (one for one in load_series(self.observed) if one.name in FIGURES)
        return tuple(with_own(one, self.own) for one in watched)

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
        member_runs = self._runs(options)
        histories, weights, done = member_runs.run(experiment)
        first, last = ensemble.window or ("", "")
        left_out = discrepancies_before(histories, series, month_after(last), weights, first)
        forecast = forecast_of(histories, months, series, weights)
        paths = -(-_PATHS // len(histories.counts))
        forecast = add_discrepancy(forecast, left_out, paths, options.seed)
        figures = judge(series, forecast)
        (scenario,) = self.scenarios
        findings = Monitored(
            scenario=scenario.title,
            fitted_window=[first, last],
            months=list(months),
            own_series=sorted(self.own),
            members=len(member_runs.cases),
            replications_per_member=self.replications,
            replications=len(histories.counts),
            seeds=sorted(seed for own_seeds in done for seed in own_seeds),
            drift_rate=DRIFT_RATE,
            out_rate=OUT_RATE,
            change=CHANGE,
            discrepancy={name: one.summary for name, one in left_out.items()},
            model_inputs=given_to_model(months[-1], scenario),
            verdict=overall([one.verdict for one in figures.values()]),
            figures=figures,
        )
        experiment.folder.write_text("months.csv", months_csv(findings))
        return StudyResult(findings, member_runs.cases, [], own_seeds=done)

    def _runs(self, options: Options) -> MemberRuns:
        return MemberRuns.of(self.scenarios[0], options, self.members, self.replications)

    def _watched(self, ensemble: FittedEnsemble | None) -> tuple[FittedEnsemble, tuple[str, ...]]:
        """The ensemble that was named, or the newest, and the months that it has not seen."""
        last_seen = last_month(self.series)
        ensemble = ensemble or newest_before(self.first or last_seen)
        if ensemble is None:
            raise InputError(
                f"no fitted ensemble ends before {self.first or last_seen}",
                key="--from" if self.first else "--ensemble",
                value=self.first,
                allowed="one that was fitted before the months to be watched; crossings fit --to "
                "MONTH --install makes it",
            )
        if ensemble.window is None:
            raise InputError("does not say which months it was fitted to", key="--ensemble")
        unseen = max(month_after(ensemble.window[1]), f"{self.scenario.run.start:%Y-%m}")
        fitted = window_name(*ensemble.window)
        if last_seen < unseen:
            raise InputError(
                f"nothing was observed after the months it was fitted to ({fitted})",
                key="--ensemble",
                value=fitted,
                allowed="an ensemble that ends earlier, or newer months with --own-data",
            )
        first, last = self.first or unseen, self.last or last_seen
        for key, month, low in (("--from", first, unseen), ("--to", last, first)):
            if not low <= month <= last_seen:
                raise InputError(
                    "a month that cannot be watched",
                    key=key,
                    value=month,
                    allowed=f"{low} to {last_seen}: observed, and unknown to the ensemble "
                    f"({fitted})",
                )
        if not any(first <= month <= last for one in self.series for month in one.months):
            unseen_months = sorted({m for one in self.series for m in one.months if m >= unseen})
            raise InputError(
                "nothing was observed in these months",
                key="--from",
                value=f"{first} to {last}",
                allowed=", ".join(unseen_months[:12]),
            )
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
    """A user's own series, of which one at least must be watched, and none contradicts ours."""
    own = read_own_series(file)
    watched = {name: own.monthly(name) for name in own.series if name in FIGURES}
    if not watched:
        named, allowed = ", ".join(own.series), ", ".join(FIGURES)
        raise InputError("no figure that is watched", file=file, value=named, allowed=allowed)
    for one in load_series(None):
        months, values = watched.get(one.name, ((), np.empty(0)))
        for month, place, value in zip(months, own.places, values.tolist(), strict=False):
            published = one.months.get(month, np.nan)
            if abs(value - published) > _REVISED * published + 0.5:
                raise InputError(
                    f"contradicts the published figure of {month}, {published:g}",
                    file=file,
                    key=f"{place}: {one.name}",
                    value=value,
                    allowed=f"within {_REVISED:.0%} of it, or blank to take it",
                )
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


def judge(series: Sequence[Series], forecast: Forecast) -> dict[str, WatchedFigure]:
    """Each figure, with the mean of its months held against that of the predictive paths.

    Args:
        series: What was observed.
        forecast: Predictive paths of the months that are watched.
    """
    months = forecast.names
    seen = {one.name: np.array([one.months.get(m, np.nan) for m in months]) for one in series}
    watched = sum(bool(np.isfinite(values).any()) for values in seen.values())
    count = len(forecast.totals[series[0].name])
    weights = np.full(count, 1.0 / count) if forecast.weights is None else forecast.weights
    figures = {}
    for one in series:
        paths, values = forecast.months[one.name], seen[one.name]
        shown = [month for month in one.months if month < months[0]][-SHOWN_MONTHS:]
        common = dict(about(one, months, shown))
        common["bands"] = bands_of(paths, QUANTILES, forecast.weights)
        if np.isfinite(values).any():
            with warnings.catch_warnings():
                # a path without any boat has no load
                warnings.simplefilter("ignore", RuntimeWarning)
                means = np.nanmean(paths[:, np.isfinite(values)], axis=1)
            common |= _against(float(np.nanmean(values)), means, weights / weights.sum(), watched)
        figures[one.name] = WatchedFigure(**{"verdict": "not observed", **common})
    return figures


def _against(seen: float, means: Array, weights: Array, watched: int) -> dict[str, Any]:
    """What is said of a figure from its mean and the same mean on each path.

    Args:
        seen: The mean of what was observed.
        means: Of the predictive paths, (paths,).
        weights: Of these, summing to 1.
        watched: Figures that share the rates of false alarms.
    """
    each = [weights[means >= seen].sum(), weights[means <= seen].sum()]
    p_value = float(min(1.0, 2.0 * min(each)))
    edge = DRIFT_RATE / watched / 2.0
    median, low, high = quantiles(means[:, None], [0.5, edge, 1.0 - edge], weights)[:, 0]
    changed = [means * (1.0 + sign * CHANGE) for sign in (1.0, -1.0)]
    power = float(np.mean([weights[(one < low) | (one > high)].sum() for one in changed]))
    verdict: FigureVerdict = "inside" if power >= LEAST_POWER else "too early to tell"
    if p_value < DRIFT_RATE / watched:
        verdict = "out" if p_value < OUT_RATE / watched else "drifting"
    departure = json_number(seen / median - 1.0) if median > 0.0 else None
    return {"departure": departure, "p_value": p_value, "power": power, "verdict": verdict}


def overall(verdicts: Sequence[FigureVerdict]) -> OverallVerdict:
    """The verdict on all figures: that of the worst of them."""
    seen = [one for one in verdicts if one != "not observed"]
    return max(seen, key=list(EXIT_CODES).index, default="inside")


def months_csv(findings: Monitored) -> str:
    """Every month of every figure, as the text of a CSV file."""
    header = ["figure", "month", "observed", *(f"q{100 * p:g}" for p in QUANTILES)]
    rows = [
        [name, *values]
        for name, one in findings.figures.items()
        for values in zip(one.months, one.observed, *one.bands.values(), strict=True)
    ]
    return as_csv(header, rows)
