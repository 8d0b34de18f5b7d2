"""Does the model still hold? The newest months against an ensemble that was fitted before them.

The forecast is that of a back-test: runs of fitted sets of assumptions with what the model leaves
out laid over them. The months of all figures are held against it by the joint test of
`simulation.validation.drift`, and `simulation.validation.power` has its power. Nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from scipy import stats

from simulation.corridor import Observed
from simulation.corridor.observed import MONTH
from simulation.data.own_series import read_own_series
from simulation.engine.argument import check_arguments
from simulation.engine.arguments import MONITOR
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Seed, Word
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
from simulation.timeseries.months import MONTHS_OF_YEAR, last_day, month_after, month_at, number_of
from simulation.validation.backtest import ModelInput, given_to_model
from simulation.validation.discrepancy import DiscrepancySummary, discrepancies_before, lay_over
from simulation.validation.drift import (
    INTERVAL,
    TESTS,
    Figure,
    Index,
    JointTest,
    Mask,
    Worlds,
    began,
    first_alarms,
    outside,
    side_of,
)
from simulation.validation.forecast import Forecast, MemberRuns, forecast_of
from simulation.validation.power import Power, power_csv, power_of
from simulation.validation.scored import QUANTILES
from simulation.validation.scores import Bands, bands_of, listed
from simulation.validation.series import Array, Series, SeriesSummary, about, load_series

#: the figures that are watched
FIGURES = ("channel_arrivals", "channel_boats", "people_per_boat", "prevented_share")
#: false alarms of all figures together in twelve months, if the model holds
DRIFT_RATE, OUT_RATE = 0.1, 0.01
#: months that are tested; by then there is more to fit to
PERIOD = 24
_RATES = DRIFT_RATE / MONTHS_OF_YEAR, OUT_RATE / MONTHS_OF_YEAR
#: least number of paths that worlds are drawn from
_PATHS = 20_000
#: own figures differ from published ones by no more than a revision does, as a share
_REVISED = 0.25
#: months before the first that are shown with it
SHOWN_MONTHS = 12
#: sets rather than runs of each: rare false alarms need many that differ
_SETS, _RUNS = 100, 1

OverallVerdict = Literal["inside", "doubtful", "drifting", "out"]
FigureVerdict = Literal["inside", "doubtful", "drifting", "out", "not observed"]
#: exit code of the command by the overall verdict, from best to worst; 2 stands for bad input
EXIT_CODES: dict[OverallVerdict, int] = {"inside": 0, "doubtful": 3, "drifting": 3, "out": 4}
#: a user's own monthly series: months and values, by name
OwnMonths = Mapping[str, tuple[Sequence[str], Array]]


class Alarm(Finding):
    """An alarm of one figure.

    Attributes:
        month: The month that gave it.
        test: The test that did, of `TESTS`.
        since: The month in which the departure most likely began.
        side: Its side.
        departure: Mean since then over what the model expects, less 1. After an alarm of drift the
            model expects the medians given the year before, else the medians.
    """

    month: str
    test: Word
    since: str
    side: Literal["above", "below"]
    departure: float | None


class WatchedFigure(SeriesSummary):
    """One figure: each month, its tests and the verdict.

    Attributes:
        bands: Quantiles of the forecast.
        scores: Score of what was observed in each month.
        to_date: Score of the mean of the period to each month.
        drift: Score of the mean of the last six months, given the year before the period.
        outside: Months outside the 90% interval so far.
        statistic: The largest statistic on the common scale, which is held against the bounds.
        departure: Mean of the period over its median in the forecast, less 1.
        p_value: Share of worlds with as large a statistic in the last month, if the model holds.
        binomial: Chance of as many months outside, if months did not depend on each other.
        verdict: Of this figure.
        alarm: What made the verdict; None without one.
    """

    bands: Bands
    scores: list[float | None]
    to_date: list[float | None]
    drift: list[float | None]
    outside: list[Count]
    statistic: list[float | None]
    departure: float | None
    p_value: float | None
    binomial: float | None
    verdict: FigureVerdict
    alarm: Alarm | None

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
        period: Months that are tested.
        drift_rate: False alarms of drift in twelve months, if the model holds, 0 to 1.
        out_rate: Those of being out.
        drift_bounds: Bound of each month for a drift of any figure; `out_bounds` for being out.
        power: What the tests notice, where it was asked for.
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
    drift_bounds: list[float | None]
    out_bounds: list[float | None]
    power: Power | None
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
        power: Whether to work out what the tests notice as well.
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
    power: bool = False
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
        start = number_of(months[0])
        earlier = (month_at(start - back) for back in range(MONTHS_OF_YEAR, 0, -1))
        before = tuple(month for month in earlier if month in histories.months)
        forecast = forecast_of(histories, (*before, *months), series, weights)
        paths = -(-_PATHS // len(histories.counts))
        wide = lay_over(forecast, left_out, paths, options.seed)
        members = np.repeat(np.arange(len(done)), [len(one) * paths for one in done])
        look = Look.of(series, wide, members, len(before))
        figures = {one.name: look.figure(one) for one in series}
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
            period=PERIOD,
            drift_rate=DRIFT_RATE,
            out_rate=OUT_RATE,
            drift_bounds=listed(look.joint.bounds[0]),
            out_bounds=listed(look.joint.bounds[1]),
            power=look.power() if self.power else None,
            discrepancy={name: one.summary for name, one in left_out.items()},
            model_inputs=given_to_model(months[-1], scenario),
            verdict=overall([one.verdict for one in figures.values()]),
            figures=figures,
        )
        experiment.folder.write_text("months.csv", months_csv(findings))
        if findings.power is not None:
            experiment.folder.write_text("power.csv", power_csv(findings.power))
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


@dataclass(frozen=True)
class Look:
    """A forecast, and the joint test that is calibrated on it.

    Attributes:
        forecast: Predictive paths of the months and of those of the year before.
        months: The months that are watched.
        paths: Figure -> its paths.
        seen: Figure -> what was observed of it.
        observed: Figure that was observed -> whether each month was, (months,).
        worlds: Weights and sets of the paths.
        joint: The test of these figures.
    """

    forecast: Forecast
    months: tuple[str, ...]
    paths: Mapping[str, Figure]
    seen: Mapping[str, Figure]
    observed: Mapping[str, Mask]
    worlds: Worlds
    joint: JointTest

    @classmethod
    def of(cls, series: Sequence[Series], forecast: Forecast, members: Index, before: int) -> Look:
        """Calibrate the test.

        Args:
            series: What was observed.
            forecast: Predictive paths, of some months before those that are watched as well.
            members: The set of assumptions of each path, (paths,).
            before: How many months before.
        """
        months = forecast.names[before:]
        boats = forecast.months.get("channel_boats")
        paths, seen, observed = {}, {}, {}
        for one in series:
            # a mean load is over boats, and a mean share nearly so
            amounts = (
                np.ones(len(forecast.names))
                if one.kind == "count" or boats is None
                else np.maximum(np.nanmedian(boats, axis=0), 1.0)
            )
            values = np.array([one.months.get(month, np.nan) for month in forecast.names])
            has_month = np.isfinite(values)
            paths[one.name] = _figure(forecast.months[one.name], has_month, amounts, before)
            seen[one.name] = _figure(values[None], has_month, amounts, before)
            observed[one.name] = has_month[before:]
        count = len(members)
        weights = np.full(count, 1.0 / count) if forecast.weights is None else forecast.weights
        worlds = Worlds(weights, members)
        observed = {name: has_month for name, has_month in observed.items() if has_month.any()}
        tested = {name: paths[name] for name in observed}
        joint = JointTest.of(tested, observed, worlds, _RATES, PERIOD)
        return cls(forecast, months, paths, seen, observed, worlds, joint)

    def power(self) -> Power:
        """The power of the test."""
        tested = {name: self.paths[name] for name in self.observed}
        return power_of(tested, self.observed, self.worlds, _RATES, PERIOD)

    def figure(self, series: Series) -> WatchedFigure:
        """Hold the months of one figure against the forecast."""
        months = self.months
        paths = self.paths[series.name]
        bands = bands_of(paths.months, QUANTILES, self.forecast.weights)
        shown = [month for month in series.months if month < months[0]][-SHOWN_MONTHS:]
        common = dict(about(series, months, shown)) | {"bands": bands}
        if series.name not in self.observed:
            by_month = dict.fromkeys(
                ("scores", "to_date", "drift", "statistic"), [None] * len(months)
            )
            common |= by_month | dict.fromkeys(("departure", "p_value", "binomial", "alarm"))
            return WatchedFigure(**common, outside=[0] * len(months), verdict="not observed")
        test = self.joint.figures[series.name]
        observed = self.seen[series.name]
        (scores,) = test.scores(observed)
        (scaled,) = test.scaled(scores[None])
        largest = scaled.max(axis=-1)
        first = [int(first_alarms(largest[None], one)[0]) for one in self.joint.bounds]
        place = first[0] if first[0] < len(months) else first[1]
        alarm = None
        if place < len(months):
            name = TESTS[int(scaled[place].argmax())]
            since = began(scores, place, name)
            alarm = Alarm(
                month=months[place],
                test=name,
                since=months[since],
                side="above" if side_of(scores, place, name) else "below",
                departure=_departure(observed, test.expected(observed, name), since),
            )
        last = int(np.flatnonzero(test.observed)[-1])
        count = outside(scores[:, 0])
        figure = WatchedFigure(
            **common,
            scores=listed(scores[:, 0]),
            to_date=listed(scores[:, 1]),
            drift=listed(scores[:, 3]),
            outside=count.tolist(),
            statistic=listed(largest),
            departure=json_number(test.departure(observed, last)),
            p_value=test.p_value(largest[last], last),
            binomial=float(stats.binom.sf(count[last] - 1, test.observed.sum(), 1.0 - INTERVAL)),
            verdict="out" if first[1] < len(months) else "drifting" if alarm else "inside",
            alarm=alarm,
        )
        few = alarm is None and 2 * figure.inside("0.05", "0.95") < test.observed.sum()
        return figure.model_copy(update={"verdict": "doubtful"}) if few else figure


def _figure(values: Array, has_month: Mask, amounts: Array, before: int) -> Figure:
    """A figure from values by month, (worlds, months).

    Args:
        values: Of all months.
        has_month: Months that were observed; the mean of the year before is over these.
        amounts: Weight of each month in a mean.
        before: How many of the months are of the year before.
    """
    past = np.where(has_month, values, np.nan)[:, :before]
    weight = np.isfinite(past) @ amounts[:before]
    total = np.nan_to_num(past) @ amounts[:before]
    year = np.divide(total, weight, out=np.full(len(values), np.nan), where=weight > 0.0)
    return Figure(values[:, before:], year, amounts[before:])


def _departure(observed: Figure, expected: Array, since: int) -> float | None:
    """Mean of what was observed since a month over that of what the model expects, less 1."""
    seen = observed.months[0, since:]
    amounts = np.where(np.isfinite(seen), observed.amounts[since:], 0.0)
    usual = float(np.nan_to_num(expected[0, since:]) @ amounts)
    return json_number(float(np.nan_to_num(seen) @ amounts) / usual - 1.0) if usual > 0 else None


def overall(verdicts: Sequence[FigureVerdict]) -> OverallVerdict:
    """The verdict on all figures: that of the worst of them."""
    seen = [one for one in verdicts if one != "not observed"]
    return max(seen, key=list(EXIT_CODES).index, default="inside")


def months_csv(findings: Monitored) -> str:
    """Every month of every figure, as the text of a CSV file."""
    header = [
        "figure", "month", "observed", *(f"q{100 * p:g}" for p in QUANTILES), "score",
        "score_to_date", "score_drift", "outside", "statistic", "drift_bound", "out_bound",
    ]  # fmt: skip
    rows = []
    for name, one in findings.figures.items():
        columns: list[Sequence[Any]] = [
            one.months, one.observed, *one.bands.values(), one.scores, one.to_date, one.drift,
            one.outside, one.statistic, findings.drift_bounds, findings.out_bounds,
        ]  # fmt: skip
        rows += [[name, *values] for values in zip(*columns, strict=True)]
    return as_csv(header, rows)
