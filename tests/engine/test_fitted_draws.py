"""Assumptions of a run drawn from the fitted ensemble, and when they are."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from simulation import source_hash
from simulation.doctor import checks
from simulation.engine import cluster, trials
from simulation.engine.experiment import Experiment
from simulation.engine.findings import Header
from simulation.engine.options import Options
from simulation.engine.trials import Case, Setting, Trial
from simulation.errors import FatalError, InputError
from simulation.parameters import load_parameters
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.sampling import uncertain
from simulation.scenario import load_scenario
from simulation.wording import assumptions as assumption_wording
from tests import synthetic
from tests.fits import FITTED_NAMES, drawn_values, fitted, package_fit
from tests.runs import scenario_from

__all__ = ["fitted", "package_fit"]  # fixtures


# -- what is drawn --------------------------------------------------------------------------------


def test_a_whole_set_belongs_to_a_seed_and_comes_by_its_weight(fitted):
    drawn = [drawn_values("fitted", seed) for seed in range(400)]
    assert drawn[:20] == [drawn_values("fitted", seed) for seed in range(20)]
    sets = [tuple(one[name] for name in FITTED_NAMES) for one in drawn]
    assert set(sets) == {(8000.0, 2), (9500.0, 4)}
    assert 60 < sets.count((8000.0, 2)) < 140


def assumed(case: Case, assumptions, seed: int) -> dict:
    """What a run of a case assumes."""
    return Setting(0.1, 2, assumptions).parameters(Trial(case, seed)).values()


def test_a_case_goes_before_its_scenario_and_both_before_the_draw(fitted, tmp_path):
    mine = scenario_from(tmp_path, "[parameters]\nmarket.ties = 5")
    values = assumed(Case("own", mine, {"market.ties": 3}), "fitted", 7)
    assert values["market.ties"] == 3
    assert values["channel.launch_cost"] in (8000.0, 9500.0)
    assert assumed(Case("one", mine), "records", 7) == load_parameters(mine.parameters).values()


# -- what a set does not hold ----------------------------------------------------------------------


def test_what_a_set_does_not_hold_is_drawn_from_its_range(fitted):
    records = {r.name: r for r in uncertain(load_parameters().records())}
    drawn = [drawn_values("fitted", seed) for seed in range(60)]
    assert set(drawn[0]) == set(records)
    for name, record in records.items():
        if name in FITTED_NAMES:
            continue
        values = [one[name] for one in drawn]
        assert len(set(values)) > 1, name
        assert all(record.low <= value <= record.high for value in values)


@pytest.mark.parametrize("assumptions", ["ranges", "fitted"])
def test_both_sides_of_a_pair_draw_the_same_and_another_pair_draws_otherwise(
    fitted, tmp_path, assumptions
):
    mine = scenario_from(tmp_path, "[parameters]\nmarket.ties = 5")
    baseline, own = (
        assumed(Case("one", scenario), assumptions, 7)
        for scenario in (load_scenario("baseline"), mine)
    )
    assert {name for name in baseline if baseline[name] != own[name]} <= {"market.ties"}
    other = assumed(Case("one", mine), assumptions, 8)
    assert sum(other[name] != own[name] for name in other) > 150


def test_every_record_with_a_range_that_stands_still_says_why():
    """Nothing with room between low and high is fixed without a reason."""
    fixed = [r for r in load_parameters().records() if r.distribution == "fixed" and r.low < r.high]
    assert [r.name for r in fixed if not r.fixed_because] == []
    entry = trials.describe_fitted("fitted", ensemble_of({}))
    assert sum(entry.fixed.values()) == len(fixed)
    free = {r.name for r in uncertain(load_parameters().records())}
    assert entry.drawn == len(free - set(FITTED_NAMES))
    header = Header(assumptions="fitted", fitted=entry)
    said = assumption_wording.counts(header)
    assert f"{entry.drawn} drawn each on its own, {len(fixed)} fixed" in said


def ensemble_of(provenance, folder=None):
    return FittedEnsemble(
        FITTED_NAMES, np.array([[8000.0, 2], [9500.0, 4]]), np.array([0.5, 0.5]), provenance, "h"
    )


def test_a_stale_ensemble_is_used_and_said_to_be_stale(small, tmp_path):
    tables = {"entries_monthly.csv": {"columns": ["month", "people"], "hash": "of other figures"}}
    other = ensemble_of({"window": ["2021-01", "2022-12"], "inputs": tables})
    announced = []
    options = Options(
        out=tmp_path / "out",
        workers=1,
        assumptions="fitted",
        ensemble=other,
        announce=announced.append,
    )
    with Experiment("compare", [small], options, simulate=synthetic.simulate) as under_way:
        notes = {note.kind: note.text for note in under_way.notes}
    assert "entries_monthly.csv has other content up to 2022-12" in notes["stale"]
    assert "crossings fit --from 2021-01 --to 2022-12 --install" in notes["stale"]
    assert "stale" in [note.kind for note in announced[0]]
    # recorded values do not hang on it
    by_records = Options(out=tmp_path / "records", workers=1)
    unfitted = Experiment("compare", [small], by_records, simulate=synthetic.simulate)
    assert "stale" not in [note.kind for note in unfitted.notes]


def test_the_doctor_says_that_the_fit_is_stale(monkeypatch):
    tables = {"legs.csv": {"columns": ["id"], "hash": "of another map"}}
    other = ensemble_of({"window": ["2021-01", "2022-12"], "inputs": tables})
    monkeypatch.setattr(trials, "fitted_ensemble", lambda: other)
    check = checks.fit()
    assert check.status == "warn"
    assert "legs.csv" in check.text


# -- what is drawn from unless one is told --------------------------------------------------------


def test_a_damaged_fit_is_told_and_not_passed_over(monkeypatch, package_fit):
    def damaged():
        raise InputError("is no fitted ensemble")

    package_fit()
    monkeypatch.setattr(trials, "load_fitted", damaged)
    with pytest.raises(InputError, match="is no fitted ensemble"):
        trials.default_assumptions()


# -- whose folder it is ---------------------------------------------------------------------------


def test_a_fit_that_is_installed_changes_no_hash_of_the_model(monkeypatch, tmp_path):
    package = tmp_path / "package"
    shutil.copytree(source_hash.PACKAGE / "parameters", package / "parameters")
    monkeypatch.setattr(source_hash, "PACKAGE", package)
    before = source_hash.package_hash(source_hash.NOT_MODEL)
    (package / "parameters" / "fitted" / "2021-01..2030-12.json").write_text("{}")
    assert source_hash.package_hash(source_hash.NOT_MODEL) == before
    (package / "parameters" / "fitted.py").write_text("# another\n")
    assert source_hash.package_hash(source_hash.NOT_MODEL) != before
    assert "parameters/fitted" in source_hash.NOT_SIMULATOR


@pytest.mark.usefixtures("another_fingerprint")
def test_a_worker_elsewhere_must_have_the_same_fit(package_fit, small):
    fitted = package_fit()
    mine = cluster.fingerprint()
    assert json.loads(mine)["fitted ensemble"] == fitted.hash
    package_fit(installed=False)
    cluster.fingerprint.cache_clear()
    trial = Trial(Case("one", small), 1)
    with pytest.raises(FatalError, match=f"fitted ensemble none, here {fitted.hash}"):
        cluster._run_on_worker(Setting(1.0, 5, simulate=synthetic.simulate), trial, mine)
