"""The coast and borders for maps: a simplified copy of Natural Earth, which is public domain."""

from __future__ import annotations

import json
from functools import cache

import numpy as np

from simulation.corridor.tables import DATA, frozen

KINDS = ("coast", "borders")
#: what is kept of the world: west, south, east, north, degrees
MAP_WINDOW = (-10.0, 34.0, 32.0, 56.0)


def load_coastline(kind: str | None = None) -> list[np.ndarray]:
    """The lines of `coastline.json`: Natural Earth 4.1 (public domain), cut and simplified.

    Args:
        kind: "coast" or "borders"; both, coast first, when None.

    Returns:
        Polylines, each float (n, 2) of longitude and latitude in degrees; those of the coast are
        outlines of land and closed.
    """
    return [line for name in (KINDS if kind is None else (kind,)) for line in _lines()[name]]


def is_coast(outline: np.ndarray) -> np.ndarray:
    """Which points of an outline of land are not on the edge of what is kept, bool (n,)."""
    west, south, east, north = MAP_WINDOW
    longitude, latitude = outline.T
    inside = (longitude > west) & (longitude < east) & (latitude > south) & (latitude < north)
    return np.asarray(inside)


def cut_outline(ring: np.ndarray, window: tuple[float, float, float, float]) -> np.ndarray:
    """The part of an area inside a window, by its outline.

    By the method of Sutherland and Hodgman (1974): where the area leaves the window, its outline
    goes on along the edge.

    Args:
        ring: A closed line, (n, 2).
        window: West, south, east, north.

    Returns:
        A closed line, (m, 2); (0, 2) where nothing of the area is inside.
    """
    west, south, east, north = window
    for axis, edge, sign in ((0, west, 1), (1, south, 1), (0, east, -1), (1, north, -1)):
        points = ring[:-1]
        within = sign * (points[:, axis] - edge)
        before, within_before = np.roll(points, 1, axis=0), np.roll(within, 1)
        crosses = (within >= 0) != (within_before >= 0)
        share = within_before / np.where(crosses, within_before - within, 1.0)
        on_edge = before + share[:, None] * (points - before)
        corners = np.stack([on_edge, points], axis=1)[np.stack([crosses, within >= 0], axis=1)]
        ring = np.concatenate([corners, corners[:1]])
    return ring


@cache
def _lines() -> dict[str, tuple[np.ndarray, ...]]:
    """The lines, which cannot be changed: read once.

    In the file a line is a flat list of whole numbers: the first longitude and latitude in
    units of 1/`scale` degrees, then the steps from each point to the next.
    """
    content = json.loads((DATA / "coastline.json").read_text(encoding="utf-8"))
    outlines = {}
    for kind in KINDS:
        steps = (np.array(line, dtype=np.int64).reshape(-1, 2) for line in content[kind])
        outlines[kind] = tuple(frozen(np.cumsum(of, axis=0) / content["scale"]) for of in steps)
    return outlines
