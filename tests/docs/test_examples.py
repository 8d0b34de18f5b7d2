"""The examples in the pages load, show every key there is, and name only what exists."""

from __future__ import annotations

import re
import tomllib

import pytest

from simulation.corridor import Corridor, load_origins
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.levers.pages import main, with_keys, with_policy
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.schema import ScenarioFile
from tests.docs.blocks import PAGES, ROOT, all_blocks

CHILD = 'title = "An example"\nextends = "baseline"\n'


def examples() -> list[pytest.param]:
    """Every TOML block: a whole file, or a part of one that extends the baseline."""
    return [
        pytest.param(block.kind, block.body, id=block.where)
        for block in all_blocks()
        if block.language == "toml"
    ]


def whole(kind: str, body: str) -> str:
    return CHILD + body if kind == "part" else body


@pytest.mark.parametrize(("kind", "body"), examples())
def test_an_example_loads_and_changes_something(kind, body, tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(whole(kind, body), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.parent is not None
    words = {"title", "description"}
    changed = scenario.model_dump(exclude=words) != scenario.parent.model_dump(exclude=words)
    # the baseline says this too
    assert changed or tomllib.loads(body) == {"sharing_default": {"level": "none"}}


def keys_of_schema() -> set[tuple[str, str]]:
    """(section, key) of everything a file may say."""
    schema = ScenarioFile.model_json_schema(by_alias=True)
    keys = {("", key) for key in schema["properties"]}
    for section, about in schema["properties"].items():
        for name in re.findall(r"#/\$defs/(\w+)", str(about)):
            keys |= {(section, key) for key in schema["$defs"][name].get("properties", {})}
    return keys


def keys_of_examples() -> set[tuple[str, str]]:
    keys = set()
    for example in examples():
        for section, value in tomllib.loads(whole(*example.values)).items():
            keys.add(("", section))
            for table in value if isinstance(value, list) else [value]:
                if isinstance(table, dict):
                    keys |= {(section, key) for key in table}
    return keys


def test_every_key_has_an_example():
    # of all levers alike: shown for some
    levers = {"name", "announced", "signed", "from", "to", "ramp_days", "replaces"}
    shown = keys_of_examples()
    missing = {(section, key) for section, key in keys_of_schema() - shown if key not in levers}
    assert not missing
    assert levers <= {key for _, key in shown}
    assert ("sharing", "third_party") in keys_of_schema()  # the schema is read as it is meant


@pytest.mark.parametrize("section", SECTIONS)
def test_every_lever_is_described_and_can_be_cleared(section, tmp_path):
    levers = []
    for number, example in enumerate(examples()):
        text = whole(*example.values)
        if f"[[{section}]]" in text:
            path = tmp_path / f"{number}.toml"
            path.write_text(text, encoding="utf-8")
            own = len(tomllib.loads(text)[section])
            levers += getattr(load_scenario(path), section)[-own:]
    assert levers, f"docs/scenarios.md has no example of [[{section}]]"
    for lever in levers:
        assert f"{type(lever).__name__}(" not in lever.in_words()
    path = tmp_path / "cleared.toml"
    path.write_text(f'clear = ["{section}"]\n{CHILD}', encoding="utf-8")
    assert getattr(load_scenario(path), section) == ()


def test_the_page_of_scenarios_names_everything(real_corridor: Corridor):
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`([^`\n]+)`", text[text.index("## Names") :]))
    existing = {authority.code for authority in real_corridor.authorities}
    existing |= set(real_corridor.groups) | set(load_origins().origins)
    existing |= {place.route for place in real_corridor.places if place.route}
    assert existing <= names
    assert {name for name in names - existing if "/" not in name} == set()


def test_the_pages_name_only_parameters_that_exist():
    parameters = load_parameters()
    groups = {record.name.split(".")[0] for record in parameters.records()}
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`(\w+\.(?!py`)\w+)`", page.read_text(encoding="utf-8"))
        if name.split(".")[0] in groups
    }
    assert len(named) > 10
    assert all(map(parameters.record, named))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings}
            assert heading in slugs, link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_a_page_names_exist(page):
    for name in re.findall(r"`([\w./-]+/[\w./-]*)`", page.read_text(encoding="utf-8")):
        if name.startswith(("simulation/", "scenarios/", "docs/", "tests/", "benchmarks/", ".ci/")):
            assert (ROOT / name).exists(), name


def test_the_page_of_the_model_names_only_modules_that_exist():
    notes = re.findall(
        r"^\*Where: (.+?)\*$",
        (ROOT / "docs" / "model.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    named = set()
    for note in notes:
        folder = ""
        for path in re.findall(r"`([^`]+)`", note):
            if "/" in path:
                folder = path.rsplit("/", 1)[0]
            named.add(path if "/" in path else f"{folder}/{path}")
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_page_of_results_explains_every_outcome():
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| ([^|]+) \|",
        text[text.index("## Outcomes") : text.index("## Tables")],
        re.MULTILINE,
    )
    missing = sorted(set(OUTCOMES) - {name for name, _, _ in rows})
    assert not missing, f"docs/results.md: add rows under Outcomes: {missing}"
    assert {name: kind for name, kind, _ in rows} == {n: o.kind for n, o in OUTCOMES.items()}
    units = {name: unit.split(" (")[0] for name, _, unit in rows}
    assert units == {name: outcome.unit for name, outcome in OUTCOMES.items()}


# -- tables of levers are those of the registry ----------------------------------------------------

DOCS = ROOT / "docs"
HOW = "uv run python -m simulation.scenario.levers.pages docs"
RENEWED = {"scenarios.md": with_keys, "ODD.md": with_policy}


@pytest.mark.parametrize("name", RENEWED)
def test_the_tables_are_those_of_the_registry(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    assert RENEWED[name](text) == text, f"docs/{name}: write it again with {HOW}"


def test_every_lever_has_its_table_its_heading_and_its_link():
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- keys: (\w+) -->", text) == list(SECTIONS)
    levers = text[text.index("\n## Levers") : text.index("\n## What smugglers")]
    assert re.findall(r"^### (\w+)$", levers, re.MULTILINE) == list(SECTIONS)
    links = re.findall(r"\[(\w+)\]\(#(\w+)\)", text[: text.index("\n## The file")])
    assert [name for name, heading in links if name == heading] == list(SECTIONS)


def test_an_old_table_is_written_again(tmp_path):
    for name in RENEWED:
        text = (DOCS / name).read_text(encoding="utf-8")
        old = text.replace("| search effort before", "| old").replace(
            "| multiplies effort on lor", "| old"
        )
        assert old != text
        (tmp_path / name).write_text(old, encoding="utf-8")
    main(tmp_path)
    for name in RENEWED:
        assert (tmp_path / name).read_bytes() == (DOCS / name).read_bytes()
