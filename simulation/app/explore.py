"""The live corridor: the bar that plays the days, maps, charts, and what was clicked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple

import solara
from solara.alias import rv

from simulation.app import board
from simulation.app.charts import CHARTS, Chart, ChartSpec, as_csv
from simulation.app.corridor_map import Maps
from simulation.app.details import LEG, PLACE, FigureGroup, Picked
from simulation.app.fields import WriteOnce, choose
from simulation.app.links import SCALES, seed_of
from simulation.app.naming import Item, way
from simulation.app.screen import (
    Screen,
    Values,
    change_title,
    headline,
    map_title,
    moment,
    use_widget,
)
from simulation.app.session import Phase, PlayOrder, Session
from simulation.corridor import load_corridor
from simulation.errors import InputError

#: people for whom a dot stands that moves on the maps
DOT = 10
_SEED_TIP = "The same seed gives the same people and the same sea, on both sides."
_PEOPLE_TIP = "Counts are scaled back; fewer people mean more chance."
#: what was last run; None before anything was
order: solara.Reactive[PlayOrder | None] = solara.reactive(None)
#: whether one map shows the difference of two runs
difference: solara.Reactive[bool] = solara.reactive(False)
#: what was clicked
picked: solara.Reactive[Picked | None] = solara.reactive(None)


# What a frame changes has a default and is given to no element: an element would put its values
# back on the widget whenever anything of the page is drawn anew.


@solara.component_vue("play_bar.vue")
def PlayBar(
    speed: int,
    layer: bool,
    difference: bool,
    two: bool,
    refused: str,
    changed: bool,
    unfinished: str,
    event_wish: Callable[[Mapping[str, Any]], None],
    phase: str = Phase.EMPTY.value,
    words: str = "",
    headline: str = "",
    problem: str = "",
    day: int = 0,
    over: int = 0,
    first: int = 0,
) -> None:
    """Buttons, speed, the day shown, and the headline."""


@solara.component_vue("figures.vue")
def Figures(
    difference: bool = False,
    title: str = "",
    heads: tuple[str, ...] = (),
    groups: tuple[FigureGroup, ...] = (),
) -> None:
    """Figures of what was clicked, or those on the map of the difference."""


@solara.component_vue("live_chart.vue")
def LiveChart(title: str, note: str, chart: Chart | None = None) -> None:
    """One chart."""


class Visit(NamedTuple):
    """One visitor's runs, and the screen they are shown on."""

    session: Session
    screen: Screen


def shown_order() -> PlayOrder | None:
    """The order that was last run, or else the one that the controls give."""
    return order.value or current_order()


def _two() -> bool:
    """Whether a what-if is shown beside the baseline."""
    shown = shown_order()
    return shown is not None and shown.whatif is not None


def shows_difference() -> bool:
    """Whether one map shows the difference of two runs."""
    return difference.value and _two()


def current_order() -> PlayOrder | None:
    """The order that the controls give; None if it cannot be run."""
    checked = board.checked.value
    if checked.whatif is None or board.hindrance.value:
        return None
    whatif = None if checked.is_baseline else checked.whatif
    return PlayOrder(checked.baseline, whatif, board.seed.value, SCALES[board.people.value])


def is_changed() -> bool:
    """Whether the controls show something else than what runs."""
    running, asked = order.value, current_order()
    return running is not None and (asked is None or asked.inputs != running.inputs)


def press(visit: Visit, button: str) -> None:
    """Do what a button of the bar says, with the run that the controls show.

    What has changed is taken over first: the run begins anew. What cannot be run is not played.

    Args:
        visit: The visitor's runs.
        button: `play`, `pause`, `step`, `week`, `month` or `reset`; any other does nothing.
    """
    if button == "pause":
        visit.session.pause()
    asked = current_order()
    if button not in _STARTS or asked is None:
        return
    if button == "reset" or order.value is None or is_changed():
        visit.screen.clear()
        order.set(asked)
        visit.session.begin(asked)
    _STARTS[button](visit.session)


_STARTS: dict[str, Callable[[Session], None]] = {
    "play": Session.play,
    "step": Session.step,
    "week": lambda session: session.step(7),
    "month": lambda session: session.step(30),
    "reset": lambda session: None,
}


@solara.component
def RunWith(visit: Visit) -> None:
    """With which seed and how many people the runs are made; a change of any control stops them."""
    changed = is_changed()
    solara.use_effect(lambda: visit.session.pause() if changed else None, [changed])

    def set_seed(typed: str) -> str:
        try:
            board.seed.set(seed_of(typed))
        except InputError as error:
            return str(error)
        return ""

    with solara.Div(classes=["crossings-run-with"]):
        WriteOnce("Seed", str(board.seed.value), set_seed, _SEED_TIP, narrow=True)
        items = [{"text": many, "value": many} for many in SCALES]
        choose("People simulated", board.people.value, items, board.people.set, _PEOPLE_TIP)


@solara.component
def Bar(visit: Visit) -> None:
    """The bar that plays the days."""
    session, screen = visit
    # as the runs have them, also where this was not shown for a while
    speed, set_speed = solara.use_state(int(session.speed or 0))
    layer, set_layer = solara.use_state(session.layer)

    def wish(wished: Mapping[str, Any]) -> None:
        if "press" in wished:
            press(visit, wished["press"])
        if "speed" in wished:  # a list of the browser gives its choice as text
            set_speed(int(wished["speed"]))
            session.set_speed(float(wished["speed"]) or None)
        if "layer" in wished:
            set_layer(wished["layer"])
            session.layer = wished["layer"]
            session.refresh()
        if "difference" in wished:
            difference.set(wished["difference"])
            session.difference = wished["difference"]
            session.refresh()
        if "look" in wished:
            session.look_at(wished["look"])

    def values() -> Values:
        shown = screen.view
        return {
            "phase": shown.phase.value,
            "words": moment(shown),
            "headline": headline(shown),
            "problem": shown.problem,
            "day": shown.day,
            "over": shown.over,
            "first": shown.first,
        }

    bar = PlayBar(
        speed=speed,
        layer=layer,
        difference=difference.value,
        two=_two(),
        refused=board.hindrance.value,
        changed=is_changed(),
        unfinished=board.open_forms.value,
        event_wish=wish,
    )
    use_widget(screen, "bar", bar, values)


@solara.component
def RunMaps(visit: Visit) -> None:
    """The maps of the runs."""
    shown, two = shown_order(), _two()
    title = "" if shown is None else shown.baseline.title
    if shows_difference():
        with solara.Div(classes=_classes()):
            _Change(visit)
        return
    with solara.Div(classes=["crossings-side-by-side", *_classes(two)]):
        for which in range(2 if two else 1):
            _Maps(visit, which, two, title).key(f"maps-{which}")


@solara.component
def _Change(visit: Visit) -> None:
    """One map of what differs between two runs, and the same as tables."""
    session, screen = visit

    def values() -> Values:
        change = screen.view.change
        return {
            "title": change_title(screen.view),
            "frame": None if change is None else change.frame,
            "number": screen.view.number,
            "picked": "" if screen.picked is None else _key(screen.picked),
        }

    def table() -> Values:
        change, title = screen.view.change, change_title(screen.view)
        groups = () if change is None else change.groups
        return {"title": title if groups else "", "heads": ["Baseline", "Change"], "groups": groups}

    maps = Maps(event_pick=partial(_clicked, visit), event_drawn=session.drawn, difference=True)
    use_widget(screen, "change", maps, values)
    with rv.Html(tag="details", class_="crossings-change-figures"):
        rv.Html(tag="summary", children=["The same as tables"])
        figures = Figures(difference=True)
    use_widget(screen, "change-figures", figures, table)


def _clicked(visit: Visit, clicked: Mapping[str, Any]) -> None:
    look_into(visit, Picked(clicked["kind"], clicked["number"]))


def _classes(two: bool = False) -> list[str]:
    """Classes of a part that shows the runs."""
    earlier = ["crossings-earlier"] if is_changed() else []
    return [*earlier, *(["crossings-two"] if two else [])]


@solara.component
def _Maps(visit: Visit, which: int, two: bool, title: str) -> None:
    session, screen = visit

    def values() -> Values:
        shown = screen.view
        return {
            "title": map_title(shown, which, two, title),
            "frame": shown.frames[which] if which < len(shown.frames) else None,
            "number": shown.number,
            "picked": "" if screen.picked is None else _key(screen.picked),
            "playing": shown.phase is Phase.PLAYING,
        }

    def drawn(number: int) -> None:
        # a frame has been drawn when the last of its maps has
        if which == int(two):
            session.drawn(number)

    maps = Maps(event_pick=partial(_clicked, visit), event_drawn=drawn, dot=DOT)
    use_widget(screen, f"maps-{which}", maps, values)


def _key(one: Picked) -> str:
    """A place or leg as the maps and the list of all name it."""
    return f"{one.kind} {one.number}"


def look_into(visit: Visit, wanted: Picked | None) -> None:
    """Show figures of another place or leg, or of none."""
    visit.screen.picked = wanted
    picked.set(wanted)
    visit.session.refresh()


@solara.component
def Charts(visit: Visit) -> None:
    """Every chart."""
    with solara.Div(classes=["crossings-charts", *_classes()]):
        for spec in CHARTS:
            if _two() or not spec.two:
                _Chart(visit.screen, spec).key(spec.key)


@solara.component
def _Chart(screen: Screen, spec: ChartSpec) -> None:
    chart = LiveChart(title=spec.title, note=spec.note)
    name = f"chart-{spec.key}"
    use_widget(screen, name, chart, lambda: {"chart": screen.charts.get(spec.key)})


@cache
def _choices() -> list[Item]:
    """Every place and leg, to be found by typing."""
    names = {
        PLACE: [place.name for place in load_corridor().places],
        LEG: [f"{way(leg)} ({leg.mode})" for leg in load_corridor().legs],
    }
    return [
        {"text": text, "value": f"{kind} {number}"}
        for kind, texts in names.items()
        for number, text in sorted(enumerate(texts), key=itemgetter(1))
    ]


@solara.component
def Clicked(visit: Visit) -> None:
    """Figures and beliefs of authorities for the place or leg that was clicked or chosen here."""
    wanted, screen, two = picked.value, visit.screen, _two()

    def chosen(value: str | None) -> None:
        kind, _, number = (value or "").partition(" ")
        look_into(visit, Picked(kind, int(number)) if value else None)

    def values() -> Values:
        figures = screen.figures
        if figures is None or screen.picked is None:
            return {"title": "", "heads": [], "groups": []}
        heads = ["Baseline", "What-if"] if two else ["In this run"]
        return {"title": figures.title, "heads": heads, "groups": figures.groups}

    with solara.Div(classes=["crossings-clicked"]):
        rv.Html(tag="h3", children=["A place or a way"])
        rv.Autocomplete(
            label="Click one on a map, or type its name",
            items=_choices(),
            v_model=_key(wanted) if wanted else None,
            on_v_model=chosen,
            clearable=True,
            dense=True,
            outlined=True,
            hide_details=True,
            attributes={"aria-label": "A place or a way"},
        )
        with solara.Div(classes=_classes()):
            figures = Figures()
        use_widget(screen, "figures", figures, values)


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
