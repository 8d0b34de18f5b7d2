"""Studies conducted without a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from simulation.experiments.engine.experiment import Options
from simulation.experiments.findings import Finished
from simulation.experiments.studies.compare import Compare, ComparisonFindings, Precision
from simulation.experiments.study import conduct
from simulation.scenario import Scenario


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
