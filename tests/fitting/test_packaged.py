"""The ensemble of the package: it goes with the records, and with the page about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulation.corridor import load_corridor, load_indicators, load_origins
from simulation.corridor.tables import DATA
from simulation.fitting.priors import load_prior
from simulation.fitting.provenance import NOT_MAP, corridor_hash, records_hash
from simulation.fitting.series import load_method
from simulation.parameters.fitted import FittedEnsemble, load_fitted
from simulation.scenario import load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
#: what a reader needs to know where it comes from, and to make it again
TOLD = {
    "command", "scenario", "scenario_hash", "window", "series", "own_series", "data_hash", "seed",
    "scale", "budget", "runs", "members", "effective_members", "weights_power", "version",
    "model_hash", "records_hash", "corridor_hash", "uninformed", "method",
}  # fmt: skip


@pytest.fixture(scope="module")
def packaged() -> FittedEnsemble:
    """Names exist and values lie inside their ranges: else load_fitted raises."""
    found = load_fitted()
    assert found is not None
    return found


def test_it_holds_enough_sets_to_draw_from(packaged):
    assert 60 <= packaged.size <= 250


def test_it_names_the_records_that_are_fitted(packaged):
    assert packaged.names == load_prior(load_scenario("history")).names


def test_the_ranges_of_its_records_are_those_of_this_version(packaged):
    assert packaged.provenance["records_hash"] == records_hash(packaged.names)


def test_its_past_is_that_of_this_version(packaged):
    assert packaged.provenance["scenario_hash"] == load_scenario("history").hash()


def test_its_map_is_that_of_this_version(packaged):
    assert packaged.provenance["corridor_hash"] == corridor_hash(), (
        "simulation/corridor/data has changed since the fit: fit again with "
        "`uv run crossings fit --install --document docs/validation.md` (docs/fit.md)"
    )


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


def test_the_hash_of_the_map_is_of_its_content_and_not_of_how_lines_end(map_only):
    before = corridor_hash(map_only)
    assert before == corridor_hash()
    legs = map_only / "legs.csv"
    text = legs.read_bytes().replace(b"\r\n", b"\n")
    legs.write_bytes(text.replace(b"\n", b"\r\n"))
    assert corridor_hash(map_only) == before
    legs.write_bytes(text.replace(b",75,", b",76,", 1))
    assert corridor_hash(map_only) != before


def test_it_has_seen_published_figures_only_and_none_held_out(packaged):
    assert packaged.provenance["window"] == ["2021-01", "2023-12"]
    assert packaged.provenance["window"][1] < load_method().held_out_from
    assert packaged.provenance["own_series"] == []
    assert packaged.provenance["series"] == [spec.name for spec in load_method().specs]


def test_it_says_where_it_comes_from(packaged):
    assert set(packaged.provenance) >= TOLD
    assert packaged.provenance["command"].startswith("crossings fit history --from 2021-01")
    assert set(packaged.provenance["uninformed"]) <= set(packaged.names)


def test_the_page_is_about_this_ensemble(packaged):
    assert f"`{packaged.hash}`" in PAGE.read_text(encoding="utf-8")
