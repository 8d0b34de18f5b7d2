"""Figures as plotly.js reads them, without plotly's Python classes.

The classes check every value as it is set, which takes longer than all else in a report; here the
tests let plotly check the finished figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

#: room between panels that stand one above the other, as a share of the figure's height
_GAP = 0.06


class PlotFigure:
    """Traces and a layout, with the verbs of plotly's own figures.

    Args:
        layout: The layout.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"xaxis": {}, "yaxis": {}}
        _merge(self.layout, layout)

    def add_trace(self, trace: Any, *, row: int = 1) -> None:
        """Add a trace, as `scatter` and its like or plotly's own classes make it.

        Args:
            trace: The trace.
            row: The panel it goes to.
        """
        content = dict(trace if isinstance(trace, Mapping) else trace.to_plotly_json())
        if row > 1:
            content |= {"xaxis": f"x{row}", "yaxis": f"y{row}"}
        self.data.append(content)

    def update_layout(self, **settings: Any) -> None:
        """Change the layout; what is not named stays."""
        _merge(self.layout, settings)

    def update_xaxes(self, *, row: int | None = None, **settings: Any) -> None:
        """Change the horizontal axis of a panel, or of all."""
        self._update("xaxis", row, settings)

    def update_yaxes(self, *, row: int | None = None, **settings: Any) -> None:
        """Change the vertical axis of a panel, or of all."""
        self._update("yaxis", row, settings)

    def add_shape(self, **shape: Any) -> None:
        """Add a line or a rectangle."""
        self.layout.setdefault("shapes", []).append(shape)

    def add_hline(self, *, y: float, line: Mapping[str, Any]) -> None:
        """Add a line across the whole width of the first panel, behind the traces."""
        self.add_shape(
            type="line", xref="x domain", x0=0, x1=1, y0=y, y1=y, line=dict(line), layer="below"
        )

    def add_vline(self, *, x: float, line: Mapping[str, Any]) -> None:
        """Add a line across the whole height of the first panel, behind the traces."""
        self.add_shape(
            type="line", yref="y domain", y0=0, y1=1, x0=x, x1=x, line=dict(line), layer="below"
        )

    def add_annotation(self, **annotation: Any) -> None:
        """Add a text."""
        self.layout.setdefault("annotations", []).append(annotation)

    def stack(self, heights: Sequence[float], gap: float = _GAP) -> None:
        """Divide the figure into panels one above the other, with one horizontal axis for all.

        Args:
            heights: Relative heights from the top.
            gap: Room between two, as a share of the figure's height.
        """
        room = (1.0 - gap * (len(heights) - 1)) / sum(heights)
        top, last = 1.0, len(heights)
        for row, height in enumerate(heights, start=1):
            bottom = max(0.0, top - height * room)
            # the lowest panel carries the dates, and the axis all others follow
            below = {} if row == last else {"matches": f"x{last}", "showticklabels": False}
            mine: dict[str, Any] = {_axis("yaxis", row): {"domain": [bottom, top]}}
            mine[_axis("xaxis", row)] = {"anchor": f"y{row}" if row > 1 else "y", **below}
            mine[_axis("yaxis", row)]["anchor"] = f"x{row}" if row > 1 else "x"
            _merge(self.layout, mine)
            top = bottom - gap

    def to_json(self) -> str:
        """The figure as plotly.js reads it."""
        content = plain({"data": self.data, "layout": self.layout})
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def _update(self, kind: str, row: int | None, settings: Mapping[str, Any]) -> None:
        for name in [_axis(kind, row)] if row else list(self._axes(kind)):
            _merge(self.layout, {name: settings})

    def _axes(self, kind: str) -> Iterator[str]:
        return (name for name in self.layout if name.startswith(kind))


def scatter(**settings: Any) -> dict[str, Any]:
    """A trace of lines or markers."""
    return {"type": "scatter", **settings}


def bar(**settings: Any) -> dict[str, Any]:
    """A trace of bars."""
    return {"type": "bar", **settings}


def heatmap(**settings: Any) -> dict[str, Any]:
    """A trace of coloured cells."""
    return {"type": "heatmap", **settings}


def plain(value: Any) -> Any:
    """A value as JSON knows it: arrays as lists, dates as text, what is no number as null."""
    if type(value) is float:  # first, for most are
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind == "M":
            return value.astype(str).tolist()
        if value.dtype.kind == "f" and np.isfinite(value).all():
            return value.tolist()
        return plain(value.tolist()) if value.dtype.kind in "fO" else value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    return value


def _axis(kind: str, row: int) -> str:
    return kind if row == 1 else f"{kind}{row}"


def _merge(into: dict[str, Any], settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            held = into.get(key)
            into[key] = dict(held) if isinstance(held, Mapping) else {}
            _merge(into[key], value)
        else:
            into[key] = value
