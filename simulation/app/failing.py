"""What a visitor reads when a page fails, which no input should make it do."""

from __future__ import annotations

import logging
from collections.abc import Callable

import solara

_LOG = logging.getLogger(__name__)
_FAILED = (
    "This page failed: a fault of the program. What you set is kept. The server's window says what "
    "went wrong."
)


@solara.component
def Guarded(page: Callable[[], object]) -> None:
    """A page; where it fails, a sentence and a way back, and the traceback in the server's log.

    Args:
        page: The component.
    """
    exception, clear = solara.use_exception()

    def log() -> None:
        if exception is not None:
            _LOG.error("a page failed", exc_info=exception)

    solara.use_effect(log, [exception])
    if exception is None:
        page()
        return
    with solara.Column(classes=["crossings-full"], style={"padding": "24px", "max-width": "640px"}):
        solara.Error(_FAILED)
        solara.Button("Try again", on_click=clear)
