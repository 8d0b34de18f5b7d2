from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

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

# First: Mesa looks at all that is loaded for each frame on the stack, once, when it is imported.
import mesa  # noqa: F401  # isort: skip
import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from simulation.cli import cli
from simulation.compiled_cache import CompiledCode, is_compiled
from simulation.corridor import Corridor, load_corridor
from simulation.model.corridor_model import simulate
from simulation.parameters import records
from simulation.scenario import Scenario, load_scenario
from tests import synthetic
from tests.browser_retry import pytest_runtest_protocol, pytest_terminal_summary  # noqa: F401

# Every finished run would wait for the disk, and no test cuts the power.
_connect = sqlite3.connect


def connect_without_sync(*arguments: Any, **options: Any) -> sqlite3.Connection:
    """Connect to a database, and leave it to the system when what is written reaches the disk."""
    connection = _connect(*arguments, **options)
    if not options.get("uri"):  # which the store reads by
        with suppress(sqlite3.Error):  # damaged: told by the statement that needs it
            connection.execute("PRAGMA synchronous = OFF")
    return connection


sqlite3.connect = connect_without_sync  # type: ignore[assignment]

# How long an example takes says more of a busy machine, or a compiler at work, than of the code.
settings.register_profile("crossings", deadline=None)
settings.load_profile("crossings")


COMPILE = """
import sys
from pathlib import Path
from simulation.engine.trials import precompile_model
try:
    precompile_model()
finally:
    Path(sys.argv[1]).touch()
"""
#: names the file that is there once the model is compiled, for the processes that run tests
COMPILED = "CROSSINGS_TESTS_COMPILED"
#: a compiler that hangs is not waited for
_WAIT_UNTIL = time.monotonic() + 600.0
#: rooms whose tests seldom run a model: they come first, while another process compiles it
FIRST = ("corridor", "fitting", "report", "scenario", "timeseries", "trust", "wording")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the model once; each process that runs tests would compile it all otherwise."""
    if getattr(session.config.option, "numprocesses", None) and not is_compiled():
        folder = tempfile.TemporaryDirectory()
        session.config.add_cleanup(folder.cleanup)
        marker = os.path.join(folder.name, "compiled")
        os.environ[COMPILED] = marker
        compiler = subprocess.Popen([sys.executable, "-c", COMPILE, marker])
        session.config.add_cleanup(lambda: compiler.wait() and None)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Load what the tests import in one process after the other, where the model is compiled.

    So what the first has compiled of Python is at hand for the others, and the compiler of the
    model has a core of its own.
    """
    if not hasattr(session.config, "workerinput") or is_compiled_for_tests():
        return (yield)
    import fcntl

    with open(f"{os.environ[COMPILED]}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files: where the model is compiled, those without a model first; then by tests."""
    tests = Counter(item.path for item in items)
    waits = COMPILED in os.environ
    items.sort(key=lambda item: (waits and not is_first(item), -tests[item.path], item.path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin with tests that run models once the model is compiled."""
    if hasattr(item.config, "workerinput") and (is_compiled_for_tests() or not is_first(item)):
        prepare_process()


def is_first(item: pytest.Item) -> bool:
    """Whether a test is of a room that seldom runs a model."""
    return item.path.parent.name in FIRST


def is_compiled_for_tests() -> bool:
    """Whether the model was compiled before the tests began, or has been since."""
    marker = os.environ.get(COMPILED)
    return marker is None or os.path.exists(marker)


@cache
def prepare_process() -> None:
    """Wait for the compiled model, and load once what each study would load in its own fork."""
    wait_for_compiler()
    simulate(load_scenario("baseline"), seed=1, scale=0.005, days=1)
    # each search for garbage would walk through all of that
    gc.collect()
    gc.freeze()


def wait_for_compiler() -> None:
    """Wait until the model is compiled, or its compiler has failed."""
    while not is_compiled_for_tests() and time.monotonic() < _WAIT_UNTIL:
        time.sleep(0.1)


# for a test of those rooms that runs a model all the same
_load_overload = CompiledCode.load_overload


def load_when_compiled(code: CompiledCode, signature: Any, context: Any) -> Any:
    """Load the compiled code of a function, once the model is compiled."""
    wait_for_compiler()
    return _load_overload(code, signature, context)


CompiledCode.load_overload = load_when_compiled  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Recorded values, and no most central ones of an ensemble."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "CENTRE", tmp_path_factory.getbasetemp() / "no-centre.json")
        records.forget_centre()
        yield
    records.forget_centre()


@pytest.fixture(scope="session")
def real_corridor() -> Corridor:
    return load_corridor()


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Of a kind of study, a finished folder with its page: to copy, never to change.

    One process computes it for all that run tests, once a test asks for it.
    """
    import fcntl

    from tests import every_kind

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "finished-studies"

    def finished(kind: str) -> Path:
        complete = folder / f"{kind}.complete"
        with (shared / "finished-studies.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete.exists():
                folder.mkdir(exist_ok=True)
                shutil.rmtree(folder / kind, ignore_errors=True)
                every_kind.make(folder, kind)
                complete.touch()
        return folder / kind

    return finished


@pytest.fixture
def compared(finished_study: Callable[[str], Path], tmp_path: Path) -> Path:
    """A finished comparison of its own."""
    return Path(shutil.copytree(finished_study("compare"), tmp_path / "compare"))


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
