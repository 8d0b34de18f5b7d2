"""`crossings sweep`: a scenario with some of its levers or assumptions varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, experiment_options, study_command
from simulation.commands.options import number_option, yes_option

if TYPE_CHECKING:
    from simulation.experiments.studies.sweep import Sweep


@study_command("sweep")
@click.argument("scenario")
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="NAME=VALUES",
    help="What to vary and its values; may be given several times. Sharing: "
    "sharing.UK-RS=none,low,high, sharing.UK>RS for one way, sharing_default=LEVELS. Other levers: "
    "staff.AUTHORITY.KIND=TIMES, funding.AUTHORITY=GBP, operation.AUTHORITY.PLACE=TIMES, "
    "freeze.AUTHORITY=OPERATORS, entries.ROUTE=TIMES. Smugglers and assumptions: "
    "adaptation.price=true,false, parameters.GROUP.NAME=VALUES. "
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
@number_option("--replications", 8, "Pairs of runs of each point and the reference.")
@yes_option(help="Run even if it takes more than 200 runs.")
@experiment_options(scale=0.1)
def sweep(scenario: str, reference: str | None, tell: Tell, **asked: Any) -> Sweep:
    """Vary levers or assumptions of SCENARIO: dose-response curves with 90% bands.

    Every point runs with the same seeds as the scenario as it stands and is compared with it. The
    scale is a tenth by default, which widens the intervals. The same command again goes
    on where it ended and runs nothing twice.
    """
    from simulation.experiments.studies.sweep import Sweep
    from simulation.scenario import load_scenario

    against = None if reference is None else load_scenario(reference)
    return Sweep(load_scenario(scenario), reference=against, **asked)
