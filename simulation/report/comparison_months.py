"""Charts of a comparison by month: medians of both sides, and the differences as a page has them.

A difference by month is drawn as one of the whole run is: the middle of plausible worlds with nine
of ten of them, or the average with its interval where worlds have no range.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from simulation.engine.run_store import OUTCOME_NAMES
from simulation.outcomes import OUTCOMES, OutcomeSpec, axis_unit, most_decimals, shown_divisor
from simulation.report import drawing
from simulation.report.comparison_charts import CHANGE_COLUMNS, Comparison
from simulation.statistics.paired import QUANTILES
from simulation.statistics.plausible_range import plausible_effects
from simulation.wording import quoting
from simulation.wording.differences import HEADLINES
from simulation.wording.quoting import RANGE_ONLY

#: middle, low and high end of a difference: over worlds, or of the average
_OVER_WORLDS, _AVERAGE = ("median", "plausible_low", "plausible_high"), CHANGE_COLUMNS[2:]
_TICKS: drawing.PlotlyObject = {"tickformat": ",~f", "nticks": 6}


@dataclass(frozen=True)
class _Months:
    """What charts of months draw.

    Attributes:
        names: The months, as `2023-01`.
        values: Outcome -> column -> (months,), in the unit of the outcome: both sides with the
            ends of their spread, and the difference. NaN where there is no value, or where only a
            range may be quoted.
        difference: The columns of the difference: its middle, low and high end.
        note: What the lines and bands of differences are.
        band: What the band is called.
    """

    names: Sequence[str]
    values: Mapping[str, Mapping[str, np.ndarray]]
    difference: tuple[str, ...]
    note: str
    band: str

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """Those of a comparison."""
        base, other = comparison.by_month
        mean = comparison.differences(comparison.by_month)
        over = plausible_effects(other - base, *comparison.worlds, resamples=0)
        ranged = not np.isnan(over.low).all()
        columns = _OVER_WORLDS if ranged else _AVERAGE
        middle, ends = (over.median, over) if ranged else (mean.mean, mean)
        values = {
            f"{name}{end}": getattr(mean, f"{side}{end}")
            for name, side in (("baseline", "base"), ("scenario", "other"))
            for end in ("", "_low", "_high")
        } | dict(zip(columns, (middle, ends.low, ends.high), strict=True))
        nothing = np.full(len(comparison.month_names), math.nan)
        by_outcome = {
            name: {
                column: array[:, number]
                if name not in RANGE_ONLY or column in columns[1:]
                else nothing
                for column, array in values.items()
            }
            for number, name in enumerate(OUTCOME_NAMES)
        }
        note = _OF_WORLDS if ranged else _of_averages(comparison)
        band = "nine of ten worlds" if ranged else f"{comparison.coverage} interval"
        return cls(comparison.month_names, by_outcome, columns, note, band)

    def series(self, name: str, column: str) -> tuple[list[str], list[float]]:
        """First days of months, and a column of an outcome in the unit that is shown."""
        values = self.values[name][column] / shown_divisor(OUTCOMES[name])
        return [f"{month}-01" for month in self.names], values.tolist()

    def has(self, name: str, *columns: str) -> bool:
        """Whether an outcome has a value in any of some columns."""
        return any(not np.isnan(self.values[name][column]).all() for column in columns)

    @property
    def mode(self) -> str:
        """How a line is drawn: one through few points has them marked."""
        return "lines+markers" if len(self.names) <= drawing.FEW_POINTS else "lines"


_OF_WORLDS = (
    "Differences have the middle of plausible worlds as their line and nine of ten of these worlds "
    "as their band. Where that holds zero, worlds differ in which way the month goes."
)


def _of_averages(comparison: Comparison) -> str:
    text, months = (
        "Differences have the average of the pairs as their line",
        len(comparison.month_names),
    )
    if comparison.no_intervals:
        return f"{text}. {comparison.no_intervals}"
    return (
        f"{text} and its {comparison.coverage} interval as their band. Where that holds zero, the "
        f"month shows no detectable effect. Of {months} months {comparison.by_chance(months)} "
        "would leave zero out by chance alone."
    )


def month_charts(comparison: Comparison) -> list[drawing.Chart]:
    """Arrivals and deaths by month, then the other outcomes, one at a time."""
    months = _Months.of(comparison)
    return [_headlines(comparison, months), _others(comparison, months)]


def _headlines(comparison: Comparison, months: _Months) -> drawing.Chart:
    """Arrivals by month on both sides, and the differences in arrivals and deaths."""
    plot = drawing.figure(x="")
    plot.stack([1.2, 1, 1], gap=0.05)
    arrivals, deaths = HEADLINES
    _add_panels(plot, months, arrivals, legend=True)
    _add_difference(plot, months, deaths, 3)
    for row, text in enumerate(("arrivals", "difference", "difference, deaths"), start=1):
        plot.update_yaxes(row=row, title={"text": f"{text} a month"})
    columns: dict[str, Sequence[Any]] = {"month": months.names}
    for name in HEADLINES:
        for column, values in months.values[name].items():
            if name == arrivals or column in months.difference[1:]:
                columns[f"{name}_{column}"] = values.tolist()
    _month_axis(plot, months.names, 3)
    bands = f" with their {QUANTILES} bands" if months.has(arrivals, "baseline_low") else ""
    return drawing.time_chart(
        plot,
        comparison.findings.horizon,
        f"months-{comparison.number}",
        f"Arrivals and deaths by month: {comparison.scenario.title}",
        [
            f"At the top are medians of both sides{bands}.",
            months.note,
            "Of deaths the band alone is shown: they are few and come in single disasters.",
        ],
        columns,
        "long",
    )


def _others(comparison: Comparison, months: _Months) -> drawing.Chart:
    """The other outcomes by month, one at a time."""
    names = [
        name for name in OUTCOMES if name not in HEADLINES and months.has(name, *months.difference)
    ]
    extra = drawing.month_columns(comparison.findings.horizon, months.names)
    plot = drawing.figure(x="")
    plot.stack([1.2, 1])
    rows: list[Sequence[Any]] = []
    owners: list[str] = []
    for name in names:
        _add_panels(plot, months, name, visible=name == names[0])
        owners += [name] * (len(plot.data) - len(owners))
        values = (column.tolist() for column in months.values[name].values())
        rows += [[name, *row] for row in zip(months.names, *values, *extra.values(), strict=True)]
    buttons = []
    for name in names:
        visible = {"visible": [owner == name for owner in owners]}
        unit = drawing.safe(_axis_unit(OUTCOMES[name]))
        titles = {"yaxis.title.text": unit, "yaxis2.title.text": "difference"}
        label = drawing.safe(OUTCOMES[name].label)
        buttons.append({"label": label, "method": "update", "args": [visible, titles]})
    if names:
        plot.update_yaxes(row=1, title={"text": drawing.safe(_axis_unit(OUTCOMES[names[0]]))})
    _month_axis(plot, months.names, 2)
    beyond = drawing.shade(plot, comparison.findings.horizon, by_month=True)
    plot.add_menu(buttons, y=1.09, size=11, top=96)
    return drawing.Chart(
        f"other-months-{comparison.number}",
        f"Other outcomes by month: {comparison.scenario.title}",
        "The menu shows one outcome at a time; the data below hold all of them. "
        f"{months.note} {beyond}".rstrip(),
        plot,
        ["outcome", "month", *months.values[HEADLINES[0]], *extra],
        rows,
        "tall menu",
    )


def _add_panels(
    plot: drawing.PlotFigure,
    months: _Months,
    name: str,
    *,
    legend: bool = False,
    visible: bool = True,
) -> None:
    """Both sides of an outcome above, if they may be quoted; their difference in the next panel."""
    spec = OUTCOMES[name]
    sides = [] if name in RANGE_ONLY else [
        ("baseline", drawing.BLACK, "dot"),
        ("scenario", drawing.BLUE, "solid"),
    ]  # fmt: skip
    for side, colour, dash in sides:
        ends = (f"{side}_low", f"{side}_high")
        # the two bands lie over each other
        _add_band(plot, months, name, ends, 1, drawing.translucent(colour, 0.1), visible=visible)
        plot.scatter(
            *months.series(name, side),
            row=1,
            mode=months.mode,
            name=side,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"%{{y:,.{most_decimals(spec)}f}}",
            showlegend=True,
            visible=visible,
        )
    title = {"text": drawing.safe(_axis_unit(spec))}
    plot.update_yaxes(row=1, title=title, rangemode="tozero", **_TICKS)
    _add_difference(plot, months, name, 2, legend=legend, visible=visible)


def _add_difference(
    plot: drawing.PlotFigure,
    months: _Months,
    name: str,
    row: int,
    *,
    legend: bool = False,
    visible: bool = True,
) -> None:
    """The difference of an outcome with its band; the band alone where no middle may be quoted."""
    middle, *edges = months.difference
    each = (months.values[name][column].tolist() for column in months.difference)
    words = [_in_words(name, *values) for values in zip(*each, strict=True)]
    hover = {"customdata": words, "hovertemplate": "%{customdata}<extra></extra>"}
    settings = {"name": months.band, "showlegend": legend}
    if name in RANGE_ONLY:
        settings |= {"hoverinfo": None, **hover}
    _add_band(
        plot, months, name, edges, row, drawing.translucent(drawing.BLUE), settings, visible=visible
    )
    if name not in RANGE_ONLY:
        plot.scatter(
            *months.series(name, middle),
            row=row,
            mode=months.mode,
            name="difference",
            line={"color": drawing.BLUE, "width": 2},
            customdata=words,
            hovertemplate="%{customdata}",
            showlegend=False,
            visible=visible,
        )
    # zero belongs on the axis of a difference
    zero = {"zeroline": True, "zerolinecolor": drawing.BLACK, "zerolinewidth": 1}
    title = {"text": "difference"}
    plot.update_yaxes(row=row, title=title, rangemode="tozero", **zero, **_TICKS)


def _add_band(
    plot: drawing.PlotFigure,
    months: _Months,
    name: str,
    edges: Sequence[str],
    row: int,
    colour: str,
    lower: Mapping[str, Any] | None = None,
    *,
    visible: bool,
) -> None:
    """A band between two columns of an outcome, if it has values; `lower` is of its lower edge."""
    if not months.has(name, *edges):
        return
    low, high = edges
    for edge, more in ((high, {}), (low, {"fill": "tonexty", **(lower or {})})):
        settings = {"hoverinfo": "skip", "showlegend": False, **more}
        plot.scatter(
            *months.series(name, edge), row=row, mode="lines", line={"width": 0},
            fillcolor=colour, visible=visible, **settings,
        )  # fmt: skip


def _in_words(name: str, *values: float) -> str:
    """A difference of a month as it is quoted: its middle and its ends."""
    middle, inside = quoting.across(name, *(None if value != value else value for value in values))
    if middle and inside:
        return f"{middle} ({inside})"
    return middle or inside or "no value"


def _month_axis(plot: drawing.PlotFigure, months: Sequence[str], last: int) -> None:
    settings: drawing.PlotlyObject = {
        "tickformat": "%b\n%Y",
        "hoverformat": "%B %Y",
        "type": "date",
    }
    if len(months) <= drawing.FEW_POINTS:
        settings |= {"tickvals": [f"{month}-01" for month in months], "tickformat": "%b %Y"}
    plot.update_xaxes(**settings)
    plot.update_xaxes(row=last, title={"text": "month"})


def _axis_unit(spec: OutcomeSpec) -> str:
    """The unit of an outcome on an axis of months."""
    unit = axis_unit(spec)
    return f"{unit} a month" if spec.kind == "flow" else unit
