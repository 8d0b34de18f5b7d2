"""`crossings agreements`: which agreement to share more buys most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, experiment_options, study_command
from simulation.commands.options import number_option, yes_option

if TYPE_CHECKING:
    from simulation.experiments.studies.agreements import Agreements


@study_command("agreements")
@click.argument("scenario")
@click.option("--among", metavar="NAMES", help="Only authorities of these: CALAIS or UK,FR,BE.")
@click.option("--with", "with_", metavar="NAME", help="Only agreements with this authority.")
@click.option(
    "--by",
    default="channel_arrivals",
    show_default=True,
    metavar="OUTCOME",
    help="Outcome that ranks: channel_arrivals, channel_deaths, corridor_deaths, "
    "smuggler_profit_eur (lower is better) or mapped_share (higher is better).",
)
@number_option("--replications", 6, "Seeds to screen all pairs with.")
@number_option("--refine", 15, "How many of the best to run again.")
@number_option("--refine-replications", 16, "Fresh seeds for those, and for the sets.")
@number_option("--sets", 5, "Largest set of agreements.")
@number_option("--candidates", 12, "Of how many of the best agreements sets are made.")
@yes_option(help="Start more than 500 runs without being asked.")
@experiment_options(scale=0.1)
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
