"""What a study of agreements found, in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.experiments.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.experiments.studies.agreement_findings import (
    AgreementSet,
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.experiments.studies.agreements import PlannedRuns
from simulation.outcomes import OUTCOMES
from simulation.wording import differences as wording
from simulation.wording.differences import BESIDE, few_for_directions, in_text, no_effect


def announcement(plan: PlannedRuns) -> str:
    """What is about to be run, and how long it will take."""
    text = (
        f"{_count(plan.pairs)} to try: {plan.screening:,} runs to screen them, "
        f"{plan.refining:,} to refine the best, at most {plan.sets:,} for sets; "
        f"{plan.runs:,} in all."
    )
    done = plan.screening - plan.missing
    if plan.duration:
        return f"{text} One took {plan.seconds:.1f} s, so {plan.duration}."
    if plan.seconds:  # on a cluster
        return text
    return f"{text} {done:,} of the screening are there already."


def headline(found: AgreementsFindings) -> list[str]:
    """Which agreement buys most, with its interval; deaths beside it; what a set buys."""
    verdict = found.verdict
    if verdict == "silent":
        return [
            f"None of {_count(found.tried)} to share at {found.raised_to} level changes a "
            f"single number of “{found.baseline}” {wording.span(found)}: they have no "
            "effect on anyone in the model within these days."
        ]
    named = found.helping[0] if verdict == "helps" else found.ranked[0]
    text = {
        "screened": _screened,
        "helps": _helps,
        "harms": _harms,
        "unclear": _unclear,
    }[verdict](found, named)
    looks = found.looks.refined if named.refined else found.looks.screening
    widened = f"These intervals are widened for looking at {looks} agreements." if looks > 1 else ""
    beside = f"{_next_to(named.effects, found)} {widened}".strip()
    return [line for line in (text, beside, sets_sentence(found)) if line]


def _helps(found: AgreementsFindings, first: PairEffects) -> str:
    """That some agreements have the effect that is wanted, and which of them has most of it."""
    count = len(found.helping)
    text = f"Of {_count(found.tried)}, raising {first.name} from {first.before} to "
    text += f"{found.raised_to} buys most {wording.span(found)}: {_numbers(found, first.effects)}."
    if count > 1:
        text += f" {count} agreements {_verb(found)[:-1]} {in_text(found.headline)} detectably."
    best = found.ranked[0]
    if best.key != first.key:
        text += (
            f" The average of {best.name} is larger, but not detectable: "
            f"{_numbers(found, best.effects)}."
        )
    return f"{text} {_others_harm(found)}".strip()


def _harms(found: AgreementsFindings, best: PairEffects) -> str:
    """That no agreement has the effect that is wanted, and some have the opposite one."""
    text = (
        f"None of {_count(found.tried)} {_verb(found)} {in_text(found.headline)} "
        f"detectably {wording.span(found)}. {_others_harm(found)}"
    )
    return f"{text} The best average is that of {best.name}: {_numbers(found, best.effects)}."


def _unclear(found: AgreementsFindings, best: PairEffects) -> str:
    """That no agreement has a detectable effect, and what would settle the best one."""
    by = in_text(found.headline)
    effect, numbers = best.effects[found.headline], _numbers(found, best.effects)
    if not found.gains(best.effects):
        return (
            f"None of {_count(found.tried)} {_verb(found)} {by} {wording.span(found)}, not even by "
            f"its average; the one that comes nearest is that of {best.name}: {numbers}."
        )
    if effect.interval is not None:
        settle, option = effect.pairs_to_settle, "--refine-replications"
        numbers += f", {no_effect(found.headline, effect, settle, option=option)}"
    return (
        f"No single agreement changes {by} detectably {wording.span(found)}. Of "
        f"{_count(found.tried)}, the best average is that of {best.name}: {numbers}."
    )


def _screened(found: AgreementsFindings, best: PairEffects) -> str:
    """That nothing is judged, since nothing was run again with fresh seeds."""
    return (
        f"{_count(found.tried)} were screened only, so none is judged: of many, some stand out "
        f"by luck (--refine runs the best again). The best average {wording.span(found)} is that "
        f"of {best.name}: {_numbers(found, best.effects)}."
    )


def _others_harm(found: AgreementsFindings) -> str:
    """Which agreements change what they are ranked by the wrong way; empty if none does."""
    keys = [pair.key for pair in found.harming]
    if not keys:
        return ""
    verb = "lower" if found.better == "higher" else "raise"
    verb += "s" if len(keys) == 1 else ""
    return f"{_count(len(keys))} {verb} {in_text(found.headline)} detectably: {_list(keys)}."


def _numbers(found: AgreementsFindings, effects: Effects) -> str:
    """What an agreement, or a set, does to the outcome that ranks, with its interval."""
    by = found.headline
    return f"{in_text(by)} {wording.change(by, effects[by], found.coverage)}"


def _verb(found: AgreementsFindings) -> str:
    """What an agreement is wanted to do to the outcome that ranks."""
    return "raises" if found.better == "higher" else "lowers"


def _next_to(effects: Effects, found: AgreementsFindings) -> str:
    """Deaths beside the headline, and arrivals where the headline is something else."""
    parts = []
    for name in ("channel_arrivals", BESIDE):
        if name == found.headline:
            continue
        effect = effects[name]
        said = f"{OUTCOMES[name].label} {wording.change(name, effect, found.coverage)}"
        if effect.interval is not None and not effect.detectable:
            said += f", {no_effect(name, effect)}"
        parts.append(f"{said}.")
    return " ".join(parts)


def sets_sentence(found: AgreementsFindings) -> str:
    """How far sets of agreements go, and where another one adds nothing that can be seen."""
    sets = [(one, one.total) for one in found.sets if one.total is not None]
    if not sets:
        return ""
    flat = found.flat_after or 0
    last, total = next((each for each in sets if each[0].size == flat), sets[-1])
    size, means = last.size, _numbers(found, total)
    what = f"{size} agreements" if size > 1 else "one agreement"
    if not flat:
        working = [f"{one.size}" for one, effects in sets if found.helps(effects)]
        if not working:
            return (
                f"Sets: none of up to {what} {_verb(found)} {in_text(found.headline)} detectably; "
                f"all of it: {means}."
            )
        return (
            f"Sets: the whole of {_list(working)} agreements has a detectable effect, but no "
            f"single step to it is known to; {what}: {means}."
        )
    buys = f"Sets: {what} {'buys' if size == 1 else 'buy'} {means}"
    beyond = [one for one, _ in sets if one.size > flat]
    if not beyond and found.sets_exhausted:
        return f"{buys}; no other candidate buys more, by its average."
    if not beyond:
        return f"{buys}; the gain has not flattened yet."
    if any(one.buys for one in beyond):
        return f"{buys}; larger sets have no detectable effect as a whole."
    more = "one more adds" if len(beyond) == 1 else f"{len(beyond)} more add"
    return f"{buys}; there the gain flattens, {more} nothing detectable."


def deadly(found: AgreementsFindings) -> str:
    """Which agreements raise deaths, judged by their refined runs; empty if none does."""
    keys = [pair.key for pair in found.raising_deaths]
    if not keys:
        return ""
    verb = "raises" if len(keys) == 1 else "raise"
    return f"{_count(len(keys))} {verb} deaths, in the Channel or before the coast: {_list(keys)}."


def correction(found: AgreementsFindings) -> str:
    """What the intervals are widened for, and which seeds they come from."""
    looks, fresh = found.looks, len(found.seeds_of.refined)
    text = (
        f"{_count(looks.screening)} {'was' if looks.screening == 1 else 'were'} screened "
        f"with {len(found.seeds_of.screening)} seeds. Among many agreements some look good by "
        "chance. So every interval is widened until all of its stage hold together with "
        f"{round(found.coverage * 100)}% probability (Bonferroni), for each outcome on its own."
    )
    if looks.refined:
        text += (
            f" The best {looks.refined} owe some of their lead to luck with those seeds (the "
            f"winner's curse), so they were run again with {fresh} fresh seeds; "
            "what is said of them comes from the fresh seeds alone. An agreement that was screened "
            "only is shown, but not judged."
        )
        if FEWEST_PAIRS <= fresh < DIRECTION_PAIRS:
            text += f" {few_for_directions(fresh)}"
    if found.sets:
        text += (
            f" Sets are chosen from the best {len(found.candidates)} only, one agreement at a "
            "time, so a better set may have been missed. A set of one is the agreement as it is "
            "judged above; what larger sets do is measured with fresh seeds again."
        )
    return text


def left_out(found: AgreementsFindings) -> list[str]:
    """The agreements of which there is nothing to show, and why, a sentence for each reason."""
    reasons = {
        "no_room": f"share at {found.raised_to} or above already and were not run",
        "reaches_nobody": "have no effect: every run made here is the baseline's to the last digit",
        "failed": "have no run without a failure",
    }
    texts = []
    for status, reason in reasons.items():
        keys = [pair.key for pair in found.pairs if pair.status == status]
        if keys:
            texts.append(f"{len(keys)} of {len(found.pairs)} pairs {reason}: {_list(keys)}.")
    return texts


def best_set(found: AgreementsFindings) -> str:
    """What the file of the best set holds, and that a command runs it at full scale."""
    names = {pair.key: pair.name for pair in found.pairs}
    listed = "; ".join(names[key] for key in found.best_set)
    text = f"best-set.toml is a whole scenario with these agreements signed: {listed}. "
    if not found.flat_after:
        text += "No step towards it is detectable here, so it holds all of them. "
    if found.scale < 1.0:
        return f"{text}This study simulates {found.scale:.0%} of the people; all of them, with:"
    return f"{text}With more runs:"


def set_status(one: AgreementSet) -> str:
    """Whether the last agreement of a set added something."""
    return "adds to the set" if one.buys else "no detectable gain: its interval holds zero"


def _list(keys: Sequence[str], most: int = 24) -> str:
    """Names with commas; the first of very many."""
    rest = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {rest} more (agreements.csv)" if rest > 0 else "")


def _count(number: int) -> str:
    return f"{number} agreement{'' if number == 1 else 's'}"
