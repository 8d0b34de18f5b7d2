"""What is to be known before a run, through every door: check, runs, pages, folders, Python."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import simulation
from simulation import Scenario
from simulation.engine.experiment import notes_before
from simulation.scenario import load_scenario
from tests.comparing import manifest
from tests.reading import page_of, summary_of
from tests.refusals import succeeded
from tests.trust.markup import Parts

#: four days over the end of the data, with a lever of each sort
FUTURE = """
title = "Over the end"
extends = "no-sharing"
[run]
start = 2025-12-30
end = {end}
warm_up_days = 0
"""
LATER = """
[[sharing]]
name = "later"
between = ["UK", "RS"]
level = "full"
from = 2027-01-01
"""
#: moves the first days
MORE = "[entries]\nbalkan = 3.0\nresident = 3.0\nair = 3.0\n"
SMALL = ("--scale", "0.02", "--workers", "1")
MONTHS = "end in December 2025"
#: of the notes on future.toml
KINDS = ["months", "outside"]


@pytest.fixture
def here(crossings, tmp_path):
    """Write scenarios, and call the command line where they lie."""
    for name, end, more in (
        ("future", "2026-01-02", LATER),
        ("base", "2026-01-02", ""),
        ("past", "2025-12-31", ""),
        ("more", "2026-01-02", MORE),
    ):
        (tmp_path / f"{name}.toml").write_text(FUTURE.format(end=end) + more)
    return crossings


def notes_in(text):
    return [line for line in text.splitlines() if line.startswith("Note: ")]


def test_check_and_show_tell_of_the_months_and_of_each_lever(here):
    notes = notes_before([load_scenario("future.toml")], days=None, assumptions=None)
    assert [note.kind for note in notes] == KINDS
    result = here("scenario", "check", "future.toml")
    assert result.stdout.splitlines()[1:] == [f"Note: {note.text}" for note in notes]
    # the model would be run for the resources, which are not the subject
    text = here("scenario", "show", "future.toml", "--no-resources").stdout
    head, levers = text.split("All levers in force at some time of the run:")
    assert all(note.text in head for note in notes)
    _, absent = levers.split("Levers without a day in the run:")
    assert "[later]" in absent
    for name in ("past.toml", "baseline"):
        assert notes_in(here("scenario", "check", name).stdout) == []
    assert "To know before" not in here("scenario", "show", "past.toml", "--no-resources").stdout


RECORDS = ("--assumptions", "records")
#: of a run and of a comparison: the charts over days or months
RUN = ("arrivals", "detections", "deaths", "price", "people", "smugglers")
COMPARED = ("months-0",)


@pytest.mark.parametrize(("command", "kinds", "charts"), [
    (("run", "future.toml"), KINDS, RUN),
    (("compare", "base.toml", "future.toml", "--replications", 2, *RECORDS),
     KINDS, ()),
    (("compare", "base.toml", "more.toml", "--replications", 2, *RECORDS), ["months"], COMPARED),
    (("sweep", "future.toml", "--vary", "adaptation.price=true,false", "--replications", 2,
      *RECORDS), KINDS, ()),
    (("agreements", "future.toml", "--among", "FR,BE", "--replications", 2, "--refine", 0,
      *RECORDS), KINDS, ()),
], ids=lambda command: " ".join(map(str, command[:3])))  # fmt: skip
def test_they_are_told_first_and_kept_and_the_page_shades(here, command, kinds, charts):
    result = succeeded(here(*command, *SMALL, "--out", "out"))
    lines, summary, record = notes_in(result.stderr), summary_of(Path("out")), manifest(Path("out"))
    assert [note["kind"] for note in summary["notes"]] == kinds
    assert record["notes"] == summary["notes"]
    assert lines == [f"Note: {note['text']}" for note in summary["notes"]]
    for content in (summary, record):
        assert (content["observed_until"], content["projected_from"]) == ("2025-12", "2026-01")
    page = page_of(Path("out"))
    box = re.search(r'<div class="to-know".*?</div>', page, re.DOTALL)[0]
    assert box.count("<li>") == len(kinds)
    assert MONTHS in box
    if charts:
        assert "projected" in result.stdout
        assert "(projected)" in page
    figures = Parts(page).figures()
    for key in charts:
        layout = figures[f"plot-{key}"]["layout"]
        assert layout["shapes"][-1]["type"] == "rect", key
        assert layout["annotations"][-1]["text"] == "projected", key
        assert "2026-01-01" >= layout["shapes"][-1]["x0"] > "2025-12-01", key


def test_quiet_tells_none_and_json_beside_it(here):
    quiet = here("run", "future.toml", *SMALL, "--out", "quiet", "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    as_json = here("run", "future.toml", *SMALL, "--out", "json", "--json")
    assert json.loads(as_json.stdout)["projected_from"] == "2026-01"
    assert len(notes_in(as_json.stderr)) == 2


def test_a_run_that_ends_with_the_data_tells_nothing(here, tmp_path):
    result = here("run", "past.toml", *SMALL, "--out", "out")
    assert notes_in(result.stderr) == []
    assert "projected" not in result.stdout
    page = page_of(tmp_path / "out")
    for words in ("is projected", "(projected)", "To know first"):
        assert words not in page
    recorded = manifest(tmp_path / "out")
    assert (recorded["projected_from"], recorded["notes"]) == (None, [])
    # nor one that is cut before
    assert notes_in(here("run", "base.toml", "--days", 2, *SMALL, "--out", "cut").stderr) == []


# -- from Python -----------------------------------------------------------------------------------


def test_python_is_told_the_same(tmp_path):
    base = Scenario.from_toml(FUTURE.format(end="2026-01-02"))
    future = Scenario.from_toml(FUTURE.format(end="2026-01-02") + LATER)
    notes = simulation.check(future, base)
    assert MONTHS in notes[0]
    assert any("later" in line for line in notes)
    assert simulation.check("baseline") == []
    (cut,) = simulation.check(future, days=2)
    assert "is never in force" in cut
    result = simulation.run(future, scale=0.02, workers=1)
    assert result.notes == simulation.check(future)
    assert (result.observed_until, result.projected_from) == ("2025-12", "2026-01")
    compared = simulation.compare(
        base, future, replications=2, scale=0.02, assumptions="records", workers=1
    )
    assert compared.notes == notes
    assert compared.projected_from == "2026-01"


def test_check_refuses_what_a_run_refuses():
    with pytest.raises(simulation.InputError, match="days"):
        simulation.check("baseline", days=0)
    with pytest.raises(simulation.InputError):
        simulation.check("baselin")
