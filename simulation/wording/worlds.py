"""What an effect owes to sets of assumptions, future paths and chance, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulation.engine.world_design import PARTS
from simulation.outcomes import OUTCOMES, difference_unit, listing
from simulation.statistics.paired import SPREAD_PAIRS
from simulation.studies.world_effects import PathEffects, VarianceSplit
from simulation.wording import quoting
from simulation.wording.quoting import number_of

#: share of the variance from which on it is said what chance decides
_NOT_SMALL = 0.1
#: what a seed decides under one set and path
_DECIDED = "the weather at sea, who sets out and who is stopped, which smugglers are arrested"
#: a third of the paths, in words
IF = dict(
    zip(PARTS, ("If few set out", "If as many as expected set out", "If many set out"), strict=True)
)
_NOUNS = {
    "sets": "between sets of assumptions",
    "paths": "between future paths",
    "chance": "in chance",
}


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


def variance(headline: str, splits: Mapping[str, VarianceSplit]) -> str:
    """Where the variance of an effect comes from, and what a seed decides, in sentences.

    Empty where it is not split: where pairs differ by chance alone, or are too few.
    """
    split = splits.get(headline)
    if split is None:
        return ""
    shares = [
        f"{share:.0%} lies {_NOUNS[name]}"
        for name in _NOUNS
        if (share := getattr(split, name)) is not None
    ]
    label = OUTCOMES[headline].label.lower()
    text = f"Of the variance of the effect on {label}, {listing(shares)}."
    if split.chance < _NOT_SMALL:
        return f"{text} What a seed decides is small."
    size = f"{split.sd_chance:.2g} {_unit(headline, split)}"
    return (
        f"{text} Under one set and path, seeds move it by {size} (standard deviation): {_DECIDED}."
    )


def too_few_by_path(parts: Sequence[PathEffects]) -> str:
    """How many pairs show the effect by future path; empty where these do, or paths are alike."""
    if len(parts) <= 1 or shown(parts):
        return ""
    return f"The effect by future path needs some {len(PARTS) * SPREAD_PAIRS} pairs."


def too_few_to_split(pairs: int, needed: int | None) -> str:
    """How many pairs it takes to split a variance; empty where there are enough, or no parts."""
    if needed is None or pairs >= needed:
        return ""
    return f"Splitting the variance needs {needed} pairs."


def _unit(outcome: str, split: VarianceSplit) -> str:
    return "percentage points" if split.percent else difference_unit(OUTCOMES[outcome])
