"""Does the model still hold? The newest months against an ensemble that was fitted before them.

The forecast is that of a back-test: runs of fitted sets of assumptions with what the model leaves
out laid over them. Each month of each figure is held against it; whether the months together still
agree with it is decided by the sequential test of `simulation.validation.drift`. Nothing is fitted.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simulation.corridor import Observed
from simulation.errors import InputError
from simulation.experiments.engine.cost import Cost, check_cost
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.fitted_choice import newest_before
from simulation.experiments.engine.longer_run import run_to
from simulation.experiments.engine.measures import months as months_between
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.studies.design_points import check_count
from simulation.parameters.fitted import FittedEnsemble, window_name
from simulation.scenario import Scenario
from simulation.validation.backtest import QUANTILES, given_to_model
from simulation.validation.discrepancy import found_before, lay_over
from simulation.validation.drift import (
    Alarm,
    boundaries,
    correlation_of,
    first_alarm,
    first_outlier,
    scores_of,
    sums,
)
from simulation.validation.forecast import Forecast, forecast_of
from simulation.validation.members import MemberRuns
from simulation.validation.scores import quantiles
from simulation.validation.series import Array, Series, load_series

KIND = "monitor"
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
_MOST = 10_000

Verdict = Literal["inside", "drifting", "out", "not observed"]
#: exit code of the command by the overall verdict; 2 stands for bad input
EXIT_CODES: dict[str, int] = {"inside": 0, "drifting": 3, "out": 4}


@dataclass(frozen=True)
class Plan:
    """What is watched, and how much is run.

    Attributes:
        first: First month, such as "2024-01"; the one after the ensemble's window when None.
        last: Last month; the last that was observed when None.
        members: Sets of assumptions.
        replications: Runs of each.
    """

    first: str | None = None
    last: str | None = None
    members: int = _SETS
    replications: int = _RUNS

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        check_count("--members", self.members, 2, _MOST)
        check_count("--replications", self.replications, 1, _MOST)


@dataclass(frozen=True)
class Monitored:
    """A finished look.

    Attributes:
        folder: Its folder.
        summary: Content of `summary.json`.
        ran: Runs done by this attempt.
    """

    folder: Path
    summary: dict[str, Any]
    ran: int

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return EXIT_CODES[self.summary["verdict"]]


def monitor(
    scenario: Scenario,
    options: Options,
    plan: Plan,
    *,
    own: Mapping[str, tuple[Sequence[str], Array]] | None = None,
    yes: bool = False,
    announce: Callable[[Cost], None] | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
    observed: Observed | None = None,
) -> Monitored:
    """Hold the newest months against a forecast by assumptions that were fitted before them.

    Args:
        scenario: What happened, with its dated levers.
        options: What every experiment can be told; its assumptions are fitted ones.
        plan: What is watched, and how much is run.
        own: Monthly series of a user's own, (months, values) by name; they go before ours.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.
        observed: Stands in for the observed tables.

    Raises:
        InputError: Something asked for cannot be used.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    plan.check()
    series = tuple(with_own(one, own or {}) for one in load_series(observed) if one.name in FIGURES)
    ensemble, months = what_is_watched(plan, options.ensemble, series, scenario)
    end = _last_day(months[-1])
    scenario = run_to(scenario, end)
    options = replace(
        options,
        assumptions="fitted",
        ensemble=ensemble,
        days=(end - scenario.run.start).days + 1,
    )
    experiment = Experiment(
        KIND,
        [scenario],
        options,
        settings={"months": [months[0], months[-1]]},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    members = MemberRuns.of(scenario, options, plan.members, plan.replications)
    check_cost(experiment, members.trials, 0, yes=yes, announce=announce)
    with experiment:
        histories, weights, done = members.run(experiment)
        first, last = ensemble.window or ("", "")
        left_out = found_before(histories, series, _after(last), weights, first)
        forecast = forecast_of(histories, months, series, weights)
        wide = lay_over(forecast, left_out, PATHS, options.seed)
        found = {one.name: figure(one, wide, options.seed) for one in series}
        summary = {
            "scenario": scenario.title,
            "fitted_window": [first, last],
            "months": list(months),
            "own_series": sorted(own or ()),
            "members": len(members.cases),
            "replications_per_member": plan.replications,
            "replications": len(histories.counts),
            "seeds": sorted(seed for own_seeds in done for seed in own_seeds),
            "period": PERIOD,
            "drift_rate": DRIFT_RATE,
            "out_rate": OUT_RATE,
            "discrepancy": {name: one.as_json() for name, one in left_out.items()},
            "model_inputs": given_to_model(months[-1], scenario),
            "verdict": overall([one["verdict"] for one in found.values()]),
            "figures": found,
        }
        experiment.folder.write_text("months.csv", months_csv(summary))
        content = experiment.finish(summary, members.cases, [], own_seeds=done)
        return Monitored(experiment.folder.path, content, experiment.runs.ran)


def what_is_watched(
    plan: Plan, ensemble: FittedEnsemble | None, series: Sequence[Series], scenario: Scenario
) -> tuple[FittedEnsemble, tuple[str, ...]]:
    """The ensemble, and the months that it has not seen.

    Args:
        plan: The first and the last month, if they were told.
        ensemble: The ensemble, if it was told.
        series: What was observed.
        scenario: What is run.

    Raises:
        InputError: There is no such ensemble, or nothing was observed after its window.
    """
    last_known = max((max(one.months, default="") for one in series), default="")
    if ensemble is None:
        ensemble = newest_before(plan.first or last_known)
        if ensemble is None:
            raise InputError(
                f"no fitted ensemble ends before {plan.first or last_known}",
                key="--from" if plan.first else "--ensemble",
                value=plan.first,
                allowed="one that was fitted before the months to be watched; crossings fit "
                "--to MONTH --install makes it",
            )
    if ensemble.window is None:
        raise InputError("does not say which months it was fitted to", key="--ensemble")
    unseen = max(_after(ensemble.window[1]), f"{scenario.run.start:%Y-%m}")
    fitted = window_name(*ensemble.window)
    if last_known < unseen:
        raise InputError(
            f"nothing was observed after the months it was fitted to ({fitted})",
            key="--ensemble",
            value=fitted,
            allowed="an ensemble that ends earlier, or newer months with --own-data",
        )
    first, last = plan.first or unseen, plan.last or last_known
    for key, month, low in (("--from", first, unseen), ("--to", last, first)):
        if not low <= month <= last_known:
            raise InputError(
                "a month that cannot be watched",
                key=key,
                value=month,
                allowed=f"{low} to {last_known}: observed, and unknown to the ensemble ({fitted})",
            )
    begin = date(int(first[:4]), int(first[5:]), 1)
    return ensemble, tuple(months_between(begin, _last_day(last)))


def with_own(series: Series, own: Mapping[str, tuple[Sequence[str], Array]]) -> Series:
    """A series with a user's own months in it, which go before those of the package."""
    if series.name not in own:
        return series
    months, values = own[series.name]
    mine = {m: float(v) for m, v in zip(months, values, strict=True) if np.isfinite(v)}
    return replace(series, months=dict(sorted({**series.months, **mine}.items())))


def figure(series: Series, forecast: Forecast, seed: int) -> dict[str, Any]:
    """What the summary says of one figure: each month, both tests and the verdict.

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
    correlation = correlation_of(paths)
    # half of the rarer false alarms are those of single months
    rates = DRIFT_RATE * rate, OUT_RATE * rate / 2.0
    drift, out = boundaries(correlation, known, rates, PERIOD, seed)
    up, down = sums(scores)
    drifting = first_alarm(scores, drift)
    gone = _earlier(first_alarm(scores, out), first_outlier(scores, OUT_RATE * rate / 2.0, PERIOD))
    verdict: Verdict = "inside"
    if not known.any():
        verdict = "not observed"
    elif gone is not None:
        verdict = "out"
    elif drifting is not None:
        verdict = "drifting"
    alarm = gone or drifting
    edges = quantiles(paths, QUANTILES, forecast.weights)
    first = months[0]
    before = [month for month in series.months if month < first][-SHOWN_MONTHS:]
    return {
        "label": series.label,
        "unit": series.unit,
        "kind": series.kind,
        "decimals": series.decimals,
        "note": series.note,
        "months": list(months),
        "observed": _listed(seen),
        "before": {"months": before, "observed": [series.months[month] for month in before]},
        "bands": {f"{p:g}": _listed(row) for p, row in zip(QUANTILES, edges, strict=True)},
        "scores": _listed(scores),
        "above": _listed(up),
        "below": _listed(down),
        "drift_bounds": _listed(drift),
        "out_bounds": _listed(out),
        "verdict": verdict,
        "alarm": None
        if alarm is None
        else {
            "month": months[alarm.month],
            "since": months[alarm.since],
            "side": "above" if alarm.above else "below",
        },
    }


def overall(verdicts: Sequence[str]) -> str:
    """The verdict on all figures: that of the worst of them."""
    order = ["not observed", *EXIT_CODES]
    worst = max(verdicts, key=order.index)
    return "inside" if worst == "not observed" else worst


def months_csv(summary: Mapping[str, Any]) -> str:
    """Every month of every figure, as the text of a CSV file."""
    header = [
        "figure", "month", "observed", *(f"q{100 * p:g}" for p in QUANTILES), "score",
        "sum_above", "sum_below", "drift_bound", "out_bound",
    ]  # fmt: skip
    rows = []
    for name, one in summary["figures"].items():
        columns = [one["observed"], *one["bands"].values(), one["scores"], one["above"]]
        columns += [one["below"], one["drift_bounds"], one["out_bounds"]]
        rows += [
            [name, month, *values] for month, *values in zip(one["months"], *columns, strict=True)
        ]
    return as_csv(header, rows)


def _earlier(one: Alarm | None, other: Alarm | None) -> Alarm | None:
    there = [alarm for alarm in (one, other) if alarm is not None]
    return min(there, key=lambda alarm: alarm.month, default=None)


def _listed(values: Array) -> list[float | None]:
    return [json_number(value) for value in values]


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])
