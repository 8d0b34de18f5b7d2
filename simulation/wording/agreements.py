"""The findings of a study of agreements in words, for the terminal and the report."""

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
    """An announcement of the planned runs and their time."""
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


def headline(findings: AgreementsFindings) -> list[str]:
    """Which agreement buys most, with its interval; deaths beside it; what a set buys."""
    verdict = findings.verdict
    if verdict == "silent":
        return [
            f"None of {_count(findings.tried)} to share at {findings.raised_to} level changes a "
            f"single number of “{findings.baseline}” {wording.span(findings)}: they have no "
            "effect on anyone in the model within these days."
        ]
    named = findings.helping[0] if verdict == "helps" else findings.ranked[0]
    text = {
        "screened": _screened,
        "helps": _helps,
        "harms": _harms,
        "unclear": _unclear,
    }[verdict](findings, named)
    looks = findings.looks.refined if named.refined else findings.looks.screening
    widened = f"These intervals are widened for looking at {looks} agreements." if looks > 1 else ""
    beside = f"{_next_to(named.effects, findings)} {widened}".strip()
    return [line for line in (text, beside, sets_sentence(findings)) if line]


def _helps(findings: AgreementsFindings, first: PairEffects) -> str:
    """The headline where some agreements have the desired effect: the one with the largest."""
    count = len(findings.helping)
    text = f"Of {_count(findings.tried)}, raising {first.name} from {first.before} to "
    numbers = _numbers(findings, first.effects)
    text += f"{findings.raised_to} buys most {wording.span(findings)}: {numbers}."
    if count > 1:
        text += (
            f" {count} agreements {_verb(findings)[:-1]} {in_text(findings.headline)} detectably."
        )
    best = findings.ranked[0]
    if best.key != first.key:
        text += (
            f" The average of {best.name} is larger, but not detectable: "
            f"{_numbers(findings, best.effects)}."
        )
    return f"{text} {_others_harm(findings)}".strip()


def _harms(findings: AgreementsFindings, best: PairEffects) -> str:
    """The headline where no agreement has the desired effect and some have the opposite one."""
    text = (
        f"None of {_count(findings.tried)} {_verb(findings)} {in_text(findings.headline)} "
        f"detectably {wording.span(findings)}. {_others_harm(findings)}"
    )
    return f"{text} The best average is that of {best.name}: {_numbers(findings, best.effects)}."


def _unclear(findings: AgreementsFindings, best: PairEffects) -> str:
    """The headline where no agreement has a detectable effect, and what would settle the best."""
    by = in_text(findings.headline)
    effect, numbers = best.effects[findings.headline], _numbers(findings, best.effects)
    if not findings.gains(best.effects):
        return (
            f"None of {_count(findings.tried)} {_verb(findings)} {by} {wording.span(findings)}, "
            f"not even by its average; the one that comes nearest is that of {best.name}: "
            f"{numbers}."
        )
    if effect.interval is not None:
        settle, option = effect.pairs_to_settle, "--refine-replications"
        numbers += f", {no_effect(findings.headline, effect, settle, option=option)}"
    return (
        f"No single agreement changes {by} detectably {wording.span(findings)}. Of "
        f"{_count(findings.tried)}, the best average is that of {best.name}: {numbers}."
    )


def _screened(findings: AgreementsFindings, best: PairEffects) -> str:
    """The headline where no agreement was run again with fresh seeds, so none is judged."""
    return (
        f"{_count(findings.tried)} were screened only, so none is judged: of many, some stand out "
        f"by luck (--refine runs the best again). The best average {wording.span(findings)} is "
        f"that of {best.name}: {_numbers(findings, best.effects)}."
    )


def _others_harm(findings: AgreementsFindings) -> str:
    """Which agreements change what they are ranked by the wrong way; empty if none does."""
    keys = [pair.key for pair in findings.harming]
    if not keys:
        return ""
    verb = "lower" if findings.better == "higher" else "raise"
    verb += "s" if len(keys) == 1 else ""
    return f"{_count(len(keys))} {verb} {in_text(findings.headline)} detectably: {_list(keys)}."


def _numbers(findings: AgreementsFindings, effects: Effects) -> str:
    """The effect of an agreement or a set on the outcome that ranks, with its interval."""
    by = findings.headline
    return f"{in_text(by)} {wording.change(by, effects[by], findings.coverage)}"


def _verb(findings: AgreementsFindings) -> str:
    """The verb for the desired effect on the outcome that ranks."""
    return "raises" if findings.better == "higher" else "lowers"


def _next_to(effects: Effects, findings: AgreementsFindings) -> str:
    """Deaths beside the headline, and arrivals where the headline is something else."""
    parts = []
    for name in ("channel_arrivals", BESIDE):
        if name == findings.headline:
            continue
        effect = effects[name]
        said = f"{OUTCOMES[name].label} {wording.change(name, effect, findings.coverage)}"
        if effect.interval is not None and not effect.detectable:
            said += f", {no_effect(name, effect)}"
        parts.append(f"{said}.")
    return " ".join(parts)


def sets_sentence(findings: AgreementsFindings) -> str:
    """How far sets of agreements go, and where another one adds nothing that can be seen."""
    sets = [(one, one.total) for one in findings.sets if one.total is not None]
    if not sets:
        return ""
    flat = findings.flat_after or 0
    last, total = next((each for each in sets if each[0].size == flat), sets[-1])
    size, means = last.size, _numbers(findings, total)
    what = f"{size} agreements" if size > 1 else "one agreement"
    if not flat:
        working = [f"{one.size}" for one, effects in sets if findings.helps(effects)]
        if not working:
            return (
                f"Sets: none of up to {what} {_verb(findings)} {in_text(findings.headline)} "
                f"detectably; all of it: {means}."
            )
        return (
            f"Sets: the whole of {_list(working)} agreements has a detectable effect, but no "
            f"single step to it is known to; {what}: {means}."
        )
    buys = f"Sets: {what} {'buys' if size == 1 else 'buy'} {means}"
    beyond = [one for one, _ in sets if one.size > flat]
    if not beyond and findings.sets_exhausted:
        return f"{buys}; no other candidate buys more, by its average."
    if not beyond:
        return f"{buys}; the gain has not flattened yet."
    if any(one.buys for one in beyond):
        return f"{buys}; larger sets have no detectable effect as a whole."
    more = "one more adds" if len(beyond) == 1 else f"{len(beyond)} more add"
    return f"{buys}; there the gain flattens, {more} nothing detectable."


def deadly(findings: AgreementsFindings) -> str:
    """Which agreements raise deaths, judged by their refined runs; empty if none does."""
    keys = [pair.key for pair in findings.raising_deaths]
    if not keys:
        return ""
    verb = "raises" if len(keys) == 1 else "raise"
    return f"{_count(len(keys))} {verb} deaths, in the Channel or before the coast: {_list(keys)}."


def correction(findings: AgreementsFindings) -> str:
    """A note on why the intervals are widened, and which seeds they come from."""
    looks, fresh = findings.looks, len(findings.seeds_of.refined)
    text = (
        f"{_count(looks.screening)} {'was' if looks.screening == 1 else 'were'} screened "
        f"with {len(findings.seeds_of.screening)} seeds. Among many agreements some look good by "
        "chance. So every interval is widened until all of its stage hold together with "
        f"{round(findings.coverage * 100)}% probability (Bonferroni), for each outcome on its own."
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
    if findings.sets:
        text += (
            f" Sets are chosen from the best {len(findings.candidates)} only, one agreement at a "
            "time, so a better set may have been missed. A set of one is the agreement as it is "
            "judged above; what larger sets do is measured with fresh seeds again."
        )
    return text


def left_out(findings: AgreementsFindings) -> list[str]:
    """The agreements of which there is nothing to show, and why, a sentence for each reason."""
    reasons = {
        "no_room": f"share at {findings.raised_to} or above already and were not run",
        "reaches_nobody": "have no effect: every run made here is the baseline's to the last digit",
        "failed": "have no run without a failure",
    }
    texts = []
    for status, reason in reasons.items():
        keys = [pair.key for pair in findings.pairs if pair.status == status]
        if keys:
            texts.append(f"{len(keys)} of {len(findings.pairs)} pairs {reason}: {_list(keys)}.")
    return texts


def best_set(findings: AgreementsFindings) -> str:
    """A note on the file of the best set, and the command that runs it at full scale."""
    names = {pair.key: pair.name for pair in findings.pairs}
    listed = "; ".join(names[key] for key in findings.best_set)
    text = f"best-set.toml is a whole scenario with these agreements signed: {listed}. "
    if not findings.flat_after:
        text += "No step towards it is detectable here, so it holds all of them. "
    if findings.scale < 1.0:
        return f"{text}This study simulates {findings.scale:.0%} of the people; all of them, with:"
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
