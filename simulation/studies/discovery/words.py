"""Under which assumptions a policy fails, in words, for the terminal and the report alike."""

from __future__ import annotations

from simulation.outcomes import OUTCOMES, difference_unit
from simulation.statistics.boxes import Box, Limit
from simulation.studies.discovery.findings import DiscoveryFindings, SetsNoise
from simulation.wording.quoting import RANGE_ONLY, across, single
from simulation.wording.sensitivity import failed_words, fixed_and_scale, remedy
from simulation.wording.verdicts import in_text

#: question -> what happens, in the plural: "In 12 of 200 sets of assumptions ..."
_HAPPENS = {
    "no_help": "small-boat arrivals are not lower",
    "more_deaths": "more people die in the Channel",
}
#: question -> heading
HEADINGS = {
    "no_help": "Where it does not lower arrivals",
    "more_deaths": "Where more people die in the Channel",
}


def headline(findings: DiscoveryFindings) -> str:
    """How often the policy fails, and where, for arrivals and for deaths."""
    answers = " ".join(answer(findings, key) for key in findings.questions)
    return f"“{findings.scenario}” against “{findings.baseline}”. {answers}"


def answer(findings: DiscoveryFindings, key: str) -> str:
    """How often one thing happens, and the region in which it happens most."""
    asked = findings.questions[key]
    cases, points = asked.cases, asked.points
    if not points:
        return f"Whether {_HAPPENS[key]} cannot be said: no set of assumptions gave a value."
    text = f"In {cases:,} of {points:,} sets of assumptions ({cases / points:.0%}), "
    text += f"{_HAPPENS[key]} than without it" if key == "more_deaths" else _HAPPENS[key]
    if not cases:
        return f"{text}."
    if asked.noisy:
        text += ", some of them by chance alone (see the warning)"
    if asked.boxes:
        box = asked.boxes[0]
        where = " and ".join(limit_words(findings, limit) for limit in box.limits)
        return f"{text}, most often where {where} ({box_words(box)})."
    if asked.reason:
        return f"{text}: {asked.reason}."
    return f"{text}; no region tells these cases apart better than chance."


def noise_words(findings: DiscoveryFindings, key: str) -> str:
    """How much of what differs between the sets is chance, and how that was measured."""
    asked = findings.questions[key]
    noise = asked.noise
    if noise.share is None:
        return ""
    measured = (
        f"from the {findings.replications_per_point} pairs of runs of each set"
        if noise.measured == "within"
        else f"from {asked.central_runs} pairs of runs with every assumption at its value"
    )
    share = f"Chance makes up {share_words(findings, noise)} of the variance between the sets"
    if asked.outcome in RANGE_ONLY:
        return f"{share} ({measured})."
    one, over = (single(asked.outcome, sd) for sd in (noise.sd_point, noise.design_sd))
    return (
        f"{share}: one "
        f"set's difference moves by {one} by chance alone (standard deviation, {measured}), and "
        f"over the sets by {over} {difference_unit(OUTCOMES[asked.outcome])}."
    )


def share_words(findings: DiscoveryFindings, noise: SetsNoise) -> str:
    """The share of chance with its interval."""
    text = "all" if noise.share is None or noise.share >= 1.0 else f"{noise.share:.0%}"
    if noise.low is None:
        return text
    inside = f"{noise.low:.0%} to {noise.high:.0%}"
    return f"{text} ({findings.coverage:.0%} interval {inside})"


def noise_warning(findings: DiscoveryFindings, key: str) -> str:
    """A warning where chance drowns the assumptions; empty where it does not."""
    asked = findings.questions[key]
    if not asked.noisy:
        return ""
    each = findings.replications_per_point
    pairs = "one pair of runs" if each == 1 else f"{each} pairs of runs"
    return (
        f"Too few runs for {in_text(asked.outcome)}: with {pairs} for each set of "
        f"assumptions, chance makes up {share_words(findings, asked.noise)} of what differs "
        f"between the sets, and more than {1.0 / findings.signal_wanted:.0%} cannot be trusted. "
        "Whether a set counts as a failure is then partly luck: the share of failures says little, "
        "a region "
        "below is blurred, and one that is not found may be there. " + remedy(asked.noise, each)
    )


def warnings(findings: DiscoveryFindings) -> list[str]:
    """Everything a reader must not miss."""
    texts = [left_out(findings), *(noise_warning(findings, key) for key in findings.questions)]
    return [text for text in texts if text]


def limit_words(findings: DiscoveryFindings, limit: Limit) -> str:
    """One limit, in the unit of its record."""
    record = findings.records[limit.record]
    unit, name, low, high = record.unit, limit.record, limit.low, limit.high
    if isinstance(record.value, bool):
        return f"{name} is {'true' if low is not None else 'false'}"
    if high is not None:
        ends = f"at most {number(high)}" if low is None else f"{number(low)} to {number(high)}"
    else:
        ends = f"at least {number(low or 0.0)}"
    return f"{name} is {ends} {unit}"


def number(value: float) -> str:
    """A limit with three digits, in plain figures."""
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def box_words(box: Box) -> str:
    """How good a box is."""
    return (
        f"{box.density:.0%} of the sets of assumptions there are such cases, and "
        f"{box.coverage:.0%} of all such cases lie there"
    )


def chance_words(findings: DiscoveryFindings, key: str) -> str:
    """How often the same happens with one set of assumptions, by chance alone."""
    asked = findings.questions[key]
    text = (
        f"With every assumption at its value, the same is seen in {asked.central_cases} of "
        f"{asked.central_runs} pairs of runs that differ in their seed only"
    )
    if 0 < asked.central_cases < asked.central_runs:
        return (
            f"{text}: with --replications {findings.replications_per_point}, chance decides some "
            "of the cases below; more replications leave fewer to it."
        )
    return f"{text}."


def verdict(findings: DiscoveryFindings, box: Box, counts: bool) -> str:
    """Whether a box is better than chance, and how firm its limits are."""
    method = findings.method
    share = f"a probability of {box.chance:.2f} for one as good by chance"
    text = (
        f"The whole search on {method.shuffles} shuffles of the cases gives {share}: it counts."
        if counts
        else f"No better than chance: the whole search on {method.shuffles} shuffles of the "
        f"cases gives {share}. Nothing should be concluded from it."
    )
    firm = ", ".join(f"{limit.record} {limit.kept:.0%}" for limit in box.limits)
    return f"{text} Limited again in {method.halves} random halves of the points: {firm}."


def basis(findings: DiscoveryFindings) -> str:
    """The runs of the discovery, and the basis of its numbers."""
    seeds = findings.replications_per_point
    text = (
        f"{findings.points_used:,} sets of {len(findings.records)} uncertain assumptions (a "
        "Latin hypercube over their distributions, each independent of the others). Each is a "
        "pair of runs of the scenario and its baseline, with the same assumptions and the same "
        f"{'seed' if seeds == 1 else f'{seeds} seeds'}, the same for all sets. Shares of sets are "
        "not probabilities: they say how the assumptions were drawn, not how likely each is."
    )
    return text + fixed_and_scale(findings.fixed_by_scenarios, findings.scale)


def left_out(findings: DiscoveryFindings) -> str:
    """How many runs failed, and what was left out for it; empty if nothing."""
    if not findings.failed and not findings.points_left_out:
        return ""
    return (
        f"{failed_words(findings.failed)}{findings.points_left_out} of {findings.points} sets of "
        "assumptions hold a failed run and are left out; nothing is filled in."
    )


def spread_words(findings: DiscoveryFindings, key: str) -> str:
    """Between which differences the sets of assumptions lie; empty if none gave a value."""
    asked = findings.questions[key]
    spec, spread = OUTCOMES[asked.outcome], asked.differences
    if spread.median is None:
        return ""
    median, inside = across(asked.outcome, spread.median, spread.low, spread.high)
    unit = "" if spec.unit == "share" else f" {difference_unit(spec)}"
    text = f"{spec.label}, difference in the middle 90% of sets: {inside}{unit}"
    return f"{text}, median {median}." if median else f"{text}."
