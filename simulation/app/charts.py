"""Charts that grow with the runs: by week, small enough to be sent again each time one is over."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.app.live import LiveRun
from simulation.corridor import load_observed
from simulation.outcomes import OUTCOMES, shown_divisor
from simulation.report.drawing import (
    BLACK,
    BLUE,
    FEW_POINTS,
    GREY,
    VERMILION,
    figure,
    plain,
    shade,
)
from simulation.scenario.horizon import Horizon

Array = npt.NDArray[np.float64]
WEEK = 7
BASELINE, WHATIF = "Baseline", "What-if"
#: colours of the two runs, which differ by dash as well
_LOOKS = ((BLUE, "solid"), (VERMILION, "dash"))
_MS_A_DAY = 86_400_000
_HOVER = "%{y:,.4~g}"
#: a chart as it is sent to the browser: `data` and `layout`, as plotly.js reads them
Chart = Mapping[str, Any]


class Line(NamedTuple):
    """A line of a chart: its name, its values by week, NaN where there is none, and its look."""

    name: str
    values: Array
    colour: str
    dash: str = "solid"


@dataclass(frozen=True)
class ChartSpec:
    """A chart and where its numbers come from.

    Attributes:
        key: Name of it.
        title: Heading.
        unit: Title of the axis.
        note: What to read in it.
        series: From runs to the lines.
    """

    key: str
    title: str
    unit: str
    note: str
    series: Callable[[Sequence[LiveRun]], list[Line]]


def drawn(spec: ChartSpec, runs: Sequence[LiveRun]) -> Chart:
    """A chart as it is sent to the browser.

    Args:
        spec: Which.
        runs: The baseline and, if there is one, the what-if.
    """
    lead = runs[0]
    first, last = lead.date_of(lead.first), lead.date_of(lead.days - 1)
    plot = figure(
        y=spec.unit, height=250, dragmode=False, margin={"l": 8, "r": 10, "t": 6, "b": 8},
        legend={"orientation": "h", "x": 0, "y": -0.3, "font": {"size": 11}}, showlegend=True,
    )  # fmt: skip
    plot.update_layout(font={"size": 12})
    plot.update_xaxes(
        type="date", range=[first, last], hoverformat="week to %-d %b %Y",
        tickformat="%-d %b\n%Y", nticks=6,
    )  # fmt: skip
    plot.update_yaxes(rangemode="tozero", tickformat=",~f", title={"font": {"size": 11}})
    for update in (plot.update_xaxes, plot.update_yaxes):
        update(zeroline=True, zerolinecolor=GREY, fixedrange=True)
    weeks = {"x0": lead.date_of(lead.first + WEEK - 1), "dx": WEEK * _MS_A_DAY}
    for name, values, colour, dash in spec.series(runs):
        few = "lines+markers" if len(values) <= FEW_POINTS else "lines"
        look = {"color": colour, "dash": dash, "width": 2}
        # more figures of a number than these are not seen on a chart
        y = [float(f"{value:.4g}") for value in values]
        plot.add_trace(
            {"type": "scatter", "name": name, **weeks, "y": y, "mode": few, "line": look,
             "connectgaps": True, "hovertemplate": _HOVER}
        )  # fmt: skip
    if spec.key == "arrivals" and (seen := _observed(first, last)):
        plot.scatter(
            *zip(*seen, strict=True), name="Observed, by month", mode="lines+markers",
            hovertemplate=_HOVER, marker={"size": 5, "color": BLACK},
            line={"color": BLACK, "dash": "dot", "width": 1},
        )  # fmt: skip
    shade(plot, Horizon(first, last), by_month=False)
    return plain({"data": plot.data, "layout": plot.layout})


def weeks_over(run: LiveRun) -> int:
    """Whole weeks that are over since the first day that counts."""
    return max(0, run.over - run.first) // WEEK


# -- where numbers come from ----------------------------------------------------------------------


def _sums(values: Array) -> Array:
    """Sums of whole weeks."""
    whole = len(values) // WEEK * WEEK
    return np.asarray(values[:whole].reshape(-1, WEEK).sum(axis=1), dtype=float)


def _means(values: Array) -> Array:
    """Means of whole weeks over the days that have a value."""
    whole = values[: len(values) // WEEK * WEEK].reshape(-1, WEEK)
    days = np.count_nonzero(~np.isnan(whole), axis=1)
    sums = np.nansum(whole, axis=1)
    return np.divide(sums, days, out=np.full(len(whole), np.nan), where=days > 0)


def _each(
    name: str, by_week: Callable[[Array], Array]
) -> Callable[[Sequence[LiveRun]], list[Line]]:
    """One line a run of an outcome."""
    divisor = shown_divisor(OUTCOMES[name])

    def series(runs: Sequence[LiveRun]) -> list[Line]:
        labels = (BASELINE, WHATIF) if len(runs) > 1 else (runs[0].scenario.title,)
        return [
            Line(label, by_week(run.daily()[name]) / divisor, *look)
            for label, run, look in zip(labels, runs, _LOOKS, strict=False)
        ]

    return series


CHARTS: tuple[ChartSpec, ...] = (
    ChartSpec(
        "arrivals", "Small-boat arrivals in the UK", "people a week",
        "Dots: observed arrivals of a month, spread evenly over its weeks. "
        "Months without a figure have none.",
        _each("channel_arrivals", _sums),
    ),
    ChartSpec(
        "price", "Price of a seat in a boat", "EUR",
        "Mean of the week over days with a price.",
        _each("seat_price_eur", _means),
    ),
    ChartSpec(
        "known", "Smugglers with an open case where they operate", "% of active operators",
        "Known: an authority with jurisdiction holds a case.",
        _each("mapped_share", _means),
    ),
    ChartSpec(
        "profit", "Smugglers' profit", "EUR million a week",
        "All stages of the way together, from Turkey to the Channel.",
        _each("smuggler_profit_eur", _sums),
    ),
)  # fmt: skip


# -- the past -------------------------------------------------------------------------------------


@cache
def _observed(first: date, last: date) -> list[tuple[date, float]]:
    """The middle of each observed month of a run, and its arrivals as people a week."""
    observed = []
    for name, value in zip(*load_observed().monthly("channel_arrivals"), strict=True):
        year, month = map(int, name.split("-"))
        days = monthrange(year, month)[1]
        middle = date(year, month, 1 + days // 2)
        if first <= middle <= last and not np.isnan(value):
            observed.append((middle, round(float(value) / days * WEEK, 1)))
    return observed
