"""The adaptation ladder: the effect with ever more responses, and what each of them changes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulation.experiments.findings import Difference, Effect
from simulation.experiments.statistics.paired import DIRECTION_PAIRS
from simulation.experiments.studies.compare import ComparisonFindings
from simulation.experiments.studies.ladder import LadderRung, StepEffect
from simulation.outcomes import OUTCOMES, difference_unit, shown_unit
from simulation.report.blocks import Block, Cell, Column, Heading, Paragraph, Row, Table, figures
from simulation.report.comparison_data import Comparison
from simulation.report.intervals import Dot, dots
from simulation.report.style import Chart
from simulation.wording import differences as wording
from simulation.wording import ladder as ladder_wording
from simulation.wording.ladder import FIRST

_EFFECT = ("baseline", "scenario", "difference", "low", "high")
_STEP = ("before", "difference", "low", "high", "probability")


def rungs_of(found: ComparisonFindings, number: int) -> list[LadderRung]:
    """The ladder of one scenario, by its place, since two scenarios may have one title.

    Results of an earlier version have a ladder without steps; none of it is shown.
    """
    rungs = found.ladder or []
    each = len(rungs) // len(found.scenarios)
    mine = rungs[number * each : (number + 1) * each]
    return mine if all(rung.step is not None for rung in mine[1:]) else []


def ladder_tables(rungs: Sequence[LadderRung], coverage: float) -> list[Block]:
    """The effect and the step of each rung, and how to read them."""
    intervals = rungs[0].outcomes[FIRST[0]].low is not None
    steps = [
        Row(
            label,
            [
                Cell(cell, faint=not any(step[n].detectable for n in FIRST))
                for name in FIRST
                for cell in _number(name, step[name], intervals)
            ],
        )
        for label, step in _steps(rungs)
    ]
    effects = [
        Row(
            ladder_wording.response(rung),
            [cell for name in FIRST for cell in _number(name, rung.outcomes[name], intervals)],
        )
        for rung in rungs
    ]
    columns = ["Arrivals", "Deaths"]
    if intervals:
        columns = ["Arrivals", "90% interval", "Deaths", "90% interval"]
    title = f"What adaptation takes back: {rungs[0].scenario}"
    return [
        Table(["Responses", *columns], effects, title=title),
        Table(
            ["Response added", *columns], steps, title="What each response changes of the effect"
        ),
        *_readings(rungs, coverage),
    ]


def _readings(rungs: Sequence[LadderRung], coverage: float) -> list[Block]:
    texts = (
        ladder_wording.summary_words(rungs, coverage),
        ladder_wording.reading(rungs, coverage),
    )
    return [Paragraph(text) for text in texts if text]


def _steps(rungs: Sequence[LadderRung]) -> list[tuple[str, dict[str, StepEffect]]]:
    """What each response changes, and what all of them do together."""
    steps = [(ladder_wording.response(rung), rung.step or {}) for rung in rungs[1:]]
    return [*steps, ("all together", rungs[-1].together or {})]


def _number(name: str, entry: Difference, intervals: bool) -> list[str]:
    number = wording.signed(name, entry.difference)
    return [number, wording.interval(name, entry)] if intervals else [number]


def ladder_blocks(one: Comparison, number: int) -> list[Block]:
    """The ladder of one scenario in words, as a table of steps, and as charts."""
    rungs = rungs_of(one.findings, number)
    if not rungs:
        return []
    columns = [
        Column(OUTCOMES[name].label, f"change of the effect, {shown_unit(OUTCOMES[name])}")
        for name in FIRST
    ]
    rows = [
        Row(label, [_cell(name, step[name]) for name in FIRST]) for label, step in _steps(rungs)
    ]
    caption = f"Bold: the interval leaves out zero, with {DIRECTION_PAIRS} pairs or more."
    return [
        Heading(one.title),
        *_readings(rungs, one.findings.coverage),
        Table([Column("Response added"), *columns], rows, caption, style="compared"),
        *figures([_chart(one, rungs, name, number) for name in FIRST]),
    ]


def _cell(name: str, step: StepEffect) -> Cell:
    if step.difference is None:
        return Cell(wording.NO_VALUE)
    return Cell(
        wording.signed(name, step.difference),
        [wording.interval(name, step), ladder_wording.verdict(step)],
        strong=step.detectable,
    )


def _chart(one: Comparison, rungs: Sequence[LadderRung], name: str, number: int) -> Chart:
    """The effect on one outcome with no adaptation, then with each response added."""
    spec = OUTCOMES[name]
    rows, table = [], []
    for rung in rungs:
        effect, step = rung.outcomes[name], (rung.step or {}).get(name)
        if effect.difference is not None:
            rows.append(_dot(name, effect, ladder_wording.response(rung), step))
        table.append(
            [name, " ".join(rung.responses) or "none", *(getattr(effect, key) for key in _EFFECT)]
            + [getattr(step, key, None) for key in _STEP]
        )
    coverage = round(one.findings.coverage * 100)
    lines = one.no_intervals or f"Lines are {coverage}% intervals."
    short = "arrivals" if name == FIRST[0] else "deaths"
    return Chart(
        f"ladder-{short}-{number}",
        f"The effect on {spec.label[:1].lower()}{spec.label[1:]}, response by response: "
        f"{one.title}",
        "From the top, each row adds one response to those before it. Both sides of each "
        f"comparison have the same responses. {lines}",
        dots(rows, x=f"difference, {difference_unit(spec)}"),
        ["outcome", "responses", *_EFFECT, *(f"step_{key}" for key in _STEP)],
        table,
        "wide",
    )


def _dot(name: str, effect: Effect, label: str, step: StepEffect | None) -> Dot:
    low, high = (math.nan if end is None else end for end in (effect.low, effect.high))
    difference = effect.difference or 0.0
    text = wording.signed(name, difference)
    if effect.low is not None:
        text += f" ({wording.interval(name, effect)})"
    hover = [text, wording.sureness(effect)]
    if step is not None:
        hover.append(f"this response: {ladder_wording.step_number(name, step)}")
    return Dot(
        label, difference, low, high, effect.detectable, text, [line for line in hover if line]
    )
