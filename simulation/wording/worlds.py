"""What an effect owes to sets of assumptions, future paths and chance, in words."""

from __future__ import annotations

from simulation.experiments.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.experiments.studies.world_effects import VarianceSplit
from simulation.outcomes import OUTCOMES, difference_unit
from simulation.wording import quoting

#: share of the variance from which on it is said what chance decides
_NOT_SMALL = 0.1
#: what a seed decides under one set and path
_DECIDED = "the weather at sea, who sets out and who is stopped, which smugglers are arrested"
_NOUNS = {
    "sets": "between sets of assumptions",
    "paths": "between future paths",
    "chance": "in chance",
}


def by_path(found: ScenarioEffects, summary: ComparisonFindings) -> str:
    """The effect on the headline in each third of the future paths; empty where none is drawn."""
    name, parts = summary.headline, []
    for one in found.by_path:
        entry = one.outcomes[name]
        if quoting.has_value(name, entry):
            inside = f" ({quoting.interval(name, entry)})" if entry.interval is not None else ""
            parts.append(f"{quoting.first_line(name, entry)}{inside} in the {one.part}")
    if not parts:
        return ""
    return f"By future path, from the fewest people who set out to the most: {', '.join(parts)}."


def variance(found: ScenarioEffects, summary: ComparisonFindings) -> str:
    """Where the variance of the headline comes from, and what a seed decides, in sentences.

    Empty where pairs differ by chance alone, or not at all.
    """
    needed, split = summary.pairs_to_split, found.variance.get(summary.headline)
    if found.identical or needed is None:
        return ""
    if split is None:
        if summary.replications >= needed:
            return ""
        return (
            "What the effect owes to sets of assumptions, to future paths and to chance needs "
            f"{needed} pairs."
        )
    shares = [
        f"{share:.0%} lies {_NOUNS[name]}"
        for name in _NOUNS
        if (share := getattr(split, name)) is not None
    ]
    label = OUTCOMES[summary.headline].label.lower()
    text = f"Of the variance of the effect on {label}, {_listed(shares)}."
    if split.chance < _NOT_SMALL:
        return f"{text} Under one set and path, what a seed decides is small."
    size = f"{split.sd_chance:.2g} {_unit(summary.headline, split)}"
    return (
        f"{text} Under one set and path, seeds still move the effect by {size} (standard "
        f"deviation): {_DECIDED}."
    )


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _unit(outcome: str, split: VarianceSplit) -> str:
    return "percentage points" if split.percent else difference_unit(OUTCOMES[outcome])
