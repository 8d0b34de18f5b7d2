"""`--assumptions` through the command line: what is drawn from, and what is said of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from simulation.engine.findings import RunFindings
from simulation.engine.fitted_ensembles import choose_ensemble
from simulation.engine.result_folder import read_findings
from simulation.engine.trials import describe_fitted
from simulation.parameters.fitted import ensemble_hash, fitted_text, packaged
from simulation.studies.compare import ComparisonFindings
from simulation.studies.sweep.findings import SweepFindings
from simulation.wording import assumptions as wording
from tests.comparing import door, manifest
from tests.fits import fitted, nothing_fitted, package_fit
from tests.reading import page_of, summary_of, unwrapped
from tests.refusals import refusal, succeeded

__all__ = ["door", "fitted", "nothing_fitted", "package_fit"]  # fixtures

#: command -> its findings, and what it is given
COMMANDS = {
    "compare": (ComparisonFindings, ("small.toml", "other.toml")),
    "sweep": (SweepFindings, ("small.toml", "--vary", "entries.balkan=0.5,1")),
    "run": (RunFindings, ("small.toml",)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("command", "choice", "installed", "drawn"), [
    ("compare", None, True, "fitted"), ("compare", None, False, "records"),
    ("compare", "records", True, "records"), ("compare", "ranges", True, "ranges"),
    ("sweep", None, True, "fitted"), ("sweep", "records", True, "records"),
    # a run is the model at its recorded values, whatever has been fitted
    ("run", None, True, "records"), ("run", "fitted", True, "fitted"),
    ("run", "ranges", True, "ranges"),
])  # fmt: skip
def test_what_is_drawn_from_is_said_everywhere(
    door, package_fit, command, choice, installed, drawn
):
    ensemble = package_fit(installed=installed)
    kind, words = COMMANDS[command]
    option = () if choice is None else ("--assumptions", choice)
    arguments = ("--replications", 4, "--out", "here", *option)
    result = succeeded(door(*arguments, command=command, scenarios=words))
    here = Path("here")
    findings, summary, record = read_findings(here, kind), summary_of(here), manifest(here)
    hash_ = ensemble.hash if drawn == "fitted" else None
    assert (summary["assumptions"], summary["fitted"]) == (drawn, record["fitted"])
    assert findings.fitted == describe_fitted(drawn, ensemble)
    identity = record["identity"]
    assert (identity["assumptions"], identity["fitted_hash"]) == (drawn, hash_)
    if drawn == "fitted":
        assert (findings.fitted.sets, findings.fitted.window) == (3, ["2021-01", "2023-12"])
    screen, page = unwrapped(result.stdout), unwrapped(page_of(here))
    said = f"They hold {wording.holds(findings)}."
    if command == "run":
        said = wording.runs_of_one(findings)
        assert f"--assumptions {drawn}" in record["command"]
    assert said in screen
    if command != "compare":
        assert said in page
    if command != "run":
        assert wording.mean_of_draws(findings) in screen
    assert ("chance only" in screen) == (drawn == "records")
    assert ("hold chance alone" in page) == (drawn == "records")
    assert f"<dt>Assumptions</dt><dd>{drawn}" in page


@pytest.mark.slow
def test_the_command_to_make_it_again_names_what_was_drawn_from(
    door, package_fit, monkeypatch, tmp_path
):
    for installed, name in ((True, "fitted"), (False, "records")):
        package_fit(installed=installed)
        for option in ([], ["--assumptions", name]):
            monkeypatch.setattr(sys, "argv", ["crossings", "compare", "a.toml", "b.toml", *option])
            out = f"{name}-{len(option)}"
            door("--replications", 2, "--out", out, "--quiet", *option)
            wanted = ["crossings", "compare", "a.toml", "b.toml", "--assumptions", name]
            assert shlex.split(manifest(tmp_path / out)["command"]) == wanted


@pytest.mark.slow
def test_a_folder_of_another_fit_is_refused_and_another_is_made(door, package_fit, tmp_path):
    package_fit()
    door("--replications", 2, "--out", "here", "--quiet")
    door("--replications", 2, "--quiet")
    before = summary_of(tmp_path / "here")
    package_fit([[8000.0, 2], [9500.0, 4], [11000.0, 5]])
    refusal(
        door("--replications", 2, "--out", "here"),
        "already holds another experiment (it differs in fitted_hash)",
    )
    assert summary_of(tmp_path / "here") == before
    assert "Written to" in door("--replications", 2).stdout
    assert len(list((tmp_path / "results" / "compare-other").iterdir())) == 2


def test_nothing_can_be_drawn_from_a_fit_that_was_not_made(crossings, nothing_fitted):
    for command in (["compare", "baseline", "full-sharing"], ["run", "baseline"]):
        message = refusal(crossings(*command, "--assumptions", "fitted"))
        assert message.startswith('--assumptions = "fitted": nothing has been fitted yet; allowed')
    assert not Path("results").exists()


def test_an_experiment_of_every_kind_draws_from_the_fit(crossings, fitted):
    """What is refused is refused after the default has been settled, so nothing need be run."""
    for command in ("compare", "sweep", "agreements", "backtest", "sensitivity", "discover"):
        text = unwrapped(crossings(command, "--help").output)
        drawn = "fitted where the package holds a fit, records where it does not" in text
        assert drawn == (command not in ("sensitivity", "discover"))
        assert ("records, and no other choice" in text) != drawn


def test_another_ensemble_can_be_told_by_its_file(door, fitted, monkeypatch, tmp_path):
    file = tmp_path / "mine.json"
    text = fitted_text(("market.ties",), [[3], [5]], [0.5, 0.5], {"window": ["2021-01", "2022-12"]})
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["crossings", "compare", "a", "b", "--ensemble", "mine.json"])
    succeeded(door("--replications", 2, "--ensemble", "mine.json", "--out", "here"))
    record = manifest(tmp_path / "here")
    assert record["identity"]["fitted_hash"] == ensemble_hash(text) != fitted.hash
    assert record["fitted"]["window"] == ["2021-01", "2022-12"]
    assert record["command"].endswith("--ensemble mine.json --assumptions fitted")


@pytest.mark.parametrize(("options", "words"), [
    (["--ensemble", "2022-01..2023-12"], "crossings fit --from 2022-01 --to 2023-12 --install"),
    (["--ensemble", "2022-2023"], "crossings fit --from 2022-01 --to 2023-12 --install"),
    (["--ensemble", "nothing.json"], "no such file, and no window of months"),
    (["--ensemble", ""], "no such file, and no window of months"),
    (["--ensemble", "٢٠٢١-٢٠٢٣"], "no such file, and no window of months"),
    (["--ensemble", "2021-2024", "--assumptions", "records"], "fitted assumptions only"),
])  # fmt: skip
def test_an_ensemble_that_is_not_there_is_bad_input(crossings, fitted, tmp_path, options, words):
    refusal(crossings("compare", "baseline", "full-sharing", *options), words)
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_of_the_package_can_be_told_by_its_years():
    first, last = next(iter(packaged()))
    ensemble = choose_ensemble(f"{first}..{last}")
    assert ensemble.window == (first, last)
    assert choose_ensemble(f"{first[:4]}-{last[:4]}").hash == ensemble.hash
