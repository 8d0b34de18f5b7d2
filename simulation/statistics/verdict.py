"""The verdict on a difference: clear, none in practice, too small to matter, or open.

Every sentence, table, chart and file takes its verdict from here. It rests on the 90% interval of
the average difference and on a margin, the largest difference that does not matter in practice. An
interval within the margin is equivalence by two one-sided tests at 5% each (Schuirmann 1987,
"A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability", J. Pharmacokinet. Biopharm. 15).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Literal

import scipy

from simulation.statistics.paired import COVERAGE, DIRECTION_PAIRS, POWER, has_direction

#: more pairs than this are not counted
_MOST = 10**6


#: independent differences from which on an interval within the margin is a verdict; a direction
#: needs `DIRECTION_PAIRS`
EQUIVALENCE_PAIRS = 6
#: what may be said of a difference: a clear fall or rise; none in practice; beyond zero, but too
#: small to matter; or that it cannot be told
Verdict = Literal["fall", "rise", "none", "small", "open"]
#: those with a direction that matters
CLEAR = frozenset({"fall", "rise"})


def verdict_of(low: float, high: float, independent: int, margin: float | None) -> Verdict:
    """The verdict on an average difference.

    Args:
        low: Lower end of its 90% interval.
        high: Upper end, in the same unit.
        independent: Independent differences that the interval rests on.
        margin: Largest difference that does not matter, in that unit; None where none is recorded:
            then a difference is clear or open.
    """
    within = margin is not None and max(-low, high) <= margin
    if has_direction(low, high, independent):
        if within:
            return "small"
        return "fall" if high < 0.0 else "rise"
    return "none" if within and independent >= EQUIVALENCE_PAIRS else "open"


def differences_to_settle(mean: float, sd: float, margin: float | None) -> int | None:
    """Independent differences with which an open verdict would probably be settled.

    That is if the true mean and spread are those seen: with probability `POWER` the interval then
    lies within the margin or leaves out zero, whichever takes fewer.

    Args:
        mean: Mean of the independent differences.
        sd: Their standard deviation, in the same unit.
        margin: As of `verdict_of`.

    Returns:
        The number; None where the spread is unknown or no number is enough.
    """
    if not (math.isfinite(mean) and math.isfinite(sd)):
        return None
    room = max(abs(mean), 0.0 if margin is None else margin - abs(mean))
    if room <= 0.0:
        return None
    more = float(scipy.special.ndtri(POWER))

    def settles(n: int) -> bool:
        t = scipy.special.stdtrit(n - 1, 0.5 + COVERAGE / 2.0)
        return bool((t + more) * sd / math.sqrt(n) < room)

    count = bisect_left(range(_MOST), True, 2, key=settles)
    return None if count >= _MOST else max(count, DIRECTION_PAIRS)
