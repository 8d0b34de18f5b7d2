"""`crossings agreements`: which agreement to share more buys most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.experiments.studies.agreements import Agreements


@study_command("agreements")
@click.argument("scenario")
def agreements(scenario: str, tell: Tell, **asked: Any) -> Agreements:
    """Find which agreement between two authorities buys most in SCENARIO.

    One pair of authorities at a time (the UK's three as one) shares much, with the same seeds.
    The best are run again with fresh seeds, and sets of agreements are built from them. The same
    command again goes on where it ended.
    """
    from simulation.experiments.studies.agreements import Agreements
    from simulation.scenario import load_scenario
    from simulation.wording.agreements import announcement

    loaded = load_scenario(scenario)
    return Agreements(loaded, scenario, announce=lambda plan: tell(announcement(plan)), **asked)
