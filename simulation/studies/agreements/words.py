"""The findings of a study of agreements in words, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from simulation.outcomes import HEADLINE, OUTCOMES, long_date
from simulation.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.studies.agreements.findings import (
    AgreementSet,
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.studies.agreements.study import PlannedRuns
from simulation.wording import differences as wording
from simulation.wording.differences import BESIDE, few_for_directions, in_text
from simulation.wording.finding import days_in_short
from simulation.wording.quoting import number_of

#: what stands beside the outcome that ranks: arrivals, deaths, and the price of a seat
COLUMNS = (HEADLINE, BESIDE, "seat_price_eur")
_count = partial(number_of, noun="agreement")


def announcement(plan: PlannedRuns) -> str:
    """An announcement of the planned runs and their time."""
    text = f"{_count(plan.pairs)} to try: {plan.runs:,} runs."
    if plan.screening:
        text = (
            f"{_count(plan.pairs)} to try: {plan.screening:,} runs to screen them, "
            f"{plan.refining:,} to refine the best, at most {plan.sets:,} for sets; "
            f"{plan.runs:,} in all."
        )
    done = plan.first - plan.missing
    if plan.duration:
        return f"{text} One took {plan.seconds:.1f} s, so {plan.duration}."
    if plan.seconds:  # on a cluster
        return text
    return f"{text} {done:,} of the first {plan.first:,} are there already."


def heading(findings: AgreementsFindings) -> str:
    """The finding in a few words, with its days."""
    return f"{_verdict(findings)}, {days_in_short(*findings.days)}"


def headline(findings: AgreementsFindings, *, titled: bool = False) -> list[str]:
    """Which agreement comes first, with its range; deaths and price beside it; what a set buys.

    Args:
        findings: The findings.
        titled: Whether they stand below their `heading`.
    """
    text = f"{_verdict(findings)} {wording.span(findings)}."
    if titled:
        text = f"Against “{findings.baseline}”, {wording.span(findings)}."
    if findings.verdict == "silent":
        return [text]
    first = _first(findings)
    if findings.verdict == "screened":
        text += " Of many, some stand out by luck. --refine runs the best again."
    if first.name not in _verdict(findings):
        text += f" First comes {first.name}."
    parts = (text, _others_harm(findings), starts(findings))
    outcomes = dict.fromkeys((findings.headline, *COLUMNS))
    lines = [line for name in outcomes for line in _lines(name, first.effects, findings)]
    return [" ".join(filter(None, parts)), *lines, *filter(None, [sets_sentence(findings)])]


def _first(findings: AgreementsFindings) -> PairEffects:
    return findings.helping[0] if findings.verdict == "helps" else findings.ranked[0]


def _verdict(findings: AgreementsFindings) -> str:
    """What was found of all agreements that were tried."""
    by, count = in_text(findings.headline), _count(findings.tried)
    if findings.verdict == "silent":
        return (
            f"None of {count} to share at {findings.raised_to} level has an effect on anyone in the"
            " model"
        )
    return {
        "helps": f"Of {count}, {_first(findings).name} buys most",
        "harms": f"None of {count} {_verb(findings)} {by} clearly",
        "unclear": f"None of {count} has a clear effect on {by}"
        if findings.tried > 1
        else f"{_first(findings).name}: no clear effect on {by}",
        "screened": f"{count} were screened only, so none is judged",
    }[findings.verdict]


def _lines(outcome: str, effects: Effects, findings: AgreementsFindings) -> list[str]:
    """The effect on the outcome that ranks in lines; of another one, its range or its average."""
    effect = effects[outcome]
    settle, option = effect.pairs_to_settle, "--refine-replications"
    lines = wording.effect_lines(
        OUTCOMES[outcome].label, outcome, effect, findings, settle, option=option
    )
    if outcome != findings.headline:
        return lines[-1:] if effect.plausible is None else lines[:1]
    # the average is in the files
    return lines if effect.plausible is None or len(lines) == 1 else lines[:-1]


def starts(findings: AgreementsFindings) -> str:
    """From when agreements are raised."""
    if findings.raised_from is None:
        return "Sharing is raised for the whole run, warm-up included."
    day = long_date(date.fromisoformat(findings.raised_from))
    return f"Sharing is raised from {day}, over {findings.ramp_days} days."


def _others_harm(findings: AgreementsFindings) -> str:
    """Which agreements change what they are ranked by the wrong way; empty if none does."""
    keys = [pair.key for pair in findings.harming]
    if not keys:
        return ""
    verb = "lower" if findings.better == "higher" else "raise"
    verb += "s" if len(keys) == 1 else ""
    return f"{_count(len(keys))} {verb} {in_text(findings.headline)} clearly: {_list(keys)}."


def _numbers(findings: AgreementsFindings, effects: Effects) -> str:
    """The effect of a set on the outcome that ranks: its range over worlds, or its average."""
    by = findings.headline
    effect = effects[by]
    if effect.plausible is None:
        return f"{in_text(by)} {wording.change(by, effect, findings.coverage)}"
    return f"{in_text(by)} {wording.over_worlds(by, effect)}"


def _verb(findings: AgreementsFindings) -> str:
    """The verb for the desired effect on the outcome that ranks."""
    return "raises" if findings.better == "higher" else "lowers"


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
        return f"Sets: no step up to {what} has a clear gain of its own; all of it: {means}."
    buys = f"Sets: {what} {'buys' if size == 1 else 'buy'} {means}"
    if sets[-1][0].size > flat:
        return f"{buys}; there the gain flattens: larger sets add nothing clear, or have no effect."
    if findings.sets_exhausted:
        return f"{buys}; no other candidate buys more, by its middle."
    return f"{buys}; the gain has not flattened yet."


def deadly(findings: AgreementsFindings) -> str:
    """Which agreements raise deaths, judged by their refined runs; empty if none does."""
    keys = [pair.key for pair in findings.raising_deaths]
    if not keys:
        return ""
    verb = "raises" if len(keys) == 1 else "raise"
    return f"{_count(len(keys))} {verb} deaths, in the Channel or before the coast: {_list(keys)}."


def correction(findings: AgreementsFindings) -> str:
    """A note on which seeds the figures come from, and which intervals are widened."""
    looks, fresh = findings.looks, len(findings.seeds_of.refined)
    text = (
        f"{_count(looks.screening)} {'was' if looks.screening == 1 else 'were'} screened "
        f"with {len(findings.seeds_of.screening)} seeds. "
        if looks.screening
        else ""
    )
    if text and looks.refined:
        text += (
            f"The best {looks.refined} owe some of their lead to luck with those seeds (the "
            f"winner's curse), so they were run again with {fresh} fresh seeds; "
            "what is said of them comes from the fresh seeds alone. An agreement that was screened "
            "only is shown, but not judged. "
        )
    text += (
        "Agreements whose ranges overlap may stand in another order. Intervals of averages are "
        "widened until all of a stage hold together with "
        f"{round(findings.coverage * 100)}% probability (Bonferroni), for each outcome on its own."
    )
    if looks.refined and FEWEST_PAIRS <= fresh < DIRECTION_PAIRS:
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
        "reaches_nobody": "have no effect: every run is the baseline's",
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
        text += "No step towards it is clear here, so it holds all of them. "
    if findings.scale < 1.0:
        return f"{text}This study simulates {findings.scale:.0%} of the people; all of them, with:"
    return f"{text}With more runs:"


def set_status(one: AgreementSet) -> str:
    """Whether the last agreement of a set added something."""
    return "adds to the set" if one.buys else "no clear gain"


def effect_status(findings: AgreementsFindings, effects: Effects, judged: bool | None) -> str:
    """Whether an agreement has a clear effect on the outcome that ranks."""
    if judged is None:
        return "screened only"
    return f"clear {wording.way(effects[findings.headline])}" if judged else "no clear effect"


def _list(keys: Sequence[str], most: int = 24) -> str:
    """Names with commas; the first of very many."""
    rest = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {rest} more (agreements.csv)" if rest > 0 else "")
