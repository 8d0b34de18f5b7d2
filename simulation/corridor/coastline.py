"""The coast and borders for maps: a simplified copy of Natural Earth, which is public domain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulation.corridor.tables import DATA
from simulation.errors import InputError


@dataclass(frozen=True)
class Coastline:
    """Lines of the map.

    Args:
        coast: Polylines of the coast, each float (n, 2) of longitude and latitude in degrees.
        borders: Polylines of country borders, each float (n, 2).
    """

    coast: tuple[np.ndarray, ...]
    borders: tuple[np.ndarray, ...]


def load_coastline(file: Path | None = None) -> Coastline:
    """Read `coastline.json`, which `build_coastline` writes.

    In the file a line is a flat list of whole numbers: the first longitude and latitude in
    units of 1/`scale` degrees, then the steps from each point to the next.

    Raises:
        InputError: If the file is missing or not of this form.
    """
    path = DATA / "coastline.json" if file is None else Path(file)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Coastline(
            coast=_decode(content["coast"], content["scale"]),
            borders=_decode(content["borders"], content["scale"]),
        )
    except OSError:
        raise InputError("file not found", file=path) from None
    except (ValueError, KeyError, TypeError):
        raise InputError("not a coastline file; build_coastline writes one", file=path) from None


def _decode(lines: list[list[int]], scale: int) -> tuple[np.ndarray, ...]:
    decoded = []
    for steps in lines:
        points = np.cumsum(np.array(steps, dtype=np.int64).reshape(-1, 2), axis=0) / scale
        points.setflags(write=False)
        decoded.append(points)
    return tuple(decoded)
