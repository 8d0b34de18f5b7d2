"""`crossings allocate`: how a budget is best spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.estimates.allocate import Allocate


@study_command("allocate", days=None)
@click.argument("scenario", default="outlook")
def allocate(scenario: str, tell: Tell, **asked: Any) -> Allocate:
    """Split a budget over the purposes of funding, on top of SCENARIO.

    SCENARIO is outlook unless another one is named. The estimate proposes the split that is best in
    the median of worlds, for several amounts, and the one with the least regret. Spending nothing
    is among them. Pairs of runs verify up to three.
    """
    from simulation.estimates.allocate import allocate_of
    from simulation.scenario import load_scenario

    return allocate_of(load_scenario(scenario), announce_cost=lambda cost: tell(str(cost)), **asked)
