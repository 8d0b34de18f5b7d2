"""What can be varied: the levers that declare it, and the tables of a scenario.

A lever declares its target in its own module; those of the tables are here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulation.errors import InputError
from simulation.parameters.records import unknown_parameter
from simulation.scenario import Scenario
from simulation.scenario.describe import RESPONSES, who_responds
from simulation.scenario.levers.declaration import SweepTarget, Value, known_name
from simulation.scenario.levers.registry import LEVERS
from simulation.scenario.names import Names
from simulation.scenario.schema import Adaptation


def _sharing_default(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    if rest:
        raise InputError(
            "sharing_default has no parts",
            allowed="sharing_default=LEVELS, or sharing.A-B=LEVELS for a pair",
        )

    def lay(data: dict[str, Any], value: Value) -> None:
        data["sharing_default"] = {"level": value}

    label = "Sharing of all pairs the scenario does not name"
    return SweepTarget("sharing_default", label, "level", "level", lay)


def _adaptation(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    name = known_name(rest, "response of smugglers", tuple(Adaptation.model_fields))

    def lay(data: dict[str, Any], value: Value) -> None:
        data["adaptation"] = {**data.get("adaptation", {}), name: value}

    label = f"{who_responds(name)} can {RESPONSES[name]}"
    return SweepTarget(f"adaptation.{name}", label, "", "switch", lay)


def _parameter(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    known = {record.name: record for record in names.parameters}
    if rest not in known:
        raise unknown_parameter(rest, known)
    record = known[rest]

    def lay(data: dict[str, Any], value: Value) -> None:
        number = int(value) if record.whole and value == int(value) else value
        data["parameters"] = {**data.get("parameters", {}), rest: number}

    return SweepTarget(
        f"parameters.{rest}",
        rest.replace("_", " ").replace(".", ": ", 1),
        "" if record.is_switch else record.unit,
        "switch" if record.is_switch else "number",
        lay,
        whole=record.whole,
        about=record.drives,
    )


def _entries(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    route = known_name(rest, "route", names.routes)

    def lay(data: dict[str, Any], value: Value) -> None:
        data["entries"] = {**data.get("entries", {}), route: value}

    label = f"People entering on the route {route}"
    return SweepTarget(f"entries.{route}", label, "times what was observed", "number", lay)


#: what stands before the first dot -> what it means
KINDS: dict[str, Callable[[str, Names, Scenario], SweepTarget]] = {
    "sharing_default": _sharing_default,
    "adaptation": _adaptation,
    "parameters": _parameter,
    "entries": _entries,
    **{lever.section: lever.vary.find for lever in LEVERS if lever.vary is not None},
}
