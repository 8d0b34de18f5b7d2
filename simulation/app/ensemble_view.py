"""The panel that starts the full model, and shows its progress and its result."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import solara

from simulation.app import board
from simulation.app.ensemble import CAREFUL, QUICK, Effort, EnsembleState, fingerprint, of_server
from simulation.app.fields import Notice
from simulation.app.results import address
from simulation.app.results_view import BriefLinks, link
from simulation.engine.time_budget import DEFAULT_SECONDS, exactly
from simulation.errors import InputError

_EFFORTS: dict[str, Effort] = {effort.label: effort for effort in (QUICK, CAREFUL)}
_WHY = (
    "It runs the what-if and the baseline many times, in pairs with the same seed. What it gives "
    "may be quoted, with its range."
)
_GOES_ON = "It goes on if you close this page, and is then under Results."


@solara.component
def EnsemblePanel(every: float = 1.0) -> None:
    """Ask for an estimate of the what-if, follow it, and read what it says.

    Args:
        every: Seconds between two looks at an estimate under way.
    """
    asker = solara.use_memo(_visitor, [])
    checked = board.checked.value
    whatif, baseline = checked.whatif, checked.baseline
    years = board.years_of_run.value
    shown = fingerprint(whatif, years) if whatif is not None else ""
    mine = solara.use_memo(lambda: of_server().latest(asker, shown), [])
    asked, set_asked = solara.use_state(mine)
    refused, set_refused = solara.use_state("")
    state, set_state = solara.use_state(of_server().state(asked))
    effort, set_effort = solara.use_state((state.effort if state is not None else QUICK).label)

    solara.use_effect(lambda: _follow(asked, set_state, every), [asked, _ended(state)])

    nothing = checked.is_baseline
    busy = not _ended(state)

    def start() -> None:
        if whatif is None or board.hindrance.value:
            return
        try:
            key = of_server().ask(whatif, baseline, _EFFORTS[effort], asker, years)
        except (InputError, OSError) as error:
            set_refused(str(error))
            return
        set_refused("")
        set_asked(key)
        set_state(of_server().state(key))

    def stop() -> None:
        if of_server().stop(asked, asker):
            set_state(of_server().state(asked))
            return
        set_asked("")
        set_state(None)
        set_refused("Somebody else waits for the same estimate, so it goes on without you.")

    with solara.Column(gap="8px", classes=["crossings-estimate"]):
        solara.v.Html(tag="h3", children=["The full model"])
        solara.Text(_WHY)
        with solara.Row(style={"align-items": "center", "flex-wrap": "wrap"}, gap="16px"):
            solara.v.RadioGroup(
                v_model=effort,
                on_v_model=set_effort,
                disabled=busy,
                dense=True,
                hide_details=True,
                label="How much work?",
                children=[solara.v.Radio(label=label, value=label) for label in _EFFORTS],
            )
        with solara.Row(gap="8px"):
            solara.Button(
                "Start the runs",
                on_click=start,
                disabled=busy or nothing or bool(board.hindrance.value),
                color="primary",
                icon_name="mdi-sigma",
            )
            if busy:
                solara.Button(
                    "Stop",
                    on_click=stop,
                    disabled=state is not None and state.phase == "stopping",
                    text=True,
                    icon_name="mdi-stop",
                )
        if board.hindrance.value:
            solara.Text(f"Nothing can be estimated. Reason: {board.hindrance.value}.")
        elif nothing:
            solara.Text("Change something first: as it is, the what-if is the baseline.")
        if board.open_forms.value:
            solara.Text(f"Not in an estimate yet: what is typed under {board.open_forms.value}.")
        if refused:
            Notice("warning", refused)
        if state is not None:
            _State(state, shown != state.whatif)


@solara.component
def _State(state: EnsembleState, changed: bool) -> None:
    """How an estimate stands, and whether the page shows another what-if than it is of."""
    if changed:
        Notice(
            "warning",
            f"The question has changed since. This is the estimate of “{state.title}”:",
            *state.changes,
        )
    if not state.ended:
        solara.v.ProgressLinear(
            value=round(100 * state.share),
            indeterminate=state.phase != "running" or not state.planned,
            height=8,
            rounded=True,
        )
        solara.Text(progress_words(state), style={"font-weight": "500"})
        solara.Text(_GOES_ON, style={"opacity": "0.8"})
    elif state.phase == "failed":
        Notice("error", f"The estimate of “{state.title}” failed.", state.problem)
    elif state.phase == "stopped":
        Notice(
            "info",
            f"The estimate of “{state.title}” was stopped. Ask again, and it goes on.",
        )
    elif state.estimate is not None:
        with solara.Column(gap="6px", style={"padding": "8px 0"}):
            for sentence in (state.estimate.arrivals, state.estimate.deaths):
                solara.Text(sentence, style={"font-size": "1.1rem", "font-weight": "500"})
            if state.estimate.warning:
                Notice("warning", state.estimate.warning)
            solara.Text(state.estimate.basis, style={"opacity": "0.8"})
            link(address(state.folder), "Read the whole report (in a new tab)")
            BriefLinks(state.folder)


def progress_words(state: EnsembleState) -> str:
    """How far an estimate is, in a sentence."""
    if state.phase == "waiting":
        before = "it is the next" if state.place <= 1 else f"it is number {state.place} in turn"
        return f"“{state.title}” waits for other estimates to end; {before}."
    if state.phase == "stopping":
        return f"“{state.title}” is being stopped; finished runs are kept."
    if not state.planned:
        return f"“{state.title}”: getting ready. The first time this takes a minute or so."
    text = f"“{state.title}”: {state.finished:,} of {state.planned:,} runs are finished"
    if state.effort.pairs is None:
        text += (
            ". More are added until the difference in arrivals is known to 1%, for at most "
            f"{exactly(DEFAULT_SECONDS)}"
        )
    return f"{text}."


def _visitor() -> str:
    """Who looks at the page: the same in all tabs of a browser, and after a reload."""
    try:
        return solara.get_session_id()
    except RuntimeError:  # there is no browser
        return uuid.uuid4().hex


def _ended(state: EnsembleState | None) -> bool:
    return state is None or state.ended


def _follow(
    key: str, tell: Callable[[EnsembleState | None], None], every: float
) -> Callable[[], None] | None:
    """Look at an estimate until it ends or nobody looks at the page any more."""
    state = of_server().state(key)
    if _ended(state):
        tell(state)
        return None
    left = threading.Event()

    def poll() -> None:
        while not left.wait(every):
            state = of_server().state(key)
            if left.is_set():
                return
            tell(state)
            if _ended(state):
                return

    threading.Thread(target=poll, name="look at an estimate", daemon=True).start()
    return left.set
