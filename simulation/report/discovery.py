"""The page of a scenario discovery."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from simulation.experiments.studies.discovery import found_boxes
from simulation.report.page import charts
from simulation.report.style import BLUE, GREY, PALE, VERMILION, Chart, figure, safe
from simulation.wording import discovery as wording

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page


def page(data: ExperimentData) -> Page:
    """The page of a scenario discovery."""
    from simulation.report.experiment import Page
    from simulation.report.words import limits, with_options

    summary = data.summary
    return Page(
        "Scenario discovery",
        html.escape(wording.headline(summary)),
        [
            *(
                (key.replace("_", "-"), wording.HEADINGS[key], _section(summary, key))
                for key in summary["questions"]
            ),
            ("reading", "How to read this", _READING),
            ("limits", "What this model cannot say", limits(summary)),
        ],
        basis=html.escape(wording.basis(summary)),
        warnings=[with_options(html.escape(text)) for text in wording.warnings(summary)],
    )


def _section(summary: dict[str, Any], key: str) -> str:
    answer = summary["questions"][key]
    texts = (
        wording.answer(summary, key),
        wording.spread_words(summary, key),
        wording.noise_words(summary, key),
        wording.chance_words(summary, key),
    )
    body = "".join(f"<p>{html.escape(text)}</p>\n" for text in texts if text)
    for number, (box, counts) in enumerate(found_boxes(answer), start=1):
        title = f"Region {number}" if counts else "The best region, no better than chance"
        body += (
            f"<h3>{title}</h3>\n<p>{html.escape(_capital(wording.box_words(box)))}. "
            f"{html.escape(wording.verdict(summary, box, counts))}</p>\n"
            f"{_table(summary, box)}"
            + charts(
                ranges_chart(summary, box, f"{key}-{number}", counts),
                tradeoff_chart(box, f"{key}-{number}"),
            )
        )
    return body


def _table(summary: dict[str, Any], box: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{html.escape(wording.limit_words(summary, limit))}'
        f'<small style="white-space:normal">'
        f"{html.escape(summary['records'][limit['record']]['drives'])}</small></th>"
        f"<td>{limit['quasi_p']:.3f}</td><td>{limit['kept']:.0%}</td></tr>"
        for limit in box["limits"]
    )
    head = "".join(
        f'<th scope="col">{text}</th>' for text in ("Where", "Quasi-p", "In random halves")
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def ranges_chart(summary: dict[str, Any], box: dict[str, Any], key: str, counts: bool) -> Chart:
    """The limits of a box, each on an axis from the low to the high of its record."""
    colour = VERMILION if counts else GREY
    made = figure(
        x="From the record's low (0) to its high (1)", hovermode="closest", barmode="overlay"
    )
    rows, names = [], []
    for limit in reversed(box["limits"]):
        record = summary["records"][limit["record"]]
        low, high = float(record["low"]), float(record["high"])
        ends = [
            low if limit["low"] is None else limit["low"],
            high if limit["high"] is None else limit["high"],
        ]
        start, stop = ((end - low) / (high - low) for end in ends)
        central = (float(record["value"]) - low) / (high - low)
        rows.append((limit, start, stop, central))
        names.append(safe(limit["record"].split(".")[1].replace("_", " ")))
    made.add_trace(
        go.Bar(
            x=[1.0] * len(rows),
            y=names,
            orientation="h",
            marker={"color": PALE},
            name="whole range",
            hoverinfo="skip",
            width=0.3,
        )
    )
    made.add_trace(
        go.Bar(
            base=[start for _, start, _, _ in rows],
            x=[stop - start for _, start, stop, _ in rows],
            y=names,
            orientation="h",
            marker={"color": colour},
            name="the region",
            width=0.3,
            customdata=[[safe(wording.limit_words(summary, limit))] for limit, *_ in rows],
            hovertemplate="%{customdata[0]}<extra></extra>",
        )
    )
    made.add_trace(
        go.Scatter(
            x=[central for *_, central in rows],
            y=names,
            mode="markers",
            marker={"color": "#1a1a1a", "symbol": "line-ns-open", "size": 16, "line": {"width": 2}},
            name="the record's value",
            hoverinfo="skip",
        )
    )
    made.update_xaxes(range=[-0.02, 1.02])
    return Chart(
        key=f"ranges-{key}",
        title="The region",
        note="; ".join(wording.limit_words(summary, limit) for limit in box["limits"]) + ".",
        figure=made,
        header=("record", "low", "high", "start", "stop", "value"),
        rows=[
            [limit["record"], limit["low"], limit["high"], start, stop, central]
            for limit, start, stop, central in reversed(rows)
        ],
    )


def tradeoff_chart(box: dict[str, Any], key: str) -> Chart:
    """Coverage against density of every box on the way, and the one chosen."""
    way = box["trajectory"]
    made = figure(
        x="Coverage: share of all cases inside",
        y="Density: share of cases among those inside",
        hovermode="closest",
    )
    made.add_trace(
        go.Scatter(
            x=[step["coverage"] for step in way],
            y=[step["density"] for step in way],
            mode="lines+markers",
            name="boxes on the way",
            line={"color": GREY, "width": 1},
            marker={"color": BLUE, "size": 7},
            customdata=[[step["limits"], step["mass"]] for step in way],
            hovertemplate="coverage %{x:.2f}, density %{y:.2f}<br>%{customdata[0]} assumptions "
            "limited, %{customdata[1]:.0%} of the sets<extra></extra>",
        )
    )
    made.add_trace(
        go.Scatter(
            x=[box["coverage"]],
            y=[box["density"]],
            mode="markers",
            name="the region chosen",
            marker={"color": VERMILION, "size": 14, "symbol": "diamond"},
            hovertemplate="coverage %{x:.2f}, density %{y:.2f}<extra></extra>",
        )
    )
    made.update_xaxes(range=[-0.02, 1.04])
    made.update_yaxes(range=[-0.02, 1.06])
    return Chart(
        key=f"tradeoff-{key}",
        title="Coverage and density",
        note="Smaller boxes hold fewer of the cases (left) but hold them more purely (up). The "
        "chosen one holds most cases beyond what its size alone would give, with few limits.",
        figure=made,
        header=("coverage", "density", "mass", "limits"),
        rows=[[step[n] for n in ("coverage", "density", "mass", "limits")] for step in way],
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_READING = (
    "<p>A region says where, among the assumptions held to be possible, the policy fails more "
    "often. It is a question to those who know these numbers: is the truth likely to lie there? "
    "It is no forecast.</p>"
    "<p>Density is the share of failures inside the region, coverage the share of all failures "
    "that it holds. The quasi-p-value of a limit is the probability of so many failures if that "
    "limit did nothing. With hundreds of assumptions a region is found in any data; so one counts "
    "only if shuffled cases hardly ever give one as good, and a limit is firm if random halves of "
    "the data give it again.</p>"
)
