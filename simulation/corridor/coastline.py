"""The coast and borders for maps: a simplified copy of Natural Earth, which is public domain."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulation.corridor.tables import DATA, frozen
from simulation.errors import InputError
from simulation.safe_json import read_json

KINDS = ("coast", "borders")
_SHIPPED = DATA / "coastline.json"


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
    path = _SHIPPED if file is None else Path(file)
    if kind is not None and kind not in KINDS:
        raise InputError("unknown kind of line", value=kind, allowed=", ".join(KINDS))
    try:
        lines = _shipped() if file is None else _decoded(path)
        return [line for name in (KINDS if kind is None else (kind,)) for line in lines[name]]
    except (ValueError, KeyError, TypeError):
        raise InputError("not a coastline file; build_coastline writes one", file=path) from None


@cache
def _shipped() -> dict[str, tuple[np.ndarray, ...]]:
    """The package's own lines, which cannot be changed: read once."""
    return _decoded(_SHIPPED)


def _decoded(path: Path) -> dict[str, tuple[np.ndarray, ...]]:
    content: Any = read_json(path)
    outlines = {}
    for kind in KINDS:
        steps = (np.array(line, dtype=np.int64).reshape(-1, 2) for line in content[kind])
        outlines[kind] = tuple(frozen(np.cumsum(of, axis=0) / content["scale"]) for of in steps)
    return outlines
