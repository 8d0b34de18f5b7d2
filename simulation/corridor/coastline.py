"""The coast and borders for maps: a simplified copy of Natural Earth, which is public domain."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor.tables import DATA
from simulation.errors import InputError
from simulation.safe_json import read_json

KINDS = ("coast", "borders")


def load_coastline(kind: str | None = None, file: Path | None = None) -> list[np.ndarray]:
    """Read `coastline.json`, which `build_coastline` writes.

    In the file a line is a flat list of whole numbers: the first longitude and latitude in
    units of 1/`scale` degrees, then the steps from each point to the next.

    Args:
        kind: "coast" or "borders"; both, coast first, when None.
        file: The file to read; the package's own when None.

    Returns:
        Polylines, each float (n, 2) of longitude and latitude in degrees.

    Raises:
        InputError: If the file is missing or not of this form, or `kind` is neither.
    """
    path = DATA / "coastline.json" if file is None else Path(file)
    if kind is not None and kind not in KINDS:
        raise InputError("unknown kind of line", value=kind, allowed=", ".join(KINDS))
    try:
        lines = _packaged(path) if file is None else _read(path)
        return [line for name in (KINDS if kind is None else (kind,)) for line in lines[name]]
    except (ValueError, KeyError, TypeError):
        raise InputError("not a coastline file; build_coastline writes one", file=path) from None


def _read(path: Path) -> dict[str, tuple[np.ndarray, ...]]:
    content = read_json(path)
    return {name: _decode(content[name], content["scale"]) for name in KINDS}


#: the package's own file is read once: its lines cannot be changed
_packaged = cache(_read)


def _decode(lines: list[list[int]], scale: int) -> tuple[np.ndarray, ...]:
    decoded = []
    for steps in lines:
        points = np.cumsum(np.array(steps, dtype=np.int64).reshape(-1, 2), axis=0) / scale
        points.setflags(write=False)
        decoded.append(points)
    return tuple(decoded)
