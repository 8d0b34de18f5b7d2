"""What one visitor's page shows of the runs: frames, charts that take turns, figures, and words.

They are put on its widgets without drawing the page anew: to draw a page with all its controls
again takes several times as long as a day of a model. A frame therefore changes the few values of
the widgets concerned, and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import solara

from simulation.app.charts import BASELINE, CHARTS, WHATIF, Chart, drawn, weeks_over
from simulation.app.details import RECENT, Details, Picked, details
from simulation.app.live import LiveRun
from simulation.app.session import Phase, SessionView
from simulation.outcomes import long_date
from simulation.statistics.paired import DIRECTION_PAIRS
from simulation.wording.quoting import number_of

#: values of a widget by name
Values = Mapping[str, object]
#: seconds between two looks at what was clicked, while days go on
_LOOK = 0.5
#: what stands beside arrivals in a headline: no number of deaths (`wording.DEATHS_RULE`)
_DEATHS = "Of deaths one run says nothing: estimate them with a range."


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
        self.charts: dict[str, Chart] = {}
        self.figures: Details | None = None
        self.picked: Picked | None = None
        self._runs: list[LiveRun] | None = None
        self._weeks: dict[str, int] = {}
        self._seen: tuple[Picked | None, int] = (None, -1)
        self._looked = 0.0
        self._shown: dict[str, tuple[Any, Callable[[], Values]]] = {}
        self._lock = threading.RLock()

    def show(self, view: SessionView) -> None:
        """Show another moment."""
        self.view = view
        self._update("bar", "maps-0", "maps-1", "change", "change-figures")

    def follow(self, runs: list[LiveRun], going_on: bool) -> bool:
        """Draw what follows from the runs: one chart, and what was clicked.

        Args:
            runs: The baseline and, if there is one, the what-if.
            going_on: Whether more days come at once.

        Returns:
            Whether another part should follow at once.
        """
        if runs is not self._runs:
            self._runs, self._weeks, self._seen = runs, {}, (None, -1)
        weeks = weeks_over(runs[0])
        stale = [
            spec
            for spec in CHARTS
            if self._weeks.get(spec.key) != weeks and (len(runs) > 1 or not spec.two)
        ]
        if stale:
            oldest = min(stale, key=lambda spec: self._weeks.get(spec.key, -1))
            self._weeks[oldest.key] = weeks
            self.charts[oldest.key] = drawn(oldest, runs)
            self._update(f"chart-{oldest.key}")
        self._look(runs, going_on)
        return len(stale) > 1 and not going_on

    def _look(self, runs: list[LiveRun], going_on: bool) -> None:
        """Show figures of what was clicked."""
        wanted, over, now = self.picked, runs[0].over, time.monotonic()
        if (wanted, over) == self._seen or over == 0:
            return
        if going_on and wanted == self._seen[0] and now - self._looked < _LOOK:
            return
        self._seen, self._looked = (wanted, over), now
        self.figures = details(wanted, runs) if wanted is not None else None
        self._update("figures")

    def clear(self) -> None:
        """Forget what other runs have shown."""
        self.charts, self.figures = {}, None
        self._update(*self._shown)

    def attach(self, name: str, widget: Any, values: Callable[[], Values]) -> Callable[[], None]:
        """Show something on a widget from now on.

        Args:
            name: What it shows: `bar`, `maps-0`, `maps-1`, `change`, `change-figures`, `figures`,
                or `chart-` and a key.
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


# -- words ----------------------------------------------------------------------------------------


_WAITING = {
    Phase.EMPTY: "Nothing has been run yet: press Play",
    Phase.FAILED: "The run has stopped",
}


def moment(shown: SessionView) -> str:
    """The moment shown, in words: a date, or what the page waits for."""
    if shown.phase in _WAITING:
        return _WAITING[shown.phase]
    if shown.date is None:
        return "Building the corridor"
    if shown.phase is Phase.BUILDING:
        return f"Filling the corridor: day {shown.day + 1} of {shown.first} before the first"
    if shown.warming:
        return f"{long_date(shown.date)}: before the first day, while the corridor fills"
    counted = shown.days - shown.first
    end = " The run is over." if shown.phase is Phase.FINISHED else ""
    return f"{long_date(shown.date)}: day {shown.day - shown.first + 1} of {counted}.{end}"


def headline(shown: SessionView) -> str:
    """One number of each run so far, with what it is not."""
    if not shown.frames or shown.warming:
        return ""
    first, *whatif = shown.frames
    if not whatif:
        said = f"So far {number_of(first['arrivals'], 'arrival', ',')}"
    else:
        change = whatif[0]["arrivals"] - first["arrivals"]
        noun = f"{'more' if change > 0 else 'fewer'} arrival"
        amount = number_of(abs(change), noun, ",") if change else "as many arrivals"
        said = f"With the what-if, so far {amount}"
    return f"{said}; one seed, not an estimate. {_DEATHS}"


def map_title(shown: SessionView, which: int, two: bool, title: str) -> str:
    """The title above the maps of a run: its name, and its numbers so far."""
    name = (BASELINE, WHATIF)[which] if two else title
    if which >= len(shown.frames) or shown.warming:
        return name
    return f"{name}: {number_of(shown.frames[which]['arrivals'], 'arrival', ',')} so far"


def change_title(shown: SessionView) -> str:
    """The title above the map of the difference, or what it waits for."""
    if shown.change is None or shown.date is None:
        return "The difference"
    if shown.change.frame is None:
        return f"Pairs of worlds simulated: {shown.change.pairs} of {DIRECTION_PAIRS}"
    return f"What the what-if changes: mean of {RECENT} days to {long_date(shown.date)}"
