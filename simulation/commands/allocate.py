"""`crossings allocate`: how a budget is best spent."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, teller
from simulation.commands.options import options_of


@click.command("allocate")
@click.argument("scenario", default="outlook")
@options_of("allocate")
def allocate(scenario: str, quiet: bool, as_json: bool, **asked: Any) -> None:
    """Split a budget over the purposes of funding, on top of SCENARIO.

    SCENARIO is outlook unless another one is named. The estimate proposes the split that is best in
    the median of worlds, for several amounts, and the one with the least regret. Spending nothing
    is among them. Pairs of runs verify up to three.
    """
    rest = {**asked, "days": None}
    options = options_from(rest)
    from simulation.estimates.allocate import allocate_of
    from simulation.scenario import load_scenario

    tell = teller(quiet)
    study = allocate_of(load_scenario(scenario), announce_cost=lambda cost: tell(str(cost)), **rest)
    conduct_study(study, options, quiet=quiet, as_json=as_json)
