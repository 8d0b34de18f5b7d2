"""Form controls of a lever, derived from its fields.

The app shows a control for each field, in the order of the fields, then the days, then what is
rarely needed. A new lever needs no form of its own.
"""

from __future__ import annotations

import tomllib
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simulation.scenario.field_types import Month, Named
from simulation.scenario.levers.base import Dated, Lever, OneDay, PhasedIn, Timed, amount

What = Literal[
    "name", "pair", "word", "level", "number", "whole", "date", "switch", "yes_no", "money",
    "shares", "one_of", "months", "text",
]  # fmt: skip
#: fields of every lever that the form shows only when asked for
_RARELY = ("announced", "signed", "name", "replaces")


@dataclass(frozen=True)
class Control:
    """One control of a form.

    Attributes:
        key: Key of the lever, as a file has it; of the first key for `one_of`.
        label: What the control is called.
        what: What is put in: `name` (of an authority, place, leg, origin or route), `pair` (two
            authorities), `word`, `level`, `number`, `whole` (number), `date`, `switch`, `yes_no`
            (or nothing), `money`, `shares` (per cent of a whole), `one_of` (a number under one of
            several keys), `months` (the first and the last) or `text`.
        required: Whether the lever needs it.
        of: Of a `name`, what it names.
        many: Whether several can be chosen.
        words: What can be chosen of a `word`, or has a share.
        start: What is chosen at first; None for nothing.
        example: A number as somebody would type it.
        rare: Whether it is shown only when asked for.
        empty: What an empty choice means; no text where something must be chosen.
    """

    key: str
    label: str
    what: What
    required: bool
    of: str = ""
    many: bool = False
    words: tuple[str, ...] = ()
    start: Any = None
    example: str = ""
    rare: bool = False
    empty: str = ""


@cache
def controls_of(kind: type[Lever]) -> tuple[Control, ...]:
    """The controls of a lever, in the order in which a form shows them."""
    common = [name for base in (OneDay, PhasedIn, Timed, Dated) for name in base.model_fields]
    fields = list(kind.model_fields)
    own = [name for name in fields if name not in common]
    days = [name for name in fields if name in common and name not in _RARELY]
    rest = [name for name in _RARELY if name in fields]
    controls = [
        control
        for name in [*own, *days, *rest]
        if (control := _control(kind, name, kind.model_fields[name])) is not None
    ]
    return tuple(sorted(controls, key=lambda control: control.rare))


def unused_keys(kind: type[Lever], typed: typing.Mapping[str, Any]) -> frozenset[str]:
    """Keys that have no meaning given the other choices in a form."""
    return frozenset(
        key
        for (chooser, value), keys in kind.form.unused.items()
        if typed.get(chooser) == value
        for key in keys
    )


def _control(kind: type[Lever], name: str, field: FieldInfo) -> Control | None:
    """The control of a field; None for the later ones of several keys of which one is given."""
    form, key = kind.form, field.alias or name
    rare = key in form.rarely or key in _RARELY
    if form.one_of is not None and key in form.one_of.ways:
        first = next(iter(form.one_of.ways))
        return Control(first, form.one_of.label, "one_of", True) if key == first else None
    what, of, many, words = _put_in(kind, key, field)
    start = form.start.get(key)
    if start is None and what == "word" and isinstance(field.default, str):
        start = field.default
    return Control(
        key=key,
        label=field.title or key.replace("_", " ").capitalize(),
        what=what,
        required=field.is_required(),
        of=of,
        many=many,
        words=words,
        start=start,
        example=_examples(kind).get(key) or ("30" if what == "whole" else "1.5"),
        rare=rare,
        empty="" if field.is_required() or many else form.empty.get(key, "not said"),
    )


@cache
def _examples(kind: type[Lever]) -> dict[str, str]:
    """The numbers of a lever's example in the template, as a user would type them, by key."""
    ((lever,),) = tomllib.loads(kind.example()).values()
    numbers = {key: next(iter(v.values())) if key == "amount" else v for key, v in lever.items()}
    days = Timed.model_fields
    return {
        key: amount(value)
        for key, value in numbers.items()
        if type(value) in (int, float) and key not in days
    }


def _put_in(
    kind: type[Lever], key: str, field: FieldInfo
) -> tuple[What, str, bool, tuple[str, ...]]:
    """Kind of control of a field, kind of name, whether several, and the words to choose from."""
    parts = [*_parts(field.annotation), *field.metadata]
    named = [part.kind for part in parts if isinstance(part, Named)]
    literal = next((part for part in parts if get_origin(part) is Literal), None)
    words = tuple(map(str, get_args(literal))) if literal is not None else ()
    several = any(get_origin(part) is tuple for part in parts)
    if "level" in named:
        return "level", "", False, ()
    if named:
        pair = several and any(
            get_origin(part) is tuple and Ellipsis not in get_args(part) for part in parts
        )
        return ("pair" if pair else "name"), named[0], several and not pair, ()
    if several and len(parts) > 1 and Month in parts:
        return "months", "", False, ()
    if any(get_origin(part) is dict for part in parts):
        return "shares", "", False, words
    if literal is not None:
        return "word", "", several, words
    simple: tuple[tuple[type, What], ...] = (
        (bool, "yes_no" if type(None) in parts else "switch"),
        (int, "whole"),
        (float, "number"),
        (date, "date"),
        (str, "text"),
    )
    for type_, what in simple:
        if type_ in parts:
            return what, "", False, ()
    if any(isinstance(part, type) and issubclass(part, BaseModel) for part in parts):
        return "money", "", False, ()
    raise TypeError(f"{kind.section}.{key}: there is no control for {field.annotation}")


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and all annotations inside it."""
    yield annotation
    if isinstance(annotation, (Named, FieldInfo)) or get_origin(annotation) is Literal:
        return
    arguments: tuple[Any, ...] = get_args(annotation)
    if isinstance(annotation, types.UnionType):
        arguments = annotation.__args__
    for part in arguments:
        yield from _parts(part)
