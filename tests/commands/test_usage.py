"""A mistake on the command line is one line that names the option, and the door opens anyhow."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from simulation.cli import cli
from tests.refusals import refusal

ROOT = Path(__file__).parents[2]

MISTAKES = {
    "half a day": (["run", "baseline", "--days", "1.5"],
     '--days = "1.5": not a whole number; allowed: digits only, such as 12'),
    "a seed in powers of ten": (["run", "baseline", "--seed", "1e30"],
     '--seed = "1e30": not a whole number; allowed: digits only, such as 12'),
    "a word for a number": (["run", "baseline", "--scale", "it's"],
     '--scale = "it\'s": not a number; allowed: a number such as 0.5'),
    "an option misspelt": (
        ["run", "baseline", "--replicatoins", "3"],
        "--replicatoins: unknown option; allowed: --days, --seed, --replications, --scale, "
        '--assumptions, --out, --workers, --quiet, --json, --help; did you mean "--replications"?',
    ),
    "an option of no command": (["--versio"],
     '--versio: unknown option; allowed: --version, --help; did you mean "--version"?'),
    "no scenario": (["run"],
     "SCENARIO: missing; allowed: a scenario file, or a name from crossings scenario list"),
    "nothing to compare with": (["compare", "history"], "crossings compare BASELINE history"),
    "compared with the same": (["compare", "baseline"],
     'extends = "history": has the same policies over its days'),
    "no file": (["scenario", "show"],
     "FILE: missing; allowed: crossings scenario show [OPTIONS] FILE"),
    "an option without its value": (["run", "baseline", "--seed"], "--seed: needs a value"),
    "a switch with a value": (["run", "baseline", "--quiet=1"],
     "--quiet: is a switch and takes no value"),
    "an argument too many": (["run", "baseline", "full-sharing"],
     '"full-sharing": unexpected argument; allowed: crossings run [OPTIONS] SCENARIO'),
    "a choice misspelt": (
        ["compare", "baseline", "full-sharing", "--assumptions", "range"],
        '--assumptions = "range": unknown word; allowed: records, ranges, fitted; did you mean '
        '"ranges"?',
    ),
    "a command misspelt": (["scenari"], 'did you mean "scenario"?'),
    "a command of a group misspelt": (["scenario", "chekc"],
     '"chekc": no such command; allowed: check, list, new, schema, show; did you mean "check"?'),
    "no command at all": (["nope"], '"nope": no such command; allowed: run, compare, '),
    "a folder without a name": (["compare", "baseline", "full-sharing", "--out", ""],
     '--out = "": no name of a folder; allowed: the name of a folder; . is the one you are in'),
    "a folder with a name too long": (["compare", "baseline", "full-sharing", "--out", "x" * 300],
     "the folder cannot be used (file name too long)"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_writes_nothing(crossings, tmp_path, name):
    arguments, text = MISTAKES[name]
    refusal(crossings(*arguments), text)
    assert list(tmp_path.iterdir()) == []


#: command -> share of the people it runs with unless told otherwise
SCALES = {"run": 1.0, "compare": 1.0, "backtest": 1.0}
SCALES |= dict.fromkeys(("agreements", "discover", "sensitivity", "sweep"), 0.1)


@pytest.mark.parametrize("name", SCALES)
def test_studies_of_many_runs_have_a_tenth_of_the_people_unless_told(name):
    command = cli.get_command(click.Context(cli), name)
    (scale,) = (option for option in command.params if option.name == "scale")
    assert scale.default == SCALES[name]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("module", ["simulation", "simulation.entrypoint"])
def test_the_package_is_the_command(module):
    done = python("-m", module, "scenario", "list")
    assert done.returncode == 0
    assert done.stdout.startswith("baseline")
    assert python("-m", module, "nope").stderr.startswith('"nope": no such command')


def test_the_module_of_the_command_line_does_not_pretend_to_be_the_command():
    done = python("-m", "simulation.cli", "scenario", "list")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "This module is not the command: use crossings, or python -m simulation.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["scenario"]])
def test_no_command_asks_for_help(crossings, arguments):
    result = crossings(*arguments)
    assert "Commands:" in result.output


@pytest.mark.parametrize(
    ("arguments", "goes_on"),
    [
        (("run", "baseline"), True),
        (("compare", "baseline", "full-sharing"), True),
        (("fit",), True),
        (("scenario", "new"), False),
        (("parameters",), False),
        (("report", "."), False),
    ],
)
def test_on_a_full_disk_only_what_runs_says_that_it_goes_on(
    crossings, monkeypatch, arguments, goes_on
):
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "there")

    command = cli.get_command(click.Context(cli), arguments[0])
    monkeypatch.setattr(command, "invoke", full)
    result = crossings(*arguments)
    refusal(result)
    assert result.stderr.startswith("there: cannot be written (No space left on device)")
    assert ("the same command goes on from there" in result.stderr) == goes_on
