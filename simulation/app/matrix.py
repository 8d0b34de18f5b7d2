"""The matrix of authorities: who shares how much with whom, and a choice of level in every cell."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import reacton.ipyvuetify as v
import solara

from simulation.app import board, tips
from simulation.app.draft import shipped
from simulation.app.fields import WriteOnce, bounds, note, problem_shown
from simulation.app.lever_forms import day, whole
from simulation.app.naming import between, named
from simulation.app.sharing_levels import (
    COMPACT,
    LETTERS,
    SHORTCUTS,
    When,
    all_sides,
    as_it_is,
    cells,
    letter,
    moved,
    triangle,
    with_level,
)
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.sharing import Sharing
from simulation.wording.quoting import sentence_case

VIEWS = {"main": "Main authorities", "all": "Every authority"}
#: what a cell sends in place of a level to go back to the start
AS_IT_IS = ""

#: what the matrix shows: the main authorities, or all
view: solara.Reactive[str] = solara.reactive("main")


#: of a cell what a `SharingCell` holds, its `tip`, and the `name` of one for a group; or of an
#: authority its `code`, `name` and `tip`, and of a row the `cells`
Sent = Mapping[str, object]


@solara.component_vue("matrix.vue")
def Grid(
    levels: dict[str, str],
    shortcuts: list[Sent],
    columns: list[Sent],
    rows: list[Sent],
    back_tip: str,
    event_pick: Callable[[dict[str, str]], None],
) -> None:
    """The cells, and the levels to choose from under the one that is open."""


def when_of(chosen: When | None, scenario: Scenario) -> When:
    """From when the matrix applies: as chosen, if that lies in the run, or from its first day."""
    run = scenario.run
    if chosen is not None and run.first_simulated <= chosen.day <= run.end:
        return chosen
    return When(run.start)


@solara.component
def Matrix() -> None:
    """The matrix with its date, its ramp and its legend."""
    problem, set_problem = solara.use_state("")
    draft, start = board.draft.value, board.start.value
    whatif = board.checked.value.whatif or start
    when = when_of(board.since.value, whatif)
    data = solara.use_memo(
        lambda: _shown(whatif, start, when, view.value), [whatif, start, when, view.value]
    )
    solara.use_effect(lambda: set_problem(""), [draft])

    def pick(choice: dict[str, str]) -> None:
        first, second, level = choice["first"], choice["second"], choice["level"]
        try:
            if level == AS_IT_IS:
                changed = as_it_is(draft, first, second, when, start)
            else:
                changed = with_level(draft, first, second, level, when)
            set_problem(board.attempt(changed))
        except InputError as error:
            set_problem(str(error))

    note("Levels agreed on this day. A level chosen in a cell applies from this day on.")
    _Since(when, whatif, set_problem)
    _ViewChoice()
    back = f"As in the start: {shipped(draft.start).title if draft.start else 'the file itself'}."
    Grid(**data, back_tip=back, event_pick=pick)
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
        problem = board.attempt(changed) if changed != board.draft.value else ""
        if not problem:
            board.since.value = new
            set_problem("")
        return problem

    since, ramp = when.day.isoformat(), str(when.ramp_days)
    from_, grows = partial(change, ramp_text=ramp), partial(change, since)
    days, digits = bounds(whatif.run), {"inputmode": "numeric"}
    with v.Html(tag="div", class_="row"):
        with v.Html(tag="div", class_="half"):
            tip = tips.field_tip(Sharing, "from")
            WriteOnce("From", since, from_, tip, kind="date", attributes=days, narrow=True)
        with v.Html(tag="div", class_="half"):
            tip = tips.field_tip(Sharing, "ramp_days")
            WriteOnce("Grows over days", ramp, grows, tip, attributes=digits, narrow=True)
    refused = board.refused.value
    problem_shown(refused.get("From") or refused.get("Grows over days", ""))


@solara.component
def _ViewChoice() -> None:
    """Main authorities, or all of them."""
    tip = tips.members_tip("UK")
    with v.RadioGroup(
        v_model=view.value,
        on_v_model=view.set,
        row=True,
        dense=True,
        hide_details=True,
        class_="mt-1",
        attributes={"title": tip, "aria-label": "Rows and columns of the matrix"},
    ):
        for word, label in VIEWS.items():
            v.Radio(label=label, value=word, attributes={"title": tip})


def _shown(whatif: Scenario, start: Scenario, when: When, which: str) -> dict[str, Any]:
    """The meaning of each level, cells of groups, and the authorities with theirs, for `Grid`."""
    sides = all_sides() if which == "all" else COMPACT
    rows = triangle(sides)
    assumed = load_parameters(whatif.parameters)
    meanings = {word: tips.level_tip(word, assumed) for word in LEVEL_WORDS}
    drawn_cells = cells([*SHORTCUTS, *itertools.chain(*rows)], whatif, start, when.day)
    shown = iter(
        [
            {**asdict(cell), "tip": f"{cell.label}. {meanings.get(cell.now, '')}".strip()}
            for cell in drawn_cells
        ]
    )
    return {
        "levels": meanings,
        "shortcuts": [{**next(shown), "name": sentence_case(between(*pair))} for pair in SHORTCUTS],
        "columns": [_side(side) for side in sides[:-1]],
        "rows": [
            {**_side(row[0][0]), "cells": list(itertools.islice(shown, len(row)))} for row in rows
        ],
    }


def _side(code: str) -> Sent:
    return {"code": code, "name": named(code), "tip": tips.members_tip(code)}


def _legend() -> None:
    words = ", ".join(f"{LETTERS[word]} {word}" for word in LEVEL_WORDS)
    text = (
        f"{words}; {letter(0.6)} a little above medium, {LETTERS['none']}\u2013{LETTERS['low']} "
        "from none to low, * numbers of its own. Both ways unless an agreement below is one-way. "
    )
    with v.Html(tag="p", class_="note"):
        v.Html(tag="span", children=[text])
        v.Html(tag="span", class_="crossings-mark", children=["Orange corner:"])
        v.Html(tag="span", children=[" changed in this what-if."])
