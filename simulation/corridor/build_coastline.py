"""Write `coastline.json`: coast and borders of the map window, from Natural Earth.

    python -m simulation.corridor.build_coastline countries-10m.json

The input is the 1:10m file of countries of the npm package `world-atlas` (2.0.2), Natural Earth
4.1 in TopoJSON. Natural Earth is in the public domain. In TopoJSON a stretch of line ("arc") is
stored once and named by every country it bounds, so an arc named once is coast and an arc named
twice a border. Coast is joined to outlines of the land, which can be filled.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.corridor.coastline import MAP_WINDOW, cut_outline
from simulation.corridor.tables import DATA

CHANNEL_WINDOW = (-1.5, 49.5, 4.0, 52.0)
TOLERANCE, CHANNEL_TOLERANCE = 0.01, 0.002  # how far a simplified line may stray, degrees
SMALLEST_ISLAND = 0.08  # extent below which an island outside the Channel is dropped, degrees
SCALE = 1000  # units per degree in the file


def arc_points(
    arcs: Iterable[npt.ArrayLike], transform: Mapping[str, npt.ArrayLike]
) -> list[np.ndarray]:
    """The arcs of a quantised topology as float (n, 2) of longitude and latitude."""
    scale, shift = np.array(transform["scale"]), np.array(transform["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in arcs]


def named_arcs(arcs: Any) -> list[int]:
    """The arcs of nested lists: the position of each, or `~position` where it runs backwards."""
    return [arcs] if isinstance(arcs, int) else [one for inner in arcs for one in named_arcs(inner)]


def outlines(lines: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Lines joined end to end to closed ones."""
    begun: dict[tuple[float, ...], list[np.ndarray]] = {}
    for line in lines:
        begun.setdefault(tuple(line[0]), []).append(line)
    while begun:
        parts = [_next(begun, next(iter(begun)))]
        while (end := tuple(parts[-1][-1])) != tuple(parts[0][0]):
            parts.append(_next(begun, end))
        yield np.concatenate([parts[0][:1], *(part[1:] for part in parts)])


def _next(begun: dict[tuple[float, ...], list[np.ndarray]], start: tuple[float, ...]) -> np.ndarray:
    """A line that begins at a point, which is taken out."""
    line = begun[start].pop()
    if not begun[start]:
        del begun[start]
    return line


def inside(points: np.ndarray, window: tuple[float, float, float, float]) -> np.ndarray:
    """Which points lie in a window (west, south, east, north), bool (n,)."""
    west, south, east, north = window
    lon, lat = points[:, 0], points[:, 1]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def stretches(points: np.ndarray, mask: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
    """Cut a line where `mask` changes; each piece runs on to the first point of the next."""
    cuts = [0, *(np.flatnonzero(np.diff(mask.astype(int))) + 1), len(points)]
    for start, stop in pairwise(cuts):
        yield points[start : min(stop + 1, len(points))], bool(mask[start])


def simplify(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Leave out points that lie within `tolerance` of the line through the rest.

    Ramer-Douglas-Peucker (Ramer 1972, Douglas and Peucker 1973), longitudes shortened by the
    cosine of the latitude.
    """
    flat = points * np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        between = flat[first + 1 : last] - flat[first]
        chord = flat[last] - flat[first]
        length = float(np.hypot(*chord))
        along = np.clip(between @ chord / (length**2 or 1.0), 0, 1)
        away = np.hypot(*(between - along[:, None] * chord).T)
        furthest = int(away.argmax())
        if away[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            todo += [(first, middle), (middle, last)]
    return points[keep]


def border_lines(arc: np.ndarray) -> Iterator[np.ndarray]:
    """The parts of a border inside the map window, simplified."""
    for part, in_window in stretches(arc, inside(arc, MAP_WINDOW)):
        if in_window and len(part) > 1:
            yield from _simplified(part)


def land_outlines(ring: np.ndarray) -> Iterator[np.ndarray]:
    """The part of an outline inside the map window, simplified; none of a small island."""
    part = cut_outline(ring, MAP_WINDOW)
    large = len(part) and np.ptp(part, axis=0).max() >= SMALLEST_ISLAND
    if large or inside(part, CHANNEL_WINDOW).any():
        lines = [*_simplified(part)]
        yield np.concatenate([*(line[:-1] for line in lines), lines[-1][-1:]])


def _simplified(line: np.ndarray) -> Iterator[np.ndarray]:
    """The stretches of a line, each to the first point of the next, simplified."""
    for stretch, fine in stretches(line, inside(line, CHANNEL_WINDOW)):
        if len(stretch) > 1:
            yield simplify(stretch, CHANNEL_TOLERANCE if fine else TOLERANCE)


def encode(line: np.ndarray) -> list[int]:
    """A line as its first point and the steps between points, in units of 1/`SCALE` degrees."""
    steps = np.diff(np.rint(line * SCALE).astype(int), axis=0, prepend=[[0, 0]])
    return list(map(int, steps.ravel()))


def build(file: Path) -> str:
    """The text of `coastline.json` from a TopoJSON file of countries."""
    topology = json.loads(file.read_text(encoding="utf-8"))
    arcs = arc_points(topology["arcs"], topology["transform"])
    countries = topology["objects"]["countries"]["geometries"]
    named = named_arcs([country.get("arcs", []) for country in countries])
    uses = Counter(max(arc, ~arc) for arc in named)
    coast = (
        arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in named if uses[max(arc, ~arc)] == 1
    )
    borders = (arcs[arc] for arc, count in sorted(uses.items()) if count > 1)
    content = {
        "scale": SCALE,
        "coast": [encode(line) for ring in outlines(coast) for line in land_outlines(ring)],
        "borders": [encode(line) for arc in borders for line in border_lines(arc)],
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    (DATA / "coastline.json").write_text(build(Path(sys.argv[1])), encoding="utf-8")
