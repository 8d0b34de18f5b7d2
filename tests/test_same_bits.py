"""One seed gives the same bits on another Python, and with one, two and four workers.

Minutes long, so marked slow: the model is compiled anew for the other Python.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.every_kind import results_of
from tests.installing import ROOT, Installed, build, install, wheel_in

pytestmark = pytest.mark.slow

#: supported versions beside the one the tests run with
OTHERS = [version for version in ((3, 12), (3, 13)) if version != sys.version_info[:2]]
COMPARE = (
    "compare", "baseline", "full-sharing",
    "--scale", "0.02", "--days", "40", "--replications", "2",
)  # fmt: skip


def pythons(version: tuple[int, int]) -> Iterator[Path]:
    """Where a Python of that version may be."""
    name = "python{}.{}".format(*version)
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/{}.{}.*/bin/{}".format(*version, name)), reverse=True)
    # one that uv has, or may fetch
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    done = subprocess.run(
        [uv, "python", "install", "{}.{}".format(*version)],
        capture_output=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode == 0:
        location = subprocess.run(
            [uv, "python", "find", "--managed-python", "{}.{}".format(*version)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        yield Path(location.stdout.strip())


def works(python: Path, version: tuple[int, int]) -> bool:
    """Whether it starts (a shim may lead nowhere) and is what it is called."""
    code = "import sys, venv; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.split() == [str(part) for part in version]


def compared(folder: Path, workers: int, installed: Installed | None = None) -> dict[str, bytes]:
    """The numbers of a comparison, by this checkout or by what is installed: its files."""
    out = folder / f"workers-{workers}"
    words = *COMPARE, "--workers", str(workers), "--out", str(out)
    if installed is None:
        done = subprocess.run(
            [sys.executable, "-m", "simulation", *words], cwd=ROOT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    else:
        done = installed("crossings", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["replications"] == 2
    digests = results_of(out)
    assert any(name.endswith(".parquet") for name in digests)
    return digests


@pytest.fixture(scope="module")
def by_two(tmp_path_factory) -> dict[str, bytes]:
    """The numbers of two workers with the Python that runs the tests."""
    return compared(tmp_path_factory.mktemp("here"), 2)


@pytest.mark.parametrize("workers", [1, pytest.param(4, marks=pytest.mark.full)])
def test_as_many_workers_give_the_bits_of_two(by_two, workers, tmp_path):
    assert compared(tmp_path, workers) == by_two


@pytest.mark.full
@pytest.mark.parametrize("version", OTHERS, ids=lambda version: "{}.{}".format(*version))
def test_another_python_gives_the_same_bits(by_two, version, tmp_path):
    python = next((one for one in pythons(version) if works(one, version)), None)
    if python is None:
        pytest.skip("there is no Python {}.{} here, and none can be fetched".format(*version))
    build(tmp_path)
    other = install(wheel_in(tmp_path), tmp_path, python)
    doctor = other("crossings", "doctor", "--json")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    checks = {entry["what"]: entry["text"] for entry in json.loads(doctor.stdout)}
    assert "Python {}.{}.".format(*version) in checks["crossings"]
    assert compared(tmp_path, 2, other) == by_two
