import csv
import io
import json
import math
import os
import stat
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from simulation.engine.findings import Damage, RunFindings, Window
from simulation.engine.options import Options
from simulation.engine.progress import Interrupted
from simulation.engine.replications import (
    RunExperiment,
    RunFolder,
    balance_means,
    level_of,
    outcome_levels,
    run_replications,
    summary_csv,
)
from simulation.engine.result_tables import SCHEMAS
from simulation.errors import InputError
from simulation.outcomes import periods
from simulation.scenario import load_scenario
from tests import synthetic


def run(scenario, seeds, out, simulate=synthetic.simulate, **options):
    return run_replications(scenario, seeds, out=out, simulate=simulate, **options)


def contents(folder: Path) -> dict[str, bytes]:
    """What must be the same for two runs of one identity: everything but times and the command."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


class Recorder:
    """Counts the seeds it is asked for, here and in workers, and fails where it is told to."""

    def __init__(self, folder: Path, fail=None) -> None:
        self.folder = folder
        self.fail = fail or {}
        folder.mkdir(exist_ok=True)

    def __call__(self, scenario, *, seed, **options):
        if options.get("parameters") is None:  # the warm-up
            return synthetic.simulate(scenario, seed=seed, **options)
        with open(self.folder / str(seed), "a") as log:
            log.write("x")
        if seed in self.fail:
            self.fail[seed]()
        return synthetic.simulate(scenario, seed=seed, **options)

    @property
    def asked(self) -> dict[int, int]:
        return {int(path.name): len(path.read_text()) for path in self.folder.iterdir()}


def crash():
    raise ZeroDivisionError("no\nboats")


def after(finished: int):
    """Progress that is interrupted once so many replications are finished."""

    def progress(seen):
        if seen.finished == finished:
            raise KeyboardInterrupt

    return progress


def test_a_run_leaves_the_contracted_files_and_nothing_else(small, tmp_path):
    result = run(small, [4, 5], tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names - {f"{name}.parquet" for name in SCHEMAS} == {
        "manifest.json", "scenario.toml", "summary.json", "summary.csv",
    }  # fmt: skip
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert manifest["seeds"] == {"done": [4, 5], "failed": []}
    assert manifest["identity"]["scenario_hash"] == small.hash()
    assert manifest["versions"]["numpy"]
    assert manifest["finished"] >= manifest["started"]
    assert result.ran == 2
    assert load_scenario(tmp_path / "out" / "scenario.toml").hash() == small.hash()


def test_the_summary_is_that_of_the_records(small, tmp_path):
    result = run(small, [1, 2, 3, 4], tmp_path / "out")
    records = [synthetic.simulate(small, seed=seed) for seed in (1, 2, 3, 4)]
    totals = [record.daily["channel_arrivals"].sum() for record in records]
    arrivals = result.findings.outcomes["channel_arrivals"].periods["run"]
    assert arrivals.mean == pytest.approx(sum(totals) / 4)
    assert arrivals.low < arrivals.mean < arrivals.high
    daily = pq.read_table(tmp_path / "out" / "daily.parquet")
    chosen = daily.filter(pc.equal(daily["outcome"], "channel_arrivals"))
    assert pc.sum(chosen["value"]).as_py() == pytest.approx(sum(totals))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_replication_is_recorded_and_the_others_go_on(small, tmp_path, workers):
    out = tmp_path / "out"
    recorder = Recorder(tmp_path / "log", {2: crash})
    result = run(small, [1, 2, 3], out, recorder, workers=workers)
    assert list(result.failed) == [2]
    assert "ZeroDivisionError: no boats" in result.failed[2]
    assert result.findings.seeds == [1, 3]
    assert RunFolder(out).manifest().seeds.done == [1, 3]
    assert set(pq.read_table(out / "legs.parquet")["replication"].to_pylist()) == {0, 2}
    again = run(small, [1, 2, 3], out, Recorder(tmp_path / "log"))
    assert again.ran == 1
    assert again.failed == {}
    assert recorder.asked == {1: 1, 2: 2, 3: 1}
    run(small, [1, 2, 3], tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


def test_a_part_that_is_cut_short_is_run_again(small, tmp_path):
    out = tmp_path / "out"
    recorder = Recorder(tmp_path / "log")
    with pytest.raises(Interrupted):
        run(small, [1, 2], out, recorder, workers=1, progress=after(1))
    part = out / ".parts" / "replication-0000" / "legs.parquet"
    assert stat.S_IMODE(part.parent.stat().st_mode) == 0o755, "read by all, changed by its owner"
    part.write_bytes(part.read_bytes()[:100])
    run(small, [1, 2], out, recorder)
    assert recorder.asked[1] == 2
    assert RunFolder(out).manifest().damaged == [Damage(file="runs.sqlite", runs=1)]
    run(small, [1, 2], tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


def test_a_folder_with_other_files_is_refused(small, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        run(small, [1], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "small.toml"]


def test_nothing_begins_where_the_system_lets_nobody_write(small, tmp_path, monkeypatch):
    """What the system says to a user who may read and enter the folder, whoever runs the tests."""
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(InputError, match=r"cannot be made, .* cannot be written to"):
        run(small, [1], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_run_id_depends_on_all_that_the_numbers_depend_on(small):
    def identity(seeds=(1, 2), **options):
        return RunExperiment(small, seeds, Options(**{"days": 10, **options})).identity

    base = identity()
    assert base.id == identity().id
    assert base.id.startswith("s1-r2-")
    others = [identity(days=11), identity([1, 3]), identity(scale=0.5)]
    names = ("model_hash", "parameter_hash", "scenario_hash")
    others += [base.model_copy(update={name: "x"}) for name in names]
    assert len({base.id, *(other.id for other in others)}) == 7


# -- a run over its replications -------------------------------------------------------------------


def test_a_range_is_of_the_runs_and_does_not_narrow_with_them():
    few = level_of([2.0, 4.0, 9.0, 5.0, math.nan])
    assert (few.mean, few.median, few.low, few.high) == (5.0, 4.5, 2.0, 9.0)
    many = level_of(np.arange(101.0))
    assert many.median == 50.0
    assert (many.low, many.high) == pytest.approx((5.0, 95.0), abs=1.0)


@pytest.fixture
def summary():
    replications = pa.table(
        {
            "period": ["run"] * 8,
            "outcome": ["channel_deaths", "smuggler_profit_eur"] * 4,
            "value": [0.0, -10.0, 20.0, 10.0, 0.0, -10.0, 0.0, 10.0],
        }
    )
    balance = pa.table({"item": ["state_died"] * 2, "unit": ["people"] * 2, "value": [1.0, 3.0]})
    windows = periods(date(2023, 1, 1), date(2023, 1, 31))
    return RunFindings(
        scenario="A run",
        periods={name: Window.between(*days) for name, days in windows.items()},
        outcomes=outcome_levels(replications, windows),
        balance=balance_means(balance),
    )


def test_what_is_missing_is_null_in_json_and_empty_in_csv(summary):
    boats = summary.outcomes["channel_boats"].periods["run"]
    assert (boats.median, boats.low, boats.high) == (None, None, None)
    json.dumps(summary.as_json(), allow_nan=False)
    text = io.StringIO(summary_csv(summary))
    rows = {(row["outcome"], row["period"]): row for row in csv.DictReader(text)}
    row = rows["channel_boats", "run"]
    assert (row["mean"], row["median"], row["low"], row["high"]) == ("", "", "", "")
    assert (row["first"], row["last"], row["unit"]) == ("2023-01-01", "2023-01-31", "boats")
    row = rows["channel_deaths", "run"]
    assert (row["median"], row["low"], row["high"]) == ("0.0", "0.0", "20.0")
    assert row["quote"] == "range"


def test_a_period_with_projected_days_is_marked_in_the_csv(summary):
    def marks(projected_from: str | None) -> set[str]:
        text = summary_csv(summary.model_copy(update={"projected_from": projected_from}))
        return {row["projected"] for row in csv.DictReader(io.StringIO(text))}

    assert marks(None) == marks("2023-02") == {"false"}
    assert marks("2023-01") == {"true"}
