"""From a visitor's runs to what the page shows: charts that take turns, and words."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from simulation.app.charts import BASELINE, CHARTS, WHATIF, drawn, weeks_over
from simulation.app.details import Details, Picked, details
from simulation.app.live import LiveRun
from simulation.app.session import Phase, SessionView
from simulation.outcomes import long_date

#: seconds between two looks at what was clicked, while days go on
_LOOK = 0.5
#: what stands beside arrivals in a headline: no number of deaths (`wording.DEATHS_RULE`)
_DEATHS = "Deaths are in their chart; never read them from one run."


class Follower:
    """Draws what follows from the runs: one chart a frame, and what was clicked.

    Args:
        draw: Called with the key of a chart and the chart.
        look: Called with the figures of what was clicked.
        wanted: Tells what was clicked.
    """

    def __init__(
        self,
        draw: Callable[[str, dict[str, Any]], None],
        look: Callable[[Details | None], None],
        wanted: Callable[[], Picked | None],
    ) -> None:
        self._draw, self._look, self._wanted = draw, look, wanted
        self._runs: list[LiveRun] | None = None
        self._weeks: dict[str, int] = {}
        self._seen: tuple[Picked | None, int] = (None, -1)
        self._looked = 0.0

    def __call__(self, runs: list[LiveRun], going_on: bool) -> bool:
        """Draw the next part; says whether another should follow at once."""
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
            self._draw(oldest.key, drawn(oldest, runs))
        self._look_again(runs, going_on)
        return len(stale) > 1 and not going_on

    def _look_again(self, runs: list[LiveRun], going_on: bool) -> None:
        wanted, now = self._wanted(), time.monotonic()
        if (wanted, runs[0].over) == self._seen or runs[0].over == 0:
            return
        if going_on and wanted == self._seen[0] and now - self._looked < _LOOK:
            return
        self._seen, self._looked = (wanted, runs[0].over), now
        self._look(details(wanted, runs) if wanted is not None else None)


# -- words ----------------------------------------------------------------------------------------


def moment(shown: SessionView) -> str:
    """What is shown, in words: a date, or what is being waited for."""
    if shown.phase is Phase.EMPTY:
        return "Nothing has been run yet"
    if shown.phase is Phase.FAILED:
        return "The run has stopped"
    if shown.phase is Phase.ASLEEP:
        return "Nothing was done for some minutes: the memory was given back. Play begins anew."
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
    if len(shown.frames) == 1:
        arrivals = shown.frames[0]["arrivals"]
        return f"So far {_count(arrivals, 'arrival')}; one seed, not an estimate. {_DEATHS}"
    before, after = shown.frames
    if all(before[counted] == after[counted] for counted in ("arrivals", "deaths")):
        return (
            "So far as many arrivals and deaths with the what-if as without; one seed, not an "
            "estimate."
        )
    arrivals = _change(after["arrivals"] - before["arrivals"], "arrival")
    return f"With the what-if, so far {arrivals}; one seed, not an estimate. {_DEATHS}"


def map_title(shown: SessionView, which: int, two: bool, title: str) -> str:
    """What stands above the maps of a run: which it is, and its numbers so far."""
    name = (BASELINE, WHATIF)[which] if two else title
    if which >= len(shown.frames) or shown.warming:
        return name
    return f"{name}: {_count(shown.frames[which]['arrivals'], 'arrival')} so far"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {_nouns(number, noun)}"


def _change(number: int, noun: str) -> str:
    if number == 0:
        return f"as many {noun}s"
    many = abs(number)
    return f"{many:,} {'more' if number > 0 else 'fewer'} {_nouns(many, noun)}"


def _nouns(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
