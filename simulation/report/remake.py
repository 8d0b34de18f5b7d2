"""The page of a folder of results, made again from what lies there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulation.engine.command_text import to_type
from simulation.engine.result_folder import (
    MANIFEST,
    ResultFolder,
    read_manifest,
    reason,
)
from simulation.engine.worker_pool import describe
from simulation.errors import InputError
from simulation.report.experiment import KINDS, write_experiment_report
from simulation.report.run import write_report


def write_page(folder: Path) -> Path:
    """Write the page of a folder of results again.

    Args:
        folder: Of a run or an experiment.

    Returns:
        The file written.

    Raises:
        InputError: The folder holds neither, or nothing finished, or is damaged, or its files have
            changed since they were made, or another process is writing it.
        OSError: It cannot be read or written to.
    """
    kind = kind_of(folder)
    check_files(folder)
    if kind not in ("run", *KINDS):
        raise InputError(
            "unknown kind of experiment",
            file=folder / "manifest.json",
            key="kind",
            value=kind,
            allowed=", ".join(["run", *sorted(KINDS)]),
        )
    with damage_refused(folder):
        return write_report(folder) if kind == "run" else write_experiment_report(folder)


@contextmanager
def damage_refused(folder: Path) -> Iterator[None]:
    """Refuse what fails within it: it is a function of the folder, which is then damaged."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"the results are damaged or of another version ({describe(error)})",
            file=folder,
            allowed="the folder of a run or a finished experiment of this version",
        ) from error


def check_files(folder: Path) -> None:
    """Refuse files that are not as they were written."""
    results = ResultFolder(folder)
    manifest = results.manifest()
    if manifest and manifest.status == "running" and results.is_being_written():
        problem = "is being written by another process"
        raise _refused(folder, problem, "a folder in which nothing is under way")
    changes = results.changes()
    if changes.problem:
        again = "the command that made the results"
        if manifest:
            again += f": {to_type(manifest.command)}"
        raise InputError(
            f"{changes.problem}, so no page is made",
            file=folder,
            allowed=f"the files as they were written; to make them again, give {again}",
        )


def kind_of(folder: Path) -> str:
    """`run`, or the kind of the experiment that is finished in a folder."""
    allowed = "the folder of a run or an experiment, as crossings results list shows them"
    try:
        names = {path.name for path in folder.iterdir()}
    except (OSError, ValueError) as error:
        raise _refused(folder, f"cannot be read ({reason(error)})", allowed) from error
    if MANIFEST not in names:
        problem = f"holds no {MANIFEST}, so neither a run nor an experiment"
        raise _refused(folder, problem, allowed)
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        error.allowed = allowed
        raise
    if "summary.json" not in names:
        problem = f"holds no finished results ({manifest.status}), so there is nothing to show"
        allowed = f"a folder with summary.json; to go on: {manifest.command}"
        raise _refused(folder, problem, allowed)
    return manifest.kind


def _refused(folder: Path, problem: str, allowed: str) -> InputError:
    return InputError(problem, key="DIR", value=str(folder), allowed=allowed)
