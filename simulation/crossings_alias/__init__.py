"""`import crossings`: another name of the package `simulation`, as it is installed.

The build moves this folder to where `import crossings` finds it (`pyproject.toml`).
"""

from typing import TYPE_CHECKING, Any

import simulation

if TYPE_CHECKING:
    from simulation import *  # noqa: F403

__all__ = simulation.__all__


def __getattr__(name: str) -> Any:
    if name == "parameters":  # in `simulation` it is a package as well
        from simulation.parameters.document import parameters

        return parameters
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(simulation, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
