"""The findings of a study of agreements in words, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from simulation.outcomes import HEADLINE, OUTCOMES, long_date
from simulation.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.studies.agreements.findings import (
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.studies.agreements.study import PlannedRuns
from simulation.wording import differences as wording
from simulation.wording import verdicts
from simulation.wording.differences import BESIDE, days_in_short, few_for_directions
from simulation.wording.quoting import NO_INTERVAL, number_of
from simulation.wording.verdicts import in_text

#: what stands beside the outcome that ranks in a table; deaths are counted in tens, so the headline
#: has them in a sentence and the files in full
COLUMNS = (HEADLINE, "seat_price_eur")
_count = partial(number_of, noun="agreement")


def announcement(plan: PlannedRuns) -> str:
    """An announcement of the planned runs and their time."""
    text = f"{_count(plan.pairs)} to try, at most {plan.runs:,} runs: each ends once it is settled."
    most = "" if plan.screening else "at most "
    if plan.screening:
        text = (
            f"{_count(plan.pairs)} to try: {plan.screening:,} runs to screen them, "
            f"{plan.refining:,} to refine the best; {plan.runs:,} in all."
        )
    done = plan.first - plan.missing
    if plan.duration:
        return f"{text} One took {plan.seconds:.1f} s, so {most}{plan.duration}."
    if plan.seconds:  # on a cluster
        return text
    return f"{text} {done:,} of the first {plan.first:,} are there already."


def heading(findings: AgreementsFindings) -> str:
    """The finding in a few words, with its days."""
    return f"{_verdict(findings)}, {days_in_short(*findings.days)}"


def headline(findings: AgreementsFindings, *, titled: bool = False) -> list[str]:
    """Which agreement comes first, with its range; deaths and price beside it.

    Args:
        findings: The findings.
        titled: Whether they stand below their `heading`.
    """
    text = f"{_verdict(findings)}, {wording.span(findings)}."
    if titled:
        text = f"Against “{findings.baseline}”, {wording.span(findings)}."
    if findings.verdict == "silent":
        return [text]
    if findings.verdict == "screened":
        text += " Of many, some stand out by luck. --refine runs the best again."
    parts = (text, _others_harm(findings), starts(findings))
    first = _first(findings)
    outcomes = dict.fromkeys((findings.headline, HEADLINE, BESIDE, "seat_price_eur"))
    lines = [] if first is None else [
        line for name in outcomes for line in _lines(name, first.effects, findings)
    ]  # fmt: skip
    if first is None:
        lines = [_all_of(name, findings) for name in outcomes if name != findings.headline]
    return [" ".join(filter(None, parts)), *filter(None, [*lines, open_verdicts(findings)])]


def _first(findings: AgreementsFindings) -> PairEffects | None:
    """The agreement that is told in full: the one that buys most, or the only one."""
    if findings.helping:
        return findings.helping[0]
    return findings.ranked[0] if len(findings.ranked) == 1 else None


def _judged(findings: AgreementsFindings) -> list[PairEffects]:
    return [pair for pair in findings.ranked if pair.refined]


def _span(outcome: str, pairs: Sequence[PairEffects]) -> str:
    """From the lowest to the highest end of the intervals of several effects, in words.

    Empty where none has an interval.
    """
    entries = [pair.effects[outcome] for pair in pairs]
    ends = [entry.interval for entry in entries if entry.interval is not None]
    if not ends:
        return ""
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    names = ("mean_percent_low", "mean_percent_high")
    if entries[0].mean_percent is None:
        names = ("mean_low", "mean_high")
    widest = entries[0].model_copy(update=dict(zip(names, (low, high), strict=True)))
    return verdicts.between(outcome, widest)


def _all_of(outcome: str, findings: AgreementsFindings) -> str:
    """What several agreements do to an outcome that does not rank, in a sentence."""
    pairs = [pair for pair in _judged(findings) if outcome in pair.effects]
    span = _span(outcome, pairs)
    if not span or len({pair.effects[outcome].mean_percent is None for pair in pairs}) > 1:
        return ""
    label, clear = OUTCOMES[outcome].label, [p.name for p in pairs if p.effects[outcome].is_clear]
    if clear:
        return f"{label}: a clear change with {_list(clear)}; {span} in all."
    few = "too few to tell: " if outcome == BESIDE else "no clear change, "
    return f"{label}: {few}{span}."


def open_verdicts(findings: AgreementsFindings) -> str:
    """Which agreements cannot be told, and whether more runs would settle them."""
    by = findings.headline
    pairs = [pair for pair in _judged(findings) if pair.effects[by].verdict == "open"]
    if not pairs:
        return ""
    worst = max(pairs, key=lambda pair: pair.effects[by].pairs_to_settle or 0)
    entry = worst.effects[by]
    help_with = verdicts.more_runs(entry, entry.pairs_to_settle, "--refine-replications", None)
    return f"Cannot tell: {_list([pair.name for pair in pairs])}. {help_with}".rstrip()


def _verdict(findings: AgreementsFindings) -> str:
    """What was found of all agreements that were tried."""
    by, count = in_text(findings.headline), _count(findings.tried)
    if findings.verdict == "silent":
        return (
            f"None of {count} to share at {findings.raised_to} level has an effect on anyone in the"
            " model"
        )
    if findings.verdict == "screened":
        return f"{count} were screened only, so none is judged"
    if findings.verdict == "helps":
        return f"Of {count}, {findings.helping[0].name} buys most"
    if findings.verdict == "harms":
        return f"None of {count} {_verb(findings)} {by} clearly"
    judged = _judged(findings)
    span = _span(findings.headline, judged) or NO_INTERVAL
    if findings.verdict == "equivalent":
        who = judged[0].name if len(judged) == 1 else f"None of {count}"
        makes = "makes no" if len(judged) == 1 else "makes a"
        return f"{who} {makes} practical difference to {by}: {span}"
    if len(judged) == 1:
        return f"{judged[0].name}: cannot tell the effect on {by}: {span}"
    return f"None of {count} has a clear effect on {by}: {span}"


def _lines(outcome: str, effects: Effects, findings: AgreementsFindings) -> list[str]:
    """The effect on the outcome that ranks in lines; of another one, its range or its average."""
    effect = effects[outcome]
    settle, option = effect.pairs_to_settle, "--refine-replications"
    lines = wording.effect_lines(
        OUTCOMES[outcome].label, outcome, effect, findings, settle, option=option
    )
    return lines if outcome == findings.headline else lines[:1]


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


def _verb(findings: AgreementsFindings) -> str:
    """The verb for the desired effect on the outcome that ranks."""
    return "raises" if findings.better == "higher" else "lowers"


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
    text += "Agreements without a clear effect stand in the order of their names."
    if looks.screening:
        text += (
            " Intervals are widened until all of a stage hold together with "
            f"{round(findings.coverage * 100)}% probability (Bonferroni), for each outcome."
        )
    elif looks.refined > 1:
        text += (
            " All were run in the same worlds, each until its verdict was settled or all pairs "
            "that were asked for were run."
        )
    if looks.refined and FEWEST_PAIRS <= fresh < DIRECTION_PAIRS:
        text += f" {few_for_directions(fresh)}"
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


def effect_status(findings: AgreementsFindings, effects: Effects, judged: bool | None) -> str:
    """The verdict on an agreement by the outcome that ranks."""
    if judged is None:
        return "screened only"
    return verdicts.short(findings.headline, effects[findings.headline])


def _list(keys: Sequence[str], most: int = 24) -> str:
    """Names with commas; the first of very many."""
    rest = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {rest} more (agreements.csv)" if rest > 0 else "")
