"""The tab on which one simulated world is watched: the bar that plays the days, maps, charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import solara

from simulation.app import board
from simulation.app.charts import BASELINE, CHARTS, WHATIF, Chart
from simulation.app.corridor_map import Legend, Maps
from simulation.app.links import SCALES, seed_of
from simulation.app.notice import Notice
from simulation.app.player import SPEED, Phase, Player, PlayOrder, PlayView
from simulation.errors import InputError
from simulation.outcomes import long_date
from simulation.wording.quoting import number_of

#: people for whom a dot stands that moves on the maps
DOT = 10
ONE_WORLD = (
    "This is one world: one seed, one future, one set of assumptions. It shows how things work. "
    "The Answer tab says how much."
)
#: what stands beside arrivals in a headline: no number of deaths (`wording.DEATHS_RULE`)
_DEATHS = "Of deaths one run says nothing: estimate them with a range."
_STEPS = {"step": 1, "week": 7, "month": 30}
#: what is shown
view: solara.Reactive[PlayView] = solara.reactive(PlayView())


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
    seed: str,
    people: str,
    scales: dict[str, str],
    refused: str,
    changed: bool,
    event_wish: Callable[[Mapping[str, Any]], None],
) -> None:
    """Buttons, speed, seed, people simulated, the day shown, and the headline."""


@solara.component_vue("live_chart.vue")
def LiveChart(title: str, note: str, chart: Chart | None = None) -> None:
    """One chart."""


def current_order() -> PlayOrder | None:
    """The order that the controls give; None if it cannot be run."""
    checked = board.checked.value
    if checked.whatif is None:
        return None
    whatif = None if checked.is_baseline else checked.whatif
    return PlayOrder(checked.baseline, whatif, board.seed.value, float(board.people.value))


def is_changed() -> bool:
    """Whether the controls show something else than what runs."""
    running, asked = view.value.order, current_order()
    return running is not None and (asked is None or asked.inputs != running.inputs)


def press(player: Player, button: str) -> None:
    """Do what a button of the bar says, with the run that the controls show.

    What has changed is taken over first: the run begins anew. What cannot be run is not played.

    Args:
        player: The visitor's runs.
        button: `play`, `pause`, `step`, `week`, `month` or `reset`.
    """
    asked = current_order()
    if button == "pause":
        player.pause()
    elif asked is not None:
        ended = view.value.phase in (Phase.EMPTY, Phase.FAILED)
        if button == "reset" or ended or is_changed():
            player.begin(asked)
        if button == "play":
            player.play()
        elif button in _STEPS:
            player.step(_STEPS[button])


def begun() -> Player:
    """The runs of a page on which nothing has been played yet."""
    view.set(PlayView())
    return Player(view.set)


@solara.component
def Watch(player: Player) -> None:
    """One simulated world, by day; it waits while another tab is shown.

    Args:
        player: The visitor's runs.
    """
    solara.use_effect(lambda: player.pause, [])
    Notice("info", ONE_WORLD)
    _Bar(player)
    _RunMaps()
    Legend(dot=DOT)
    _Charts()


@solara.component
def _Bar(player: Player) -> None:
    """The bar that plays the days."""
    shown, refused = view.value, board.checked.value.problem
    speed, set_speed = solara.use_state(SPEED)
    problem, set_problem = solara.use_state("")

    def wish(wished: Mapping[str, Any]) -> None:
        if "press" in wished:
            press(player, wished["press"])
        if "speed" in wished:  # a list of the browser gives its choice as text
            player.speed = int(wished["speed"])
            set_speed(player.speed)
        if "look" in wished:
            player.look_at(int(wished["look"]))
        if "people" in wished and wished["people"] in SCALES.values():
            board.people.set(wished["people"])
        if "seed" in wished:
            try:
                board.seed.set(seed_of(wished["seed"]))
                set_problem("")
            except InputError as error:
                set_problem(str(error))

    PlayBar(
        phase=shown.phase.value,
        words=moment(shown),
        headline=headline(shown),
        problem=problem or shown.problem,
        day=shown.day,
        over=shown.over,
        first=shown.first,
        speed=speed,
        seed=str(board.seed.value),
        people=board.people.value,
        scales=SCALES,
        refused=refused,
        changed=is_changed(),
        event_wish=wish,
    )


@solara.component
def _RunMaps() -> None:
    """The maps of the runs."""
    shown = view.value
    order = shown.order or current_order()
    two = order is not None and order.whatif is not None
    titles = [BASELINE, WHATIF] if two else ["" if order is None else order.baseline.title]
    looks = {"crossings-two": two, "crossings-earlier": is_changed()}
    with solara.Div(
        classes=["crossings-side-by-side", *(name for name, on in looks.items() if on)]
    ):
        for which, title in enumerate(titles):
            frame = shown.frames[which] if which < len(shown.frames) else None
            if frame is not None and not shown.warming:
                title += f": {number_of(frame['arrivals'], 'arrival', ',')} so far"
            Maps(
                title=title,
                frame=frame,
                number=shown.number,
                dot=DOT,
                playing=shown.phase is Phase.PLAYING,
            ).key(f"maps-{which}")


@solara.component
def _Charts() -> None:
    """Every chart."""
    with solara.Div(classes=["crossings-charts"]):
        for spec in CHARTS:
            chart = view.value.charts.get(spec.key)
            LiveChart(title=spec.title, note=spec.note, chart=chart).key(spec.key)


# -- words ----------------------------------------------------------------------------------------


def moment(shown: PlayView) -> str:
    """The moment shown, in words: a date, or what the page waits for."""
    if shown.phase is Phase.EMPTY:
        return "Nothing has been run yet: press Play"
    if shown.phase is Phase.FAILED:
        return "The run has stopped"
    if shown.date is None:
        return "Building the corridor"
    if shown.phase is Phase.BUILDING:
        return f"Filling the corridor: day {shown.day + 1} of {shown.first} before the first"
    if shown.warming:
        return f"{long_date(shown.date)}: before the first day, while the corridor fills"
    counted = shown.days - shown.first
    end = " The run is over." if shown.phase is Phase.FINISHED else ""
    return f"{long_date(shown.date)}: day {shown.day - shown.first + 1} of {counted}.{end}"


def headline(shown: PlayView) -> str:
    """One number of each run so far, with what it is not."""
    if not shown.frames or shown.warming:
        return ""
    first, *whatif = shown.frames
    if not whatif:
        said = f"So far {number_of(first['arrivals'], 'arrival', ',')}"
    else:
        change = whatif[0]["arrivals"] - first["arrivals"]
        noun = f"{'more' if change > 0 else 'fewer'} arrival"
        amount = number_of(abs(change), noun, ",") if change else "as many arrivals"
        said = f"With the what-if, so far {amount}"
    return f"{said}; one seed, not an estimate. {_DEATHS}"
