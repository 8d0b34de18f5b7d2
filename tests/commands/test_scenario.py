"""`crossings scenario` as a planner meets it, and the door of `crossings` itself."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from simulation.scenario import load_scenario, shipped_scenarios, template
from simulation.scenario.levers.registry import SECTIONS
from tests.refusals import refusal, succeeded


def test_a_file_saved_by_a_windows_editor_is_read(crossings, tmp_path):
    text = "\ufeff" + 'title = "Mine"\nextends = "baseline"\n'.replace("\n", "\r\n")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8", newline="")
    assert crossings("scenario", "check", "mine.toml").output == "mine.toml: good (Mine)\n"


def test_a_link_that_leads_nowhere_is_not_suggested(crossings, tmp_path):
    (tmp_path / "mine.toml").symlink_to("gone.toml")
    assert refusal(crossings("scenario", "check", "mine.toml")) == "mine.toml: no such file"


def test_new_writes_a_file_that_is_good_and_is_not_overwritten(crossings, tmp_path):
    assert crossings("scenario", "new", "idea").exit_code == 0
    path = tmp_path / "idea.toml"
    written = path.read_text()
    assert crossings("scenario", "check", "idea.toml").exit_code == 0
    path.write_text(written + "# mine\n")
    refusal(crossings("scenario", "new", "idea"), "idea.toml", "exists already")
    assert path.read_text() == written + "# mine\n"


def test_new_leaves_no_half_a_file(crossings, tmp_path, monkeypatch):
    # half of it can be written, and the other half no file can hold
    monkeypatch.setattr(template, "TEMPLATE", "title\n" * 100_000 + "\ud800")
    refusal(crossings("scenario", "new", "idea"), "idea.toml: cannot be written: ")
    assert not (tmp_path / "idea.toml").exists()


def test_new_writes_to_a_file_or_the_screen(crossings, tmp_path):
    assert crossings("scenario", "new", "-o", "x.toml").exit_code == 0
    assert crossings("scenario", "new").stdout == (tmp_path / "x.toml").read_text()
    for bad in (["a/b"], ["..", "-o", "y.toml"], ["-o", "none/y.toml"]):
        refusal(crossings("scenario", "new", *bad))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.toml"]


def test_every_example_in_the_template_is_good(crossings, tmp_path):
    lines = []
    for line in template.TEMPLATE.splitlines():
        bare = line.removeprefix("# ")
        is_example = bare.startswith("[") or " = " in bare
        lines.append(bare if line.startswith("# ") and is_example else line)
    text = "\n".join(lines).replace("clear = ", "# clear = ")
    (tmp_path / "all.toml").write_text(text)
    succeeded(crossings("scenario", "check", "all.toml"))
    data = tomllib.loads(text)
    missing = [key for key in (*SECTIONS, "adaptation", "parameters") if not data.get(key)]
    assert not missing, f"simulation/scenario/template.py has no example of: {', '.join(missing)}"


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_a_resolved_scenario_is_the_same_scenario(crossings, tmp_path, name):
    shown = succeeded(crossings("scenario", "show", name, "--toml"))
    assert "extends" not in tomllib.loads(shown.stdout)
    path = tmp_path / "resolved.toml"
    path.write_text(shown.stdout)
    first, second = load_scenario(name), load_scenario(path)
    assert second.hash() == first.hash()
    assert (second.title, second.description) == (first.title, first.description)


def test_schema_is_a_json_schema_with_the_keys_as_written(crossings):
    schema = json.loads(crossings("scenario", "schema").stdout)
    assert "extends" in schema["properties"]
    assert "from" in schema["$defs"]["Sharing"]["properties"]
    assert "from_" not in schema["$defs"]["Sharing"]["properties"]


def test_list_names_every_shipped_scenario(crossings):
    lines = crossings("scenario", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped_scenarios())


@pytest.mark.parametrize("group", [[], ["scenario"]])
def test_help_cuts_no_summary(crossings, monkeypatch, group):
    monkeypatch.setenv("COLUMNS", "80")
    lines = crossings(*group, "--help").stdout.splitlines()
    commands = lines[lines.index("Commands:") + 1 :]
    assert len(commands) >= 2
    for line in filter(None, commands):
        if line == "For analysts:":
            continue
        assert re.search(r"[^.]\.$", line)
        assert len(line) <= 80


def test_the_next_command_is_told_as_it_is_typed_here(crossings, monkeypatch):
    monkeypatch.delenv("UV", raising=False)
    output = crossings("scenario", "new", "-o", "my question.toml").stdout
    assert output == ("Wrote my question.toml. Next: crossings scenario check 'my question.toml'\n")
    monkeypatch.setenv("UV", "/usr/bin/uv")
    output = crossings("scenario", "new", "-o", "b.toml").stdout
    assert output == "Wrote b.toml. Next: uv run crossings scenario check b.toml\n"
