"""What a script asks: each command has its function, whose results are pandas data frames.

    from simulation import Scenario, compare

    baseline = Scenario.load("baseline")
    print(compare(baseline, baseline.with_(funding=[...]), scale=0.05, days=60))

Settings, seeds and results are those of the commands, to the last bit: `docs/python.md`.
"""

from simulation.api.answers import VersionsResults, add_to_ledger, compare_versions, ledger
from simulation.api.asking import Asked
from simulation.api.estimates import build_emulator, estimate, reach
from simulation.api.runs import check, compare, run
from simulation.api.studies import (
    agreements,
    backtest,
    discover,
    fit,
    monitor,
    sensitivity,
    sweep,
)
from simulation.api.tables import (
    assurance,
    brief,
    check_machine,
    data_status,
    list_results,
    parameters,
    undo_update,
    update_data,
    verify,
    write_report,
)
from simulation.engine.trials import Assumptions
from simulation.errors import InputError
from simulation.frames import (
    AgreementsResults,
    BacktestResults,
    ComparisonResults,
    DiscoveryResults,
    EmulatorResults,
    EstimateResults,
    FitResults,
    MonitorResults,
    ProposalResults,
    Results,
    RunResults,
    SensitivityResults,
    SweepResults,
)
from simulation.scenario import Scenario, shipped_scenarios

__all__ = [
    "AgreementsResults", "Asked", "Assumptions", "BacktestResults", "ComparisonResults",
    "DiscoveryResults", "EmulatorResults", "EstimateResults", "FitResults",
    "InputError", "MonitorResults", "ProposalResults", "Results", "RunResults", "Scenario",
    "SensitivityResults", "SweepResults", "VersionsResults", "add_to_ledger", "agreements",
    "assurance", "backtest", "brief", "build_emulator", "check", "check_machine",
    "compare", "compare_versions", "data_status", "discover", "estimate", "fit",
    "ledger", "list_results", "monitor", "parameters", "reach", "run", "sensitivity",
    "shipped_scenarios", "sweep", "undo_update", "update_data", "verify", "write_report",
]  # fmt: skip
