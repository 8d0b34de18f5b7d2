"""`crossings reach`: what it would take to reach a goal."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, teller
from simulation.commands.options import options_of


@click.command("reach")
@click.argument("scenario", default="outlook")
@options_of("reach")
def reach(scenario: str, quiet: bool, as_json: bool, **asked: Any) -> None:
    """Find the smallest changes to the levers of SCENARIO that reach a goal.

    SCENARIO is outlook unless another one is named. The estimate proposes up to three policies that
    differ in their levers; pairs of runs on low, central and high paths verify them. Quote a
    condition with < or > in it.
    """
    rest = {**asked, "days": None}
    options = options_from(rest)
    from simulation.estimates.reach import reach_of
    from simulation.scenario import load_scenario

    tell = teller(quiet)
    study = reach_of(load_scenario(scenario), announce_cost=lambda cost: tell(str(cost)), **rest)
    conduct_study(study, options, quiet=quiet, as_json=as_json)
