"""The figures of a study of agreements: the ranking, the sets, and every pair in a matrix."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from simulation.experiments import agreement_wording, wording
from simulation.experiments.wording import BESIDE
from simulation.outcomes import OUTCOMES, difference_unit, heading, shown_divisor, shown_unit
from simulation.report.style import (
    BLACK,
    BLUE,
    GREY,
    VERMILION,
    Chart,
    figure,
    house_layout,
    translucent,
)

ARRIVALS = "channel_arrivals"
#: from fewer to more: blue and vermilion are told apart with any common colour vision
_DIVERGING = [[0.0, BLUE], [0.5, "#f7f7f7"], [1.0, VERMILION]]
#: how strong a cell is whose interval holds zero
_FAINT = 0.4
#: agreements in the ranked figure and table
_SHOWN = 15
#: rows for which a figure needs all the height there is
_MANY_ROWS = 7
_NUMBERS = ("difference", "low", "high", "percent", "detectable")


def ranked(summary: dict[str, Any]) -> Chart:
    """The best agreements: arrivals, and deaths beside them, each with its interval."""
    pairs = best(summary)
    names = _beside(summary)
    made = make_subplots(
        cols=len(names),
        shared_yaxes=True,
        horizontal_spacing=0.04,
        column_titles=[short(name) for name in names],
    )
    made.update_layout(house_layout())
    for column, name in enumerate(names, start=1):
        entries = [effect_of(pair)[name] for pair in pairs]
        _add_dots(made, summary, name, [_axis_name(pair) for pair in pairs], entries, column)
        made.add_vline(x=0, line={"color": BLACK, "width": 1}, row=1, col=column)
        made.update_xaxes(title_text=difference_unit(OUTCOMES[name]), nticks=4, row=1, col=column)
    made.update_yaxes(autorange="reversed", ticks="", showgrid=False)
    made.update_layout(hovermode="closest", showlegend=False, margin={"l": 8, "r": 16, "t": 36})
    rows = [
        [pair["name"], pair["before"], name, *_numbers(effect_of(pair)[name])]
        for pair in pairs
        for name in names
    ]
    return Chart(
        "agreements-ranked",
        _ranked_title(summary, pairs),
        "Each dot is the change when two authorities go to high sharing and nothing else changes; "
        "the bar is its interval, widened for looking at many. Filled: the interval leaves out "
        "zero, blue for less, red for more. Open and grey: it holds zero, no detectable effect.",
        made,
        ("agreement", "shares_now", "outcome", *_NUMBERS),
        rows,
        shape="tall" if len(pairs) >= _MANY_ROWS else "wide",
    )


def _ranked_title(summary: dict[str, Any], pairs: Sequence[dict[str, Any]]) -> str:
    by = agreement_wording.label(summary["headline"])
    if len(pairs) == 1:
        return "The agreement that was tried"
    if all(pair["refined"] for pair in pairs):
        return f"The best {len(pairs)} of the screening by {by}, in the order of fresh seeds"
    return f"The best {len(pairs)} by {by}"


def set_curve(summary: dict[str, Any]) -> Chart:
    """What sets of one to k agreements buy, arrivals above deaths, with their intervals."""
    sets = [entry for entry in summary["sets"] if entry["total"]]
    names = _beside(summary)
    made = make_subplots(
        rows=len(names),
        shared_xaxes=True,
        vertical_spacing=0.12,
        row_titles=None,
        subplot_titles=[heading(OUTCOMES[name]) for name in names],
    )
    made.update_layout(house_layout())
    ticks = ["none", *(f"{entry['size']}<br>+ {entry['added_key']}" for entry in sets)]
    for row, name in enumerate(names, start=1):
        scale = _scale(name)
        entries = [entry["total"][name] for entry in sets]
        mean, low, high = (
            np.array([0.0, *(_number(entry[field]) for entry in entries)]) / scale
            for field in ("difference", "low", "high")
        )
        for edge, fill in ((high, None), (low, "tonexty")):
            made.add_trace(
                go.Scatter(
                    x=ticks,
                    y=edge,
                    mode="lines",
                    line={"width": 0},
                    fill=fill,
                    fillcolor=translucent(BLUE),
                    hoverinfo="skip",
                ),
                row=row,
                col=1,
            )
        adds = [True, *(entry["buys"] for entry in sets)]
        made.add_trace(
            go.Scatter(
                x=ticks,
                y=mean,
                mode="lines+markers",
                line={"color": BLUE, "width": 2},
                marker={
                    "size": 10,
                    "color": [BLUE if yes else "white" for yes in adds],
                    "line": {"color": BLUE, "width": 2},
                },
                text=["", *(wording.interval(name, entry) for entry in entries)],
                hovertemplate=f"%{{y:{_format(name)}}} (%{{text}})<extra></extra>",
            ),
            row=row,
            col=1,
        )
        made.add_hline(y=0, line={"color": BLACK, "width": 1}, row=row, col=1)
    made.update_layout(hovermode="closest", showlegend=False, margin={"t": 36})
    made.update_annotations(font_size=13)
    rows = [
        [entry["size"], entry["added_name"], name, *_numbers(entry["total"][name])]
        for entry in sets
        for name in names
    ]
    return Chart(
        "agreements-sets",
        "Change from the baseline with more and more agreements",
        "Each point adds the agreement named below it to those on its left. The band is the "
        "interval of the whole set, widened for the number of sets. Filled: the step adds a "
        f"gain by {agreement_wording.label(summary['headline'])}; open: the interval of what it "
        "adds holds zero.",
        made,
        ("size", "added", "outcome", *_NUMBERS),
        rows,
        shape="tall",
    )


def matrix(summary: dict[str, Any], outcome: str) -> Chart:
    """Every pair in a square: how much an outcome changes when the two go to high sharing."""
    codes = list(summary["parties"])
    at = {code: number for number, code in enumerate(codes)}
    values = np.full((len(codes), len(codes)), np.nan)
    seen = np.zeros(values.shape, dtype=bool)
    words = np.full(values.shape, "", dtype=object)
    rows = []
    for pair in summary["pairs"]:
        cells = ((at[pair["first"]], at[pair["second"]]), (at[pair["second"]], at[pair["first"]]))
        effect = agreement_wording.shown_effect(pair)
        entry = None if effect is None else effect[outcome]
        for cell in cells:
            words[cell] = _hover(pair, outcome, entry)
            if entry is not None and entry["difference"] is not None:
                values[cell] = entry["difference"] / _scale(outcome)
                seen[cell] = entry["detectable"]
        stage = "refined" if pair["refined"] else "screening"
        known = ["", *[""] * len(_NUMBERS)] if entry is None else [stage, *_numbers(entry)]
        rows.append([pair["name"], pair["before"], pair["status"], *known])
    made = figure(hovermode="closest")
    most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    for inside, opacity, bar in (
        (~seen, _FAINT, not seen.any()),
        (seen, 1.0, seen.any()),
    ):
        made.add_trace(
            go.Heatmap(
                z=np.where(inside, values, np.nan),
                x=codes,
                y=codes,
                text=words,
                hovertemplate="%{text}<extra></extra>",
                hoverongaps=False,
                colorscale=_DIVERGING,
                zmid=0.0,
                zmin=-(most or 1.0),
                zmax=most or 1.0,
                opacity=opacity,
                showscale=bool(bar),
                xgap=1,
                ygap=1,
                colorbar={
                    "orientation": "h",
                    "y": 1.0,
                    "yanchor": "bottom",
                    "len": 0.6,
                    "x": 0.5,
                    "thickness": 10,
                    "title": {"text": difference_unit(OUTCOMES[outcome]), "side": "top"},
                    "nticks": 5,
                },
            )
        )
    dots = np.argwhere(seen)
    made.add_trace(
        go.Scatter(
            x=[codes[j] for _, j in dots],
            y=[codes[i] for i, _ in dots],
            mode="markers",
            marker={"size": 5, "color": BLACK},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    square: dict[str, Any] = {"type": "category", "showgrid": False, "ticks": "", "dtick": 1}
    made.update_xaxes(**square, tickangle=-90, tickfont_size=11, categoryarray=codes)
    made.update_yaxes(**square, tickfont_size=11, autorange="reversed", categoryarray=codes)
    count = int(seen.sum()) // 2
    told = {0: "No pair has", 1: "One pair has"}.get(count, f"{count} pairs have")
    return Chart(
        f"agreements-matrix-{outcome.replace('_', '-')}",
        OUTCOMES[outcome].label,
        "Blue: less than now; red: more. A dot and full colour: the interval leaves out zero. "
        f"Pale: it holds zero. {told} a detectable effect. White: no change at all, or not run.",
        made,
        ("agreement", "shares_now", "status", "stage", *_NUMBERS),
        rows,
        shape="map",
    )


def _numbers(entry: dict[str, Any]) -> list[Any]:
    return ["" if entry[name] is None else entry[name] for name in _NUMBERS]


def _add_dots(
    made: go.Figure,
    summary: dict[str, Any],
    outcome: str,
    labels: Sequence[str],
    entries: Sequence[dict[str, Any]],
    column: int,
) -> None:
    """Dots with their intervals, filled where the interval leaves out zero."""
    scale = _scale(outcome)

    def colour_of(entry: dict[str, Any]) -> str:
        if not entry["detectable"]:
            return GREY
        return BLUE if entry["difference"] < 0.0 else VERMILION

    for colour in (BLUE, VERMILION, GREY):
        chosen = [i for i, entry in enumerate(entries) if colour_of(entry) == colour]
        means, lows, highs = (
            np.array([_number(entries[i][field]) for i in chosen]) / scale
            for field in ("difference", "low", "high")
        )
        made.add_trace(
            go.Scatter(
                x=means,
                y=[labels[i] for i in chosen],
                mode="markers",
                marker={
                    "size": 9,
                    "color": "white" if colour == GREY else colour,
                    "line": {"color": colour, "width": 2},
                },
                error_x={
                    "type": "data",
                    "array": highs - means,
                    "arrayminus": means - lows,
                    "color": colour,
                    "thickness": 2,
                    "width": 0,
                },
                text=[wording.change(outcome, entries[i], summary["coverage"]) for i in chosen],
                hovertemplate="%{y}<br>%{text}<extra></extra>",
            ),
            row=1,
            col=column,
        )
    made.update_yaxes(categoryorder="array", categoryarray=list(labels))


def _hover(pair: dict[str, Any], outcome: str, entry: dict[str, Any] | None) -> str:
    head = f"<b>{html.escape(pair['name'])}</b>, now {pair['before']}<br>"
    if pair["status"] == "no_room":
        return head + "at this level or above already, not run"
    if entry is None:
        return head + "no run without a failure"
    if pair["status"] == "reaches_nobody":
        return head + "reaches nobody: no number changes"
    stage = "fresh seeds" if pair["refined"] else "screening"
    unit = shown_unit(OUTCOMES[outcome])
    if entry["difference"] is None:
        return head + "no value"
    said = f"{wording.signed(outcome, entry['difference'])} {unit}"
    return f"{head}{said}<br>{wording.interval(outcome, entry)} ({stage})"


def _axis_name(pair: dict[str, Any]) -> str:
    """A name that fits beside a figure on a telephone."""
    return html.escape(pair["name"]).replace(" and ", "<br>and ", 1)


def _format(name: str) -> str:
    return f"+,.{1 if _scale(name) != 1.0 else OUTCOMES[name].decimals}f"


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _scale(name: str) -> float:
    """What a value is divided by to be in the unit that is shown."""
    return shown_divisor(OUTCOMES[name])


def best(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements that are shown in a ranking, the best first."""
    by_key = {pair["key"]: pair for pair in summary["pairs"]}
    return [by_key[key] for key in summary["ranking"][:_SHOWN]]


def effect_of(pair: dict[str, Any]) -> dict[str, Any]:
    """The effect of an agreement in a ranking."""
    effect = agreement_wording.shown_effect(pair)
    assert effect is not None  # what is ranked has been run
    return effect


def _beside(summary: dict[str, Any]) -> list[str]:
    """What is shown side by side: the outcome that ranks, arrivals, and deaths."""
    return list(dict.fromkeys((summary["headline"], ARRIVALS, BESIDE)))


def short(name: str) -> str:
    """An outcome as the heading of a narrow column."""
    return {
        ARRIVALS: "Arrivals",
        BESIDE: "Channel deaths",
        "corridor_deaths": "Corridor deaths",
        "smuggler_profit_eur": "Profit",
        "mapped_share": "Known",
    }[name]
