"""Pin the newest versions of all that is installed, in `pyproject.toml` and `constraints.txt`.

    uv run python benchmarks/pins.py

`uv run` and `uv sync` read the pins from `pyproject.toml`, pip reads `constraints.txt`. They hold
for every supported Python and system, name no package index, and include extras, development tools
and what builds the package. Run the tests afterwards; `uv run` installs the new versions.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / "constraints.txt"
HEADER = """\
# Versions of all that crossings installs, for pip: pip install -c constraints.txt ...
# The same as in pyproject.toml, where uv reads them. Both are written by benchmarks/pins.py.
"""


def resolve(*words: str, given: str | None = None) -> list[str]:
    """The newest versions that fit together, as `name==version ; marker`, sorted by name.

    Args:
        words: Arguments of `uv pip compile`: the file of requirements and what of it.
        given: Text of the standard input, which the file `-` stands for.
    """
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    oldest = project["project"]["requires-python"]
    as_wheels = ",".join(project["tool"]["uv"]["no-build-package"])
    command = [
        uv, "pip", "compile", *words, "--universal", "--python-version", oldest.removeprefix(">="),
        # without this the pins of today would be read, and would stay
        "--no-config", "--only-binary", as_wheels,
        "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return [line for line in done.stdout.splitlines() if "==" in line]


def write(text: str, key: str, pins: list[str]) -> str:
    """The text of `pyproject.toml` with the list `key` of `[tool.uv]` replaced by `pins`."""
    lines = "".join(f'    "{pin}",\n' for pin in pins)
    new, count = re.subn(
        rf"^{key} = \[\n(?:.*\n)*?\]$",
        lambda _: f"{key} = [\n{lines}]",
        text,
        flags=re.MULTILINE,
    )
    if count != 1:
        sys.exit(f"{PROJECT}: [tool.uv] must hold the list {key} once, its brackets on their own")
    return new


def keep(pins: Iterable[str]) -> None:
    """Write the pins for pip."""
    lines = "\n".join(sorted(pins))
    CONSTRAINTS.write_text(f"{HEADER}{lines}\n", encoding="utf-8")


def main() -> None:
    """Resolve, and write both files."""
    text = PROJECT.read_text(encoding="utf-8")
    project = tomllib.loads(text)
    installed = resolve("pyproject.toml", "--all-extras", "--group", "dev")
    keep(installed)
    needs = "\n".join(project["build-system"]["requires"])
    building = resolve("-", "--constraint", CONSTRAINTS.name, given=needs)
    keep({*installed, *building})
    text = write(text, "constraint-dependencies", installed)
    text = write(text, "build-constraint-dependencies", building)
    PROJECT.write_text(text, encoding="utf-8")
    print(f"{len(installed)} pins of what is installed, {len(building)} of what builds the package")


if __name__ == "__main__":
    main()
