"""The model from Python: what `crossings run` and `crossings compare` do, as data frames.

    from simulation import Scenario, compare, run

    baseline = Scenario.load("baseline")
    print(compare(baseline, baseline.with_(funding=[...]), scale=0.05, days=60))

Settings, seeds and results are those of the commands, to the last bit: `docs/python.md`.
"""

from __future__ import annotations

import operator
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from simulation.errors import InputError, unknown_word
from simulation.experiments.engine.trials import Assumptions
from simulation.frames import ComparisonResults, Results, RunResults, forget_folder
from simulation.scenario import Scenario, load_scenario, shipped_scenarios

if TYPE_CHECKING:
    from simulation.experiments.engine.progress import Progress

#: a scenario, a file, or the name of one that is shipped
Asked = Scenario | str | Path

__all__ = [
    "Asked",
    "Assumptions",
    "ComparisonResults",
    "InputError",
    "RunResults",
    "Scenario",
    "check",
    "compare",
    "run",
    "shipped_scenarios",
]


def check(scenario: Asked, baseline: Asked | None = None, *, days: int | None = None) -> list[str]:
    """Check a scenario before it is run, as `crossings scenario check` does.

    Args:
        scenario: A scenario, a file, or the name of a shipped scenario.
        baseline: What it will be compared with: only levers that this has not are looked at. Of a
            scenario alone it is those that no shipped scenario has.
        days: Days to count from the start; all when None.

    Returns:
        What is to be known before a run, a line each: months beyond the data, and levers that
        cannot act or of which little can be seen. None if there is nothing to know.

    Raises:
        InputError: A scenario or the number of days cannot be used.
    """
    from simulation.experiments.engine.experiment import notes_before
    from simulation.experiments.engine.options import check_days

    with _arguments():
        cases = [_scenario(asked) for asked in (baseline, scenario) if asked is not None]
        counted = _unless_none(_whole, "days", days)
        for case in cases:
            check_days(counted, case)
        found = notes_before(cases, days=counted, assumptions=None)
    return [note.text for note in found]


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

    Args:
        scenario: A scenario, a file, or the name of a shipped scenario.
        days: Days to count from the scenario's start; all when None.
        seed: Seed of the first run; the others follow it.
        replications: How many runs.
        scale: Share of the people to simulate, 0.02 to 1; counts are scaled back.
        assumptions: `records` for every assumption at its value; `ranges` or `fitted` for each
            seed to draw its own.
        out: Folder to keep the results and `report.html` in; the same call again goes on there and
            runs nothing twice. None keeps nothing.
        workers: Processes; one per core when None.
        progress: Called as runs go on.

    Returns:
        The tables of the run. Replications that failed are in `failed`.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or no run succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.experiments.engine.options import Options
    from simulation.experiments.engine.replications import run_command, run_replications

    with _arguments(), _folder(out) as folder:
        loaded = _scenario(scenario)
        first = _whole("seed", seed)
        seeds = range(first, first + _whole("replications", replications))
        options = Options(
            scale=_number("scale", scale),
            days=_unless_none(_whole, "days", days),
            assumptions=_assumptions(assumptions),
            workers=_unless_none(_whole, "workers", workers),
            out=folder,
        )
        name = _name(loaded, folder / "scenario.toml")
        command = run_command(name, loaded, seeds, options)
        found = run_replications(loaded, seeds, options, progress=progress, command=command)
        if found.findings is None:
            error = next(iter(found.failed.values()), "no run was finished")
            raise InputError(f"no run succeeded; the first error: {error}", kept=folder)
        if out is not None:
            from simulation.report import ensure_report

            ensure_report(folder, ran=bool(found.ran))
            _warn(found.made_again)
        return _forget_unless_asked(
            RunResults(folder, found.findings.as_json(), found.ran, found.failed), out
        )


def compare(
    baseline: Asked,
    *scenarios: Asked,
    replications: int | Literal["auto"] = "auto",
    precision: float = 0.01,
    limit: int = 100,
    time: str | float | None = None,
    ladder: bool = False,
    days: int | None = None,
    seed: int = 1,
    scale: float = 1.0,
    assumptions: Assumptions | None = None,
    ensemble: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    tls_ca: str | Path | None = None,
    tls_cert: str | Path | None = None,
    tls_key: str | Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> ComparisonResults:
    """Compare scenarios with a baseline, run by run with the same seeds, as `crossings compare`.

    Args:
        baseline: What the others are compared with: a scenario, a file, or a shipped name.
        *scenarios: One or more of the same, over the same days.
        replications: Pairs of runs, 2 or more; `auto` adds pairs until `precision` is reached or
            `time` is over. An interval needs 4.
        precision: Half-width wanted of the interval of the difference in arrivals, as a share of
            the baseline's arrivals.
        limit: Most pairs with `auto`.
        time: Time after which `auto` adds no more pairs: `"90s"`, `"3m"`, `"1h"`, or a number of
            minutes; None for 3 minutes. How many pairs there are then depends on the machine;
            `replications` gives the same numbers on any.
        ladder: Find also what each response of smugglers takes back.
        days: Days to count from the start; all when None.
        seed: Seed of the first pair; the others follow it.
        scale: Share of the people to simulate, 0.02 to 1; counts are scaled back.
        assumptions: `records`, `ranges` or `fitted`; None for `fitted` where the package holds a
            fit and `records` where it holds none.
        ensemble: Fitted sets to draw from: a window as "2021-01..2023-12", or a file that
            `crossings fit` wrote; None for the newest window of the package.
        out: Folder to keep the results and `report.html` in; the same call again goes on there and
            runs nothing twice. None keeps nothing.
        workers: Processes; one per core when None.
        scheduler: Address of a Dask scheduler to run on instead, `tcp://host:port` or
            `tls://host:port`.
        tls_ca: Certificate of the authority of the cluster, with `tls://`; in PEM form, like the
            two others. None for what the configuration of Dask names.
        tls_cert: Certificate of this client, which that authority signed.
        tls_key: Its private key.
        progress: Called as runs go on.

    Returns:
        The differences, with their intervals; printed, they are told in words.

    Raises:
        InputError: An argument, a scenario or the folder cannot be used, or no pair succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.experiments.engine.cluster import cluster_from
    from simulation.experiments.engine.command_text import command_text
    from simulation.experiments.engine.fitted_ensembles import drawn_from
    from simulation.experiments.engine.options import Options
    from simulation.experiments.engine.time_budget import time_for
    from simulation.experiments.studies.compare import Compare, Precision
    from simulation.experiments.study import conduct

    if not scenarios:
        raise InputError("nothing to compare with", key="scenarios", allowed="one or more")
    with _arguments(), _folder(out) as folder:
        pairs = None if replications == "auto" else _whole("replications", replications)
        wanted = Precision(
            pairs, _number("precision", precision), _whole("limit", limit), time_for(pairs, time)
        )
        cluster = cluster_from(scheduler, tls_ca, tls_cert, tls_key)
        if cluster is not None and cluster.warning is not None:
            warnings.warn(cluster.warning, stacklevel=2)
        drawn, fitted = drawn_from(
            None if assumptions is None else _assumptions(assumptions),
            None if ensemble is None else str(ensemble),
        )
        options = Options(
            seed=_whole("seed", seed),
            scale=_number("scale", scale),
            days=_unless_none(_whole, "days", days),
            assumptions=drawn,
            workers=_unless_none(_whole, "workers", workers),
            cluster=cluster,
            out=folder,
            ensemble=fitted,
        )
        cases = [_scenario(asked) for asked in (baseline, *scenarios)]
        copies = folder / "scenarios"
        auto = pairs is None
        command = command_text(
            "compare",
            [_name(case, copies / f"{n}-{case.slug}.toml") for n, case in enumerate(cases)],
            {
                "replications": replications,
                "precision": wanted.half_width if auto else None,
                "limit": wanted.limit if auto else None,
                "time": time if auto else None,
                "ladder": bool(ladder),
                "days": options.days,
                "seed": options.seed,
                "scale": options.scale,
                "assumptions": options.assumptions,
                "ensemble": ensemble,
                "out": folder,
            },
        )
        found = conduct(
            Compare(cases[0], cases[1:], wanted, bool(ladder)),
            options,
            command=command,
            progress=progress,
        )
        if out is not None:
            from simulation.experiments.engine.result_folder import ResultFolder
            from simulation.report import write_experiment_report

            write_experiment_report(folder)
            manifest = ResultFolder(folder).manifest()
            _warn(manifest.made_again if manifest else ())
        return _forget_unless_asked(
            ComparisonResults(folder, found.findings.as_json(), found.ran), out
        )


def _scenario(asked: Asked) -> Scenario:
    return asked if isinstance(asked, Scenario) else load_scenario(asked)


def _name(scenario: Scenario, copy: Path) -> str:
    """What a command calls a scenario: a shipped name, its file, or the copy that results keep."""
    if scenario.file is None:
        return str(copy)
    shipped = shipped_scenarios().get(scenario.slug) == scenario.file
    return scenario.slug if shipped else str(scenario.file)


@contextmanager
def _folder(out: str | Path | None) -> Iterator[Path]:
    """The folder to write to; one that nobody asked for is gone when nothing comes of it."""
    if out is not None:
        if not str(out).strip():
            raise InputError("no name of a folder", key="out", value=str(out))
        yield Path(out)
        return
    folder = Path(tempfile.mkdtemp(prefix="crossings-"))
    try:
        yield folder
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, InputError):
            error.kept = None
        raise


def _warn(made_again: Sequence[str]) -> None:
    """Say which files of an earlier call had changed since, and were made again."""
    from simulation.wording import differences as wording

    if made_again:
        warnings.warn(wording.made_again(made_again), stacklevel=3)


def _forget_unless_asked[R: Results](results: R, out: str | Path | None) -> R:
    """Return the results; without `out`, their folder is removed when they are gone."""
    if out is None:
        forget_folder(results, results.folder)
    return results


@contextmanager
def _arguments() -> Iterator[None]:
    """Errors name the arguments of a function, where commands have options."""
    try:
        yield
    except InputError as error:
        if error.key is not None and error.key.startswith("--"):
            error.key = error.key.removeprefix("--")
        raise


def _read[N: float](
    read: Callable[[Any], N], problem: str, allowed: str, key: str, value: Any
) -> N:
    """A number, of Python or NumPy."""
    try:
        return read(value)
    except (TypeError, ValueError):
        raise InputError(problem, key=key, value=str(value), allowed=allowed) from None


_whole = partial(_read, operator.index, "not a whole number", "such as 12")
_number = partial(_read, float, "not a number", "a number such as 0.5")


def _unless_none[T](read: Callable[[str, Any], T], key: str, value: Any) -> T | None:
    return None if value is None else read(key, value)


def _assumptions(value: Assumptions) -> Assumptions:
    known = get_args(Assumptions)
    if value not in known:
        raise unknown_word("unknown word", str(value), known, key="assumptions")
    return value
