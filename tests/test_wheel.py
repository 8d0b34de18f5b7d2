"""What is built and installed elsewhere is whole: commands, app, data and numbers.

What is compiled is that of the checkout, for it is the same code.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulation
from simulation import compiled_cache
from simulation.compiled_cache import cache_directory
from simulation.engine.options import Options
from simulation.engine.replications import RunExperiment, run_replications
from simulation.parameters.fitted import load_fitted
from simulation.scenario import load_scenario
from simulation.source_hash import source_hash
from tests.app.browser_fixtures import free_port, printed, visitor
from tests.engine.test_identity import git
from tests.every_kind import results_of
from tests.installing import (
    NAME,
    PATIENCE,
    ROOT,
    Installed,
    build,
    install_with_pip,
    libraries,
    uv,
    wheel_in,
)
from tests.patience import Patience, run

pytestmark = pytest.mark.full

SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
SHORT = ("--scale", "0.02", "--days", "10")
#: what a page asks its own server for
LINKS = re.compile(r'(?:src|href)="(/[^"]+)"')


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A source distribution, and the wheel that is built from it and from nothing else."""
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    return wheel_in(built)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    git(folder, "init", "--quiet")  # the environment lies in a repository of somebody else's
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "One")
    return install_with_pip(wheel, folder)


# -- what is packed -------------------------------------------------------------------------------


def wanted() -> set[str]:
    """Every file of the package, and the scenarios where an installed one looks for them."""
    package = ROOT / "simulation"
    files = {
        path.relative_to(ROOT).as_posix().replace("simulation/crossings_alias/", "crossings/")
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    pages = {f"simulation/crates/{name}" for name in ("must-not.md", "validation.md")}
    return files | pages | {f"simulation/scenarios_shipped/{path.name}" for path in SCENARIOS}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert {name for name in names if ".dist-info/" not in name} == wanted()
    kinds = {Path(name).suffix for name in names}
    assert kinds >= {
        ".py", ".vue", ".css", ".html", ".svg", ".pyi", ".toml", ".csv", ".json", ".typed",
    }  # fmt: skip
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_a_wheel_with_a_pack_is_for_one_platform_and_has_compiled_code(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    compiled_cache._write(cache_directory() / "a.b-0123456789abcdef.nbc", b"compiled")
    compiled_cache.write_pack(tmp_path / "compiled.zip")
    shutil.rmtree(cache)
    uv("build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", tmp_path,
       CROSSINGS_PACK=str(tmp_path / "compiled.zip"))  # fmt: skip
    (packed,) = tmp_path.glob("*.whl")
    assert "none-any" not in packed.name
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "installed")
    code = "from simulation.compiled_cache import is_compiled; print(is_compiled())"
    done = run([sys.executable, "-c", code], PATIENCE, cwd=tmp_path / "installed", env=os.environ)
    assert (done.stdout.strip(), done.stderr) == ("True", "")
    assert len(list(cache.rglob("*.nbc"))) == 1


def test_the_source_distribution_holds_what_tests_and_pages_need_and_no_results(built):
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        names = {member.name.removeprefix(f"{NAME}/") for member in archive if member.isfile()}
    assert {"README.md", "LICENSE", "CITATION.cff", "pyproject.toml"} <= names
    assert {"docs/index.md", "tests/test_wheel.py", "scenarios/baseline.toml"} <= names
    assert {name for name in names if name.startswith("results/")} <= {"results/README.md"}
    assert not {name for name in names if name.endswith(".lock") or "__pycache__" in name}


# -- what is installed ----------------------------------------------------------------------------


def test_the_doctor_finds_all_well(installed):
    version = installed("crossings", "--version")
    assert version.stdout == f"crossings, version {simulation.__version__}\n"
    done = installed("crossings", "doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = {entry["what"]: entry for entry in json.loads(done.stdout)}
    assert "files as they were packed" in checks["crossings"]["text"]
    assert str(installed.scripts.parent) in checks["crossings"]["text"]
    assert "not installed; only --scheduler needs it" in checks["cluster"]["text"]
    assert [entry for entry in checks.values() if entry["status"] == "fail"] == []
    fitted = load_fitted()
    if fitted is not None:
        assert checks["fit"]["text"].startswith(f"{fitted.size} sets of assumptions")


def test_a_run_gives_the_numbers_of_the_checkout(installed, tmp_path):
    done = installed("crossings", "run", "baseline", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    scenario = load_scenario("baseline")
    here = run_replications(scenario, [1], scale=0.02, days=10, out=tmp_path / "run").folder
    run_id = RunExperiment(scenario, [1], Options(scale=0.02, days=10)).identity.id
    folder = installed.folder / "results" / "baseline" / run_id
    assert (folder / "report.html").stat().st_size > 100_000
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["commit"] is None
    assert manifest["source"] == source_hash()
    assert results_of(folder) == results_of(here)


def test_a_comparison_draws_from_the_fit_of_the_package(installed):
    done = installed(
        "crossings", "compare", "baseline", "full-sharing", *SHORT, "--replications", "2", "--json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["replications"] == 2
    assert summary["failed"] == []
    fitted = load_fitted()
    assert summary["assumptions"] == ("records" if fitted is None else "fitted")
    if fitted is not None:
        assert summary["fitted"]["hash"] == fitted.hash
    (page,) = (installed.folder / "results").glob("compare-full-sharing/*/report.html")
    assert page.stat().st_size > 100_000
    for words in (("assurance", str(page.parent), "--out", "pack"), ("verify", "pack")):
        done = installed("crossings", "results", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Same bits" in done.stdout


def test_it_can_be_asked_from_python(installed):
    code = (
        "import simulation; from crossings import Scenario, run; assert run is simulation.run; "
        "print(len(run(Scenario.load('no-sharing'), scale=0.02, days=2).daily) > 0)"
    )
    done = installed("python", "-W", "error::ResourceWarning", "-c", code)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@contextlib.contextmanager
def app(installed: Installed, port: int, log: Path) -> Iterator[None]:
    """The app of the installed package, for as long as the block lasts."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(installed.scripts / "crossings"), "app", "--port", str(port)],
            cwd=installed.folder, env=installed.environment, stderr=output, stdout=output,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(240)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def fetch(visit: urllib.request.OpenerDirector, url: str) -> bytes:
    with visit.open(url, timeout=240) as answer:
        assert answer.status == 200
        return bytes(answer.read())


def test_the_app_serves_its_page_and_everything_the_page_names(with_app, tmp_path):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    with app(with_app, port, log):
        patience = Patience()
        while (entry := printed(log.read_text(encoding="utf-8"))) is None:
            patience.check(log.read_text(encoding="utf-8"))
            time.sleep(0.5)
        assert entry.startswith(f"{address}/?token=")
        visit = visitor(entry)
        page = fetch(visit, f"{address}/")
        assert b"<title>crossings" in page
        named = {link for link in LINKS.findall(page.decode()) if not link.startswith("//")}
        assert any(link.endswith(".js") for link in named)
        for link in named:
            assert fetch(visit, f"{address}{link}"), link
        assert b"plotly.js" in fetch(visit, f"{address}/crossings/plotly.min.js")[:2000]
        assert json.loads(fetch(visit, f"{address}/crossings/ground.json"))
    assert "Traceback" not in log.read_text(encoding="utf-8")


# -- with an extra --------------------------------------------------------------------------------


WITH_CLUSTER = ("compare", "baseline", "full-sharing", *SHORT, "--scheduler", "tcp://127.0.0.1:1")


def test_a_missing_extra_is_named_with_the_command_that_installs_it(installed):
    install_as_advised(installed, "cluster", *WITH_CLUSTER)
    done = installed("crossings", *WITH_CLUSTER)
    assert done.returncode == 2
    assert "needs the extra" not in done.stderr


def install_as_advised(installed: Installed, extra: str, *words: str) -> None:
    """Type a command that needs an extra, and then what it says to type."""
    done = installed("crossings", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert f'needs the extra "{extra}"' in done.stderr
    assert f'.whl[{extra}]"' in done.stderr
    libraries(installed, extra)


@pytest.fixture(scope="module")
def with_app(installed) -> Installed:
    """The same environment, once the app has been asked for and installed."""
    install_as_advised(installed, "app", "app", "--port", str(free_port()))
    return installed
