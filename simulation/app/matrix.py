"""The matrix of authorities: who shares how much with whom, and a choice of level in every cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reacton.ipyvuetify as v
import solara

from simulation.app import board, tips
from simulation.app.browser_input import message, one_of
from simulation.app.draft import Draft, baseline_beside, shipped
from simulation.app.fields import MARK, WriteOnce, bounds, problem_shown
from simulation.app.lever_forms import day, whole
from simulation.app.naming import between, named
from simulation.app.sharing_levels import (
    COMPACT,
    LETTERS,
    SHORTCUTS,
    SharingCell,
    When,
    all_sides,
    as_it_is,
    can_share,
    cells,
    letter,
    moved,
    triangle,
    with_level,
)
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS, level_number
from simulation.scenario.levers.sharing import Sharing

VIEWS = {"main": "Main authorities", "all": "Every authority"}
#: from light to dark, told apart in grey and by the colour-blind; the letter stands on each
SHADES = ("#ffffff", "#cfe1f2", "#93c4df", "#2b70ad", "#08306b")
_DARK = 3

#: what a cell sends in place of a level to go back to the start
AS_IT_IS = ""

#: what the matrix shows: the main authorities, or all
view: solara.Reactive[str] = solara.reactive("main")


@solara.component_vue("matrix.vue")
def Grid(
    levels: list[dict[str, Any]],
    shortcuts: list[dict[str, Any]],
    columns: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    back_tip: str,
    event_pick: Callable[[dict[str, Any]], None],
) -> None:
    """The cells, and the levels to choose from under the one that is open."""


def start_of(made: Draft, whatif: Scenario | None) -> Scenario:
    """The scenario a what-if starts from; the baseline for one that stands alone."""
    if made.start:
        return shipped(made.start)
    return baseline_beside(whatif) if whatif is not None else shipped("baseline")


def when_of(chosen: When | None, scenario: Scenario) -> When:
    """From when the matrix applies: as chosen, if that lies in the run, or from its first day."""
    run = scenario.run
    if chosen is not None and run.first_simulated <= chosen.day <= run.end:
        return chosen
    return When(run.start)


def attempt(made: Draft) -> str:
    """Take over a what-if if it can be used; why not, otherwise."""
    problem = board.examine(made).problem
    if not problem:
        board.draft.value = made
    return problem


@solara.component
def Matrix() -> None:
    """The matrix with its date, its ramp and its legend."""
    problem, set_problem = solara.use_state("")
    made, checked = board.draft.value, board.checked.value
    start = start_of(made, checked.whatif)
    whatif = checked.whatif or start
    when = when_of(board.since.value, whatif)
    data = solara.use_memo(
        lambda: _shown(whatif, start, when, view.value), [whatif, start, when, view.value]
    )
    solara.use_effect(lambda: set_problem(""), [made])

    def pick(said: dict[str, Any]) -> None:
        choice = message(said)
        first, second = choice.get("first"), choice.get("second")
        level = one_of(choice.get("level"), (*LEVEL_WORDS, AS_IT_IS))
        if level is None or not can_share(first, second):
            return
        try:
            if level == AS_IT_IS:
                changed = as_it_is(made, str(first), str(second), when, start)
            else:
                changed = with_level(made, str(first), str(second), level, when)
        except InputError as error:
            set_problem(str(error))
            return
        set_problem(attempt(changed))

    hint = "Levels agreed on this day. A level chosen in a cell applies from this day on."
    v.Html(tag="p", class_="note", children=[hint])
    _Since(when, whatif, set_problem)
    _ViewChoice()
    Grid(**data, back_tip=tips.as_it_is_tip(made.start), event_pick=pick)
    problem_shown(problem)
    _legend()


@solara.component
def _Since(when: When, whatif: Scenario, set_problem: Callable[[str], None]) -> None:
    """The one date and ramp of what is set in the matrix."""

    def change(day_text: str, ramp_text: str) -> str:
        try:
            new = When(
                day(day_text, "From") or whatif.run.start,
                whole(ramp_text or "0", "Grows over days", tips.limits(Sharing, "ramp_days")),
            )
            if when_of(new, whatif) != new:
                raise InputError(
                    "lies outside the run",
                    key="From",
                    value=str(new.day),
                    allowed=f"{whatif.run.first_simulated} to {whatif.run.end}",
                )
        except InputError as error:
            return str(error)
        changed = moved(board.draft.value, when, new)
        found = attempt(changed) if changed != board.draft.value else ""
        if not found:
            board.since.value = new
            set_problem("")
        return found

    ramp = str(when.ramp_days)
    with v.Html(tag="div", class_="row"):
        with v.Html(tag="div", class_="half"):
            WriteOnce(
                "From",
                when.day.isoformat(),
                lambda text: change(text, ramp),
                tips.field_tip(Sharing, "from"),
                kind="date",
                attributes=bounds(whatif.run),
                narrow=True,
            )
        with v.Html(tag="div", class_="half"):
            WriteOnce(
                "Grows over days",
                ramp,
                lambda text: change(when.day.isoformat(), text),
                tips.field_tip(Sharing, "ramp_days"),
                attributes={"inputmode": "numeric"},
                narrow=True,
            )
    refused = board.refused.value
    problem_shown(refused.get("From") or refused.get("Grows over days", ""))


@solara.component
def _ViewChoice() -> None:
    """Main authorities, or all of them."""
    tip = tips.members_tip("UK")
    with v.RadioGroup(
        v_model=view.value,
        on_v_model=lambda word: view.set(one_of(word, VIEWS) or view.value),
        row=True,
        dense=True,
        hide_details=True,
        class_="mt-1",
        attributes={"title": tip, "aria-label": "Rows and columns of the matrix"},
    ):
        for word, label in VIEWS.items():
            v.Radio(label=label, value=word, attributes={"title": tip})


def _shown(whatif: Scenario, start: Scenario, when: When, which: str) -> dict[str, Any]:
    """What the page draws."""
    sides = all_sides() if which == "all" else COMPACT
    rows = triangle(sides)
    meanings = tips.all_level_tips(load_parameters(whatif.parameters))
    found = cells([*SHORTCUTS, *(pair for row in rows for pair in row)], whatif, start, when.day)
    few, many = found[: len(SHORTCUTS)], iter(found[len(SHORTCUTS) :])
    return {
        "levels": [
            {"word": word, "tip": meanings[word], "style": _style(index, index)}
            for index, word in enumerate(LEVEL_WORDS)
        ],
        "shortcuts": [{**_cell(cell, meanings), "name": _shortcut(cell)} for cell in few],
        "columns": [_side(side) for side in sides[:-1]],
        "rows": [
            {**_side(row[0][0]), "cells": [_cell(next(many), meanings) for _ in row]}
            for row in rows
        ],
    }


def _shortcut(cell: SharingCell) -> str:
    text = between(cell.first, cell.second)
    return text[:1].upper() + text[1:]


def _side(code: str) -> dict[str, str]:
    short = {"EUROPOL": "EP", "FRONTEX": "FX"}.get(code, code.removeprefix("UK-") or code)
    return {"code": code, "short": short, "name": named(code), "tip": tips.members_tip(code)}


def _cell(cell: SharingCell, meanings: dict[str, str]) -> dict[str, Any]:
    low, high = (int(level_number(level) * (len(SHADES) - 1)) for level in (cell.low, cell.high))
    meaning = meanings.get(cell.now, "")
    return {
        "first": cell.first,
        "second": cell.second,
        "letters": cell.letters,
        "now": cell.now,
        "was": cell.was,
        "changed": cell.changed,
        "label": cell.label,
        "tip": f"{cell.label}. {meaning}".strip(),
        "style": _style(low, high),
    }


def _style(low: int, high: int) -> dict[str, str]:
    """The shade of a level; of several, the two ends side by side under dark letters."""
    if low == high:
        colour = "#ffffff" if low >= _DARK else "#000000"
        return {"background": SHADES[low], "color": colour}
    # what is written must be read on both halves, so the darkest shades stay out
    top = min(high, _DARK - 1)
    return {
        "background": f"linear-gradient(135deg, {SHADES[low]} 50%, {SHADES[top]} 50%)",
        "color": "#000000",
    }


def _legend() -> None:
    words: Sequence[str] = [f"{LETTERS[word]} {word}" for word in LEVEL_WORDS]
    plus = f"{letter(0.6)} a little above medium"
    text = (
        f"{', '.join(words)}; {plus}, {LETTERS['none']}\u2013{LETTERS['low']} from none to low, "
        "* numbers of its own. Both ways unless an agreement below is one-way. "
    )
    with v.Html(tag="p", class_="note"):
        v.Html(tag="span", children=[text])
        v.Html(tag="span", style_=f"color: {MARK}; font-weight: 600", children=["Orange corner:"])
        v.Html(tag="span", children=[" changed in this what-if."])
