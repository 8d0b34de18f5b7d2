"""All that touches parts of Mesa which are private or change between its versions.

`docs/mesa.md` lists what Mesa 4 changes of it.
"""

from simulation.mesa_adapter.space import map_layout

__all__ = ["map_layout"]
