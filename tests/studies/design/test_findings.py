"""A table of runs: what each row names is what its run uses, to the bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simulation
import simulation.model.corridor_model
from simulation import InputError, Scenario
from simulation.parameters import load_parameters
from tests import every_kind
from tests.refusals import nothing_written, refusal
from tests.synthetic import simulate

HOW = {"workers": 1, "scale": 0.05, "days": 5}


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    every_kind.write_scenarios(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("assumptions", ["records", "ranges", "fitted"])
def test_a_row_gives_the_numbers_of_the_run_that_its_labels_are_of(here, assumptions):
    short = "short.toml"
    text = 'title = "Short"\nextends = "outlook"\nrun = { warm_up_days = 5 }\n'
    Path(short).write_text(text, encoding="utf-8")
    Path("policy.toml").write_text(
        f'title = "Shared"\nextends = "{short}"\nsharing_default = {{ level = "full" }}\n',
        encoding="utf-8",
    )
    run = simulation.run(short, seed=4, replications=2, assumptions=assumptions, **HOW).runs
    labels = run[["scenario", "set", "path", "seed"]].drop_duplicates()
    pairs = simulation.compare(
        short, "policy.toml", seed=4, replications=4, assumptions=assumptions, **HOW
    )
    worlds = pairs.runs[["set", "path", "seed"]].drop_duplicates().head(2)
    assert (worlds.to_numpy() == labels[["set", "path", "seed"]].to_numpy()).all()
    assert labels["path"].nunique() == 2
    designed = simulation.design(labels.assign(scenario=short), **HOW)
    assert designed.runs["value"].to_numpy().tobytes() == run["value"].to_numpy().tobytes()
    assert list(designed.rows.query("period == 'run'")["set"]) == list(labels["set"])


def test_set_path_and_seed_are_chosen_apart(here, monkeypatch):
    recorded = load_parameters().hash()

    def noted(scenario, *, seed, parameters, **how):
        record = simulate(scenario, seed=seed, parameters=parameters, **how)
        set_and_path = 4 * (parameters.hash() == recorded) + 2 * (scenario.future.path == "low")
        counts = np.full(HOW["days"], float(set_and_path + seed - 1))
        return replace(record, daily={**record.daily, "channel_boats": counts})

    monkeypatch.setattr(simulation.model.corridor_model, "simulate", noted)
    rows = [
        {"scenario": "base.toml", "set": one, "path": path, "seed": seed}
        for one in ("ranges:1", "records") for path in ("spread:1", "low") for seed in (1, 2)
    ]  # fmt: skip
    designed = simulation.design(rows, **HOW)
    whole = designed.rows.query("period == 'run'")
    assert list(whole["channel_boats"] / HOW["days"]) == list(range(8))
    frame = designed.runs[["set", "path", "seed"]].drop_duplicates()
    assert frame.to_dict("records") == [{k: row[k] for k in row if k != "scenario"} for row in rows]


def test_a_table_comes_back_with_outcomes_by_year_and_goes_on(here):
    baseline = Scenario.load("base.toml")
    frame = pd.DataFrame({"scenario": [baseline, "policy.toml"], "seed": [3.0, np.nan]})
    with every_kind.stood_in():
        designed = simulation.design(frame, out="mine", workers=1)
        assert set(designed.rows["period"]) == {"run", "2023"}
        assert list(designed.rows["seed"]) == [3, 3, 1, 1]
        assert designed.rows["channel_arrivals"].notna().all()
        assert (here / "mine" / "report.html").exists()
        command = json.loads((here / "mine" / "manifest.json").read_text())["command"].split()
        again = simulation.design(command[2], out="mine", workers=1)
    assert (designed.ran, again.ran) == (2, 0)
    pd.testing.assert_frame_equal(again.rows, designed.rows)


def test_a_run_that_failed_is_a_row_with_its_error(here, monkeypatch):
    def fails(scenario, *, seed, **how):
        if seed == 2:
            raise RuntimeError("the sea is gone")
        return simulate(scenario, seed=seed, **how)

    monkeypatch.setattr(simulation.model.corridor_model, "simulate", fails)
    rows = simulation.design([{"scenario": "base.toml", "seed": n} for n in (1, 2)], **HOW).rows
    failed = rows["row"] == 2
    assert rows.loc[failed, "error"].str.contains("the sea is gone").all()
    assert rows.loc[failed, "channel_arrivals"].isna().all()
    assert rows.loc[~failed, "channel_arrivals"].notna().all()


@pytest.mark.parametrize(("row", "key", "value"), [
    ({"scenario": "baselin"}, "row 2, scenario", "baselin"),
    ({"scenario": "nothing.toml"}, "row 2, scenario", "nothing.toml"),
    ({"scenario": 3}, "row 2, scenario", "3"),
    ({"set": "records"}, "row 2, scenario", None),
    ({"scenario": "outlook", "set": "fitted:99999"}, "row 2, set", "fitted:99999"),
    ({"scenario": "outlook", "path": "hi"}, "row 2, path", "hi"),
    ({"scenario": "outlook", "seed": -1}, "row 2, seed", "-1"),
    ({"scenario": "outlook", "seed": 1.5}, "row 2, seed", "1.5"),
    ({"scenario": "outlook", "sead": 1}, "row 2, sead", None),
])  # fmt: skip
def test_a_cell_that_cannot_be_used_is_named_and_nothing_is_written(
    tmp_path, monkeypatch, row, key, value
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        simulation.design([{"scenario": "outlook"}, row], out="mine")
    error = refused.value
    assert (error.key, error.value, error.file) == (key, value, None)
    assert "\n" not in str(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "words"), [
    ("scenario,seed\noutlook\n", "row 1"), ("scenario,set\noutlook,x\n", "row 1, set"),
    ("", "no rows"), ("scenario\n", "no rows"), ("scenario\noutlook,3\n", "row 1"),
])  # fmt: skip
def test_a_file_that_is_no_table_is_one_line_of_the_command(crossings, tmp_path, text, words):
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    with nothing_written(tmp_path):
        refusal(crossings("design", "table.csv", "--out", "mine"), "table.csv: ", words)
