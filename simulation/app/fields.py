"""Fields and buttons of the page, each with its tool tip, and boxes that tell something.

A tip floats beside its control under the mouse and at the focus: one that took up room would move
what is below it, and a click would miss. All controls can be used with the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import reacton.ipyvuetify as v
import solara

from simulation.app import board
from simulation.app.naming import Item
from simulation.scenario.schema import FullRun

_LOOK: dict[str, Any] = {
    "dense": True, "outlined": True, "hide_details": "auto", "class_": "my-2", "v_on": "tooltip.on",
}  # fmt: skip


def _tipped(tip: str, control: solara.Element, **options: Any) -> solara.Element:
    """A control with a tool tip under the mouse and at the focus."""
    slots = [{"name": "activator", "variable": "tooltip", "children": [control]}]
    return v.Tooltip(max_width=320, v_slots=slots, children=[tip], **options)


@solara.component
def Press(
    label: str,
    on_click: Callable[[], None],
    tip: str,
    name: str = "",
    plain: bool = False,
    disabled: bool = False,
) -> solara.Element:
    """A button with a tool tip.

    Args:
        label: What it says.
        on_click: What it does.
        tip: Its tool tip.
        name: What is read aloud, if not the label.
        plain: Without a frame, for a button at the end of a line.
        disabled: Whether it can be used.
    """
    button = solara.Button(
        label,
        on_click=on_click,
        small=True,
        outlined=not plain,
        text=plain,
        disabled=disabled,
        v_on="tooltip.on",
        attributes={"aria-label": name or label, "aria-description": tip},
    )
    return _tipped(tip, button, bottom=True)


@solara.component
def Tipped(tip: str, field: solara.Element, class_: str = "") -> solara.Element:
    """A field with a tool tip above it, where it hides no list that opens."""
    # the field itself tells of the focus, what is around it of the mouse
    around = v.Html(tag="div", class_=class_, v_on="tooltip.on", children=[field])
    return _tipped(tip, around, top=True, open_delay=300)


def write(
    label: str,
    value: str,
    on_value: Callable[[str], None],
    tip: str,
    kind: str = "text",
    attributes: dict[str, str] | None = None,
    class_: str = "",
) -> solara.Element:
    """A field to type into; it hands over every letter."""
    return Tipped(tip, _text_field(label, value, on_value, tip, kind, attributes), class_)


def _text_field(
    label: str,
    value: str,
    on_value: Callable[[str], None],
    tip: str,
    kind: str = "text",
    attributes: dict[str, str] | None = None,
    problem: str = "",
    narrow: bool = False,
) -> solara.Element:
    return v.TextField(
        label=label,
        v_model=value,
        on_v_model=lambda text: on_value(str(text if text is not None else "")),
        error=bool(problem),
        error_messages=[problem] if problem and not narrow else [],
        type=kind,
        # a date shows its pattern even when it is empty, so the label must not lie over it
        placeholder=" " if kind == "date" else "",
        attributes={"aria-description": tip, "autocomplete": "off", **(attributes or {})},
        **_LOOK,
    )


@solara.component
def WriteOnce(
    label: str,
    value: str,
    on_value: Callable[[str], str],
    tip: str,
    kind: str = "text",
    attributes: dict[str, str] | None = None,
    narrow: bool = False,
) -> solara.Element:
    """A field to type into, which hands over what is typed when it is left or enter is pressed.

    Args:
        label: What the field is called.
        value: What it holds.
        on_value: Takes over what was typed; returns why it cannot be used, or nothing. A text that
            was refused stays in the field, and is in `board.refused` for as long.
        tip: Its tool tip.
        kind: Type of the field, as HTML names it.
        attributes: More attributes of the field.
        narrow: Whether the field is too narrow for a sentence: why a text was refused is then shown
            elsewhere, and the field only turns red.
    """
    typed, set_typed = solara.use_state(value)
    problem, set_problem = solara.use_state("")
    handed = solara.use_ref(value)

    def follow() -> None:
        handed.current = value
        set_typed(value)
        set_problem("")

    solara.use_effect(follow, [value])
    board.use_entry(board.refused, label, problem)

    def leave(*event: object) -> None:
        text = event[-1]  # after the widget and the name of the event
        written = str(text if text is not None else "")
        # compared with what was last handed over: the old value typed again after a refusal counts
        if written != handed.current:
            handed.current = written
            set_problem(on_value(written))

    field = _text_field(label, typed, set_typed, tip, kind, attributes, problem, narrow)
    # The event brings the text with it: a browser withholds letters while a server is busy, and the
    # click that follows would overtake them.
    v.use_event(field, "change", leave)
    return Tipped(tip, field)


def choose(
    label: str,
    value: Any,
    items: Sequence[Item],
    on_value: Callable[[Any], None],
    tip: str,
    many: bool = False,
    search: bool = False,
    class_: str = "",
    empty: str = "",
) -> solara.Element:
    """A list to choose from, with the arrows or, if it is long, by typing a part of a name.

    Args:
        label: What is chosen.
        value: What has been chosen.
        items: What there is.
        on_value: Called with what is chosen: the value of one of the items, a list of such values
            where several can be chosen, or None where a choice can be taken back.
        tip: Its tool tip.
        many: Whether several can be chosen.
        search: Whether it is found by typing.
        class_: Class of what is around it.
        empty: What it stands for that nothing is chosen, where that can be so.
    """
    possible = [item["value"] for item in items]

    def on_entry(chosen: Any) -> None:
        # what is set may not be offered any more
        offered = all(one in possible for one in (chosen if many else [chosen]))
        if offered or (chosen is None and (search or empty)):
            on_value(chosen)

    kind = v.Autocomplete if search else v.Select
    field = kind(
        label=label,
        v_model=value,
        on_v_model=on_entry,
        items=list(items),
        multiple=many,
        clearable=bool(empty),
        placeholder=empty,
        chips=many,
        small_chips=many,
        deletable_chips=many,
        menu_props={"contentClass": "crossings-list"},
        attributes={"aria-label": label, "aria-description": tip},
        **_LOOK,
    )
    return Tipped(tip, field, class_)


def turn(label: str, value: bool, on_value: Callable[[bool], None], tip: str) -> solara.Element:
    """A switch."""
    return v.Switch(
        label=label,
        v_model=value,
        on_v_model=lambda on: on_value(bool(on)),
        hint=tip,
        persistent_hint=True,
        inset=True,
        dense=True,
        class_="my-1",
        attributes={"aria-label": label, "aria-description": tip},
    )


def bounds(run: FullRun) -> dict[str, str]:
    """The days a date field offers."""
    return {"min": run.first_simulated.isoformat(), "max": run.end.isoformat()}


def note(text: str) -> solara.Element:
    """A remark in small letters."""
    return v.Html(tag="p", class_="note", children=[text])


def problem_shown(text: str) -> solara.Element:
    """A message that says what cannot be used and why.

    There is an element even if there is nothing to say: one that came and went would shift what
    follows it, and with it the texts that are being typed there.
    """
    return v.Html(
        tag="p",
        class_="problem" if text else "d-none",
        children=[text] if text else [],
        attributes={"role": "alert"},
    )


@solara.component
def Notice(kind: Literal["error", "warning", "info", "success"], *sentences: str) -> None:
    """A box that tells a visitor something in sentences, shown as they are whatever they hold.

    Args:
        kind: What it is about; sets colour and sign.
        sentences: One line each; empty ones are left out.
    """
    # in the colour of text, not of the box, which is too pale to read
    lines = [
        solara.v.Html(tag="div", class_="text--primary crossings-line", children=[sentence])
        for sentence in sentences
        if sentence
    ]
    solara.v.Alert(
        type=kind,
        text=True,
        dense=True,
        class_="mb-0",
        style_="overflow-wrap: anywhere",
        attributes={"role": "alert" if kind == "error" else "status"},
        children=lines,
    )


@solara.component
def FoldedNotes(notes: Sequence[str]) -> None:
    """Notes of which two lines are shown, each with more on demand.

    Args:
        notes: One paragraph each.
    """
    for text in notes:
        shown = solara.v.Html(tag="span", class_="crossings-cut", children=[text])
        more = solara.v.Html(tag="span", class_="crossings-more")
        summary = solara.v.Html(tag="summary", children=[shown, more])
        solara.v.Html(tag="details", class_="crossings-fold", children=[summary])
