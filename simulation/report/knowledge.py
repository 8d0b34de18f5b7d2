"""Charts of what each authority knew: cases held, and its picture of the corridor."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulation.corridor import Corridor
from simulation.report.data import RunData
from simulation.report.drawing import (
    BLUE,
    GREY,
    SILENT,
    TEXT_ON_HOVER,
    Chart,
    PlotFigure,
    figure,
    month_column,
    safe,
    shade,
)

#: an expected flow below this many crossings a day counts as none on the logarithmic axes
_LEAST = 0.01
_SCALE = [
    [0.0, "#f3f6fa"],
    [0.25, "#bcd7ee"],
    [0.5, "#6aaedb"],
    [0.75, "#1f78b4"],
    [1.0, "#08306b"],
]


def cases(run: RunData, names: dict[str, str]) -> Chart:
    """Share of the smugglers on its ground each authority held a case against, by month.

    Args:
        run: The run.
        names: Authority code -> name.
    """
    months, inverse = np.unique(run.dates.astype("datetime64[M]"), return_inverse=True)
    labels = [str(month) for month in months]
    codes = [code for code in reversed(list(run.cases)) if run.smugglers[code].sum() > 0]
    held = np.array([_by_month(run.cases[code], inverse, len(months)) for code in codes])
    there = np.array([_by_month(run.smugglers[code], inverse, len(months)) for code in codes])
    made = figure(x="month", hovermode="closest")
    if codes:
        share = np.divide(held, there, out=np.full_like(held, np.nan), where=there > 0)
        made.heatmap(
            x=months.astype("datetime64[D]"),
            y=[safe(names.get(code, code)) for code in codes],
            z=share,
            customdata=np.stack([held, there], axis=-1),
            colorscale=_SCALE,
            zmin=0,
            zmax=max(0.05, float(np.nanmax(share))),
            xgap=1,
            ygap=1,
            hovertemplate=(
                "%{y}, %{x|%B %Y}<br>cases against %{customdata[0]:.1f} of "
                "%{customdata[1]:.1f} smugglers on its ground (%{z:.0%})<extra></extra>"
            ),
            colorbar={
                "orientation": "h",
                "y": 1.01,
                "yanchor": "bottom",
                "thickness": 10,
                "tickformat": ".0%",
                "title": {"text": "share of smugglers", "side": "top", "font": {"size": 13}},
            },
        )
    made.update_yaxes(tickfont={"size": 11}, showgrid=False, dtick=1)
    made.update_xaxes(tickformat="%b\n%Y", showgrid=False)
    if len(months) <= 3:
        made.update_xaxes(tickvals=months.astype("datetime64[D]"), tickformat="%b %Y")
    beyond = shade(made, run.horizon, by_month=True, hidden=True)
    extra, marks = month_column(run.horizon, labels)
    rows: list[list[Any]] = []
    for index, code in reversed(list(enumerate(codes))):
        rows += [
            [code, label, held[index, month], there[index, month], *marks[month]]
            for month, label in enumerate(labels)
        ]
    return Chart(
        "cases",
        "What each authority knew of its smugglers",
        "Share of the smugglers at work on its ground against whom it holds a case; means of "
        "months and runs. Only it can arrest them there. Authorities without smugglers on their "
        f"ground are left out. {beyond}".rstrip(),
        made,
        ["authority", "month", "cases", "smugglers", *extra],
        rows,
        "tall",
    )


def pictures(run: RunData, corridor: Corridor) -> Chart:
    """What each authority expects on each leg of its ground against what happened there."""
    legs = {leg.id: leg for leg in corridor.legs}
    names = {place.id: place.name for place in corridor.places}
    authorities = {authority.code: authority.name for authority in corridor.authorities}
    made = figure(
        x="true crossings a day, last 28 days",
        y="crossings a day it expects",
        hovermode="closest",
    )
    shown, rows = {}, []
    for code, picture in run.pictures.items():
        points = [
            (legs[leg], truth, expected)
            for leg, (expected, truth) in picture.items()
            if leg in legs and code in (legs[leg].authority_from, legs[leg].authority_to)
        ]
        rows += [[code, leg.id, expected, truth] for leg, truth, expected in points]
        if points:
            shown[code] = points
    flows = [flow for points in shown.values() for _, *both in points for flow in both]
    top = float(np.log10(max(*flows, 1.0, _LEAST))) + 0.15
    ends = [_LEAST, 10**top]
    made.scatter(
        ends, ends, mode="lines", line={"color": GREY, "width": 1, "dash": "dash"}, **SILENT
    )
    for code, points in shown.items():
        name = safe(authorities.get(code, code))
        made.scatter(
            [max(truth, _LEAST) for _, truth, _ in points],
            [max(expected, _LEAST) for _, _, expected in points],
            text=[
                f"{name}<br>{safe(names[leg.origin])} to {safe(names[leg.target])} ({leg.mode})<br>"
                f"expected {expected:,.1f}, true {truth:,.1f} a day"
                for leg, truth, expected in points
            ],
            mode="markers",
            name=name,
            marker={"size": 9, "color": BLUE, "opacity": 0.55},
            hovertemplate=TEXT_ON_HOVER,
            showlegend=False,
        )
    ticks = [10.0**power for power in range(-2, int(np.ceil(top)) + 1)]
    words = [f"{_LEAST:g} or less"] + [f"{tick:,g}" for tick in ticks[1:]]
    for update in (made.update_xaxes, made.update_yaxes):
        reach = [np.log10(_LEAST) - 0.15, top]
        update(type="log", range=reach, tickvals=ticks, ticktext=words)
    _add_menu(made)
    return Chart(
        "pictures",
        "Picture and truth",
        "One point for each leg on an authority's ground. On the dashed line it expects what "
        "happens; below the line it does not see what happens; above it, it expects crossings "
        "that moved elsewhere. The menu shows one authority.",
        made,
        ["authority", "leg", "expected_a_day", "true_a_day"],
        rows,
    )


def _add_menu(made: PlotFigure) -> None:
    """A menu that shows the points of one authority or of all; the first trace is the diagonal."""
    _, *points = made.data
    chosen = {"all authorities": [True] * len(made.data)}
    for index, trace in enumerate(points):
        chosen[trace["name"]] = [True, *(other == index for other in range(len(points)))]
    buttons = [
        {"label": name, "method": "restyle", "args": [{"visible": visible}]}
        for name, visible in chosen.items()
    ]
    made.add_menu(buttons if points else [], y=1.02, size=12, top=48)


def _by_month(values: np.ndarray, inverse: np.ndarray, months: int) -> np.ndarray:
    """Means of months of (days,) values."""
    days = np.bincount(inverse, minlength=months)
    return np.bincount(inverse, values, months) / days
