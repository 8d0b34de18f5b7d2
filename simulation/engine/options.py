"""What every run and experiment is asked, and what of it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from simulation.engine.argument import check_arguments, out_of_range
from simulation.engine.arguments import CLUSTER, COMMON, PERIOD
from simulation.engine.cluster import Cluster, cluster_from
from simulation.engine.fitted_ensembles import drawn_from
from simulation.engine.trials import Assumptions, fitted_ensemble
from simulation.engine.worker_pool import cores
from simulation.errors import InputError
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import Scenario
from simulation.scenario.notes import Note
from simulation.scenario.scenario import asks_the_same
from simulation.scenario.shipped import base_under, base_with_dates


@dataclass(frozen=True)
class Options:
    """The options that all experiments share.

    Attributes:
        seed: Seed of the first run; the others follow it.
        scale: Share of the people simulated.
        days: Days counted; all of the scenario's when None.
        assumptions: `records`, `ranges` or `fitted`; see `Setting`. The commands use
            `default_assumptions` where nothing is asked.
        workers: Processes; one per core when None.
        cluster: A Dask cluster to run on instead.
        out: Folder of the experiment; `results/<kind>-<scenario>/<id>` when None.
        results: Folder under which experiments go when `out` is None.
        announce: Called with the notes before the first run.
        ensemble: The fitted ensemble that is drawn from with `fitted`; the newest of the package
            when None.
    """

    seed: int = 1
    scale: float = 1.0
    days: int | None = None
    assumptions: Assumptions = "records"
    workers: int | None = None
    cluster: Cluster | None = None
    out: Path | None = None
    results: Path = Path("results")
    announce: Callable[[Sequence[Note]], None] | None = None
    ensemble: FittedEnsemble | None = None

    @property
    def processes(self) -> int | None:
        """Processes that share the runs; None on a cluster, which has the workers it has."""
        return None if self.cluster is not None else self.workers or cores()


def take_options(asked: dict[str, Any], warn: Callable[[str], object], **more: Any) -> Options:
    """The options of a run or an experiment, taken out of all that was asked.

    Args:
        asked: Values by name; those of the study itself stay in it.
        warn: Called with the warning of a cluster, if it has one.
        more: Further fields of the options.

    Raises:
        InputError: An ensemble or a cluster cannot be used.
    """
    cluster = cluster_from(**{one.name: asked.pop(one.name, None) for one in CLUSTER})
    if cluster is not None and cluster.warning is not None:
        warn(cluster.warning)
    assumptions, ensemble = drawn_from(asked.pop("assumptions"), asked.pop("ensemble", None))
    more |= {name: asked.pop(name) for name in ("seed", "scale", "days", "workers", "out")}
    return Options(cluster=cluster, assumptions=assumptions, ensemble=ensemble, **more)


def check_options(options: Options, scenario: Scenario) -> None:
    """Refuse options that no run or experiment can have.

    Raises:
        InputError: An option cannot be used, or there is no fitted ensemble.
    """
    check_arguments(COMMON, options)
    check_days(options.days, scenario)
    if options.assumptions == "fitted" and options.ensemble is None:
        fitted_ensemble()  # or say at once that there is none
    if options.workers is not None and options.cluster is not None:
        raise InputError(
            "goes with no cluster, which has the workers it has",
            key="--workers",
            value=options.workers,
            allowed="--workers or --scheduler, not both",
        )


def check_days(days: int | None, scenario: Scenario) -> None:
    """Refuse a number of days that a scenario does not have.

    Raises:
        InputError: It is out of range.
    """
    start, end = scenario.run.start, scenario.run.end
    length = (end - start).days + 1
    if days is not None and not 1 <= days <= length:
        text = f"1 to {length} (the scenario runs from {start} to {end})"
        raise out_of_range("--days", days, text)


def days_of_period(period: str | None, days: int | None, scenario: Scenario) -> tuple[date, date]:
    """First and last day that are counted.

    Args:
        period: Years, such as `2027` or `2027..2028`; all days when None.
        days: Days of the run; all of the scenario's when None.
        scenario: The scenario.

    Raises:
        InputError: It is no span of years, or holds no day of the run.
    """
    start, end = scenario.run.start, scenario.run.end
    end = end if days is None else start + timedelta(days=days - 1)
    if period is None:
        return start, end
    span = re.fullmatch(r"(\d{4})(?:\.\.(\d{4}))?", period.strip())
    first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
    if not start.year <= first <= last <= end.year:
        example = f"{start.year}" if start.year == end.year else f"{start.year}..{end.year}"
        text = f"a year or a span such as {example} (the run is from {start} to {end})"
        raise out_of_range(PERIOD.option, period, text)
    return max(start, date(first, 1, 1)), min(end, date(last, 12, 31))


def check_together(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios that cannot be compared, or need not be.

    Raises:
        InputError: Their dates differ, or two of them ask for the same.
    """
    first = scenarios[0]
    for other in scenarios[1:]:
        for key in ("start", "end", "warm_up_days"):
            wanted, value = getattr(first.run, key), getattr(other.run, key)
            if wanted != value:
                shown = value.isoformat() if isinstance(value, date) else value
                raise InputError(
                    f'differs from "{first.title}", and runs are compared day by day',
                    file=other.file,
                    key=f"run.{key}",
                    value=shown,
                    allowed=f"{wanted}{_sibling(other)}",
                )
    for number, other in enumerate(scenarios):
        for before in scenarios[:number]:
            if asks_the_same(before, other):
                raise InputError(
                    f'asks for the same as "{before.title}" in all but names: there is nothing to '
                    "compare, and nothing was run",
                    file=other.file,
                    value=None if other.file else other.title,
                    allowed="scenarios that differ",
                )


def _sibling(scenario: Scenario) -> str:
    """Which shipped scenario to compare another one with, whose days it runs."""
    # of a scenario that stands on a shipped one only that: others differ in policies not its own
    name, under = base_with_dates(scenario.run.start, scenario.run.end), base_under(scenario)
    itself = scenario.file is not None and scenario.slug == name
    other = ""
    if name is not None and not itself and under in (None, name):
        other = f', or compare it with "{name}", which runs the same days'
    elif scenario.parent_on_its_days is not None:
        other = ", or give it alone, to compare it with what it extends"
    return f" (set the dates in [run]{other})"
