"""A sweep in words, for the terminal and the report alike."""

from __future__ import annotations

from typing import Any

from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.outcomes import OUTCOMES, shown_unit
from simulation.wording import differences as wording

#: what a sweep tells of, in this order: never arrivals without deaths
MAIN = ("channel_arrivals", "channel_deaths")
#: from here on a number is shown whole, with its thousands apart
_THOUSANDS = 1e4


def headline(summary: dict[str, Any]) -> list[str]:
    """What a sweep found, in sentences: arrivals with their interval, and deaths beside them."""
    days = wording.span(summary)
    alive = [point for point in summary["points"] if point["outcomes"]]
    if all(point["identical"] for point in alive):
        return [
            f"Every point gives the same numbers as “{summary['reference']}” {days}, "
            "to the last digit: what is varied has no effect on anyone in the model within these "
            "days."
        ]
    if summary["design"] == "lhs":
        return [_spread(summary, alive), *_relations(summary)]
    if len(summary["contrasts"]) == 1:
        found = f"{_sentence_case(days)}. {_contrast(summary['contrasts'][0], summary)}"
        return [found, *_same(summary, alive)]
    rest = "averaged over the values of the rest"
    return [
        f"{_sentence_case(days)}, {rest}:",
        *(_contrast(entry, summary) for entry in summary["contrasts"]),
    ]


def point_words(point: dict[str, Any], summary: dict[str, Any]) -> str:
    """The values of a point: `high, 0.8 times`."""
    return ", ".join(
        value_words(point["values"][variable["name"]], variable)
        for variable in summary["variables"]
    )


def value_words(value: Any, variable: dict[str, Any]) -> str:
    """A value as people read it."""
    if variable["scale"] == "switch":
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= _THOUSANDS else f"{value:.4g}"


def axis_words(variable: dict[str, Any]) -> str:
    """What stands along an axis: label and unit."""
    unit = variable["unit"]
    return f"{variable['label']}, {unit}" if unit and unit != "level" else variable["label"]


def with_interval(summary: dict[str, Any]) -> str:
    """What stands with a difference: `with its 90% interval`, or that there is none."""
    if summary["replications"] < FEWEST_PAIRS:
        return f"with {wording.NO_INTERVAL}"
    return f"with its {summary['coverage']:.0%} interval"


def basis(summary: dict[str, Any]) -> list[str]:
    """How the points and their intervals are to be read."""
    count, seeds = len(summary["points"]), summary["replications"]
    name = summary["reference"]
    stands = ", as it stands," if summary["as_it_stands"] else ""
    said = [
        f"{count} points, each run with the same {seeds} seeds as the reference, “{name}”{stands} "
        "and compared with it seed by seed. The interval of each point is meant for that point "
        "alone: of many points some stand out by chance.",
        wording.intervals(summary, seeds),
    ]
    if len(summary["variables"]) > 1 and summary["design"] == "grid":
        said.append(
            "What one variable does is shown against its own lowest value, averaged over the "
            "values of the others; what they do together can be more or less than the sum."
        )
    if summary["design"] == "lhs":
        said.append(
            "A Latin hypercube spreads its points evenly over the range of each variable. A rank "
            "correlation says how well an order of the points by a variable is their order by the "
            "difference: 1 or -1 for exactly, 0 for not at all. It does not say how large the "
            "difference is."
        )
    scale = scale_words(summary["scale"])
    return [*said, scale] if scale else said


def scale_words(scale: float) -> str:
    """What a smaller scale costs in precision; empty at full size."""
    if scale >= 1.0:
        return ""
    person = f"{1.0 / scale:.3g}"
    return (
        f"Scale {scale:g} costs precision: one simulated person stands for {person}, so deaths "
        f"move in steps of {person} and their intervals are wider than at full size, and levels "
        "can lie some percent off. Run a point that matters again with --scale 1: every point is "
        "a scenario file in the folder points, which crossings compare takes."
    )


def left_out(summary: dict[str, Any]) -> str:
    """How many points have no figures because all their runs failed; empty if none."""
    gone = [point["number"] for point in summary["points"] if not point["outcomes"]]
    if not gone:
        return ""
    if len(gone) == 1:
        return f"Point {gone[0]} has no figures: none of its runs can be paired."
    return (
        f"{len(gone)} points have no figures, for none of their runs can be paired: "
        f"{', '.join(map(str, gone))}."
    )


def _contrast(entry: dict[str, Any], summary: dict[str, Any]) -> str:
    """From the lowest to the highest value: arrivals and deaths."""
    variables = summary["variables"]
    if entry["variable"] is None:
        moves = "All at their highest against all at their lowest"
    else:
        variable = next(v for v in variables if v["name"] == entry["variable"])
        moves = (
            f"{variable['label']} from {value_words(entry['from'], variable)} to "
            f"{value_words(entry['to'], variable)}"
        )
        if variable["unit"] not in ("", "level"):
            moves += f" ({variable['unit']})"
    if entry["outcomes"] is None:
        return f"{moves}: no figures, for too many of the runs failed."
    arrivals, deaths = (entry["outcomes"][name] for name in MAIN)
    parts = [
        f"{moves}: small-boat arrivals {wording.change(MAIN[0], arrivals, summary['coverage'])}"
    ]
    if arrivals["detectable"]:
        parts.append(wording.sureness(arrivals))
    elif arrivals["low"] is not None:
        settle = entry["pairs_to_settle"] if len(variables) == 1 else None
        parts.append(wording.no_effect(arrivals, settle))
    text = ", ".join(part for part in parts if part)
    beside = f"Deaths in the Channel {wording.change(MAIN[1], deaths, summary['coverage'])}"
    if deaths["low"] is not None and not deaths["detectable"]:
        beside += f", {wording.no_effect(deaths, None, None)}"
    return f"{text}. {beside}."


def _same(summary: dict[str, Any], alive: list[dict[str, Any]]) -> list[str]:
    """Which values give the numbers of the reference: where the scenario stands on the axis."""
    same = [point_words(point, summary) for point in alive if point["identical"]]
    if not same:
        return []
    return [
        f"At {' and '.join(same)} the numbers are those of “{summary['reference']}” to the last "
        "digit."
    ]


def _spread(summary: dict[str, Any], alive: list[dict[str, Any]]) -> str:
    """How far the points of a hypercube lie from the reference."""
    parts = []
    for name, word in zip(MAIN, ("small-boat arrivals", "deaths in the Channel"), strict=True):
        gaps = [point["outcomes"][name]["difference"] for point in alive]
        low, high = (wording.signed(name, end(gaps)) for end in (min, max))
        parts.append(f"{low} to {high} {shown_unit(OUTCOMES[name])} in {word}")
    return (
        f"{_sentence_case(wording.span(summary))}, {len(alive)} points differ from "
        f"“{summary['reference']}” by {parts[0]} and by {parts[1]} (each a mean of "
        f"{summary['replications']} pairs of runs, so chance is in it)."
    )


def _sentence_case(text: str) -> str:
    return text[0].upper() + text[1:]


def _relations(summary: dict[str, Any]) -> list[str]:
    """Which variables go with arrivals and with deaths."""
    labels = {variable["name"]: variable["label"] for variable in summary["variables"]}
    said = []
    for name, word in zip(MAIN, ("Arrivals", "Deaths"), strict=True):
        entries = [
            (labels[found["variable"]], found["outcomes"][name])
            for found in summary["correlations"]
        ]
        entries.sort(key=lambda item: -abs(item[1]["correlation"] or 0.0))
        parts = [
            f"{'rise' if entry['correlation'] > 0 else 'fall'} with “{label}” "
            f"(rank correlation {entry['correlation']:+.2f})"
            for label, entry in entries
            if entry["detectable"]
        ]
        weak = [f"“{label}”" for label, entry in entries if not entry["detectable"]]
        if weak:
            parts.append(f"have no detectable relation with {' or '.join(weak)}")
        said.append(f"{word} {', and '.join(parts)}.")
    return said
