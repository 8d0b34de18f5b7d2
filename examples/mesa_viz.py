"""The model in Mesa's viewer: `uv run --extra viz solara run examples/mesa_viz.py`.

A change of a parameter takes effect with Reset. `docs/mesa.md` tells more.
"""

from mesa.visualization import Slider, SolaraViz, make_plot_component, make_space_component
from mesa.visualization.components import AgentPortrayalStyle

from simulation import Crossings, Scenario, shipped_scenarios
from simulation.mesa_adapter import map_layout

AS_WRITTEN = "as in the scenario"
#: kind of agents -> colour and marker; the more agents are at a place, the darker it is
STYLES = {
    "Migrant": ((0.1, 0.4, 0.9, 0.05), "o"),
    "Smuggler": ((0.9, 0.1, 0.1, 0.1), "X"),
    "EnforcementUnit": ((0.0, 0.0, 0.0, 0.1), "P"),
}


class SharedCrossings(Crossings):
    """The model with one more parameter: how much all authorities tell each other."""

    def __init__(self, what_if="baseline", sharing=AS_WRITTEN, scale=0.05):
        scenario = Scenario.load(what_if)
        if sharing != AS_WRITTEN:
            default = {"level": sharing}
            scenario = scenario.with_(clear=["sharing"], sharing_default=default)
        super().__init__(scenario, scale=scale)


def portray(agent):
    """How Mesa draws an agent."""
    color, marker = STYLES[type(agent).__name__]
    return AgentPortrayalStyle(color=color, marker=marker)


def add_legend(axes):
    """Say which marker is which kind of agent."""
    for kind, (color, marker) in STYLES.items():
        axes.scatter([], [], color=color[:3], marker=marker, label=kind)
    axes.legend(loc="lower left", frameon=False)


def choice(label, values):
    """A field of the viewer to choose one of some values."""
    return {"type": "Select", "label": label, "value": values[0], "values": values}


scenarios = ["baseline", *(name for name in shipped_scenarios() if name != "baseline")]
page = SolaraViz(
    SharedCrossings(),
    components=[
        make_space_component(portray, post_process=add_legend, layout_alg=map_layout, s=90),
        make_plot_component("channel_arrivals"),
        make_plot_component("in_transit"),
        make_plot_component("mapped_share"),
    ],
    model_params={
        "what_if": choice("Scenario", scenarios),
        "sharing": choice("Sharing", [AS_WRITTEN, "none", "low", "medium", "high", "full"]),
        "scale": Slider("Agents per person", 0.05, 0.02, 0.2, 0.01),
    },
    render_interval=7,  # a week
    name="Crossings",
)
