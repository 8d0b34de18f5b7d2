"""An experiment's folder, its runs, and what becomes of both when it ends, is stopped or fails."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from simulation.corridor import load_corridor
from simulation.corridor.in_use import data_entry
from simulation.errors import InputError
from simulation.experiments.engine import preflight
from simulation.experiments.engine.checksums import FILES, SCENARIOS, Changes
from simulation.experiments.engine.cluster import Cluster
from simulation.experiments.engine.identity import code_commit, model_hash, package_versions
from simulation.experiments.engine.local_executor import Executor, LocalExecutor
from simulation.experiments.engine.measures import Axes
from simulation.experiments.engine.replications import Interrupted, Progress
from simulation.experiments.engine.result_folder import ResultFolder, now
from simulation.experiments.engine.runs import Ensemble
from simulation.experiments.engine.trials import (
    Assumptions,
    Case,
    Setting,
    fitted_ensemble,
    fitted_entry,
    fitted_hash,
)
from simulation.experiments.engine.worker_pool import FatalError, cores
from simulation.experiments.findings import DESIGNS, Finding
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import Scenario
from simulation.scenario.notes import Note
from simulation.scenario.shipped import base_under, base_with_dates

FORMAT = 1


@dataclass(frozen=True)
class Options:
    """What every experiment can be told.

    Attributes:
        seed: Seed of the first run; the others follow it.
        scale: Share of the people simulated.
        days: Days counted; all of the scenario's when None.
        assumptions: `records`, `ranges` or `fitted`; see `Setting`. The commands ask
            `default_assumptions` where they are not told.
        workers: Processes; one per core when None.
        cluster: A Dask cluster to run on instead.
        out: Folder of the experiment; `results/<kind>-<scenario>/<id>` when None.
        results: Folder under which experiments go when `out` is None.
        announce: Called with what is to be known before the first run.
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


@dataclass(frozen=True)
class Identity:
    """What the numbers of an experiment depend on; how many runs it has is not part of it.

    Attributes:
        kind: `compare`, `sweep`, ...
        cases: Title and hash of each scenario it starts from.
        settings: What else it was asked, as JSON knows it.
        seed: Seed of the first run.
        scale: Share of the people simulated.
        days: Days counted.
        assumptions: `records`, `ranges` or `fitted`.
        fitted_hash: Hash of the fitted ensemble that is drawn from; None where none is.
        model_hash: Hash of the package's code and data files.
    """

    kind: str
    cases: list[list[str]]
    settings: dict[str, Any]
    seed: int
    scale: float
    days: int
    assumptions: str
    fitted_hash: str | None
    model_hash: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in `manifest.json`."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return content

    @property
    def experiment_id(self) -> str:
        """Name of the experiment's folder: `s1-3f2a9c1d`."""
        text = json.dumps(self.as_json(), sort_keys=True)
        return f"s{self.seed}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


#: experiments on what has happened: a dated lever that has no day in their window is no mistake
_OF_THE_PAST = frozenset({"fit", "backtest", "monitor"})


class ExperimentFolder(ResultFolder):
    """One experiment's folder; its runs lie in a journal beside the results."""

    kind = "experiment"

    @property
    def journal(self) -> Path:
        """Where the finished runs lie."""
        return self.path / "runs"


class Experiment:
    """An experiment under way: use as a context manager, and call `finish` at its end.

    Args:
        kind: `compare`, `sweep`, ...
        scenarios: What it starts from; the first gives the dates, and the folder its name when
            there is one only.
        options: What it was told.
        settings: What else its numbers depend on, as JSON knows it.
        model: Hash of the code and data its numbers depend on; of the package when None.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for `simulation.model.simulate`.

    Raises:
        InputError: Something asked for cannot be used; nothing has been written.
    """

    def __init__(
        self,
        kind: str,
        scenarios: Sequence[Scenario],
        options: Options,
        *,
        settings: Mapping[str, Any] | None = None,
        model: str | None = None,
        command: str = "",
        progress: Callable[[Progress], None] | None = None,
        simulate: Callable[..., Any] | None = None,
    ) -> None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        first = scenarios[0]
        check_together(scenarios)
        check_options(options, first)
        length = (first.run.end - first.run.start).days + 1
        self.options = options
        self.setting = Setting(
            scale=options.scale,
            days=options.days or length,
            assumptions=options.assumptions,
            simulate=simulate,
            ensemble=options.ensemble,
        )
        self.identity = Identity(
            kind=kind,
            cases=[[scenario.title, scenario.hash()] for scenario in scenarios],
            settings=dict(settings or {}),
            seed=options.seed,
            scale=options.scale,
            days=self.setting.days,
            assumptions=options.assumptions,
            fitted_hash=fitted_hash(options.assumptions, options.ensemble),
            model_hash=model_hash() if model is None else model,
        )
        name = f"{kind}-{scenarios[-1].slug}"
        path = options.out or options.results / name / self.identity.experiment_id
        self.folder = ExperimentFolder(path)
        self.folder.check_identity(self.identity.as_json())
        self.axes = Axes(
            first.run.start,
            first.run.start + timedelta(days=self.setting.days - 1),
            tuple(leg.id for leg in load_corridor().legs),
        )
        #: what is to be known before the first run; an experiment may add to it until then
        self.notes = [
            note
            for note in preflight.notes_before(
                scenarios,
                days=options.days,
                assumptions=self._assumed,
                ensemble=options.ensemble,
            )
            if kind not in _OF_THE_PAST or not note.lever
        ]
        self._scenarios = scenarios
        #: command that reproduces it; one that finds out how many runs it takes says so in it
        self.command = command
        #: what else the manifest says of how it was run
        self.noted: dict[str, Any] = {}
        self._progress = progress
        #: manifest of an earlier attempt that came to its end, and the files that changed since
        self._complete: dict[str, Any] | None = None
        self._changed = Changes()
        self._executor: Executor | None = None
        self._ensemble: Ensemble | None = None

    @property
    def ensemble(self) -> Ensemble:
        """The runs."""
        assert self._ensemble is not None, "enter the experiment first"
        return self._ensemble

    @property
    def planned(self) -> int:
        """Runs that were asked for so far, those of an earlier attempt among them."""
        return self.ensemble.planned

    def seeds(self, count: int, first: int = 0) -> range:
        """Seeds of runs number `first` to `first + count - 1`."""
        return range(self.options.seed + first, self.options.seed + first + count)

    @property
    def _assumed(self) -> Assumptions:
        """The assumptions of the runs; a design of its own varies them over their ranges."""
        return "ranges" if self.identity.kind in DESIGNS else self.options.assumptions

    def note_cases(self, base: Case, cases: Sequence[Case], noun: str) -> None:
        """Add notes on the cases that can change nothing; to be called before it is entered.

        Args:
            base: What the cases are compared with.
            cases: The cases.
            noun: What they are, in the plural.
        """
        found = {case.name: case.scenario for case in cases if not case.assumptions}
        self.notes += preflight.notes_on_cases(
            base.scenario,
            found,
            noun,
            days=self.options.days,
            assumptions=self._assumed,
            ensemble=self.options.ensemble,
        )

    def __enter__(self) -> Experiment:
        # before anything is written: a cluster that is not there is bad input
        self._executor = self._make_executor().__enter__()
        try:
            if self.options.announce is not None:
                self.options.announce(self.notes)
            self._open()
        except BaseException:
            self._executor.__exit__(None, None, None)
            self.folder.release()
            raise
        return self

    def _open(self) -> None:
        """Take the folder and find what an earlier attempt left in it."""
        assert self._executor is not None
        try:
            self.folder.take()
            earlier = self.folder.manifest() or {}
            self._complete = earlier if earlier.get("status") == "complete" else None
            self._changed = self.folder.changes_since_complete()
            # first, for a folder with anything else in it and no manifest is nobody's
            self._write_manifest("running", {})
            self.folder.journal.mkdir(exist_ok=True)
            (self.folder.path / SCENARIOS).mkdir(exist_ok=True)
            for number, scenario in enumerate(self._scenarios):
                self.folder.write_text(
                    f"{SCENARIOS}/{self._file_name(number, scenario)}", scenario.resolved_toml()
                )
            self._ensemble = Ensemble(
                self.folder.journal, self._executor, self.setting.days, self._progress
            )
        except OSError as error:
            reason = error.strerror or error
            raise self.folder.unusable(f"cannot be written ({reason})") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._executor is not None
        try:
            self._executor.__exit__(kind, error, trace)
            if error is None:
                # with the lock in it, so not before the last file is written
                shutil.rmtree(self.folder.parts, ignore_errors=True)
                return
            if isinstance(error, KeyboardInterrupt):
                self._leave("interrupted")
                finished = self.ensemble.taken_over + self.ensemble.ran
                raise Interrupted(self.folder.path, finished, self.planned) from None
            if isinstance(error, (FatalError, OSError)):
                self._leave("stopped")
                reason = getattr(error, "strerror", None) or error
                raise self._stopped(str(reason)) from error
            if isinstance(error, InputError):
                self._leave("stopped")
        finally:
            self.folder.release()

    def finish(
        self,
        summary: Finding | Mapping[str, Any],
        cases: Sequence[Case],
        seeds: Sequence[int],
        *,
        own_seeds: Sequence[Sequence[int]] | None = None,
        tables: bool = True,
    ) -> dict[str, Any]:
        """Write the tables, the summary and the manifest, after which nothing else is written.

        Args:
            summary: What the experiment found, as JSON knows it.
            cases: The cases to write tables of.
            seeds: The seeds they share, or all there are.
            own_seeds: The seeds of each case, where they share none.
            tables: Whether to write tables of the runs at all.

        Returns:
            The summary as written.
        """
        from simulation.experiments.engine.experiment_tables import write_run_tables

        ensemble = self.ensemble
        content: dict[str, Any] = {
            "kind": self.identity.kind,
            "experiment_id": self.identity.experiment_id,
            "scale": self.setting.scale,
            "assumptions": self.setting.assumptions,
            "fitted": fitted_entry(self.setting.assumptions, self.setting.ensemble),
            "start": self.axes.start.isoformat(),
            "end": self.axes.end.isoformat(),
            **self._kept(),
            "replications": len(seeds),
            "seeds": list(seeds),
            "failed": [failure._asdict() for failure in ensemble.failures(cases)],
            **(summary.as_json() if isinstance(summary, Finding) else summary),
        }
        if tables:
            write_run_tables(self.folder, ensemble, self.axes, cases, seeds, own_seeds)
        self.folder.write_json("summary.json", content)
        checksums = self.folder.checksums()
        new = ensemble.ran or ensemble.failed or ensemble.damage or self._changed.names
        if self._complete is not None and not new and self._complete.get(FILES) == checksums:
            # so that the same command again, which finds nothing to do, changes no byte
            self.folder.write_manifest({**self._complete, "made_again": []})
            return content
        self._write_manifest(
            "complete",
            {
                "runs": {
                    "taken_over": ensemble.taken_over,
                    "ran": ensemble.ran,
                    "failed": ensemble.failed,
                    "seconds": round(ensemble.run_seconds, 1),
                },
                "damaged": [asdict(damage) for damage in ensemble.damage],
                "made_again": list(self._changed.names),
                FILES: checksums,
            },
        )
        return content

    def _write_manifest(self, status: str, more: Mapping[str, Any]) -> None:
        earlier = self.folder.manifest() or {}
        self.folder.write_manifest(
            {
                "format": FORMAT,
                "kind": self.identity.kind,
                "experiment_id": self.identity.experiment_id,
                "title": self._scenarios[-1].title,
                "scenarios": [scenario.title for scenario in self._scenarios],
                "identity": self.identity.as_json(),
                "fitted": fitted_entry(self.setting.assumptions, self.setting.ensemble),
                "start": self.axes.start.isoformat(),
                "end": self.axes.end.isoformat(),
                **self._kept(),
                "command": self.command,
                "status": status,
                "versions": package_versions(),
                "commit": code_commit(),
                "data": data_entry(),
                "started": earlier.get("started", now()),
                "finished": None if status == "running" else now(),
                # of the tables of an earlier attempt, which stay until this one is complete
                FILES: earlier.get(FILES, {}),
                **self.noted,
                **more,
            },
        )

    def _file_name(self, number: int, scenario: Scenario) -> str:
        """The name of the file of a scenario; one that was read from there keeps its name."""
        file = scenario.file
        if file is not None and file.absolute().parent == self.folder.path.absolute() / SCENARIOS:
            return file.name
        return f"{number}-{scenario.slug}.toml"

    def _kept(self) -> dict[str, Any]:
        """The months of the data, and the notes, for the summary and the manifest."""
        return preflight.kept(self.axes.start, self.setting.days, self.notes)

    def _make_executor(self) -> Executor:
        if self.options.cluster is not None:
            from simulation.experiments.engine.dask_executor import DaskExecutor

            return DaskExecutor(self.setting, self.folder.journal, self.options.cluster)
        workers = self.options.workers or cores()
        return LocalExecutor(self.setting, self.folder.journal, workers)

    def _leave(self, status: str) -> None:
        """Say in the manifest how it ended, if anything can still be written."""
        with contextlib.suppress(OSError):
            self._write_manifest(status, {})

    def _stopped(self, reason: str) -> InputError:
        finished = self.ensemble.taken_over + self.ensemble.ran
        return InputError(
            f"the experiment stopped ({reason}); {finished} finished runs are kept, and the same "
            "command goes on from there",
            key="--out",
            value=str(self.folder.path),
        )


def check_together(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios that cannot be compared.

    Raises:
        InputError: Their dates differ.
    """
    first = scenarios[0]
    for other in scenarios[1:]:
        for key in ("start", "end", "warm_up_days"):
            wanted, found = getattr(first.run, key), getattr(other.run, key)
            if wanted != found:
                shown = found.isoformat() if isinstance(found, date) else found
                raise InputError(
                    f'differs from "{first.title}", and runs are compared day by day',
                    file=other.file,
                    key=f"run.{key}",
                    value=shown,
                    allowed=f"{wanted}{_sibling(other)}",
                )


def _sibling(scenario: Scenario) -> str:
    """Which shipped scenario to compare another one with, whose days it runs.

    Of a scenario that stands on a shipped one only that is proposed: another differs from it in
    policies that are not its own.
    """
    name, under = base_with_dates(scenario.run.start, scenario.run.end), base_under(scenario)
    itself = scenario.file is not None and scenario.slug == name
    if name is None or itself or under not in (None, name):
        alone = (
            ""
            if scenario.parent_on_its_days is None
            else (", or give it alone, to compare it with what it extends")
        )
        return f" (set the dates in [run]{alone})"
    return f' (set the dates in [run], or compare it with "{name}", which runs the same days)'


def check_options(options: Options, scenario: Scenario) -> None:
    """Refuse what no experiment can be told.

    Raises:
        InputError: Seed, scale, days or workers cannot be used.
    """
    from simulation.experiments.engine.replications import identify

    identify(scenario, [options.seed], scale=options.scale, days=options.days)
    if options.assumptions == "fitted" and options.ensemble is None:
        fitted_ensemble()  # or say at once that there is none
    if options.workers is not None and options.workers < 1:
        raise InputError("too few", key="--workers", value=options.workers, allowed="1 or more")
    if options.workers is not None and options.cluster is not None:
        raise InputError(
            "cannot be told to a cluster, which has the workers it has",
            key="--workers",
            value=options.workers,
            allowed="--workers or --scheduler, not both",
        )
