"""The server of the app and of Mesa's viewer: Solara's own, and nothing from any other machine."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.errors import InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

HOST, PORT = "127.0.0.1", 8765
#: the modules of the pages that are served: the app, and Mesa's viewer
APP, VIEWER = "simulation.app.page", "simulation.app.mesa_viewer"
#: what Solara reads when it is imported: no telemetry, no outside assets, memory given back
ENVIRONMENT = {
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_ASSETS_PROXY": "true",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "5m",
    "SOLARA_THEME_TITLE": "crossings",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_SESSION_HTTP_ONLY": "true",
}
#: the parts of Solara's server that the page needs; every other one is closed
NEEDED = (
    "/",
    "/jupyter/api/kernels/{kernel_id}/{name}",
    "/jupyter/nbextensions",
    "/static",
    "/static/assets",
    "/_solara/api/close/{kernel_id}",
)


def prepare(page: str = APP) -> None:
    """Set what Solara reads when it is imported.

    Args:
        page: The module of the page, `APP` or `VIEWER`.
    """
    os.environ.update(ENVIRONMENT, SOLARA_APP=page)


def check_port(port: int) -> None:
    """Refuse a port that cannot be listened on, before anything heavy is loaded.

    Raises:
        InputError: It is out of range, in use, or kept for the system.
    """
    if not 1 <= port <= 65535:
        raise InputError("out of range", key="--port", value=port, allowed="1 to 65535")
    try:
        with socket.socket() as tried:
            if os.name != "nt":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((HOST, port))
    except OSError as error:
        raise InputError(
            f"cannot be listened on ({(error.strerror or str(error)).lower()})",
            key="--port",
            value=port,
            allowed="a free port from 1024 to 65535",
        ) from error


def address(port: int, token: str | None = None) -> str:
    """The address to open in a browser.

    Args:
        port: The port listened on.
        token: The secret that the address carries; None for none.
    """
    page = f"http://{HOST}:{port}"
    return page if token is None else f"{page}/?token={token}"


def application(page: str = APP) -> Starlette:
    """The web application: the page, what it needs of Solara, and files of our own.

    Args:
        page: The module of the page, `APP` or `VIEWER`.
    """
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.routing import Mount, Route

    prepare(page)
    import solara.server.settings
    import solara.server.starlette as served

    assets = solara.server.settings.assets.proxy_cache_dir.resolve()
    needed = [route for route in served.routes if getattr(route, "path", None) in NEEDED[1:]]

    async def page_html(request: Request) -> Response:
        """Solara's page with its language, and without a ban on enlarging it."""
        answer = await served.root(request)
        body = bytes(answer.body).replace(b"<html>", b'<html lang="en">')
        answer.body = body.replace(b", maximum-scale=1, user-scalable=no", b"")
        answer.headers["content-length"] = str(len(answer.body))
        return answer

    async def asset(request: Request) -> Response:
        """What Solara would fetch from outside is served from its package, or not at all."""
        try:
            file = (assets / request.path_params["path"]).resolve()
            if file.is_dir():
                file = file / "__main.js"
            is_ours = file.is_relative_to(assets) and file.is_file()
        except (OSError, ValueError):  # a name that no file can have
            is_ours = False
        if not is_ours:
            return PlainTextResponse("There is no such file here.", status_code=404)
        return FileResponse(file, headers=_CACHED)

    return Starlette(
        routes=[
            *(_routes_of_app() if page == APP else []),
            Route("/_solara/cdn/{path:path}", asset),
            Mount(
                "/",
                Starlette(
                    routes=[Route(NEEDED[0], page_html), *needed], middleware=served.middleware
                ),
            ),
        ],
        lifespan=served.lifespan,
    )


_CACHED = {"Cache-Control": "private, max-age=86400"}


def _routes_of_app() -> list[BaseRoute]:
    """The routes of the app besides its page: chart library, maps, and results."""
    import plotly
    from starlette.requests import Request
    from starlette.responses import FileResponse, Response
    from starlette.routing import Mount, Route

    from simulation.app.draft import OPTIONS
    from simulation.app.ground import ground_text
    from simulation.app.results import results_app

    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

    async def plotly_js(request: Request) -> Response:
        return FileResponse(library, media_type="text/javascript", headers=_CACHED)

    async def ground(request: Request) -> Response:
        return Response(ground_text(), media_type="application/json", headers=_CACHED)

    return [
        Route("/crossings/plotly.min.js", plotly_js),
        Route("/crossings/ground.json", ground),
        Mount("/results", results_app(OPTIONS.results)),
    ]


def compile_beside() -> None:
    """Have the model compiled by a process of its own, before a visitor plays it.

    Pages open before that has ended, and a server that runs no model needs less memory.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "simulation", "doctor"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the server, which ends it
    )
    atexit.register(process.kill)


def serve(page: str, port: int, token: str | None, ready: Callable[[], None]) -> None:
    """Serve to this machine until Ctrl-C.

    Args:
        page: The module of the page, `APP` or `VIEWER`.
        port: The port to listen on.
        token: The secret that a browser must hold; None for none.
        ready: Called when pages can be opened.
    """
    import warnings

    import uvicorn

    # Solara warns of each visitor that a cookie is not sent over https, which is not used here
    warnings.filterwarnings("ignore", message="Cookies with samesite=none", category=UserWarning)
    from simulation.app.guard import AccessGuard

    app = AccessGuard(application(page), port, token)
    if page == APP:
        compile_beside()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False)
    Server(config).run()
