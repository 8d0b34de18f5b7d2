"""What a visitor or a scenario says is shown by the app as text, never as markup."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import simulation.app
from simulation.scenario import parse_scenario
from tests.trust.values import MARKUP

APP = Path(simulation.app.__file__).parent
RAW = re.compile(
    r"v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
)
#: what shows a text as markup, in Solara and in ipyvuetify
RAW_NAMES = {
    "HTML", "Markdown", "MarkdownIt", "unsafe_innerHTML", "unsafe_solara_execute", "template",
}  # fmt: skip


@pytest.mark.parametrize("file", sorted(APP.glob("*.vue")), ids=lambda file: file.name)
def test_no_component_takes_a_text_for_markup(file):
    assert not RAW.search(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", sorted(APP.glob("*.py")), ids=lambda file: file.name)
def test_no_code_of_the_app_does(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            words = {name, *(word.arg for word in node.keywords)}
            assert not RAW_NAMES & words, f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("title", MARKUP)
def test_a_title_is_carried_as_it_is_and_comes_back_the_same(title):
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    scenario = parse_scenario(f'title = "{quoted}"\nextends = "baseline"')
    assert scenario.title == title
    assert parse_scenario(scenario.resolved_toml()).title == title
    assert re.fullmatch(r"[a-z0-9-]+", scenario.slug)
