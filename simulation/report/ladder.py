"""The adaptation ladder: the effect with ever more responses, and what each of them changes."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

from simulation.experiments.statistics.paired import DIRECTION_PAIRS
from simulation.outcomes import OUTCOMES, difference_unit, shown_unit
from simulation.report.comparison_data import Comparison
from simulation.report.intervals import Dot, dots
from simulation.report.page import charts
from simulation.report.style import Chart
from simulation.wording import differences as wording
from simulation.wording import ladder as ladder_wording
from simulation.wording.ladder import FIRST

_EFFECT = ("baseline", "scenario", "difference", "low", "high")
_STEP = ("before", "difference", "low", "high", "probability")


def ladder_section(made_of: Comparison, rungs: Sequence[dict[str, Any]], number: int) -> str:
    """The ladder of one scenario in words, as a table of steps, and as figures; HTML."""
    coverage = float(made_of.summary["coverage"])
    texts = (
        ladder_wording.summary_words(rungs, coverage),
        ladder_wording.reading(rungs, coverage),
    )
    words = "".join(f"<p>{html.escape(text)}</p>\n" for text in texts if text)
    figures = charts(*(_chart(made_of, rungs, name, number) for name in FIRST))
    return f"<h3>{html.escape(made_of.title)}</h3>\n{words}{_table(rungs)}{figures}"


def _table(rungs: Sequence[dict[str, Any]]) -> str:
    """What each response changes of the effect, arrivals and deaths beside each other."""
    head = '<th scope="col">Response added</th>' + "".join(
        f'<th scope="col">{html.escape(OUTCOMES[name].label)}'
        '<small style="white-space: normal">change of the effect, '
        f"{html.escape(shown_unit(OUTCOMES[name]))}</small></th>"
        for name in FIRST
    )
    steps = [(ladder_wording.response(rung), rung["step"]) for rung in rungs[1:]]
    steps.append(("all together", rungs[-1]["together"]))
    rows = "".join(
        f'<tr><th scope="row">{html.escape(word)}</th>'
        + "".join(_cell(name, step[name]) for name in FIRST)
        + "</tr>"
        for word, step in steps
    )
    return (
        '<div class="scroll"><table class="compared"><caption>Bold: the interval leaves out zero, '
        f"with {DIRECTION_PAIRS} pairs or more.</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>\n"
    )


def _cell(name: str, step: dict[str, Any]) -> str:
    if step["difference"] is None:
        return "<td>&ndash;</td>"
    text = wording.signed(name, step["difference"])
    if step["detectable"]:
        text = f"<strong>{text}</strong>"
    return (
        f"<td>{text}<small>{wording.interval(name, step)}</small>"
        f"<small>{ladder_wording.verdict(step)}</small></td>"
    )


def _chart(made_of: Comparison, rungs: Sequence[dict[str, Any]], name: str, number: int) -> Chart:
    """The effect on one outcome with no adaptation, then with each response added."""
    spec = OUTCOMES[name]
    rows, table = [], []
    for rung in rungs:
        entry, step = rung["outcomes"][name], (rung["step"] or {}).get(name)
        if entry["difference"] is not None:
            rows.append(_dot(name, entry, ladder_wording.response(rung), step))
        table.append(
            [name, " ".join(rung["responses"]) or "none", *(entry[key] for key in _EFFECT)]
            + [step[key] if step else None for key in _STEP]
        )
    coverage = round(made_of.summary["coverage"] * 100)
    lines = made_of.no_intervals or f"Lines are {coverage}% intervals."
    short = "arrivals" if name == FIRST[0] else "deaths"
    return Chart(
        f"ladder-{short}-{number}",
        f"The effect on {spec.label[:1].lower()}{spec.label[1:]}, response by response: "
        f"{made_of.title}",
        "From the top, each row adds one response to those before it. Both sides of each "
        f"comparison have the same responses. {lines}",
        dots(rows, x=f"difference, {difference_unit(spec)}"),
        ["outcome", "responses", *_EFFECT, *(f"step_{key}" for key in _STEP)],
        table,
        "wide",
    )


def _dot(name: str, entry: dict[str, Any], label: str, step: dict[str, Any] | None) -> Dot:
    low, high = (math.nan if entry[end] is None else float(entry[end]) for end in ("low", "high"))
    text = wording.signed(name, entry["difference"])
    if entry["low"] is not None:
        text += f" ({wording.interval(name, entry)})"
    hover = [text, wording.sureness(entry)]
    if step is not None:
        hover.append(f"this response: {ladder_wording.step_number(name, step)}")
    return Dot(
        label,
        float(entry["difference"]),
        low,
        high,
        bool(entry["detectable"]),
        text,
        [line for line in hover if line],
    )
