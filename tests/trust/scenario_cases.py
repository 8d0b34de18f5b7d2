"""Scenario files as they should not be: mutated, drawn after the schema, or spoilt."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import tomli_w

from simulation.corridor import load_corridor, load_origins
from simulation.parameters import load_parameters
from simulation.scenario import shipped_scenarios
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import controls_of
from simulation.scenario.levers.registry import LEVERS, SECTIONS
from simulation.scenario.names import Names
from simulation.scenario.schema import ScenarioFile
from simulation.scenario.template import TEMPLATE
from tests.trust.values import (
    MARKUP,
    ODD_DAYS,
    ODD_NUMBERS,
    ODD_TEXTS,
    anything,
    day,
    near_miss,
    some,
    spoilt,
)

#: how often a drawn value is not what belongs there
WRONG = 0.03


@cache
def names() -> Names:
    """The names a scenario may use."""
    return Names.of(load_corridor(), load_origins().origins, load_parameters())


@cache
def texts() -> tuple[str, ...]:
    """Scenarios as people have them: all that are shipped, the template, and it without remarks."""
    shipped = [path.read_text(encoding="utf-8") for path in shipped_scenarios().values()]
    return (*shipped, TEMPLATE, TEMPLATE, in_use(TEMPLATE))


def in_use(template: str) -> str:
    """The template with every example in use."""
    return re.sub(r"^# (?=(\[|[a-z_]+ = |\"))", "", template, flags=re.MULTILINE)


# -- drawn after the schema -----------------------------------------------------------------------


#: key of a lever -> what belongs there, where its field alone does not say it
GOOD: dict[str, Callable[[Random], Any]] = {
    "name": lambda r: f"lever-{r.randrange(1000)}",
    "replaces": lambda r: f"lever-{r.randrange(1000)}",
    "announced": lambda r: day(r) - timedelta(days=600),
    "signed": lambda r: day(r) - timedelta(days=300),
    "to": lambda r: day(r) + timedelta(days=600),
    "spend_on": lambda r: r.choice(
        ({"analysis": 1}, {"investigation": 0.5, "coast_patrol": 0.5}, {"boat_supply": 1})
    ),
    "partner": lambda r: r.choice((*names().origins, "FR", "BE", "FR", "BE")),
    "place": lambda r: r.choice(("paris", "calais", "brussels", "nis")),
}


@cache
def _bounds(model: type[Lever], key: str) -> tuple[float, float]:
    """The least and the largest number that a field takes."""
    schema = model.model_json_schema()["properties"][key]
    numbers = next((one for one in schema.get("anyOf", ()) if "type" in one), schema)
    low = numbers.get("minimum", numbers.get("exclusiveMinimum", 0) + 1e-9)
    return low, numbers.get("maximum", 1e12)


def good(model: type[Lever], key: str, r: Random) -> Any:
    """A value that belongs to a key of a lever, worked out from its field."""
    if key in GOOD:
        return GOOD[key](r)
    one_of = model.form.one_of
    control = next((one for one in controls_of(model) if one.key == key), None)
    what = "number" if one_of is not None and key in one_of.ways else control and control.what
    if what in ("number", "whole"):
        low, high = _bounds(model, key)
        drawn = r.choice((low, high, low + r.random() * min(high - low, 60)))
        return max(round(drawn), math.ceil(low)) if what == "whole" else drawn
    assert control is not None, key
    many: dict[str, Callable[[], Any]] = {
        "name": lambda: names().of_kind(control.of),
        "word": lambda: control.words,
    }
    if what in many:
        choices = many[what]()
        return some(r, choices) if control.many else r.choice(choices)
    return {
        "pair": lambda: [r.choice(names().of_kind(control.of)) for _ in range(2)],
        "level": lambda: r.choice((*LEVEL_WORDS, 0, 1, round(r.random(), 3))),
        "date": lambda: day(r),
        "months": lambda: [f"20{r.randrange(21, 29)}-0{r.randrange(1, 10)}" for _ in range(2)],
        "switch": lambda: r.random() < 0.5,
        "yes_no": lambda: r.random() < 0.5,
        "money": lambda: {r.choice(("GBP", "EUR")): r.choice((0, 1e6, 75_000_000, 1e12))},
    }[str(what)]()


def _lever(r: Random, model: type[Lever]) -> dict[str, Any]:
    lever: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if field.is_required() or r.random() < 0.4:
            lever[key] = anything(r) if r.random() < WRONG else good(model, key, r)
    if model.__name__ == "Sharing" and not any(key in lever for key in ("level", "coverage")):
        lever["level"] = good(model, "level", r)
    if "ramp_days" in lever:
        lever.setdefault("from", day(r))
    if r.random() < WRONG and lever:
        key = r.choice(sorted(lever))
        lever[near_miss(r, key)] = lever.pop(key)
    return lever


def _tables(r: Random, data: dict[str, Any]) -> None:
    records = tuple(names().parameters.values())
    if r.random() < 0.3:
        data["sharing_default"] = {"level": r.choice(LEVEL_WORDS)}
    if r.random() < 0.3:
        keys = ("route", "price", "load", "recruitment", "going_dark", "beliefs")
        data["adaptation"] = {key: r.random() < 0.5 for key in some(r, keys)}
    if r.random() < 0.3:
        data["entries"] = {
            route: r.choice((0, 1, 20, round(r.random() * 20, 3)))
            for route in some(r, names().routes)
        }
    if r.random() < 0.3:
        data["parameters"] = {
            name: r.choice((0, 0.5, 1, True, r.choice(ODD_NUMBERS))) for name in some(r, records)
        }


def drawn(r: Random) -> bytes:
    """A file of levers drawn after the schema, of which a few values do not belong there."""
    data: dict[str, Any] = {"title": r.choice(("A case", "A case", *MARKUP))}
    if r.random() < 0.8:
        data["extends"] = r.choice((*shipped_scenarios(), *ODD_TEXTS, "mine", "beside"))
        data["extends"] = r.choice((data["extends"], "baseline", "baseline"))
    if r.random() < 0.5 or "extends" not in data:
        start = day(r)
        data["run"] = {"start": start, "end": start + timedelta(days=r.choice((0, 1, 90, 900)))}
        if r.random() < 0.3:
            data["run"]["warm_up_days"] = r.choice((0, 1, 180, 3650))
        if r.random() < 0.1:
            data["run"][r.choice(("start", "end"))] = r.choice(ODD_DAYS)
    if r.random() < 0.1:
        data["clear"] = some(r, (*SECTIONS, "parameters", "entries", "shairng"))
    if r.random() < 0.1:
        data["drop"] = some(r, ("serbian-operation-2023", "serbian-arrests-2023", "none"))
    _tables(r, data)
    for model in some(r, LEVERS):
        data.setdefault(model.section, []).append(_lever(r, model))
    if r.random() < 0.15:
        data[r.choice((*ScenarioFile.model_fields, near_miss(r, "sharing")))] = anything(r)
    return written(data)


def written(data: dict[str, Any]) -> bytes:
    """As TOML, whatever it holds."""
    try:
        return tomli_w.dumps(data).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError):  # a number of more digits than Python writes
        return repr(data).encode()


# -- mutations of good files ----------------------------------------------------------------------


def _literal(r: Random) -> str:
    value = anything(r, 1)
    return written({"x": value}).decode("utf-8", "replace").partition("=")[2].strip() or "x"


def mutated(r: Random) -> bytes:
    """A good file in which some lines are gone, doubled, moved or hold something else."""
    lines = r.choice(texts()).split("\n")
    for _ in range(1 + r.randrange(3)):
        at = r.randrange(len(lines))
        line = lines[at]
        key, sign, value = line.partition("=")
        kind = r.randrange(8)
        if kind == 0 and sign:
            lines[at] = f"{key}= {_literal(r)}"
        elif kind == 1:
            lines[at] = re.sub(r"\w+", lambda m: near_miss(r, m[0]), line, count=1)
        elif kind == 2 and sign:
            lines[at] = f"{key}={near_miss(r, value)}"
        elif kind == 3:
            del lines[at]
        elif kind == 4:
            lines.insert(r.randrange(len(lines)), line)
        elif kind == 5:
            lines[at] = line + r.choice(ODD_TEXTS + MARKUP)
        elif kind == 6:
            lines[at] = re.sub(r"\d+", lambda m: str(r.choice((int(m[0]) + 1, 0, 99, 13))), line)
        else:
            lines[at] = line.removeprefix("# ")
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def flipped(r: Random) -> bytes:
    """A good file with bytes gone wrong."""
    return spoilt(r, r.choice(texts()).encode())


def scenario_case(r: Random) -> tuple[str, bytes]:
    """The kind of a case, and the file."""
    kinds = {"drawn after the schema": drawn, "mutated": mutated, "bytes flipped": flipped}
    (kind,) = r.choices(list(kinds), (90, 71, 39))
    return kind, kinds[kind](r)
