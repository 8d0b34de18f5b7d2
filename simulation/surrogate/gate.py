"""The gate of the surrogate: what held-out policies must show before it can be installed.

Effects are logarithms of ratios. R2 is corrected for chance: the variance that only a seed makes is
taken off the error and off the variance that is to be explained. A middle is that of a policy: what
pairs of one policy differ in is taken off its error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.world_design import PARTS
from simulation.fitting.gate import Asked, GateLine
from simulation.surrogate.figures import ARRIVALS, UK_TOTAL
from simulation.surrogate.training import JUDGED, HeldOut, Pairs

Array = npt.NDArray[np.float64]
#: least R2 over the whole run and in each year, by outcome
_LEAST = {"channel_boats": (0.75, 0.7), ARRIVALS: (0.85, 0.8), UK_TOTAL: (0.9, 0.85)}
LABELS = {"channel_boats": "boats", ARRIVALS: "arrivals by boat", UK_TOTAL: "arrivals in the UK"}
#: errors of a middle that are small enough: logarithm of a ratio, and share of the effect
_POINTS, _SHARE = 0.015, 0.15
#: shares of held-out pairs that must lie in their range, of all paths and at least in each third
_COVERED, _IN_PART = (0.85, 0.95), 0.8


def judge(pairs: Pairs, held: HeldOut) -> list[GateLine]:
    """Every line of the gate with its value."""
    lines: list[GateLine] = []
    periods = list(dict.fromkeys(period for _, period in held.targets))
    for outcome, label in LABELS.items():
        whole, yearly = _LEAST[outcome]
        for period in periods:
            column = held.column(outcome, period)
            name = "whole run" if period == "run" else period
            seen, chance = held.seen[:, column], held.chance[:, column]
            least = Asked("r2", f"R2 of held-out policies, {label}, {name}", "ratio", "",
                          low=whole if period == "run" else yearly)  # fmt: skip
            value = explained(seen, held.forecast[:, column], chance)
            none = explained(seen, np.zeros_like(seen), chance)
            line = least.judged(value)
            lines.append(line.model_copy(update={"shown": f"{line.shown} (no effect {none:.3g})"}))
    for outcome, label in LABELS.items():
        column = held.column(outcome, "run")
        seen, forecast = held.seen[:, column], held.forecast[:, column]
        what = f"Typical error of the middle over 1.5 points or 15%, {label}"
        error = middle_error(seen, forecast, held.apart[:, column])
        lines.append(Asked("error", what, "ratio", "", high=1.0).judged(error))
    inside, inside_part = _inside(held)
    for outcome, label in LABELS.items():
        place = JUDGED.index(outcome)
        what = f"Coverage of the 90% range, {label}"
        asked = Asked("coverage", what, "share", "", low=_COVERED[0], high=_COVERED[1])
        lines.append(asked.judged(float(inside[:, place].mean())))
        for number, part in enumerate(PARTS):
            among = inside_part[pairs.part == number, place]
            asked = Asked("coverage", f"{what}, {part} of the paths", "share", "", low=_IN_PART)
            lines.append(asked.judged(float(among.mean()) if len(among) else 0.0))
    return lines


def first_failed(lines: Sequence[GateLine]) -> GateLine | None:
    """The first line that was not passed."""
    return next((line for line in lines if not line.passed), None)


def explained(seen: Array, forecast: Array, chance: Array) -> float:
    """R2 of forecasts, with what chance adds taken off both variances.

    Args:
        seen: (pairs,) effects.
        forecast: The same, as forecast.
        chance: Variance of chance in each of the first.
    """
    noise = float(chance.mean())
    left = max(float(((seen - forecast) ** 2).mean()) - noise, 0.0)
    whole = float(seen.var()) - noise
    return 1.0 - left / whole if whole > 0.0 else 0.0


def middle_error(seen: Array, forecast: Array, apart: Array) -> float:
    """Typical error (median of held-out pairs) of the middles of policies, over what is small.

    What pairs show is scaled down to the part of its variance that lies between policies.

    Args:
        seen: (pairs,) effects.
        forecast: The same, as forecast.
        apart: Variance of the first between worlds of a policy, which no middle has.
    """
    error = np.abs(seen - forecast)
    whole = float((error**2).sum())
    between = max(1.0 - float(apart.sum()) / whole, 0.0) if whole > 0.0 else 0.0
    small = np.maximum(_POINTS, _SHARE * np.abs(forecast))
    return float(np.median(error / small) * np.sqrt(between))


def _inside(held: HeldOut) -> tuple[Array, Array]:
    """Whether each pair lies in its range of all paths, and in that of its third."""
    seen = held.seen[:, [held.column(outcome, "run") for outcome in JUDGED]]
    return tuple(
        ((low <= seen) & (seen <= high)).astype(float)
        for low, high in ((held.low, held.high), (held.part_low, held.part_high))
    )  # type: ignore[return-value]
