"""What a study of agreements found, in words, for the terminal and the report alike."""

from __future__ import annotations

from typing import Any

from simulation.experiments.engine.time_budget import in_words
from simulation.experiments.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.experiments.studies.agreement_study import Plan
from simulation.outcomes import OUTCOMES
from simulation.wording import agreement_verdicts as verdicts
from simulation.wording import differences as wording
from simulation.wording.differences import BESIDE, few_for_directions, no_effect


def duration(plan: Plan) -> str:
    """How long a plan takes: `some 25 minutes with 2 processes`; empty where nobody knows."""
    if not plan.seconds or plan.workers is None:
        return ""
    text = f"some {in_words(plan.left * plan.seconds / plan.workers)}"
    return f"{text} with {plan.workers} {'process' if plan.workers == 1 else 'processes'}"


def announcement(plan: Plan) -> str:
    """What is about to be run, and how long it will take."""
    text = (
        f"{_count(plan.pairs)} to try: {plan.screening:,} runs to screen them, "
        f"{plan.refining:,} to refine the best, at most {plan.sets:,} for sets; "
        f"{plan.runs:,} in all."
    )
    done = plan.screening - plan.missing
    if took := duration(plan):
        return f"{text} One took {plan.seconds:.1f} s, so {took}."
    if plan.seconds:  # on a cluster
        return text
    return f"{text} {done:,} of the screening are there already."


def headline(summary: dict[str, Any]) -> list[str]:
    """Which agreement buys most, with its interval; deaths beside it; what a set buys."""
    found = verdicts.verdict(summary)
    if found == "silent":
        return [
            f"None of {_count(_tried(summary))} to share at {summary['raised_to']} level changes a "
            f"single number of “{summary['baseline']}” {wording.span(summary)}: they have no "
            "effect on anyone in the model within these days."
        ]
    best = verdicts.ranked(summary)[0]
    named = verdicts.helping(summary)[0] if found == "helps" else best
    effect = verdicts.shown_effect(named)
    assert effect is not None  # what is ranked has been run
    text = {
        "screened": _screened,
        "helps": _helps,
        "harms": _harms,
        "unclear": _unclear,
    }[found](summary, named, effect)
    looks = summary["looks"]["refined" if named["refined"] else "screening"]
    widened = f"These intervals are widened for looking at {looks} agreements." if looks > 1 else ""
    lines = [text, f"{_next_to(effect, summary)} {widened}".strip(), sets_sentence(summary)]
    return [line for line in lines if line]


def _helps(summary: dict[str, Any], first: dict[str, Any], effect: dict[str, Any]) -> str:
    """That some agreements have the effect that is wanted, and which of them has most of it."""
    helping, harming = verdicts.helping(summary), verdicts.harming(summary)
    by, count = summary["headline"], len(helping)
    numbers = _numbers(summary, effect)
    text = f"Of {_count(_tried(summary))}, raising {first['name']} from {first['before']} to "
    text += f"{summary['raised_to']} buys most {wording.span(summary)}: {numbers}."
    if count > 1:
        text += f" {count} agreements {_verb(summary)[:-1]} {label(by)} detectably."
    best = verdicts.ranked(summary)[0]
    if best["key"] != first["key"]:
        larger = verdicts.shown_effect(best)
        assert larger is not None
        text += (
            f" The average of {best['name']} is larger, but not detectable: "
            f"{_numbers(summary, larger)}."
        )
    return f"{text} {_others_harm(summary, harming)}".strip()


def _harms(summary: dict[str, Any], best: dict[str, Any], effect: dict[str, Any]) -> str:
    """That no agreement has the effect that is wanted, and some have the opposite one."""
    text = (
        f"None of {_count(_tried(summary))} {_verb(summary)} {label(summary['headline'])} "
        f"detectably {wording.span(summary)}. {_others_harm(summary, verdicts.harming(summary))}"
    )
    return f"{text} The best average is that of {best['name']}: {_numbers(summary, effect)}."


def _unclear(summary: dict[str, Any], best: dict[str, Any], effect: dict[str, Any]) -> str:
    """That no agreement has a detectable effect, and what would settle the best one."""
    by = summary["headline"]
    entry, numbers = effect[by], _numbers(summary, effect)
    if not verdicts.gains(entry, summary["better"]):
        return (
            f"None of {_count(_tried(summary))} {_verb(summary)} {label(by)} "
            f"{wording.span(summary)}, not even by its average; the one that comes nearest is that "
            f"of {best['name']}: {numbers}."
        )
    if entry["low"] is not None:
        settle = entry["pairs_to_settle"]
        numbers += f", {wording.no_effect(entry, settle, '--refine-replications')}"
    return (
        f"No single agreement changes {label(by)} detectably {wording.span(summary)}. Of "
        f"{_count(_tried(summary))}, the best average is that of {best['name']}: {numbers}."
    )


def _screened(summary: dict[str, Any], best: dict[str, Any], effect: dict[str, Any]) -> str:
    """That nothing is judged, since nothing was run again with fresh seeds."""
    return (
        f"{_count(_tried(summary))} were screened only, so none is judged: of many, some stand out "
        f"by luck (--refine runs the best again). The best average {wording.span(summary)} is that "
        f"of {best['name']}: {_numbers(summary, effect)}."
    )


def _others_harm(summary: dict[str, Any], harming: list[dict[str, Any]]) -> str:
    """Which agreements change what they are ranked by the wrong way; empty if none does."""
    if not harming:
        return ""
    verb = "lower" if summary["better"] == "higher" else "raise"
    keys = [pair["key"] for pair in harming]
    verb += "s" if len(keys) == 1 else ""
    return f"{_count(len(keys))} {verb} {label(summary['headline'])} detectably: {_list(keys)}."


def _numbers(summary: dict[str, Any], effect: dict[str, Any]) -> str:
    """What an agreement does to the outcome that ranks, with its interval."""
    by = summary["headline"]
    return f"{label(by)} {wording.change(by, effect[by], summary['coverage'])}"


def _verb(summary: dict[str, Any]) -> str:
    """What an agreement is wanted to do to the outcome that ranks."""
    return "raises" if summary["better"] == "higher" else "lowers"


def _tried(summary: dict[str, Any]) -> int:
    """How many agreements were run."""
    return sum(pair["status"] in ("raised", "reaches_nobody") for pair in summary["pairs"])


def _next_to(effect: dict[str, Any], summary: dict[str, Any]) -> str:
    """Deaths beside the headline, and arrivals where the headline is something else."""
    parts = []
    for name in ("channel_arrivals", BESIDE):
        if name == summary["headline"]:
            continue
        entry = effect[name]
        said = f"{label(name, first=True)} {wording.change(name, entry, summary['coverage'])}"
        if entry["low"] is not None and not entry["detectable"]:
            said += f", {no_effect(entry, None, None)}"
        parts.append(f"{said}.")
    return " ".join(parts)


def sets_sentence(summary: dict[str, Any]) -> str:
    """How far sets of agreements go, and where another one adds nothing that can be seen."""
    sets = [entry for entry in summary["sets"] if entry["total"]]
    if not sets:
        return ""
    by, flat = summary["headline"], summary["flat_after"]
    last = next((entry for entry in sets if entry["size"] == flat), sets[-1])
    size = last["size"]
    what = f"{size} agreements" if size > 1 else "one agreement"
    means = f"{label(by)} {wording.change(by, last['total'][by], summary['coverage'])}"
    if flat == 0:
        better = summary["better"]
        working = [entry["size"] for entry in sets if verdicts.helps(entry["total"][by], better)]
        if not working:
            return (
                f"Sets: none of up to {what} {_verb(summary)} {label(by)} detectably; "
                f"all of it: {means}."
            )
        return (
            f"Sets: the whole of {_list([str(count) for count in working])} agreements has a "
            f"detectable effect, but no single step to it is known to; {what}: {means}."
        )
    buys = f"Sets: {what} {'buys' if size == 1 else 'buy'} {means}"
    beyond = [entry for entry in sets if entry["size"] > flat]
    if not beyond and summary["sets_exhausted"]:
        return f"{buys}; no other candidate buys more, by its average."
    if not beyond:
        return f"{buys}; the gain has not flattened yet."
    if any(entry["buys"] for entry in beyond):
        return f"{buys}; larger sets have no detectable effect as a whole."
    more = "one more adds" if len(beyond) == 1 else f"{len(beyond)} more add"
    return f"{buys}; there the gain flattens, {more} nothing detectable."


def deadly(summary: dict[str, Any]) -> str:
    """Which agreements raise deaths, judged by their refined runs; empty if none does."""
    keys = [pair["key"] for pair in verdicts.raising_deaths(summary)]
    if not keys:
        return ""
    verb = "raises" if len(keys) == 1 else "raise"
    return f"{_count(len(keys))} {verb} deaths, in the Channel or before the coast: {_list(keys)}."


def correction(summary: dict[str, Any]) -> str:
    """What the intervals are widened for, and which seeds they come from."""
    looks, seeds = summary["looks"], summary["seeds_of"]
    percent = round(summary["coverage"] * 100)
    text = (
        f"{_count(looks['screening'])} {'was' if looks['screening'] == 1 else 'were'} screened "
        f"with {len(seeds['screening'])} seeds. Among many agreements some look good by chance. "
        f"So every interval is widened until all of its stage hold together with {percent}% "
        "probability (Bonferroni), for each outcome on its own."
    )
    if looks["refined"]:
        text += (
            f" The best {looks['refined']} owe some of their lead to luck with those seeds (the "
            f"winner's curse), so they were run again with {len(seeds['refined'])} fresh seeds; "
            "what is said of them comes from the fresh seeds alone. An agreement that was screened "
            "only is shown, but not judged."
        )
        fresh = len(seeds["refined"])
        if FEWEST_PAIRS <= fresh < DIRECTION_PAIRS:
            text += f" {few_for_directions(fresh)}"
    if summary["sets"]:
        text += (
            f" Sets are chosen from the best {len(summary['candidates'])} only, one agreement at a "
            "time, so a better set may have been missed. A set of one is the agreement as it is "
            "judged above; what larger sets do is measured with fresh seeds again."
        )
    return text


def left_out(summary: dict[str, Any]) -> list[str]:
    """The agreements of which there is nothing to show, and why, a sentence for each reason."""
    reasons = {
        "no_room": f"share at {summary['raised_to']} or above already and were not run",
        "reaches_nobody": "have no effect: every run made here is the baseline's to the last digit",
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
