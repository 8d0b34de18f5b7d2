"""`crossings run` through the command line: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from simulation.chain import LINKS
from simulation.compiled_cache import COMPILING, cache_directory
from simulation.engine.findings import RunFindings
from simulation.engine.result_folder import read_findings
from simulation.outcomes import OUTCOMES, heading
from simulation.wording.assumptions import one_run, runs_of_one
from simulation.wording.chain import TITLE, chain_lines
from tests import synthetic
from tests.comparing import door, manifest
from tests.reading import csv_rows, page_of, unwrapped
from tests.refusals import succeeded

__all__ = ["door"]  # a fixture

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(door):
    """`crossings run`, in a folder of its own, with a model that is done at once."""
    return partial(door, command="run", scenarios=())


def test_a_run_prints_a_table_and_where_it_wrote(run, scenario_file, tmp_path):
    result = succeeded(run(scenario_file, "--out", "here"))
    lines = result.stdout.splitlines()
    arrivals = next(i for i, line in enumerate(lines) if line.startswith("Small-boat arrivals"))
    assert lines[arrivals + 1].startswith("Deaths in the Channel, people")
    findings = read_findings(tmp_path / "here", RunFindings)
    assert one_run(findings) in unwrapped(result.stdout)
    assert lines[-1].startswith("Written to here")
    command = manifest(tmp_path / "here")["command"]
    assert command.startswith(f"crossings run {scenario_file} --days 59 --seed 1")
    assert command.endswith("--out here")


def test_a_share_is_a_percentage_for_people_and_raw_for_programs(run, scenario_file, tmp_path):
    lines = run(scenario_file, "--out", "out", "--scale", "0.5").stdout.splitlines()
    (shown,) = (line for line in lines if line.startswith("Smugglers with an open case"))
    row = csv_rows(tmp_path / "out" / "summary.csv", outcome="mapped_share")[0]
    assert row["unit"] == "share"
    assert 0 < float(row["mean"]) < 1
    assert shown.split()[-1] == f"{100 * float(row['median']):.1f}%"
    page = page_of(tmp_path / "out")
    assert f">{shown.split()[-1]}<" in page
    for text in (page, unwrapped(" ".join(lines))):
        assert "must not be compared with a run at another scale" in text


def test_the_default_folder_holds_scenario_and_run(run, scenario_file, tmp_path):
    run(scenario_file, "--seed", 3, "--days", 5, "--quiet")
    (folder,) = (tmp_path / "results" / "small").iterdir()
    assert folder.name.startswith("s3-r1-")
    assert (folder / "daily.parquet").exists()


@pytest.mark.parametrize("replications", [pytest.param(2, marks=pytest.mark.slow), 3, 4])
def test_ranges_need_four_replications(run, scenario_file, tmp_path, replications):
    result = run(scenario_file, "--replications", replications, "--seed", 10, "--out", "o")
    few = replications < 4
    findings = read_findings(tmp_path / "o", RunFindings)
    assert runs_of_one(findings) in unwrapped(result.stdout)
    assert bool(re.search(r"\d to \d", result.stdout.split("Medians of")[0])) != few
    periods = [entry for one in findings.outcomes.values() for entry in one.periods.values()]
    assert ({(entry.low, entry.high) for entry in periods} == {(None, None)}) == few
    rows = csv_rows(tmp_path / "o" / "summary.csv")
    assert ({(row["low"], row["high"]) for row in rows} == {("", "")}) == few
    assert ("too few for a range" in page_of(tmp_path / "o")) == few


def test_years_stand_side_by_side(run, tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(synthetic.SCENARIO.replace("2023-02-28", "2024-02-10"))
    titles, days = run(path).stdout.splitlines()[2:4]
    assert titles.split() == ["2024"]  # part of it, so its days stand below
    assert unwrapped(days) == "Outcome 2023 (1 Jan to 10 Feb) whole run"


@pytest.mark.parametrize("end", ["2023-02-28", pytest.param("2026-03-01", marks=pytest.mark.slow)])
@pytest.mark.parametrize("replications", [1, 4])
def test_the_table_fits_80_columns(run, tmp_path, monkeypatch, replications, end):
    """No name is folded beside one run, and none into more lines than an interval needs."""
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "long.toml"
    path.write_text(synthetic.SCENARIO.replace("2023-02-28", end))
    lines = run(path, "--replications", replications, "--out", "o").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    names = [heading(spec) for spec in OUTCOMES.values()]
    heads = [number for number, line in enumerate(lines) if line.startswith("Outcome ")]
    assert heads
    for head in heads:
        table = lines[head + 2 : lines.index("", head)]
        if replications == 1:
            assert all(line.startswith(name) for line, name in zip(table, names, strict=True))
        else:
            # of deaths there is the range alone
            assert len(table) <= 2 * len(names)
            first_words = [name.split()[:2] for name in names]
            starts = [line.split()[:2] for line in table]
            assert [words for words in starts if words in first_words] == first_words


def test_a_short_chain_follows_the_outcomes(run, scenario_file, tmp_path, monkeypatch):
    """It goes from facts to arrivals, with the totals of the summary, in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    result = run(scenario_file, "--replications", 2, "--out", "o")
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    assert max(map(len, lines)) <= 80
    start = next(number for number, line in enumerate(lines) if line.startswith(TITLE))
    expected = chain_lines(read_findings(tmp_path / "o", RunFindings).chain)
    for line, (label, value, remark) in zip(lines[start + 1 :], expected, strict=False):
        assert line.startswith(label)
        assert value in line.split()
        assert line.rstrip().endswith(remark)


def test_json_is_all_there_is_on_stdout(run, scenario_file):
    summary = json.loads(run(scenario_file, "--json", "--replications", 2).stdout)
    assert summary["replications"] == 2
    assert summary["outcomes"]["channel_arrivals"]["periods"]["2023"]["mean"] > 0
    assert list(summary["chain"]) == list(LINKS)


MAIN = """
import sys
sys.path.insert(0, {root!r})
import simulation.model.corridor_model
from numpy import int16
from simulation.model.processes.tables import occasion_of
from tests import synthetic

def simulate(*arguments, **options):
    occasion_of(int16(1), int16(2), int16(3))  # compiles one function
    return synthetic.simulate(*arguments, **options)

simulation.model.corridor_model.simulate = simulate
from simulation.entrypoint import main
main()
"""


@pytest.mark.slow
@pytest.mark.full
def test_the_first_run_says_that_it_compiles(scenario_file, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "80"}
    code = MAIN.format(root=str(ROOT))

    def stderr(*more: str) -> str:
        command = [sys.executable, "-c", code, "run", str(scenario_file), *more]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stderr

    assert stderr() == f"{COMPILING}\n"
    assert (tmp_path / "cache" / "crossings" / cache_directory().name).is_dir()
    assert stderr("--days", "4") == ""
    shutil.rmtree(tmp_path / "cache")
    assert stderr("--json") == ""
