"""`--assumptions` through the command line: what is drawn from, and what is said of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulation.model
from simulation.cli import cli
from simulation.experiments.engine.fitted_ensembles import choose_ensemble
from simulation.experiments.engine.trials import describe_fitted
from simulation.parameters.fitted import ensemble_hash, fitted_text, packaged
from tests import synthetic
from tests.comparing import door, manifest
from tests.fits import fitted, nothing_fitted, package_fit
from tests.reading import page_of, summary_of, unwrapped
from tests.refusals import refusal

__all__ = ["door", "fitted", "nothing_fitted", "package_fit"]  # fixtures

SETS = "3 sets fitted to 2021-2023"
HOLDS = f"chance, what the fit left open of the assumptions ({SETS}), and the ranges of the others"


def beside(fitted) -> dict:
    """What an entry says of the assumptions that a set does not hold."""
    entry = describe_fitted("fitted", fitted)
    return {"drawn": entry.drawn, "fixed": entry.fixed}


# -- experiments ----------------------------------------------------------------------------------


def test_an_experiment_draws_from_the_fit_and_says_so_everywhere(door, fitted, tmp_path):
    result = door("--replications", 4, "--out", "here")
    assert result.exit_code == 0, result.output
    assert f"They hold {HOLDS}. Each pair draws a set of its own" in unwrapped(result.stdout)
    assert "chance only" not in unwrapped(result.stdout)
    entry = {
        "sets": 3, "window": ["2021-01", "2023-12"], "hash": fitted.hash,
        "records": len(fitted.names), "sharing": False, **beside(fitted),
    }  # fmt: skip
    summary, made = summary_of(tmp_path / "here"), manifest(tmp_path / "here")
    assert (summary["assumptions"], summary["fitted"]) == ("fitted", entry)
    assert made["fitted"] == entry
    assert made["identity"]["assumptions"] == "fitted"
    assert made["identity"]["fitted_hash"] == fitted.hash
    page = unwrapped(page_of(tmp_path / "here"))
    assert f"The intervals and bands hold {HOLDS}." in page
    assert f"as one of {SETS}. Assumptions with a range: {len(fitted.names)} fitted" in page
    # what stands behind these numbers folds out below them, on the page alone
    assert "<summary>What is fitted, drawn and fixed</summary>" in page
    for reason in entry["fixed"]:
        assert reason in page
        assert reason not in unwrapped(result.stdout)
    assert f"<dt>Assumptions</dt><dd>fitted (ensemble {fitted.hash})</dd>" in page
    assert "hold chance alone" not in page


def test_without_a_fit_an_experiment_has_the_recorded_values(door, nothing_fitted, tmp_path):
    result = door("--replications", 4, "--out", "here")
    assert result.exit_code == 0, result.output
    assert "They hold chance only: every assumption has its recorded value." in unwrapped(
        result.stdout
    )
    summary, made = summary_of(tmp_path / "here"), manifest(tmp_path / "here")
    assert (summary["assumptions"], summary["fitted"]) == ("records", None)
    assert (made["identity"]["assumptions"], made["identity"]["fitted_hash"]) == ("records", None)
    page = unwrapped(page_of(tmp_path / "here"))
    assert "The intervals and bands hold chance alone" in page
    assert "<dt>Assumptions</dt><dd>records</dd>" in page


def test_what_is_told_goes_before_the_fit(door, fitted, tmp_path):
    result = door("--replications", 4, "--assumptions", "records", "--out", "here")
    assert "They hold chance only" in unwrapped(result.stdout)
    assert summary_of(tmp_path / "here")["assumptions"] == "records"
    ranges = unwrapped(door("--replications", 4, "--assumptions", "ranges").stdout)
    assert "They hold chance, and every assumption drawn from between its low and its" in ranges


def test_the_command_to_make_it_again_names_what_was_drawn_from(
    door, package_fit, monkeypatch, tmp_path
):
    for there, name in ((True, "fitted"), (False, "records")):
        package_fit(there=there)
        for told in ([], ["--assumptions", name]):
            typed = ["compare", "a.toml", "b.toml", *told]
            monkeypatch.setattr(sys, "argv", ["crossings", *typed])
            out = f"{name}-{len(told)}"
            door("--replications", 2, "--out", out, "--quiet", *told)
            wanted = ["crossings", "compare", "a.toml", "b.toml", "--assumptions", name]
            assert shlex.split(manifest(tmp_path / out)["command"]) == wanted


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
    # a folder begun at recorded values is not gone on with from a fit either
    package_fit(there=False)
    door("--replications", 2, "--out", "plain", "--quiet")
    package_fit()
    refusal(door("--replications", 2, "--out", "plain"), "it differs in assumptions, fitted_hash")


def test_nothing_can_be_drawn_from_a_fit_that_was_not_made(crossings, nothing_fitted):
    for command in (["compare", "baseline", "full-sharing"], ["run", "baseline"]):
        told = crossings(*command, "--assumptions", "fitted")
        refusal(told)
        assert told.stderr.startswith(
            '--assumptions = "fitted": nothing has been fitted yet; allowed'
        )
        assert len(told.stderr.splitlines()) == 1
    assert not Path("results").exists()


def test_a_sweep_says_what_its_intervals_hold(door, fitted, tmp_path):
    arguments = ["sweep", "small.toml", "--vary", "entries.balkan=0.5,1", "--replications", "4"]
    for more, holds in (
        ([], HOLDS),
        (["--assumptions", "records"], "chance only: every assumption has its recorded value"),
    ):
        result = CliRunner().invoke(cli, [*arguments, "--out", f"s{len(more)}", *more])
        assert result.exit_code == 0, result.output
        assert f"They hold {holds}." in unwrapped(result.stdout)
        page = unwrapped((tmp_path / f"s{len(more)}" / "report.html").read_text(encoding="utf-8"))
        assert f"They hold {holds}." in page


def test_an_experiment_of_every_kind_draws_from_the_fit(crossings, fitted, scenario_file):
    """What is refused is refused after the default has been settled, so nothing need be run."""
    for command in ("compare", "sweep", "agreements", "backtest", "sensitivity", "discover"):
        text = unwrapped(crossings(command, "--help").output)
        drawn = "fitted where the package holds a fit, records where it does not" in text
        assert drawn == (command not in ("sensitivity", "discover"))
        assert ("records, and no other choice" in text) != drawn


@pytest.mark.parametrize("command", ["sensitivity", "discover"])
def test_a_design_takes_recorded_values_whatever_was_fitted(crossings, fitted, command):
    told = crossings(command, "full-sharing", "--assumptions", "fitted")
    refusal(told, "varies the assumptions itself; allowed: records")
    # and unless told it gets as far as what is wrong with the rest
    told = crossings(command, "full-sharing", "--noise", "2")
    assert "--noise = 2" in told.stderr


def test_another_ensemble_can_be_told_by_its_file(door, fitted, tmp_path):
    file = tmp_path / "mine.json"
    text = fitted_text(("market.ties",), [[3], [5]], [0.5, 0.5], {"window": ["2021-01", "2022-12"]})
    file.write_text(text, encoding="utf-8")
    result = door("--replications", 2, "--ensemble", "mine.json", "--out", "here")
    assert result.exit_code == 0, result.output
    made = manifest(tmp_path / "here")
    assert made["identity"]["fitted_hash"] == ensemble_hash(text) != fitted.hash
    assert made["fitted"]["window"] == ["2021-01", "2022-12"]
    assert "--ensemble mine.json" in made["command"] or "--ensemble" not in sys.argv


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["--ensemble", "2021-01..2022-12"], "crossings fit --from 2021-01 --to 2022-12 --install"),
        (["--ensemble", "2021-2022"], "crossings fit --from 2021-01 --to 2022-12 --install"),
        (["--ensemble", "nothing.json"], "no such file, and no window of months"),
        (["--ensemble", ""], "no such file, and no window of months"),
        (["--ensemble", "٢٠٢١-٢٠٢٣"], "no such file, and no window of months"),
        (["--ensemble", "2021-2024", "--assumptions", "records"], "fitted assumptions only"),
    ],
)
def test_an_ensemble_that_is_not_there_is_bad_input(crossings, fitted, tmp_path, told, words):
    refusal(crossings("compare", "baseline", "full-sharing", *told), words)
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_of_the_package_can_be_told_by_its_years():
    first, last = next(iter(packaged()))
    found = choose_ensemble(f"{first}..{last}")
    assert found.window == (first, last)
    assert choose_ensemble(f"{first[:4]}-{last[:4]}").hash == found.hash


# -- runs -----------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch, tmp_path, scenario_file):
    """`crossings run small.toml`, with a model that is done at once."""
    monkeypatch.setattr(simulation.model, "simulate", synthetic.simulate)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *told: CliRunner().invoke(cli, ["run", "small.toml", *map(str, told)])


def test_a_run_is_the_model_at_its_recorded_values(run, fitted, tmp_path):
    result = run("--replications", 4, "--out", "here")
    assert "chance only, not doubt about the assumptions." in unwrapped(result.stdout)
    summary = summary_of(tmp_path / "here")
    assert (summary["assumptions"], summary["fitted"]) == ("records", None)
    assert "--assumptions records" in manifest(tmp_path / "here")["command"]
    page = unwrapped(page_of(tmp_path / "here"))
    assert "intervals of the mean: chance only, not doubt about the assumptions." in page
    assert "The intervals and bands hold chance alone" in page


def test_a_run_may_draw_from_the_fit(run, fitted, tmp_path):
    result = run("--replications", 4, "--assumptions", "fitted", "--out", "here")
    assert result.exit_code == 0, result.output
    said = f"intervals of the mean: {HOLDS}. Each run draws a set of its own"
    assert said in unwrapped(result.stdout)
    summary, made = summary_of(tmp_path / "here"), manifest(tmp_path / "here")
    entry = {
        "sets": 3, "window": ["2021-01", "2023-12"], "hash": fitted.hash,
        "records": len(fitted.names), "sharing": False, **beside(fitted),
    }  # fmt: skip
    assert (summary["assumptions"], summary["fitted"], made["fitted"]) == ("fitted", entry, entry)
    assert made["identity"]["fitted_hash"] == fitted.hash
    assert "--assumptions fitted" in made["command"]
    page = unwrapped(page_of(tmp_path / "here"))
    assert said in page
    assert "chance alone" not in page
    assert f"<dt>Assumptions</dt><dd>fitted (ensemble {fitted.hash})</dd>" in page
    assert "Nothing to run" in run(
        "--replications", 4, "--assumptions", "fitted", "--out", "here"
    ).stdout  # fmt: skip
    refused = run("--replications", 4, "--out", "here")
    assert "it differs in assumptions, fitted_hash" in refused.stderr


def test_a_run_may_draw_from_the_ranges(run, tmp_path):
    result = run("--replications", 4, "--assumptions", "ranges", "--out", "here")
    assert "of the mean: chance, and every assumption drawn from between" in unwrapped(
        result.stdout
    )
    page = unwrapped(page_of(tmp_path / "here"))
    assert "of the mean: chance, and every assumption drawn from between" in page
    assert "chance alone" not in page


def test_one_run_from_the_fit_is_one_throw_of_more_than_dice(run, fitted, tmp_path):
    result = run("--assumptions", "fitted", "--out", "here")
    assert f"One run, no interval, with one of {SETS}: use --replications" in unwrapped(
        result.stdout
    )
    page = unwrapped(page_of(tmp_path / "here"))
    assert f"would give another number, and draw another of {SETS}." in page
