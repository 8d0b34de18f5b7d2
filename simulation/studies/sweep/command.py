"""`crossings sweep`: a scenario with some of its levers or assumptions varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.studies.sweep.findings import Sweep


@study_command("sweep")
@click.argument("scenario")
def sweep(scenario: str, reference: str | None, tell: Tell, **asked: Any) -> Sweep:
    """Vary levers or assumptions of SCENARIO: dose-response curves with 90% bands.

    Every point runs with the same seeds as the scenario as it stands and is compared with it. The
    scale is a tenth by default, which widens the intervals. The same command again goes
    on where it ended and runs nothing twice.
    """
    from simulation.scenario import load_scenario
    from simulation.studies.sweep.findings import Sweep

    against = None if reference is None else load_scenario(reference)
    return Sweep(load_scenario(scenario), reference=against, **asked)
