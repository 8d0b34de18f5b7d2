"""The model in Mesa's viewer: a page of `crossings mesa`, and a component for other servers.

A change of a parameter takes effect with Reset. `docs/mesa.md` tells more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import solara
import solara.server.settings
from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure
from mesa.visualization import Slider, SolaraViz
from mesa.visualization.utils import update_counter

from simulation.app.corridor_map import CorridorMap, Legend
from simulation.app.ground import CORRIDOR, STRAIT
from simulation.errors import InputError
from simulation.model.mesa_adapter import Crossings
from simulation.outcomes import OUTCOMES
from simulation.scenario import Scenario, load_scenario, shipped_scenarios

AS_WRITTEN = "as in the scenario"
LEVELS = (AS_WRITTEN, "none", "low", "medium", "high", "full")
#: agents per person: first, least, most, step
SCALES = (0.05, 0.02, 0.2, 0.01)
#: daily outcomes that are drawn
CHARTS = ("channel_arrivals", "in_transit", "mapped_share")


class Choices:
    """The scenarios that can be chosen: the shipped ones, and one that the server was started with.

    A browser names one of them. It never names a file.
    """

    def __init__(self) -> None:
        self._given: dict[str, Scenario] = {}

    def start_with(self, scenario: Scenario) -> None:
        """Choose a scenario when the page opens, whether it is shipped or not."""
        file = scenario.file
        shipped = file is not None and shipped_scenarios().get(scenario.slug) == file
        name = scenario.slug if shipped or file is None else file.name
        self._given = {name: scenario}

    @property
    def names(self) -> list[str]:
        """Their names; the first is chosen when the page opens."""
        return list(dict.fromkeys([*self._given, "baseline", *shipped_scenarios()]))

    def scenario(self, name: str) -> Scenario:
        """The scenario of a name.

        Raises:
            InputError: It is none of the choices.
        """
        if name not in self.names:
            raise InputError(
                "not a scenario of this page",
                key="Scenario",
                value=str(name)[:100],
                allowed=", ".join(self.names),
            )
        return self._given.get(name) or load_scenario(shipped_scenarios()[name])


#: the scenarios of this server
CHOICES = Choices()


class SharedCrossings(Crossings):
    """The model as the page builds it: on the first day that counts.

    Args:
        what_if: One of the names of `CHOICES`.
        sharing: The level on which all authorities share, or `AS_WRITTEN`.
        scale: Agents per person, within `SCALES`.

    Raises:
        InputError: One of them cannot be chosen on the page.
    """

    def __init__(
        self, what_if: str | None = None, sharing: str = AS_WRITTEN, scale: float = SCALES[0]
    ) -> None:
        scenario = CHOICES.scenario(CHOICES.names[0] if what_if is None else what_if)
        _, least, most, _ = SCALES
        if not least <= scale <= most:
            allowed = f"{least:g} to {most:g}"
            raise InputError("out of range", key="Agents per person", value=scale, allowed=allowed)
        if sharing != AS_WRITTEN:
            scenario = scenario.with_(clear=["sharing"], sharing_default={"level": sharing})
        super().__init__(scenario, scale=scale)
        self.run_for(self.first_counted)


def chart_of(name: str) -> Callable[[Crossings], solara.Element]:
    """A component for Mesa's viewer that draws a daily outcome by date.

    Args:
        name: One of `simulation.outcomes.DAILY`.
    """

    @solara.component
    def Chart(model: Crossings) -> None:
        """The outcome on every day that counts and is over."""
        update_counter.get()
        days = slice(model.first_counted, model.days_done)
        values = model.outcomes()[name][days]
        dates = np.datetime64(model.world.first) + np.arange(days.start, days.stop)
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.add_subplot(ylim=(0, 1.05 * max([1.0, *values])))
        axes.plot(dates, values)
        axes.set_title(OUTCOMES[name].label, loc="left")
        axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
        solara.FigureMatplotlib(figure, format="png")

    return Chart


def map_of(part: str) -> Callable[[Crossings], solara.Element]:
    """A component for Mesa's viewer: a map of the app, after the last day.

    Args:
        part: `ground.CORRIDOR` or `ground.STRAIT`.
    """

    @solara.component
    def Map(model: Crossings) -> None:
        """The map."""
        update_counter.get()
        CorridorMap(model, model.days_done, part)

    return Map


def _select(label: str, values: list[str]) -> dict[str, str | list[str]]:
    """A field of the viewer to choose one of some values."""
    return {"type": "Select", "label": label, "value": values[0], "values": values}


@solara.component
def Viewer(notice: str = "") -> None:
    """Mesa's viewer with a model for each visitor.

    Args:
        notice: What stands above it; empty for nothing.
    """
    model = solara.use_memo(SharedCrossings, [])
    with solara.Column():
        # there is one page, so no tabs
        solara.Style(".v-tabs { display: none }")
        if notice:
            solara.Warning(notice)
        Legend()
        SolaraViz(
            model,
            components=[
                *(map_of(part) for part in (CORRIDOR, STRAIT)),
                *(chart_of(name) for name in CHARTS),
            ],
            model_params={
                "what_if": _select("Scenario", CHOICES.names),
                "sharing": _select("Sharing", [*LEVELS]),
                "scale": Slider("Agents per person", *SCALES),
            },
            render_interval=7,  # a week
            name="Crossings",
        )


@solara.component
def Page() -> None:
    """The page of `crossings mesa`."""
    solara.Title("crossings")
    Viewer()


def stay_local() -> None:
    """Have a Solara server that has not yet shown a page ask no other machine for anything."""
    settings = solara.server.settings
    settings.main.mode = "production"
    settings.telemetry.mixpanel_enable = False
    settings.assets.fontawesome_enabled = False
