"""How large is what the README's run command installs, and how long does it take the first time?

    uv run python benchmarks/install.py [--json]

Copies the project into an empty folder and runs the command there three times: with nothing
downloaded before, with everything downloaded but nothing installed or compiled, and with all of it
done. Needs a network and uv. Processor time is that of the command and all that it starts.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1])]

from run import Row, Target, machine, publish

from tests.installing import ROOT, copy_of_project, megabytes, plain_environment

README_LINE = "pip install uv && uv run "
MOST_DOWNLOADED, MOST_ON_DISK, MOST_SECONDS = 330.0, 1000.0, 60.0
#: run by the Python of the new environment: names, versions, and tags of wheels in order of choice
INSTALLED = """
import json
from importlib import metadata
from packaging.tags import sys_tags
print(json.dumps({
    "versions": {d.name.lower().replace("_", "-"): d.version for d in metadata.distributions()},
    "tags": [str(tag) for tag in sys_tags()],
}))
"""


def command() -> list[str]:
    """The words of the run command in the README, from `uv run` on."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(README_LINE)]
    return line.partition(" && ")[2].split()


def timed(words: list[str], project: Path, temporary: Path) -> tuple[float, float]:
    """Wall and processor seconds of a command in the copy, with caches in a folder of its own."""
    environment = plain_environment()
    environment |= {
        "UV_CACHE_DIR": str(temporary / "uv"),
        "XDG_CACHE_HOME": str(temporary / "compiled"),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        words, cwd=project, env=environment, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, sum(after[:2]) - sum(before[:2])


def downloaded(project: Path) -> float | None:
    """Megabytes of the files that were installed, as the index gives their sizes."""
    python = project / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    installed = json.loads(subprocess.check_output([python, "-c", INSTALLED], text=True))
    ranks = {tag: rank for rank, tag in enumerate(installed["tags"])}
    total = 0
    lock = tomllib.loads((project / "uv.lock").read_text(encoding="utf-8"))
    for package in lock["package"]:
        if "registry" not in package["source"]:
            continue
        if installed["versions"].get(package["name"]) != package["version"]:
            continue
        choices = []
        for wheel in package.get("wheels", ()):
            name = unquote(urlsplit(wheel["url"]).path).removesuffix(".whl").split("-")
            pythons, abis, systems = (part.split(".") for part in name[-3:])
            tags = {f"{p}-{a}-{s}" for p in pythons for a in abis for s in systems} & ranks.keys()
            if tags:
                choices.append((min(ranks[tag] for tag in tags), wheel))
        chosen = min(choices, key=lambda one: one[0])[1] if choices else package["sdist"]
        if "size" not in chosen:
            return None
        total += chosen["size"]
    return total / 1e6


def measure() -> list[Row]:
    """Every row of the table."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        project = temporary / "project"
        copy_of_project(project)
        for what in ("nothing downloaded", "downloaded, not installed", "installed and compiled"):
            # a run that is finished is not run again
            shutil.rmtree(project / "results")
            wall, processor = timed(command(), project, temporary)
            target = None if what == "installed and compiled" else Target(MOST_SECONDS)
            rows.append(Row(f"{what}: processor", processor, "s", 1, target))
            rows.append(Row(f"{what}: wall", wall, "s", 1))
            if what == "nothing downloaded":
                size = downloaded(project)
                environment = megabytes(project / ".venv")
                rows.insert(0, Row("download", size, "MB", 0, Target(MOST_DOWNLOADED)))
                rows.insert(1, Row("folder .venv", environment, "MB", 0, Target(MOST_ON_DISK)))
                shutil.rmtree(project / ".venv")
                shutil.rmtree(temporary / "compiled")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the README's command installs.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    asked = parser.parse_args()
    where = machine()
    publish(measure(), where, asked.json)


if __name__ == "__main__":
    main()
