"""Widgets that two threads set: one has a message of the browser, the other draws the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets

#: held while a thread leaves a value to be sent later, and while those that were left are taken
_TURN = threading.RLock()
_should_send_property = ipywidgets.Widget._should_send_property


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
        with _TURN:
            widget._holding_sync = False
            names, widget._states_to_send = widget._states_to_send, set()
        widget.send_state(names)


def _should_send_in_turn(widget: ipywidgets.Widget, name: str, value: Any) -> bool:
    """Whether a value is to be sent at once; else it is among those that are sent later."""
    with _TURN:
        return bool(_should_send_property(widget, name, value))


def let_two_threads_set_a_widget() -> None:
    """Have all widgets of this process send what two threads set at once."""
    ipywidgets.Widget.hold_sync = _hold_sync
    ipywidgets.Widget._should_send_property = _should_send_in_turn
