"""How far an answer moved, and whether by more than its error."""

from __future__ import annotations

import math
from typing import Literal

from simulation.engine.findings import Effect, ends
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import DIRECTION_PAIRS, has_direction

#: whether an answer moved by more than its error; `unknown` with too few pairs to say
Verdict = Literal["more", "within", "unknown"]


class Move(Finding):
    """How far an effect moved from one answer to another.

    Attributes:
        pairs: Pairs behind the smaller of the two.
        points: Whether it is in percentage points, as both effects are in percent; else in the
            unit of the outcome.
        difference: New effect less the old one; None where one of them has no value.
        low: Lower end of its interval; None where one of them has none.
        high: Upper end.
        verdict: Whether it moved by more than its error.
    """

    pairs: Count
    points: bool
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval."""
        return ends(self.low, self.high)


def move(old: Effect, new: Effect) -> Move:
    """How far an effect moved.

    The interval is made from those of the two effects, which may be lopsided (MOVER: Zou and Donner
    2008, "Construction of confidence limits about effect measures: a general approach", Statistics
    in Medicine 27). It takes them for independent: of runs that share seeds it is too wide.

    Args:
        old: The effect of one comparison.
        new: The effect on the same outcome of another one.
    """
    points = old.mean_percent is not None and new.mean_percent is not None
    before, after = (one.mean_percent if points else one.mean_difference for one in (old, new))
    of_old, of_new = (
        one.interval if points else ends(one.mean_low, one.mean_high) for one in (old, new)
    )
    pairs, difference, low, high = min(old.pairs, new.pairs), None, None, None
    verdict: Verdict = "unknown"
    if before is not None and after is not None:
        difference = after - before
        if of_old is not None and of_new is not None:
            low = difference - math.hypot(after - of_new[0], of_old[1] - before)
            high = difference + math.hypot(of_new[1] - after, before - of_old[0])
            if pairs >= DIRECTION_PAIRS:
                verdict = "more" if has_direction(low, high, pairs) else "within"
    return Move(
        pairs=pairs, points=points, difference=difference, low=low, high=high, verdict=verdict
    )
