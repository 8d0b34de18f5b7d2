"""From what is typed into a form to a lever of a scenario file, and the levers a what-if has.

What cannot be a number or a date is refused here, in words; everything else is left to the checks
of a scenario, so that it is refused as on the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from pydantic import ValidationError

from simulation.app.draft import Draft, Entry
from simulation.app.naming import in_page
from simulation.app.tips import limits
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.levers import registry
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import Control, controls_of, unused_keys
from simulation.scenario.levers.funding import Money

#: what a form holds: texts as typed, words chosen, lists of places, yes or no
Fields = Mapping[str, Any]
CURRENCIES = ("GBP", "EUR")
YES_NO = ("yes", "no")
_A_DATE = "year, month and day such as 2024-11-07"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,_ ]\d{3})+(\.\d+)?")
_LONGEST = 40


def _written(typed: object) -> str:
    """What was typed, without spaces around it."""
    return str(typed if typed is not None else "").strip()


def number(text: object, label: str, bounds: str = "", example: str = "1.5") -> float:
    """The number somebody typed.

    Args:
        text: What was typed; thousands may be set apart by commas or spaces.
        label: What the field is called.
        bounds: What is allowed, in words.
        example: A number that could stand there.

    Raises:
        InputError: It is no number.
    """
    written = " ".join(_written(text).split())
    digits = re.sub(r"[,_ ]", "", written) if _THOUSANDS.fullmatch(written) else written
    allowed = f"a number such as {example}" + (f", {bounds}" if bounds else "")
    if not written:
        raise InputError("missing", key=label, allowed=allowed)
    try:
        value = float(digits) if len(digits) <= _LONGEST else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in digits:
        raise InputError("must be a number", key=label, value=written[:_LONGEST], allowed=allowed)
    return int(value) if value == int(value) and "." not in digits else value


def whole(text: object, label: str, bounds: str = "", example: str = "30") -> int:
    """The whole number somebody typed.

    Raises:
        InputError: It is no whole number.
    """
    value = number(text, label, bounds, example)
    if value != int(value):
        allowed = f"a whole number such as {example}" + (f", {bounds}" if bounds else "")
        raise InputError("must be a whole number", key=label, value=str(text), allowed=allowed)
    return int(value)


def day(text: object, label: str) -> date | None:
    """The date somebody typed, or None if nothing is typed.

    Raises:
        InputError: It is no date.
    """
    if isinstance(text, date):
        return text
    written = _written(text)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        wrong = written[:_LONGEST]
        raise InputError("must be a date", key=label, value=wrong, allowed=_A_DATE) from None


def lever_of(kind: type[Lever], fields: Fields) -> dict[str, Any]:
    """A lever as a scenario file would say it, from what its form holds.

    Args:
        kind: The kind of lever.
        fields: What the form holds: by the key of a control; of a pair `first` and `second`; of
            money also `currency`; of a number under one of several keys `amount`, and the key as
            `how`.

    Raises:
        InputError: Something that is needed is missing, or something typed cannot be read.
    """
    lever: dict[str, Any] = {}
    unused = unused_keys(kind, fields)
    for control in controls_of(kind):
        if control.key not in unused:
            lever.update(_read(kind, control, fields))
    return lever


def _read(kind: type[Lever], control: Control, fields: Fields) -> dict[str, Any]:
    """What a control adds to a lever; nothing where nothing is put in that is not needed."""
    key, label, what = control.key, control.label, control.what
    typed = fields.get(key)
    if what == "pair":
        pair = {"first": "The first", "second": "The second"}
        return {key: [_chosen(fields, side, called) for side, called in pair.items()]}
    if what == "one_of" and kind.form.one_of is not None:
        ways = kind.form.one_of.ways
        how = str(fields.get("how")) if fields.get("how") in ways else key
        _, called, example = ways[how]
        return {how: number(fields.get("amount"), called, limits(kind, how), example)}
    if what == "money":
        currency = "EUR" if fields.get("currency") == "EUR" else "GBP"
        return {key: {currency: number(typed, label, limits(Money, currency), control.example)}}
    if what == "shares":
        return {key: shares(typed or {})}
    if what == "switch":
        return {key: True} if typed else {}
    if what == "yes_no":
        return {key: typed == "yes"} if typed in YES_NO else {}
    if what == "date":
        value = day(typed, label)
        if value is None and control.required:
            raise InputError("missing", key=label, allowed=_A_DATE)
        return {} if value is None else {key: value}
    written = _written(typed)
    if not control.required and (not written or typed == []):
        return {}
    if what in ("name", "word", "level"):
        chosen = _chosen(fields, key, label)
        return {key: [str(one) for one in fields[key]] if control.many else chosen}
    if what == "text":
        return {key: written}
    read = whole if what == "whole" else number
    found = read(written, label, limits(kind, key), control.example)
    return {} if key == "ramp_days" and not found else {key: found}


def shares(typed: Mapping[str, Any]) -> dict[str, float]:
    """What money is spent on, as shares of it; whether they make all of it the scenario tells.

    Args:
        typed: Per cent as typed, by what it is spent on; empty for nothing.

    Raises:
        InputError: A part is no number from 0 to 100.
    """
    found = {}
    for kind, text in typed.items():
        if str(text).strip(" %"):
            label = f"{in_page(kind)}, %"
            part = number(str(text).rstrip(" %"), label, "0 to 100", "60") / 100
            if not 0 <= part <= 1:
                raise InputError("out of range", key=label, value=str(text), allowed="0 to 100")
            if part:
                found[kind] = round(part, 9)
    return found


def added(made: Draft, section: str, lever: Entry) -> Draft:
    """A what-if with one lever more."""
    return made.with_(**{section: [*made.entries(section), dict(lever)]})


def removed(made: Draft, section: str, index: int) -> Draft:
    """A what-if without one of its levers."""
    found = made.entries(section)
    return made.with_(**{section: [*found[:index], *found[index + 1 :]]})


def in_words(section: str, entry: Entry) -> str:
    """A lever of a what-if as a sentence; as it is written if it cannot be used."""
    try:
        return registry.LEVER_OF[section].model_validate(dict(entry)).in_words()
    except (ValidationError, KeyError, TypeError):
        return ", ".join(f"{key} = {value}" for key, value in entry.items())


def inherited(start: Scenario, section: str) -> list[tuple[str, str]]:
    """The levers of the start that a what-if can take out: name and sentence."""
    return [(lever.name, lever.in_words()) for lever in getattr(start, section) if lever.name]


def dropped(made: Draft) -> tuple[str, ...]:
    """The names of levers of the start that a what-if takes out."""
    return tuple(made.data.get("drop", ()))


def with_drop(made: Draft, name: str, gone: bool) -> Draft:
    """A what-if that takes a lever of its start out, or leaves it in."""
    others = [other for other in dropped(made) if other != name]
    return made.with_(drop=[*others, name] if gone else others)


def adaptation(made: Draft, start: Scenario, name: str, on: bool) -> Draft:
    """A what-if in which smugglers are capable of a response, or not."""
    table = {**made.data.get("adaptation", {}), name: on}
    was = start.adaptation.model_dump()
    return made.with_(adaptation={key: value for key, value in table.items() if value != was[key]})


def future(made: Draft, start: Scenario, path: str) -> Draft:
    """A what-if in which the months after the data follow one of the futures."""
    return made.with_(future={} if path == start.future.path else {"path": path})


def _chosen(fields: Fields, key: str, label: str) -> str:
    value = fields.get(key)
    if not value:
        raise InputError("nothing is chosen", key=label)
    return str(value)


#: from a form to a lever, by section
LEVERS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    kind.section: partial(lever_of, kind) for kind in registry.LEVERS
}
