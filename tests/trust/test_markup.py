"""Nothing a scenario says becomes a part of a page, of a chart, or of a command line."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simulation.model.corridor_model
from simulation.cli import cli
from simulation.report.experiment import write_experiment_report
from simulation.report.run import write_report
from tests import every_kind
from tests.answering import FIRST, Answering
from tests.trust.markup import Parts, commands, injected
from tests.trust.values import MARKUP

#: stands for the text of a scenario in results, and is replaced by what is tried
HERE = "Qwertz"
#: the name of a file a shell must not take apart
FILE = "my $(touch injected) & `x` '\"<b>.toml"


class Experiment(NamedTuple):
    """An experiment with its page, whose scenarios say `HERE`."""

    kind: str
    folder: Path
    page: str
    skeleton: list[tuple[str, tuple[str, ...]]]


def scenario(folder: Path, name: str, text: str) -> None:
    titled = re.sub('title = ".*"', f'title = "{HERE} {len(name)}"', text)
    (folder / name).write_text(titled.replace("Two months", HERE), encoding="utf-8")


#: the kinds that have a page with charts, and say something of a scenario
KINDS = [
    kind
    for kind, pages in every_kind.PAGES.items()
    if pages == ("report.html",) and kind not in ("emulator", "reach")
]


@pytest.fixture(scope="module", params=every_kind.each(KINDS))
def experiment(request, tmp_path_factory) -> Experiment:
    """One experiment of each kind, run from a file with an evil name."""
    folder = tmp_path_factory.mktemp(request.param)
    asked = "base.toml" if request.param == "sweep" else "policy.toml"
    words = [FILE if word == asked else word for word in every_kind.COMMANDS[request.param]]
    answers = ("--only", FIRST) if request.param == "discover" else ()  # so that there are regions
    arguments = [*words, *answers, "--out", "out", "--workers", "1"]
    # taken back in the reverse order, or the stand-in would stay
    with every_kind.stood_in(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(simulation.model.corridor_model, "simulate", Answering(chance=30.0))
        scenario(folder, "base.toml", every_kind.BASE)
        scenario(folder, FILE, f'description = "{HERE}"\n{every_kind.POLICY}')
        patch.setattr(sys, "argv", ["crossings", *arguments])
        result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert not list(folder.glob("injected*"))
    return Experiment(request.param, folder / "out", page, Parts(page).skeleton())


def again(experiment: Experiment, text: str, folder: Path) -> str:
    """The page as it would be if the scenarios said this."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(experiment.folder, folder)
    for path in folder.rglob("*"):
        if path.suffix == ".json":
            content = path.read_text(encoding="utf-8")
            path.write_text(content.replace(HERE, json.dumps(text)[1:-1]), encoding="utf-8")
        elif path.suffix == ".toml":
            path.write_text(path.read_text(encoding="utf-8").replace(HERE, text), encoding="utf-8")
    (write_report if experiment.kind == "run" else write_experiment_report)(folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_page_shows_what_the_scenario_says_and_a_shell_takes_a_file_as_one_word(experiment):
    assert experiment.page.count(HERE) >= 3  # or nothing below would be tested
    assert injected(experiment.page) == []
    words = commands(experiment.page)
    assert words
    assert all(FILE in command for command in words)


#: several in one text, as letters are escaped one by one; an address only counts where it begins
TEXTS = (*(" ".join(MARKUP[n::3]) for n in range(3)), "javascript:alert(1)")


@pytest.mark.parametrize("text", TEXTS)
def test_markup_stays_text(experiment, tmp_path, text):
    page = Parts(again(experiment, text, tmp_path / "again"))
    assert injected(page) == []
    assert page.skeleton() == experiment.skeleton


PIECES = st.sampled_from(
    ("<", ">", "&", '"', "'", "/", "!--", "script", "img src=x onerror=", "svg", "a href=", "b",
     "style", "</", "&lt;", "&#60;", "]]>", "$", "{", "}", "\\", "\u2028", "é", " ", "<a href='x'>")
)  # fmt: skip


@pytest.mark.full
@settings(max_examples=110, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, min_size=1, max_size=20))
def test_no_text_of_a_thousand_changes_what_a_page_is_made_of(experiment, tmp_path, pieces):
    page = Parts(again(experiment, "".join(pieces), tmp_path / "again"))
    assert injected(page) == []
    assert page.skeleton() == experiment.skeleton
