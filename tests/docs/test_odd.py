"""docs/ODD.md and docs/model.md are true to the code: they name what it holds, and nothing else."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase

import numpy as np
import pytest
from docutils.utils.math.latex2mathml import tex2mathml

from simulation import Crossings
from simulation.corridor import DESTINATIONS, ROUTES, Corridor, Leg, Place
from simulation.corridor.stages import SEGMENTS
from simulation.model.agents.authority import EVIDENCE_CLASSES, AuthorityBeliefs
from simulation.model.agents.migrant import MigrantColumns, State
from simulation.model.agents.smuggler import Role, SmugglerColumns, Status
from simulation.model.agents.unit import UnitColumns, UnitKind
from simulation.model.processes.building import _SETTLING_ROUNDS
from simulation.model.processes.channel import Sea
from simulation.model.processes.intelligence.report_queue import Reports
from simulation.model.processes.launching import Launches
from simulation.model.processes.tables import LegArrays, PairArrays, PlaceArrays
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.randomness import Decision
from simulation.scenario.levers.registry import PARTS, SECTIONS
from simulation.scenario.levers.sharing import SharingDay
from simulation.scenario.policy import PolicyDay
from simulation.scenario.schema import TABLES
from tests.docs.blocks import FENCE, ROOT, blocks_of
from tests.runs import scenario_from

TEXT = (ROOT / "docs" / "ODD.md").read_text(encoding="utf-8")
CODE = sorted((ROOT / "simulation").rglob("*.py"))


def attributes(thing: object) -> set[str]:
    return {name for name in vars(thing) if not name.startswith("_")}


FIELDS = {
    "MigrantColumns": set(MigrantColumns._fields),
    "SmugglerColumns": attributes(SmugglerColumns()) - {"count", "rows"},
    "PairArrays": set(PairArrays._fields),
    "UnitColumns": attributes(UnitColumns(np.zeros(1), np.zeros(1), np.zeros(1))),
    "AuthorityBeliefs": attributes(AuthorityBeliefs(1, 1, 1)),
    "Reports": set(Reports._fields),
    "Launches": set(Launches._fields),
    "Place": set(Place.__dataclass_fields__),
    "PlaceArrays": set(PlaceArrays._fields),
    "Leg": set(Leg.__dataclass_fields__),
    "LegArrays": set(LegArrays._fields),
    "Sea": set(Sea.__dataclass_fields__),
    "PolicyDay": set(PolicyDay.__dataclass_fields__) - {"others"} | {part.name for part in PARTS},
    "Sharing": set(SharingDay.__dataclass_fields__),
}
TABLE = re.compile(r"^<!-- fields: (\w+) -->\n\n((?:\|.*\n)+)", re.MULTILINE)
TABLES_OF_FIELDS = dict(TABLE.findall(TEXT))


def cells(table: str, column: int) -> list[str]:
    return [row.split("|")[column + 1].strip() for row in table.splitlines()[2:]]


@pytest.mark.parametrize("name", FIELDS | TABLES_OF_FIELDS)
def test_a_table_has_every_field_once(name):
    named = re.findall(r"`(\w+)`", " ".join(cells(TABLES_OF_FIELDS[name], 0)))
    assert sorted(named) == sorted(FIELDS[name])


def section(heading: str) -> str:
    """The text below a heading, to the next one of any level."""
    start = re.search(rf"^#+ {re.escape(heading)}$", TEXT, re.MULTILINE)
    assert start, heading
    following = re.search(r"^#+ ", TEXT[start.end() :], re.MULTILINE)
    return TEXT[start.end() :][: following.start() if following else None]


@pytest.fixture(scope="module")
def steps(tmp_path_factory) -> list[str]:
    """The steps of a day, in their order."""
    model = Crossings(scenario_from(tmp_path_factory.mktemp("day")), rng=1, scale=0.02, days=1)
    return ["calendar", *(step.name for step in model.order_of_the_day)]


def test_the_steps_are_those_of_the_day_in_their_order(steps):
    assert (
        re.findall(r"^\| `(\w+)` \|", section("Process overview and scheduling"), re.MULTILINE)
        == steps
    )


def test_every_process_is_named():
    written = {
        path.name for path in (ROOT / "simulation" / "model" / "processes").rglob("[a-z]*.py")
    }
    named = {name.rsplit("/", 1)[-1] for name in re.findall(r"`([\w/]+\.py)`", TEXT)}
    heading = "Process overview and scheduling"
    steps = {name.rsplit("/", 1)[-1] for name in re.findall(r"`([\w/]+\.py)`", section(heading))}
    missing = sorted(written - steps)
    assert not missing, f"docs/ODD.md, {heading}: name in the column *written in*: {missing}"
    assert named <= {path.name for path in CODE} | {"reference.py"}


def test_every_outcome_is_named():
    named = set(re.findall(r"`(\w+)`", section("Observation")))
    missing, unknown = sorted(set(OUTCOMES) - named), sorted(named - set(OUTCOMES))
    assert not missing, f"docs/ODD.md, Observation: add {missing}"
    assert not unknown, f"docs/ODD.md, Observation: no outcome is called {unknown}"


def test_every_lever_and_table_of_a_scenario_is_named():
    levers = set(re.findall(r"`(\w+)`", " ".join(cells(TABLES_OF_FIELDS["PolicyDay"], 1))))
    # what acts before the first day, and tables of the file
    others = {*SECTIONS, "entries", "future", "margin", "parameters", "weather"} - levers
    assert not others & {name for part in PARTS for name in part.sections}
    assert levers | others == {*SECTIONS, *TABLES}
    for other in (*others, "run"):
        assert f"`{other}`" in section("Environment"), f"docs/ODD.md, Environment: name `{other}`"


def test_every_kind_of_agent_state_and_evidence_is_named():
    words = set(re.findall(r"\w+", TEXT))
    for kind in (State, Role, Status, UnitKind):
        assert {member.name for member in kind} <= words
    assert {*SEGMENTS, *EVIDENCE_CLASSES, *ROUTES} <= words
    assert len(DESTINATIONS) == 6  # named in the table of migrants


def equations() -> list[str]:
    """Every equation of the page: blocks, and those in sentences."""
    blocks = [block.body for block in blocks_of(TEXT, "ODD.md") if block.language == "math"]
    return blocks + re.findall(r"\$([^$]+)\$", FENCE.sub("", TEXT))


def test_every_equation_can_be_shown():
    assert {block.language for block in blocks_of(TEXT, "ODD.md")} == {"math"}
    for equation in equations():
        tex2mathml(equation)


def drawn() -> set[str]:
    """Every decision the code asks the generator for."""
    decisions = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            owner = getattr(node, "value", None)
            if isinstance(node, ast.Attribute) and getattr(owner, "id", "") == "Decision":
                decisions.add(node.attr)
    return decisions


def test_every_draw_is_named_where_it_decides():
    named = set(re.findall(r"(?<![A-Za-z])[uz]'*_\\text\{(\w+)\}", TEXT))
    # which assumptions an experiment draws is no part of a run
    assert named == drawn() - {"ASSUMPTION"}
    assert named <= {decision.name for decision in Decision}


RECORDS = {record.name for record in load_parameters().records()}
GROUPS = {name.split(".")[0] for name in RECORDS}
NAMED = {
    name
    for name in re.findall(r"\b([a-z]+\.[a-z_*]+)", TEXT)
    if name.split(".")[0] in GROUPS and not name.endswith((".py", ".toml", ".md"))
}


def test_every_record_is_in_an_equation_or_beside_one():
    pairs = [(name, pattern) for name in RECORDS for pattern in NAMED if fnmatchcase(name, pattern)]
    assert {name for name, _ in pairs} == RECORDS, "a record is not named"
    assert {pattern for _, pattern in pairs} == NAMED, "a record is named that is not there"
    # only what exists four, five or twelve times over may be named by a pattern
    assert {name for name in NAMED if "*" in name} == {
        "sea.arrival_days_*",
        "entries.balkan_position_*",
        "entries.elsewhere_level_*",
        *(f"sharing.*_{end}" for end in SharingDay.__dataclass_fields__),
    }


def test_the_numbers_in_the_text_are_those_of_the_code(real_corridor: Corridor):
    authorities = real_corridor.authorities
    countries = sum(authority.kind == "country" for authority in authorities)
    text = " ".join(TEXT.split())
    true = (
        f"graph of {len(real_corridor.places)} places and {len(real_corridor.legs)} legs",
        f"{len(authorities)} authorities, {countries} of them countries, three of the UK",
        f"For {_SETTLING_ROUNDS} rounds",
    )
    missing = [words for words in true if words not in text]
    assert not missing, f"docs/ODD.md should say: {'; '.join(missing)}"
