"""The controls of a what-if in a planner's words, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import reacton.ipyvuetify as v
import solara
import solara.lab

from simulation.app import board, tips
from simulation.app.draft import Draft, shipped
from simulation.app.fields import (
    FoldedNotes,
    Press,
    WriteOnce,
    choose,
    note,
    problem_shown,
    turn,
)
from simulation.app.lever_forms import LeversOf, day
from simulation.app.matrix import Matrix
from simulation.engine.experiment import notes_before
from simulation.errors import InputError
from simulation.scenario import Scenario, schema, shipped_scenarios
from simulation.scenario.describe import RESPONSES, who_responds
from simulation.scenario.horizon import Horizon
from simulation.scenario.levers.registry import GROUPS
from simulation.scenario.schema import Adaptation, Run

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
    form = {"role": "form", "aria-label": "What if"}
    lever = board.lever.value

    def unfold() -> None:
        groups = [lever in [kind.section for kind in kinds] for kinds in GROUPS.values()]
        if lever and (part := 1 + groups.index(True)) not in opened.value:
            opened.set([*opened.value, part])

    solara.use_effect(unfold, [lever])
    with v.Html(tag="div", class_="crossings-controls", attributes=form):
        Start()
        Changes()
        panels: list[Callable[[], solara.Element]]
        panels = [Matrix, *(partial(LeversOf, group) for group in GROUPS), Responses, Future]
        with v.ExpansionPanels(
            v_model=opened.value, on_v_model=opened.set, multiple=True, accordion=True
        ):
            for index, (title, panel) in enumerate(zip(PARTS, panels, strict=True)):
                with v.ExpansionPanel():
                    v.ExpansionPanelHeader(children=[title])
                    with v.ExpansionPanelContent():
                        if index in opened.value:
                            panel()


@solara.component
def Start() -> None:
    """The scenario it starts from, its title, and the way back."""
    draft = board.draft.value

    def begin(name: str) -> None:
        board.replace_draft(Draft(name))

    def entitle(text: str) -> str:
        return board.attempt(draft.with_(title=text.strip() or None))

    scenarios = [{"text": shipped(name).title, "value": name} for name in shipped_scenarios()]
    choose("Start from", draft.start or None, scenarios, begin, tips.start_tip(draft.start))
    WriteOnce("Title of the what-if", draft.title, entitle, tips.field_tip(Scenario, "title"))
    Days(draft)
    own = draft.changed or "title" in draft.data
    tip = tips.reset_tip(draft, len(board.checked.value.changes))
    back = partial(begin, draft.start)
    Press("Back to the start", back, tip, disabled=not own or not draft.start)
    note("The Back button of your browser takes back the last change.")


@solara.component
def Days(draft: Draft) -> None:
    """The first and the last day that count; an empty field gives that of the start."""
    whatif = board.checked.value.whatif
    run = (whatif or board.start.value).run
    labels = {"start": "First day", "end": "Last day"}

    def set_day(key: str, text: str) -> str:
        try:
            days = {**draft.data.get("run", {}), key: day(text, labels[key])}
        except InputError as error:
            return str(error)
        return board.attempt(draft.with_(run={key: one for key, one in days.items() if one}))

    with v.Html(tag="div", class_="row"):
        for key, label in labels.items():
            with v.Html(tag="div", class_="half"):
                written, tip = getattr(run, key).isoformat(), tips.field_tip(Run, key)
                WriteOnce(label, written, partial(set_day, key), tip, kind="date", narrow=True)
    problem_shown(next((board.refused.value[of] for of in labels.values()
                        if of in board.refused.value), ""))  # fmt: skip


@solara.component
def Changes() -> None:
    """The differences from the baseline, or why the what-if cannot be used."""
    checked, heading = board.checked.value, "What differs from the baseline"
    with v.Html(tag="section", attributes={"aria-live": "polite", "aria-label": heading}):
        v.Html(tag="h3", children=[heading])
        note(f"The baseline is “{checked.baseline.title}”.")
        problem_shown(checked.problem)
        if checked.changes:
            # keys: an element that takes the place of another keeps the tag of that in the browser
            with v.Html(tag="ul", class_="note").key("changes"):
                for line in checked.changes:
                    v.Html(tag="li", children=[line])
        elif not checked.problem:
            note("Nothing: this is the baseline.").key("nothing")


@solara.component
def Responses() -> None:
    """The responses of smugglers and of people, each of which can be switched off."""
    draft, start = board.draft.value, board.start.value
    now = {**start.adaptation.model_dump(), **draft.data.get("adaptation", {})}
    for name, words in RESPONSES.items():

        def set_response(on: bool, name: str = name) -> None:
            draft, was = board.draft.value, start.adaptation.model_dump()
            table = {**draft.data.get("adaptation", {}), name: on}
            own = {key: value for key, value in table.items() if value != was[key]}
            board.draft.value = draft.with_(adaptation=own)

        who = "They" if who_responds(name) == "Smugglers" else who_responds(name)
        turn(f"{who} can {words}", now[name], set_response, tips.field_tip(Adaptation, name))


@solara.component
def Future() -> None:
    """Which of the possible futures the months after the data take."""
    draft, start, whatif = board.draft.value, board.start.value, board.checked.value.whatif

    def on_entry(path: str) -> None:
        own = {} if path == start.future.path else {"path": path}
        board.draft.value = board.draft.value.with_(future=own)

    items = [{"text": words, "value": path} for path, words in FUTURES.items()]
    now = draft.data.get("future", {}).get("path", start.future.path)
    tip = tips.field_tip(schema.Future, "path")
    choose("How many set out after the data", now, items, on_entry, tip)
    if whatif is not None:
        text = Horizon(whatif.run.start, whatif.run.end, path=now).line
        note(text or "The data cover the whole run, so this changes nothing.")


@solara.component
def ToKnow() -> None:
    """Notes before a run: months beyond the data, and levers that look like a slip."""
    checked = board.checked.value
    whatif, baseline = checked.whatif, checked.baseline

    def look() -> tuple[str, ...]:
        if whatif is None:
            return ()
        asked = [whatif] if checked.is_baseline else [baseline, whatif]
        return tuple(one.text for one in notes_before(asked, days=None, assumptions=None))

    # some tenths of a second where a lever must be followed through all days
    task = solara.lab.use_task(look, dependencies=[whatif, baseline])
    texts = task.value if task.finished else ()
    attributes = {"aria-live": "polite", "aria-label": "To know before a run"}
    with v.Html(tag="section", attributes=attributes):
        if texts:
            FoldedNotes(texts)
