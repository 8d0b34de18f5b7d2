"""What a study of agreements found, in words, for the terminal and the report alike."""

from __future__ import annotations

from typing import Any

from simulation.experiments import wording
from simulation.experiments.agreement_study import Plan
from simulation.experiments.cost import in_words
from simulation.experiments.wording import BESIDE
from simulation.outcomes import OUTCOMES

_DEATHS = (BESIDE, "corridor_deaths")


def duration(plan: Plan) -> str:
    """How long a plan takes: `some 25 minutes with 2 processes`; empty where nobody knows."""
    if not plan.seconds or plan.workers is None:
        return ""
    text = f"some {in_words(plan.left * plan.seconds / plan.workers)}"
    return f"{text} with {plan.workers} {'process' if plan.workers == 1 else 'processes'}"


def announcement(plan: Plan) -> str:
    """What is about to be run, and how long it will take."""
    text = (
        f"{plan.pairs} agreements to try: {plan.screening:,} runs to screen them, "
        f"{plan.refining:,} to refine the best, at most {plan.sets:,} for sets; "
        f"{plan.runs:,} in all."
    )
    done = plan.screening - plan.missing
    if took := duration(plan):
        return f"{text} One took {plan.seconds:.1f} s, so {took}."
    if plan.seconds:  # on a cluster
        return text
    return f"{text} {done:,} of the screening are there already."


def leading(summary: dict[str, Any]) -> dict[str, Any] | None:
    """The agreement that comes out best; None when none reaches anybody."""
    if not summary["ranking"]:
        return None
    return next(pair for pair in summary["pairs"] if pair["key"] == summary["ranking"][0])


def shown_effect(pair: dict[str, Any]) -> dict[str, Any] | None:
    """The effect to show of an agreement: the refined one if there is one."""
    return pair["refined"] or pair["screening"]


def gains(summary: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether a mean lies on the side that is wanted."""
    way = entry["difference"] or 0.0
    return bool(way > 0.0 if summary["better"] == "higher" else way < 0.0)


def helps(summary: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether all of an interval lies on the side that is wanted."""
    return bool(entry["detectable"] and gains(summary, entry))


def headline(summary: dict[str, Any]) -> list[str]:
    """Which agreement buys most, with its interval; deaths beside it; what a set buys."""
    by = summary["headline"]
    tried = [pair for pair in summary["pairs"] if pair["status"] in ("raised", "reaches_nobody")]
    span = wording.span(summary)
    best = leading(summary)
    if best is None:
        return [
            f"None of {_count(len(tried))} to share at {summary['raised_to']} level changes a "
            f"single number of “{summary['baseline']}” {span}: nothing they change reaches anybody "
            "within these days."
        ]
    stage = "refined" if best["refined"] else "screening"
    effect = best[stage]
    entry, settle = effect[by], effect[by]["pairs_to_settle"]
    numbers = f"{label(by)} {wording.change(by, entry, summary['coverage'])}"
    if helps(summary, entry):
        text = (
            f"Of {_count(len(tried))}, raising {best['name']} from {best['before']} to "
            f"{summary['raised_to']} buys most {span}: {numbers}."
        )
    elif gains(summary, entry):
        option = "--refine-replications" if stage == "refined" else "--replications"
        text = (
            f"No single agreement changes {label(by)} detectably {span}. Of "
            f"{_count(len(tried))}, the best mean is that of {best['name']}: {numbers}, "
            f"{wording.no_effect(entry, settle, option)}."
        )
    else:
        verb = "raises" if summary["better"] == "higher" else "lowers"
        text = (
            f"None of {_count(len(tried))} {verb} {label(by)} {span}, not even by its mean; the "
            f"one that comes nearest is that of {best['name']}: {numbers}."
        )
    looks = summary["looks"][stage]
    widened = f"These intervals are widened for looking at {looks} agreements." if looks > 1 else ""
    lines = [text, f"{_beside(effect, summary)} {widened}".strip(), sets_sentence(summary)]
    return [line for line in lines if line]


def _beside(effect: dict[str, Any], summary: dict[str, Any]) -> str:
    """Deaths beside the headline, and arrivals where the headline is something else."""
    parts = []
    for name in ("channel_arrivals", BESIDE):
        if name == summary["headline"]:
            continue
        entry = effect[name]
        said = f"{label(name, first=True)} {wording.change(name, entry, summary['coverage'])}"
        if entry["low"] is not None and not entry["detectable"]:
            said += ", no detectable effect at this precision"
        parts.append(f"{said}.")
    return " ".join(parts)


def sets_sentence(summary: dict[str, Any]) -> str:
    """How far sets of agreements go, and where another one adds nothing that can be seen."""
    sets, by = summary["sets"], summary["headline"]
    if not sets:
        return ""
    flat = summary["flat_after"]
    size = flat or len(sets)
    total = sets[size - 1]["total"]
    if total is None:
        return ""
    what = f"{size} agreements" if size > 1 else "one agreement"
    means = f"{label(by)} {wording.change(by, total[by], summary['coverage'])}"
    buys = f"Sets: {what} {'buys' if size == 1 else 'buy'} {means}"
    if flat == 0 and not helps(summary, total[by]):
        verb = "raises" if summary["better"] == "higher" else "lowers"
        return f"Sets: none of up to {what} {verb} {label(by)} detectably; all of it: {means}."
    if flat == 0:
        return f"Sets: no single step up to {what} adds a detectable gain; all of it: {means}."
    if flat < len(sets):
        rest = len(sets) - flat
        more = "one more adds" if rest == 1 else f"{rest} more add"
        return f"{buys}; there the gain flattens, {more} nothing detectable."
    return f"{buys}; the gain has not flattened yet."


def deadly(summary: dict[str, Any]) -> str:
    """Which agreements raise deaths for all that can be seen; empty if none does."""
    keys = [
        pair["key"]
        for pair in summary["pairs"]
        for effect in [shown_effect(pair)]
        if effect
        and any(effect[name]["detectable"] and effect[name]["difference"] > 0.0 for name in _DEATHS)
    ]
    if not keys:
        return ""
    verb = "raises" if len(keys) == 1 else "raise"
    return f"{_count(len(keys))} {verb} deaths, in the Channel or before the coast: {_list(keys)}."


def correction(summary: dict[str, Any]) -> str:
    """What the intervals are widened for, and which seeds they come from."""
    looks, seeds = summary["looks"], summary["seeds_of"]
    percent = round(summary["coverage"] * 100)
    text = (
        f"{looks['screening']} agreements were screened with {len(seeds['screening'])} seeds. "
        "Whoever looks at many finds some that are lucky, so every interval is widened until all "
        f"of its stage hold together with {percent}% probability (Bonferroni), for each outcome "
        "on its own."
    )
    if looks["refined"]:
        text += (
            f" The best {looks['refined']} owe some of their lead to luck with those seeds (the "
            f"winner's curse), so they were run again with {len(seeds['refined'])} fresh seeds; "
            "what is said of them comes from the fresh seeds alone."
        )
    if summary["sets"]:
        text += (
            f" Sets are chosen from the best {len(summary['candidates'])} only, one agreement at a "
            "time, so a better set may have been missed; what they do is measured with fresh seeds "
            "again."
        )
    return text


def left_out(summary: dict[str, Any]) -> list[str]:
    """The agreements of which there is nothing to show, and why, a sentence for each reason."""
    reasons = {
        "no_room": f"share at {summary['raised_to']} or above already and were not run",
        "reaches_nobody": "reach nobody: every run made here is the baseline's to the last digit",
        "failed": "have no run without a failure",
    }
    found = []
    for status, reason in reasons.items():
        keys = [pair["key"] for pair in summary["pairs"] if pair["status"] == status]
        if keys:
            found.append(f"{len(keys)} of {len(summary['pairs'])} pairs {reason}: {_list(keys)}.")
    return found


def set_status(entry: dict[str, Any]) -> str:
    """Whether the last agreement of a set added something."""
    return "adds to the set" if entry["buys"] else "no detectable gain: its interval holds zero"


def _list(keys: list[str], most: int = 24) -> str:
    """Names with commas; the first of very many."""
    rest = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {rest} more (agreements.csv)" if rest > 0 else "")


def _count(number: int) -> str:
    return f"{number} agreement{'' if number == 1 else 's'}"


def label(name: str, first: bool = False) -> str:
    """An outcome within a sentence, or at its beginning."""
    text = OUTCOMES[name].label
    return text if first else text[0].lower() + text[1:]
