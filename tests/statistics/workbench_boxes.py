"""Made-up problems, and the boxes that another program finds in them.

`workbench_boxes.json` holds what the PRIM of ema_workbench 3.0.0 finds. The library is no
dependency: it loads one under the GPL. This writes the file anew, in an environment of its own:

    uv run --with ema_workbench==3.0.0 python -m tests.statistics.workbench_boxes
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).with_suffix(".json")
PROBLEMS = 40
SMALLEST = 0.05


def problem(seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Points, (points, records), and cases: noise, corners, blurred corners, slopes."""
    rng = np.random.default_rng(seed)
    size, records = int(rng.integers(20, 250)), int(rng.integers(1, 10))
    ranks = rng.random((size, records))
    points = ranks.copy()
    for record in range(records):
        values = ranks[:, record]
        forms = (values, np.floor(10 * values), np.floor(2 * values), np.exp(5 * values))
        points[:, record] = forms[rng.integers(0, 4)]
    corner = (ranks[:, : min(3, records)] > rng.uniform(0.2, 0.6)).all(axis=1)
    slope = ranks @ rng.normal(size=records)
    cases = (
        rng.random(size) < rng.uniform(0.1, 0.9),
        corner,
        corner ^ (rng.random(size) < 0.15),
        slope > np.quantile(slope, rng.uniform(0.3, 0.9)),
    )[seed % 4]
    cases[:2] = True, False
    return points, cases


def _boxes_of_the_workbench(seed: int) -> dict[str, Any]:
    import pandas as pd
    from ema_workbench.analysis import prim

    points, cases = problem(seed)
    frame = pd.DataFrame(points, columns=[str(record) for record in range(points.shape[1])])
    box = prim.Prim(frame, cases.astype(int), mass_min=SMALLEST).find_box()
    return {
        "sizes": [int(size) for size in box.peeling_trajectory["n"]],
        "cases": [int(held) for held in box.peeling_trajectory["k"]],
        "bounds": box.box_lims[-1].to_numpy().tolist(),
        "quasi_p": {name: list(pair) for name, pair in box.p_values[-1].items()},
    }


if __name__ == "__main__":
    boxes = [_boxes_of_the_workbench(seed) for seed in range(PROBLEMS)]
    lines = ",\n".join(json.dumps(one) for one in boxes)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
