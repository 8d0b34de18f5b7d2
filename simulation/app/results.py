"""Results that lie in a folder: what there is and what is wrong, and their pages over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from simulation.engine.catalogue import (
    CHANGED,
    DAMAGED,
    UNREADABLE,
    Entry,
    catalogue,
)
from simulation.engine.result_folder import MANIFEST, ResultFolder, reason
from simulation.errors import InputError
from simulation.report.experiment import KINDS
from simulation.report.html import error_page
from simulation.wording.quoting import number_of

#: where a server mounts `results_app`
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
    "reach": "What reaches a goal",
    "backtest": "Back-test",
    "fit": "Fit to the past",
    "monitor": "Does the model still hold?",
    "emulator": "Library of estimates",
}
#: pages that are handed out
_PAGES = {REPORT, *(page.file for page in KINDS.values())}
_STATUSES = {
    "complete": "Complete",
    "running": "Still running",
    "interrupted": "Stopped before its end; finished runs are kept",
    "stopped": "Ended by a mistake or a full disk; finished runs are kept",
    "killed": "Ended in the middle; finished runs are kept",
    CHANGED: "Changed since it was made; the command that made it makes it again",
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
        has_brief: Whether it is a comparison, whose first page can be taken along.
    """

    name: str
    title: str
    kind: str
    when: str
    runs: str
    status: str
    problem: str
    page: str
    has_brief: bool


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
    has_page = usable and (entry.folder / page).is_file()
    finished = usable and (entry.folder / "summary.json").is_file()
    return Shown(
        name=name,
        title=_sendable(entry.title or name)[:_MOST_LETTERS],
        kind=_KINDS.get(entry.kind or "", "Unknown"),
        when=_when(entry.when),
        runs=_runs(entry),
        status=_STATUSES.get(entry.status, "Unknown"),
        problem=_sendable(entry.problem or ""),
        page=page if has_page else "",
        has_brief=finished and has_page and entry.kind == "compare",
    )


def address(name: str, page: str = REPORT) -> str:
    """Where the server shows a file of a folder of results.

    Args:
        name: The folder below the root, with `/` between its parts.
        page: The file.
    """
    return "/".join([MOUNT, *(quote(part, safe="") for part in [*_parts(name), page])])


def inside(root: Path, name: str) -> Path:
    """A file or folder below the root by a name from outside.

    Args:
        root: The folder of all results.
        name: Its name below the root, with `/` between the parts.

    Raises:
        InputError: There is none, or it would lead out of the root.
    """
    refusal = InputError(
        "there are no such results",
        value=name[:200],
        allowed="a folder that the list of results shows",
    )
    try:
        path = (root / name.strip("/")).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise refusal from error
    if not path.is_relative_to(root.resolve()):
        raise refusal
    return path


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _page_of(kind: str | None) -> str:
    """Name of the page of a kind of results."""
    return KINDS[kind].file if kind in KINDS else REPORT


def _sendable(text: str) -> str:
    """Without what cannot be sent to a browser: half letters of damaged names."""
    return text.encode("utf-8", "replace").decode()


def _when(text: str | None) -> str:
    try:
        moment = datetime.fromisoformat(text or "")
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
        text = number_of(entry.done, "run", ",")
    return f"{text}, {entry.failed:,} failed" if entry.failed else text


# -- over HTTP -------------------------------------------------------------------------------------

#: files that can be read, by the end of their name; of pages only the report
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: a report is one page that holds all it needs: it fetches nothing and cannot reach the app that
#: shows it
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-scripts allow-downloads allow-popups"
)
#: of a chart or a text, which runs nothing
_STILL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)
_MOVED = "It may have been moved or removed since the list was made."
_CHANGED = (
    "So their page is not shown. The command that made the results, given again with the same "
    "folder, makes them again."
)
_COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


_OFFICE = "application/vnd.openxmlformats-officedocument"
#: the first page of a comparison as a file, made when it is asked for: its name in words, its type
BRIEFS = {
    "brief.docx": ("Word", f"{_OFFICE}.wordprocessingml.document"),
    "brief.html": ("HTML", "text/html"),
}


def results_app(root: Path) -> Starlette:
    """An application that serves the reports and briefs below a folder of results.

    Args:
        root: The folder of all results.
    """

    def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name.rpartition("/")[2] in BRIEFS:
            return _brief(root, name)
        try:
            file = _file(root, name)
            problem = ResultFolder(file.parent).changes().problem
        except InputError as error:
            return _error_page("This page is not there", f"{error} {_MOVED}", 404)
        except OSError as error:
            return _error_page("This page cannot be read", f"{reason(error)}.", 404)
        if problem:
            return _error_page("These results have changed", f"{problem}. {_CHANGED}", 409)
        policy = _POLICY if file.suffix == ".html" else _STILL
        return FileResponse(
            file,
            media_type=_TYPES[file.suffix],
            headers={**_COMMON, "Content-Security-Policy": policy},
        )

    return Starlette(routes=[Route("/{name:path}", endpoint, methods=["GET"])])


def _file(root: Path, name: str) -> Path:
    """The file of a name from outside; an `InputError` unless it is one to be read."""
    file = inside(root, name)
    readable = file.suffix in _TYPES and (file.suffix != ".html" or file.name in _PAGES)
    readable = readable and not file.name.startswith(".") and file.is_file()
    if not readable or not _is_shown(root, file.parent):
        raise InputError("there is no such page of results", value=name[:200])
    return file


def _is_shown(root: Path, folder: Path) -> bool:
    """Whether a folder is one of results, and not hidden; what lies in others is not ours."""
    hidden = any(part.startswith(".") for part in folder.relative_to(root.resolve()).parts)
    return not hidden and (folder / MANIFEST).is_file()


def _brief(root: Path, name: str) -> Response:
    """The first page of a comparison as a file of the format that its name ends with."""
    from simulation.report.brief import brief_bytes

    place, _, file = name.rpartition("/")
    try:
        folder = inside(root, place)
        if not _is_shown(root, folder):
            raise InputError("there are no such results", value=place[:200])
        content = brief_bytes(folder, file.partition(".")[2])
    except InputError as error:
        return _error_page("This file cannot be made", str(error), 404)
    except OSError as error:
        return _error_page("This file cannot be made", f"{reason(error)}.", 404)
    saved = quote("-".join([*_parts(place), file]), safe="")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{saved}"}
    return Response(content, media_type=BRIEFS[file][1], headers=_COMMON | disposition)


def _error_page(title: str, problem: str, status: int) -> Response:
    """A page that says what is wrong."""
    page = error_page(title, problem)
    return HTMLResponse(page, status, headers={**_COMMON, "Content-Security-Policy": _STILL})
