"""The package built, and installed where no checkout is, or from a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from importlib import metadata
from pathlib import Path

import simulation
from tests.patience import run

ROOT = Path(__file__).parents[1]
NAME = f"crossings-{simulation.__version__}"
#: seconds in which a download may not move
PATIENCE = 600.0

#: letters and spaces that a folder of a user may have
ODD_NAME = "Größe und Maß Ł"


def uv_command() -> str:
    command = os.environ.get("UV") or shutil.which("uv")
    assert command, "uv is needed to build and install a wheel"
    return command


def plain_environment() -> dict[str, str]:
    """The variables of this process without those that choose a Python or an environment."""
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    for name in ("VIRTUAL_ENV", "NUMBA_CACHE_DIR", "UV_PROJECT_ENVIRONMENT", "UV"):
        variables.pop(name, None)
    return variables


def caches() -> dict[str, str]:
    """Where uv and pip keep what they have downloaded, also where the folder of caches is another.

    Without this each test would download everything.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folders = {"UV_CACHE_DIR": str(home / "uv"), "PIP_CACHE_DIR": str(home / "pip")}
    return {name: os.environ.get(name, folder) for name, folder in folders.items()}


def uv(*words: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    """Run uv and give back what it printed."""
    done = subprocess.run(
        [uv_command(), *map(str, words)], cwd=cwd, env=plain_environment() | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_of_project(folder: Path) -> None:
    """Copy the files that the project is made of, and nothing that was installed or compiled."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def megabytes(folder: Path) -> float:
    """What a folder takes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6


def build(folder: Path) -> None:
    """Build a source distribution, and the wheel from it and from nothing else."""
    uv("build", "--quiet", "--out-dir", folder)


def wheel_in(folder: Path) -> Path:
    """The wheel that was built there."""
    return folder / f"{NAME}-py3-none-any.whl"


class Installed:
    """crossings in an environment of its own, called from a folder beside it, no checkout."""

    def __init__(self, environment: Path) -> None:
        self.scripts = environment / ("Scripts" if os.name == "nt" else "bin")
        self.folder = folder = environment.with_name("elsewhere")
        folder.mkdir()
        variables = plain_environment()
        self.environment = {
            **variables,
            **caches(),
            "PATH": f"{self.scripts}{os.pathsep}{variables['PATH']}",
            "COLUMNS": "100",
        }

    def __call__(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        words = (str(self.scripts / program), *words)
        return run([*words], PATIENCE, cwd=self.folder, env=self.environment)


def install(wheel: Path, folder: Path, python: Path) -> Installed:
    """The wheel in an empty environment of some Python, with the libraries these tests run with."""
    # versions of the same libraries, so that numbers can be held against each other
    same = sorted(
        f"{distribution.name}=={distribution.version}"
        for distribution in metadata.distributions()
        if distribution.name.lower() != "crossings"
    )
    (folder / "same.txt").write_text("\n".join(same), encoding="utf-8")
    uv("venv", "--quiet", "--python", python, folder / "venv")
    installed = Installed(folder / "venv")
    uv(
        "pip", "install", "--quiet", "--python", installed.scripts / "python", "--constraint",
        folder / "same.txt", wheel,
    )  # fmt: skip
    return installed


def libraries(installed: Installed, *extras: str) -> None:
    """Put the libraries of the package into an environment: uv takes seconds, pip a minute.

    pip, which is what a user types, then finds that they are there.
    """
    asked = [word for extra in extras for word in ("--extra", extra)]
    uv(
        "pip", "install", "--quiet", "--python", installed.scripts / "python", "--constraint",
        ROOT / "constraints.txt", "--requirements", ROOT / "pyproject.toml", *asked,
    )  # fmt: skip


def install_with_pip(wheel: Path, folder: Path) -> Installed:
    """The wheel in an environment of its own, by pip; folders have odd names."""
    place = folder / ODD_NAME
    place.mkdir()
    shutil.copy2(wheel, place)
    venv.create(place / "venv", with_pip=True)
    installed = Installed(place / "venv")
    libraries(installed)
    done = installed(
        "python", "-m", "pip", "install", "--quiet", "--constraint", str(ROOT / "constraints.txt"),
        str(place / wheel.name),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return installed
