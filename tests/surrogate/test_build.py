"""A build with a model that is done at once: it resumes, it is judged, and it answers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import simulation
from simulation.errors import InputError
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Interrupted
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.study import conduct
from simulation.fitting.gate import GateLine
from simulation.scenario import load_scenario
from simulation.surrogate import build, estimate
from simulation.surrogate.build import FILE, EmulatorBuild, install
from simulation.surrogate.coordinates import policy_of
from simulation.surrogate.predictor import Surrogate, load_surrogate
from tests import synthetic
from tests.comparing import door
from tests.refusals import refusal

__all__ = ["door"]  # a fixture

DAYS = 40
ROWS = 20
BASE = load_scenario("outlook")


def stand_in(scenario, **options):
    """Fewer arrive the stronger the policy, and the season differs by seed."""
    record = synthetic.simulate(scenario, **options)
    sharing = sum(lever not in BASE.sharing for lever in scenario.sharing)
    levers = sharing + 3 * (len(scenario.operation) - len(BASE.operation))
    arrivals = record.daily["channel_arrivals"] * 0.95**levers
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


def built(out, rows=ROWS, simulate=stand_in, scale=0.1, **how):
    options = Options(scale=scale, days=DAYS, assumptions="fitted", out=out, workers=1)
    return conduct(EmulatorBuild(rows), options, simulate=simulate, **how)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "emulator"
    built(out)
    return out


@pytest.fixture
def emulator(folder):
    return folder / FILE


def test_a_stopped_build_goes_on_and_gives_the_same(folder, tmp_path):
    def stop(progress):
        assert progress.replications == 2 * ROWS
        if progress.finished == 14:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        built(tmp_path / "again", progress=stop)
    assert built(tmp_path / "again").ran == 2 * ROWS - 14
    one, other = (load_surrogate(path / FILE) for path in (folder, tmp_path / "again"))
    np.testing.assert_array_equal(one.weights, other.weights)
    assert built(tmp_path / "again").ran == 0


def test_more_rows_go_on_from_those_there_are(tmp_path):
    built(tmp_path / "more", 20)
    assert built(tmp_path / "more", 24).ran == 2 * 4
    assert load_surrogate(tmp_path / "more" / FILE).about["pairs"] == 24


def test_rows_that_fail_are_left_out(tmp_path):
    def fails(scenario, *, seed, **options):
        if seed == 4:
            raise ValueError("no boats")
        return stand_in(scenario, seed=seed, **options)

    findings = built(tmp_path / "fails", simulate=fails).findings
    assert (findings.rows, findings.pairs) == (ROWS, ROWS - 1)
    assert "no boats" in findings.failed[0].error


def test_the_folder_holds_every_pair_and_the_gate(folder):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["pairs"] == ROWS
    assert {"what", "value", "shown", "asked", "passed"} <= summary["gate"][0].keys()
    assert len((folder / "rows.csv").read_text(encoding="utf-8").splitlines()) == ROWS + 1
    assert sum(line["pairs"] for line in summary["card"][:2]) == ROWS


def test_a_changed_surrogate_is_noticed_in_its_folder(folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert not ResultFolder(copy).changes().problem
    (copy / FILE).write_bytes(b"another")
    assert FILE in ResultFolder(copy).changes().problem


# -- the gate --------------------------------------------------------------------------------------


def with_gate(path, *, passed: bool):
    one = load_surrogate(path)
    line = GateLine(what="R2", value=0.1, shown="0.1", asked="at least 0.9", passed=passed)
    about = {**one.about, "gate": [line.as_json()]}
    return Surrogate(**{**vars(one), "about": about}).as_bytes()


def test_only_what_passes_its_gate_is_installed(emulator, tmp_path):
    target, file = tmp_path / "outlook.npz", tmp_path / FILE
    file.write_bytes(with_gate(emulator, passed=False))
    with pytest.raises(InputError, match="fails its gate: R2"):
        install(file, target)
    assert not target.exists()
    file.write_bytes(with_gate(emulator, passed=True))
    install(file, target)
    assert target.read_bytes() == file.read_bytes()


# -- what it answers -------------------------------------------------------------------------------


def test_an_estimate_has_a_range_for_each_path_and_year(emulator):
    answer = simulation.estimate("outlook-agreements-deepened", emulator=emulator)
    effects = answer.changes
    assert set(effects["path"]) == {"all", "lower third", "middle third", "upper third"}
    assert set(effects["period"]) == {"run", "2026"}
    assert {"channel_arrivals", "uk_total", "channel_boats"} <= set(effects["outcome"])
    assert (effects["plausible_low"] <= effects["median"]).all()
    assert (effects["median"] <= effects["plausible_high"]).all()
    assert not any("death" in name for name in effects["outcome"])
    assert "crossings compare outlook-agreements-deepened" in str(answer)


def test_the_command_prints_the_estimate_and_how_to_run_it(crossings, emulator):
    done = crossings("estimate", "outlook-adverts", "--emulator", str(emulator))
    assert done.exit_code == 0, done.output
    assert "Estimate, no run" in done.stdout
    assert "crossings compare outlook-adverts" in done.stdout
    printed = crossings("estimate", "outlook-adverts", "--emulator", str(emulator), "--json")
    of_function = simulation.estimate("outlook-adverts", emulator=emulator).details
    assert json.loads(printed.stdout) == json.loads(json.dumps(of_function))


def test_what_has_changed_since_is_named(emulator, monkeypatch):
    assert not estimate.estimate_of("outlook-adverts", emulator).changed
    monkeypatch.setattr(estimate, "simulator_hash", lambda: "another")
    assert estimate.estimate_of("outlook-adverts", emulator).changed == ["the model"]
    assert "the model has changed" in str(simulation.estimate("outlook-adverts", emulator=emulator))


def test_a_surrogate_that_fails_its_gate_says_so(emulator, tmp_path):
    file = tmp_path / FILE
    file.write_bytes(with_gate(emulator, passed=False))
    assert "do not rely on it" in str(simulation.estimate("outlook-adverts", emulator=file))


def test_without_a_surrogate_one_line_names_the_command(crossings, monkeypatch, tmp_path):
    monkeypatch.setattr(estimate, "PACKAGED", tmp_path / "none.npz")
    refusal(crossings("estimate", "outlook-adverts"), "crossings compare outlook-adverts")


def test_a_surrogate_of_another_design_is_refused(crossings, emulator, monkeypatch):
    monkeypatch.setattr(estimate, "design_hash", lambda base: "another")
    refusal(crossings("estimate", "outlook-adverts", "--emulator", str(emulator)), "design")


def test_what_the_design_cannot_express_is_refused(crossings, emulator):
    done = crossings("estimate", "outlook-leaky-sharing", "--emulator", str(emulator))
    refusal(done, "sharing[0]", "crossings compare outlook-leaky-sharing")


def test_a_comparison_says_what_is_estimated_before_its_first_run(door, emulator, monkeypatch):
    monkeypatch.setattr(estimate, "PACKAGED", emulator)

    def estimates(*scenarios):
        done = door("--replications", 2, "--days", DAYS, "--scale", 0.1, scenarios=scenarios)
        assert done.exit_code == 0, done.output
        return [line for line in done.stderr.splitlines() if "Estimate before any run" in line]

    (line,) = estimates("outlook", "outlook-adverts", "outlook-leaky-sharing")
    assert load_scenario("outlook-adverts").title in line
    assert not estimates("outlook", "outlook-adverts", "outlook-leaky-sharing")  # nothing to run
    assert not estimates("outlook-freeze", "outlook-adverts")
    monkeypatch.setattr(estimate, "simulator_hash", lambda: "another")
    assert not estimates("outlook", "outlook-freeze")


def test_a_design_that_cannot_be_trained_runs_nothing(monkeypatch, tmp_path):
    def missing(*_, **__):
        raise InputError('needs the extra "emulator"')

    monkeypatch.setattr(build, "learning_library", missing)
    with pytest.raises(InputError, match="emulator"):
        built(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_real_build_of_a_few_rows_answers(tmp_path):
    finished = built(tmp_path / "real", simulate=None, scale=0.02)
    assert finished.findings.pairs == ROWS
    assert finished.findings.bytes < 3_000_000
    scenario = load_scenario("outlook-upstream-boat-supply")
    assert policy_of(scenario, BASE)
    answer = estimate.estimate_of(scenario, tmp_path / "real" / FILE)
    assert set(answer.outcomes["channel_boats"].periods) == {"run", "2026"}
