"""The sentences of a search for the best split of a budget."""

from __future__ import annotations

from datetime import date

from simulation.estimates.allocate import AllocateFindings, Split
from simulation.estimates.library import OUTLOOK, load_library
from simulation.outcomes import long_date
from simulation.wording import quoting

NOTHING = "nothing"


def headline(findings: AllocateFindings) -> list[str]:
    """What the budget buys at best, and the split that is robust."""
    best, robust = findings.frontier[-1], findings.robust
    assert robust is not None
    lowered = findings.label[0].lower() + findings.label[1:]
    lead = (
        f"GBP {findings.budget:g}m a year from {long_date(date.fromisoformat(findings.first))} "
        f"against {lowered} in {findings.year}."
    )
    lines = [lead, f"Best in the median, by estimate: {spent(best)}{_effect(findings, best)}."]
    if robust.spends == best.spends:
        lines.append("The same split has the least regret.")
    else:
        lines.append(f"With the least regret: {spent(robust)}{_effect(findings, robust)}.")
    return lines


def spent(split: Split) -> str:
    """What a split spends, the most first: `GBP 50m on investigation, 25m on analysis in FR`."""
    parts = sorted(split.spends.items(), key=lambda one: -one[1])
    texts = [f"{pounds:g}m on {purpose(name)}" for name, pounds in parts]
    return f"GBP {', '.join(texts)}" if texts else NOTHING


def purpose(name: str) -> str:
    """What a lever of money is spent on."""
    keys = load_library(OUTLOOK).levers[name].keys
    purpose, where = str(next(iter(keys["spend_on"]))), keys.get("beneficiary", "")
    return purpose.replace("_", " ") + (f" in {where}" if where else "")


def regret(split: Split) -> str:
    """The regret of a split."""
    return "" if split.regret is None else f"{split.regret:.1f} points"


def effect(outcome: str, split: Split) -> str:
    """The estimate of a split: its middle over its range."""
    if split.estimate is None:
        return quoting.NO_VALUE
    middle, inside = (one(outcome, split.estimate) for one in (quoting.median, quoting.plausible))
    return f"{middle}\n{inside}"


def _effect(findings: AllocateFindings, split: Split) -> str:
    if split.estimate is None:
        return ""
    middle, inside = effect(findings.outcome, split).split("\n")
    return f", {middle} ({inside})"


REGRET = (
    "Regret: points by which a split does worse than the best one of that world, for the worst of "
    "19 in 20 worlds of the estimate. Where a row spends less than its amount, the rest bought no "
    "more in the search."
)
