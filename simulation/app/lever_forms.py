"""Levers of a what-if, kind by kind: what there is, and forms that add to it.

The forms are made from the fields of the levers in the registry. What cannot be a number or a date
is refused here, in words; all else is left to the checks of a scenario, so that it is refused
as on the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

import reacton.ipyvuetify as v
import solara
from pydantic import ValidationError

from simulation.app import board, tips
from simulation.app.draft import Draft, Entry
from simulation.app.fields import Press, bounds, choose, note, problem_shown, turn, write
from simulation.app.naming import in_page, name_items, word_items
from simulation.app.tips import limits
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario.describe import lower_first
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers import registry
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import Control, controls_of, unused_keys
from simulation.scenario.levers.declaration import LeverGroup
from simulation.scenario.levers.funding import Money
from simulation.scenario.toml_hints import number_with_unit

#: what a form holds: texts as typed, words chosen, lists of places, yes or no
Fields = Mapping[str, Any]
CURRENCIES = ("GBP", "EUR")
YES_NO = ("yes", "no")
#: the two fields of a pair of months
_SIDES = ("first", "last")
_A_DATE = "year, month and day such as 2024-11-07"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,_ ]\d{3})+(\.\d+)?")
_LONGEST = 40
Setter = Callable[[str, Any], None]


# -- what is typed ---------------------------------------------------------------------------------


def _written(typed: object) -> str:
    """The typed text, without spaces around it."""
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
    written = _written(text)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        wrong = written[:_LONGEST]
        raise InputError("must be a date", key=label, value=wrong, allowed=_A_DATE) from None


def lever_of(kind: type[Lever], fields: Fields) -> Entry:
    """A lever as a scenario file would say it, from what its form holds.

    Args:
        kind: The kind of lever.
        fields: What the form holds: by the key of a control; of a pair `first` and `second`; of
            money also `currency`; of a number under one of several keys `amount`, and the key as
            `how`.

    Raises:
        InputError: Something that is needed is missing, or something typed cannot be read.
    """
    lever: dict[str, object] = {}
    unused = unused_keys(kind, fields)
    for control in controls_of(kind):
        if control.key not in unused:
            lever.update(_read(kind, control, fields))
    return lever


def _read(kind: type[Lever], control: Control, fields: Fields) -> Entry:
    """The keys that a control adds to a lever; none where an optional control is empty."""
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
        meant = number_with_unit(_written(typed))
        return {key: {currency: number(meant, label, limits(Money, currency), control.example)}}
    if what == "shares":
        return {key: shares(typed or {})}
    if what == "switch":
        return {key: True} if typed else {}
    if what == "yes_no":
        return {key: typed == "yes"} if typed in YES_NO else {}
    if what == "months":
        months = [_written(fields.get(f"{key} {side}")) for side in _SIDES]
        if not all(months):
            raise InputError("missing", key=label, allowed="two months such as 2027-01")
        return {key: months}
    written = _written(typed)
    if not control.required and (not written or typed == []):
        return {}
    if what == "date":
        if not written:
            raise InputError("missing", key=label, allowed=_A_DATE)
        return {key: day(written, label)}
    if what in ("name", "word", "level"):
        chosen = _chosen(fields, key, label)
        return {key: [str(one) for one in fields[key]] if control.many else chosen}
    if what == "text":
        return {key: written}
    read = whole if what == "whole" else number
    entered = read(written, label, limits(kind, key), control.example)
    return {} if key == "ramp_days" and not entered else {key: entered}


def shares(typed: Mapping[str, Any]) -> dict[str, float]:
    """The shares of money by purpose; the scenario checks that they sum to 1.

    Args:
        typed: Per cent as typed, by what it is spent on; empty for nothing.

    Raises:
        InputError: A part is no number from 0 to 100.
    """
    parts = {}
    for kind, text in typed.items():
        if str(text).strip(" %"):
            label = f"{in_page(kind)}, %"
            part = number(str(text).rstrip(" %"), label, "0 to 100", "60") / 100
            if not 0 <= part <= 1:
                raise InputError("out of range", key=label, value=str(text), allowed="0 to 100")
            if part:
                parts[kind] = round(part, 9)
    return parts


def added(draft: Draft, section: str, lever: Entry) -> Draft:
    """A what-if with one lever more."""
    return draft.with_(**{section: [*draft.entries(section), dict(lever)]})


def removed(draft: Draft, section: str, index: int) -> Draft:
    """A what-if without one of its levers."""
    entries = draft.entries(section)
    return draft.with_(**{section: [*entries[:index], *entries[index + 1 :]]})


def in_words(section: str, entry: Entry) -> str:
    """A lever of a what-if as a sentence; as it is written if it cannot be used."""
    try:
        return registry.LEVER_OF[section].model_validate(dict(entry)).in_words()
    except (ValidationError, KeyError, TypeError):
        return ", ".join(f"{key} = {value}" for key, value in entry.items())


def _chosen(fields: Fields, key: str, label: str) -> str:
    value = fields.get(key)
    if not value:
        raise InputError("nothing is chosen", key=label)
    return str(value)


# -- what is shown ---------------------------------------------------------------------------------


@solara.component_vue("about_lever.vue")
def _AboutLever(
    name: str,
    what: str,
    does: list[str],
    sets: list[str],
    unknown: list[list[str]],
    event_close: Callable[[object], None],
) -> None:
    """The page of a lever, as `tips.lever_page` makes it."""


@solara.component
def LeversOf(group: LeverGroup) -> None:
    """The levers of a group, each kind with the way to add one by hand."""
    for kind in registry.GROUPS[group]:
        _Levers(kind)


@solara.component
def _Levers(kind: type[Lever]) -> None:
    """The levers of a kind, each with a way to take it out, and the form."""
    draft, section = board.draft.value, kind.section
    name, is_open = in_page(section).capitalize(), board.lever.value == section
    problem, set_problem = solara.use_state("")
    solara.use_effect(lambda: set_problem(""), [draft])

    def take_out(index: int) -> None:
        # always done, even if something else is wrong: it may be what puts it right
        board.draft.value = removed(board.draft.value, section, index)

    with v.Html(tag="div", class_="row heading"):
        v.Html(tag="h3", children=[name])
        about = "Close" if is_open else "What it is"
        turn_page = partial(board.lever.set, "" if is_open else section)
        Press(about, turn_page, tips.lever_tip(section), name=f"{name}: {about}", plain=True)
    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for index, entry in enumerate(draft.entries(section)):
            said = in_words(section, entry)
            act = partial(take_out, index)
            _sentence(said, "row marked", "said", "Remove", act, f"Take out: {lower_first(said)}")
    problem_shown(problem)
    _Form(kind)
    # around what comes and goes: all that follows would else be made anew
    with v.Html(tag="div"):
        if is_open:
            assumed = board.checked.value.whatif or board.start.value
            about_it = tips.lever_page(section, load_parameters(assumed.parameters))
            _AboutLever(name=name, event_close=lambda _: board.lever.set(""), **about_it)
    _Inherited(kind, set_problem)


def _sentence(
    said: str, line: str, class_: str, label: str, act: Callable[[], None], tip: str
) -> None:
    """A lever in words, with a button at the end of its line."""
    with v.Html(tag="li", class_=line):
        v.Html(tag="span", class_=class_, children=[said])
        Press(label, act, tip, name=f"{label}: {said}", plain=True)


@solara.component
def _Form(kind: type[Lever]) -> None:
    """A form that adds a lever if the what-if can be used with it, and says why not otherwise."""
    section, button, start = kind.section, kind.form.button, _start(kind)
    is_open, set_open = solara.use_state(False)
    typed, set_typed = solara.use_state(start)
    problem, set_problem = solara.use_state("")
    begun = is_open and typed != start
    board.use_entry(board.unfinished, section, button if begun else "")
    # several fields can report before the form is drawn again
    latest = solara.use_ref(typed)
    latest.current = typed

    def change(key: str, value: Any) -> None:
        latest.current = {**latest.current, key: value}
        set_typed(latest.current)
        set_problem("")

    def close() -> None:
        set_open(False)
        set_typed(start)
        set_problem("")

    def add() -> None:
        try:
            lever = lever_of(kind, latest.current)
            wrong = board.attempt(added(board.draft.value, section, lever))
        except InputError as error:
            wrong = str(error)
        if wrong:
            set_problem(wrong)
        else:
            close()

    tip = tips.lever_tip(section)
    if not is_open:
        Press(button, lambda: set_open(True), tip)
        return
    with v.Html(tag="div", class_="form", attributes={"role": "group", "aria-label": tip}):
        _Fields(kind, typed, change)
        problem_shown(problem)
        with v.Html(tag="div", class_="row"):
            Press("Add", add, tip, name=button)
            Press("Cancel", close, tip, name=f"Cancel: {button}", plain=True)


@solara.component
def _Inherited(kind: type[Lever], set_problem: Callable[[str], None]) -> None:
    """The levers of the start, which can be taken out one by one."""
    section, noun = kind.section, kind.form.noun
    is_open, set_open = solara.use_state(False)
    draft, start = board.draft.value, board.start.value
    # those with a name can be taken out
    levers = solara.use_memo(
        lambda: [(one.name, one.in_words()) for one in getattr(start, section) if one.name],
        [start, section],
    )
    if not levers or not draft.start:
        return
    gone = draft.data.get("drop", ())

    def drop(name: str, out: bool) -> None:
        now = board.draft.value
        others = [other for other in now.data.get("drop", ()) if other != name]
        set_problem(board.attempt(now.with_(drop=[*others, name] if out else others)))

    label = f"{'Hide' if is_open else 'Show'} the {noun} of the start ({len(levers)})"
    Press(label, lambda: set_open(not is_open), tips.start_tip(draft.start), plain=True)
    if not is_open:
        return
    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for name, said in levers:
            out = name in gone
            line, class_ = ("row marked", "said gone") if out else ("row", "said")
            label, act = "Put back" if out else "Take out", partial(drop, name, not out)
            _sentence(said, line, class_, label, act, tips.drop_tip(said))


def _start(kind: type[Lever]) -> Fields:
    """The content of a form before anything is typed."""
    start: dict[str, object] = {}
    for control in controls_of(kind):
        if control.what == "one_of":
            start["how"] = control.key
        elif control.what == "money":
            start["currency"] = CURRENCIES[0]
        elif control.what == "shares" or control.many:
            start[control.key] = {} if control.what == "shares" else []
        elif control.start is not None:
            start[control.key] = control.start
    return start


@solara.component
def _Fields(kind: type[Lever], typed: Mapping[str, Any], change: Setter) -> None:
    """The controls of a form; those that are rarely needed when asked for."""
    all_shown, set_all_shown = solara.use_state(False)
    unused = unused_keys(kind, typed)
    meant = [one for one in controls_of(kind) if one.key not in unused]
    rare = [one for one in meant if one.rare]
    dates = [one for one in meant if one.what == "date" and not one.rare]
    for control in meant:
        if len(dates) > 1 and control is dates[0]:
            with v.Html(tag="div", class_="row"):
                for one in dates:
                    _Control(kind, one, typed, change, "half")
        elif not control.rare and (len(dates) == 1 or control not in dates):
            _Control(kind, control, typed, change)
    label = "Fewer fields" if all_shown else "More fields"
    tip = f"Fields that are rarely needed: {', '.join(in_page(one.label).lower() for one in rare)}."
    name = f"{label}: {kind.form.button}"
    Press(label, lambda: set_all_shown(not all_shown), tip, name=name, plain=True)
    if all_shown:
        for control in rare:
            _Control(kind, control, typed, change)


@solara.component
def _Control(
    kind: type[Lever],
    control: Control,
    typed: Mapping[str, Any],
    change: Setter,
    class_: str = "",
) -> None:
    """One control of a form; of places and legs, those on the ground of the authority chosen."""
    key, label, what = control.key, control.label, control.what
    value, many = typed.get(key), control.many
    if what in _OF_SEVERAL_FIELDS:
        _OF_SEVERAL_FIELDS[what](kind, control, typed, change)
        return
    tip = tips.field_tip(kind, key)
    chosen = list(value or []) if many else value or None

    def to(entered: Any) -> None:
        change(key, entered)
        if key == control.of == "authority":
            for other in controls_of(kind):  # places of somebody else's ground would be refused
                if other.of in ("place", "leg"):
                    change(other.key, [])

    if what == "name":
        names = name_items(control.of, str(typed.get("authority") or ""))
        choose(label, chosen, names, to, tip, many=many, search=True, empty=control.empty)
    elif what == "word":
        words, empty = word_items(control.words), kind.form.empty.get(key, "")
        choose(label, chosen, words, to, tip, many=many, empty=empty)
    elif what == "level":
        meaning = tips.level_tip(value) if value in LEVEL_WORDS else tip
        choose(label, chosen, word_items(LEVEL_WORDS), to, meaning)
    elif what == "switch":
        turn(label, bool(value), to, tip)
    elif what == "yes_no":
        choose(label, chosen, word_items(YES_NO), to, tip, empty=control.empty)
    elif what == "date":
        checked = board.checked.value
        # what was announced or signed can lie before the run
        days = {} if control.rare else bounds((checked.whatif or checked.baseline).run)
        write(label, str(value or ""), to, tip, kind="date", attributes=days, class_=class_)
    else:
        modes = {"whole": "numeric", "number": "decimal"}
        mode = {"inputmode": modes[what]} if what in modes else {}
        shown = str(value if value is not None else "")
        write(label, shown, to, tip, attributes=mode, class_=class_)


@solara.component
def _Pair(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """A choice of two sides."""
    tip, items = tips.field_tip(kind, control.key), name_items(control.of)
    for side, called in (("first", control.label), ("second", "and")):
        choose(called, typed.get(side), items, partial(change, side), tip, search=True)


@solara.component
def _Amount(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """A number, and its currency or under which of several keys it is written."""
    one_of = kind.form.one_of
    if control.what == "one_of" and one_of is not None:
        key, beside, label = "amount", "how", "As"
        chosen = typed["how"] if typed.get("how") in one_of.ways else control.key
        items = [{"text": words[0], "value": way} for way, words in one_of.ways.items()]
        tip = tips.field_tip(kind, chosen)
    else:
        key, beside, label = control.key, "currency", "Currency"
        chosen, items = typed.get("currency", CURRENCIES[0]), word_items(CURRENCIES)
        tip = f"{tips.field_tip(kind, key)} {tips.field_tip(Money, chosen)}"
    to, decimal = partial(change, key), {"inputmode": "decimal"}
    with v.Html(tag="div", class_="row"):
        write(control.label, typed.get(key, ""), to, tip, attributes=decimal, class_="half")
        choose(label, chosen, items, partial(change, beside), tip, class_="half")


@solara.component
def _Months(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """The first and the last of some months."""
    tip = tips.field_tip(kind, control.key)
    with v.Html(tag="div", class_="row"):
        for side in _SIDES:
            key, label = f"{control.key} {side}", f"{side.capitalize()} month"
            write(
                label, str(typed.get(key) or ""), partial(change, key), tip, "month", None, "half"
            )


@solara.component
def _Shares(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """The parts of a whole, in per cent."""
    spent: Mapping[str, str] = typed.get(control.key, {})

    def spend(part: str, text: str) -> None:
        change(control.key, {**spent, part: text})

    note(f"{control.label}, in per cent. {_together(spent)}")
    for part in control.words:
        label, tip = f"{in_page(part)}, %".capitalize(), tips.spending_tip(part)
        write(
            label,
            spent.get(part, ""),
            partial(spend, part),
            tip,
            attributes={"inputmode": "decimal"},
        )


def _together(spent: Mapping[str, str]) -> str:
    """A sentence with the sum of the parts as typed; parts that are no numbers yet count as 0."""
    total = 0.0
    for text in spent.values():
        try:
            total += float(str(text).strip(" %") or 0)
        except ValueError:
            continue
    return f"Together now {total:g}%; it must be 100%."


_OF_SEVERAL_FIELDS: dict[str, Callable[..., solara.Element]] = {
    "pair": _Pair, "one_of": _Amount, "money": _Amount, "shares": _Shares,
    "months": _Months,
}  # fmt: skip
