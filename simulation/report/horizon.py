"""Months of a run outside the data: how charts shade them and tables name them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from simulation.experiments.findings import ExperimentFindings, RunFindings
from simulation.report.drawing import PlotFigure
from simulation.report.style import GREY, translucent
from simulation.scenario.horizon import BEFORE, PROJECTED, Horizon

#: columns of a chart's data that say of a month whether it is projected, or lies before the data
COLUMNS = {PROJECTED: "projected", BEFORE: "before_data"}
#: a month stands at its first day, and what is drawn of it reaches as far to both sides
_HALF_MONTH = timedelta(days=15)


def shade(made: PlotFigure, found: Horizon, *, by_month: bool, hidden: bool = False) -> str:
    """Shade the days of a chart that lie outside the data, in all its panels.

    Args:
        made: A chart with dates on its horizontal axis.
        found: The days of the run against the months of the data.
        by_month: Whether a month stands at its first day.
        hidden: Whether what is drawn covers the shade, so that a line must mark where it begins.

    Returns:
        A sentence for the chart's note; empty where the data cover the whole run.
    """
    for first, last, label in found.spans:
        begin, end = first, last + timedelta(days=1)
        if by_month:
            begin, end = first.replace(day=1) - _HALF_MONTH, last.replace(day=1) + _HALF_MONTH
        made.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=begin.isoformat(),
            x1=end.isoformat(),
            y0=0,
            y1=1,
            line={"color": GREY, "width": 1 if hidden else 0, "dash": "dot"},
            fillcolor=translucent(GREY, 0.0 if hidden else 0.16),
            layer="above" if hidden else "below",
        )
        made.add_annotation(
            xref="x",
            yref="paper",
            x=begin.isoformat(),
            y=1,
            xanchor="left",
            yanchor="top",
            showarrow=False,
            bgcolor="rgba(255,255,255,0.8)" if hidden else None,
            text=label,
            font={"size": 11, "color": "#4d4d4d"},
        )
    if not found.spans:
        return ""
    what = "What the dotted frame holds" if hidden else "The grey part"
    labels = " and ".join(stretch.label for stretch in found.spans)
    return f"{what} is {labels}."


def month_column(found: Horizon, months: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The column that says of each month whether it is projected.

    Args:
        found: The days of the run against the months of the data.
        months: Months as "2023-01".

    Returns:
        The headers and the values ("true" or "false") of the columns, each a list to add to those
        of a table; empty lists where the data cover the whole run.
    """
    labels = [stretch.label for stretch in found.spans]
    first = [date(int(month[:4]), int(month[5:]), 1) for month in months]
    last = [(day + timedelta(days=31)).replace(day=1) - timedelta(days=1) for day in first]
    return [COLUMNS[label] for label in labels], [
        [str(found.mark(begin, end) == label).lower() for label in labels]
        for begin, end in zip(first, last, strict=True)
    ]


def notes_of(found: ExperimentFindings | RunFindings) -> list[str]:
    """What was to be known before the runs.

    Results of an earlier version hold no notes: the months are worked out again.
    """
    if found.notes is None:
        line = found.horizon.line
        return [line] if line else []
    return found.note_texts()
