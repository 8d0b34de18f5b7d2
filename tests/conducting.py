"""Studies conducted without a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from simulation.engine.findings import Finished
from simulation.engine.options import Options
from simulation.fitting.fit import Fit
from simulation.scenario import Scenario
from simulation.studies.agreements.study import Agreements
from simulation.studies.compare import Compare
from simulation.studies.discovery.findings import Discover
from simulation.studies.sensitivity import Sensitivity
from simulation.studies.study import conduct
from simulation.studies.sweep.findings import Sweep
from simulation.validation.backtest import Backtest
from simulation.validation.monitor import Monitor


def conducted(make: Callable[..., Any], **always: Any) -> Callable[..., Finished[Any]]:
    """A function that makes a study of what it is given, and conducts it.

    The `Options` among it, and `command`, `progress` and `simulate`, go to `conduct`.
    """

    def call(
        *asked: Any, command: str = "", progress: Any = None, simulate: Any = None, **own: Any
    ) -> Finished[Any]:
        (options,) = (one for one in asked if isinstance(one, Options))
        study = make(*(one for one in asked if one is not options), **(always | own))
        return conduct(study, options, command=command, progress=progress, simulate=simulate)

    return call


compare, fit, agreements = conducted(Compare), conducted(Fit), conducted(Agreements)
backtest, monitor = conducted(Backtest, yes=True), conducted(Monitor, yes=True)


def sweep(scenario: Scenario, vary: Sequence[str], *asked: Any, **how: Any) -> Finished[Any]:
    """A sweep; words of what varies may be in a list."""
    return conducted(Sweep)(scenario, tuple(vary), *asked, **how)


def sensitivity(sides: tuple[Scenario, Scenario], *asked: Any, **how: Any) -> Finished[Any]:
    """A sensitivity analysis of a baseline and a scenario."""
    return conducted(Sensitivity, yes=True)(*sides, *asked, **how)


def discover(sides: tuple[Scenario, Scenario], *asked: Any, **how: Any) -> Finished[Any]:
    """A scenario discovery of a baseline and a scenario."""
    return conducted(Discover, yes=True)(*sides, *asked, **how)
