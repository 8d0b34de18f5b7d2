"""Chains of scenario files as somebody may have left them."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from random import Random

from tests.trust.scenario_cases import drawn, written


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
