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
from simulation.app.naming import in_page, named
from simulation.corridor import load_corridor
from simulation.parameters import Parameters, Record, load_parameters
from simulation.parameters.document import chosen, shown, span
from simulation.scenario.field_types import QUALITIES, Spending
from simulation.scenario.levers.funding import Funding
from simulation.scenario.levers.registry import LEVER_OF, PARTS
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.schema import ScenarioFile
from simulation.wording.quoting import number_of

#: a bound that only keeps a slip of the pen out
NO_BOUND = 1e12
#: what is spent on, and the record that says what a unit of it costs
COSTS = {kind: f"policy.cost_{kind}_unit_year" for kind in get_args(Spending)}


def limits(model: type[BaseModel], key: str) -> str:
    """The numbers a key may have, in words; empty if the schema sets no bounds."""
    field = _schema(model)["properties"].get(key, {})
    parts = (field, *field.get("anyOf", ()))
    numbers = [part for part in parts if part.get("type") in ("number", "integer")]
    bounds = numbers[0] if numbers else {}
    high = bounds.get("maximum", NO_BOUND)
    most = "" if high == NO_BOUND else f"at most {shown(high)}"
    if "exclusiveMinimum" in bounds:
        return ", ".join(filter(None, (f"above {shown(bounds['exclusiveMinimum'])}", most)))
    if "minimum" not in bounds:
        return most
    low = shown(bounds["minimum"])
    return f"{low} to {shown(high)}" if most else f"at least {low}"


def field_tip(model: type[BaseModel], key: str) -> str:
    """What a key of a scenario means, what it may be, and what it is when nothing is said.

    Args:
        model: The lever or table.
        key: The key as a file has it (`from`, not `from_`).
    """
    field = _schema(model)["properties"][key]
    bounds, most, default = limits(model, key), field.get("maxLength"), field.get("default")
    usual = isinstance(default, (int, str)) and not isinstance(default, bool) and default != ""
    parts = (
        _sentence(field.get("description", "").replace(" in quotes", "")),
        f"Allowed: {bounds}." if bounds else "",
        f"At most {most} characters." if most else "",
        f"Unless said otherwise: {in_page(str(default))}." if usual else "",
    )
    return " ".join(filter(None, parts))


def lever_tip(section: str) -> str:
    """What a kind of lever is."""
    return _paragraphs(section)[0]


def _paragraphs(section: str) -> list[str]:
    """The docstring of a lever: what it is, and then what the model does with it."""
    text = inspect.getdoc(LEVER_OF[section]) or ""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def lever_page(section: str, parameters: Parameters) -> dict[str, Any]:
    """The page of a kind of lever, from its class and the records.

    Args:
        section: Its section in a scenario.
        parameters: The assumptions in force.

    Returns:
        `what` it is; what the model `does` with it, in paragraphs; the quantities that it `sets`
        day by day; and `unknown`: of each assumption behind it, what it drives, and its value with
        range and source.
    """
    what, *does = _paragraphs(section)
    names = LEVER_OF[section].assumes
    records = chosen(parameters, names) if names else ()
    return {
        "what": what,
        "does": does,
        "sets": [part.does for part in PARTS if section in part.sections],
        "unknown": [
            [one.drives, f"{_assumed(one)} {_sentence(f'Source: {one.source}')}"] for one in records
        ],
    }


def level_tip(word: str, parameters: Parameters | None = None) -> str:
    """What a level of sharing is assumed to mean, with the range of each number.

    Args:
        word: One of the five levels.
        parameters: The assumptions in force; those of the records unless given.
    """
    assumed = parameters or load_parameters()
    records = {quality: assumed.record(f"sharing.{word}_{quality}") for quality in QUALITIES}
    parts = []
    for quality, record in records.items():
        what = _described(Sharing, quality).split(";")[0].rstrip(".?")
        value = ("yes" if record.value else "no") if record.is_switch else shown(record.value)
        fixed = record.is_switch or record.low == record.high
        parts.append(f"{what}: {value}" + ("" if fixed else f" ({span(record)})"))
    trust = ", ".join(dict.fromkeys(record.confidence for record in records.values()))
    return f"{word.capitalize()}. {'. '.join(parts)}. Confidence: {trust}."


def spending_tip(kind: str) -> str:
    """What a share of the money buys, and what a unit of it is assumed to cost."""
    what = _described(Funding, "spend_on").replace("sum to 1", "sum to 100%")
    record = load_parameters().record(COSTS[kind])
    return f"{what} {_sentence(record.drives)} {_assumed(record)}"


def _assumed(record: Record) -> str:
    """The value of a record, its range, and how sure that is."""
    value = f"{shown(record.value)} {record.unit} ({span(record)})"
    return f"Assumed: {value}. Confidence: {record.confidence}."


def start_tip(start: str) -> str:
    """What is laid over which scenario."""
    about = " ".join(shipped(start).description.split()) if start else ""
    first = re.split(r"(?<=[.!?]) ", about)[0]
    return f"{_described(ScenarioFile, 'extends')} {first}".strip()


def reset_tip(draft: Draft, changes: int) -> str:
    """What going back to the start takes away."""
    title = shipped(draft.start).title if draft.start else draft.title
    return f"Back to “{title}”. Takes out {number_of(changes, 'change')}."


def members_tip(code: str) -> str:
    """Who belongs to a group; the name of an authority that stands alone."""
    members = load_corridor().groups.get(code)
    if members is None:
        return named(code)
    return f"{named(code)}: {', '.join(named(member) for member in members)}"


def drop_tip(sentence: str) -> str:
    """What forgetting a lever of the start forgets."""
    return f"{_described(ScenarioFile, 'drop')} {sentence}"


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _described(model: type[BaseModel], key: str) -> str:
    return str(_schema(model)["properties"][key]["description"])


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
