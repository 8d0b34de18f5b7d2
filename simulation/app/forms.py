"""Forms of a what-if: one for each lever and each table of a scenario file, from its JSON schema.

What cannot be a number is refused here, in words; all else is left to the checks of a scenario, so
that it is refused as on the command line.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from simulation.app.draft import Draft, Entry, shipped
from simulation.app.naming import Item, in_page, name_items, word_items
from simulation.errors import InputError
from simulation.scenario.levers.registry import LEVER_OF
from simulation.scenario.schema import Adaptation, Future, Run, SharingDefault

#: tables of a scenario file, which it has once
TABLES: dict[str, type[BaseModel]] = {
    "run": Run, "sharing_default": SharingDefault, "adaptation": Adaptation, "future": Future,
}  # fmt: skip
#: keys that stand last in a form: days, of which most levers have the same
_DAYS = ("from", "to", "ramp_days")
#: keys that are set in a file only
_IN_FILES = ("name", "announced", "signed", "replaces", "draw", "warm_up_days")
#: keys that hold names -> what they name; of one lever with its section
_NAMES = {
    "authority": "authority", "beneficiary": "authority", "partner": "authority",
    "between": "authority", "place": "place", "places": "place", "legs": "leg",
    "origins": "origin", "route": "route", "returns.partner": "origin",
}  # fmt: skip
#: a field of a form: its `key`, `label`, `hint`, `kind` of input (`choice`, `date`, `month`,
#: `number` or `text`), `items` to choose from, whether it is `needed` or takes `many`, its `least`
#: and `most`
Field = dict[str, Any]
#: what a form holds: texts as typed and lists of what is chosen, by key
Typed = Mapping[str, Any]


def sections() -> list[Item]:
    """The levers and tables that there is a form for."""
    return [{"text": in_page(one).capitalize(), "value": one} for one in (*LEVER_OF, *TABLES)]


@cache
def form_of(section: str) -> dict[str, Any]:
    """The form of a lever or a table: what it is `about`, and its `fields`.

    A key that holds several numbers has a field for each, such as `amount.GBP`.
    """
    model = LEVER_OF.get(section) or TABLES[section]
    schema = model.model_json_schema(by_alias=True)
    needed = schema.get("required", ())
    fields = [
        field
        for key, spec in schema["properties"].items()
        if key not in _IN_FILES
        for field in _fields(section, key, spec, schema.get("$defs", {}), key in needed)
    ]
    fields.sort(key=lambda field: field["key"] in _DAYS)
    about = (inspect.getdoc(model) or "").split("\n\n")[0]
    return {"about": " ".join(about.split()), "fields": fields}


def _fields(
    section: str, key: str, spec: Mapping[str, Any], defs: Mapping[str, Any], needed: bool
) -> Iterator[Field]:
    """The fields of a key, by its schema; one for each of its parts where it has some."""
    of: dict[str, Any] = {}
    for part in (spec, *spec.get("anyOf", ())):
        if part.get("type") != "null":
            of |= defs[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    items, title = _items(section, key, of), str(spec.get("title", ""))
    kind = _INPUTS.get(of.get("format") or of.get("type", ""), "text")
    field = {
        "key": key,
        "label": in_page(key).capitalize() if title == in_page(key).title() else title,
        "hint": spec.get("description", ""),
        "kind": "choice" if items else kind,
        "items": items,
        "needed": needed,
        "many": of.get("type") == "array",
        "least": of.get("minimum"),
        "most": of.get("maximum"),
    }
    parts = [*of.get("properties", of.get("propertyNames", {}).get("enum", ()))]
    if "prefixItems" in of:
        parts = ["first", "second"]
        field |= {"kind": "choice" if items else "month", "many": False}
    elif parts:
        field |= {"kind": "number", "needed": False}
    if not parts:
        yield field
    for part in parts:
        yield {**field, "key": f"{key}.{part}", "label": f"{field['label']}: {in_page(part)}"}


_INPUTS = {"date": "date", "number": "number", "integer": "number"}


def _items(section: str, key: str, of: Mapping[str, Any]) -> list[Item]:
    """What can be chosen for a key; nothing where it is typed."""
    if of.get("type") == "boolean":
        return word_items(("yes", "no"))
    if names := _NAMES.get(f"{section}.{key}", _NAMES.get(key)):
        return name_items(names)
    return word_items([of["const"]] if "const" in of else of.get("items", of).get("enum", ()))


def entry_of(section: str, typed: Typed) -> Entry:
    """A lever or a table as a scenario file would say it, from what its form holds.

    Args:
        section: The section of the lever, or the name of the table.
        typed: What is typed and chosen; what is empty is not said.

    Raises:
        InputError: Something that is needed is missing, or something typed is no number.
    """
    entry: dict[str, Any] = {}
    for field in form_of(section)["fields"]:
        value = typed.get(field["key"])
        if value in (None, "", []):
            if field["needed"]:
                raise InputError("missing", key=field["label"])
            continue
        key, _, part = field["key"].partition(".")
        value = _value(field, value)
        if part in ("first", "second"):
            entry.setdefault(key, []).append(value)
        elif part:
            entry.setdefault(key, {})[part] = value
        else:
            entry[key] = value
    return entry


def _value(field: Field, value: Any) -> Any:
    """What stands for a typed value in a scenario file."""
    if field["many"]:
        return [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    if [item["value"] for item in field["items"]] == ["yes", "no"]:
        return value == "yes"
    if field["kind"] == "number":
        text = str(value).replace(",", "")
        for number in (int, float):
            with suppress(ValueError):
                return number(text)
        raise InputError("must be a number", key=field["label"], value=text[:40])
    if field["kind"] == "date":
        with suppress(ValueError):
            return date.fromisoformat(value)
        allowed = "year, month and day such as 2027-11-07"
        raise InputError("must be a date", key=field["label"], value=value, allowed=allowed)
    return value


def added(draft: Draft, section: str, entry: Entry) -> Draft:
    """A what-if with one lever more, or with a table changed."""
    if section in TABLES:
        return draft.with_(**{section: {**draft.data.get(section, {}), **entry}})
    return draft.with_(**{section: [*draft.entries(section), entry]})


def removed(draft: Draft, section: str, at: int) -> Draft:
    """A what-if without one of its levers, or without a table."""
    if section in TABLES:
        return draft.with_(**{section: None})
    entries = list(draft.data[section])
    return draft.with_(**{section: [*entries[:at], *entries[at + 1 :]]})


def said(draft: Draft) -> list[dict[str, Any]]:
    """Each lever and table that a what-if sets itself, as a sentence with where it stands."""
    lines = [
        {"section": section, "at": at, "text": in_words(section, entry)}
        for section in LEVER_OF
        for at, entry in enumerate(draft.entries(section))
    ]
    lines += [
        {"section": section, "at": 0, "text": f"{in_page(section)}: {_keys(draft.data[section])}"}
        for section in TABLES
        if section in draft.data
    ]
    return lines + [
        {"section": "drop", "at": at, "text": f"without “{name}” of the start"}
        for at, name in enumerate(draft.data.get("drop", ()))
    ]


def in_words(section: str, entry: Entry) -> str:
    """A lever of a what-if as a sentence; as it is written if it cannot be used."""
    try:
        return LEVER_OF[section].model_validate(dict(entry)).in_words()
    except (ValidationError, TypeError):
        return _keys(entry)


def _keys(entry: Entry) -> str:
    return ", ".join(f"{in_page(key)} {value}" for key, value in entry.items())


def of_start(draft: Draft) -> list[Item]:
    """The levers of the start that a what-if can do without, by name."""
    if not draft.start:
        return []
    start, gone = shipped(draft.start), draft.data.get("drop", ())
    return [
        {"text": lever.in_words(), "value": lever.name}
        for section in LEVER_OF
        for lever in getattr(start, section)
        if lever.name and lever.name not in gone
    ]
