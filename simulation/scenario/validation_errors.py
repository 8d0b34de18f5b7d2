"""Turn Pydantic's validation errors into the one line that a user reads."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from simulation.errors import InputError, closest, dotted
from simulation.scenario.toml_hints import Wanted, hint_at
from simulation.scenario.toml_lines import Location


def field_error(
    text: str,
    *at: int | str,
    allowed: str | Iterable[str] | None = None,
    suggestion: str | None = None,
    wanted: Wanted | None = None,
) -> PydanticCustomError:
    """An error to raise inside a validator.

    Args:
        text: What is wrong, in words.
        *at: The key, counted from where the validator stands.
        allowed: What would have been accepted, in words or one by one.
        suggestion: The nearest accepted value.
        wanted: What belongs there, if people write it as a text.
    """
    if allowed is not None and not isinstance(allowed, str):
        allowed = ", ".join(allowed)
    context = {
        "text": text, "at": at, "allowed": allowed, "suggestion": suggestion, "wanted": wanted,
    }  # fmt: skip
    return PydanticCustomError("scenario", "{text}", context)


def first_error(
    error: ValidationError, model: type[BaseModel], file: object, written: str = ""
) -> InputError:
    """The first validation error, as an InputError.

    Args:
        error: What Pydantic raised.
        model: The model that was being validated.
        file: The file the values come from.
        written: Its text, to find the line of a value.
    """
    details = error.errors(include_url=False)
    # an unknown key is the likeliest cause of a missing one, so it comes first
    item = min(details, key=lambda item: item["type"] != "extra_forbidden")
    hints = [] if item["type"] == "extra_forbidden" else _hints(details, file, written)
    if hints:
        return hints[0]
    location: Location = item["loc"]
    value = item.get("input")
    if location and location[-1] == "[key]":
        location, value = location[:-1], None
    context = item.get("ctx") or {}
    text, allowed, suggestion = item["msg"], None, None
    if item["type"] == "scenario":
        text, allowed, suggestion = context["text"], context["allowed"], context["suggestion"]
        value = _reach(value, context["at"])
        location = (*location, *context["at"])
    elif item["type"] == "extra_forbidden":
        keys = keys_at(model, location[:-1])
        text, allowed = "unknown key", ", ".join(keys)
        suggestion = closest(str(location[-1]), keys)
        if len(location) > 1 and _is_plain_key(model, str(location[-1])):
            table = f"[{location[0]}]" if isinstance(location[1], str) else f"[[{location[0]}]]"
            text = f"stands below {table} and so belongs to it; write it above the first bracket"
            allowed = suggestion = None
    elif item["type"] == "literal_error":
        text, allowed = "unknown word", re.sub("' or '|', '", ", ", context["expected"]).strip("'")
        written = item["input"]
        suggestion = closest(written, allowed.split(", ")) if isinstance(written, str) else None
    elif item["type"] == "missing":
        text, allowed = "missing", _meaning(model, location)
        value = None
    else:
        text, allowed = _in_words(item["type"], context, item["msg"])
        if item["type"] == "string_pattern_mismatch":
            suggestion = re.sub("[^a-z0-9]+", "-", item["input"].lower()).strip("-") or None
        field = _field_at(model, str(location[0])) if len(location) == 1 else None
        if item["type"] == "tuple_type" and field is not None and _model_in(field.annotation):
            allowed = f"[[{location[0]}]] in double brackets"
    return InputError(
        text,
        file=file,
        key=dotted(location) or None,
        value=_shown(value),
        allowed=allowed,
        suggestion=suggestion,
    )


_TABLES = ("dict_type", "model_type", "model_attributes_type")
#: kind of error -> what belongs there
_WANTED: dict[str, Wanted] = {
    "float_type": "number", "int_type": "number", "date_type": "date", "bool_type": "switch",
    "model_type": "money", "model_attributes_type": "money",
}  # fmt: skip


def _hints(details: Sequence[ErrorDetails], file: object, written: str) -> list[InputError]:
    """Errors with a hint what to write instead, in the order of their lines."""
    hints = []
    for item in details:
        context, location, value = item.get("ctx") or {}, item["loc"], item.get("input")
        wanted = _WANTED.get(item["type"], context.get("wanted"))
        if wanted == "money" and location[-1:] != ("amount",):
            continue
        if item["type"] == "scenario":
            location, value = (*location, *context["at"]), _reach(value, context["at"])
        hint = hint_at(written, location, value, wanted, file)
        if hint is not None:
            hints.append(hint)

    def line(hint: InputError) -> int:
        match = re.search(r":(\d+)$", hint.file or "")
        return int(match[1]) if match else sys.maxsize  # where it is not known, it comes last

    return sorted(hints, key=line)


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """The keys a table at a location may have, as they are written in TOML."""
    here = _model_at(model, location)
    if here is None:
        return []
    return [field.alias or name for name, field in here.model_fields.items()]


def _meaning(model: type[BaseModel], location: Location) -> str | None:
    """The description of what belongs at a location where nothing is written."""
    last = location[-1]
    if isinstance(last, int):
        return "two names"
    here = _model_at(model, location[:-1])
    field = None if here is None else _field_at(here, last)
    description = field.description if field is not None else None
    return description[:1].lower() + description[1:].rstrip(".") if description else None


def _field_at(model: type[BaseModel], key: str) -> FieldInfo | None:
    """The field of a key as it is written, or None."""
    fields = model.model_fields.items()
    return next((field for name, field in fields if key in (name, field.alias)), None)


def _is_plain_key(model: type[BaseModel], key: str) -> bool:
    """Whether a key of a whole file is written without a header."""
    return key in ("title", "description", "extends", "clear", "drop") and key in keys_at(model, ())


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """The model of the table at a location, or None."""
    here: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            return None
        field = _field_at(here, part)
        here = here if field is None else _model_in(field.annotation)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _model_in(annotation: Any) -> Any:
    """The model somewhere inside an annotation, or None."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(_model_in, typing.get_args(annotation))), None)


def _in_words(kind: str, bounds: Mapping[str, float], message: str) -> tuple[str, str | None]:
    """A planner's words for the kinds of error that bounds and types give."""
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        sign = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
        name, bound = next((k, v) for k, v in bounds.items() if k in sign)
        text = "out of range"
        if bound == 0:
            text = {"ge": "must not be negative", "gt": "must be above 0"}.get(name, text)
        return text, None if name == "gt" and bound == 0 else f"{sign[name]} {bound:g}"
    if kind in ("string_too_long", "too_long"):
        most = bounds["max_length"]
        what = "characters" if kind == "string_too_long" else "entries"
        return "too long", f"at most {most} {what}"
    expected = {
        "date_type": ("must be a date", "a date without quotes, such as 2024-11-07"),
        "float_type": ("must be a number", "a number without quotes"),
        "int_type": ("must be a whole number", "a whole number such as 30"),
        "bool_type": ("must be true or false", "true, false"),
        "string_type": ("must be a text", "a text in quotes"),
        "string_too_short": ("must not be empty", "a text in quotes"),
        "too_short": ("must not be empty", "one or more names"),
        "finite_number": ("must be a finite number", "a number such as 1.5"),
        "tuple_type": ("must be a list", "a list in square brackets"),
        **dict.fromkeys(_TABLES, ("must be a table", None)),
        "string_pattern_mismatch": (
            "not a name",
            "small letters, digits and hyphens, beginning with a letter or digit",
        ),
    }
    return expected.get(kind, (message[:1].lower() + message[1:], None))


def _reach(value: Any, at: Location) -> Any:
    for part in at:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _shown(value: Any) -> Any:
    """A value as the message shows it; nothing for a table or a long list."""
    if isinstance(value, bool):
        return _Bare(str(value).lower())
    if isinstance(value, int) and abs(value) > 10**20:
        return _Bare("a very large number")
    if isinstance(value, str) and len(value) > 60:
        return value[:57] + "..."
    if isinstance(value, (list, tuple)) and not any(isinstance(x, (dict, list)) for x in value):
        text = "[" + ", ".join(f'"{x}"' if isinstance(x, str) else str(x) for x in value) + "]"
        return _Bare(text) if len(text) <= 60 else None
    return None if isinstance(value, (dict, list, tuple)) else value


class _Bare:
    """A text that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text
