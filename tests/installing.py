"""The package built, and installed where no checkout is."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import simulation

ROOT = Path(__file__).parents[1]
NAME = f"crossings-{simulation.__version__}"
#: seconds for what compiles the model
PATIENCE = 300


def uv(*words: str | Path, cwd: Path = ROOT) -> None:
    command = os.environ.get("UV") or shutil.which("uv")
    assert command, "uv is needed to build and install a wheel"
    done = subprocess.run(
        [command, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def build(folder: Path) -> None:
    """Build a source distribution, and the wheel from it and from nothing else."""
    uv("build", "--quiet", "--out-dir", folder)


def wheel_in(folder: Path) -> Path:
    """The wheel that was built there."""
    return folder / f"{NAME}-py3-none-any.whl"


class Installed:
    """crossings in an environment of its own, called from a folder that is no checkout."""

    def __init__(self, scripts: Path, folder: Path) -> None:
        self.scripts = scripts
        self.folder = folder
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        kept.pop("VIRTUAL_ENV", None)
        kept.pop("NUMBA_CACHE_DIR", None)
        self.environment = {
            **kept,
            "PATH": f"{scripts}{os.pathsep}{kept['PATH']}",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "100",
        }

    def __call__(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.scripts / program), *words], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip


def install(wheel: Path, folder: Path, python: Path) -> Installed:
    """The wheel in an empty environment of some Python, with the libraries these tests run with."""
    # versions of the same libraries, so that numbers can be held against each other
    same = sorted(
        f"{found.name}=={found.version}"
        for found in metadata.distributions()
        if found.name.lower() != "crossings"
    )
    (folder / "same.txt").write_text("\n".join(same), encoding="utf-8")
    uv("venv", "--quiet", "--python", python, folder / "venv")
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    uv(
        "pip", "install", "--quiet", "--python", scripts / "python", "--constraint",
        folder / "same.txt", wheel,
    )  # fmt: skip
    (folder / "elsewhere").mkdir()
    return Installed(scripts, folder / "elsewhere")


def tables(folder: Path) -> dict[str, str]:
    """A digest of each file of results that holds numbers."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in (".parquet", ".csv", ".toml") or path.name == "summary.json"
    }
