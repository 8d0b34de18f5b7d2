"""Charts of what differs: all outcomes, and month by month."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simulation.experiments.findings import Effect
from simulation.outcomes import (
    OUTCOMES,
    OutcomeSpec,
    axis_unit,
    difference_unit,
    shown_divisor,
)
from simulation.report.comparison_data import Change, Comparison
from simulation.report.drawing import PlotFigure, scatter
from simulation.report.horizon import month_column, shade
from simulation.report.intervals import Dot, dots
from simulation.report.style import BLACK, BLUE, GREY, Chart, figure, safe, translucent
from simulation.wording import differences as wording

#: what a planner looks for first; shown together and never one without the other
FIRST = ("channel_arrivals", "channel_deaths")
_SHORT = {"channel_arrivals": "Arrivals", "channel_deaths": "Deaths"}
#: a line of so few points shows them
_FEW = 3
_COLUMNS = ("baseline", "scenario", "difference", "low", "high")


def outcomes_chart(made_of: Comparison, number: int) -> Chart:
    """All outcomes of the whole run as percent of the baseline."""
    rows, table, left_out = [], [], []
    for name, spec in OUTCOMES.items():
        entry = made_of.found.effect(name)
        if entry.percent is None:
            left_out.append(spec.label)
            continue
        table.append(
            [name, spec.label, *_percents(entry), *(getattr(entry, key) for key in _COLUMNS)]
        )
        rows.append(percent_dot(name, entry))
    note = (
        "Each dot is the difference in percent of the baseline over the whole run, each line its "
        f"{_coverage(made_of)} interval. Right of zero there is more of it than in the baseline."
    )
    if made_of.no_intervals:
        note += f" {made_of.no_intervals}"
    elif any(math.isnan(row.low) for row in rows):
        note += (
            " A dot without a line has no interval in percent: too few were counted. Beside its "
            "name stands the interval in its own unit."
        )
    if made_of.no_directions:
        note += f" {made_of.no_directions}"
    note = f"{note} {made_of.outcomes_by_chance}".rstrip()
    if left_out:
        note += f" Nothing in the baseline to compare with: {'; '.join(left_out)}."
    header = ["outcome", "label", "percent", "percent_low", "percent_high", *_COLUMNS]
    return Chart(
        f"outcomes-{number}",
        made_of.title,
        note,
        dots(rows, x="difference, % of the baseline", cut=True),
        header,
        table,
        "long",
    )


def percent_dot(name: str, entry: Effect, label: str = "") -> Dot:
    """A row with the difference of an outcome in percent."""
    spec = OUTCOMES[name]
    percent, low, high = _percents(entry)
    text = wording.percent(percent)
    # a difference of a share already ends with "points"
    unit = "" if difference_unit(spec) == "percentage points" else f" {difference_unit(spec)}"
    ends = wording.percent_interval(entry)
    if ends:
        text += f" ({ends})"
    elif entry.low is not None:
        text += f" ({wording.interval(name, entry)}{unit})"
    hover = [
        f"{wording.signed(name, entry.difference)}{unit}"
        + (f" ({wording.interval(name, entry)})" if entry.low is not None else ""),
        f"baseline {wording.level(name, entry.baseline)}, "
        f"scenario {wording.level(name, entry.scenario)}",
        text,
        wording.sureness(entry),
    ]
    return Dot(
        label or spec.label,
        percent,
        low,
        high,
        bool(entry.detectable),
        text,
        [line for line in hover if line],
        strong=name in FIRST,
    )


def first_months(made_of: Comparison, number: int) -> Chart:
    """Arrivals and deaths by month: both sides, and the difference with its band."""
    made = figure(x="")
    made.stack([1.2, 1, 1, 1], gap=0.05)
    months = len(made_of.months[FIRST[0]])
    header = ["month"]
    columns: list[list[Any]] = [list(made_of.months[FIRST[0]])]
    for place, name in enumerate(FIRST):
        _add_panels(made, made_of, name, 2 * place + 1, legend=place == 0)
        words = f"{_SHORT[name].lower()} a month"
        made.update_yaxes(row=2 * place + 1, title={"text": words})
        header += [f"{name}_{column}" for column in _COLUMNS]
        changes = made_of.months[name].values()
        columns += [[getattr(item, column) for item in changes] for column in _COLUMNS]
    _month_axis(made, list(made_of.months[FIRST[0]]), 4)
    beyond = shade(made, made_of.horizon, by_month=True)
    extra, marks = month_column(made_of.horizon, list(made_of.months[FIRST[0]]))
    band = made_of.no_intervals or (
        f"The band is its {_coverage(made_of)} interval. Where it holds zero, that month shows no "
        f"detectable effect. Of {months} months {made_of.by_chance(months)} would leave zero "
        "out by chance alone."
    )
    return Chart(
        f"months-{number}",
        f"Arrivals and deaths by month: {made_of.title}",
        f"Averages of both sides, and below them the average difference of the pairs. {band} "
        f"Deaths in a month are few and come in single disasters. {beyond}".rstrip(),
        made,
        header + extra,
        [[*row, *mark] for *row, mark in zip(*columns, marks, strict=True)],
        "long",
    )


def other_months(made_of: Comparison, number: int) -> Chart:
    """The other outcomes by month, one at a time."""
    names = [
        name
        for name in OUTCOMES
        if name not in FIRST
        and any(not math.isnan(item.difference) for item in made_of.months[name].values())
    ]
    extra, marks = month_column(made_of.horizon, list(made_of.months[FIRST[0]]))
    made = figure(x="")
    made.stack([1.2, 1])
    buttons, rows, counts = [], [], []
    for name in names:
        before = len(made.data)
        _add_panels(made, made_of, name, 1, legend=True, visible=name == names[0], band=False)
        counts.append(len(made.data) - before)
        for (month, item), mark in zip(made_of.months[name].items(), marks, strict=True):
            rows.append([name, month, *(getattr(item, column) for column in _COLUMNS), *mark])
    for place, name in enumerate(names):
        shown_traces = [other == place for other, count in enumerate(counts) for _ in range(count)]
        titles = {
            "yaxis.title.text": safe(_axis_unit(OUTCOMES[name])),
            "yaxis2.title.text": "difference",
        }
        buttons.append(
            {
                "label": safe(OUTCOMES[name].label),
                "method": "update",
                "args": [{"visible": shown_traces}, titles],
            }
        )
    if names:
        made.update_yaxes(row=1, title={"text": safe(_axis_unit(OUTCOMES[names[0]]))})
    _month_axis(made, list(made_of.months[FIRST[0]]), 2)
    beyond = shade(made, made_of.horizon, by_month=True)
    menu = {
        "buttons": buttons,
        "x": 0,
        "xanchor": "left",
        "y": 1.09,
        "yanchor": "bottom",
        "bgcolor": "white",
        "bordercolor": GREY,
        "font": {"size": 11},
    }
    made.update_layout(updatemenus=[menu] if buttons else [], margin={"t": 96})
    return Chart(
        f"other-months-{number}",
        f"Other outcomes by month: {made_of.title}",
        f"The menu shows one outcome at a time, with the {_coverage(made_of)} interval of its "
        f"difference as a band; the data below hold all of them. {beyond}".rstrip(),
        made,
        ["outcome", "month", *_COLUMNS, *extra],
        rows,
        "tall menu",
    )


def _add_panels(
    made: PlotFigure,
    made_of: Comparison,
    name: str,
    row: int,
    *,
    legend: bool,
    visible: bool = True,
    band: bool = True,
) -> None:
    """Both sides of an outcome in one panel, and their difference in the next."""
    spec = OUTCOMES[name]
    changes = list(made_of.months[name].values())
    starts = [f"{month}-01" for month in made_of.months[name]]
    unit = shown_divisor(spec)
    decimals = spec.decimals if unit == 1.0 else 1
    if spec.kind == "flow" and unit == 1.0:
        decimals = 1  # means over runs of what is counted in whole people
    mode = "lines+markers" if len(changes) <= _FEW else "lines"
    for side, words, colour, dash in (
        ("baseline", "baseline", BLACK, "dot"),
        ("scenario", "scenario", BLUE, "solid"),
    ):
        made.add_trace(
            scatter(
                x=starts,
                y=[getattr(item, side) / unit for item in changes],
                mode=mode,
                name=words,
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate=f"%{{y:,.{decimals}f}}",
                showlegend=legend,
                visible=visible,
            ),
            row=row,
        )
    for side, fill in (("high", None), ("low", "tonexty")):
        made.add_trace(
            scatter(
                x=starts,
                y=[getattr(item, side) / unit for item in changes],
                mode="lines",
                line={"width": 0},
                fill=fill or "none",
                fillcolor=translucent(BLUE, 0.25),
                hoverinfo="skip",
                name=f"{_coverage(made_of)} interval of the difference",
                showlegend=legend and band and fill is not None,
                visible=visible,
            ),
            row=row + 1,
        )
    made.add_trace(
        scatter(
            x=starts,
            y=[item.difference / unit for item in changes],
            customdata=[_month_words(name, item) for item in changes],
            mode=mode,
            name="difference",
            line={"color": BLUE, "width": 2},
            hovertemplate="%{customdata}",
            showlegend=False,
            visible=visible,
        ),
        row=row + 1,
    )
    made.update_yaxes(
        row=row,
        title={"text": safe(_axis_unit(spec))},
        rangemode="tozero",
        tickformat=",~f",
        nticks=6,
    )
    made.update_yaxes(
        row=row + 1,
        title={"text": "difference"},
        # zero belongs on the axis of a difference
        rangemode="tozero",
        zeroline=True,
        zerolinecolor=BLACK,
        zerolinewidth=1,
        tickformat=",~f",
        nticks=6,
    )


def _month_words(name: str, item: Change) -> str:
    if math.isnan(item.difference):
        return "no value"
    text = wording.signed(name, item.difference)
    if not math.isnan(item.low):
        text += f" ({wording.signed(name, item.low)} to {wording.signed(name, item.high)})"
    return text


def _month_axis(made: PlotFigure, months: Sequence[str], last: int) -> None:
    settings: dict[str, Any] = {"tickformat": "%b\n%Y", "hoverformat": "%B %Y", "type": "date"}
    if len(months) <= _FEW:
        settings |= {"tickvals": [f"{month}-01" for month in months], "tickformat": "%b %Y"}
    made.update_xaxes(**settings)
    made.update_xaxes(row=last, title={"text": "month"})


def _axis_unit(spec: OutcomeSpec) -> str:
    """The unit of an outcome on an axis of months."""
    unit = axis_unit(spec)
    return f"{unit} a month" if spec.kind == "flow" else unit


def _percents(entry: Effect) -> tuple[float, float, float]:
    values = (entry.percent, entry.percent_low, entry.percent_high)
    mean, low, high = (math.nan if value is None else float(value) for value in values)
    if not wording.percent_interval(entry):
        return mean, math.nan, math.nan
    return mean, low, high


def _coverage(made_of: Comparison) -> str:
    return f"{round(made_of.findings.coverage * 100)}%"
