"""Under which assumptions a policy fails, in words, for the terminal and the report alike."""

from __future__ import annotations

from typing import Any

from simulation.outcomes import OUTCOMES, difference_unit, shown_difference, shown_size
from simulation.wording.sensitivity import failed_words, remedy, scale_words

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


def headline(summary: dict[str, Any]) -> str:
    """How often the policy fails, and where, for arrivals and for deaths."""
    found = " ".join(answer(summary, key) for key in summary["questions"])
    return f"“{summary['scenario']}” against “{summary['baseline']}”. {found}"


def answer(summary: dict[str, Any], key: str) -> str:
    """How often one thing happens, and the region in which it happens most."""
    found = summary["questions"][key]
    cases, points = found["cases"], found["points"]
    if not points:
        return f"Whether {_HAPPENS[key]} cannot be said: no set of assumptions gave a value."
    text = f"In {cases:,} of {points:,} sets of assumptions ({cases / points:.0%}), "
    text += f"{_HAPPENS[key]} than without it" if key == "more_deaths" else _HAPPENS[key]
    if not cases:
        return f"{text}."
    if noisy(found):
        text += ", some of them by chance alone (see the warning)"
    if found["boxes"]:
        box = found["boxes"][0]
        return f"{text}, most often where {region(summary, box)} ({box_words(box)})."
    if found["reason"]:
        return f"{text}: {found['reason']}."
    return f"{text}; no region of assumptions tells these cases apart better than chance."


def noisy(found: dict[str, Any]) -> bool:
    """Whether chance is too large a part of what differs between the sets of assumptions."""
    noise = found.get("noise")
    if noise is None:  # results of an earlier version, which did not ask
        return False
    # where all sets give the same there is nothing that luck could decide
    return not noise["enough"] and bool(noise["design_sd"])


def noise_words(summary: dict[str, Any], key: str) -> str:
    """How much of what differs between the sets is chance, and how that was measured."""
    found = summary["questions"][key]
    noise, spec = found.get("noise"), OUTCOMES[found["outcome"]]
    if noise is None or noise["share"] is None:
        return ""
    seeds = summary["replications_per_point"]
    measured = (
        f"from the {seeds} pairs of runs of each set"
        if noise["measured"] == "within"
        else f"from {found['central_runs']} pairs of runs with every assumption at its value"
    )
    one, over = (shown_size(spec, noise[key]) for key in ("sd_point", "design_sd"))
    return (
        f"Chance makes up {share_words(summary, noise)} of the variance between the sets: one "
        f"set's difference moves by {one} by chance alone (standard deviation, {measured}), and "
        f"over the sets by {over} {difference_unit(spec)}."
    )


def share_words(summary: dict[str, Any], noise: dict[str, Any]) -> str:
    """The share of chance with its interval."""
    text = "all" if noise["share"] >= 1.0 else f"{noise['share']:.0%}"
    if noise["low"] is None:
        return text
    inside = f"{noise['low']:.0%} to {noise['high']:.0%}"
    return f"{text} ({summary['coverage']:.0%} interval {inside})"


def noise_warning(summary: dict[str, Any], key: str) -> str:
    """A warning where chance drowns the assumptions; empty where it does not."""
    found = summary["questions"][key]
    if not noisy(found):
        return ""
    noise, label = found["noise"], OUTCOMES[found["outcome"]].label
    each = summary["replications_per_point"]
    pairs = "one pair of runs" if each == 1 else f"{each} pairs of runs"
    share = "all" if noise["share"] is None else share_words(summary, noise)
    return (
        f"Too few runs for {label[:1].lower()}{label[1:]}: with {pairs} for each set of "
        f"assumptions, chance makes up {share} of what differs between the sets, and more than "
        f"{1.0 / summary['signal_wanted']:.0%} cannot be trusted. Whether a set counts as a "
        "failure is then partly luck: the share of failures says little, a region below is "
        "blurred, and one that is not found may be there. " + remedy(noise, each)
    )


def warnings(summary: dict[str, Any]) -> list[str]:
    """Everything a reader must not miss."""
    found = [left_out(summary), *(noise_warning(summary, key) for key in summary["questions"])]
    return [text for text in found if text]


def region(summary: dict[str, Any], box: dict[str, Any]) -> str:
    """The limits of a box: `market.ties is above 4 contacts and ...`."""
    return " and ".join(limit_words(summary, limit) for limit in box["limits"])


def limit_words(summary: dict[str, Any], limit: dict[str, Any]) -> str:
    """One limit, in the unit of its record."""
    record = summary["records"][limit["record"]]
    unit, name, low, high = record["unit"], limit["record"], limit["low"], limit["high"]
    if isinstance(record["value"], bool):
        return f"{name} is {'true' if low is not None else 'false'}"
    if low is None:
        return f"{name} is at most {number(high)} {unit}"
    if high is None:
        return f"{name} is at least {number(low)} {unit}"
    return f"{name} is {number(low)} to {number(high)} {unit}"


def number(value: float) -> str:
    """A limit with three digits, in plain figures."""
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def box_words(box: dict[str, Any]) -> str:
    """How good a box is."""
    return (
        f"{box['density']:.0%} of the sets of assumptions there are such cases, and "
        f"{box['coverage']:.0%} of all such cases lie there"
    )


def chance_words(summary: dict[str, Any], key: str) -> str:
    """How often the same happens with one set of assumptions, by chance alone."""
    found = summary["questions"][key]
    text = (
        f"With every assumption at its value, the same is seen in {found['central_cases']} of "
        f"{found['central_runs']} pairs of runs that differ in their seed only"
    )
    each = summary["replications_per_point"]
    if 0 < found["central_cases"] < found["central_runs"]:
        return (
            f"{text}: with --replications {each}, chance decides some of the cases below; more "
            "replications leave fewer to it."
        )
    return f"{text}."


def verdict(summary: dict[str, Any], box: dict[str, Any], counts: bool) -> str:
    """Whether a box is better than chance, and how firm its limits are."""
    method = summary["method"]
    share = f"a probability of {box['chance']:.2f} for one as good by chance"
    text = (
        f"The whole search on {method['shuffles']} shuffles of the cases gives {share}: it counts."
        if counts
        else f"No better than chance: the whole search on {method['shuffles']} shuffles of the "
        f"cases gives {share}. Nothing should be concluded from it."
    )
    firm = ", ".join(f"{limit['record']} {limit['kept']:.0%}" for limit in box["limits"])
    return f"{text} Limited again in {method['halves']} random halves of the points: {firm}."


def basis(summary: dict[str, Any]) -> str:
    """What was run, and what the numbers are made of."""
    seeds = summary["replications_per_point"]
    text = (
        f"{summary['points_used']:,} sets of {len(summary['records'])} uncertain assumptions (a "
        "Latin hypercube over their distributions, each independent of the others). Each is a "
        "pair of runs of the scenario and its baseline, with the same assumptions and the same "
        f"{'seed' if seeds == 1 else f'{seeds} seeds'}, the same for all sets. Shares of sets are "
        "not probabilities: they say how the assumptions were drawn, not how likely each is."
    )
    if summary["fixed_by_scenarios"]:
        names = ", ".join(summary["fixed_by_scenarios"])
        text += f" What the scenarios set themselves stays set: {names}."
    return text + scale_words(summary)


def left_out(summary: dict[str, Any]) -> str:
    """How many runs failed, and what was left out for it; empty if nothing."""
    if not summary["failed"] and not summary["points_left_out"]:
        return ""
    return (
        f"{failed_words(summary)}{summary['points_left_out']} of {summary['points']} sets of "
        "assumptions hold a failed run and are left out; nothing is filled in."
    )


def spread_words(summary: dict[str, Any], key: str) -> str:
    """Between which differences the sets of assumptions lie."""
    found = summary["questions"][key]
    outcome, spread = found["outcome"], found["differences"]
    if spread["median"] is None:
        return ""
    spec = OUTCOMES[outcome]
    low, high, median = (shown_difference(spec, spread[key]) for key in ("low", "high", "median"))
    return (
        f"{spec.label}, difference in the middle 90% of sets: {low} to {high} "
        f"{difference_unit(spec)}, median {median}."
    )
