"""An experiment's folder, its runs, and what becomes of both when it ends, is stopped or fails."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from simulation.corridor import load_corridor
from simulation.corridor.in_use import data_entry
from simulation.engine.findings import (
    DESIGNS,
    DataNotes,
    ExperimentFindings,
    Fitted,
    SavedNote,
)
from simulation.engine.fitted_ensembles import stale_text
from simulation.engine.identity import code_commit, package_versions
from simulation.engine.options import (
    Options,
    check_options,
    check_together,
    days_of_period,
)
from simulation.engine.progress import Interrupted, Progress
from simulation.engine.result_folder import (
    SCENARIOS,
    Changes,
    ExperimentIdentity,
    ExperimentManifest,
    Identity,
    Manifest,
    ResultFolder,
    Status,
    now,
    reason,
)
from simulation.engine.run_store import STORE, Axes, RunStore
from simulation.engine.runs import ExperimentRuns
from simulation.engine.trials import (
    Assumptions,
    Case,
    Setting,
    describe_fitted,
    fitted_ensemble,
    fitted_hash,
)
from simulation.engine.worker_pool import Executor, LocalExecutor, cores
from simulation.engine.world_design import DRAWN, Chosen, WorldDesign
from simulation.errors import NO_MEMORY, FatalError, InputError
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import Scenario
from simulation.scenario.horizon import Horizon, month_of
from simulation.scenario.notes import Note, notes_of
from simulation.source_hash import model_hash, source_hash
from simulation.statistics.finding import Finding

FORMAT = 1

#: experiments on what has happened: a dated lever that has no day in their window is no mistake
_OF_THE_PAST = frozenset({"fit", "backtest", "monitor"})


@dataclass(frozen=True)
class StudyResult:
    """The results of a study before the engine writes them.

    Attributes:
        findings: The study's own part of its findings; the engine adds the header.
        cases: The cases to write tables of.
        seeds: The seeds they share, or all there are.
        own_seeds: The seeds of each case, where they share none.
        tables: Whether to write tables of the runs.
    """

    findings: Finding
    cases: Sequence[Case]
    seeds: Sequence[int]
    own_seeds: Sequence[Sequence[int]] | None = None
    tables: bool = True


class ExperimentFolder(ResultFolder):
    """The folder of one experiment."""

    kind = "experiment"

    @property
    def store(self) -> RunStore:
        """Its finished runs."""
        return RunStore(self.path / STORE)


class Experiment:
    """An experiment under way: use as a context manager, and call `finish` at its end.

    Args:
        kind: `compare`, `sweep`, ...
        scenarios: What it starts from; the first gives the dates, and the folder its name when
            there is one only.
        options: What was asked.
        settings: What else its numbers depend on, as JSON.
        model: Hash of the code and data its numbers depend on; of the package when None.
        command: Command that makes it again.
        progress: Called as runs go on.
        simulate: Stands in for `simulation.model.corridor_model.simulate`.
        crossed: Whether its runs cross sets, paths and seeds by design; when not, the seed of a run
            draws all three.
        chosen: The set and the path of all pairs, where these are not drawn.
        period: Years that are counted, such as `2027..2028`; all days of the run when None.

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
        crossed: bool = False,
        chosen: Chosen = DRAWN,
        period: str | None = None,
    ) -> None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        first = scenarios[0]
        check_together(scenarios)
        check_options(options, first)
        counted_from, end = days_of_period(period, options.days, first)
        self.options = options
        self.setting = Setting(
            scale=options.scale,
            days=(end - first.run.start).days + 1,
            assumptions=options.assumptions,
            simulate=simulate,
            ensemble=options.ensemble,
            worlds=self._design(scenarios, chosen) if crossed else None,
            counted_from=None if period is None else counted_from,
        )
        self._kind, self._scenarios, self._chosen = kind, scenarios, chosen
        self.identity = self._identify(
            # as it is read back, where a tuple is a list
            json.loads(json.dumps(dict(settings or {}))),
            scale=float(options.scale),
            days=self.setting.days,
            assumptions=options.assumptions,
            fitted_hash=fitted_hash(options.assumptions, options.ensemble),
            model_hash=model_hash() if model is None else model,
        )
        self.axes = Axes(counted_from, end, tuple(leg.id for leg in load_corridor().legs))
        self.folder = self._make_folder()
        self.folder.check_identity(self.identity.as_json())
        design, asked = self.setting.worlds, scenarios
        if design is not None and chosen.path is not None:
            asked = [design.scenario_of(scenario, options.seed) for scenario in scenarios]
        #: what is to be known before the first run; an experiment may add to it until then
        self.notes = [
            note
            for note in notes_before(
                asked, days=options.days, assumptions=self._assumed, ensemble=options.ensemble
            )
            if kind not in _OF_THE_PAST or not note.lever
        ]
        #: command that makes it again; one that finds out how many runs it takes says so in it
        self.command = command
        #: what else the manifest says of how it was run
        self.noted: dict[str, object] = {}
        #: runs of all parts at most, where they are asked for one part after the other
        self.most_runs = 0
        self._shown = progress
        #: manifest of an earlier attempt that came to its end, and the files that changed since
        self._complete: Manifest | None = None
        self._changed = Changes()
        self._executor: Executor | None = None
        self._runs: ExperimentRuns | None = None

    @property
    def runs(self) -> ExperimentRuns:
        """The runs."""
        assert self._runs is not None, "enter the experiment first"
        return self._runs

    @property
    def planned(self) -> int:
        """Runs of all parts, or that were asked for so far; those of an earlier attempt count."""
        return max(self.runs.planned, self.most_runs)

    def _tell(self, progress: Progress) -> None:
        """Show what is left of all parts, not of the one in hand."""
        assert self._shown is not None
        left = max(progress.replications, self.most_runs - self.runs.taken_over)
        self._shown(replace(progress, replications=left))

    def _design(self, scenarios: Sequence[Scenario], chosen: Chosen) -> WorldDesign:
        """Which set and path each seed has."""
        first, options = scenarios[0].run, self.options
        end = first.end if options.days is None else first.start + timedelta(options.days - 1)
        months = Horizon(first.start, end)
        drawn = any(scenario.future.kind == "spread" for scenario in scenarios)
        after = months.projected_from if drawn else None
        projected = None if after is None else (after, month_of(end))
        fitted = options.assumptions == "fitted"
        ensemble = (options.ensemble or fitted_ensemble()) if fitted else None
        return WorldDesign(options.seed, options.assumptions, projected).choose(chosen, ensemble)

    def seeds(self, count: int, first: int = 0) -> range:
        """Seeds of runs number `first` to `first + count - 1`."""
        return range(self.options.seed + first, self.options.seed + first + count)

    @property
    def _assumed(self) -> Assumptions:
        """The assumptions of the runs; a design of its own varies them over their ranges."""
        return "ranges" if self._kind in DESIGNS else self.options.assumptions

    def is_answered(self, question: Mapping[str, Any] | None) -> bool:
        """Whether an earlier attempt has left all that is asked, by this code and as it wrote it.

        Args:
            question: As in `Study.question_key`.
        """
        earlier = self.folder.manifest()
        with contextlib.suppress(OSError):  # what cannot be read is refused when it is written
            return (
                isinstance(earlier, ExperimentManifest)
                and earlier.status == "complete"
                and question is not None
                and earlier.question == dict(question)
                and (earlier.source, earlier.versions) == (source_hash(), package_versions())
                and earlier.data == data_entry()
                and earlier.runs is not None
                and not (earlier.runs.failed or earlier.damaged or earlier.made_again)
                and self.folder.changes() == Changes()
                and self._has_scenarios()
            )
        return False

    def _has_scenarios(self) -> bool:
        """Whether the scenarios in the folder say the same, their words included."""
        return all(
            (self.folder.path / self.scenario_file(number)).read_text(encoding="utf-8")
            == scenario.resolved_toml()
            for number, scenario in enumerate(self._scenarios)
        )

    # -- the beginning ----------------------------------------------------------------------------

    def __enter__(self) -> Experiment:
        # before anything is written: a cluster that is not there is bad input
        self._executor = self._make_executor().__enter__()
        try:
            if self.options.announce is not None:
                self.options.announce(self.notes)
            self._open(self._executor)
        except BaseException:
            self._executor.__exit__(None, None, None)
            self.folder.release()
            raise
        return self

    def _open(self, executor: Executor) -> None:
        """Take the folder and find what an earlier attempt left in it."""
        try:
            self.folder.acquire()
            earlier = self.folder.manifest()
            self._complete = earlier if earlier and earlier.status == "complete" else None
            self._changed = self.folder.changes_since_complete()
            # first, for a folder with anything else in it and no manifest is nobody's
            self.folder.write_manifest(self._manifest("running"))
            self._write_scenarios()
            progress = None if self._shown is None else self._tell
            self._runs = ExperimentRuns(self.folder.store, self.setting, executor, progress)
        except (OSError, FatalError) as error:
            raise self.folder.unusable(f"cannot be written ({reason(error)})") from error

    def _identify(self, settings: dict[str, object], **shared: Any) -> Identity:
        cases = [[scenario.title, scenario.hash()] for scenario in self._scenarios]
        return ExperimentIdentity(
            kind=self._kind, cases=cases, settings=settings, seed=self.options.seed, **shared
        )

    def _make_folder(self) -> ExperimentFolder:
        name = f"{self._kind}-{self._scenarios[-1].slug}"
        return ExperimentFolder(self.options.out or self.options.results / name / self.identity.id)

    def _make_executor(self) -> Executor:
        if self.options.cluster is not None:
            from simulation.engine.cluster import ClusterExecutor

            return ClusterExecutor(self.setting, self.options.cluster)
        return LocalExecutor(self.setting, self.options.workers or cores())

    def _write_scenarios(self) -> None:
        (self.folder.path / SCENARIOS).mkdir(exist_ok=True)
        for number, scenario in enumerate(self._scenarios):
            self.folder.write_text(self.scenario_file(number), scenario.resolved_toml())

    def scenario_file(self, number: int) -> str:
        """Where a scenario lies in the folder."""
        scenario = self._scenarios[number]
        file, name = scenario.file, f"{number}-{scenario.slug}.toml"
        here = self.folder.path.absolute() / SCENARIOS
        if file is not None and file.absolute().parent == here:
            name = file.name  # one that was read from there keeps its name
        return f"{SCENARIOS}/{name}"

    # -- the end ----------------------------------------------------------------------------------

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        assert self._executor is not None
        try:
            self._executor.__exit__(kind, error, trace)
            self.folder.remove_scraps()
            if error is None:
                self._clear_up()
            elif isinstance(error, KeyboardInterrupt):
                self._leave("interrupted")
                finished = self.runs.finished_count
                raise Interrupted(self.folder.path, finished, self.planned) from None
            elif isinstance(error, (FatalError, OSError, MemoryError)):
                self._leave("stopped")
                raise self._stopped(_why_stopped(error)) from error
            elif isinstance(error, InputError):
                self._leave("stopped")
        finally:
            self.folder.release()

    def _clear_up(self) -> None:
        """Remove what only an experiment under way needs."""
        # with the lock in it, so not before the last file is written
        shutil.rmtree(self.folder.parts, ignore_errors=True)

    def finish[FindingsT: ExperimentFindings](
        self, model: type[FindingsT], result: StudyResult
    ) -> FindingsT:
        """Write the tables, the findings and the manifest, after which nothing else is written.

        Args:
            model: Type of the findings.
            result: What the runs gave.

        Returns:
            The findings as written.
        """
        from simulation.engine.result_tables import write_run_tables

        runs = self.runs
        content: dict[str, object] = {
            "kind": self._kind,
            "experiment_id": self.identity.id,
            "scale": self.setting.scale,
            "assumptions": self.setting.assumptions,
            "fitted": self._fitted.as_json() if self._fitted else None,
            "start": self.axes.start.isoformat(),
            "end": self.axes.end.isoformat(),
            **self._data_notes.model_dump(),
            "replications": len(result.seeds),
            "seeds": list(result.seeds),
            "failed": [failure.as_json() for failure in runs.failures(result.cases)],
            **self._worlds(result),
            **result.findings.as_json(),
        }
        if result.tables:
            each = result.own_seeds or [result.seeds] * len(result.cases)
            write_run_tables(self.folder, runs, self.axes, self.setting, result.cases, each)
        self.folder.write_json("summary.json", content)
        self._complete_manifest()
        return model.model_validate(content)

    def _worlds(self, result: StudyResult) -> dict[str, object]:
        """What the seeds of the result stand for, where a design chose it."""
        if self.setting.worlds is None:
            return {}
        worlds = (self.setting.world(result.cases[0], seed) for seed in result.seeds)
        chosen = {
            f"chosen_{name}": one for name, one in self._chosen._asdict().items() if one is not None
        }
        return {"worlds": [world.as_json() for world in worlds], **chosen}

    def _complete_manifest(self) -> None:
        """Write the manifest of an experiment that has come to its end."""
        runs, checksums = self.runs, self.folder.checksums()
        new = runs.ran or runs.counts.failed or runs.damage or self._changed.problem
        if self._complete is not None and not new and self._complete.checksums == checksums:
            # so that the same command again, which finds nothing to do, changes no byte
            noted: dict[str, list[str]] = {"made_again": [], "damaged": []}
            self.folder.write_manifest(self._complete.model_copy(update=noted))
        else:
            self.folder.write_manifest(self._manifest("complete"))

    def _manifest(self, status: Status) -> Manifest:
        """The manifest as it is to be written now."""
        earlier = self.folder.manifest()
        # until it is complete, the tables of an earlier attempt stay
        checksums = earlier.checksums if earlier else {}
        return self._describe(
            format=FORMAT,
            title=self._scenarios[-1].title,
            fitted=self._fitted,
            start=self.axes.start.isoformat(),
            end=self.axes.end.isoformat(),
            **dict(self._data_notes),
            command=self.command,
            status=status,
            versions=package_versions(),
            source=source_hash(),
            commit=code_commit(),
            data=data_entry(),
            started=earlier.started if earlier else now(),
            finished=None if status == "running" else now(),
            damaged=self._runs.damage if self._runs else [],
            made_again=list(self._changed.names) if status == "complete" else [],
            checksums=(checksums if status != "complete" else {}) | self.folder.checksums(),
        )

    @property
    def _data_notes(self) -> DataNotes:
        months = Horizon(self.axes.start, self.axes.end).as_json()
        return DataNotes(**months, notes=[SavedNote(**note.as_json()) for note in self.notes])

    @functools.cached_property
    def _fitted(self) -> Fitted | None:
        return describe_fitted(self.setting.assumptions, self.setting.ensemble)

    def _describe(self, **shared: Any) -> Manifest:
        """The manifest of this kind of experiment, from what all kinds hold."""
        assert isinstance(self.identity, ExperimentIdentity)
        return ExperimentManifest(
            **shared,
            experiment_id=self.identity.id,
            kind=self._kind,
            scenarios=[scenario.title for scenario in self._scenarios],
            identity=self.identity,
            runs=self.runs.counts if shared["status"] == "complete" else None,
        ).model_copy(update=self.noted)

    def _leave(self, status: Status) -> None:
        """Write in the manifest how it ended, if anything can still be written."""
        with contextlib.suppress(OSError, MemoryError):
            self.folder.write_manifest(self._manifest(status))

    def _stopped(self, why: str) -> InputError:
        return InputError(
            f"the {self.folder.kind} stopped ({why}); {self.runs.finished_count} finished runs are "
            "kept, and the same command goes on from there",
            key="--out",
            value=str(self.folder.path),
        )


def _why_stopped(error: BaseException) -> str:
    """Why an experiment stopped, in words."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return NO_MEMORY
    return getattr(error, "strerror", None) or str(error)


# -- notes shown before runs begin, and written with their results ---------------------------------


def notes_before(
    scenarios: Sequence[Scenario],
    *,
    days: int | None,
    assumptions: Assumptions | None,
    ensemble: FittedEnsemble | None = None,
) -> tuple[Note, ...]:
    """Everything to know before some scenarios are run.

    Args:
        scenarios: A scenario; or a baseline, and those that are compared with it.
        days: Days counted from the start; all when None.
        assumptions: Those of the runs; None before any are chosen.
        ensemble: The fitted sets that are drawn from; those of the package when None.
    """
    notes = notes_of(scenarios, days=days)
    if assumptions == "fitted" and (text := stale_text(ensemble or fitted_ensemble())):
        notes = (Note("stale", text), *notes)
    return notes
