"""What is to be known before a run, through every door: check, runs, pages, folders, Python."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

import simulation
from simulation import Scenario
from simulation.report import write_report
from tests.reading import page_of, summary_of, unwrapped

#: four days over the end of the data, with a lever of each sort
FUTURE = """
title = "Over the end"
extends = "no-sharing"
[run]
start = 2025-12-30
end = {end}
warm_up_days = 0
"""
DEAD = """
[[staff]]
authority = "UK-IN"
kind = "analysis"
add = 5
"""
LATER = """
[[sharing]]
name = "later"
between = ["UK", "RS"]
level = "full"
from = 2027-01-01
"""
SMALL = ("--scale", "0.02", "--workers", "1")
MONTHS = "end in December 2025"


@pytest.fixture
def here(crossings, tmp_path):
    """Write scenarios, and call the command line where they lie."""
    for name, end, more in (
        ("future", "2026-01-02", DEAD + LATER),
        ("base", "2026-01-02", ""),
        ("past", "2025-12-31", ""),
    ):
        (tmp_path / f"{name}.toml").write_text(FUTURE.format(end=end) + more)
    return crossings


def notes_in(text):
    return [line for line in text.splitlines() if line.startswith("Note: ")]


def test_check_tells_a_line_for_the_months_and_one_for_each_lever(here):
    result = here("scenario", "check", "future.toml")
    assert result.exit_code == 0
    first, *notes = result.stdout.splitlines()
    assert first.startswith("future.toml: good")
    assert len(notes) == 3
    assert MONTHS in notes[0]
    assert sum('"later"' in note for note in notes) == 1
    assert sum("UK-IN" in note for note in notes) == 1
    assert notes_in(here("scenario", "check", "past.toml").stdout) == []
    assert notes_in(here("scenario", "check", "baseline").stdout) == []


def test_show_tells_them_and_lists_what_has_no_day_apart(here, monkeypatch):
    # the model is run for these, and they are not the subject
    monkeypatch.setattr("simulation.commands.scenario._tell_resources", lambda *_: None)
    text = here("scenario", "show", "future.toml").stdout
    head, levers = text.split("All levers in force at some time of the run:")
    assert MONTHS in head
    in_force, absent = levers.split("Levers without a day in the run:")
    assert "[later]" in absent
    assert "[later]" not in in_force
    assert "UK-IN has 5 more analysis units" in in_force
    assert "To know before a run" not in here("scenario", "show", "past.toml").stdout


def test_a_run_tells_them_first_and_keeps_them(here, tmp_path):
    result = here("run", "future.toml", *SMALL, "--out", "out")
    assert result.exit_code == 0, result.output
    notes = notes_in(result.stderr)
    assert len(notes) == 3
    assert "January 2026" in notes[0]
    assert len(notes[0]) < 120, "it must not fill the screen"
    # the table marks the year, and says below why
    assert "projected" in result.stdout
    assert MONTHS in unwrapped(result.stdout)
    for name in ("manifest.json", "summary.json"):
        found = json.loads((tmp_path / "out" / name).read_text())
        assert found["observed_until"] == "2025-12"
        assert found["projected_from"] == "2026-01"
        assert found["repeated_until"] is None
        assert [f"Note: {note['text']}" for note in found["notes"]][1:] == notes[1:]
        assert MONTHS in found["notes"][0]["text"]
    quiet = here("run", "future.toml", *SMALL, "--out", "quiet", "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    as_json = here("run", "future.toml", *SMALL, "--out", "json", "--json")
    assert json.loads(as_json.stdout)["projected_from"] == "2026-01"
    assert notes_in(as_json.stderr) == notes


def test_a_run_that_ends_with_the_data_tells_nothing(here, tmp_path):
    result = here("run", "past.toml", *SMALL, "--out", "out")
    assert notes_in(result.stderr) == []
    assert "projected" not in result.stdout
    page = page_of(tmp_path / "out")
    assert "is projected" not in page
    assert "(projected)" not in page
    assert "To know first" not in page
    found = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (found["projected_from"], found["notes"]) == (None, [])
    # nor one that is cut before
    cut = here("run", "base.toml", "--days", 2, *SMALL, "--out", "cut")
    assert notes_in(cut.stderr) == []


def test_the_page_of_a_run_tells_them_and_shades(here, tmp_path):
    here("run", "future.toml", *SMALL, "--out", "out")
    page = page_of(tmp_path / "out")
    box = re.search(r'<div class="to-know".*?</div>', page, re.DOTALL)[0]
    assert box.count("<li>") == 3
    assert MONTHS in box
    assert "2026 (1 Jan to 2 Jan) (projected)" in page
    for key in ("arrivals", "detections", "deaths", "price", "people", "smugglers", "cases"):
        data = re.search(rf'data-figure="plot-{key}">(.*?)</script>', page, re.DOTALL)[1]
        layout = json.loads(data)["layout"]
        assert layout["shapes"][-1]["type"] == "rect", key
        assert layout["annotations"][-1]["text"] == "projected", key
        assert "2026-01-01" >= layout["shapes"][-1]["x0"] > "2025-12-01", key
    assert "projected" in page


def test_a_folder_of_an_earlier_version_is_told_when_its_page_is_made_again(here, tmp_path):
    here("run", "base.toml", *SMALL, "--out", "out")
    file = tmp_path / "out" / "manifest.json"
    manifest = json.loads(file.read_text())
    for key in ("notes", "observed_from", "observed_until", "projected_from", "repeated_until"):
        del manifest[key]
    file.write_text(json.dumps(manifest))
    page = write_report(tmp_path / "out").read_text()
    assert MONTHS in page
    assert "projected" in page


def test_experiments_tell_them_first_and_on_their_pages(here, tmp_path):
    result = here(
        "compare", "base.toml", "future.toml", *SMALL, "--replications", 2, "--out", "out",
        "--assumptions", "records",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    notes = notes_in(result.stderr)
    assert len(notes) == 4  # the months, two levers, and that nothing is left
    assert "January 2026" in notes[0]
    assert "same numbers" in notes[-1]
    summary = summary_of(tmp_path / "out")
    assert summary["scenarios"][0]["identical"] is True
    assert [f"Note: {note['text']}" for note in summary["notes"]][1:] == notes[1:]
    assert MONTHS in summary["notes"][0]["text"]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["notes"] == summary["notes"]
    page = page_of(tmp_path / "out")
    assert page.count(MONTHS) >= 1
    assert re.search(r'<div class="to-know".*?</div>', page, re.DOTALL)[0].count("<li>") == 4


def test_a_comparison_shades_its_months(here, tmp_path):
    lever = "[entries]\nbalkan = 3.0\nresident = 3.0\nair = 3.0\n"  # moves the first days
    (tmp_path / "more.toml").write_text(FUTURE.format(end="2026-01-02") + lever)
    here(
        "compare", "base.toml", "more.toml", *SMALL, "--replications", 2, "--out", "out",
        "--assumptions", "records",
    )  # fmt: skip
    page = page_of(tmp_path / "out")
    for key in ("months-0", "other-months-0"):
        data = re.search(rf'data-figure="plot-{key}">(.*?)</script>', page, re.DOTALL)[1]
        assert json.loads(data)["layout"]["shapes"][-1]["type"] == "rect"
    assert "(projected)" in page


@pytest.mark.parametrize(
    "command",
    [
        ("sweep", "future.toml", "--vary", "adaptation.price=true,false", "--replications", 2),
        (
            "agreements", "future.toml", "--among", "FR,BE", "--replications", 2, "--refine", 0,
            "--sets", 0,
        ),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_other_experiments_tell_them_as_well(here, tmp_path, command):
    result = here(*command, *SMALL, "--out", "out", "--assumptions", "records")
    assert "January 2026" in notes_in(result.stderr)[0], result.output
    summary = summary_of(tmp_path / "out")
    assert summary["projected_from"] == "2026-01"
    assert MONTHS in page_of(tmp_path / "out")


def test_points_that_reach_nobody_are_told_before_they_are_run(here):
    vary = ("--vary", "staff.UK-IN.analysis=2,9", "--replications", 2)
    result = here("sweep", "base.toml", *vary, *SMALL, "--assumptions", "records")
    (note,) = [note for note in notes_in(result.stderr) if "points" in note]
    assert "2 of 2 points have no effect" in note
    assert "nobody tells it anything" in note


# -- from Python -----------------------------------------------------------------------------------


def test_python_is_told_the_same(tmp_path):
    base = Scenario.from_toml(FUTURE.format(end="2026-01-02"))
    future = Scenario.from_toml(FUTURE.format(end="2026-01-02") + DEAD)
    found = simulation.check(future, base)
    assert MONTHS in found[0]
    assert any("UK-IN" in line for line in found)
    assert simulation.check("baseline") == []
    assert simulation.check(future, days=2) == [line for line in found if "UK-IN" in line]
    result = simulation.run(future, scale=0.02, workers=1)
    assert result.notes == simulation.check(future)
    assert (result.observed_until, result.projected_from) == ("2025-12", "2026-01")
    compared = simulation.compare(
        base, future, replications=2, scale=0.02, assumptions="records", workers=1
    )
    assert compared.notes == found
    assert compared.projected_from == "2026-01"


def test_check_refuses_what_a_run_refuses():
    with pytest.raises(simulation.InputError, match="days"):
        simulation.check("baseline", days=0)
    with pytest.raises(simulation.InputError):
        simulation.check("baselin")
    assert date(2024, 12, 31) == Scenario.load("baseline").run.end
