"""Fields and buttons of the controls, each with its tool tip.

A tip floats beside its control under the mouse and at the focus: one that took up room would move
what is below it, and a click would miss. All controls can be used with the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reacton.ipyvuetify as v
import solara
from solara.components.input import use_change

from simulation.app import board
from simulation.app.browser_input import one_of
from simulation.app.naming import Item
from simulation.scenario.schema import FullRun

#: dark orange, told from blues and greys by everybody
MARK = "#b34700"
STYLE = f"""
.crossings-controls {{max-width: 480px; min-width: 0;}}
.crossings-controls .v-expansion-panel-content__wrap {{padding: 0 10px 12px;}}
.crossings-controls .v-expansion-panel-header {{padding: 10px; min-height: 44px;}}
.crossings-controls .v-btn {{text-transform: none; letter-spacing: 0;}}
.crossings-controls .v-btn:focus-visible {{outline: 3px solid {MARK}; outline-offset: 1px;}}
.crossings-controls ul {{padding-left: 18px;}}
.crossings-controls li {{margin: 3px 0;}}
.crossings-controls .said {{flex: 1 1 auto; min-width: 0; font-size: 14px; line-height: 1.35;}}
.crossings-controls .row {{display: flex; gap: 8px; align-items: flex-start; margin: 0;
  flex-wrap: nowrap;}}
.crossings-controls li.row {{margin: 8px 0;}}
.crossings-controls .half {{flex: 1 1 0; min-width: 0;}}
.crossings-controls .form {{border-left: 3px solid #90a4ae; padding: 4px 0 4px 10px;
  margin: 6px 0;}}
.crossings-controls .note {{font-size: 13px; color: #555; margin: 2px 0 6px;}}
.crossings-controls h3 {{font-size: 15px; margin: 14px 0 2px;}}
.crossings-controls .gone {{text-decoration: line-through; color: #555;}}
.crossings-controls .problem {{border-left: 4px solid #b00020; background: #fdecea; color: #5f0010;
  padding: 6px 8px; margin: 6px 0; font-size: 14px; overflow-wrap: anywhere;}}
.crossings-list .v-list-item__title {{white-space: normal; line-height: 1.3;}}
.crossings-controls .marked {{border-left: 4px solid {MARK}; padding-left: 8px;}}
"""


@solara.component
def Press(
    label: str,
    on_click: Callable[[], None],
    tip: str,
    name: str = "",
    plain: bool = False,
    disabled: bool = False,
) -> solara.Element:
    """A button with a tool tip under the mouse and at the focus.

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
    slots = [{"name": "activator", "variable": "tooltip", "children": [button]}]
    return v.Tooltip(bottom=True, max_width=320, v_slots=slots, children=[tip])


@solara.component
def Tipped(tip: str, field: solara.Element, class_: str = "") -> solara.Element:
    """A field with a tool tip above it, where it hides no list that opens."""
    # the field itself tells of the focus, what is around it of the mouse
    around = v.Html(tag="div", class_=class_, v_on="tooltip.on", children=[field])
    slots = [{"name": "activator", "variable": "tooltip", "children": [around]}]
    return v.Tooltip(top=True, max_width=320, open_delay=300, v_slots=slots, children=[tip])


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
        dense=True,
        outlined=True,
        hide_details="auto",
        type=kind,
        class_="my-2",
        # a date shows its pattern even when it is empty, so the label must not lie over it
        placeholder=" " if kind == "date" else "",
        v_on="tooltip.on",
        attributes={"aria-description": tip, "autocomplete": "off", **(attributes or {})},
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
    away = solara.use_ref(False)

    def leave(text: object) -> None:
        away.current = True
        written = str(text if text is not None else "")
        # compared with what was last handed over: the old value typed again after a refusal counts
        if written != handed.current:
            handed.current = written
            set_problem(on_value(written))

    def come(_: object) -> None:
        away.current = False

    def on_entry(text: str) -> None:
        set_typed(text)
        # of what is typed fast, the last letters can arrive after the news that the field was left
        if away.current:
            leave(text)

    field = _text_field(label, typed, on_entry, tip, kind, attributes, problem, narrow)
    use_change(field, come, update_events=["focusin"])
    use_change(field, leave)
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
    kind = v.Autocomplete if search else v.Select
    possible = [item["value"] for item in items]

    def is_possible(one: object) -> bool:
        return one_of(one, possible) is not None

    def on_entry(chosen: object) -> None:
        if many:
            usable = isinstance(chosen, list) and all(is_possible(one) for one in chosen)
        else:
            usable = is_possible(chosen) or (chosen is None and (search or bool(empty)))
        if usable:
            on_value(chosen)

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
        dense=True,
        outlined=True,
        hide_details="auto",
        class_="my-2",
        menu_props={"contentClass": "crossings-list"},
        v_on="tooltip.on",
        attributes={"aria-label": label, "aria-description": tip},
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


def problem_shown(text: str) -> solara.Element:
    """What cannot be used and why.

    There is an element even if there is nothing to say: one that came and went would shift what
    follows it, and with it the texts that are being typed there.
    """
    return v.Html(
        tag="p",
        class_="problem" if text else "d-none",
        children=[text] if text else [],
        attributes={"role": "alert"},
    )
