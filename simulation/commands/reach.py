"""`crossings reach`: what it would take to reach a goal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.estimates.reach import Reach


@study_command("reach", days=None)
@click.argument("scenario", default="outlook")
def reach(scenario: str, tell: Tell, **asked: Any) -> Reach:
    """Find the smallest changes to the levers of SCENARIO that reach a goal.

    SCENARIO is outlook unless another one is named. The estimate proposes up to three policies that
    differ in their levers; pairs of runs on low, central and high paths verify them. Quote a
    condition with < or > in it.
    """
    from simulation.estimates.reach import reach_of
    from simulation.scenario import load_scenario

    return reach_of(load_scenario(scenario), announce_cost=lambda cost: tell(str(cost)), **asked)
