"""Charts of a run: series over time, and what each authority knew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulation.corridor import Corridor, Observed
from simulation.outcomes import OUTCOMES
from simulation.report import drawing
from simulation.report.data import Monthly, RunData, sums_of_days
from simulation.statistics.paired import FEWEST_PAIRS
from simulation.wording.quoting import level

#: what a state is called, by its item in the balance
_STATES = {
    "waiting": "waiting at a place",
    "travelling": "between two places",
    "detained": "held after a stop",
    "queued": "promised a seat in a boat",
    "arrived_boat": "arrived in the UK by boat",
    "arrived_lorry": "arrived in the UK by lorry or ferry",
    "settled": "settled outside the UK",
    "returned": "returned or gave up",
    "admitted": "admitted legally",
}

_DIED = "state_died"
_COUNTRY_COLOURS = (
    drawing.BLUE,
    drawing.SKY,
    drawing.GREEN,
    drawing.YELLOW,
    drawing.ORANGE,
    drawing.VERMILION,
    drawing.PURPLE,
)
_BAND = ("median", "low", "high")
#: days between two points of a chart of levels
_WEEK = 7
#: an expected flow below this many crossings a day counts as none on the logarithmic axes
_LEAST = 0.01
_BLUES = ("#f3f6fa", "#bcd7ee", "#6aaedb", "#1f78b4", "#08306b")
_SCALE = [[step / 4, colour] for step, colour in enumerate(_BLUES)]


def observed_on(observed: Observed, name: str, months: Monthly) -> np.ndarray | None:
    """The observed monthly series on the months of a run.

    Returns:
        (months,) float, NaN where nothing was observed or the run covers part of the month; None
        when the series does not exist or never overlaps.
    """
    try:
        labels, values = observed.monthly(name)
    except KeyError:
        return None
    observed_values = dict(zip(labels, np.asarray(values, dtype=float), strict=True))
    series = np.array([observed_values.get(label, np.nan) for label in months.labels])
    series[~months.whole] = np.nan
    return None if np.isnan(series).all() else series


def by_month(run: RunData, observed: Observed, outcome: str, key: str) -> drawing.Chart:
    """A flow by month against the observed series."""
    spec, model = OUTCOMES[outcome], run.monthly(outcome)
    seen = observed_on(observed, outcome, model)
    plot = drawing.figure(y=f"{spec.unit} a month", x="month")
    drawing.add_line(plot, _starts(model), model.drawn, name="model", colour=drawing.BLUE)
    if seen is not None:
        _add_observed(plot, model, seen, "observed")
    plot.update_yaxes(rangemode="tozero", tickformat=",.0f")
    plot.update_xaxes(**_month_axis(model))
    columns: dict[str, Iterable[Any]] = {
        "month": model.labels,
        **_band_columns("model_", model.values),
        "observed": np.full(len(model.labels), np.nan) if seen is None else seen,
        "whole_month": model.whole.astype(int),
    }
    note = _note(run, model, seen)
    return drawing.time_chart(plot, run.findings.horizon, key, spec.label, [note], columns)


def deaths(run: RunData, observed: Observed) -> drawing.Chart:
    """Crossings, people per boat and deaths of the same months, one below the other."""
    arrivals, boats = run.monthly("channel_arrivals"), run.monthly("channel_boats")
    channel, corridor = run.monthly("channel_deaths"), run.monthly("corridor_deaths")
    load = _ratio(arrivals.values, boats.values)
    plot = drawing.figure()
    plot.stack([1, 1, 1])
    x = _starts(arrivals)
    drawing.add_line(plot, x, arrivals.drawn, name="arrivals", colour=drawing.BLUE, row=1)
    drawing.add_line(
        plot, x, load, name="people per boat", colour=drawing.PURPLE, hover=".1f", row=2
    )
    ends: dict[str, np.ndarray] = {}
    for outcome, name, values, colour in (
        ("channel_deaths", "deaths in the Channel", channel, drawing.VERMILION),
        ("corridor_deaths", "deaths on the corridor", corridor, drawing.ORANGE),
    ):
        _, low, high = drawing.band(values.drawn)
        ends |= {f"{outcome}_low": low, f"{outcome}_high": high}
        words = [
            "" if bottom != bottom else level(outcome, None, bottom, top)
            for bottom, top in zip(low.tolist(), high.tolist(), strict=True)
        ]
        drawing.add_band(plot, x, values.drawn, name=name, colour=colour, row=3, words=words)
    seen = observed_on(observed, "channel_deaths", channel)
    if seen is not None:
        _add_observed(plot, channel, seen, "deaths in the Channel, observed", row=3)
    for row, text in ((1, "arrivals a month"), (2, "people per boat"), (3, "deaths a month")):
        plot.update_yaxes(title={"text": text}, rangemode="tozero", tickformat=",~f", row=row)
    plot.update_xaxes(title={"text": "month"}, row=3)
    plot.update_xaxes(**_month_axis(arrivals))
    columns: dict[str, Iterable[Any]] = {
        "month": arrivals.labels,
        "channel_arrivals": drawing.band(arrivals.values)[0],
        "people_per_boat": drawing.band(load)[0],
        **ends,
    }
    return drawing.time_chart(
        plot,
        run.findings.horizon,
        "deaths",
        "Deaths beside crossings",
        [
            "Fewer boats do not have to mean fewer deaths: when the same people share fewer boats, "
            "each is more crowded. Monthly deaths are few and mostly come in single disasters, so "
            "they jump by chance.",
            _deaths_note(run, seen),
        ],
        columns,
        "tall",
    )


def _deaths_note(run: RunData, seen: np.ndarray | None) -> str:
    parts = [drawing.band_words(run.findings.replications)]
    if run.findings.replications < FEWEST_PAIRS:
        parts.append("So few runs say nothing of deaths.")
    if seen is None:
        parts.append("No deaths by month were observed; those of whole years are in the table.")
    if run.findings.scale < 1:
        each = 1 / run.findings.scale
        parts.append(f"At this scale each death simulated stands for {each:.3g} people.")
    return " ".join(parts)


def price(run: RunData) -> drawing.Chart:
    """Price of a seat over time."""
    plot = drawing.figure(y="EUR per seat", x=_date_title(run))
    dates, values = weekly(run.dates, run.daily["seat_price_eur"])
    drawing.add_line(plot, dates, values, name="seat in a boat", colour=drawing.GREEN)
    plot.update_yaxes(rangemode="tozero", tickformat=",.0f")
    plot.update_layout(showlegend=False)
    return drawing.time_chart(
        plot,
        run.findings.horizon,
        "price",
        "What a seat costs",
        [
            "Mean price asked for a seat in a small boat.",
            drawing.band_words(run.findings.replications),
        ],
        {"week_from": dates.astype(str), **_band_columns("", values)},
    )


def people(run: RunData, country_of: Mapping[str, str], left_out: set[str]) -> drawing.Chart:
    """People present by country, without places where nobody is on the way."""
    totals: dict[str, np.ndarray] = {}
    for place, present in run.places.items():
        if place not in left_out:
            country = country_of.get(place, "elsewhere")
            totals[country] = totals.get(country, 0.0) + present
    order = sorted(totals.items(), key=lambda item: -float(item[1].mean()))
    lines, rest = order[: len(_COUNTRY_COLOURS)], order[len(_COUNTRY_COLOURS) :]
    if rest:
        lines.append((f"{len(rest)} other countries", np.sum([one for _, one in rest], axis=0)))
    plot = drawing.figure(y="people present", x=_date_title(run))
    columns: dict[str, Iterable[Any]] = {}
    for (name, series), colour in zip(lines, (*_COUNTRY_COLOURS, drawing.BLACK), strict=False):
        dates, values = weekly(run.dates, series)
        drawing.add_line(plot, dates, values, name=drawing.safe(name), colour=colour)
        columns |= {"week_from": dates.astype(str), **_band_columns(f"{name} ", values)}
    plot.update_yaxes(rangemode="tozero", tickformat=",.0f")
    # the bands of all countries would hide each other
    is_line = [trace["line"]["width"] > 0 for trace in plot.data]
    for trace, visible in zip(plot.data, is_line, strict=True):
        trace["visible"] = visible
    _add_menu(plot, "all countries", is_line)
    notes = [
        "People waiting or moving, by country; those with the most are named. The menu shows one "
        "country, with its band.",
        drawing.band_words(run.findings.replications),
    ]
    return drawing.time_chart(
        plot, run.findings.horizon, "people", "Where people are", notes, columns, "tall"
    )


def ends(run: RunData) -> drawing.Chart:
    """In which state everyone who entered is at the end."""
    counts = [
        (_STATES[item.removeprefix("state_")], entry.mean)
        for item, entry in run.findings.balance.items()
        if item.startswith("state_") and item != _DIED
    ]
    counts.sort(key=lambda pair: pair[1])
    plot = drawing.figure(x=f"people, on {run.last:%d %B %Y}", hovermode="closest")
    plot.bar(
        [value for _, value in counts],
        [drawing.safe(name) for name, _ in counts],
        orientation="h",
        marker={"color": drawing.SKY},
        text=[f"{value:,.0f}" for _, value in counts],
        textposition="auto",
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    plot.update_xaxes(tickformat=",.0f", rangemode="tozero")
    return drawing.Chart(
        "ends",
        "Where everyone who entered is at the end",
        "Each person who entered, the warm-up included, is counted in exactly one state; means of "
        "the runs. How many died is not shown: one scenario cannot say.",
        plot,
        ["state", "people"],
        list(reversed(counts)),
    )


def smugglers(run: RunData) -> drawing.Chart:
    """Smugglers at work, and those an authority that can arrest them holds a case against."""
    active, share = run.daily["smugglers_active"], run.daily["mapped_share"]
    plot = drawing.figure(y="smugglers", x=_date_title(run))
    dates, at_work = weekly(run.dates, active)
    _, mapped = weekly(run.dates, active * share)
    drawing.add_line(plot, dates, at_work, name="at work", colour=drawing.BLACK, hover=",.1f")
    drawing.add_line(plot, dates, mapped, name="of these mapped", colour=drawing.BLUE, hover=",.1f")
    plot.update_yaxes(rangemode="tozero")
    return drawing.time_chart(
        plot,
        run.findings.horizon,
        "smugglers",
        "Smugglers at work and smugglers mapped",
        [
            "A smuggler is mapped when an authority on whose ground the smuggler works holds a "
            "case against them.",
            drawing.band_words(run.findings.replications),
        ],
        {
            "week_from": dates.astype(str),
            **_band_columns("active_", at_work),
            **_band_columns("mapped_", mapped),
        },
    )


def cases(run: RunData, names: dict[str, str]) -> drawing.Chart:
    """Share of the smugglers on its ground each authority held a case against, by month."""
    months, inverse = np.unique(run.dates.astype("datetime64[M]"), return_inverse=True)
    labels = [str(month) for month in months]
    held, at_work = (
        {code: sums_of_days(inverse, days, len(months)) for code, days in each.items()}
        for each in (run.cases, run.smugglers)
    )
    codes = [code for code in reversed(list(held)) if at_work[code].any()]
    shares = {code: drawing.band(_ratio(held[code], at_work[code])) for code in codes}
    plot = drawing.figure(x="month", hovermode="closest")
    if codes:
        middles = np.array([median for median, _, _ in shares.values()])
        plot.heatmap(
            x=months.astype("datetime64[D]"),
            y=[drawing.safe(names.get(code, code)) for code in codes],
            z=middles,
            customdata=[
                [level("mapped_share", *values) for values in _values(share)]
                for share in shares.values()
            ],
            colorscale=_SCALE,
            zmin=0,
            zmax=max(0.05, float(np.nanmax(middles))),
            xgap=1,
            ygap=1,
            hovertemplate=(
                "%{y}, %{x|%B %Y}<br>cases against %{customdata} of the smugglers on its ground"
                "<extra></extra>"
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
    plot.update_yaxes(tickfont={"size": 11}, showgrid=False, dtick=1)
    plot.update_xaxes(tickformat="%b\n%Y", showgrid=False)
    if len(months) <= 3:
        plot.update_xaxes(tickvals=months.astype("datetime64[D]"), tickformat="%b %Y")
    beyond = drawing.shade(plot, run.findings.horizon, by_month=True, hidden=True)
    extra = drawing.month_columns(run.findings.horizon, labels)
    rows = [
        [code, month, *values, *marks]
        for code in reversed(codes)
        for month, values, *marks in zip(
            labels, _values(shares[code]), *extra.values(), strict=True
        )
    ]
    return drawing.Chart(
        "cases",
        "What each authority knew of its smugglers",
        "Share of the smugglers at work on its ground against whom it holds a case: medians of "
        "runs. Only it can arrest them there. Authorities without smugglers on their ground are "
        f"left out. {beyond}".rstrip(),
        plot,
        ["authority", "month", *(f"share_{part}" for part in _BAND), *extra],
        rows,
        "tall",
    )


def beliefs(run: RunData, corridor: Corridor) -> drawing.Chart:
    """The crossings each authority expects on each leg of its ground, against the true ones."""
    legs = {leg.id: leg for leg in corridor.legs}
    names = {place.id: place.name for place in corridor.places}
    authorities = {authority.code: authority.name for authority in corridor.authorities}
    plot = drawing.figure(
        x="true crossings a day, last 28 days",
        y="crossings a day it expects",
        hovermode="closest",
    )
    shown, rows = {}, []
    for code, picture in run.beliefs.items():
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
    plot.scatter(
        ends,
        ends,
        mode="lines",
        line={"color": drawing.GREY, "width": 1, "dash": "dash"},
        **drawing.SILENT,
    )
    for code, points in shown.items():
        name = drawing.safe(authorities.get(code, code))
        plot.scatter(
            [max(truth, _LEAST) for _, truth, _ in points],
            [max(expected, _LEAST) for _, _, expected in points],
            text=[
                f"{name}<br>"
                + drawing.safe(f"{names[leg.origin]} to {names[leg.target]} ({leg.mode})")
                + f"<br>expected {expected:,.1f}, true {truth:,.1f} a day"
                for leg, truth, expected in points
            ],
            mode="markers",
            name=name,
            marker={"size": 9, "color": drawing.BLUE, "opacity": 0.55},
            hovertemplate=drawing.TEXT_ON_HOVER,
            showlegend=False,
        )
    ticks = [10.0**power for power in range(-2, int(np.ceil(top)) + 1)]
    words = [f"{_LEAST:g} or less"] + [f"{tick:,g}" for tick in ticks[1:]]
    for update in (plot.update_xaxes, plot.update_yaxes):
        reach = [np.log10(_LEAST) - 0.15, top]
        update(type="log", range=reach, tickvals=ticks, ticktext=words)
    _add_menu(plot, "all authorities", [True] * len(plot.data))
    return drawing.Chart(
        "pictures",
        "Picture and truth",
        "One point for each leg on an authority's ground. On the dashed line it expects what "
        "happens; below the line it does not see what happens; above it, it expects crossings "
        "that moved elsewhere. The menu shows one authority.",
        plot,
        ["authority", "leg", "expected_a_day", "true_a_day"],
        rows,
    )


def weekly(dates: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of weeks of daily levels, NaN left out; short runs stay daily.

    Args:
        dates: (days,) datetime64[D].
        values: (replications, days) float.

    Returns:
        First day of each week (weeks,), means (replications, weeks).
    """
    if _is_short(dates):
        return dates, values
    index = np.arange(len(dates)) // _WEEK
    weeks = int(index[-1]) + 1
    has_value = ~np.isnan(values)
    filled = np.where(has_value, values, 0.0)
    counts = sums_of_days(index, has_value.astype(float), weeks)
    return dates[::_WEEK], _ratio(sums_of_days(index, filled, weeks), counts)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """One by the other, NaN where that is nothing."""
    ratio = np.full_like(above, np.nan)
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio


def _band_columns(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{name}{part}": edge for part, edge in zip(_BAND, drawing.band(values), strict=True)}


def _is_short(dates: np.ndarray) -> bool:
    return len(dates) <= 8 * _WEEK


def _date_title(run: RunData) -> str:
    return "date" if _is_short(run.dates) else "date (means of weeks)"


def _starts(months: Monthly) -> np.ndarray:
    return months.months.astype("datetime64[D]")


def _month_axis(months: Monthly) -> drawing.PlotlyObject:
    if len(months.months) <= 3:
        return {"tickvals": _starts(months), "tickformat": "%b %Y"}
    # half a month beyond the ends: room for bars, and no tick in a month that is not there
    half, ends = np.timedelta64(15, "D"), _starts(months)[[0, -1]]
    return {
        "tickformat": "%b\n%Y",
        "hoverformat": "%B %Y",
        "range": [str(ends[0] - half), str(ends[1] + half)],
    }


def _add_observed(
    plot: drawing.PlotFigure, months: Monthly, values: np.ndarray, name: str, row: int = 1
) -> None:
    plot.scatter(
        _starts(months),
        values,
        row=row,
        mode="lines+markers",
        name=name,
        line={"color": drawing.BLACK, "width": 1.2, "dash": "dot"},
        marker={"color": drawing.BLACK, "size": 6, "line": {"color": "white", "width": 1}},
        hovertemplate="%{y:,.0f}",
    )


def distance_words(model: np.ndarray, seen: np.ndarray) -> str:
    """How far the model lies from what was observed, in a sentence.

    Args:
        model: (months,) means of the model.
        seen: (months,) observed, NaN where nothing was.
    """
    both = ~np.isnan(seen)
    off, level = float(np.abs(model - seen)[both].mean()), float(seen[both].mean())
    share = f" ({off / level:.0%} of the observed mean)" if level > 0 else ""
    return f"On average a month of the model is {off:,.0f} off what was observed{share}."


def _note(run: RunData, months: Monthly, seen: np.ndarray | None) -> str:
    parts = [drawing.band_words(run.findings.replications)]
    if seen is None:
        parts.append("No observed series covers a whole month of this run.")
    else:
        parts.append(distance_words(drawing.band(months.values)[0], seen))
    if not months.whole.all():
        cut = [label for label, whole in zip(months.labels, months.whole, strict=True) if not whole]
        where = "left out here, in the data below" if months.whole.any() else "drawn as it is"
        parts.append(f"The run covers only a part of {' and '.join(cut)} ({where}).")
    return " ".join(parts)


def _add_menu(plot: drawing.PlotFigure, all_label: str, all_visible: list[bool]) -> None:
    """A menu of all that is named, or one of it; a trace without a name is always visible."""
    owners = [trace.get("name", "") for trace in plot.data]
    chosen = {all_label: all_visible} | {
        name: [owner in (name, "") for owner in owners] for name in filter(None, owners)
    }
    buttons = [
        {"label": name, "method": "restyle", "args": [{"visible": visible}]}
        for name, visible in chosen.items()
    ]
    plot.add_menu(buttons if any(owners) else [], y=1.09, size=12, top=96)


def _values(edges: Iterable[np.ndarray]) -> list[tuple[float | None, ...]]:
    """Median, low and high of each month; None where there is none."""
    each = zip(*(edge.tolist() for edge in edges), strict=True)
    return [tuple(None if value != value else value for value in values) for values in each]
