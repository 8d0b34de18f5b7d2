"""Results that lie in a folder, for a page that shows them: what there is, and what is wrong."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from simulation.errors import InputError
from simulation.experiments.engine.catalogue import CHANGED, DAMAGED, UNREADABLE, Entry, catalogue
from simulation.experiments.engine.result_folder import reason
from simulation.report.experiment import KINDS

#: where a server mounts `results_route.results_app`
MOUNT = "/results"
REPORT = "report.html"
#: most letters of a title that are shown
_MOST_LETTERS = 300
_KINDS = {
    "run": "One scenario",
    "compare": "Comparison",
    "sweep": "Sweep of a lever",
    "agreements": "Which agreement buys most",
    "sensitivity": "Which assumptions matter",
    "discover": "When a policy fails",
    "backtest": "Back-test",
    "fit": "Fit to the past",
    "monitor": "Does the model still hold?",
}
_STATUSES = {
    "complete": "Complete",
    "running": "Still running",
    "interrupted": "Stopped before its end; finished runs are kept",
    "stopped": "Ended by a mistake or a full disk; finished runs are kept",
    "killed": "Ended in the middle; finished runs are kept",
    "changed": "Changed since it was made; the command that made it makes it again",
    "damaged": "Damaged",
    "unreadable": "Cannot be read",
}


@dataclass(frozen=True)
class Shown:
    """One folder of results in words.

    Attributes:
        name: The folder below the root, with `/` between its parts.
        title: Title of the scenario, or the folder's name where there is none.
        kind: What it is.
        when: Day and time (UTC).
        runs: How many runs.
        status: How far it came.
        problem: What is wrong with it; empty if nothing.
        page: Name of the file to read in it; empty where there is none yet, or where the results
            have changed since they were made.
        can_make: Whether its page can be made from its results.
    """

    name: str
    title: str
    kind: str
    when: str
    runs: str
    status: str
    problem: str
    page: str
    can_make: bool


def listed(root: Path) -> list[Shown]:
    """Every folder of results below a root, the latest first.

    Args:
        root: The folder; none at all is as good as an empty one.

    Raises:
        InputError: It cannot be read.
    """
    try:
        entries = catalogue(root)
        return [shown(root, entry) for entry in entries]
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read ({reason(error)})",
            file=root,
            allowed="a folder with results in or below it",
        ) from error


def shown(root: Path, entry: Entry) -> Shown:
    """One folder of results in words."""
    name = _sendable(entry.folder.relative_to(root).as_posix())
    page = _page_of(entry.kind)
    usable = entry.status not in (CHANGED, DAMAGED, UNREADABLE)
    there = usable and (entry.folder / page).is_file()
    finished = usable and (entry.folder / "summary.json").is_file()
    return Shown(
        name=name,
        title=_sendable(entry.title or name)[:_MOST_LETTERS],
        kind=_KINDS.get(entry.kind or "", "Unknown"),
        when=_when(entry.when),
        runs=_runs(entry),
        status=_STATUSES.get(entry.status, "Unknown"),
        problem=_sendable(entry.problem or ""),
        page=page if there else "",
        can_make=finished and not there,
    )


def address(name: str, page: str = REPORT) -> str:
    """Where the server shows a file of a folder of results.

    Args:
        name: The folder below the root, with `/` between its parts.
        page: The file.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return "/".join([MOUNT, *(quote(part, safe="") for part in [*parts, page])])


def inside(root: Path, name: str) -> Path:
    """A file or folder below the root by a name from outside.

    Args:
        root: The folder of all results.
        name: Its name below the root, with `/` between the parts.

    Raises:
        InputError: There is none, or it would lead out of the root.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or any(_leads_away(part) for part in parts):
        raise _not_there(name)
    path = root
    try:
        for part in parts:
            path = path / part
            if stat.S_ISLNK(path.lstat().st_mode):  # it may lead anywhere, today or tomorrow
                raise _not_there(name)
    except (OSError, ValueError) as error:
        raise _not_there(name) from error
    return path


def make_page(root: Path, name: str) -> str:
    """Make the page of a folder of results, as `crossings report` does.

    Args:
        root: The folder of all results.
        name: The folder below it.

    Returns:
        Name of the file to read in it.

    Raises:
        InputError: The folder holds nothing to show, or cannot be written to.
    """
    from simulation.commands.report import write_page
    from simulation.experiments.engine.stored_files import read_manifest

    folder = inside(root, name)
    try:
        write_page(folder)
    except OSError as error:
        raise InputError(f"cannot be written to ({reason(error)})", file=name) from error
    return _page_of(read_manifest(folder).kind)


def _page_of(kind: str | None) -> str:
    """Name of the page of a kind of results."""
    return KINDS[kind].file if kind in KINDS else REPORT


def _sendable(text: str) -> str:
    """Without what cannot be sent to a browser: half letters of damaged names."""
    return text.encode("utf-8", "replace").decode()


def _leads_away(part: str) -> bool:
    """Whether a part of a name is more than a name: the way up, a drive, another separator."""
    return part == ".." or any(letter in part for letter in "\\:\0")


def _not_there(name: str) -> InputError:
    return InputError(
        "there are no such results",
        value=name[:200],
        allowed="a folder that the list of results shows",
    )


def _when(text: str | None) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _runs(entry: Entry) -> str:
    if entry.done is None:
        return ""
    if entry.asked is not None and entry.asked != entry.done:
        text = f"{entry.done:,} of {entry.asked:,} runs"
    else:
        text = f"{entry.done:,} run{'' if entry.done == 1 else 's'}"
    return f"{text}, {entry.failed:,} failed" if entry.failed else text
