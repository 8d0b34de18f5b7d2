"""The pages of results over HTTP: those files and no others, shut off from all else."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from simulation.app.results import REPORT, inside
from simulation.errors import InputError
from simulation.experiments.engine.result_folder import MANIFEST, ResultFolder, reason
from simulation.report.html import error_page

#: files that can be read, by the end of their name; of pages only the report
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: a report is one page that holds all it needs: it asks nobody for anything, and cannot reach the
#: app it is shown in
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


def results_app(root: Path) -> Starlette:
    """An application that serves the reports below a folder of results.

    Args:
        root: The folder of all results.
    """

    def endpoint(request: Request) -> Response:
        try:
            file = _file(root, request.path_params["name"])
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
    """The file of a name from outside, if it is one to be read.

    Raises:
        InputError: It is not.
    """
    file = inside(root, name)
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    readable = file.suffix in _TYPES and (file.suffix != ".html" or file.name == REPORT)
    # what lies in no folder of results is not ours to show
    if hidden or not readable or not file.is_file() or not (file.parent / MANIFEST).is_file():
        raise InputError("there is no such page of results", value=name[:200])
    return file


def _error_page(title: str, problem: str, status: int) -> Response:
    """A page that says what is wrong."""
    page = error_page(title, problem)
    return HTMLResponse(page, status, headers={**_COMMON, "Content-Security-Policy": _STILL})
