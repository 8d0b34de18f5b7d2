"""The panel of the what-if: what it starts from, its levers with a form for each, and its file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import solara

from simulation.app import board, forms
from simulation.app.draft import Draft, shipped
from simulation.app.naming import Item
from simulation.errors import InputError
from simulation.scenario import shipped_scenarios
from simulation.scenario.files import MAXIMUM_BYTES


@solara.component_vue("what_if.vue")
def _WhatIf(
    unfolded: bool,
    starts: list[Item],
    start: str,
    title: str,
    baseline: str,
    changes: tuple[str, ...],
    refused: str,
    lines: list[dict[str, Any]],
    of_start: list[Item],
    sections: list[Item],
    section: str,
    about: str,
    fields: list[forms.Field],
    problem: str,
    toml: str,
    file: str,
    commands: list[str],
    most: int,
    event_act: Callable[[Mapping[str, Any]], None],
) -> None:
    """The what-if, forms that change it, and its file."""


@solara.component
def WhatIf(unfolded: bool) -> None:
    """The what-if; the panel reads and writes `board.draft`.

    Args:
        unfolded: Whether it is unfolded at first.
    """
    draft, checked = board.draft.value, board.checked.value
    section, set_section = solara.use_state("sharing")
    problem, set_problem = solara.use_state("")
    lines = solara.use_memo(lambda: forms.said(draft), [draft])
    of_start = solara.use_memo(lambda: forms.of_start(draft), [draft])
    solara.use_effect(lambda: set_problem(""), [draft, section])

    def act(asked: Mapping[str, Any]) -> None:
        if "section" in asked:
            set_section(asked["section"])
            return
        try:
            set_problem(take_over(changed(board.draft.value, section, asked), asked))
        except InputError as error:
            set_problem(str(error))

    _WhatIf(
        unfolded=unfolded,
        starts=[{"text": shipped(name).title, "value": name} for name in shipped_scenarios()],
        start=draft.start,
        title=draft.title,
        baseline=checked.baseline.title,
        changes=checked.changes,
        refused=checked.problem,
        lines=lines,
        of_start=of_start,
        sections=forms.sections(),
        section=section,
        **forms.form_of(section),
        problem=problem,
        toml=draft.text(),
        file=file_name(draft.title),
        commands=commands(file_name(draft.title), checked.baseline.slug),
        most=MAXIMUM_BYTES,
        event_act=act,
    )


def changed(draft: Draft, section: str, asked: Mapping[str, Any]) -> Draft:
    """The what-if that the panel asks for.

    Args:
        draft: The what-if as it is.
        section: The lever or table whose form is shown.
        asked: What is done, such as `add` with what the form holds.

    Raises:
        InputError: What is typed, or the file, cannot be used.
    """
    if "begin" in asked:
        return Draft(asked["begin"])
    if "entitle" in asked:
        return draft.with_(title=asked["entitle"].strip() or None)
    if "add" in asked:
        return forms.added(draft, section, forms.entry_of(section, asked["add"]))
    if "remove" in asked:
        return forms.removed(draft, asked["remove"]["section"], asked["remove"]["at"])
    if "drop" in asked:
        return draft.with_(drop=[*draft.data.get("drop", ()), asked["drop"]])
    if "too_large" in asked:
        raise InputError("too large, and was not read", file=asked["too_large"], allowed="1 MB")
    return Draft.of_file(base64.b64decode(asked["content"]), asked["file"])


def take_over(draft: Draft, asked: Mapping[str, Any]) -> str:
    """Take over a what-if if it can be used; why not, otherwise.

    What is removed is always taken out: it may be what puts the rest right.
    """
    if "remove" in asked:
        board.draft.set(draft)
        return ""
    return board.attempt(draft)


def commands(file: str, baseline: str) -> list[str]:
    """Commands that give the figures of a what-if again from its file."""
    period = board.years.value
    return [
        f"crossings estimate {file} --period {period}",
        f"crossings compare {baseline} {file} --period {period}",
    ]


def file_name(title: str) -> str:
    """A name for the scenario file of a what-if."""
    return f"{short_name(title)}.toml"


def short_name(title: str) -> str:
    """A title as part of the name of a file or a folder."""
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in title.lower())
    return "-".join(words.split())[:40].strip("-") or "what-if"
