"""How many pages a server shows at once, and what the next visitor reads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import solara

from simulation.app.failing import Guarded

_FULL = (
    "This server shows at most {most} page{s} at once, and all are open. Close one, or try again "
    "later: a closed page is free at once, one whose browser was lost after five minutes."
)


class Visits:
    """The pages that are open, each known by the event that ends its session.

    Attributes:
        most: How many may be open; None for any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._open: set[threading.Event] = set()

    def enter(self, end: threading.Event) -> bool:
        """Count a page in, once; whether it may be shown.

        A page counts until its session ends, also one that could not be drawn.
        """
        with self._lock:
            self._open = {one for one in self._open if not one.is_set()}
            if self.most is None or end in self._open or len(self._open) < self.most:
                self._open.add(end)
            return end in self._open


#: the pages of this server
VISITS = Visits()


def _session_end() -> threading.Event:
    """What is set when the session of this page ends; never, where it is drawn without a server."""
    try:
        return solara.kernel_closed_event()
    except RuntimeError:
        return threading.Event()


@solara.component
def Limited(page: Callable[[], object]) -> None:
    """A page, or the reason why it is not shown.

    Args:
        page: The component that is shown where there is room for one more visit.
    """
    end = solara.use_memo(_session_end, [])
    entered, set_entered = solara.use_state(solara.use_memo(lambda: VISITS.enter(end), []))
    if entered:
        Guarded(page)
        return
    with solara.Column(classes=["crossings-full"], style={"padding": "24px", "max-width": "640px"}):
        most = VISITS.most or 0
        solara.Text(_FULL.format(most=most, s="" if most == 1 else "s"))
        solara.Button("Try again", on_click=lambda: set_entered(VISITS.enter(end)))
