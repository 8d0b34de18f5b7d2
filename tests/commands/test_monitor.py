"""`crossings monitor` through the command line: what it prints, writes and ends with."""

from __future__ import annotations

import json
from datetime import date

import pytest

import simulation.model.corridor_model
from simulation.fitting.plan import last_observed
from simulation.parameters import fitted
from simulation.scenario import load_scenario
from simulation.studies.study import Cost
from simulation.validation import monitor as monitoring
from simulation.validation.series import load_series
from tests import synthetic
from tests.comparing import manifest
from tests.fits import write_fit
from tests.reading import unwrapped
from tests.refusals import nothing_written, refusal, succeeded
from tests.validation.test_monitor import SCENARIO, WINDOW, world

SMALL = ("--members", "20", "--replications", "1", "--workers", "1", "--scale", "0.5")


@pytest.fixture
def looking(monkeypatch, tmp_path, crossings):
    """The command on the stand-in for the model, in a package whose only fit is a small one."""
    folder = tmp_path / "package"
    folder.mkdir()
    write_fit(folder, WINDOW)
    monkeypatch.setattr(fitted, "FOLDER", folder)
    past = tmp_path / "past.toml"
    past.write_text(SCENARIO, encoding="utf-8")
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", synthetic.simulate)

    def command(*more: str, **changed):
        tables = world(load_scenario(past), 9002, **changed)
        monkeypatch.setattr(monitoring, "load_series", lambda _: load_series(tables))
        return crossings("monitor", "--scenario", "past.toml", *SMALL, *more)

    return command


@pytest.mark.slow
def test_a_model_that_holds_ends_with_nothing(looking, tmp_path):
    assert "2024-01 to 2024-12: " in unwrapped(succeeded(looking("--out", "here")).stdout)
    assert (tmp_path / "here" / "monitor.html").is_file()
    assert not (tmp_path / "here" / "report.html").exists()
    assert manifest(tmp_path / "here")["identity"]["fitted_hash"]


@pytest.mark.slow
def test_a_figure_that_has_left_is_told_by_the_exit_code(looking):
    done = looking("--out", "here", factor=4.0, since="2024-04")
    assert done.exit_code in (3, 4)
    word = {3: "drifting", 4: "out"}[done.exit_code]
    assert f"2024-12: {word}." in unwrapped(done.stdout)
    assert "above what the model expects" in unwrapped(done.stdout)
    again = looking("--out", "here", "--json", factor=4.0, since="2024-04")
    assert again.exit_code == done.exit_code
    assert json.loads(again.stdout)["verdict"] == word


def test_a_file_of_ones_own_that_contradicts_ours_is_refused(looking, tmp_path):
    text = "month,channel_arrivals\n2024-01,\n2024-02,40000\n"
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    with nothing_written(tmp_path):
        words = ("own.csv", "line 3", "channel_arrivals", "2024-02", "40000", "25%")
        refusal(looking("--own-data", "own.csv", "--out", "here"), *words)


def test_without_a_scenario_what_happened_goes_on_to_the_last_month(asked, tmp_path):
    """To the last that was observed, by anybody, or to the one that was asked for."""
    call = asked("monitor")
    assert call.study.scenario.slug == "history"
    assert f"{call.study.scenario.run.end:%Y-%m}" == last_observed()
    (tmp_path / "own.csv").write_text(
        "month,channel_boats\n2026-04,30\n2026-05,40\n", encoding="utf-8"
    )
    own = asked("monitor", "--own-data", "own.csv")
    assert own.study.scenario.run.end == date(2026, 5, 31)
    assert list(own.study.own) == ["channel_boats"]
    asked_to = asked("monitor", "--to", "2023-02")
    assert (asked_to.study.first, asked_to.study.last) == (None, "2023-02")
    assert asked_to.study.scenario == load_scenario("history")


def test_after_the_months_that_are_known_the_policies_of_the_outlook_are_in_force(asked):
    past = asked("monitor", "--to", "2026-12").study.scenario
    assert past.run.end == date(2026, 12, 31)
    assert past.parent.slug == "outlook"


def test_the_size_of_a_look_is_what_was_typed(asked, capsys):
    call = asked("monitor", "--members", "30", "--replications", "3", "--from", "2025-01", "--yes")
    study = call.study
    assert (study.members, study.replications, study.first, study.yes) == (30, 3, "2025-01", True)
    assert (call.options.scale, call.options.assumptions) == (0.3, "fitted")
    study.announce(Cost(60, 60, 1.0, 1))
    assert capsys.readouterr().err.startswith("60 runs")
    asked("monitor", "--quiet").study.announce(Cost(60, 60, 1.0, 1))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("arguments", "words"), [
    (("--from", "May"), ["--from", "not a month"]),
    (("--from", "2023-06"), ['--from = "2023-06"']),
    (("--ensemble", "2022-2023", "--from", "2023-12"), ["unknown to the ensemble"]),
    (("--to", "2035-01"), ["--to", "2035-01", "cannot be watched"]),
    (("--from", "2024-04", "--to", "2024-03"), ['--to = "2024-03"']),
    (("--members", "1"), ["--members = 1"]),
    (("--replications", "0"), ["--replications = 0"]),
    (("--ensemble", "2019-2020"), ["--ensemble", "crossings fit --from 2019-01"]),
    (("--own-data", "nothing.csv"), ["nothing.csv", "not found"]),
    (("--scenario", "histori"), ["histori"]),
    (("--assumptions", "records"), ["--assumptions"]),
])  # fmt: skip
def test_bad_input_ends_with_two_and_writes_nothing(looking, tmp_path, arguments, words):
    with nothing_written(tmp_path):
        refusal(looking("--out", "here", *arguments), *words)
