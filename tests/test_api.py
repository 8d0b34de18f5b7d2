"""From Python: the same numbers, folders and errors as on the command line."""

from __future__ import annotations

import inspect
import math
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import simulation
import simulation.model.corridor_model
from simulation import Scenario, compare, run
from simulation.engine.arguments import DECLARED
from simulation.errors import InputError
from simulation.outcomes import OUTCOMES
from tests import synthetic
from tests.docs.running import leaf
from tests.every_kind import FUNCTIONS, results_of
from tests.refusals import succeeded
from tests.test_api_studies import typed_again

ROOT = Path(__file__).parents[1]
SHORT = {"scale": 0.02, "days": 12}
OPTIONS = ("--scale", "0.02", "--days", "12")
FILE = """
title = "Serbia and the UK"
extends = "baseline"
[[sharing]]
between = ["UK", "RS"]
level = "full"
from = 2022-09-01
"""
SHARING = [{"between": ["UK", "RS"], "level": "full", "from": date(2022, 9, 1)}]
#: arguments that a command takes as a name, and a function as a scenario too
SCENARIOS = ("scenario", "baseline", "reference")
#: no day is shared with the baseline, so that no snapshot of the model itself is taken
ALWAYS = [{"between": ["UK", "RS"], "level": "full"}]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def two_runs():
    return run("baseline", seed=3, replications=2, workers=1, **SHORT)


@pytest.fixture(scope="module")
def what_if() -> Scenario:
    return Scenario.load("baseline").with_("Serbia and the UK", sharing=SHARING)


def stand_in(scenario, **options):
    """A model that is done at once: each lever of sharing brings one more arrival a day."""
    record = synthetic.simulate(scenario, **options)
    arrivals = record.daily["channel_arrivals"] + len(scenario.sharing)
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


@pytest.fixture(scope="module")
def shared_always() -> Scenario:
    return Scenario.load("baseline").with_("Serbia and the UK", sharing=ALWAYS)


@pytest.fixture(scope="module")
def comparison(shared_always):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(simulation.model.corridor_model, "simulate", stand_in)
        return compare("baseline", shared_always, replications=2, workers=1, **SHORT)


# -- scenarios ------------------------------------------------------------------------------------


def test_a_what_if_is_the_file_that_says_the_same(what_if, here):
    (here / "mine.toml").write_text(FILE, encoding="utf-8")
    assert what_if.hash() == Scenario.load("mine.toml").hash() == Scenario.from_toml(FILE).hash()
    assert (what_if.title, what_if.slug, what_if.file) == (
        "Serbia and the UK", "serbia-and-the-uk", None,
    )  # fmt: skip
    assert what_if.parent is not None
    assert what_if.parent.title == Scenario.load("baseline").title


def test_a_what_if_over_a_what_if_keeps_both(what_if):
    both = what_if.with_("Fewer levers", clear=["funding"], adaptation={"price": False})
    assert both.sharing == what_if.sharing
    assert what_if.funding
    assert not both.funding
    assert not both.adaptation.price
    assert both.parent is what_if
    assert what_if.with_().hash() == what_if.hash()


@pytest.mark.parametrize(("keys", "key"), [
    ({"shring": []}, "shring"),
    ({"sharing": [{"between": ["UK", "RS"], "level": "hihg"}]}, "sharing[0].level"),
    ({"extends": "no-sharing"}, "extends"), ({"title": 3}, "title"),
    ({"drop": ["nothing"]}, "drop[0]"),
])  # fmt: skip
def test_a_what_if_that_cannot_be_is_refused(keys, key):
    with pytest.raises(InputError) as raised:
        Scenario.load("baseline").with_(**keys)
    assert (raised.value.file, raised.value.key) == ("the what-if", key)


# -- runs -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_gives_the_numbers_of_the_command(two_runs, crossings, here):
    succeeded(
        crossings(
            "run", "baseline", *OPTIONS, "--seed", "3", "--replications", "2", "--out", "told"
        )
    )
    assert results_of(two_runs.folder) == results_of(here / "told")
    names = ("daily", "legs", "places", "authorities", "replications", "pictures", "balance")
    for name in (*names, "chain"):
        table = pq.read_table(here / "told" / f"{name}.parquet")
        frame = table.to_pandas(date_as_object=False)
        pd.testing.assert_frame_equal(two_runs.table(name), frame, check_exact=True)
    assert two_runs.failed == {}
    assert two_runs.ran == 2


def test_the_tables_of_a_run_are_those_of_the_pages(two_runs):
    daily = two_runs.daily
    assert daily["date"].dtype.kind == "M"
    assert daily["date"].min() == pd.Timestamp(2023, 1, 1)
    assert set(daily["replication"]) == {0, 1}
    assert len(two_runs.legs) % (2 * SHORT["days"]) == 0
    assert two_runs.chain.equals(two_runs.table("chain"))
    summary = two_runs.summary
    assert set(summary["outcome"]) == set(OUTCOMES)
    assert set(summary["period"]) == {"run", "2023"}
    for row in summary.itertuples():
        entry = two_runs.details["outcomes"][row.outcome]["periods"][row.period]
        for name in ("mean", "low", "high"):
            number, cell = entry[name], getattr(row, name)
            assert cell == number or (number is None and math.isnan(cell))
    assert repr(two_runs).startswith("<2 runs of “Baseline")


@pytest.mark.slow
def test_a_folder_that_is_asked_for_is_that_of_the_command(here, what_if):
    runs = run("baseline", out="mine", workers=1, **SHORT)
    assert runs.folder == Path("mine")
    assert (here / "mine" / "report.html").exists()
    assert typed_again(here / "mine")[:2] == ["run", "baseline"]
    again = run("baseline", out="mine", **SHORT)
    assert again.ran == 0
    assert again.summary.equals(runs.summary)
    run(what_if, out="other", workers=1, **SHORT)
    assert typed_again(here / "other")[1] == "other/scenario.toml"


def test_a_run_of_which_nothing_comes_is_an_error(monkeypatch, tmp_path):
    def simulate(*_: object, **__: object) -> None:
        raise RuntimeError("the sea is gone")

    monkeypatch.setattr(simulation.model.corridor_model, "simulate", simulate)
    with pytest.raises(InputError, match="the sea is gone") as caught:
        run("baseline", **SHORT)
    assert caught.value.run_folder is None  # nobody asked for a folder
    with pytest.raises(InputError, match="the sea is gone") as caught:
        run("baseline", out=tmp_path / "out", **SHORT)
    assert caught.value.run_folder == str(tmp_path / "out")


# -- comparisons ----------------------------------------------------------------------------------


def test_the_tables_of_a_comparison_are_what_it_says(comparison):
    table = comparison.differences
    (entry,) = comparison.findings.scenarios
    assert comparison.findings.as_json() == comparison.details
    assert set(table["scenario_title"]) == {"Serbia and the UK"}
    for row in table.itertuples():
        effect = entry.effect(row.outcome, row.period)
        assert row.pairs == effect.pairs
        for name in ("baseline", "median", "mean_difference", "mean_low", "mean_percent"):
            value, cell = getattr(effect, name), getattr(row, name)
            assert cell == value or (value is None and math.isnan(cell))
    assert set(comparison.month_differences["month"]) == {"2023-01"}
    assert set(comparison.leg_differences["outcome"]) == {"departures", "stops", "arrivals"}
    assert set(comparison.runs["case"]) == {0, 1}
    assert str(comparison).startswith("“Serbia and the UK” against “Baseline")
    assert "2 pairs of runs" in str(comparison)
    with pytest.raises(InputError, match="there is no such table"):
        _ = comparison.ladder


@pytest.mark.parametrize("command", DECLARED)
def test_a_function_has_the_options_of_its_command(command):
    function = getattr(simulation, FUNCTIONS.get(command, command))
    signature = inspect.signature(function)
    declared = {one.name: one for one in DECLARED[command]}
    arguments = {
        name: argument
        for name, argument in signature.parameters.items()
        if argument.kind is argument.KEYWORD_ONLY or name in declared
    }
    # neither an estimate, a brief nor a pack runs anything
    runs = set() if command in ("results assurance", "brief", "estimate") else {"progress"}
    assert arguments.keys() == {*declared, *runs}
    for name, one in declared.items():
        if not one.required:
            assert arguments[name].default == one.default
        hint = str(arguments[name].annotation)
        assert one.kind.__name__ in hint or name in ("assumptions", "vary", *SCENARIOS), name
    for name in signature.parameters:
        assert f"\n    {name}: " in inspect.getdoc(function)
    options, _ = leaf(command.split())
    assert {*declared} <= {option.name for option in options.params}


# -- the package's top ----------------------------------------------------------------------------


TYPED = """
from datetime import date
from simulation import Scenario, compare, parameters, run, sweep

baseline = Scenario.load("baseline")
reveal_type(baseline.with_("x", sharing=[{"from": date(2023, 7, 1)}]))
reveal_type(run(baseline, days=3).summary)
reveal_type(compare("baseline", baseline, replications="auto").headlines)
run(baseline, dais=3)
compare("baseline", baseline, assumptions="guesses")
reveal_type(sweep("baseline", "x").points)
sweep("baseline", "x", replicatons=3)
sweep("baseline", "x", sed=3)
reveal_type(parameters("market"))
"""


@pytest.mark.slow
def test_a_type_checker_knows_the_functions(tmp_path):
    (tmp_path / "asked.py").write_text(TYPED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"),
         str(tmp_path / "asked.py")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    text = done.stdout
    for words in (
        '6: note: Revealed type is "simulation.scenario.scenario.Scenario"',
        '7: note: Revealed type is "',
        '9: error: Unexpected keyword argument "dais" for "run"',
        "10: error: Argument",
        # pandas has no types of its own, so what is a frame is known by a checker with its stubs
        '11: note: Revealed type is "',
        '12: error: Unexpected keyword argument "replicatons" for "sweep"',
        '13: error: Unexpected keyword argument "sed" for "sweep"',
        '14: note: Revealed type is "',
    ):
        assert f"asked.py:{words}" in text
    assert re.search(r'asked.py:8: note: Revealed type is "(builtins\.)?list\[', text)
    assert "Found 4 errors" in text
