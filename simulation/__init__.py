"""Agent-based simulation of migrant smuggling from the Western Balkans to the Channel.

From Python: `from simulation import Scenario, compare, run` (`docs/python.md`). They are imported
when they are asked for, so that the command line opens at once.
"""

from typing import TYPE_CHECKING, Any

from simulation.version import __version__

if TYPE_CHECKING:
    from simulation.api import (
        ComparisonResults,
        InputError,
        RunResults,
        Scenario,
        check,
        compare,
        run,
        shipped_scenarios,
    )

__all__ = [
    "ComparisonResults",
    "InputError",
    "RunResults",
    "Scenario",
    "__version__",
    "check",
    "compare",
    "run",
    "shipped_scenarios",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from simulation import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
