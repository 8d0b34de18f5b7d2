"""A folder of results with all that can be in one: whole, broken, hostile."""

from __future__ import annotations

import json
from pathlib import Path

from simulation.engine.options import Options
from simulation.report.experiment import write_experiment_report
from simulation.scenario import parse_scenario
from simulation.studies.compare import Precision
from tests.comparing import stand_in
from tests.conducting import compare
from tests.synthetic import SCENARIO

MARKUP = "<b onclick=alert(1)>*Bold*</b> [x](javascript:1)"


def compared(folder: Path, title: str = MARKUP, *, report: bool = True) -> Path:
    """A comparison by a model that is done at once."""
    base = parse_scenario(SCENARIO, "base")
    levels = '\n[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n'
    other = parse_scenario(SCENARIO.replace("A small test", title) + levels, "other")
    comparison = compare(
        base,
        [other],
        Options(scale=1.0, days=20, workers=1, out=folder),
        Precision(4),
        command="crossings compare base other",
        simulate=stand_in,
    )
    if report:
        write_experiment_report(comparison.folder)
    return comparison.folder


def pretended(folder: Path, kind: str = "compare", **more: object) -> Path:
    """A folder with a manifest and nothing else."""
    folder.mkdir(parents=True)
    identity = {"scale": 1.0, "days": 20, "cases": [], "seed": 1}
    content = {
        "identity": identity, "experiment_id": "s1-0", "kind": kind, "title": "Pretended",
        "status": "interrupted",
        "started": "2026-01-02T03:04:05+00:00", "finished": None,
        "data": {"tables": "shipped", "hash": "0", "published": {}}, **more,
    }  # fmt: skip
    written = json.dumps(content)
    (folder / "manifest.json").write_text(written, encoding="utf-8")
    return folder


def broken(root: Path) -> None:
    """Folders in which something is wrong."""
    (root / "damaged").mkdir(parents=True)
    (root / "damaged" / "manifest.json").write_text("{", encoding="utf-8")
    (root / "lost").mkdir()
    (root / "lost" / "summary.json").write_text("{}", encoding="utf-8")
    pretended(root / "half", status="complete", runs={"taken_over": 0, "ran": 4, "failed": 0})
    pretended(root / "stopped")
