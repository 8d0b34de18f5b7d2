"""`crossings sweep`: a scenario with some of its levers or assumptions varied."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, experiment_options, options_from


@click.command("sweep")
@click.argument("scenario")
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="NAME=VALUES",
    help="What to vary and its values; may be given several times. sharing.UK-RS=none,low,high "
    "(sharing.UK>RS for one way), sharing_default=LEVELS, adaptation.price=true,false, "
    "parameters.GROUP.NAME=VALUES, staff.AUTHORITY.KIND=TIMES, funding.AUTHORITY=GBP, "
    "operation.AUTHORITY.PLACE=TIMES, freeze.AUTHORITY=OPERATORS, entries.ROUTE=TIMES. "
    "LOW:HIGH:COUNT for evenly spaced values; LOW:HIGH with --lhs.",
)
@click.option(
    "--lhs",
    type=int,
    metavar="N",
    help="N points of a Latin hypercube instead of every combination of values.",
)
@click.option(
    "--reference",
    metavar="SCENARIO",
    help="What every point is compared with [default: the scenario itself as it stands].",
)
@click.option(
    "--replications",
    type=int,
    default=8,
    show_default=True,
    help="Pairs of runs of each point and the reference.",
)
@click.option("--yes", is_flag=True, help="Run even if it takes more than 200 runs.")
@experiment_options(scale=0.1)
def sweep(
    scenario: str,
    vary: tuple[str, ...],
    lhs: int | None,
    reference: str | None,
    replications: int,
    yes: bool,
    quiet: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Vary levers or assumptions of SCENARIO: dose-response curves with 90% bands.

    Every point runs with the same seeds as the scenario as it stands and is compared with it. The
    scale is a tenth by default, which widens the intervals. The same command again goes
    on where it ended and runs nothing twice.
    """
    options = options_from(told)
    from simulation.experiments.studies.sweep import Sweep
    from simulation.scenario import load_scenario

    against = None if reference is None else load_scenario(reference)
    study = Sweep(load_scenario(scenario), vary, lhs, replications, against, yes)
    conduct_study(study, options, quiet=quiet, as_json=as_json)
