"""Charts of a run: series over time, and what each authority knew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulation.corridor import Observed
from simulation.outcomes import OUTCOMES
from simulation.report import drawing
from simulation.report.data import Monthly, RunData, sums_of_days
from simulation.statistics.paired import FEWEST_PAIRS
from simulation.wording.quoting import level

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
        if run.findings.replications >= FEWEST_PAIRS:
            drawing.add_band(plot, x, low, high, name=name, colour=colour, row=3, words=words)
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
    notes = [
        "People waiting or moving, by country; those with the most are named.",
        drawing.band_words(run.findings.replications),
    ]
    return drawing.time_chart(
        plot, run.findings.horizon, "people", "Where people are", notes, columns, "tall"
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
