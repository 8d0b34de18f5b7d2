"""Tool tips: what a control means, from the scenario's schema and the records of assumptions.

None is written by hand: a key of a scenario is explained here as in `crossings scenario schema`, an
assumption as in `crossings parameters`.
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from simulation.app.draft import Draft, shipped
from simulation.app.naming import corridor, in_page, named
from simulation.parameters import Parameters, load_parameters
from simulation.parameters.document import shown, span
from simulation.scenario.describe import lower_first
from simulation.scenario.field_types import QUALITIES, Spending
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.funding import Funding
from simulation.scenario.levers.registry import LEVER_OF
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.scenario import Scenario
from simulation.scenario.schema import Adaptation, Future, ScenarioFile

#: a bound that only keeps a slip of the pen out
NO_BOUND = 1e12
#: what is spent on, and the record that says what a unit of it costs
COSTS = {kind: f"policy.cost_{kind}_unit_year" for kind in get_args(Spending)}


def limits(model: type[BaseModel], key: str) -> str:
    """The numbers a key may have, in words; empty if the schema sets no bounds."""
    bounds = _numbers(_schema(model)["properties"].get(key, {}))
    low, high = bounds.get("minimum"), bounds.get("maximum")
    if high == NO_BOUND:
        high = None
    if "exclusiveMinimum" in bounds:
        above = f"above {shown(bounds['exclusiveMinimum'])}"
        return above if high is None else f"{above}, at most {shown(high)}"
    if low is not None and high is not None:
        return f"{shown(low)} to {shown(high)}"
    if low is not None:
        return f"at least {shown(low)}"
    return "" if high is None else f"at most {shown(high)}"


def field_tip(model: type[BaseModel], key: str) -> str:
    """What a key of a scenario means, what it may be, and what it is when nothing is said.

    Args:
        model: The lever or table.
        key: The key as a file has it (`from`, not `from_`).
    """
    field = _schema(model)["properties"][key]
    parts = [_sentence(str(field.get("description", "")).replace(" in quotes", ""))]
    bounds = limits(model, key)
    parts.append(f"Allowed: {bounds}." if bounds else "")
    most = field.get("maxLength")
    parts.append(f"At most {most} characters." if most else "")
    default = field.get("default")
    if isinstance(default, (int, str)) and not isinstance(default, bool) and default != "":
        parts.append(f"Unless said otherwise: {in_page(str(default))}.")
    return " ".join(part for part in parts if part)


def lever_tip(section: str) -> str:
    """What a kind of lever is."""
    return inspect.getdoc(LEVER_OF[section]).split("\n\n")[0].replace("\n", " ")  # type: ignore[union-attr]


def level_tip(word: str, parameters: Parameters | None = None) -> str:
    """What a level of sharing is assumed to mean, with the range of each number.

    Args:
        word: One of the five levels.
        parameters: The assumptions in force; those of the records unless given.
    """
    known = parameters or load_parameters()
    records = {quality: known.record(f"sharing.{word}_{quality}") for quality in QUALITIES}
    parts = []
    for quality, record in records.items():
        what = _schema(Sharing)["properties"][quality]["description"].split(";")[0].rstrip(".?")
        value = ("yes" if record.value else "no") if record.is_switch else shown(record.value)
        fixed = record.is_switch or record.low == record.high
        parts.append(f"{what}: {value}" + ("" if fixed else f" ({span(record)})"))
    trust = ", ".join(dict.fromkeys(record.confidence for record in records.values()))
    return f"{word.capitalize()}. {'. '.join(parts)}. Confidence: {trust}."


def as_it_is_tip(start: str) -> str:
    """What "as it is" gives back."""
    title = shipped(start).title if start else "the file itself"
    return f"As in the start: {title}."


def record_tip(name: str) -> str:
    """An assumed number, its range, and how far it can be trusted."""
    record = load_parameters().record(name)
    return (
        f"{_sentence(record.drives)} Assumed: {shown(record.value)} {record.unit}"
        f" ({span(record)}). Confidence: {record.confidence}."
    )


def spending_tip(kind: str) -> str:
    """What a share of the money buys, and what a unit of it costs."""
    what = _schema(Funding)["properties"]["spend_on"]["description"]
    return f"{what.replace('sum to 1', 'sum to 100%')} {record_tip(COSTS[kind])}"


def response_tip(name: str) -> str:
    """What smugglers no longer do when a response is switched off."""
    return field_tip(Adaptation, name)


def future_tip() -> str:
    """What the futures are."""
    return field_tip(Future, "path")


def start_tip(start: str) -> str:
    """What is laid over which scenario."""
    what = _schema(ScenarioFile)["properties"]["extends"]["description"]
    about = " ".join(shipped(start).description.split()) if start else ""
    first = re.split(r"(?<=[.!?]) ", about)[0]
    return f"{what} {first}".strip()


def reset_tip(made: Draft, changes: int) -> str:
    """What going back to the start takes away."""
    title = shipped(made.start).title if made.start else made.title
    noun = "change" if changes == 1 else "changes"
    return f"Back to “{title}”. Takes out {changes} {noun}."


def title_tip() -> str:
    """What the title of a what-if may be."""
    return field_tip(Scenario, "title")


def members_tip(code: str) -> str:
    """Who belongs to a group; the name of an authority that stands alone."""
    members = corridor().groups.get(code)
    if members is None:
        return named(code)
    return f"{named(code)}: {', '.join(named(member) for member in members)}"


def remove_tip(sentence: str) -> str:
    """What taking a lever out takes out."""
    return f"Take out: {lower_first(sentence)}"


def drop_tip(sentence: str) -> str:
    """What forgetting a lever of the start forgets."""
    what = _schema(ScenarioFile)["properties"]["drop"]["description"]
    return f"{what} {sentence}"


def all_level_tips(parameters: Parameters | None = None) -> dict[str, str]:
    """The tips of the five levels, in rising order."""
    return {word: level_tip(word, parameters) for word in LEVEL_WORDS}


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _numbers(field: dict[str, Any]) -> dict[str, Any]:
    """The bounds of a number somewhere in the schema of a key."""
    for part in (field, *field.get("anyOf", ())):
        if part.get("type") in ("number", "integer"):
            return part
    return {}


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
