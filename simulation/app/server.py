"""The server of the app and of Mesa's viewer: Solara's own, and nothing from any other machine."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.app.hosts import EVERY_ADDRESS, in_an_address
from simulation.errors import InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

    from simulation.app.guard import Access

HOST, PORT = "127.0.0.1", 8765
#: most pages open at once: those who play two runs of everybody take some 200 MB each
MOST_VISITORS = 10
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


def check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything heavy is loaded.

    Raises:
        InputError: The port is out of range or in use, or the host is not one of this machine.
    """
    if not 1 <= port <= 65535:
        raise InputError("out of range", key="--port", value=port, allowed="1 to 65535")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            if os.name != "nt":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
    except (ValueError, OSError) as error:
        raise _refused(error, host, port) from error


def _refused(error: ValueError | OSError, host: str, port: int) -> InputError:
    """The error for an address that cannot be looked up or that the system does not give."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, (ValueError, socket.gaierror)) or number == errno.EADDRNOTAVAIL:
        problem, allowed = "no address of this machine", f"{HOST}, or 0.0.0.0"
        return InputError(problem, key="--host", value=host, allowed=allowed)
    if number == errno.EADDRINUSE:
        problem = "something else listens on this port (perhaps this app, started before)"
        another = f"another port, such as {port + 1 if port < 65535 else port - 1}"
        return InputError(problem, key="--port", value=port, allowed=another)
    if number == errno.EACCES:
        problem = "this port is kept for the system"
        return InputError(problem, key="--port", value=port, allowed="1024 to 65535")
    why = (error.strerror or str(error)).lower()
    return InputError(f"cannot be listened on ({why})", key="--host", value=host)


def address(host: str, port: int, token: str | None = None) -> str:
    """The address to open in a browser.

    Args:
        host: The name to use, in its usual spelling.
        port: The port listened on.
        token: The secret that the address carries; None for none.
    """
    name = "localhost" if host in EVERY_ADDRESS else host
    page = f"http://{in_an_address(name)}:{port}"
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


def serve(
    page: str, host: str, access: Access, most_visitors: int, ready: Callable[[], None]
) -> None:
    """Serve until Ctrl-C.

    Args:
        page: The module of the page, `APP` or `VIEWER`.
        host: Address to listen on.
        access: Port to listen on, and who may use the page.
        most_visitors: Most pages open at once.
        ready: Called when pages can be opened.
    """
    import warnings

    import uvicorn

    # Solara warns of each visitor that a cookie is not sent over https, which is not used here
    warnings.filterwarnings("ignore", message="Cookies with samesite=none", category=UserWarning)
    from simulation.app.guard import AccessGuard
    from simulation.app.session import share_one_pool
    from simulation.app.syncing import let_two_threads_set_a_widget
    from simulation.app.visits import VISITS

    let_two_threads_set_a_widget()
    share_one_pool()
    app = AccessGuard(application(page), access)
    VISITS.most = most_visitors
    if page == APP:
        from simulation.app.ensemble import of_server

        of_server()
        compile_beside()
    # what is there now stays: a look for garbage while somebody plays need not visit it
    gc.collect()
    gc.freeze()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    # frames are small, and to pack them takes longer than to send them
    config = uvicorn.Config(
        app,
        host=host,
        port=access.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_per_message_deflate=False,
    )
    Server(config).run()
