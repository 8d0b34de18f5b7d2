"""The controls of a what-if in a planner's words, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import reacton.ipyvuetify as v
import solara

from simulation.app import board, tips
from simulation.app.browser_input import number_of
from simulation.app.draft import Draft, shipped
from simulation.app.fields import STYLE, Press, WriteOnce, choose, problem_shown, turn
from simulation.app.lever_forms import adaptation, future
from simulation.app.levers_view import LeversOf
from simulation.app.matrix import Matrix, attempt, start_of
from simulation.app.naming import Item
from simulation.scenario import shipped_scenarios
from simulation.scenario.describe import RESPONSES, who_responds
from simulation.scenario.horizon import horizon
from simulation.scenario.levers.registry import GROUPS

#: titles of the parts: the matrix, each group of levers, and the responses
PARTS = (
    "Who shares how much with whom",
    *(group.panel for group in GROUPS),
    "What smugglers can do in response",
    "Months after the data",
)
#: the futures in words; every path that a scenario can ask for
FUTURES = {
    "spread": "Every run draws its own (use this for an interval)",
    "central": "The middle of every month, the same in every run",
    "low": "Few people: the 10th percentile of every month",
    "high": "Many people: the 90th percentile of every month",
}
#: which parts are unfolded
opened: solara.Reactive[list[int]] = solara.reactive([0])


@solara.component
def Controls() -> None:
    """All controls of the what-if: they read and write `board.draft`."""
    solara.Style(STYLE)
    with v.Html(
        tag="div",
        class_="crossings-controls",
        attributes={"role": "form", "aria-label": "What if"},
    ):
        Start()
        Changes()
        panels: list[Callable[[], solara.Element]]
        panels = [Matrix, *(partial(LeversOf, group) for group in GROUPS), Responses, Future]
        with v.ExpansionPanels(
            v_model=opened.value,
            on_v_model=unfold,
            multiple=True,
            accordion=True,
        ):
            for index, (title, panel) in enumerate(zip(PARTS, panels, strict=True)):
                with v.ExpansionPanel():
                    v.ExpansionPanelHeader(children=[title])
                    with v.ExpansionPanelContent():
                        if index in opened.value:
                            panel()


def unfold(some: object) -> None:
    """Unfold some parts, given by their numbers, and fold the others."""
    numbers = [number_of(one, len(PARTS)) for one in some] if isinstance(some, list) else []
    opened.set([one for one in numbers if one is not None])


@solara.component
def Start() -> None:
    """The scenario it starts from, its title, and the way back."""
    made, checked = board.draft.value, board.checked.value

    def begin(name: object) -> None:
        if isinstance(name, str):
            board.replace_draft(Draft(name))

    def back() -> None:
        board.replace_draft(Draft(made.start))

    def entitle(text: str) -> str:
        return attempt(made.with_(title=text.strip() or None))

    choose("Start from", made.start or None, _scenarios(), begin, tips.start_tip(made.start))
    WriteOnce("Title of the what-if", made.title, entitle, tips.title_tip())
    own = made.changed or "title" in made.data
    tip = tips.reset_tip(made, len(checked.changes))
    Press("Back to the start", back, tip, disabled=not own or not made.start)
    hint = "The Back button of your browser takes back the last change."
    v.Html(tag="p", class_="note", children=[hint])


def _scenarios() -> list[Item]:
    return [{"text": shipped(name).title, "value": name} for name in shipped_scenarios()]


@solara.component
def Changes() -> None:
    """What differs from the baseline, or why the what-if cannot be used."""
    checked = board.checked.value
    with v.Html(
        tag="section",
        attributes={"aria-live": "polite", "aria-label": "What differs from the baseline"},
    ):
        v.Html(tag="h3", children=["What differs from the baseline"])
        named = f"The baseline is “{checked.baseline.title}”."
        v.Html(tag="p", class_="note", children=[named])
        problem_shown(checked.problem)
        if checked.changes:
            # keys: an element that takes the place of another keeps the tag of that in the browser
            with v.Html(tag="ul", class_="note").key("changes"):
                for line in checked.changes:
                    v.Html(tag="li", children=[line])
        elif not checked.problem:
            v.Html(tag="p", class_="note", children=["Nothing: this is the baseline."]).key(
                "nothing"
            )


@solara.component
def Responses() -> None:
    """The responses of smugglers and of people, each of which can be switched off."""
    made, checked = board.draft.value, board.checked.value
    start = start_of(made, checked.whatif)
    now = {**start.adaptation.model_dump(), **made.data.get("adaptation", {})}
    for name, words in RESPONSES.items():

        def set_response(on: bool, name: str = name) -> None:
            board.draft.value = adaptation(board.draft.value, start, name, on)

        who = "They" if who_responds(name) == "Smugglers" else who_responds(name)
        label = f"{who} can {words}"
        turn(label, now[name], set_response, tips.response_tip(name))


@solara.component
def Future() -> None:
    """Which of the possible futures the months after the data take."""
    made, checked = board.draft.value, board.checked.value
    start = start_of(made, checked.whatif)

    def on_entry(path: object) -> None:
        if isinstance(path, str) and path in FUTURES:
            board.draft.value = future(board.draft.value, start, path)

    items: list[Item] = [{"text": words, "value": path} for path, words in FUTURES.items()]
    now = made.data.get("future", {}).get("path", start.future.path)
    choose("How many set out after the data", now, items, on_entry, tips.future_tip())
    if checked.whatif is not None:
        told = horizon(checked.whatif.run.start, checked.whatif.run.end, path=now).line
        text = told or "The data cover the whole run, so this changes nothing."
        v.Html(tag="p", class_="note", children=[text])
