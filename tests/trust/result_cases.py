"""Folders of results, fits and chains of files as accidents may have left them."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from random import Random

from simulation.experiments.engine.options import Options
from simulation.experiments.engine.replications import run_replications
from simulation.experiments.engine.run_store import STORE
from simulation.experiments.studies.compare import Precision
from simulation.parameters.fitted import fitted_text
from simulation.scenario import parse_scenario
from tests import synthetic
from tests.conducting import compare
from tests.trust.json_cases import json_case
from tests.trust.scenario_cases import drawn, written
from tests.trust.values import spoilt

FIT = fitted_text(
    ("channel.launch_cost", "market.ties"), [[8000.0, 2], [9500.0, 4]], [0.25, 0.75],
    {"window": ["2021-01", "2023-12"]},
).encode()  # fmt: skip


def folder_with_results(folder: Path) -> Path:
    """A folder with a finished run and a finished comparison, made once, by a stand-in model."""
    root = folder / "results"
    if not root.is_dir():
        scenario = parse_scenario(synthetic.SCENARIO, "small")
        model = synthetic.simulate
        run_replications(scenario, [1, 2], simulate=model, out=root / "run", workers=1)
        options = Options(out=root / "compare", workers=1)
        other = parse_scenario(f'{synthetic.SCENARIO}[sharing_default]\nlevel = "full"\n', "other")
        compare(scenario, [other], options, Precision(2), simulate=model)
    return root


def result_case(r: Random, root: Path) -> tuple[str, Path, bytes]:
    """The kind of a case, the file of a folder of results that is spoilt, and what is in it."""
    folder = root / r.choice(("run", "compare"))
    name = r.choice(("manifest.json", "manifest.json", "summary.json", STORE))
    if name == STORE:
        file = root / "compare" / STORE
        return "finished runs", file, spoilt(r, file.read_bytes())
    file = folder / name
    how, content = json_case(r, file.read_bytes())
    kind = name.removesuffix(".json")
    return f"{kind}, {how}", file, content


def fit_case(r: Random) -> tuple[str, bytes]:
    """The kind of a case, and a fitted ensemble with something wrong in it."""
    how, content = json_case(r, FIT)
    if how == "values changed" and r.random() < 0.3:
        changed = json.loads(FIT)
        changed["weights"] = r.choice(
            ([-1, 2], [0.5, 0.6], [0, 0], [True, False], ["a"], [], [1], {"a": 1}, [[1], [0]])
        )
        content = json.dumps(changed).encode()
    return f"fit, {how}", content


@cache
def _filler(kind: str, size: int) -> bytes:
    """So many bytes of a scenario that say something."""
    if kind == "one line":
        lever = b'{between = ["EPC", "EPC"], level = "low"},'
        return b"sharing = [" + lever * (size // len(lever)) + b"]\n"
    lever = b'[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "high"\n'
    unit = b"# " + b"x" * 97 + b"\n" if kind == "remarks" else lever
    return unit * (size // len(unit))


def chain_case(r: Random, folder: Path) -> tuple[str, Path]:
    """The kind of a case, and the first of some files that extend each other."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    count, size = r.choice((2, 3, 5, 12, 15, 16, 17)), r.choice((0, 200, 3_000))
    kind = r.choice(("remarks", "levers", "one line"))
    last = r.choice(("baseline", "baseline", "history", "mine", "p1", "none", "p3"))
    for number in range(count):
        name = "mine" if number == 0 else f"p{number}"
        parent = f"p{number + 1}" if number + 1 < count else last
        text = b'title = "x"\nextends = "%s"\n' % parent.encode()
        if size:
            text += _filler(kind, size)
        elif r.random() < 0.2:
            text += written({"drop": ["none"]}) if r.random() < 0.3 else drawn(r)
        (folder / f"{name}.toml").write_bytes(text)
    return "chain of files", folder / "mine.toml"
