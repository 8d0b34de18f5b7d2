"""The levers of a what-if, kind by kind: what there is, and a form to add to it.

The forms are made from the fields of the levers in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import reacton.ipyvuetify as v
import solara

from simulation.app import board, tips
from simulation.app.fields import Press, bounds, choose, problem_shown, turn, write
from simulation.app.lever_forms import (
    CURRENCIES,
    LEVERS,
    YES_NO,
    added,
    dropped,
    in_words,
    inherited,
    removed,
    with_drop,
)
from simulation.app.naming import Item, in_page, name_items, word_items
from simulation.errors import InputError
from simulation.scenario.describe import lower_first
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import Control, controls_of, unused_keys
from simulation.scenario.levers.declaration import LeverGroup
from simulation.scenario.levers.funding import Money
from simulation.scenario.levers.registry import GROUPS

Setter = Callable[[str, Any], None]
_DECIMAL = {"inputmode": "decimal"}


@solara.component
def LeversOf(group: LeverGroup) -> None:
    """The levers of a group, each kind with the way to add one by hand."""
    kinds = GROUPS[group]
    for kind in kinds:
        if len(kinds) > 1:
            v.Html(tag="h3", children=[in_page(kind.section).capitalize()])
        _Levers(kind)


@solara.component
def _Levers(kind: type[Lever]) -> None:
    """The levers of a kind, each with a way to take it out, and the form."""
    made, section = board.draft.value, kind.section
    problem, set_problem = solara.use_state("")
    solara.use_effect(lambda: set_problem(""), [made])

    def take_out(index: int) -> None:
        # always done, even if something else is wrong: it may be what puts it right
        board.draft.value = removed(board.draft.value, section, index)

    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for index, entry in enumerate(made.entries(section)):
            said = in_words(section, entry)
            act = partial(take_out, index)
            _sentence(said, "row marked", "said", "Remove", act, f"Take out: {lower_first(said)}")
    problem_shown(problem)
    _Form(kind)
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
            lever = LEVERS[section](latest.current)
        except InputError as error:
            set_problem(str(error))
            return
        found = board.attempt(added(board.draft.value, section, lever))
        if found:
            set_problem(found)
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
    made, start = board.draft.value, board.start.value
    known = solara.use_memo(lambda: inherited(start, section), [start, section])
    if not known or not made.start:
        return
    gone = dropped(made)

    def drop(name: str, out: bool) -> None:
        set_problem(board.attempt(with_drop(board.draft.value, name, out)))

    label = f"{'Hide' if is_open else 'Show'} the {noun} of the start ({len(known)})"
    Press(label, lambda: set_open(not is_open), tips.start_tip(made.start), plain=True)
    if not is_open:
        return
    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for name, said in known:
            out = name in gone
            line, class_ = ("row marked", "said gone") if out else ("row", "said")
            label, act = "Put back" if out else "Take out", partial(drop, name, not out)
            _sentence(said, line, class_, label, act, tips.drop_tip(said))


def _start(kind: type[Lever]) -> dict[str, Any]:
    """What a form holds before anything is typed."""
    start: dict[str, Any] = {}
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
    """One control of a form."""
    key, label, what = control.key, control.label, control.what
    value, to = typed.get(key), partial(change, key)
    if what in _OF_SEVERAL_FIELDS:
        _OF_SEVERAL_FIELDS[what](kind, control, typed, change)
        return
    tip = tips.field_tip(kind, key)
    if what == "word":
        chosen = list(value or []) if control.many else value
        choose(label, chosen, word_items(control.words), to, tip, many=control.many)
    elif what == "level":
        meaning = tips.level_tip(value) if value in LEVEL_WORDS else tip
        choose(label, value, word_items(LEVEL_WORDS), to, meaning)
    elif what == "switch":
        turn(label, bool(value), to, tip)
    elif what == "yes_no":
        choose(label, value or None, word_items(YES_NO), to, tip, empty=control.empty)
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
def _Name(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """A choice of names: of places and legs, those on the ground of the authority chosen."""
    key, value = control.key, typed.get(control.key)
    on_ground = [one.key for one in controls_of(kind) if one.of in ("place", "leg")]

    def on_entry(chosen: Any) -> None:
        change(key, chosen)
        if control.of == "authority" and key == "authority":
            for other in on_ground:  # places of somebody else's ground would be refused
                change(other, [])

    choose(
        control.label,
        list(value or []) if control.many else value or None,
        name_items(control.of, str(typed.get("authority") or "")),
        on_entry,
        tips.field_tip(kind, key),
        many=control.many,
        search=True,
        empty=control.empty,
    )


@solara.component
def _OneOf(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """A number, and under which of several keys it is written."""
    one_of = kind.form.one_of
    assert one_of is not None, kind
    how = str(typed.get("how")) if typed.get("how") in one_of.ways else control.key
    items: list[Item] = [{"text": words[0], "value": key} for key, words in one_of.ways.items()]
    tip, to = tips.field_tip(kind, how), partial(change, "amount")
    with v.Html(tag="div", class_="row"):
        write(control.label, typed.get("amount", ""), to, tip, attributes=_DECIMAL, class_="half")
        choose("As", how, items, partial(change, "how"), tip, class_="half")


@solara.component
def _Money(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """An amount and its currency."""
    key, label, currency = control.key, control.label, typed.get("currency", CURRENCIES[0])
    tip = f"{tips.field_tip(kind, key)} {tips.field_tip(Money, currency)}"
    money, to = word_items(CURRENCIES), partial(change, key)
    with v.Html(tag="div", class_="row"):
        write(label, typed.get(key, ""), to, tip, attributes=_DECIMAL, class_="half")
        choose("Currency", currency, money, partial(change, "currency"), tip, class_="half")


@solara.component
def _Shares(kind: type[Lever], control: Control, typed: Mapping[str, Any], change: Setter) -> None:
    """The parts of a whole, in per cent."""
    spent: Mapping[str, str] = typed.get(control.key, {})

    def spend(part: str, text: str) -> None:
        change(control.key, {**spent, part: text})

    v.Html(tag="p", class_="note", children=[f"{control.label}, in per cent. {_together(spent)}"])
    for part in control.words:
        label, tip = f"{in_page(part)}, %".capitalize(), tips.spending_tip(part)
        write(label, spent.get(part, ""), partial(spend, part), tip, attributes=_DECIMAL)


def _together(spent: Mapping[str, str]) -> str:
    """What the parts come to while they are typed; parts that are no numbers yet count nothing."""
    total = 0.0
    for text in spent.values():
        try:
            total += float(str(text).strip(" %") or 0)
        except ValueError:
            continue
    return f"Together now {total:g}%; it must be 100%."


_OF_SEVERAL_FIELDS: dict[str, Callable[..., solara.Element]] = {
    "pair": _Pair, "name": _Name, "one_of": _OneOf, "money": _Money, "shares": _Shares,
}  # fmt: skip
