"""What one visitor's page shows of the runs, put on its widgets without drawing the page anew.

To draw a page with all its controls again takes several times as long as a day of a model. A frame
therefore changes the few values of the widgets concerned, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import solara

from simulation.app.details import Details, Picked
from simulation.app.session import SessionView

#: values of a widget by name
Values = Mapping[str, Any]


class Screen:
    """The latest view, charts and figures of a visitor, and the widgets that show them.

    Attributes:
        view: The moment that is shown.
        charts: Each chart as it was last drawn.
        figures: Figures of what was clicked.
        picked: What was clicked.
    """

    def __init__(self) -> None:
        self.view = SessionView()
        self.charts: dict[str, dict[str, Any]] = {}
        self.figures: Details | None = None
        self.picked: Picked | None = None
        self._shown: dict[str, tuple[Any, Callable[[], Values]]] = {}
        self._lock = threading.RLock()

    def show(self, view: SessionView) -> None:
        """Show another moment."""
        self.view = view
        self._update("bar", "maps-0", "maps-1")

    def draw(self, key: str, chart: dict[str, Any]) -> None:
        """Show a chart."""
        self.charts[key] = chart
        self._update(f"chart-{key}")

    def look(self, figures: Details | None) -> None:
        """Show figures of what was clicked."""
        self.figures = figures
        self._update("figures")

    def clear(self) -> None:
        """Forget what other runs have shown."""
        self.charts, self.figures = {}, None
        self._update(*self._shown)

    def attach(self, name: str, widget: Any, values: Callable[[], Values]) -> Callable[[], None]:
        """Show something on a widget from now on.

        Args:
            name: What it shows: `bar`, `maps-0`, `maps-1`, `figures`, or `chart-` and a key.
            widget: The widget.
            values: Gives its values as they should be now.

        Returns:
            What ends it.
        """
        with self._lock:
            self._shown[name] = widget, values
        self._update(name)

        def detach() -> None:
            with self._lock:
                if self._shown.get(name, (None, None))[0] is widget:
                    del self._shown[name]

        return detach

    def _update(self, *names: str) -> None:
        with self._lock:
            for name in names:
                if name not in self._shown:
                    continue
                widget, values = self._shown[name]
                with widget.hold_sync():
                    for key, value in values().items():
                        if getattr(widget, key) != value:
                            setattr(widget, key, value)


def use_widget(
    screen: Screen, name: str, element: solara.Element, values: Callable[[], Values]
) -> None:
    """A hook: an element's widget shows what it should from now on.

    Args:
        screen: The visitor's.
        name: As in `Screen.attach`.
        element: The element that has been made.
        values: As in `Screen.attach`; always the latest that was given is asked.
    """
    latest = solara.use_ref(values)
    latest.current = values

    def attach() -> Callable[[], None]:
        return screen.attach(name, solara.get_widget(element), lambda: latest.current())

    solara.use_effect(attach, [name])
