"""What is assumed: every number of the model that a planner does not set.

The package can be called: `simulation.parameters()` is the function of this name, however the
package was imported.
"""

import sys
from types import ModuleType
from typing import Any

from simulation.parameters.records import Parameters, Record, load_parameters, load_records

__all__ = ["Parameters", "Record", "load_parameters", "load_records"]


class _Callable(ModuleType):
    def __call__(self, *names: str) -> Any:
        from simulation.parameters.document import parameters

        return parameters(*names)


sys.modules[__name__].__class__ = _Callable
