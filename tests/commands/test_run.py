import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulation.model
from simulation.chain import LINKS
from simulation.cli import cli
from simulation.commands.experiment import to_type
from simulation.compiled import cache_directory
from simulation.experiments.engine.replications import RunFolder
from simulation.experiments.engine.stored_files import read_findings
from simulation.experiments.findings import RunFindings
from simulation.outcomes import OUTCOMES, heading
from simulation.wording.chain import TITLE, chain_lines
from tests import synthetic
from tests.forked import Forked
from tests.reading import page_of, summary_of, unwrapped
from tests.refusals import nothing_written, refusal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def door(monkeypatch, tmp_path):
    """`crossings`, in an empty folder, with a model that is done at once."""
    monkeypatch.setattr(simulation.model, "simulate", synthetic.simulate)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments):
        return CliRunner().invoke(cli, ["run", *map(str, arguments)])

    return call


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_a_run_prints_a_table_and_where_it_wrote(door, scenario_file, tmp_path):
    result = door(scenario_file, "--out", "here")
    assert result.exit_code == 0, result.output
    assert "A small test" in result.stdout
    assert "Small-boat arrivals in the UK, people" in result.stdout
    assert "Deaths in the Channel, people" in result.stdout
    assert "One run, no interval" in result.stdout
    assert "Written to here" in result.stdout
    assert (tmp_path / "here" / "report.html").exists()
    command = json.loads((tmp_path / "here" / "manifest.json").read_text())["command"]
    assert command.startswith(f"crossings run {scenario_file} --days 59 --seed 1")
    assert command.endswith("--out here")


def test_a_share_is_a_percentage_for_people_and_raw_for_programs(door, scenario_file, tmp_path):
    lines = door(scenario_file, "--out", "out", "--scale", "0.5").stdout.splitlines()
    (shown,) = (line for line in lines if line.startswith("Smugglers with an open case"))
    csv = (tmp_path / "out" / "summary.csv").read_text().splitlines()
    row = next(line for line in csv if line.startswith("mapped_share,")).split(",")
    assert row[2] == "share"
    assert 0 < float(row[6]) < 1
    assert shown.split()[-1] == f"{100 * float(row[6]):.1f}%"
    page = page_of(tmp_path / "out")
    assert f">{shown.split()[-1]}<" in page
    warning = "must not be compared with a run at another scale"
    assert warning in page
    assert warning in " ".join(" ".join(lines).split())


def test_deaths_are_the_line_below_arrivals(door, scenario_file):
    lines = door(scenario_file).stdout.splitlines()
    arrivals = next(i for i, line in enumerate(lines) if "Small-boat arrivals" in line)
    assert "Deaths in the Channel" in lines[arrivals + 1]


def test_the_default_folder_holds_scenario_and_run(door, scenario_file, tmp_path):
    door(scenario_file, "--seed", 3, "--days", 5, "--quiet")
    (folder,) = (tmp_path / "results" / "small").iterdir()
    assert folder.name.startswith("s3-r1-")
    assert (folder / "daily.parquet").exists()


def test_several_replications_have_intervals(door, scenario_file):
    result = door(scenario_file, "--replications", 4, "--seed", 10)
    text = unwrapped(result.stdout)
    assert "Means of 4 runs with different seeds. Ranges are 90% intervals" in text
    assert re.search(r"\d to \d", text)


@pytest.mark.parametrize("replications", [pytest.param(2, marks=pytest.mark.slow), 3])
def test_a_few_replications_have_no_interval_anywhere(door, scenario_file, tmp_path, replications):
    result = door(scenario_file, "--replications", replications, "--out", "o")
    text = unwrapped(result.stdout)
    assert f"Means of {replications} runs. They are too few for an interval" in text
    assert not re.search(r"\d( to |-)\d", result.stdout.split("Means of")[0])
    summary = summary_of(tmp_path / "o")
    for outcome in summary["outcomes"].values():
        for entry in outcome["periods"].values():
            assert (entry["low"], entry["high"]) == (None, None)
    rows = (tmp_path / "o" / "summary.csv").read_text().splitlines()[1:]
    assert all(row.endswith(",,,false") for row in rows)
    page = page_of(tmp_path / "o")
    assert "They are too few for an interval" in page


def test_years_stand_side_by_side(door, tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(synthetic.SCENARIO.replace("2023-02-28", "2024-02-10"))
    titles, days = door(path).stdout.splitlines()[2:4]
    assert titles.split() == ["2024"]  # part of it, so its days stand below
    assert unwrapped(days) == "Outcome 2023 (1 Jan to 10 Feb) whole run"


@pytest.mark.parametrize(
    "end", ["2023-02-28", pytest.param("2024-12-31", marks=pytest.mark.slow), "2026-03-01"]
)
@pytest.mark.parametrize("replications", [1, 4])
def test_the_table_fits_80_columns(door, tmp_path, monkeypatch, replications, end):
    """No name is folded beside one run, and none into more lines than an interval needs."""
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "long.toml"
    path.write_text(synthetic.SCENARIO.replace("2023-02-28", end))
    lines = door(path, "--replications", replications, "--out", "o").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    names = [heading(spec) for spec in OUTCOMES.values()]
    heads = [number for number, line in enumerate(lines) if line.startswith("Outcome ")]
    assert heads
    for head in heads:
        table = lines[head + 2 : lines.index("", head)]
        if replications == 1:
            assert all(line.startswith(name) for line, name in zip(table, names, strict=True))
        else:
            assert len(table) == 2 * len(names)
            first_words = [name.split()[:2] for name in names]
            assert [line.split()[:2] for line in table[::2]] == first_words


def test_a_short_chain_follows_the_outcomes(door, scenario_file, tmp_path, monkeypatch):
    """It goes from facts to arrivals, with the totals of the summary, in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    result = door(scenario_file, "--replications", 2, "--out", "o")
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    assert max(map(len, lines)) <= 80
    start = next(number for number, line in enumerate(lines) if line.startswith(TITLE))
    expected = chain_lines(read_findings(tmp_path / "o", RunFindings).chain)
    for line, (label, value, remark) in zip(lines[start + 1 :], expected, strict=False):
        assert line.startswith(label)
        assert value in line.split()
        assert line.rstrip().endswith(remark)
    after = lines[start + 1 + len(expected) :]
    assert not any(line.startswith("Facts learnt") for line in after)
    assert any(line.startswith("Written to") for line in after)


def test_json_is_all_there_is_on_stdout(door, scenario_file):
    result = door(scenario_file, "--json", "--replications", 2)
    summary = json.loads(result.stdout)
    assert summary["replications"] == 2
    assert summary["outcomes"]["channel_arrivals"]["periods"]["2023"]["mean"] > 0
    assert list(summary["chain"]) == list(LINKS)


MAIN = """
import sys
sys.path.insert(0, {root!r})
import simulation.model
from tests import synthetic

simulation.model.simulate = synthetic.simulate
from simulation.entrypoint import main
from tests.refusals import nothing_written, refusal
main()
"""


@pytest.mark.parametrize(("options", "told"), [
    ([], 1),
    pytest.param(["--json"], 0, marks=pytest.mark.slow),
    pytest.param(["--quiet"], 0, marks=pytest.mark.slow),
])  # fmt: skip
def test_the_first_run_says_that_it_compiles(
    door, scenario_file, tmp_path, monkeypatch, options, told
):
    cache = tmp_path / "cache"
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment |= {"XDG_CACHE_HOME": str(cache), "COLUMNS": "80"}
    code = MAIN.format(root=str(ROOT))
    command = [sys.executable, "-c", code, "run", str(scenario_file), *options]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    line = "Compiling the model: some twenty seconds, once after an installation or update.\n"
    assert done.stderr == line * told
    folder = cache / "crossings" / cache_directory().name
    assert folder.is_dir()

    # what is imported only once, a process of its own need not show
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    assert door(scenario_file, *options).stderr == ""  # nothing left to run, so nothing to compile
    assert door(scenario_file, *options, "--days", "4").stderr == line * told
    index = folder / "x" / "move.nbi"
    index.parent.mkdir(parents=True)
    index.touch()
    assert door(scenario_file, *options, "--days", "5").stderr == ""


def test_quiet_prints_nothing(door, scenario_file):
    result = door(scenario_file, "--quiet")
    assert result.exit_code == 0
    assert result.output == ""


def test_the_same_command_again_prints_the_same_table(door, scenario_file, monkeypatch):
    first = door(scenario_file)
    monkeypatch.setattr(simulation.model, "simulate", lambda *_, **__: pytest.fail("ran again"))
    second = door(scenario_file)
    assert second.exit_code == 0
    assert "Nothing to run" in second.stdout
    assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--days", "0"], "--days = 0: out of range; allowed: 1 to 59"),
        (["--days", "60"], "--days = 60: out of range; allowed: 1 to 59"),
        (["--scale", "0"], "--scale = 0.0: out of range; allowed: 0.02 to 20"),
        (["--scale", "0.01"], "--scale = 0.01: out of range; allowed: 0.02 to 20"),
        (["--scale", "30"], "--scale = 30.0: out of range"),
        (["--replications", "0"], "--replications = 0: out of range"),
        (["--seed", "-4"], "--seed = -4: out of range"),
        (["--workers", "0"], "--workers = 0: out of range; allowed: 1 or more"),
        (["--out", ""], '--out = "": no name of a folder; allowed: the name of a folder'),
        (["--out", " "], '--out = " ": no name of a folder'),
        (["--out", "x" * 300], "the folder cannot be used (file name too long)"),
        (["--out", "new/" + "x" * 300 + "/a"], "the folder cannot be used (file name too long)"),
        (["--out", "a/" * 3000], "the folder cannot be used (file name too long)"),
        (["--out", "small.toml"], '--out = "small.toml": the folder is a file'),
        (["--out", "small.toml/x"], '--out = "small.toml/x": the folder cannot be made'),
    ],
)
def test_bad_input_is_one_line_exit_2_and_nothing_written(
    door, scenario_file, tmp_path, arguments, message
):
    with nothing_written(tmp_path):
        refusal(door(scenario_file, *arguments), message)


def test_a_missing_scenario_is_bad_input(door, tmp_path):
    refusal(door("nowhere.toml"), "nowhere.toml")
    assert files(tmp_path) == set()


def test_another_runs_folder_is_refused(door, scenario_file, tmp_path):
    door(scenario_file, "--out", "here", "--quiet")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "here").iterdir()}
    refusal(
        door(scenario_file, "--out", "here", "--seed", 2),
        "already holds another run (it differs in seeds)",
    )
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "here").iterdir()} == before


def test_a_failed_replication_is_told_and_the_others_are_shown(door, scenario_file, monkeypatch):
    def simulate(scenario, *, seed, **options):
        if seed == 2:
            raise RuntimeError("lost a boat")
        return synthetic.simulate(scenario, seed=seed, **options)

    monkeypatch.setattr(simulation.model, "simulate", simulate)
    result = door(scenario_file, "--replications", 3, "--workers", 1)
    assert result.exit_code == 0
    assert "seed 2 failed: RuntimeError: lost a boat" in result.stderr
    assert "1 of 3 runs are missing" in result.stdout
    alone = door(scenario_file, "--seed", 2)
    assert alone.exit_code == 1
    assert alone.stdout == ""
    assert "1 of 1 replications failed" in alone.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_the_finished_and_says_how_to_go_on(scenario_file, tmp_path, workers):
    def simulate(scenario, *, seed, **options):
        if options.get("on_day") is not None and seed > 2:
            print("slow\n", end="", flush=True)  # in one piece, whoever else prints
            time.sleep(60)
        return synthetic.simulate(scenario, seed=seed, **options)

    def first():
        simulation.model.simulate = simulate

    command = ["run", scenario_file, "--replications", 4, "--workers", workers, "--out", "out"]
    store = RunFolder(tmp_path / "out").store
    with Forked(tmp_path, command, first) as process:
        assert process.stdout.readline() == "slow\n"
        deadline = time.monotonic() + 30
        while len(list(store.scan())) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.2)  # a run is in the store a moment before it is counted
        process.interrupt()
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "2 of 4 replications are finished" in stderr
    assert f"goes on from there: {to_type('crossings run')}" in stderr
    assert "Traceback" not in stderr
    summary = summary_of(tmp_path / "out")
    assert summary["seeds"] == [1, 2]
    assert "2 of 4 runs are missing" in page_of(tmp_path / "out")
    assert not [name for name in files(tmp_path / "out") if "scrap" in name]


def limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def on_a_full_disk(folder: Path, *arguments: object, first) -> tuple[int | None, list[str]]:
    """The exit code and the lines on stderr of a run, before which `first` is called."""
    with Forked(folder, ["run", *arguments], first) as process:
        _, stderr = process.communicate()
    return process.returncode, stderr.splitlines()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_one_line_and_loses_nothing(door, scenario_file, tmp_path, workers):
    def simulate(scenario, **options):
        record = synthetic.simulate(scenario, **options)
        if options.get("on_day") is not None and options["seed"] == 3:
            limit_files(8192)
        return record

    def first():
        simulation.model.simulate = simulate

    options = ["--replications", 3, "--workers", workers, "--out", "out"]
    code, (line,) = on_a_full_disk(tmp_path, scenario_file, *options, first=first)
    assert code == 2
    assert line.startswith('--out = "out": the run stopped (')
    assert "finished runs are kept, and the same command goes on" in line
    kept = len(list((tmp_path / "out" / ".parts").glob("replication-*")))
    assert kept == 2 or workers == 2  # the other worker may not have come so far
    assert not [name for name in files(tmp_path / "out") if "scrap" in name]
    again = door(scenario_file, *options)
    assert again.exit_code == 0
    assert summary_of(tmp_path / "out")["seeds"] == [1, 2, 3]


def test_a_page_that_finds_no_room_is_one_line_and_can_be_made_later(door, scenario_file, tmp_path):
    def first():
        simulation.model.simulate = synthetic.simulate
        limit_files(1_000_000)

    code, (line,) = on_a_full_disk(tmp_path, scenario_file, "--out", "out", first=first)
    assert code == 2
    assert line.startswith("out/report.html: cannot be written (file too large); the results")
    assert not (tmp_path / "out" / "report.html").exists()
    assert door(scenario_file, "--out", "out").exit_code == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_the_model_itself_runs_through_the_door(scenario_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["run", str(scenario_file), "--days", "5", "--scale", "0.02", "--out", "out"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert "Written to out" in result.stdout
    assert (tmp_path / "out" / "report.html").exists()
