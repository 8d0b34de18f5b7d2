"""What lies under a folder of results: which run or experiment it is, and how far it came."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simulation.corridor.in_use import data_line
from simulation.engine.findings import RunFindings
from simulation.engine.result_folder import (
    MANIFEST,
    ExperimentManifest,
    ResultFolder,
    RunManifest,
    read_findings,
    read_manifest,
    reason,
)
from simulation.engine.run_store import STORE, RunStore
from simulation.errors import InputError
from simulation.statistics.finding import Finding

#: statuses beside those a manifest holds (`running`, `interrupted`, `stopped`, `complete`)
KILLED, CHANGED, DAMAGED, UNREADABLE = "killed", "changed", "damaged", "unreadable"


@dataclass(frozen=True)
class Entry:
    """One folder of results.

    Attributes:
        folder: The folder.
        kind: `run`, `compare`, ...; None where it is unknown.
        title: Title of the scenario.
        id: The run's or the experiment's.
        done: Runs that are finished.
        asked: Runs asked for; None for an experiment that has not ended, which may add more.
        failed: Runs that failed.
        status: `running`, `killed`, `interrupted`, `stopped`, `complete`, `changed` (complete, but
            a file has changed since), `damaged` or `unreadable`.
        bytes: Size of all its files.
        when: When it ended or else began, UTC, as ISO 8601.
        problem: What is wrong with the files of the folder, or must be known of them.
        data: Which figures it rests on, in words.
    """

    folder: Path
    kind: str | None = None
    title: str | None = None
    id: str | None = None
    done: int | None = None
    asked: int | None = None
    failed: int | None = None
    status: str = UNREADABLE
    bytes: int = 0
    when: str | None = None
    problem: str | None = None
    data: str | None = None


def results_in(root: Path, key: str) -> list[Entry]:
    """The catalogue of a folder that somebody has named.

    Args:
        root: Where to look.
        key: What named it.

    Raises:
        InputError: It cannot be read.
    """
    try:
        next(root.iterdir(), None)  # raises for what is no folder
        return catalogue(root)
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read ({reason(error)})",
            key=key,
            value=str(root),
            allowed="a folder with results in or below it",
        ) from error


def catalogue(root: Path) -> list[Entry]:
    """Every folder of results in and below a folder, the latest first; none in one that is not.

    Args:
        root: Where to look.
    """
    entries = [_entry(folder, problem) for folder, problem in _folders(root)]
    return sorted(entries, key=lambda entry: (entry.when or "", str(entry.folder)), reverse=True)


def _folders(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Folders that hold results, and those nobody can look into with the reason."""
    closed: list[tuple[Path, str]] = []

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # a folder may vanish under our eyes
            closed.append((Path(error.filename), reason(error)))

    for name, below, files in os.walk(root, onerror=note):
        here = Path(name)
        if MANIFEST in files:
            below.clear()
            yield here, None
        elif "summary.json" in files or ".parts" in below:
            below.clear()
            yield here, f"no {MANIFEST}"
        below[:] = sorted(folder for folder in below if not folder.startswith("."))
    yield from closed


def _entry(folder: Path, problem: str | None) -> Entry:
    size = _size(folder)
    if problem is None:
        try:
            return _read(folder, read_manifest(folder), size)
        except InputError as error:
            problem = _without_folder(error)
        except OSError as error:
            problem = f"cannot be read ({reason(error)})"
    return Entry(folder, bytes=size, problem=problem)


def _read(folder: Path, manifest: RunManifest | ExperimentManifest, size: int) -> Entry:
    results = ResultFolder(folder)
    status, problem = str(manifest.status), None
    if status == "running" and not results.is_being_written():
        status = KILLED  # and may have left some tables of a later attempt
    else:
        problem = results.changes().problem or None
        if problem and status == "complete":
            status = CHANGED
    # a run of which every replication failed has nothing to sum up
    empty = isinstance(manifest, RunManifest) and not manifest.seeds.done
    if status == "complete" and not empty:
        try:
            read_findings(folder, RunFindings if isinstance(manifest, RunManifest) else Finding)
        except InputError as error:
            status, problem = DAMAGED, _without_folder(error)
    done, asked, failed = _counts(folder, manifest)
    return Entry(
        folder=folder,
        kind=manifest.kind,
        title=manifest.title,
        id=manifest.run_id if isinstance(manifest, RunManifest) else manifest.experiment_id,
        done=done,
        asked=asked,
        failed=failed,
        status=status,
        bytes=size,
        when=manifest.finished or manifest.started,
        problem=problem,
        data=data_line(manifest.data),
    )


def _without_folder(error: InputError) -> str:
    """The problem of a file, without its folder, which the list shows."""
    where = f" ({error.key})" if error.key else ""
    return f"{Path(error.file or '').name} {error.problem}{where}"


def _counts(
    folder: Path, manifest: RunManifest | ExperimentManifest
) -> tuple[int | None, int | None, int]:
    """How many runs are finished, were asked for and failed; None where that is unknown."""
    if isinstance(manifest, RunManifest):
        # while a run goes on the manifest lags behind what is finished
        waiting = sum(1 for _ in ResultFolder(folder).parts.glob("replication-*"))
        done, failed = len(manifest.seeds.done), len(manifest.seeds.failed)
        return max(done, waiting), len(manifest.identity.seeds), failed
    counts = manifest.runs
    if counts is not None:
        done = counts.taken_over + counts.ran
        return done, done + counts.failed, counts.failed
    finished, failed_runs = RunStore(folder / STORE).keys()
    return len(finished), None, len(failed_runs - finished)


def _size(folder: Path) -> int:
    total = 0
    for name, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):  # it may vanish under our eyes
                total += os.lstat(os.path.join(name, file)).st_size
    return total
