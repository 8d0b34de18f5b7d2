"""One visitor's runs: a baseline and a what-if that go on side by side in a thread of their own.

Clicks only say what is wanted; the thread does it, and the latest wish wins. The browser says which
frame it has drawn, and no further one is made before: a page that is closed, hidden or slow
does not let a model run ahead of what is seen.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from simulation.app.difference import OtherPairs, WorldsChange
from simulation.app.live import Frame, LiveRun
from simulation.scenario import Scenario

#: seconds without a click or a drawn frame after which the models are given back
IDLE = 540.0
#: fastest pace at which frames are made, and the longest that days are simulated for one of them
_FRAME, _LONGEST = 1.0 / 15.0, 0.2
#: days a second until something else is chosen
SPEED = 10
#: frames on their way that the browser has not drawn
_AHEAD = 1
#: how often, seconds apart, a page that is closed looks whether its models are gone
_LOOKS, _BETWEEN = 20, 0.5
#: `M_ARENA_MAX` of malloc.h
_MOST_POOLS = -8
#: days between two signs of life of a warm-up
_DAYS_BETWEEN_SIGNS = 15


class Phase(StrEnum):
    """The phase of the runs."""

    EMPTY = "empty"
    BUILDING = "building"
    PAUSED = "paused"
    PLAYING = "playing"
    FINISHED = "finished"
    ASLEEP = "asleep"
    FAILED = "failed"


@dataclass(frozen=True)
class SessionView:
    """The state that the page shows at a moment.

    Attributes:
        number: Of the frame.
        phase: What the runs are doing.
        day: The day shown, counted from the first simulated one.
        over: Days that are over, warm-up included.
        first: The first day that counts.
        days: Days to simulate, warm-up included.
        date: The date shown; None before there is one.
        frames: Of the baseline and of the what-if, as `LiveRun.frame` makes them.
        problem: What went wrong, in words.
        change: What differs between the worlds; None unless it is asked for.
    """

    number: int = 0
    phase: Phase = Phase.EMPTY
    day: int = 0
    over: int = 0
    first: int = 0
    days: int = 0
    date: date | None = None
    frames: tuple[Frame, ...] = ()
    problem: str = ""
    change: WorldsChange | None = None

    @property
    def warming(self) -> bool:
        """Whether the day shown lies before the first that counts."""
        return self.day < self.first


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


def days_due(speed: float | None, since: float, now: float) -> tuple[int, float]:
    """Days that a pace asks for, and until when they are: the rest counts the next time.

    Args:
        speed: Days a second; as fast as it goes when None.
        since: Second until which days have been simulated.
        now: The second it is.
    """
    if speed is None:
        return 10**9, now
    days = max(1, int((now - since) * speed))
    return days, since + days / speed


Shown = Callable[[SessionView], None]
#: called after each frame with the runs, their days over and whether more days come at once
Followed = Callable[[list[LiveRun], bool], bool]


class Session:
    """Runs of one visitor.

    Args:
        show: Called in the thread of the runs with each new view.
        follow: Called there after each view with the runs and whether they go on at once; draws
            what follows from them, a part at a time, and says whether a part is left.
        idle: Seconds after which the memory is given back.
    """

    def __init__(self, show: Shown, follow: Followed, idle: float = IDLE) -> None:
        self._show, self._follow, self._idle = show, follow, idle
        self._wake = threading.Condition()
        #: held while a model is stepped or read
        self.models = threading.RLock()
        self.runs: list[LiveRun] = []
        self._others: OtherPairs | None = None
        self._order: PlayOrder | None = None
        self._last_order: PlayOrder | None = None
        self._playing, self._steps = False, 0
        self._look: int | None = None
        self._stale = self._left = False
        #: days simulated a second; as fast as it goes when None
        self.speed: float | None = SPEED
        #: whether enforcement units and operators are shown
        self.layer = False
        #: whether the difference of the runs is shown, for which more of them are needed
        self.difference = False
        self._number = self._drawn = 0
        self._touched = self._paced = time.monotonic()
        self._phase, self._problem = Phase.EMPTY, ""
        self._last_view = SessionView()
        self._closed = False
        self._thread: threading.Thread | None = None

    # -- what a visitor wishes -----------------------------------------------------------------

    @contextmanager
    def _wish(self) -> Iterator[None]:
        """Around what changes a wish: the thread hears of it."""
        with self._wake:
            yield
            self._touched = time.monotonic()
            self._stale = True
            self._wake.notify_all()

    def begin(self, order: PlayOrder) -> None:
        """Run something else, from its first day; nothing is played yet."""
        with self._wish():
            self._order, self._look = order, None
            self._playing, self._steps = False, 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def play(self) -> None:
        """Go on until interrupted; models that were given back are built again first."""
        with self._wish():
            self._wake_up()
            self._playing, self._look, self._paced = True, None, time.monotonic()

    def _wake_up(self) -> None:
        if self._phase in (Phase.ASLEEP, Phase.FAILED) and self._order is None:
            self._order = self._last_order

    def pause(self) -> None:
        """Stop after the day that is being simulated."""
        with self._wish():
            self._playing, self._steps = False, 0

    def step(self, days: int = 1) -> None:
        """Simulate some days and stop; models given back are built again first."""
        with self._wish():
            self._wake_up()
            self._playing, self._look = False, None
            self._steps += days

    def look_at(self, day: int | None) -> None:
        """Show a day that is over and stop there; the latest when None."""
        with self._wish():
            self._playing, self._steps, self._look = False, 0, day

    def set_speed(self, days_a_second: float | None) -> None:
        """Days simulated a second; as fast as it goes when None."""
        with self._wish():
            self.speed, self._paced = days_a_second, time.monotonic()

    def refresh(self) -> None:
        """Show the same day once more, as what is asked of it, such as `layer`, has changed."""
        with self._wish():
            pass

    def drawn(self, number: int) -> None:
        """The browser has drawn a frame."""
        with self._wake:
            self._drawn = max(self._drawn, min(number, self._number))
            self._wake.notify_all()

    def close(self) -> None:
        """Stop for good and give the memory back."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    # -- the thread ----------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._wake:
                while not (self._closed or self._something_to_do()):
                    left = self._touched + self._idle - time.monotonic()
                    if self.runs and left <= 0:
                        break
                    # without a model there is nothing to give back and nothing is due
                    self._wake.wait(min(left, self._pause_length()) if self.runs else None)
                if self._closed:
                    break
                order, self._order = self._order, None
                asleep = order is None and not self._something_to_do()
            try:
                if order is not None:
                    self._build(order)
                elif asleep:
                    self._end(Phase.ASLEEP)
                else:
                    self._go_on()
            except Exception as error:
                self._steps = 0
                self._problem = f"The run stopped: {type(error).__name__}: {error}"
                self._end(Phase.FAILED)
        self._drop_for_good()

    def _end(self, phase: Phase) -> None:
        """Give the models back; what they have shown last stays on the page."""
        self._drop()
        self._phase, self._playing = phase, False
        with self._wake:
            self._number += 1
        self._show_view(
            replace(self._last_view, number=self._number, phase=phase, problem=self._problem)
        )

    def _show_view(self, view: SessionView) -> None:
        self._last_view = view
        self._show(view)

    def _something_to_do(self) -> bool:
        if self._order is not None:
            return True
        if not self.runs or self._number - self._drawn > _AHEAD:
            return False
        return self._stale or self._left or self._steps > 0 or self._due()

    def _due(self) -> bool:
        return self._playing and not self.runs[0].finished and self._frame_due() <= 0

    def _frame_due(self) -> float:
        """Seconds until the next frame is due at the pace chosen."""
        pace = 0.0 if self.speed is None else max(1.0 / self.speed, _FRAME)
        return self._paced + pace - time.monotonic()

    def _pause_length(self) -> float:
        """Seconds to wait: until the next frame is due, if that is what is waited for."""
        if self._playing and self.runs and self._number - self._drawn <= _AHEAD:
            return max(self._frame_due(), 0.001)
        return 5.0

    def _build(self, order: PlayOrder) -> None:
        self._drop()
        self._last_order, self._problem = order, ""
        self._phase = Phase.BUILDING
        self._publish()
        built: list[LiveRun] = []
        for scenario in filter(None, (order.baseline, order.whatif)):
            run = LiveRun(scenario, order.seed, order.scale)
            if built:
                built[0].share_with(run)
            built.append(run)
            if self._interrupted():
                return
        self.runs, lead = built, built[0]
        if order.whatif is not None:
            self._others = OtherPairs((order.baseline, order.whatif), order.seed)
        while lead.over < lead.first:
            self._step_all()
            if lead.over % _DAYS_BETWEEN_SIGNS == 0:
                self._publish()
            if self._interrupted():
                return
        give_back()  # to draw all who may set out takes more than they do afterwards
        self._phase = Phase.PAUSED
        self._paced = time.monotonic()
        self._stale = True

    def _step_all(self) -> None:
        with self.models:
            for run in self.runs:
                run.step()

    def _interrupted(self) -> bool:
        with self._wake:
            return self._closed or self._order is not None

    def _go_on(self) -> None:
        """Simulate the days that are due, and show the day that is wanted."""
        with self._wake:
            now = time.monotonic()
            days, by_hand = self._steps, self._steps > 0
            if not by_hand and self._due():
                days, self._paced = days_due(self.speed, self._paced, now)
            self._steps = 0
            outdated, self._stale = self._stale or days > 0, False
        until = None if by_hand else now + _LONGEST
        self._simulate(days, until)
        with self._wake:
            if self.runs[0].finished:
                self._phase, self._playing = Phase.FINISHED, False
            else:
                self._phase = Phase.PLAYING if self._playing else Phase.PAUSED
            going_on = self._playing
        if outdated:
            self._publish()
        with self.models:
            self._left = self._follow(self.runs, going_on)
        if self.difference and self._others is not None:
            before = self._others.pairs
            self._left |= self._others.work(time.monotonic() + _LONGEST)
            self._stale |= self._others.pairs > before

    def _simulate(self, days: int, until: float | None) -> None:
        # at full speed a frame is made as often as one can be seen
        if self.speed is None and until is not None:
            until = time.monotonic() + _FRAME
        for _ in range(min(days, self.runs[0].days - self.runs[0].over)):
            self._step_all()
            if self._interrupted() or (until is not None and time.monotonic() > until):
                return

    def _publish(self) -> None:
        with self._wake:
            self._number += 1
            number, look, layer = self._number, self._look, self.layer
            if self.runs and self._phase is Phase.PLAYING:
                self._touched = time.monotonic()
        if not self.runs or not self.runs[0].over:
            days = self.runs[0].days if self.runs else 0
            self._show_view(SessionView(number, self._phase, days=days, problem=self._problem))
            return
        lead = self.runs[0]
        day = lead.over - 1 if look is None else max(0, min(look, lead.over - 1))
        frames = tuple(run.frame(day, layer=layer) for run in self.runs)
        others = self._others if self.difference else None
        change = None if others is None else others.change(self.runs, day)
        at = number, self._phase, day, lead.over, lead.first, lead.days
        self._show_view(SessionView(*at, lead.date_of(day), frames, self._problem, change))

    def _drop(self) -> None:
        had = bool(self.runs)
        with self.models:
            # whoever was given this list, such as what draws the charts, holds no model either
            self.runs.clear()
            self.runs, self._others = [], None
        if had:
            give_back()

    def _drop_for_good(self) -> None:
        """Drop the models, and give their memory back when nothing reads them any more."""
        models = [weakref.ref(run.model) for run in self.runs]
        self._drop()
        for _ in range(_LOOKS):
            gone = all(model() is None for model in models)
            give_back()
            if gone:
                return
            time.sleep(_BETWEEN)


def give_back() -> None:
    """Give the memory of models that are gone back to the operating system where that helps.

    A model is some hundred arrays and many agents that refer to each other. Once it is collected,
    the allocator of the GNU C library keeps most of its memory for later use, and returns only what
    lies at the end of a pool.
    """
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def share_one_pool() -> None:
    """Let all threads take memory from one pool where the C library is GNU's.

    It has one for each thread, up to eight for each core, and each stays as large as it once had to
    be: a visitor who reads an answer took 19 MB, and takes 3 with one pool.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(_MOST_POOLS, 1)
