"""An effect by future path, in words."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.world_design import PARTS
from simulation.statistics.paired import SPREAD_PAIRS
from simulation.studies.world_effects import PathEffects
from simulation.wording import quoting
from simulation.wording.quoting import number_of

#: a third of the paths, in words
IF = dict(
    zip(PARTS, ("If few set out", "If as many as expected set out", "If many set out"), strict=True)
)


def by_path(headline: str, parts: Sequence[PathEffects]) -> list[str]:
    """The effect on an outcome in each third of the future paths, a line each."""
    lines = []
    for one in shown(parts):
        first, *more = stated(headline, one)
        inside = f" ({'; '.join(more)})" if more else ""
        lines.append(f"{IF[one.part]}: {first}{inside}, {rests_on(one)}.")
    return lines


def shown(parts: Sequence[PathEffects]) -> Sequence[PathEffects]:
    """The thirds of the future paths of which anything is said; none where none has a range.

    A middle of a few pairs would be read beside the average of all as one of its parts.
    """
    ranges = (entry.plausible for one in parts for entry in one.outcomes.values())
    return parts if any(ranges) else ()


def rests_on(one: PathEffects) -> str:
    """The pairs of a third of the paths, and how many of them are independent."""
    noun = _noun(one)
    return f"{number_of(one.pairs, 'pair')} of {number_of(getattr(one, f'{noun}s'), noun)}"


def stated(outcome: str, one: PathEffects) -> list[str]:
    """The middle in a third of the paths and its range, or why it has none."""
    entry = one.outcomes[outcome]
    few, unit = "too few pairs for a range", quoting.unit(outcome, entry)
    inside = quoting.plausible_in_unit(outcome, entry)
    if outcome in quoting.RANGE_ONLY:
        return [inside or ("no direction" if entry.pairs >= SPREAD_PAIRS else few)]
    if not (middle := quoting.median(outcome, entry)):
        return [quoting.NO_VALUE]
    first = f"{middle} {unit}".rstrip()
    return [first, inside] if inside else [f"middle {first}", few]


def _noun(one: PathEffects) -> str:
    """The noun for what the independent pairs of a third differ in."""
    return "path" if one.sets == 1 < one.paths else "set"


def too_few_by_path(parts: Sequence[PathEffects]) -> str:
    """How many pairs show the effect by future path; empty where these do, or paths are alike."""
    if len(parts) <= 1 or shown(parts):
        return ""
    return f"The effect by future path needs some {len(PARTS) * SPREAD_PAIRS} pairs."
