"""Agent-based simulation of migrant smuggling from the Western Balkans to the Channel.

From Python: `from simulation import Scenario, compare, run` (`docs/python.md`). For users of Mesa
the model itself: `from simulation import Crossings` (`docs/mesa.md`). They are imported when they
are asked for, so that the command line opens at once. `crossings` is another name of this package.
"""

from typing import TYPE_CHECKING, Any

from simulation.version import __version__

if TYPE_CHECKING:
    from simulation.api import (
        AgreementsResults,
        BacktestResults,
        ComparisonResults,
        DiscoveryResults,
        EmulatorResults,
        EstimateResults,
        FitResults,
        InputError,
        MonitorResults,
        ProposalResults,
        RunResults,
        Scenario,
        SensitivityResults,
        SweepResults,
        VersionsResults,
        add_to_ledger,
        agreements,
        assurance,
        backtest,
        brief,
        build_emulator,
        check,
        check_machine,
        compare,
        compare_versions,
        data_status,
        discover,
        estimate,
        fit,
        ledger,
        list_results,
        monitor,
        parameters,
        reach,
        run,
        sensitivity,
        shipped_scenarios,
        sweep,
        undo_update,
        update_data,
        verify,
        write_report,
    )
    from simulation.model.mesa_adapter import Crossings

__all__ = [
    "AgreementsResults",
    "BacktestResults",
    "ComparisonResults",
    "Crossings",
    "DiscoveryResults",
    "EmulatorResults",
    "EstimateResults",
    "FitResults",
    "InputError",
    "MonitorResults",
    "ProposalResults",
    "RunResults",
    "Scenario",
    "SensitivityResults",
    "SweepResults",
    "VersionsResults",
    "__version__",
    "add_to_ledger",
    "agreements",
    "assurance",
    "backtest",
    "brief",
    "build_emulator",
    "check",
    "check_machine",
    "compare",
    "compare_versions",
    "data_status",
    "discover",
    "estimate",
    "fit",
    "ledger",
    "list_results",
    "monitor",
    "parameters",
    "reach",
    "run",
    "sensitivity",
    "shipped_scenarios",
    "sweep",
    "undo_update",
    "update_data",
    "verify",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "Crossings":
        from simulation.model.mesa_adapter import Crossings

        return Crossings
    from simulation import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
