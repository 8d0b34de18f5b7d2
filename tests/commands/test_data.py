"""`crossings data`: what is told, asked and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from simulation import source_hash
from simulation.commands import data as commands
from simulation.corridor import in_use
from simulation.corridor.in_use import ENVIRONMENT, read_in_use
from tests.comparing import manifest
from tests.data.workbooks import detections, ods, small_boats, xlsx
from tests.reading import page_of, unwrapped
from tests.refusals import refusal, succeeded

Crossings = Callable[..., Result]


class _Day(date):
    @classmethod
    def today(cls) -> date:
        return date(2026, 11, 27)


@pytest.fixture
def here(
    crossings: Crossings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crossings]:
    """The command line, with a folder of tables of its own and two files beside it."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "mine"))
    monkeypatch.delenv(in_use.PINNED, raising=False)
    monkeypatch.setattr(commands, "date", _Day)
    in_use.forget()
    revised = {("eastern_med_detections", "2025-09"): 6000}
    (tmp_path / "detections.xlsx").write_bytes(xlsx(detections("2026-07", revised)))
    (tmp_path / "boats.ods").write_bytes(ods(small_boats("2025-12", {"2025-06": 30})))
    yield crossings
    in_use.forget()
    source_hash.model_hash.cache_clear()


UPDATE = ("data", "update", "detections.xlsx", "--published", "2026-10-01")


def test_what_would_change_is_shown_and_nothing_is_taken_in_unasked(
    here: Crossings, tmp_path: Path
) -> None:
    text = unwrapped(succeeded(here(*UPDATE)).stdout)
    for words in (
        "frontex_monthly 2025-09 eastern_med_detections 5390 6000",
        "frontex_monthly 2026-07 wb_detections - 1000",  # made up
        "Runs change: another number of people sets out in 2025-",
        "who set out in 2026-07 was projected",
        "--yes",
    ):
        assert words in text
    assert not (tmp_path / "mine").exists()


def test_the_latest_figures_are_listed_and_the_others_counted(
    here: Crossings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_LISTED", 1)
    text = here(*UPDATE).stdout
    headings = re.findall(r"^(?:Revised|New): (\d+) figure(s?)$", text, re.M)
    counts = [count for count, _ in headings]
    assert [ending for _, ending in headings] == ["s" * (count != "1") for count in counts]
    assert len(counts) == 2
    more = [int(count) - 1 for count in counts if int(count) > 1]
    assert [int(count) for count in re.findall(r"and (\d+) of earlier periods", text)] == more
    assert text.count("frontex_monthly") == 2
    assert "2026-06" not in text.split("Runs change")[0]


def test_an_update_is_taken_in_shown_and_taken_back(here: Crossings, tmp_path: Path) -> None:
    assert here(*UPDATE, "--yes").exit_code == 0
    status = json.loads(here("data", "status", "--json").stdout)
    rows = {row["table"]: row for row in status["rows"]}
    taken = rows["frontex_monthly.csv"]
    assert (taken["last"], taken["yours"]) == ("2026-07", True)
    assert (taken["published"], taken["age_days"]) == ("2026-10-01", 57)
    assert not rows["channel_monthly.csv"]["yours"]
    assert rows["entry_anchors.csv"]["label"] == "assumption"
    assert status["updates"][0][0]["file"] == "detections.xlsx"
    text = here("data", "status").stdout
    for words in ("57 days", "yours", "detections.xlsx"):
        assert words in text
    assert "Add --yes" in here("data", "undo").stdout
    assert read_in_use(tmp_path / "mine").users
    assert "detections.xlsx" in here("data", "undo", "--yes").stdout
    assert not json.loads(here("data", "status", "--json").stdout)["updates"]
    assert here("data", "undo", "--yes").exit_code == 2


def test_a_folder_can_be_named(here: Crossings, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert here(*UPDATE, "--yes", "--data", other).exit_code == 0
    assert not (tmp_path / "mine").exists()
    assert json.loads(here("data", "status", "--json", "--data", other).stdout)["updates"]
    assert not json.loads(here("data", "status", "--json").stdout)["updates"]


@pytest.mark.parametrize(("arguments", "message"), [
    (("no-such-file.xlsx",), "file not found"),
    (("detections.xlsx", "--published", "October"), "--published"),
    (("detections.xlsx", "--published", "2026-06-01"), "older than what is in use"),
    ((), "no figures of yours"), ((".",), "directory"),
    # one file that is refused stops all
    (("detections.xlsx", "bad.xlsx", "--published", "2026-10-01"), "bad.xlsx"),
])  # fmt: skip
def test_a_mistake_is_one_line_and_writes_nothing(
    arguments: tuple[str, ...], message: str, here: Crossings, tmp_path: Path
) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    refusal(here("data", "update", *arguments, "--yes"), message)
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_results_record_the_figures_they_rest_on(here: Crossings, tmp_path: Path) -> None:
    run = ("run", "baseline", "--scale", "0.02", "--days", "5", "--workers", "1", "--quiet")
    assert here(*run, "--out", "before").exit_code == 0
    assert here(*UPDATE, "--yes").exit_code == 0
    source_hash.model_hash.cache_clear()
    assert here(*run, "--out", "after").exit_code == 0
    before, after = (manifest(tmp_path / name)["data"] for name in ("before", "after"))
    assert (before["tables"], after["tables"]) == ("shipped", "yours")
    assert after["published"]["frontex_monthly"] == "2026-10-01"
    assert before["hash"] != after["hash"]
    assert after["hash"] in page_of(tmp_path / "after")
    entries = json.loads(here("results", "list", ".", "--json").stdout)
    tables = {entry["folder"]: entry["data"] for entry in entries}
    assert "shipped" in tables["before"]
    assert "your tables" in tables["after"]
    # the same command with other figures is another run, so its folder is not gone on with
    refusal(here(*run, "--out", "before"), "already holds another run (it differs in model_hash")


def test_the_doctor_tells_of_them(here: Crossings) -> None:
    from simulation.doctor.checks import tables

    assert "shipped" in tables().text
    assert here(*UPDATE, "--yes").exit_code == 0
    assert "yours" in tables().text
    (in_use.user_folder() / "manifest.json").write_text("{", encoding="utf-8")
    assert tables().status == "fail"
