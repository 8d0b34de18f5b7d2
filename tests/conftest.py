from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Where Python may keep no bytecode beside the sources, each of the many processes that tests start
# would compile all it imports anew, which takes it longer than the rest: it is kept in the .venv.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(sys.prefix) / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Many processes share the machine: threads of linear algebra in each would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# No test reads the tables that somebody has brought up to date on this machine.
os.environ["CROSSINGS_DATA"] = str(Path(__file__).parent / "no-tables-of-a-user")

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from simulation.cli import cli
from simulation.compiled import is_compiled
from simulation.corridor import Corridor, load_corridor
from simulation.scenario import Scenario, load_scenario
from tests import synthetic
from tests.browser_retry import pytest_runtest_protocol, pytest_terminal_summary  # noqa: F401

# How long an example takes says more of a busy machine, or a compiler at work, than of the code.
settings.register_profile("crossings", deadline=None)
settings.load_profile("crossings")


COMPILE = """
import sys
from pathlib import Path
from simulation.model import simulate
from simulation.scenario import load_scenario
try:
    simulate(load_scenario("baseline"), seed=1, scale=0.02, days=1)
finally:
    Path(sys.argv[1]).touch()
"""
#: names the file that is there once the model is compiled, for the processes that run tests
COMPILED = "CROSSINGS_TESTS_COMPILED"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the model once; each process that runs tests would compile it all otherwise."""
    if getattr(session.config.option, "numprocesses", None) and not is_compiled():
        folder = tempfile.TemporaryDirectory()
        session.config.add_cleanup(folder.cleanup)
        marker = os.path.join(folder.name, "compiled")
        os.environ[COMPILED] = marker
        compiler = subprocess.Popen([sys.executable, "-c", COMPILE, marker])
        session.config.add_cleanup(lambda: compiler.wait() and None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Begin with the tests once the model is compiled; they are collected in the meantime."""
    marker = os.environ.get(COMPILED)
    if marker and hasattr(session.config, "workerinput"):
        ends = time.monotonic() + 600.0
        while not os.path.exists(marker) and time.monotonic() < ends:
            time.sleep(0.1)


@pytest.fixture(scope="session")
def real_corridor() -> Corridor:
    return load_corridor()


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(synthetic.SCENARIO, encoding="utf-8")
    return path


@pytest.fixture
def small(scenario_file: Path) -> Scenario:
    return load_scenario(scenario_file)


@pytest.fixture
def crossings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, arguments)
