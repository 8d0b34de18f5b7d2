"""One visitor's runs: a baseline and a what-if that go on side by side in a thread of their own.

Clicks only say what is wanted; the thread does it, and the latest wish wins.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from simulation.app.charts import CHARTS, Chart, drawn, weeks_over
from simulation.app.live import Frame, LiveRun
from simulation.scenario import Scenario

_LOG = logging.getLogger(__name__)
#: days a second until something else is chosen
SPEED = 10
#: seconds between two frames where more days than one are simulated for each
_FRAME = 0.1
#: days between two signs of life of a warm-up
_DAYS_BETWEEN_SIGNS = 15


class Phase(StrEnum):
    """The phase of the runs."""

    EMPTY = "empty"
    BUILDING = "building"
    PAUSED = "paused"
    PLAYING = "playing"
    FINISHED = "finished"
    FAILED = "failed"


class PlayOrder(NamedTuple):
    """The runs to play: the baseline, and the what-if unless it is the same."""

    baseline: Scenario
    whatif: Scenario | None
    seed: int
    scale: float

    @property
    def inputs(self) -> tuple[str, str, int, float]:
        """What orders of the same runs share: titles and descriptions change nothing in them."""
        whatif = "" if self.whatif is None else self.whatif.hash()
        return self.baseline.hash(), whatif, self.seed, self.scale


@dataclass(frozen=True)
class PlayView:
    """The state that the page shows at a moment.

    Attributes:
        number: Of the frame.
        phase: What the runs are doing.
        order: What is run; None before anything is.
        day: The day shown, counted from the first simulated one.
        over: Days that are over, warm-up included.
        first: The first day that counts.
        days: Days to simulate, warm-up included.
        date: The date shown; None before there is one.
        frames: Of the baseline and of the what-if, as `LiveRun.frame` makes them.
        charts: By key, as they were last drawn.
        problem: What went wrong, in words.
    """

    number: int = 0
    phase: Phase = Phase.EMPTY
    order: PlayOrder | None = None
    day: int = 0
    over: int = 0
    first: int = 0
    days: int = 0
    date: date | None = None
    frames: tuple[Frame, ...] = ()
    charts: Mapping[str, Chart] = field(default_factory=dict)
    problem: str = ""

    @property
    def warming(self) -> bool:
        """Whether the day shown lies before the first that counts."""
        return self.day < self.first


class Player:
    """Runs of one visitor.

    Args:
        show: Called in the thread of the runs with each new view.
    """

    def __init__(self, show: Callable[[PlayView], None]) -> None:
        self._show = show
        self._wake = threading.Condition()
        self._order: PlayOrder | None = None
        self._runs: list[LiveRun] = []
        self._steps = 0
        self._look: int | None = None
        self._playing = self._stale = self._closed = False
        #: days simulated a second; as fast as it goes when 0
        self.speed = SPEED
        self._view = PlayView()
        self._thread: threading.Thread | None = None

    # -- what a visitor wishes -----------------------------------------------------------------

    def begin(self, order: PlayOrder) -> None:
        """Run something else, from its first day; nothing is played yet."""
        self._wish(order=order, playing=False)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def play(self) -> None:
        """Go on until interrupted."""
        self._wish(playing=True)

    def pause(self) -> None:
        """Stop after the day that is being simulated."""
        self._wish(playing=False)

    def step(self, days: int) -> None:
        """Simulate some days and stop."""
        self._wish(playing=False, steps=days)

    def look_at(self, day: int) -> None:
        """Show a day that is over and stop there."""
        self._wish(playing=False, look=day)

    def close(self) -> None:
        """Stop for good and give the memory back."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _wish(
        self,
        *,
        playing: bool,
        order: PlayOrder | None = None,
        steps: int = 0,
        look: int | None = None,
    ) -> None:
        with self._wake:
            self._order = order or self._order
            self._playing, self._steps, self._look = playing, steps, look
            self._stale = True
            self._wake.notify_all()

    # -- the thread ----------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._closed:
                self._turn()
        except Exception as error:
            _LOG.exception("a run failed")
            problem = f"The run stopped: {type(error).__name__}: {error}"
            self._playing, self._view = False, PlayView(phase=Phase.FAILED, problem=problem)
            if not self._closed:
                self._show(self._view)
        self._runs = []

    def _turn(self) -> None:
        """Wait until something is wished, and do it."""
        with self._wake:
            while not (self._closed or self._order or self._stale or self._due()):
                self._wake.wait()
            order, self._order = self._order, None
            self._stale = False
        began = time.monotonic()
        if order is not None:
            self._build(order)
        elif self._runs and not self._closed:
            days = self._simulate(began)
            self._publish(Phase.PLAYING if self._due() else self._rest())
            with self._wake:
                if self._due() and self.speed and not self._stale:
                    self._wake.wait(max(0.0, began + days / self.speed - time.monotonic()))

    def _due(self) -> bool:
        return bool(self._runs) and self._playing and self._rest() is not Phase.FINISHED

    def _rest(self) -> Phase:
        """The phase of runs that do not go on."""
        lead = self._runs[0]
        return Phase.FINISHED if lead.over >= lead.days else Phase.PAUSED

    def _build(self, order: PlayOrder) -> None:
        """Begin runs, and simulate the days before the first that counts."""
        self._runs = []
        self._view = PlayView(self._view.number, Phase.BUILDING, order)
        self._publish(Phase.BUILDING)
        runs = [LiveRun(one, order.seed, order.scale)
                for one in (order.baseline, order.whatif) if one is not None]  # fmt: skip
        self._runs = runs
        for day in range(runs[0].first):
            if self._order is not None or self._closed:
                return
            self._step_all()
            if day % _DAYS_BETWEEN_SIGNS == 0:
                self._publish(Phase.BUILDING)
        self._publish(Phase.PLAYING if self._due() else Phase.PAUSED)

    def _simulate(self, began: float) -> int:
        """Simulate the days until the next frame; how many."""
        with self._wake:
            wanted, self._steps = self._steps, 0
            if not wanted and self._due():
                wanted = max(1, round(self.speed * _FRAME)) if self.speed else self._runs[0].days
            timed = self._due() and not self.speed
        days = min(wanted, self._runs[0].days - self._runs[0].over)
        for day in range(days):
            if self._order or self._closed or (timed and time.monotonic() > began + _FRAME):
                return day
            self._step_all()
        return days

    def _step_all(self) -> None:
        for run in self._runs:
            run.step()

    def _publish(self, phase: Phase) -> None:
        """Show the day that is wanted."""
        before = self._view
        if not self._runs or not self._runs[0].over:
            self._view = PlayView(before.number + 1, phase, before.order)
        else:
            lead, look = self._runs[0], self._look
            day = lead.over - 1 if look is None else max(0, min(look, lead.over - 1))
            charts = before.charts
            if not charts or weeks_over(lead) != max(0, before.over - lead.first) // 7:
                charts = {spec.key: drawn(spec, self._runs) for spec in CHARTS}
            self._view = PlayView(
                before.number + 1, phase, before.order, day, lead.over, lead.first, lead.days,
                lead.date_of(day), tuple(run.frame(day) for run in self._runs), charts,
            )  # fmt: skip
        if not self._closed:
            self._show(self._view)
