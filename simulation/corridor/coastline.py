"""The coast and borders for maps: a simplified copy of Natural Earth, which is public domain."""

from __future__ import annotations

import json
from functools import cache

import numpy as np

from simulation.corridor.tables import DATA, frozen

KINDS = ("coast", "borders")


def load_coastline(kind: str | None = None) -> list[np.ndarray]:
    """The lines of `coastline.json`, which `build_coastline` writes.

    Args:
        kind: "coast" or "borders"; both, coast first, when None.

    Returns:
        Polylines, each float (n, 2) of longitude and latitude in degrees.
    """
    return [line for name in (KINDS if kind is None else (kind,)) for line in _lines()[name]]


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
