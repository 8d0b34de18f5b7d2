"""The model as a Mesa model: its agents, space and data collector.

All that touches parts of Mesa which are private or change between its versions is here.

`docs/mesa.md` lists what Mesa 4 changes of it.
"""

from simulation.model.mesa_adapter.agents import Authority, EnforcementUnit, Migrant, Smuggler
from simulation.model.mesa_adapter.crossings import Crossings
from simulation.model.mesa_adapter.space import map_layout

__all__ = ["Authority", "Crossings", "EnforcementUnit", "Migrant", "Smuggler", "map_layout"]
