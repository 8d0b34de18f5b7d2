"""The ensemble of the package: it goes with the records, and with the page about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.fitting.priors import load_prior
from simulation.fitting.provenance import records_hash
from simulation.fitting.series import load_method
from simulation.parameters.fitted import FittedEnsemble, load_fitted
from simulation.scenario import load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
#: what a reader needs to know where it comes from, and to make it again
TOLD = {
    "command", "scenario", "scenario_hash", "window", "series", "own_series", "data_hash", "seed",
    "scale", "budget", "runs", "members", "effective_members", "weights_power", "version",
    "model_hash", "records_hash", "uninformed", "method",
}  # fmt: skip


@pytest.fixture(scope="module")
def packaged() -> FittedEnsemble:
    """Names exist and values lie inside their ranges: else load_fitted raises."""
    found = load_fitted()
    assert found is not None
    return found


def test_it_holds_as_many_sets_as_a_default_fit_gives(packaged):
    assert 150 <= packaged.size <= 250


def test_it_names_the_records_that_are_fitted(packaged):
    assert packaged.names == load_prior(load_scenario("history")).names


def test_the_ranges_of_its_records_are_those_of_this_version(packaged):
    assert packaged.provenance["records_hash"] == records_hash(packaged.names)


def test_its_past_is_that_of_this_version(packaged):
    assert packaged.provenance["scenario_hash"] == load_scenario("history").hash()


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
