"""No page, chart or table of any kind of result holds a single number of deaths."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import simulation.model.corridor_model
from simulation.engine.findings import RunFindings
from simulation.engine.result_folder import read_findings
from simulation.report import run as run_page
from simulation.report import terminal
from simulation.report.experiment import KINDS, presentation_of
from simulation.statistics.finding import ENDS
from simulation.wording.quoting import RANGE_ONLY
from tests import every_kind
from tests.comparing import stand_in

#: forecasts of deaths are judged against what was observed, and are no answer to a question
ANSWERS = sorted({"run", *KINDS} - {"backtest", "emulator", "fit", "monitor"})
#: so many that every number of deaths is one that nothing else has
MANY, LEAST = 3_137_500.5, 1_000_000.0


def deadly(scenario, *, seed, **options):
    """The stand-in, with numbers of deaths that are seen wherever they are printed."""
    record = stand_in(scenario, seed=seed, **options)
    rng = np.random.default_rng([seed, len(scenario.title)])
    days = len(record.dates)
    more = {name: MANY * rng.random(days) for name in RANGE_ONLY}
    return replace(record, daily={**record.daily, **more})


@pytest.fixture(scope="module")
def results_of(tmp_path_factory) -> Callable[[str], Path]:
    """Of a kind of study, a folder of results in which many die."""
    here = tmp_path_factory.mktemp("deaths")
    every_kind.write_scenarios(here)

    @cache
    def made(kind: str) -> Path:
        words = [re.sub(r"^[2-3]$|^30$", "4", word) for word in every_kind.COMMANDS[kind]]
        with (
            chdir(here),
            every_kind.stood_in(),
            mock.patch.object(simulation.model.corridor_model, "simulate", deadly),
        ):
            every_kind.call(*words, "--workers", "1", "--out", kind, "--quiet")
        return here / kind

    return made


def middles(value: object, *, deaths: bool = False, name: str = "") -> set[float]:
    """The numbers of deaths in a summary that are no ends of a range."""
    if isinstance(value, dict):
        inside = (
            middles(one, deaths=deaths or key in RANGE_ONLY, name=key) for key, one in value.items()
        )
        return set().union(*inside)
    if isinstance(value, list):
        return set().union(*(middles(one, deaths=deaths, name=name) for one in value))
    return {value} if deaths and isinstance(value, float) and name not in ENDS else set()


def in_tables(folder: Path) -> set[float]:
    """The same in the tables of differences."""
    columns = (
        "baseline", "scenario", "difference", "percent", "mean_difference", "mean_percent", "mean",
        "median", "value",
    )  # fmt: skip
    return {
        float(row[name])
        for path in folder.glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if row.get("outcome") in RANGE_ONLY
        for name in columns
        if row.get(name)
    }


def written(value: float) -> set[str]:
    """How a number would be printed."""
    return {f"{abs(value):.{decimals}f}" for decimals in (0, 1, 2)} | {repr(abs(value))}


@pytest.mark.parametrize("kind", every_kind.each(ANSWERS))
def test_nothing_shows_a_single_number_of_deaths(results_of, kind, capsys):
    results = results_of(kind)
    capsys.readouterr()
    summary = json.loads((results / "summary.json").read_text(encoding="utf-8"))
    forbidden = {one for one in middles(summary) | in_tables(results) if abs(one) > LEAST}
    page = (results / "report.html").read_text(encoding="utf-8")
    main = page.partition("<main>")[2].partition("</main>")[0]
    if kind == "run":
        terminal.show(run_page.summary(read_findings(results, RunFindings)))
    else:
        shown = presentation_of(results)
        terminal.show(shown.printed(read_findings(results, shown.findings)))
    everywhere = " ".join(
        (main, page.partition("<header>")[2].partition("</header>")[0], capsys.readouterr().out)
    ).replace(",", "")
    everywhere = everywhere.replace("%2C", " ")
    numbers = set(re.findall(r"\d+(?:\.\d+)?", everywhere))
    assert forbidden or kind in ("sensitivity", "discover")
    assert not {text for value in forbidden for text in written(value)} & numbers
    assert "eaths" in main


@pytest.mark.parametrize("kind", ["run", "compare"])
def test_every_row_of_deaths_holds_ranges_and_what_was_observed(results_of, kind):
    page = (results_of(kind) / "report.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr[^>]*><th scope="row">Deaths.*?</tr>', page, re.DOTALL)
    assert len(rows) >= 2
    bare = re.compile(r"[+-]?[\d,.]+( people)?")
    for cell in re.findall(r"<td>(.*?)</td>", " ".join(rows), re.DOTALL):
        texts = filter(None, re.split(r"<[^>]*>", cell))
        assert not any(bare.fullmatch(text.strip()) for text in texts), cell


@pytest.mark.parametrize(("kind", "name"), [
    ("run", "summary"), ("compare", "differences"), ("compare", "ladder"),
    pytest.param("sweep", "points", marks=pytest.mark.slow),
    pytest.param("agreements", "agreements", marks=pytest.mark.slow),
])  # fmt: skip
def test_files_say_beside_each_number_of_deaths_how_it_may_be_quoted(results_of, kind, name):
    with (results_of(kind) / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["outcome"]]
    assert {row["quote"] for row in rows if row["outcome"] in RANGE_ONLY} == {"range"}
    assert all(row["quote"] != "range" for row in rows if row["outcome"] not in RANGE_ONLY)
    assert not any(row.get("percent") for row in rows if row["outcome"] in RANGE_ONLY)
