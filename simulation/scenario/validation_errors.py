"""Turn Pydantic's validation errors into the one line that a user reads."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from simulation.errors import InputError, closest, dotted

Location = tuple[int | str, ...]
#: keys of a scenario file that are written above the first header
_PLAIN_KEYS = ("title", "description", "extends", "clear", "drop")


def field_error(
    text: str,
    *at: int | str,
    allowed: str | Iterable[str] | None = None,
    suggestion: str | None = None,
) -> PydanticCustomError:
    """An error to raise inside a validator.

    Args:
        text: What is wrong, in words.
        *at: The key, counted from where the validator stands.
        allowed: What would have been accepted, in words or one by one.
        suggestion: The nearest accepted value.
    """
    if allowed is not None and not isinstance(allowed, str):
        allowed = ", ".join(allowed)
    context = {"text": text, "at": at, "allowed": allowed, "suggestion": suggestion}
    return PydanticCustomError("scenario", "{text}", context)


def first_error(error: ValidationError, model: type[BaseModel], file: object) -> InputError:
    """The first validation error, as an InputError.

    Args:
        error: What Pydantic raised.
        model: The model that was being validated.
        file: The file the values come from.
    """
    details = error.errors(include_url=False)
    # an unknown key is the likeliest cause of a missing one, so it comes first
    item = min(details, key=lambda item: item["type"] != "extra_forbidden")
    location: Location = item["loc"]
    value, context, suggestion = item.get("input"), item.get("ctx") or {}, None
    if location and location[-1] == "[key]":
        location, value = location[:-1], None
    allowed: str | None
    if item["type"] == "scenario":
        text, allowed, suggestion = context["text"], context["allowed"], context["suggestion"]
        location = (*location, *context["at"])
        value = _reach(value, context["at"])
    elif item["type"] == "extra_forbidden":
        keys, key = list(_fields(model, location[:-1])), str(location[-1])
        text, allowed, suggestion = "unknown key", ", ".join(keys), closest(key, keys)
        if len(location) > 1 and key in _PLAIN_KEYS:
            table = f"[{location[0]}]" if isinstance(location[1], str) else f"[[{location[0]}]]"
            text = f"stands below {table} and so belongs to it; write it above the first bracket"
            allowed = suggestion = None
    elif item["type"] == "literal_error":
        words = re.findall("'([^']*)'", context["expected"])
        text, allowed, suggestion = "unknown word", ", ".join(words), closest(str(value), words)
    elif item["type"] == "missing":
        text, allowed, value = "missing", _meaning(model, location), None
    else:
        text, allowed = _in_words(item["type"], context, item["msg"])
        keys = list(_fields(model, location))
        if keys and text == "must be a table":
            allowed = ", ".join(f"{{ {key} = ... }}" for key in keys)
        elif keys and text == "must be a list":
            allowed = f"[[{location[0]}]] in double brackets"
    return InputError(
        text,
        file=file,
        key=dotted(location) or None,
        value=_shown(value),
        allowed=allowed,
        suggestion=suggestion,
    )


def _fields(model: type[BaseModel], location: Location) -> dict[str, FieldInfo]:
    """The fields that a table at a location may have, by key; none where there is no table."""
    here: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str):
            fields = {} if here is None else _fields(here, ())
            here = _model_in(fields[part].annotation) if part in fields else None
    fields = {} if here is None else here.model_fields
    return {field.alias or name: field for name, field in fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model somewhere inside an annotation, or None."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(_model_in, typing.get_args(annotation))), None)


def _meaning(model: type[BaseModel], location: Location) -> str | None:
    """The description of what belongs at a location where nothing is written."""
    if isinstance(location[-1], int):
        return "two names"
    field = _fields(model, location[:-1]).get(location[-1])
    text = field.description if field is not None else None
    return text[:1].lower() + text[1:].rstrip(".") if text else None


_SIGNS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_EXPECTED: dict[str, tuple[str, str | None]] = {
    "date_type": ("must be a date", "a date without quotes, such as 2024-11-07"),
    "float_type": ("must be a number", "a number without quotes, such as 0.5 or 75_000_000"),
    "int_type": ("must be a whole number", "a whole number such as 30"),
    "bool_type": ("must be true or false", "true, false"),
    "string_type": ("must be a text", "a text in quotes"),
    "string_too_short": ("must not be empty", "a text in quotes"),
    "too_short": ("must not be empty", "one or more names"),
    "finite_number": ("must be a finite number", "a number such as 1.5"),
    "tuple_type": ("must be a list", "a list in square brackets"),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"), ("must be a table", None)
    ),
    "string_pattern_mismatch": (
        "not a name",
        "small letters, digits and hyphens, beginning with a letter or digit",
    ),
}


def _in_words(kind: str, bounds: Mapping[str, float], message: str) -> tuple[str, str | None]:
    """A planner's words for the kinds of error that bounds and types give."""
    for name in _SIGNS.keys() & bounds.keys():
        bound = bounds[name]
        negative = {"ge": "must not be negative", "gt": "must be above 0"}
        text = negative.get(name, "out of range") if bound == 0 else "out of range"
        return text, f"{_SIGNS[name]} {bound:g}"
    if kind in ("string_too_long", "too_long"):
        what = "characters" if kind == "string_too_long" else "entries"
        return "too long", f"at most {bounds['max_length']} {what}"
    return _EXPECTED.get(kind, (message[:1].lower() + message[1:], None))


def _reach(value: Any, at: Location) -> Any:
    """What lies at a place in a value; None where there is nothing."""
    try:
        for part in at:
            value = value[part]
    except (KeyError, IndexError, TypeError):
        return None
    return value


def _shown(value: Any) -> Any:
    """A value as the message shows it; nothing for a table or a long list."""
    if isinstance(value, (bool, list, tuple)):
        text = json.dumps(value, default=str, ensure_ascii=False)
        return None if len(text) > 60 or "{" in text else _Bare(text)
    return None if isinstance(value, dict) else value


class _Bare:
    """A text that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text
