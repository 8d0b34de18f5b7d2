"""The page of a sensitivity analysis."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from simulation.outcomes import OUTCOMES, difference_unit, shown_divisor, shown_size
from simulation.report.page import charts
from simulation.report.style import BLUE, GREY, ORANGE, Chart, figure, safe
from simulation.wording import sensitivity as wording

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page

#: assumptions named in the plot of effects, and shown in a table
_NAMED, _NAMED_OF_CHANCE = 8, 2
_ROWS = 12


def page(data: ExperimentData) -> Page:
    """The page of a sensitivity analysis."""
    from simulation.report.experiment import Page
    from simulation.report.words import limits, with_options

    summary = data.summary
    sections = [
        (f"outcome-{number}", OUTCOMES[outcome].label, _section(summary, outcome))
        for number, outcome in enumerate(summary["outcomes"], start=1)
    ]
    return Page(
        "Sensitivity analysis",
        html.escape(wording.headline(summary)),
        [
            *sections,
            ("reading", "How to read this", _READING),
            ("limits", "What this model cannot say", limits(summary)),
        ],
        basis=html.escape(wording.basis(summary)),
        warnings=[with_options(html.escape(text)) for text in wording.warnings(summary)],
    )


def _section(summary: dict[str, Any], outcome: str) -> str:
    """What drives the difference in one outcome."""
    entry = summary["outcomes"][outcome]
    texts = [wording.noise(summary, outcome), wording.untold(summary, outcome)]
    body = "".join(f"<p>{html.escape(text)}</p>\n" for text in texts if text)
    effects = [effect for effect in entry["screening"]["effects"] if effect["mu_star"]]
    if not effects:
        return f"{body}<p>No assumption moves this difference.</p>"
    body += charts(effects_chart(summary, outcome, effects))
    if entry["variance"] and any(s["total"] is not None for s in entry["variance"]["shares"]):
        body += charts(shares_chart(summary, outcome))
    return body + _table(summary, outcome, effects[:_ROWS])


def effects_chart(summary: dict[str, Any], outcome: str, effects: list[dict[str, Any]]) -> Chart:
    """Mean size of each assumption's effect against how much it differs from place to place."""
    spec = OUTCOMES[outcome]
    scale = shown_divisor(spec)
    unit = difference_unit(spec)
    made = figure(
        x=f"Mean size of the effect of a step (mu*), {unit}",
        y=f"Spread of the effect (sigma), {unit}",
        hovermode="closest",
    )
    for apart, name, colour, symbol in (
        (True, "clear effect", BLUE, "circle"),
        (False, "no clear effect", GREY, "circle-open"),
    ):
        rows = [effect for effect in effects if effect["told"] == apart]
        made.add_trace(
            go.Scatter(
                x=[effect["mu_star"] / scale for effect in rows],
                y=[effect["sigma"] / scale for effect in rows],
                error_x={
                    "type": "data",
                    "array": [(effect["half_width"] or 0.0) / scale for effect in rows],
                    "color": colour,
                    "thickness": 1,
                    "width": 0,
                },
                mode="markers",
                name=name,
                marker={"color": colour, "symbol": symbol, "size": 8},
                customdata=[
                    [safe(effect["record"]), safe(_drives(summary, effect))] for effect in rows
                ],
                hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
                "mu* %{x:,.3~g}, sigma %{y:,.3~g}<extra></extra>",
            )
        )
    top = max(effect["mu_star"] for effect in effects) / scale
    made.add_trace(
        go.Scatter(
            x=[0.0, top],
            y=[0.0, top],
            mode="lines",
            name="spread as large as the effect",
            line={"color": ORANGE, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    told = [effect for effect in effects if effect["told"]]
    # names of a cloud of points about nothing would lie on each other
    named = told[:_NAMED] or effects[:_NAMED_OF_CHANCE]
    for rank, effect in enumerate(named):
        made.add_annotation(
            x=effect["mu_star"] / scale,
            y=effect["sigma"] / scale,
            text=safe(_short(effect["record"])),
            showarrow=True,
            arrowwidth=1,
            arrowcolor=GREY,
            arrowhead=0,
            standoff=5,
            # above and below in turn, so that neighbours do not lie on each other
            ax=-30,
            ay=-22 - 14 * (rank // 2 % 2) if rank % 2 == 0 else 22 + 14 * (rank // 2 % 2),
            xanchor="right" if rank < _NAMED // 2 else "center",
            font={"size": 11},
        )
    return Chart(
        key=f"effects-{outcome}",
        title="Which assumptions move the difference",
        note="Right: moves it much. High: by how much, or which way, depends on the other "
        f"assumptions. Named: the strongest {'clear effects' if told else 'of them'}, at most "
        f"{_NAMED}. Bars are {summary['coverage']:.0%} intervals.",
        figure=made,
        header=("record", "mu_star", "half_width", "mu", "sigma", "p", "told"),
        rows=[
            [
                effect[name]
                for name in ("record", "mu_star", "half_width", "mu", "sigma", "p", "told")
            ]
            for effect in effects
        ],
    )


def shares_chart(summary: dict[str, Any], outcome: str) -> Chart:
    """Share of the variance that goes with each survivor, alone and with others."""
    found = summary["outcomes"][outcome]["variance"]
    rows = list(reversed(found["shares"]))  # the largest on top
    made = figure(
        x="share of the variance",
        hovermode="closest",
        barmode="group",
        bargap=0.3,
    )
    for key, name, colour in (
        ("total", "alone and with others (total)", BLUE),
        ("first", "alone (first order)", ORANGE),
    ):
        made.add_trace(
            go.Bar(
                x=[row[key] for row in rows],
                y=[safe(_short(row["record"])) for row in rows],
                orientation="h",
                name=name,
                marker={
                    "color": colour,
                    "opacity": [1.0 if row["told"] else 0.35 for row in rows],
                },
                error_x={
                    "type": "data",
                    "array": [row[f"{key}_half"] for row in rows],
                    "color": "#1a1a1a",
                    "thickness": 1.2,
                    "width": 3,
                },
                customdata=[[safe(row["record"]), safe(_drives(summary, row))] for row in rows],
                hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
                f"{name}: %{{x:.2f}}<extra></extra>",
            )
        )
    if found["floor"] is not None:
        made.add_vline(x=found["floor"], line={"color": GREY, "dash": "dash", "width": 1.5})
    made.update_xaxes(rangemode="tozero")
    return Chart(
        key=f"shares-{outcome}",
        title="How much of the difference's variance goes with each",
        note=f"From {found['used']} base samples; bars are {summary['coverage']:.0%} bootstrap "
        "intervals. Dashed: the total share an assumption without any effect would show, from "
        "chance. Pale: not clearly above that. Only these assumptions were varied.",
        figure=made,
        header=("record", "first", "first_half", "total", "total_half", "told"),
        rows=[
            [row[n] for n in ("record", "first", "first_half", "total", "total_half", "told")]
            for row in found["shares"]
        ],
    )


def _table(summary: dict[str, Any], outcome: str, effects: list[dict[str, Any]]) -> str:
    """The strongest assumptions in words, with their ranges."""
    spec = OUTCOMES[outcome]
    rows = []
    for effect in effects:
        record = summary["records"][effect["record"]]
        way = "more" if effect["mu"] > 0 else "less"
        size = shown_size(spec, effect["mu_star"])
        if effect["half_width"] is not None:
            size += f" ± {shown_size(spec, effect['half_width'])}"
        rows.append(
            f'<tr><th scope="row">{html.escape(effect["record"])}'
            f'<small style="white-space:normal">{html.escape(record["drives"])}</small></th>'
            f"<td>{_plain(record['value'])}<small>{_plain(record['low'])} to "
            f"{_plain(record['high'])} {html.escape(record['unit'])}</small></td>"
            f"<td>{size}<small>on average {way}</small></td>"
            f"<td>{'yes' if effect['told'] else 'no'}</td></tr>"
        )
    head = "".join(
        f'<th scope="col">{html.escape(text)}</th>'
        for text in (
            "Assumption",
            "Value and range",
            f"Effect of a step, {difference_unit(spec)}",
            "Told from chance",
        )
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _drives(summary: dict[str, Any], row: dict[str, Any]) -> str:
    drives: str = summary["records"][row["record"]]["drives"]
    return drives


def _short(name: str) -> str:
    """A record's name without its group, as words."""
    return name.split(".")[1].replace("_", " ")


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


_READING = (
    "<p>What is analysed is the <em>difference</em> between the scenario and its baseline, not "
    "the arrivals or deaths themselves: an assumption that moves both sides alike drives nothing "
    "here.</p>"
    "<p>A large effect means that the answer to “what does this policy do?” rests on a number that "
    "is not known well. It does not mean that the number is wrong.</p>"
    "<p>“Told from chance” is strict: it takes the seeds of two points as independent, though all "
    "points share theirs, and it looks at all assumptions together. Chance was measured with "
    "every assumption at its value only, and may be larger or smaller elsewhere.</p>"
)
