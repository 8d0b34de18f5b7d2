"""The model in Mesa's viewer: a page of `crossings mesa`, and a component for other servers.

A change of a parameter takes effect with Reset. `docs/mesa.md` tells more.
"""

from __future__ import annotations

from typing import Any

import solara
import solara.server.settings
from matplotlib.axes import Axes
from mesa.visualization import Slider, SolaraViz, make_plot_component, make_space_component
from mesa.visualization.components import AgentPortrayalStyle

from simulation.app.visits import Limited
from simulation.errors import InputError
from simulation.mesa_adapter import Crossings, map_layout
from simulation.scenario import Scenario, load_scenario, shipped_scenarios

AS_WRITTEN = "as in the scenario"
LEVELS = (AS_WRITTEN, "none", "low", "medium", "high", "full")
#: agents per person: first, least, most, step
SCALES = (0.05, 0.02, 0.2, 0.01)
#: kind of agents -> colour and marker; the more agents are at a place, the darker it is
STYLES = {
    "Migrant": ((0.1, 0.4, 0.9, 0.05), "o"),
    "Smuggler": ((0.9, 0.1, 0.1, 0.1), "X"),
    "EnforcementUnit": ((0.0, 0.0, 0.0, 0.1), "P"),
}


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
    """The model as the page builds it.

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


def portray(agent: Any) -> AgentPortrayalStyle:
    """How Mesa draws an agent."""
    color, marker = STYLES[type(agent).__name__]
    return AgentPortrayalStyle(color=color, marker=marker)


def add_legend(axes: Axes) -> None:
    """Say which marker is which kind of agent."""
    for kind, (color, marker) in STYLES.items():
        axes.scatter([], [], color=color[:3], marker=marker, label=kind)
    axes.legend(loc="lower left", frameon=False)


def _select(label: str, values: list[str]) -> dict[str, Any]:
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
        if notice:
            solara.Warning(notice)
        SolaraViz(
            model,
            components=[
                make_space_component(portray, post_process=add_legend, layout_alg=map_layout, s=90),
                make_plot_component("channel_arrivals"),
                make_plot_component("in_transit"),
                make_plot_component("mapped_share"),
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
    """The page of `crossings mesa`, where there is room for one more visitor."""
    solara.Title("crossings")
    Limited(Viewer)


def stay_local() -> None:
    """Have a Solara server that has not yet shown a page ask no other machine for anything."""
    settings = solara.server.settings
    settings.main.mode = "production"
    settings.telemetry.mixpanel_enable = False
    settings.assets.fontawesome_enabled = False
