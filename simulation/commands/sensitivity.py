"""`crossings sensitivity`: which assumptions drive what a scenario changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, experiment_options, study_command
from simulation.commands.options import number_option, together, yes_option

if TYPE_CHECKING:
    from simulation.experiments.studies.sensitivity import Sensitivity

#: the options of a study with a design over the assumptions
DESIGN = together(
    click.option("--baseline", help="What it is compared with [default: its parent]."),
    click.option(
        "--only",
        multiple=True,
        metavar="GROUP",
        help="Vary only this group of assumptions, or this one; may be given several times.",
    ),
    number_option("--replications", 1, "Pairs of runs at each point, averaged."),
    number_option(
        "--noise", 8, "Pairs of runs with every assumption at its value, to see what chance does."
    ),
    yes_option(help="Run also more than 500 runs."),
)


@study_command("sensitivity")
@click.argument("scenario")
@click.option(
    "--outcome",
    default="channel_arrivals",
    show_default=True,
    help="The difference in this outcome decides which assumptions are looked at closely.",
)
@number_option(
    "--trajectories",
    4,
    "Trajectories of the screening (Morris): 2 runs for each assumption and trajectory.",
)
@number_option("--survivors", 6, "Assumptions that are looked at closely.")
@number_option(
    "--samples",
    64,
    "Base samples for that (Sobol), a power of 2: 2 runs for each survivor and sample.",
)
@DESIGN
@experiment_options(scale=0.1, designed=True)
def sensitivity(scenario: str, baseline: str | None, tell: Tell, **asked: Any) -> Sensitivity:
    """Find the assumptions on which the effect of SCENARIO depends most.

    All uncertain assumptions are screened, then the shares of variance of the strongest are
    found. With all defaults that is some 2,900 runs of a tenth of the people; it is said how long
    they take before the first. The same command again goes on where it ended. Assumptions that
    are not varied stand at their recorded values, whatever has been fitted.
    """
    from simulation.experiments.studies.design_points import sides
    from simulation.experiments.studies.sensitivity import Sensitivity

    both = sides(scenario, baseline)
    return Sensitivity(*both, announce=lambda cost: tell(f"{cost}."), **asked)
