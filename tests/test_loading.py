"""A process loads a heavy library when it needs it, and not before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: libraries whose import takes longer than ten days of a small run
HEAVY = (
    "jinja2", "matplotlib", "mesa", "networkx", "numba", "numpy", "pandas",
    "plotly.graph_objects", "pyarrow", "pydantic", "scipy", "scipy.stats",
)  # fmt: skip
#: what a run of the model needs
OF_THE_MODEL = {"numba", "numpy", "pydantic", "scipy"}
#: what the page of finished runs needs
OF_A_PAGE = {"jinja2", "numpy", "pyarrow", "pydantic", "scipy"}
SMALL = ("--days", "3", "--scale", "0.02", "--workers", "1")


def loaded(code: str, folder: Path = ROOT, libraries: Iterable[str] = HEAVY) -> set[str]:
    """Which libraries a new process has loaded after some code."""
    look = f"import sys\ntry:\n    {code}\nfinally:\n    " + (
        f"print(*[name for name in {tuple(libraries)!r} if name in sys.modules], sep='\\n',"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, cwd=folder, check=False
    )
    lines = done.stderr.split()
    assert all(line in libraries for line in lines), done.stderr
    return set(lines)


def command(*arguments: str) -> str:
    """Code that does what a command of the command line does."""
    return (
        f"sys.argv[1:] = {arguments!r}; "
        "from simulation.entrypoint import main; main()"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["run", "compare", "results", "fit", "app"])
def test_the_help_of_a_command_loads_none(name):
    assert loaded(command(name, "--help")) == set()


@pytest.mark.parametrize(
    "code",
    [
        "import simulation.model.corridor_model",
        "from simulation import Scenario",
        "from simulation import run",
    ],
)
def test_the_model_and_the_functions_load_no_library_of_tables_or_pages(code):
    assert loaded(code) <= OF_THE_MODEL


def test_the_page_of_the_app_loads_no_model_before_something_is_played():
    assert loaded("import simulation.app.page") <= OF_A_PAGE


@pytest.mark.slow
def test_a_run_of_drawn_values_loads_no_library_of_statistics_nor_of_tables():
    code = (
        "from simulation.model.corridor_model import simulate; "
        "from simulation.parameters import load_records; "
        "from simulation.parameters.sampling import sample; "
        "from simulation.scenario import load_scenario; "
        "drawn = load_records().with_values(sample(load_records(), 1)); "
        "simulate(load_scenario('outlook'), seed=1, scale=0.01, days=3, parameters=drawn)"
    )
    assert loaded(code) == OF_THE_MODEL


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Path:
    """The folder in which a comparison has been made."""
    folder = tmp_path_factory.mktemp("loading")
    assert loaded(comparison(), folder) <= OF_THE_MODEL | OF_A_PAGE
    return folder


def comparison() -> str:
    return command(
        "compare", "baseline", "full-sharing", "--replications", "2", *SMALL, "--quiet",
        "--assumptions", "records", "--out", "pair",
    )  # fmt: skip


@pytest.mark.slow
def test_a_comparison_its_workers_and_its_page_load_what_they_need(compared):
    assert (compared / "pair" / "report.html").is_file()


@pytest.mark.slow
def test_a_finished_comparison_and_its_page_load_no_model(compared):
    for code in (comparison(), command("results", "report", "pair", "--quiet")):
        assert loaded(code, compared) <= OF_A_PAGE
