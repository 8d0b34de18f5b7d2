"""From what is typed into a form to a lever of a scenario file, and the levers a what-if has.

What cannot be a number or a date is refused here, in words; everything else is left to the checks
of a scenario, so that it is refused as on the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from simulation.app.draft import Draft
from simulation.app.naming import in_page
from simulation.app.tips import LEVER_OF, limits
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.describe import describe
from simulation.scenario.levers.base import Lasting
from simulation.scenario.levers.funding import Funding, Money
from simulation.scenario.levers.operation import Operation
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.levers.staff import Staff

#: what a form holds: texts as typed, words chosen, lists of places, yes or no
Fields = Mapping[str, Any]
CURRENCIES = ("GBP", "EUR")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,_ ]\d{3})+(\.\d+)?")
_LONGEST = 40


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
    written = " ".join(str(text if text is not None else "").split())
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
    written = str(text if text is not None else "").strip()
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InputError(
            "must be a date",
            key=label,
            value=written[:_LONGEST],
            allowed="year, month and day such as 2024-11-07",
        ) from None


def sharing_lever(fields: Fields) -> dict[str, Any]:
    """A `[[sharing]]` lever.

    Raises:
        InputError: Something typed cannot be read.
    """
    lever: dict[str, Any] = {
        "between": [_chosen(fields, "first", "The first"), _chosen(fields, "second", "The second")],
        "level": _chosen(fields, "level", "Level"),
    }
    if fields.get("one_way"):
        lever["one_way"] = True
    return {**lever, **_days(fields)}


def staff_lever(fields: Fields) -> dict[str, Any]:
    """A `[[staff]]` lever: a multiplier (`how` is "change") or units ("add").

    Raises:
        InputError: Something typed cannot be read.
    """
    how = "add" if fields.get("how") == "add" else "change"
    label = "Units more" if how == "add" else "Times the staff"
    return {
        "authority": _chosen(fields, "authority", "Whose staff"),
        "kind": _chosen(fields, "kind", "Kind"),
        how: _number(fields, "amount", label, Staff, how, "5" if how == "add" else "1.2"),
        **_days(fields),
    }


def funding_lever(fields: Fields) -> dict[str, Any]:
    """A `[[funding]]` lever; what it is spent on is typed in per cent.

    Raises:
        InputError: Something typed cannot be read.
    """
    currency = "EUR" if fields.get("currency") == "EUR" else "GBP"
    lever: dict[str, Any] = {
        "authority": _chosen(fields, "authority", "Who pays"),
        "amount": {
            currency: _number(fields, "amount", "Amount", Money, currency, "75,000,000"),
        },
        "per": "once" if fields.get("per") == "once" else "year",
        "spend_on": shares(fields.get("spend_on", {})),
    }
    if fields.get("beneficiary"):
        lever["beneficiary"] = str(fields["beneficiary"])
    return {**lever, **_days(fields)}


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


def operation_lever(fields: Fields) -> dict[str, Any]:
    """An `[[operation]]` lever.

    Raises:
        InputError: Something typed cannot be read.
    """
    kind = _chosen(fields, "kind", "Kind")
    lever: dict[str, Any] = {
        "authority": _chosen(fields, "authority", "Who acts"),
        "kind": kind,
        "strength": _number(fields, "strength", "Times the effort", Operation, "strength", "2"),
    }
    if fields.get("places") and kind != "boat_supply":
        lever["places"] = [str(place) for place in fields["places"]]
    return {**lever, **_days(fields)}


def added(made: Draft, section: str, lever: Mapping[str, Any]) -> Draft:
    """A what-if with one lever more."""
    return made.with_(**{section: [*entries(made, section), dict(lever)]})


def removed(made: Draft, section: str, index: int) -> Draft:
    """A what-if without one of its levers."""
    found = entries(made, section)
    return made.with_(**{section: [*found[:index], *found[index + 1 :]]})


def entries(made: Draft, section: str) -> Sequence[Mapping[str, Any]]:
    """The levers of a section that a what-if sets itself."""
    found = made.data.get(section, [])
    return list(found) if isinstance(found, (list, tuple)) else []


def in_words(section: str, entry: Mapping[str, Any]) -> str:
    """A lever of a what-if as a sentence; as it is written if it cannot be used."""
    try:
        return describe(LEVER_OF[section].model_validate(dict(entry)))
    except (ValidationError, KeyError, TypeError):
        return ", ".join(f"{key} = {value}" for key, value in dict(entry).items())


def inherited(start: Scenario, section: str) -> list[tuple[str, str]]:
    """The levers of the start that a what-if can take out: name and sentence."""
    return [(lever.name, describe(lever)) for lever in getattr(start, section) if lever.name]


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


def _days(fields: Fields) -> dict[str, Any]:
    """`from`, `to` and `ramp_days` as far as they are typed."""
    found: dict[str, Any] = {}
    for key, label in (("from", "From"), ("to", "To")):
        value = day(fields.get(key), label)
        if value is not None:
            found[key] = value
    if str(fields.get("ramp_days") or "").strip():
        ramp = whole(fields["ramp_days"], "Grows over days", limits(Lasting, "ramp_days"))
        if ramp:
            found["ramp_days"] = ramp
    return found


def _number(
    fields: Fields, key: str, label: str, model: type[BaseModel], in_file: str, example: str
) -> float:
    return number(fields.get(key), label, limits(model, in_file), example)


def _chosen(fields: Fields, key: str, label: str) -> str:
    value = fields.get(key)
    if not value:
        raise InputError("nothing is chosen", key=label)
    return str(value)


#: from a form to a lever, by section
LEVERS = {
    Sharing.section: sharing_lever,
    Staff.section: staff_lever,
    Funding.section: funding_lever,
    Operation.section: operation_lever,
}
