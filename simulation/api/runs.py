"""Scenarios checked, run and compared, and tables of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

from simulation.api.asking import (
    Asked,
    ExperimentOptions,
    call_of,
    declared,
    name_of,
    python_errors,
    read_argument,
    warn_rewritten,
)
from simulation.engine.arguments import DAYS
from simulation.engine.trials import Assumptions
from simulation.errors import InputError
from simulation.frames import ComparisonResults, RunResults
from simulation.scenario import scenario_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.engine.progress import Progress

_ASKED = "A scenario, a file, or the name of a shipped scenario."


def check(scenario: Asked, baseline: Asked | None = None, *, days: int | None = None) -> list[str]:
    """Check a scenario before it is run, as `crossings scenario check` does.

    Args:
        scenario: A scenario, a file, or the name of a shipped scenario.
        baseline: What it will be compared with: only levers that this has not are looked at. Of a
            scenario alone it is those that no shipped scenario has.
        days: Days to count from the start; all when None.

    Returns:
        What is to be known before a run, a line each: months beyond the data, and levers
        whose days or amounts look like a slip. None if there is nothing to know.

    Raises:
        InputError: A scenario or the number of days cannot be used.
    """
    from simulation.engine.experiment import notes_before
    from simulation.engine.options import check_days

    with python_errors():
        cases = [scenario_of(asked) for asked in (baseline, scenario) if asked is not None]
        counted = read_argument(DAYS, days)
        for case in cases:
            check_days(counted, case)
        notes = notes_before(cases, days=counted, assumptions=None)
    return [note.text for note in notes]


@declared("run", scenario=_ASKED)
def run(
    scenario: Asked,
    *,
    days: int | None = None,
    seed: int = 1,
    replications: int = 1,
    scale: float = 1.0,
    assumptions: Assumptions = "records",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> RunResults:
    """Run a scenario, as `crossings run` does.

    Returns:
        The tables of the run. Replications that failed are in `failed`.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or no run succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.engine.replications import run_command, run_replications

    with call_of("run", locals()) as call:
        loaded, folder = scenario_of(scenario), call.folder
        options, _ = call.options()
        seeds = range(options.seed, options.seed + call.asked["replications"])
        name = name_of(loaded, folder / "scenario.toml")
        command = run_command(name, loaded, seeds, options)
        outcome = run_replications(loaded, seeds, options, progress=progress, command=command)
        if outcome.findings is None:
            error = next(iter(outcome.failed.values()), "no run was finished")
            raise InputError(f"no run succeeded; the first error: {error}", run_folder=folder)
        if call.asked["out"] is not None:
            from simulation.report.run import ensure_report

            ensure_report(folder, ran=bool(outcome.ran))
            warn_rewritten(outcome.rewritten)
        return call.removed_with(
            RunResults(folder, outcome.findings.as_json(), outcome.ran, outcome.failed)
        )


@declared(
    "compare",
    baseline=f"What the others are compared with. {_ASKED}",
    scenarios="One or more of the same, over the same days.",
)
def compare(
    baseline: Asked,
    *scenarios: Asked,
    replications: int | Literal["auto"] = "auto",
    precision: float = 0.01,
    limit: int = 100,
    set_: int | None = None,
    path: str | float | None = None,
    period: str | int | None = None,
    time: str | float | None = None,
    rank: str = "channel_arrivals",
    margin: str | None = None,
    ladder: bool = False,
    **options: Unpack[ExperimentOptions],
) -> ComparisonResults:
    """Compare scenarios with a baseline, run by run with the same seeds, as `crossings compare`.

    With `replications="auto"` the number of pairs depends on the machine; a number gives the same
    results on any. An interval needs 4 pairs.

    Returns:
        The differences, with their intervals; printed, they are sentences.

    Raises:
        InputError: An argument, a scenario or the folder cannot be used, or no pair succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.engine.time_budget import time_for
    from simulation.studies.compare import Compare, Precision

    if not scenarios:
        raise InputError("nothing to compare with", key="scenarios", allowed="one or more")
    with call_of("compare", {**locals(), **options}) as call:
        asked = call.asked
        pairs = None if asked["replications"] == "auto" else asked["replications"]
        wanted = Precision(
            pairs, asked["precision"], asked["limit"], time_for(pairs, asked["time"])
        )
        cases = [scenario_of(one) for one in (baseline, *scenarios)]
        how, _ = call.options()
        study = Compare(
            cases[0],
            cases[1:],
            wanted,
            asked["ladder"],
            **{name: asked[name] for name in ("set_", "path", "period", "rank", "margin")},
        )
        unused = () if pairs is None else ("precision", "limit", "time")
        return call.conduct(
            ComparisonResults, study, how, call.names(cases), assumptions=how.assumptions,
            **dict.fromkeys(unused),
        )  # fmt: skip
