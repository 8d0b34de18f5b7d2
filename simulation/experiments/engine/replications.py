"""Run replications of a scenario into a folder; go on where an earlier attempt ended."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError
from simulation.experiments.engine import preflight
from simulation.experiments.engine.identity import RunIdentity, model_hash
from simulation.experiments.engine.precompile import warm
from simulation.experiments.engine.record_tables import Labels, record_tables
from simulation.experiments.engine.result_folder import reason
from simulation.experiments.engine.run_folder import RunFolder, folder_of
from simulation.experiments.engine.trials import (
    Assumptions,
    fitted_entry,
    fitted_hash,
    parameters_of,
)
from simulation.experiments.engine.worker_pool import Crew, FatalError, cores, describe
from simulation.outcomes import RunRecord

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.scenario import Scenario
    from simulation.scenario.notes import Note

#: signature of `simulation.model.simulate`
Simulate = Callable[..., RunRecord]

#: least and most; below the first, one agent stands for more people than a boat holds
SCALES = (0.02, 20.0)


@dataclass(frozen=True)
class Progress:
    """How far a command is.

    Attributes:
        days: Days simulated so far, all replications together.
        days_total: Days to simulate, all replications together.
        finished: Replications finished, those of an earlier attempt included.
        failed: Replications that failed.
        replications: Replications asked for.
        date: Simulated day, when one replication runs at a time.
    """

    days: int
    days_total: int
    finished: int
    failed: int
    replications: int
    date: date | None = None


@dataclass(frozen=True)
class RunResult:
    """What a command left behind.

    Attributes:
        folder: The run's folder.
        summary: Content of `summary.json`; None when no replication finished.
        failed: Seed -> error of the replications that failed.
        ran: Replications run by this command; 0 when all were there already.
        made_again: Files of a complete run that had changed since and were made again.
    """

    folder: Path
    summary: dict[str, Any] | None
    failed: dict[int, str]
    ran: int
    made_again: tuple[str, ...] = ()


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run or an experiment; what was finished has been written.

    Attributes:
        folder: Its folder.
        finished: Replications finished.
        replications: Replications asked for; of an experiment that goes by stages, so far.
    """

    def __init__(self, folder: Path, finished: int, replications: int) -> None:
        super().__init__(f"interrupted, {finished} of {replications} replications finished")
        self.folder = folder
        self.finished = finished
        self.replications = replications


def identify(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    scale: float = 1.0,
    days: int | None = None,
    assumptions: Assumptions = "records",
) -> RunIdentity:
    """Check what is asked for and give the run its identity.

    Args:
        scenario: A loaded scenario.
        seeds: One seed per replication, all different.
        scale: Share of the people to simulate.
        days: Days to count; all of the scenario's when None.
        assumptions: `records`, `ranges` or `fitted`; see `trials.Setting`.

    Returns:
        The identity.

    Raises:
        InputError: Seeds, scale or days cannot be used, or there is no fitted ensemble.
    """
    from simulation.parameters import load_parameters

    length = (scenario.run.end - scenario.run.start).days + 1
    if not seeds:
        raise InputError("too few", key="--replications", value=len(seeds), allowed="1 or more")
    if min(seeds) < 0 or max(seeds) >= 2**63:
        bad = min(seeds) if min(seeds) < 0 else max(seeds)
        raise InputError("out of range", key="--seed", value=bad, allowed="0 to 2^63 - 1")
    if len(set(seeds)) != len(seeds):
        raise InputError("a seed is given twice", key="--seed", value=str(list(seeds)))
    if not SCALES[0] <= scale <= SCALES[1]:
        raise InputError(
            "out of range", key="--scale", value=scale, allowed=f"{SCALES[0]:g} to {SCALES[1]:g}"
        )
    if days is not None and not 1 <= days <= length:
        raise InputError(
            "out of range",
            key="--days",
            value=days,
            allowed=f"1 to {length} (the scenario runs from {scenario.run.start} "
            f"to {scenario.run.end})",
        )
    return RunIdentity(
        title=scenario.title,
        scenario_hash=scenario.hash(),
        parameter_hash=load_parameters(scenario.parameters).hash(),
        assumptions=assumptions,
        fitted_hash=fitted_hash(assumptions),
        model_hash=model_hash(),
        seeds=tuple(seeds),
        scale=float(scale),
        days=length if days is None else days,
    )


def run_replications(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    scale: float = 1.0,
    days: int | None = None,
    assumptions: Assumptions = "records",
    out: Path | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    command: str | None = None,
    simulate: Simulate | None = None,
    corridor: Corridor | None = None,
    results: Path = Path("results"),
    announce: Callable[[Sequence[Note]], None] | None = None,
) -> RunResult:
    """Run one replication per seed and write the result folder.

    A replication is written as soon as it is finished. The same call again, after an interruption
    or a failure, runs only what is missing; after completion it runs nothing, unless a table has
    changed since: then all are run again. A replication that fails is recorded and the others go
    on. Results do not depend on the number of workers.

    Args:
        scenario: A loaded scenario.
        seeds: One seed per replication.
        scale: Share of the people to simulate, 0.02 to 20; counts are scaled back.
        days: Days to count; all of the scenario's when None.
        assumptions: `records` for recorded values; `ranges` or `fitted` for each seed to draw its
            own, the same that an experiment draws with it.
        out: Folder of this run; `results/<scenario>/<run id>` when None.
        workers: Processes; as many as cores when None. One replication runs in this process.
        progress: Called as the run goes on.
        command: Command that reproduces the run, for the manifest.
        simulate: Stands in for `simulation.model.simulate`.
        corridor: The corridor; the package's own when None.
        results: Folder under which runs go when `out` is None.
        announce: Called with what is to be known before the first run.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: An argument or the folder cannot be used; nothing has been written.
        Interrupted: Ctrl-C; what was finished is written and readable.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if workers is not None and workers < 1:
        raise InputError("too few", key="--workers", value=workers, allowed="1 or more")
    identity = identify(scenario, seeds, scale=scale, days=days, assumptions=assumptions)
    path = out if out is not None else folder_of(identity, scenario.slug, results)
    folder = RunFolder(path)
    folder.check(identity)
    notes = preflight.notes_before([scenario], days=days, assumptions=assumptions)
    if announce is not None:
        announce(notes)
    complete, changed = folder.is_complete(), folder.changes_since_complete()
    if complete and not changed.problem and (summary := folder.summary()) is not None:
        return RunResult(path, summary, {}, 0)
    if simulate is None:
        simulate = model_simulate()
    if corridor is None:
        from simulation.corridor import load_corridor

        corridor = load_corridor()
    start = scenario.run.start
    try:
        # within, for what goes wrong after it took the lock must give it back as well
        folder.claim(
            identity,
            scenario.resolved_toml(),
            {
                "title": scenario.title,
                "description": scenario.description,
                "start": start.isoformat(),
                "end": (start + timedelta(days=identity.days - 1)).isoformat(),
                **preflight.kept(start, identity.days, notes),
                "fitted": fitted_entry(assumptions),
                "command": command or _command(path, identity),
            },
        )
        # tables without a checksum could hold anything
        doubtful = folder.tables.intersection((*changed.names, *changed.added))
        if complete and changed.recorded and not doubtful:
            return RunResult(path, folder.close_again(), {}, 0, changed.names)
        run = _Run(scenario, identity, folder, simulate, corridor, progress)
        return replace(run.all(workers or cores()), made_again=changed.names)
    finally:
        folder.release()


def model_simulate() -> Simulate:
    """The model, imported when it is needed."""
    from simulation.model import simulate

    return simulate


@dataclass
class _Replication:
    """One replication, simulated and written; runs in a worker or here."""

    scenario: Scenario
    identity: RunIdentity
    folder: RunFolder
    simulate: Simulate
    corridor: Corridor

    def __call__(self, number: int, report: Callable[[date], None]) -> None:
        seed = self.identity.seeds[number]
        record = self.simulate(
            self.scenario,
            seed=seed,
            scale=self.identity.scale,
            days=self.identity.days,
            parameters=parameters_of(self.scenario, self.identity.assumptions, seed),
            corridor=self.corridor,
            on_day=report,
        )
        labels = Labels(
            tuple(leg.id for leg in self.corridor.legs),
            tuple(place.id for place in self.corridor.places),
            tuple(authority.code for authority in self.corridor.authorities),
        )
        try:
            self.folder.write_part(number, record_tables(record, number, labels))
        except OSError as error:  # a full disk, which no other replication would find empty
            raise FatalError(reason(error)) from error


class _Run:
    """The replications of one command, with their progress."""

    def __init__(
        self,
        scenario: Scenario,
        identity: RunIdentity,
        folder: RunFolder,
        simulate: Simulate,
        corridor: Corridor,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        # workers must not carry the parent's lock with them
        bare = RunFolder(folder.path)
        self.replication = _Replication(scenario, identity, bare, simulate, corridor)
        self.identity = identity
        self.folder = folder
        self.start: date = scenario.run.start
        self.progress = progress
        self.finished = folder.finished()
        self.failed: dict[int, str] = {}
        self.under_way: dict[int, int] = {}

    def all(self, workers: int) -> RunResult:
        """Run what is missing, join everything, and say what was done."""
        missing = [n for n in range(len(self.identity.seeds)) if n not in self.finished]
        self._tell(None)
        try:
            if len(missing) == 1 or workers == 1:
                self._here(missing)
            elif missing:
                task = self.replication
                warm(task.simulate, task.scenario, task.corridor)
                with Crew(self.replication, workers) as crew:
                    crew.run(missing, self._event)
        except KeyboardInterrupt:
            self._join("interrupted")
            raise Interrupted(
                self.folder.path, len(self.folder.finished()), len(self.identity.seeds)
            ) from None
        except InputError:
            self._join("interrupted")
            raise
        except FatalError as error:
            self.folder.remove_scraps()
            with contextlib.suppress(InputError):
                self._join("interrupted")
            raise self._stopped(str(error)) from error
        summary = self._join("complete")
        failed = {self.identity.seeds[number]: text for number, text in self.failed.items()}
        return RunResult(self.folder.path, summary, failed, len(missing))

    def _join(self, status: str) -> dict[str, Any] | None:
        """Join what is finished; where that cannot be written, it waits in its parts."""
        try:
            return self.folder.join(self.failed, status)
        except OSError as error:
            self.folder.remove_scraps()
            raise self._stopped(reason(error)) from error

    def _stopped(self, why: str) -> InputError:
        finished, asked = len(self.folder.finished()), len(self.identity.seeds)
        return InputError(
            f"the folder cannot be written to ({why}); {finished} of {asked} replications are "
            "finished and kept, and the same command goes on from there",
            key="--out",
            value=str(self.folder.path),
        )

    def _here(self, missing: list[int]) -> None:
        for number in missing:

            def on_day(day: date, number: int = number) -> None:
                self._event(number, "progress", day)

            try:
                self.replication(number, on_day)
            except (InputError, FatalError):
                raise
            except Exception as error:
                self._event(number, "failed", describe(error))
            else:
                self._event(number, "done", None)

    def _event(self, number: int, kind: str, details: Any) -> None:
        if kind == "progress":
            self.under_way[number] = max(0, (details - self.start).days + 1)
            self._tell(details)
            return
        self.under_way.pop(number, None)
        if kind == "done":
            self.finished.add(number)
        else:
            self.failed[number] = str(details)
        self._tell(None)

    def _tell(self, day: date | None) -> None:
        if self.progress is None:
            return
        ended = len(self.finished) + len(self.failed)
        replications = len(self.identity.seeds)
        self.progress(
            Progress(
                days=ended * self.identity.days + sum(self.under_way.values()),
                days_total=replications * self.identity.days,
                finished=len(self.finished),
                failed=len(self.failed),
                replications=replications,
                date=day,
            )
        )


def _command(path: Path, identity: RunIdentity) -> str:
    """A command that reproduces a run from its own folder."""
    return run_command(str(path / "scenario.toml"), identity)


def argument(file: str) -> str:
    """The name of a file as an argument of a command, which is not taken for an option."""
    return f".{os.sep}{file}" if file.startswith("-") else file


def run_command(scenario: str, identity: RunIdentity, *options: str) -> str:
    """The `crossings run` command of an identity, quoted for a shell."""
    return shlex.join(
        [
            "crossings",
            "run",
            argument(scenario),
            "--days",
            str(identity.days),
            "--seed",
            str(identity.seeds[0]),
            "--replications",
            str(len(identity.seeds)),
            "--scale",
            str(identity.scale),
            "--assumptions",
            identity.assumptions,
            *options,
        ]
    )
