"""A sweep in words, for the terminal and the report alike."""

from __future__ import annotations

from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.experiments.studies.sweep import (
    Contrast,
    SweepFindings,
    SweepPoint,
    SweptVariable,
)
from simulation.scenario.levers.declaration import Value
from simulation.wording import differences as wording
from simulation.wording.differences import HEADLINES
from simulation.wording.quoting import NO_INTERVAL, has_value, range_of

#: from here on a number is shown whole, with its thousands apart
_THOUSANDS = 1e4


def headline(found: SweepFindings) -> list[str]:
    """What a sweep found, in sentences: arrivals with their interval, and deaths beside them."""
    days = wording.span(found)
    if all(point.identical for point in found.finished):
        return [
            f"Every point gives the same numbers as “{found.reference}” {days}, "
            "to the last digit: what is varied has no effect on anyone in the model within these "
            "days."
        ]
    if found.design == "lhs":
        return [_spread(found), *_relations(found)]
    if len(found.contrasts) == 1:
        return [f"{_sentence_case(days)}. {_contrast(found.contrasts[0], found)}", *_same(found)]
    return [
        f"{_sentence_case(days)}, averaged over the values of the rest:",
        *(_contrast(one, found) for one in found.contrasts),
    ]


def point_words(point: SweepPoint, found: SweepFindings) -> str:
    """The values of a point: `high, 0.8 times`."""
    return ", ".join(
        value_words(point.values[variable.name], variable) for variable in found.variables
    )


def contrast_words(one: Contrast, found: SweepFindings) -> str:
    """What moves between the ends of a contrast: `Sharing of UK and RS from none to high`."""
    if one.variable is None:
        return "All at their highest against all at their lowest"
    variable = found.variable(one.variable)
    lowest, highest = (value_words(variable.values[end], variable) for end in (0, -1))
    unit = f" ({variable.unit})" if variable.unit not in ("", "level") else ""
    return f"{variable.label} from {lowest} to {highest}{unit}"


def value_words(value: Value, variable: SweptVariable) -> str:
    """A value as people read it."""
    if variable.scale == "switch":
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= _THOUSANDS else f"{value:.4g}"


def axis_words(variable: SweptVariable) -> str:
    """What stands along an axis: label and unit."""
    unit = variable.unit
    return f"{variable.label}, {unit}" if unit and unit != "level" else variable.label


def with_interval(found: SweepFindings) -> str:
    """What stands with a difference: `with its 90% interval`, or that there is none."""
    if found.replications < FEWEST_PAIRS:
        return f"with {NO_INTERVAL}"
    return f"with its {found.coverage:.0%} interval"


def basis(found: SweepFindings) -> list[str]:
    """How the points and their intervals are to be read."""
    stands = ", as it stands," if found.as_it_stands else ""
    said = [
        f"{len(found.points)} points, each run with the same {found.replications} seeds as the "
        f"reference, “{found.reference}”{stands} and compared with it seed by seed. The interval "
        "of each point is meant for that point alone: of many points some stand out by chance.",
        wording.intervals(found, found.replications),
    ]
    if len(found.variables) > 1 and found.design == "grid":
        said.append(
            "What one variable does is shown against its own lowest value, averaged over the "
            "values of the others; what they do together can be more or less than the sum."
        )
    if found.design == "lhs":
        said.append(
            "A Latin hypercube spreads its points evenly over the range of each variable. A rank "
            "correlation says how well an order of the points by a variable is their order by the "
            "difference: 1 or -1 for exactly, 0 for not at all. It does not say how large the "
            "difference is."
        )
    scale = scale_words(found.scale)
    return [*said, scale] if scale else said


def scale_words(scale: float) -> str:
    """What a smaller scale costs in precision; empty at full size."""
    if scale >= 1.0:
        return ""
    person = f"{1.0 / scale:.3g}"
    return (
        f"Scale {scale:g} costs precision: one simulated person stands for {person}. So deaths "
        f"move in steps of {person}, and their intervals are wider than at full size. Levels "
        "can lie some percent off. Run a point that matters again with --scale 1: every point is "
        "a scenario file in the folder points, which crossings compare takes."
    )


def left_out(found: SweepFindings) -> str:
    """How many points have no figures because all their runs failed; empty if none."""
    gone = [point.number for point in found.points if point.outcomes is None]
    if not gone:
        return ""
    if len(gone) == 1:
        return f"Point {gone[0]} has no figures: none of its runs can be paired."
    return (
        f"{len(gone)} points have no figures, for none of their runs can be paired: "
        f"{', '.join(map(str, gone))}."
    )


def _contrast(one: Contrast, found: SweepFindings) -> str:
    """From the lowest to the highest value: arrivals and deaths."""
    moves = contrast_words(one, found)
    if one.outcomes is None:
        return f"{moves}: no figures, for too many of the runs failed."
    arrivals, deaths = (one.outcomes[name] for name in HEADLINES)
    parts = [
        f"{moves}: small-boat arrivals {wording.change(HEADLINES[0], arrivals, found.coverage)}"
    ]
    if arrivals.detectable:
        parts.append(wording.sureness(arrivals))
    elif arrivals.interval is not None:
        settle = one.pairs_to_settle if len(found.variables) == 1 else None
        parts.append(wording.no_effect(HEADLINES[0], arrivals, settle))
    text = ", ".join(part for part in parts if part)
    beside = f"Deaths in the Channel {wording.change(HEADLINES[1], deaths, found.coverage)}"
    if deaths.interval is not None and not deaths.detectable:
        beside += f", {wording.no_effect(HEADLINES[1], deaths)}"
    return f"{text}. {beside}."


def _same(found: SweepFindings) -> list[str]:
    """Which values give the numbers of the reference: where the scenario stands on the axis."""
    same = [point_words(point, found) for point in found.points if point.identical]
    if not same:
        return []
    return [
        f"At {' and '.join(same)} the numbers are those of “{found.reference}” to the last digit."
    ]


def _spread(found: SweepFindings) -> str:
    """How far the points of a hypercube lie from the reference."""
    parts = []
    effects = [point.outcomes for point in found.points if point.outcomes is not None]
    for name, word in zip(HEADLINES, ("small-boat arrivals", "deaths in the Channel"), strict=True):
        entries = [one[name] for one in effects if has_value(name, one[name])]
        parts.append(f"{range_of(name, entries)} in {word}")
    return (
        f"{_sentence_case(wording.span(found))}, {len(effects)} points differ from "
        f"“{found.reference}” by {parts[0]} and by {parts[1]} (averages of "
        f"{found.replications} pairs of runs, so chance is in them; of deaths, their intervals)."
    )


def _sentence_case(text: str) -> str:
    return text[0].upper() + text[1:]


def _relations(found: SweepFindings) -> list[str]:
    """Which variables go with arrivals and with deaths."""
    said = []
    for name, word in zip(HEADLINES, ("Arrivals", "Deaths"), strict=True):
        entries = [
            (found.variable(one.variable).label, one.outcomes[name]) for one in found.correlations
        ]
        entries.sort(key=lambda item: -abs(item[1].correlation or 0.0))
        parts = [
            f"{'rise' if rank.correlation > 0 else 'fall'} with “{label}” "
            f"(rank correlation {rank.correlation:+.2f})"
            for label, rank in entries
            if rank.detectable and rank.correlation is not None
        ]
        weak = [f"“{label}”" for label, rank in entries if not rank.detectable]
        if weak:
            parts.append(f"have no detectable relation with {' or '.join(weak)}")
        said.append(f"{word} {', and '.join(parts)}.")
    return said
