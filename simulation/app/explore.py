"""The live corridor: maps, the bar that plays the days, charts, and what was clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import solara
from solara.alias import rv

from simulation.app import board, showing
from simulation.app.charts import CHARTS, ChartSpec, as_csv
from simulation.app.details import LEG, PLACE, Details, Picked, Row
from simulation.app.fields import WriteOnce, choose
from simulation.app.live import FLOW_EDGES, WINDOW
from simulation.app.session import Order, Session
from simulation.corridor import load_corridor
from simulation.report.maps import STOPPED_WORDS, WIDTHS
from simulation.report.style import BLACK, BLUE, STEPS

#: days a second that can be chosen; 0 stands for as fast as it goes
SPEEDS = ((2, "2 days a second"), (10, "10 days a second"), (30, "30 days a second"),
          (0, "as fast as it goes"))  # fmt: skip
DEFAULT_SPEED = 10
#: parts of the people that can be simulated
SCALES = {board.EVERYBODY: 1.0, "Three in ten": 0.3, "One in ten": 0.1}
_SEED_DIGITS = 9
TIPS = {
    "seed": "Which throw of the dice: a whole number. The same seed gives the same run again.",
    "people": "Fewer are faster and rougher. All numbers shown stand for everybody.",
    "run": "Begin the runs anew with the what-if, the seed and the people as they are now.",
    "play": "Simulate day after day. Nothing runs while nobody looks.",
    "pause": "Stop after the day that is being simulated.",
    "step": "Simulate one day and stop.",
    "week": "Simulate seven days and stop.",
    "reset": "Begin again on the first day, with the what-if as it is now.",
    "speed": "How many days are simulated in a second, if this machine can.",
    "layer": "Show enforcement units (blue squares), smugglers at work (black triangles) and "
    "smugglers held or lying low (white triangles).",
    "day": "Look at a day that is over. Playing stops, and goes on from the latest day.",
}


@solara.component_vue("play_bar.vue")
def PlayBar(
    phase: str,
    words: str,
    headline: str,
    problem: str,
    day: int,
    over: int,
    first: int,
    speed: int,
    speeds: list[dict[str, Any]],
    layer: bool,
    tips: dict[str, str],
    event_wish: Callable[[dict[str, Any]], None],
) -> None:
    """Buttons, speed, the day shown, and the headline."""


@solara.component_vue("corridor_map.vue")
def Maps(
    title: str,
    frame: dict[str, Any] | None,
    number: int,
    event_pick: Callable[[dict[str, Any]], None],
    event_drawn: Callable[[int], None],
) -> None:
    """The corridor and the Channel of one run."""


@solara.component_vue("live_chart.vue")
def LiveChart(chart: dict[str, Any], note: str) -> None:
    """One chart."""


def current_order() -> Order | None:
    """What the what-if as it stands asks to run; None if it cannot be used."""
    found = board.checked.value
    if found.whatif is None:
        return None
    same = found.whatif.hash() == found.baseline.hash()
    whatif = None if same else found.whatif
    return Order(found.baseline, whatif, board.seed.value, SCALES[board.people.value])


def run_it(session: Session) -> None:
    """Begin what the what-if asks for now, from its first day."""
    asked = current_order()
    if asked is None:
        return
    for chart in showing.charts.values():
        chart.set(None)
    showing.order.set(asked)
    session.begin(asked)


@solara.component
def RunWith(session: Session) -> None:
    """With which seed and how many people the runs are made, and a button once they are stale."""
    changed = board.checked.value.whatif is not None and current_order() != showing.order.value
    wrong, set_wrong = solara.use_state("")

    def set_seed(typed: str) -> None:
        text = typed.strip()
        if text.isdecimal() and len(text) <= _SEED_DIGITS and int(text) > 0:
            board.seed.set(int(text))
            set_wrong("")
        else:
            set_wrong(f'seed = "{text[:30]}": not a seed; allowed: a whole number from 1')

    with solara.Div(classes=["crossings-run-with"]):
        WriteOnce("Seed", str(board.seed.value), set_seed, TIPS["seed"])
        items = [{"text": many, "value": many} for many in SCALES]
        choose("People simulated", board.people.value, items, board.people.set, TIPS["people"])
        solara.Button(
            "Run it",
            color="primary" if changed else None,
            disabled=not changed,
            on_click=lambda: run_it(session),
            attributes={"title": TIPS["run"]},
        )
        if wrong:
            solara.Text(wrong, classes=["crossings-problem"])
        elif changed:
            solara.Text("The what-if has changed since these runs began.")


@solara.component
def Player(session: Session) -> None:
    """The bar and the maps; drawn again with each frame, so there is little in it."""
    shown = showing.view.value
    speed, set_speed = solara.use_state(DEFAULT_SPEED)
    layer, set_layer = solara.use_state(False)
    running = showing.order.value
    two = running is not None and running.whatif is not None
    title = "" if running is None else running.baseline.title

    def wish(said: dict[str, Any]) -> None:
        if "press" in said:
            _PRESSED.get(str(said["press"]), lambda one: None)(session)
        if "speed" in said:
            chosen = int(said["speed"])
            set_speed(chosen)
            session.set_speed(float(chosen) if chosen else None)
        if "layer" in said:
            set_layer(bool(said["layer"]))
            session.set_layer(bool(said["layer"]))
        if "look" in said:
            session.look_at(int(said["look"]))

    def pick(said: dict[str, Any]) -> None:
        showing.picked.set(Picked(str(said["kind"]), int(said["number"])))
        session.refresh()

    PlayBar(
        phase=shown.phase.value,
        words=showing.moment(shown),
        headline=showing.headline(shown),
        problem=shown.problem,
        day=shown.day,
        over=shown.over,
        first=shown.first,
        speed=speed,
        speeds=[{"value": value, "text": text} for value, text in SPEEDS],
        layer=layer,
        tips=TIPS,
        event_wish=wish,
    )
    with solara.Div(classes=["crossings-side-by-side", *(["crossings-two"] if two else [])]):
        for which in range(2 if two else 1):
            Maps(
                title=showing.map_title(shown, which, two, title),
                frame=shown.frames[which] if which < len(shown.frames) else None,
                number=shown.number,
                event_pick=pick,
                # a frame has been drawn when the last of its maps has
                event_drawn=session.drawn if which == int(two) else _ignore,
            ).key(f"maps-{which}")


@solara.component
def Legend() -> None:
    """What widths, colours and marks of the maps stand for."""

    def mark(style: str, words: str) -> solara.Element:
        line = rv.Html(tag="i", style_=f"display:inline-block;width:26px;{style}", children=[])
        return rv.Html(tag="span", children=[line, f" {words}"])

    edges = [f"under {FLOW_EDGES[0]:g}", *(f"{edge:g} or more" for edge in FLOW_EDGES)]
    widths = [
        mark(f"border-top:{width}px solid {BLACK};vertical-align:middle", words)
        for width, words in zip(WIDTHS, edges, strict=True)
    ]
    colours = [
        mark(f"border-top:6px solid {colour};vertical-align:middle", words)
        for colour, words in zip(STEPS, STOPPED_WORDS, strict=True)
    ]
    marks = [
        rv.Html(tag="span", children=["\u25a0 enforcement units"], style_=f"color:{BLUE}"),
        rv.Html(tag="span", children=["\u25b2 smugglers at work"]),
        rv.Html(tag="span", children=["\u25b3 held or lying low"]),
    ]
    for heads, parts in (
        (f"People a day, mean of {WINDOW} days:", widths),
        ("Share of them stopped:", colours),
        ("With patrols and smugglers:", marks),
    ):
        rv.Html(
            tag="p",
            class_="crossings-legend",
            children=[rv.Html(tag="b", children=[heads]), *parts],
        )
    solara.Text(
        "Circles are places: the more people are there, the larger. A line bends to the right of "
        "its way.",
        classes=["crossings-note"],
    )


def _ignore(_: int) -> None:
    pass


_PRESSED: dict[str, Callable[[Session], None]] = {
    "play": Session.play,
    "pause": Session.pause,
    "step": Session.step,
    "week": lambda session: session.step(7),
    "reset": Session.reset,
}


@solara.component
def Charts() -> None:
    """Every chart, and the legend of the maps above them."""
    running = showing.order.value
    two = running is not None and running.whatif is not None
    with solara.Div(classes=["crossings-charts"]):
        for spec in CHARTS:
            if two or not spec.two:
                _Chart(spec).key(spec.key)


@solara.component
def _Chart(spec: ChartSpec) -> None:
    chart = showing.charts[spec.key].value
    if chart is not None:
        LiveChart(chart=chart, note=spec.note)


@cache
def _choices() -> list[dict[str, str]]:
    """Every place and leg, to be found by typing."""
    corridor = load_corridor()
    names = {place.id: place.name for place in corridor.places}
    places = [
        {"text": place.name, "value": f"{PLACE} {number}"}
        for number, place in enumerate(corridor.places)
    ]
    legs = [
        {
            "text": f"{names[leg.origin]} to {names[leg.target]} ({leg.mode})",
            "value": f"{LEG} {number}",
        }
        for number, leg in enumerate(corridor.legs)
    ]
    return sorted(places, key=lambda one: one["text"]) + sorted(legs, key=lambda one: one["text"])


@solara.component
def Clicked(session: Session) -> None:
    """What was clicked on a map, or chosen here: its figures, and what authorities believe."""
    wanted, found = showing.picked.value, showing.figures.value
    running = showing.order.value
    two = running is not None and running.whatif is not None

    def choose(value: str | None) -> None:
        kind, _, number = (value or "").partition(" ")
        showing.picked.set(Picked(kind, int(number)) if number else None)
        session.refresh()

    with solara.Div(classes=["crossings-clicked"]):
        solara.HTML(tag="h3", unsafe_innerHTML="A place or a way")
        rv.Autocomplete(
            label="Click one on a map, or type its name",
            items=_choices(),
            v_model=f"{wanted.kind} {wanted.number}" if wanted else None,
            on_v_model=choose,
            clearable=True,
            dense=True,
            outlined=True,
            hide_details=True,
            attributes={"aria-label": "A place or a way"},
        )
        if wanted is not None and found is not None:
            _Figures(found, two)


@solara.component
def _Figures(found: Details, two: bool) -> None:
    heads = ["Baseline", "What-if"] if two else ["In this run"]
    with solara.Div(classes=["crossings-figures"]):
        solara.Text(found.title, classes=["crossings-figures-title"])
        _Table("Its own figures", heads, found.own)
        _Table("What happens, and what authorities believe", heads, found.believed)
        solara.Text(
            "On the latest day simulated. Beliefs are those of the model's authorities.",
            classes=["crossings-note"],
        )


@solara.component
def _Table(caption: str, heads: list[str], rows: tuple[Row, ...]) -> None:
    def cell(tag: str, text: str) -> solara.Element:
        return rv.Html(tag=tag, children=[text])

    lines = [rv.Html(tag="tr", children=[cell("th", caption), *(cell("th", h) for h in heads)])]
    lines += [
        rv.Html(tag="tr", children=[cell("td", row.what), *(cell("td", v) for v in row.values)])
        for row in rows
    ]
    rv.Html(tag="table", class_="crossings-table", children=lines)


def chart_files(session: Session) -> dict[str, str]:
    """The data behind every chart as CSV text by file name; empty before anything has run."""
    with session.models:
        runs = list(session.runs)
        if not runs:
            return {}
        return {
            f"{spec.key}.csv": as_csv(spec, runs)
            for spec in CHARTS
            if len(runs) > 1 or not spec.two
        }
