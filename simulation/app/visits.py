"""How many pages a server shows at once, and what the next visitor reads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import solara

_FULL = (
    "This server shows at most {most} page{s} at once, and all of them are open. Close a page that "
    "you do not need, or try again later: a closed page is free at once, a page whose browser was "
    "lost after five minutes."
)


class Visits:
    """The pages that are open.

    Attributes:
        most: How many may be open; None for any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._open: set[object] = set()

    def enter(self, visit: object) -> bool:
        """Count a page in, once; whether it may be shown."""
        with self._lock:
            if self.most is None or visit in self._open or len(self._open) < self.most:
                self._open.add(visit)
            return visit in self._open

    def leave(self, visit: object) -> None:
        """Count a page out; one that was never in does no harm."""
        with self._lock:
            self._open.discard(visit)


#: the pages of this server
VISITS = Visits()


@solara.component
def Limited(page: Callable[[], object]) -> None:
    """A page, or the reason why it is not shown.

    Args:
        page: The component that is shown where there is room for one more visit.
    """
    visit = solara.use_memo(object, [])
    entered, set_entered = solara.use_state(solara.use_memo(lambda: VISITS.enter(visit), []))
    solara.use_effect(lambda: lambda: VISITS.leave(visit), [])
    if entered:
        page()
        return
    with solara.Column(classes=["crossings-full"], style={"padding": "24px", "max-width": "640px"}):
        most = VISITS.most or 0
        solara.Text(_FULL.format(most=most, s="" if most == 1 else "s"))
        solara.Button("Try again", on_click=lambda: set_entered(VISITS.enter(visit)))
