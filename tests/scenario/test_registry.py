"""A lever is one file: a new one is all that the rest needs.

The package is copied, a lever is written into the copy as somebody would add it, and the copy is
asked for it in a process of its own.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

import simulation
from simulation.parameters import load_parameters
from simulation.parameters.document import chosen
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import controls_of
from simulation.scenario.levers.registry import LEVERS, PARTS
from tests.patience import run

TOY = '''
"""The lever `lamps`: lamps at the coast, by which boats are seen."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from simulation.scenario.field_types import Authority, Positive
from simulation.scenario.levers.base import Timed
from simulation.scenario.levers.declaration import (
    Form, LeverGroup, PolicyPart, SweepTarget, add_lever, checked_name,
)


def _light(inputs, day):
    return sum((part * lever.brightness for lever, part in inputs.of(Lamps, day)), 0.0)


def _vary(rest, names, scenario):
    checked_name(rest, "authority or group", tuple(names.authorities))

    def lay(data: dict[str, Any], value) -> None:
        add_lever(data, "lamps", {"authority": rest, "brightness": value})

    return SweepTarget(f"lamps.{rest}", f"Lamps of {rest}", "lux", "number", lay)


LIGHT = PolicyPart(name="light", does="light on the beaches", value=_light)


class Lamps(Timed):
    """Lamps at the coast, by which boats are seen."""

    group: ClassVar = LeverGroup(heading="Lamps", panel="Lamps at the coast")
    template: ClassVar = """\\
# [[lamps]]
# authority = "FR"
# brightness = 3.0            # against the moon
"""
    form: ClassVar = Form(button="Add lamps", noun="lamps")
    parts: ClassVar = (LIGHT,)
    vary: ClassVar = _vary

    authority: Authority = Field(title="Whose lamps", description="Whose lamps.")
    brightness: Positive = Field(title="Brightness", description="Light against the moon.")

    def sentence(self) -> str:
        return f"{self.authority} lights its coast {self.brightness:g} times"
'''

ASK = """
import json, sys
from datetime import date
from pathlib import Path
from simulation.app.forms import entry_of, form_of
from simulation.corridor import load_corridor
from simulation.studies.vary import read_variables, varied
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, parse_scenario
from simulation.scenario.policy import first_difference
from simulation.scenario.levers.lamps import LIGHT, Lamps
from simulation.scenario.levers.pages import policy_table, with_keys
from simulation.scenario.policy import Levers
from click.testing import CliRunner
from simulation.cli import cli
import simulation

def ask(*arguments):
    result = CliRunner().invoke(cli, ["scenario", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout

new = ask("new")
used = new.replace("# [[lamps]]\\n# authority", "[[lamps]]\\nauthority")
Path("mine.toml").write_text(used.replace("# brightness", "brightness"), encoding="utf-8")
head = 'title = "Lamps"\\nextends = "baseline"\\n'
lamps = '[[lamps]]\\nauthority = "FR"\\nbrightness = 3.0\\nfrom = 2023-07-01\\n'
made, base = parse_scenario(head + lamps), load_scenario("baseline")
calendar = Levers(made, load_corridor(), load_parameters())
(variable,) = read_variables(["lamps.FR=1,2"], base)
found = {
    "package": simulation.__file__,
    "reads": [lever.brightness for lever in made.of(Lamps)],
    "form": entry_of("lamps", {"authority": "FR", "brightness": "3"}),
    "about": form_of("lamps")["about"],
    "varied": [varied(base, [(variable, value)]).of(Lamps)[0].brightness
               for value in variable.values],
    "light": [LIGHT.of(calendar.on(day)) for day in (date(2023, 6, 30), date(2023, 7, 1))],
    "shared": first_difference(
        calendar, Levers(base, load_corridor(), load_parameters()), date(2023, 6, 1), 60),
    "page": with_keys(Path(sys.argv[1]).read_text(encoding="utf-8")),
    "policy": policy_table(),
    "commands": {
        "new": new, "check": ask("check", "mine.toml"), "schema": json.loads(ask("schema")),
        "show": ask("show", "--no-resources", "mine.toml"),
    },
    "background": hasattr(calendar, "background") and list(calendar.background.of(Lamps)),
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the package with one file more."""
    folder = tmp_path_factory.mktemp("copy")
    source = Path(simulation.__file__).parent
    shutil.copytree(source, folder / "simulation", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(source.parent / "scenarios", folder / "scenarios")
    levers = folder / "simulation" / "scenario" / "levers"
    (levers / "lamps.py").write_text(TOY.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def answers(copy) -> dict:
    page = Path(__file__).parents[2] / "docs" / "scenarios.md"
    done = run(
        [sys.executable, "-c", ASK, str(page)], cwd=copy,
        env={"PYTHONPATH": str(copy), "PATH": "/usr/bin:/bin", "HOME": str(copy)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_all_that_is_made_from_levers_has_it(copy, answers):
    assert Path(answers["package"]).parent == copy / "simulation"
    expected = {
        "reads": [3.0],
        "light": [0.0, 3.0],
        "shared": 30,  # days before it begins
        "background": [],
        "form": {"authority": "FR", "brightness": 3},
        "varied": [1.0, 2.0],
    }
    assert {key: answers[key] for key in expected} == expected
    assert answers["about"] == "Lamps at the coast, by which boats are seen."


@pytest.mark.slow
def test_the_pages_have_its_section_and_its_part(answers):
    section = answers["page"].partition("\n### lamps\n")[2].partition("\n## ")[0]
    assert "Lamps at the coast, by which boats are seen.\n" in section
    assert "| `brightness` | light against the moon |\n" in section
    assert '```toml part\n[[lamps]]\nauthority = "FR"\nbrightness = 3.0\n```' in section
    assert "[lamps](#lamps)\n- [What smugglers" in answers["page"]
    assert "| `light` | `lamps` | light on the beaches |" in answers["policy"]


@pytest.mark.slow
def test_the_command_line_knows_it(answers):
    commands = answers["commands"]
    assert "# ---- Lamps ---" in commands["new"]
    assert "# [[lamps]]\n" in commands["new"]
    assert "good" in commands["check"]
    assert "FR lights its coast 3 times." in commands["show"]
    assert "lamps" in commands["schema"]["properties"]
    assert set(commands["schema"]["$defs"]["Lamps"]["required"]) == {"authority", "brightness"}


# -- those that are there --------------------------------------------------------------


@pytest.mark.parametrize("kind", LEVERS, ids=lambda kind: kind.section)
def test_a_lever_declares_all_that_is_made_from_it(kind: type[Lever]):
    assert kind.form.button
    assert kind.form.noun
    keys = {field.alias or name for name, field in kind.model_fields.items()}
    one_of = set(kind.form.one_of.ways) if kind.form.one_of else set()
    assert {control.key for control in controls_of(kind)} | one_of == keys
    named = {key for keys_ in kind.form.unused.values() for key in keys_}
    assert named | set(kind.form.rarely) | set(kind.form.start) <= keys


@pytest.mark.parametrize("kind", LEVERS)
def test_a_lever_assumes_what_its_module_reads(kind: type[Lever]):
    records = load_parameters()
    beside = [one for one in LEVERS if one.__module__ == kind.__module__]
    assumed = {one.name for lever in beside for one in chosen(records, lever.assumes or ("sea",))}
    module = inspect.getsource(sys.modules[kind.__module__])
    read = {name for name in records.values() if re.search(rf"\b{re.escape(name)}\b", module)}
    assert read <= assumed


def test_parts_and_sections_have_names_of_their_own():
    assert len({kind.section for kind in LEVERS}) == len(LEVERS)
    assert len({part.name for part in PARTS}) == len(PARTS)
