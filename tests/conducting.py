"""Studies conducted without a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from simulation.corridor import Observed
from simulation.experiments.engine.options import Options
from simulation.experiments.findings import Finished
from simulation.experiments.studies.agreement_findings import AgreementsFindings
from simulation.experiments.studies.agreements import Agreements
from simulation.experiments.studies.compare import Compare, ComparisonFindings, Precision
from simulation.experiments.studies.discovery import Discover, DiscoveryFindings
from simulation.experiments.studies.sensitivity import Sensitivity, SensitivityFindings
from simulation.experiments.studies.sweep import Sweep, SweepFindings
from simulation.experiments.study import conduct
from simulation.fitting.fit import Fit, FitFindings
from simulation.fitting.plan import FitPlan
from simulation.scenario import Scenario
from simulation.validation.backtest import Backtest, BacktestFindings
from simulation.validation.monitor import Monitor, MonitorFindings, OwnMonths


def compare(
    baseline: Scenario,
    others: Sequence[Scenario],
    options: Options,
    precision: Precision,
    *,
    ladder: bool = False,
    announce: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    **how: Any,
) -> Finished[ComparisonFindings]:
    """A comparison; `how` goes to `conduct`."""
    study = Compare(baseline, others, precision, ladder, announce, clock)
    return conduct(study, options, **how)


def sweep(
    scenario: Scenario, vary: Sequence[str], options: Options, *, simulate: Any, **asked: Any
) -> Finished[SweepFindings]:
    """A sweep with a model that stands in; `asked` goes to `Sweep`."""
    return conduct(Sweep(scenario, tuple(vary), **asked), options, simulate=simulate)


def agreements(
    scenario: Scenario, options: Options, *, simulate: Any, **asked: Any
) -> Finished[AgreementsFindings]:
    """A study of agreements with a model that stands in; `asked` goes to `Agreements`."""
    return conduct(Agreements(scenario, **asked), options, simulate=simulate)


def sensitivity(
    sides: tuple[Scenario, Scenario], options: Options, *, simulate: Any, **asked: Any
) -> Finished[SensitivityFindings]:
    """A sensitivity analysis of a baseline and a scenario."""
    return conduct(Sensitivity(*sides, yes=True, **asked), options, simulate=simulate)


def discover(
    sides: tuple[Scenario, Scenario], options: Options, *, simulate: Any, **asked: Any
) -> Finished[DiscoveryFindings]:
    """A scenario discovery of a baseline and a scenario."""
    return conduct(Discover(*sides, yes=True, **asked), options, simulate=simulate)


def backtest(
    scenario: Scenario,
    options: Options,
    *asked: Any,
    observed: Observed | None = None,
    discrepancy: bool = True,
    **how: Any,
) -> Finished[BacktestFindings]:
    """A back-test of `asked`: year, members, replications; `how` goes to `conduct`."""
    study = Backtest(scenario, *asked, discrepancy=discrepancy, yes=True, observed=observed)
    return conduct(study, options, **how)


def monitor(
    scenario: Scenario,
    options: Options,
    *asked: Any,
    own: OwnMonths | None = None,
    observed: Observed | None = None,
    **how: Any,
) -> Finished[MonitorFindings]:
    """A look at months; `asked`: first and last month, members, replications."""
    study = Monitor(scenario, *asked, own=own or {}, yes=True, observed=observed)
    return conduct(study, options, **how)


def fit(scenario: Scenario, options: Options, plan: FitPlan, **how: Any) -> Finished[FitFindings]:
    """A fit; what `how` names of `Fit` is asked of it, the rest goes to `conduct`."""
    asked = {name: how.pop(name) for name in ("observed", "origins", "prior") if name in how}
    return conduct(Fit(scenario, plan, **asked), options, **how)
