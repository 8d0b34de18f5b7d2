"""The page of a sweep: what was varied, its charts, and a table of all points."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from simulation.outcomes import OUTCOMES
from simulation.report.page import charts
from simulation.report.sweep_charts import both, curve, scatter
from simulation.wording import differences as wording
from simulation.wording import sweep as sweep_words

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page

_LIMITS = "What this model cannot say"
#: what is shown first, and what else moves; more of it when one variable has the page to itself
_MAIN = sweep_words.MAIN
_ELSE = (
    "mapped_share",
    "lorry_arrivals",
    "people_per_boat",
    "corridor_deaths",
    "smuggler_profit_eur",
    "seat_price_eur",
)
_FEW_ELSE = 2
#: outcomes that fit beside each other on a phone, and their headings
_TABLE = {
    "channel_arrivals": "Arrivals by small boat",
    "channel_deaths": "Deaths in the Channel",
    "mapped_share": "Share of smugglers known",
}
#: longest table that stands open
_OPEN_ROWS = 30
#: charts beside each other where there is room, below each other where there is not
_SIDE_BY_SIDE = (
    '<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));'
    'gap:0 28px">{}</div>'
)


def page(data: ExperimentData) -> Page:
    """The page of a sweep."""
    from simulation.report.experiment import Page
    from simulation.report.words import limits

    summary = data.summary
    sentences = [html.escape(sentence) for sentence in sweep_words.headline(summary)]
    sections = [("reading", "How to read it", _reading(summary))]
    if summary["design"] == "lhs":
        sections += _hypercube(summary)
    else:
        sections += _grid(summary)
    sections.append(("points", "Point by point", point_table(summary)))
    sections.append(("limits", _LIMITS, limits(summary)))
    return Page("Sweep", "<br>".join(sentences), sections)


def _reading(summary: dict[str, Any]) -> str:
    said = [*sweep_words.basis(summary), sweep_words.left_out(summary)]
    text = "".join(f"<p>{html.escape(sentence)}</p>\n" for sentence in said if sentence)
    items = "".join(
        f"<li><code>{html.escape(variable['vary'])}</code>: "
        f"{html.escape(sweep_words.axis_words(variable))}. {html.escape(variable['about'])}</li>"
        for variable in summary["variables"]
    )
    return f"{text}<p>What was varied:</p><ul>{items}</ul>\n"


def _grid(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Curves of each variable, and the map of both when there are two."""
    sections = []
    several = len(summary["variables"]) > 1
    if len(summary["variables"]) == 2:
        maps = charts(*(both(name, summary) for name in _MAIN))
        sections.append(("both", "Both together", _SIDE_BY_SIDE.format(maps)))
    for number, effect in enumerate(summary["effects"]):
        if effect["outcomes"] is None:
            continue
        variable = summary["variables"][number]
        wanted = (*_MAIN, *(_ELSE[:_FEW_ELSE] if several else _ELSE))
        curves = charts(*(curve(name, variable, effect, number) for name in wanted))
        body = _lead(variable, effect, summary) + _SIDE_BY_SIDE.format(curves)
        sections.append((f"variable-{number}", variable["label"], body))
    return sections


def _hypercube(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rank correlations, then the dots of each variable."""
    sections = [("ranks", "Which variable goes with what", _correlation_table(summary))]
    for number, variable in enumerate(summary["variables"]):
        dots = charts(*(scatter(name, variable, summary, number) for name in _MAIN))
        sections.append((f"variable-{number}", variable["label"], _SIDE_BY_SIDE.format(dots)))
    return sections


def point_table(summary: dict[str, Any]) -> str:
    """Every point with its differences; folded when there are many."""
    names = [variable["name"] for variable in summary["variables"]]
    head = "".join(
        f'<th scope="col">{html.escape(text)}</th>'
        for text in (" / ".join(names), *_TABLE.values())
    )
    rows = []
    for point in summary["points"]:
        label = sweep_words.point_words(point, summary)
        cells = "".join(
            f"<td>{_in_table(name, point['outcomes'] and point['outcomes'][name])}</td>"
            for name in _TABLE
        )
        rows.append(
            f'<tr><th scope="row">{html.escape(label)}<small>{_which(point)}</small></th>'
            f"{cells}</tr>"
        )
    body = _table(
        f"Difference from “{summary['reference']}”, {sweep_words.with_interval(summary)} below "
        "it. All outcomes are in points.csv; each point is a scenario file in "
        "the folder points.",
        head,
        rows,
    )
    if len(rows) <= _OPEN_ROWS:
        return body
    return f"<details><summary>All {len(rows)} points</summary>{body}</details>\n"


def _which(point: dict[str, Any]) -> str:
    same = ", equal to the reference" if point["identical"] else ""
    return f"point {point['number']}{same}"


def _correlation_table(summary: dict[str, Any]) -> str:
    head = '<th scope="col">Outcome</th>' + "".join(
        f'<th scope="col">{html.escape(variable["label"])}</th>'
        for variable in summary["variables"]
    )
    rows = []
    for name, spec in OUTCOMES.items():
        entries = [found["outcomes"][name] for found in summary["correlations"]]
        if all(entry["correlation"] is None for entry in entries):
            continue
        strong = ' class="strong"' if name in _MAIN else ""
        cells = "".join(f"<td>{_rank_cell(entry)}</td>" for entry in entries)
        rows.append(f'<tr{strong}><th scope="row">{html.escape(spec.label)}</th>{cells}</tr>')
    return _table(
        "Spearman's rank correlation of each variable with the difference of each outcome over "
        "the points. “Could be chance”: one as large is not rare where "
        "there is no relation; of so many some stand out by chance all the same.",
        head,
        rows,
    )


def _rank_cell(entry: dict[str, Any]) -> str:
    if entry["correlation"] is None:
        return "&ndash;"
    small = "" if entry["detectable"] else "<small>could be chance</small>"
    return f"{entry['correlation']:+.2f}{small}"


def _table(caption: str, head: str, rows: list[str]) -> str:
    return (
        f'<div class="scroll"><table><caption>{html.escape(caption)}</caption><thead><tr>{head}'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def _in_table(outcome: str, entry: dict[str, Any] | None) -> str:
    if entry is None or entry["difference"] is None:
        return "&ndash;"
    return (
        f"{wording.signed(outcome, entry['difference'])}"
        f"<small>{wording.interval(outcome, entry)}</small>"
    )


def _lead(variable: dict[str, Any], effect: dict[str, Any], summary: dict[str, Any]) -> str:
    """What the curves of a variable are differences from."""
    inside = f"at each value {sweep_words.with_interval(summary)}"
    if effect["against"] == "lowest":
        lowest = sweep_words.value_words(effect["values"][0], variable)
        text = f"Differences from {lowest}, averaged over the values of the rest, {inside}."
    else:
        text = f"Differences from “{summary['reference']}”, {inside}."
    return f'<p style="break-after:avoid">{html.escape(text)}</p>\n'
