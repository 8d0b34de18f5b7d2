"""Agreements one by one, staff, funding and operations: what there is, and a form to add to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_args

import reacton.ipyvuetify as v
import solara

from simulation.app import board, tips
from simulation.app.fields import Press, bounds, choose, problem_shown, turn, write
from simulation.app.lever_forms import (
    CURRENCIES,
    LEVERS,
    added,
    dropped,
    entries,
    in_words,
    inherited,
    removed,
    with_drop,
)
from simulation.app.matrix import attempt, start_of
from simulation.app.naming import authority_items, in_page, place_items, word_items
from simulation.errors import InputError
from simulation.scenario.kinds import Spending, StaffKind
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.funding import Funding, Money
from simulation.scenario.levers.operation import Operation
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.levers.staff import Staff

OPERATIONS = ("patrol", "arrests", "boat_supply")
#: what a button that opens a form says, and the noun of the list of the start
WORDS = {
    "sharing": ("Add an agreement", "agreements"),
    "staff": ("Add or take away staff", "staff changes"),
    "funding": ("Add funding", "payments"),
    "operation": ("Add an operation", "operations"),
}
Setter = Callable[[str, Any], None]


@solara.component
def Agreements() -> None:
    """The `[[sharing]]` levers of the what-if, with the way to add one by hand."""
    _Levers("sharing", {"level": "high"}, _sharing_fields)


@solara.component
def StaffAndFunding() -> None:
    """More or fewer units, and money that pays for them."""
    v.Html(tag="h3", children=["Staff"])
    _Levers("staff", {"how": "change"}, _staff_fields)
    v.Html(tag="h3", children=["Funding"])
    start = {"currency": "GBP", "per": "year", "spend_on": {}}
    _Levers("funding", start, _funding_fields)


@solara.component
def Operations() -> None:
    """Patrols, arrests and work against boat deliveries for a time."""
    _Levers("operation", {"kind": "patrol", "places": []}, _operation_fields)


@solara.component
def _Levers(
    section: str, start: Mapping[str, Any], fields: Callable[[Mapping[str, Any], Setter], None]
) -> None:
    """The levers of a section, each with a way to take it out, and the form."""
    made = board.draft.value
    problem, set_problem = solara.use_state("")
    solara.use_effect(lambda: set_problem(""), [made])

    def take_out(index: int) -> None:
        # always done, even if something else is wrong: it may be what puts it right
        board.draft.value = removed(board.draft.value, section, index)

    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for index, entry in enumerate(entries(made, section)):
            sentence = in_words(section, entry)
            with v.Html(tag="li", class_="row marked"):
                v.Html(tag="span", class_="said", children=[sentence])
                Press(
                    "Remove",
                    partial(take_out, index),
                    tips.remove_tip(sentence),
                    name=f"Remove: {sentence}",
                    plain=True,
                )
    problem_shown(problem)
    _Form(section, start, fields)
    _Inherited(section, set_problem)


@solara.component
def _Form(
    section: str, start: Mapping[str, Any], fields: Callable[[Mapping[str, Any], Setter], None]
) -> None:
    """A form that adds a lever if the what-if can be used with it, and says why not otherwise."""
    is_open, set_open = solara.use_state(False)
    typed, set_typed = solara.use_state(dict(start))
    problem, set_problem = solara.use_state("")
    begun = is_open and typed != dict(start)
    board.use_entry(board.unfinished, section, WORDS[section][0] if begun else "")
    # several fields can report before the form is drawn again
    latest = solara.use_ref(typed)
    latest.current = typed

    def change(key: str, value: Any) -> None:
        latest.current = {**latest.current, key: value}
        set_typed(latest.current)
        set_problem("")

    def close() -> None:
        set_open(False)
        set_typed(dict(start))
        set_problem("")

    def add() -> None:
        try:
            lever = LEVERS[section](latest.current)
        except InputError as error:
            set_problem(str(error))
            return
        found = attempt(added(board.draft.value, section, lever))
        if found:
            set_problem(found)
        else:
            close()

    tip = tips.lever_tip(section)
    if not is_open:
        Press(WORDS[section][0], lambda: set_open(True), tip)
        return
    with v.Html(tag="div", class_="form", attributes={"role": "group", "aria-label": tip}):
        fields(typed, change)
        problem_shown(problem)
        with v.Html(tag="div", class_="row"):
            Press("Add", add, tip, name=WORDS[section][0])
            Press("Cancel", close, tip, name=f"Cancel: {WORDS[section][0]}", plain=True)


@solara.component
def _Inherited(section: str, set_problem: Callable[[str], None]) -> None:
    """The levers of the start, which can be taken out one by one."""
    is_open, set_open = solara.use_state(False)
    made, whatif = board.draft.value, board.checked.value.whatif
    start = start_of(made, whatif)
    known = solara.use_memo(lambda: inherited(start, section), [start, section])
    if not known or not made.start:
        return
    gone = dropped(made)
    noun = WORDS[section][1]

    def drop(name: str, out: bool) -> None:
        set_problem(attempt(with_drop(board.draft.value, name, out)))

    label = f"{'Hide' if is_open else 'Show'} {len(known)} {noun} of the start"
    Press(label, lambda: set_open(not is_open), tips.start_tip(made.start), plain=True)
    if not is_open:
        return
    with v.Html(tag="ul", style_="list-style: none; padding-left: 0"):
        for name, sentence in known:
            out = name in gone
            with v.Html(tag="li", class_="row marked" if out else "row"):
                v.Html(tag="span", class_="said gone" if out else "said", children=[sentence])
                Press(
                    "Put back" if out else "Take out",
                    partial(drop, name, not out),
                    tips.drop_tip(sentence),
                    name=f"{'Put back' if out else 'Take out'}: {sentence}",
                    plain=True,
                )


def _sharing_fields(typed: Mapping[str, Any], change: Setter) -> None:
    items = authority_items()
    tip = tips.field_tip(Sharing, "between")
    for key, label in (("first", "Between"), ("second", "and")):
        choose(label, typed.get(key), items, _to(change, key), tip, search=True)
    level = typed.get("level")
    meaning = tips.level_tip(level) if level in LEVEL_WORDS else tips.field_tip(Sharing, "level")
    choose("Level", level, word_items(LEVEL_WORDS), _to(change, "level"), meaning)
    tip = tips.field_tip(Sharing, "one_way")
    turn("One way only", bool(typed.get("one_way")), _to(change, "one_way"), tip)
    _days(typed, change)


def _staff_fields(typed: Mapping[str, Any], change: Setter) -> None:
    tip = tips.field_tip(Staff, "authority")
    items = authority_items()
    choose("Whose staff", typed.get("authority"), items, _to(change, "authority"), tip, search=True)
    tip = tips.field_tip(Staff, "kind")
    choose("Kind", typed.get("kind"), word_items(get_args(StaffKind)), _to(change, "kind"), tip)
    how = "add" if typed.get("how") == "add" else "change"
    ways = [{"text": "times", "value": "change"}, {"text": "more units", "value": "add"}]
    tip = tips.field_tip(Staff, how)
    with v.Html(tag="div", class_="row"):
        write(
            "How much",
            str(typed.get("amount", "")),
            _to(change, "amount"),
            tip,
            attributes={"inputmode": "decimal"},
            class_="half",
        )
        choose("As", how, ways, _to(change, "how"), tip, class_="half")
    _days(typed, change)


def _funding_fields(typed: Mapping[str, Any], change: Setter) -> None:
    items = authority_items()
    tip = tips.field_tip(Funding, "authority")
    choose("Who pays", typed.get("authority"), items, _to(change, "authority"), tip, search=True)
    tip = tips.field_tip(Funding, "beneficiary")
    choose(
        "Who gets it",
        typed.get("beneficiary") or None,
        items,
        _to(change, "beneficiary"),
        tip,
        search=True,
        empty="the payer itself",
    )
    currency = typed.get("currency", "GBP")
    tip = f"{tips.field_tip(Funding, 'amount')} {tips.field_tip(Money, currency)}"
    write(
        "Amount",
        str(typed.get("amount", "")),
        _to(change, "amount"),
        tip,
        attributes={"inputmode": "decimal"},
    )
    with v.Html(tag="div", class_="row"):
        money = word_items(CURRENCIES)
        choose("Currency", currency, money, _to(change, "currency"), tip, class_="half")
        often = [{"text": "a year", "value": "year"}, {"text": "once", "value": "once"}]
        tip = tips.field_tip(Funding, "per")
        choose("How often", typed.get("per"), often, _to(change, "per"), tip, class_="half")
    spent: Mapping[str, str] = typed.get("spend_on", {})

    def spend(kind: str, text: str) -> None:
        change("spend_on", {**spent, kind: text})

    v.Html(tag="p", class_="note", children=[f"Spent on, in per cent. {_together(spent)}"])
    for kind in get_args(Spending):
        write(
            f"{in_page(kind)}, %".capitalize(),
            str(spent.get(kind, "")),
            partial(spend, kind),
            tips.spending_tip(kind),
            attributes={"inputmode": "decimal"},
        )
    _days(typed, change)


def _together(spent: Mapping[str, str]) -> str:
    """What the parts come to while they are typed; parts that are no numbers yet count nothing."""
    total = 0.0
    for text in spent.values():
        try:
            total += float(str(text).strip(" %") or 0)
        except ValueError:
            continue
    return f"Together now {total:g}%; it must be 100%."


def _operation_fields(typed: Mapping[str, Any], change: Setter) -> None:
    authority = typed.get("authority") or ""

    def act(code: Any) -> None:
        change("authority", code)
        change("places", [])  # places of somebody else's ground would be refused

    tip = tips.field_tip(Operation, "authority")
    choose("Who acts", authority, authority_items(), act, tip, search=True)
    tip = tips.field_tip(Operation, "kind")
    choose("Kind", typed.get("kind"), word_items(OPERATIONS), _to(change, "kind"), tip)
    if typed.get("kind") != "boat_supply":
        tip = tips.field_tip(Operation, "places")
        places = place_items(authority)
        chosen = list(typed.get("places", []))
        choose("Places", chosen, places, _to(change, "places"), tip, many=True, search=True)
    tip = tips.field_tip(Operation, "strength")
    write(
        "Times the effort",
        str(typed.get("strength", "")),
        _to(change, "strength"),
        tip,
        attributes={"inputmode": "decimal"},
    )
    _days(typed, change)


def _days(typed: Mapping[str, Any], change: Setter) -> None:
    """From, to and ramp, which every lever has."""
    whatif = board.checked.value.whatif
    run = (whatif or board.checked.value.baseline).run
    with v.Html(tag="div", class_="row"):
        for key, label in (("from", "From"), ("to", "To")):
            write(
                label,
                str(typed.get(key, "")),
                _to(change, key),
                tips.field_tip(Staff, key),
                kind="date",
                attributes=bounds(run),
                class_="half",
            )
    write(
        "Grows over days",
        str(typed.get("ramp_days", "")),
        _to(change, "ramp_days"),
        tips.field_tip(Staff, "ramp_days"),
        attributes={"inputmode": "numeric"},
    )


def _to(change: Setter, key: str) -> Callable[[Any], None]:
    return lambda value: change(key, value)
