"""A sweep in words, for the terminal and the report alike."""

from __future__ import annotations

from simulation.engine.findings import Effect
from simulation.scenario.levers.declaration import Value
from simulation.statistics.paired import FEWEST_PAIRS
from simulation.studies.sweep.findings import (
    Contrast,
    SweepFindings,
    SweepPoint,
    SweptVariable,
)
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts
from simulation.wording.differences import HEADLINES, days_in_short, no_effect
from simulation.wording.quoting import NO_INTERVAL, sentence_case

#: variables that a heading names
_NAMED = 3
#: from here on a number is shown whole, with its thousands apart
_THOUSANDS = 1e4


def heading(findings: SweepFindings) -> str:
    """What is varied and, if that is one thing, what it does: the heading of the page."""
    days = days_in_short(*findings.days)
    if all(point.identical for point in findings.finished):
        return no_effect(days)
    if len(findings.variables) == 1:
        for one in findings.contrasts:
            if one.outcomes is not None:
                effect = verdicts.finding(HEADLINES[0], one.outcomes[HEADLINES[0]], days)
                return f"{contrast_words(one, findings)}: {effect}"
    labels = [variable.label for variable in findings.variables]
    more = [f"{len(labels) - _NAMED} more"] if len(labels) > _NAMED else []
    return f"What moves small-boat arrivals, {days}: {'; '.join([*labels[:_NAMED], *more])}"


def headline(findings: SweepFindings) -> list[str]:
    """The findings of a sweep in sentences: arrivals with their interval, deaths beside them."""
    days = wording.span(findings)
    if all(point.identical for point in findings.finished):
        return [
            f"Every point gives the same numbers as “{findings.reference}” {days}, "
            "to the last digit: what is varied has no effect on anyone in the model within these "
            "days."
        ]
    if len(findings.contrasts) == 1:
        return [
            f"{sentence_case(days)}. {_contrast(findings.contrasts[0], findings)}",
            *_same(findings),
        ]
    return [
        f"{sentence_case(days)}, averaged over the values of the rest:",
        *(_contrast(one, findings) for one in findings.contrasts),
    ]


def point_words(point: SweepPoint, findings: SweepFindings) -> str:
    """The values of a point: `high, 0.8 times`."""
    return ", ".join(
        value_words(point.values[variable.name], variable) for variable in findings.variables
    )


def contrast_words(one: Contrast, findings: SweepFindings) -> str:
    """The ends of a contrast in words: `Sharing of UK and RS from none to high`."""
    if one.variable is None:
        return "All at their highest against all at their lowest"
    variable = findings.variable(one.variable)
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
    """The title of an axis: label and unit."""
    unit = variable.unit
    return f"{variable.label}, {unit}" if unit and unit != "level" else variable.label


def with_interval(findings: SweepFindings) -> str:
    """The words after a difference: `with its 90% interval`, or that there is none."""
    if findings.replications < FEWEST_PAIRS:
        return f"with {NO_INTERVAL}"
    return f"with its {range_name(findings)}"


def range_name(findings: SweepFindings) -> str:
    """What a difference has: the range over plausible worlds, or the interval of the average."""
    effects = [point.outcomes[HEADLINES[0]] for point in findings.finished if point.outcomes]
    if any(effect.plausible for effect in effects):
        return "plausible range"
    return f"{findings.coverage:.0%} interval"


def whole(outcome: str, entry: Effect) -> str:
    """A difference in words: its range over worlds and their middle, or its average."""
    if entry.plausible is None:
        return quoting.whole(outcome, entry)
    return verdicts.phrase(outcome, entry)


def basis(findings: SweepFindings) -> list[str]:
    """How the points and their intervals are to be read."""
    stands = ", as it stands," if findings.as_it_stands else ""
    said = [
        f"{len(findings.points)} points, each run with the same {findings.replications} seeds as "
        f"the reference, “{findings.reference}”{stands} and compared with it seed by seed. The "
        "interval of each point is meant for that point alone: of many points some stand out by "
        "chance.",
        wording.intervals(findings, findings.replications),
    ]
    if len(findings.variables) > 1:
        said.append(
            "What one variable does is shown against its own lowest value, averaged over the "
            "others; together they can do more or less than the sum."
        )
    scale = scale_words(findings.scale)
    return [*said, scale] if scale else said


def scale_words(scale: float) -> str:
    """The loss of precision by a smaller scale; empty at full size."""
    if scale >= 1.0:
        return ""
    person = f"{1.0 / scale:.3g}"
    return (
        f"Scale {scale:g} costs precision: one simulated person stands for {person}. So deaths "
        f"move in steps of {person}, and their intervals are wider than at full size. Levels "
        "can lie some percent off. Run a point that matters again with --scale 1: every point is "
        "a scenario file in the folder points, which crossings compare takes."
    )


def left_out(findings: SweepFindings) -> str:
    """How many points have no figures because all their runs failed; empty if none."""
    gone = [point.number for point in findings.points if point.outcomes is None]
    if not gone:
        return ""
    if len(gone) == 1:
        return f"Point {gone[0]} has no figures: none of its runs can be paired."
    return (
        f"{len(gone)} points have no figures, for none of their runs can be paired: "
        f"{', '.join(map(str, gone))}."
    )


def _contrast(one: Contrast, findings: SweepFindings) -> str:
    """From the lowest to the highest value: arrivals and deaths."""
    moves = contrast_words(one, findings)
    if one.outcomes is None:
        return f"{moves}: no figures, for too many of the runs failed."
    arrivals, deaths = (one.outcomes[name] for name in HEADLINES)
    settle = one.pairs_to_settle if len(findings.variables) == 1 else None
    sentences = [
        f"{moves}: small-boat arrivals {verdicts.phrase(HEADLINES[0], arrivals)}.",
        verdicts.more_runs(arrivals, settle, "--replications", None),
        f"Deaths in the Channel {verdicts.phrase(HEADLINES[1], deaths)}.",
    ]
    return " ".join(filter(None, sentences))


def _same(findings: SweepFindings) -> list[str]:
    """Which values give the numbers of the reference: where the scenario stands on the axis."""
    same = [point_words(point, findings) for point in findings.points if point.identical]
    if not same:
        return []
    return [
        f"At {' and '.join(same)} the numbers are those of “{findings.reference}” to the last "
        "digit."
    ]
