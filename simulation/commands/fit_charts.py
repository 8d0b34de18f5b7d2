"""Charts of a fit: what was observed by month, and the bands of the fitted ensemble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulation.fitting.predictive import spec_of
from simulation.fitting.series import Window
from simulation.report.fan_chart import Fan, fan_chart
from simulation.validation.fit_sections import CHARTS, chart_name

#: quantiles of the summary, as a fan chart names them
_EDGES = {"q5": "0.05", "q25": "0.25", "q50": "0.5", "q75": "0.75", "q95": "0.95"}


def fit_charts(summary: Mapping[str, Any]) -> dict[str, str]:
    """SVG by file name, of each series that was fitted by month."""
    months = Window(*summary["window"]).months
    found = {}
    for name in CHARTS:
        rows = {row["period"]: row for row in summary["figures"] if row["series"] == name}
        if rows:
            found[chart_name(name)] = fan_chart(_fan(name, months, rows))
    return found


def _fan(name: str, months: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]]) -> Fan:
    spec = spec_of(name)

    def column(key: str) -> list[float | None]:
        return [rows[month][key] if month in rows else None for month in months]

    return Fan(
        title=f"{spec.label}: observed, and given back by the fitted model",
        unit=spec.unit,
        kind="count",
        months=months,
        first=0,
        seen=column("observed"),
        bands={edge: column(key) for key, edge in _EDGES.items()},
        naive=[],
        naive_name="",
        made="fitted model",
    )
