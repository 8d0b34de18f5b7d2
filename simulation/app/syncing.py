"""Widgets that two threads set: one has a message of the browser, the other draws the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ipywidgets


@contextmanager
def _hold_sync(widget: ipywidgets.Widget) -> Iterator[None]:
    """Send what is set in here when it ends, as `ipywidgets.Widget.hold_sync` does.

    That sends, and then empties, the set to which another thread may be adding: it raises, or what
    the other thread set is never sent. Here each thread sends a set of its own.
    """
    if widget._holding_sync:
        yield
        return
    widget._holding_sync = True
    try:
        yield
    finally:
        widget._holding_sync = False
        names, widget._states_to_send = widget._states_to_send, set()
        widget.send_state(names)


def let_two_threads_set_a_widget() -> None:
    """Have all widgets of this process send what two threads set at once."""
    ipywidgets.Widget.hold_sync = _hold_sync
