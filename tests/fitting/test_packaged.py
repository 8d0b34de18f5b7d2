"""The ensembles of the package: they go with records and inputs, and with the page about them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from simulation.corridor import load_corridor, load_indicators, load_origins
from simulation.corridor.tables import DATA
from simulation.engine.fitted_ensembles import (
    NOT_MAP,
    map_hash,
    past_hash,
    stale,
    stale_text,
    table_identities,
)
from simulation.fitting.gate import GateLine, load_gate, weakness_of
from simulation.fitting.priors import load_prior
from simulation.fitting.series import FitWindow
from simulation.parameters.fitted import FittedEnsemble, load_fitted, packaged, window_name
from simulation.scenario import load_scenario
from simulation.scenario.scenario import parse_scenario

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
#: what a reader needs to know where it comes from, and to make it again
PROVENANCE_KEYS = {
    "command", "scenario", "scenario_hash", "window", "series", "own_series", "data_hash", "seed",
    "scale", "budget", "runs", "version", "model_hash",
    "records_hash", "corridor_hash", "inputs", "uninformed", "method",
}  # fmt: skip
WINDOWS = list(packaged())


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: window_name(*window))
def fit(request) -> FittedEnsemble:
    """Names exist and values lie inside their ranges: else load_fitted raises."""
    ensemble = load_fitted(packaged()[request.param])
    assert ensemble.window == request.param
    return ensemble


def test_it_holds_enough_sets_of_records_that_are_fitted(fit):
    assert 60 <= fit.size <= 250
    assert set(fit.names) <= set(load_prior(load_scenario("history"), fit.window[1]).names)


#: of people per boat 18 of 24 months are inside, and 21 are asked for; of arrivals and of boats 30
#: of 36, and 31 are asked for. The back-tests of 2023 and 2024 have no others
SHORT_OF = {
    ("2021-01", "2022-12"): {"months of people per boat inside the 90% interval"},
    ("2021-01", "2023-12"): {
        "months of arrivals inside the 90% interval", "months of boats inside the 90% interval",
    },
}  # fmt: skip


def test_it_passes_its_gate_but_for_known_weaknesses(fit):
    lines = [GateLine.model_validate(line) for line in fit.provenance["gate"]]
    failed = {line.what for line in lines if not line.passed and not weakness_of(line.what)}
    assert failed == SHORT_OF.get(fit.window, set())


def test_each_known_weakness_keeps_the_newest_fit_from_passing():
    """One that is mended loses its excuse."""
    newest = load_fitted(packaged()[WINDOWS[-1]])
    failed = {line["what"] for line in newest.provenance["gate"] if not line["passed"]}
    assert {line.what for line in load_gate().lines if line.weakness} == failed


def test_its_inputs_are_those_of_this_version(fit):
    assert stale_text(fit) is None, (
        "fit again with `uv run crossings fit --from ... --to ... --install "
        "--document docs/validation.md` (docs/fit.md)"
    )


def test_its_past_and_its_map_are_those_of_this_version(fit):
    end = FitWindow(*fit.window).days[1]
    assert fit.provenance["scenario_hash"] == past_hash(load_scenario("history"), end)
    assert fit.provenance["corridor_hash"] == map_hash(fit.provenance["inputs"])


# -- what counts as an input ----------------------------------------------------------------------


@pytest.fixture
def one() -> FittedEnsemble:
    return load_fitted(packaged()[WINDOWS[0]])


def rewrite(folder: Path, name: str, change) -> None:
    path = folder / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def later_rows(text: str) -> str:
    """Every row of the last month, again for the month after the window and long after it."""
    lines = text.splitlines()
    added = [line.replace(",2023-12,", ",2031-01,") for line in lines if ",2023-12," in line]
    assert added
    return "\n".join([*lines, *added]) + "\n"


def with_vintage(text: str) -> str:
    return text.replace("\n", ",2027-01-15\n").replace(",2027-01-15", ",vintage", 1)


def longer_numbers(text: str) -> str:
    return re.sub(r"^(\w+,[0-9-]+,[0-9]+)", r"\1.0", text, flags=re.MULTILINE)


@pytest.mark.parametrize("change", [
    later_rows, with_vintage, longer_numbers, lambda text: text.replace("\n", "\r\n"),
    lambda text: "\n".join([text.splitlines()[0], *sorted(text.splitlines()[1:])]) + "\n",
])  # fmt: skip
def test_later_months_other_columns_and_spelling_leave_it_valid(one, map_only, change):
    rewrite(map_only, "entries_monthly.csv", change)
    assert stale(one, map_only) == ()


def test_later_years_and_new_tables_leave_it_valid(one, map_only):
    last = (map_only / "origin_mix.csv").read_text(encoding="utf-8").splitlines()[-1]
    later = ",".join([last.split(",")[0], "2031", *last.split(",")[2:]])
    rewrite(map_only, "origin_mix.csv", lambda text: f"{text}{later}\n")
    (map_only / "another.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert stale(one, map_only) == ()


def test_a_revision_inside_the_window_makes_it_stale_and_says_which_table(one, map_only):
    line = "balkan,2022-05,"
    rewrite(map_only, "entries_monthly.csv", lambda text: text.replace(line, f"{line}9", 1))
    assert stale(one, map_only) == (f"entries_monthly.csv has other content up to {one.window[1]}",)
    said = stale_text(one, map_only)
    assert f"crossings fit --from {one.window[0]} --to {one.window[1]} --install" in said


def test_a_map_that_has_changed_makes_it_stale(one, map_only):
    rewrite(map_only, "legs.csv", lambda text: text.replace(",75,", ",76,", 1))
    (map_only / "staff.csv").unlink()
    assert set(stale(one, map_only)) == {
        f"legs.csv has other content up to {one.window[1]}", "staff.csv is missing",
    }  # fmt: skip


def test_another_range_of_a_fitted_record_makes_it_stale(one):
    other = {**one.provenance, "records_hash": "of other ranges"}
    assert stale(replace(one, provenance=other)) == ("the range of a fitted record has changed",)


PAST = """
title = "Past"
[run]
start = 2021-01-01
end = {end}
warm_up_days = 30
[sharing_default]
level = "none"
[[sharing]]
{name}between = ["UK", "FR"]
level = "low"
from = 2022-01-01
{more}
"""


def past(more: str = "", end: str = "2024-12-31", name: str = "", level: str = "low") -> str:
    text = PAST.format(more=more, end=end, name=name).replace('"low"', f'"{level}"')
    return past_hash(parse_scenario(text, "past.toml"), date(2023, 12, 31))


LEVER = '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "high"\nfrom = '


@pytest.mark.parametrize(("change", "same"), [
    ({"more": LEVER + "2024-05-01"}, True), ({"more": LEVER + "2023-05-01"}, False),
    ({"more": "to = 2024-06-30"}, True), ({"more": "to = 2023-06-30"}, False),
    ({"end": "2025-12-31"}, True), ({"name": 'name = "a"\n'}, True), ({"level": "high"}, False),
])  # fmt: skip
def test_what_a_scenario_says_of_later_days_is_not_its_past(change, same):
    assert (past() == past(**change)) == same


@pytest.fixture
def map_only(tmp_path) -> Path:
    """The tables of the corridor without those that are said to be no map."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    for name in NOT_MAP:
        (folder / name).unlink()
    return folder


def test_a_run_reads_nothing_but_the_map(map_only):
    assert load_corridor(map_only).legs
    load_indicators(map_only)
    load_origins(map_only)


def test_the_identity_of_a_table_is_of_its_content_and_not_of_how_lines_end(map_only):
    before = table_identities("2023-12", map_only)
    assert before == table_identities("2023-12")
    legs = map_only / "legs.csv"
    legs.write_bytes(legs.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert table_identities("2023-12", map_only) == before
    rewrite(map_only, "legs.csv", lambda text: text.replace(",75,", ",76,", 1))
    assert map_hash(table_identities("2023-12", map_only)) != map_hash(before)


def test_it_says_where_it_comes_from_and_has_seen_published_figures_only(fit):
    assert set(fit.provenance) >= PROVENANCE_KEYS
    assert fit.provenance["own_series"] == []
    assert fit.provenance["series"]
    assert fit.provenance["command"].startswith("crossings fit history --from 2021-01")
    assert set(fit.provenance["uninformed"]) <= set(fit.names)


def test_the_page_is_about_one_of_them():
    text = PAGE.read_text(encoding="utf-8")
    assert any(f"`{load_fitted(path).hash}`" in text for path in packaged().values())
