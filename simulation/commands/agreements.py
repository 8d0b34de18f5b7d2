"""`crossings agreements`: which agreement to share more buys most."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, experiment_options, options_from


@click.command("agreements")
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
@click.option(
    "--replications", type=int, default=6, show_default=True, help="Seeds to screen all pairs with."
)
@click.option(
    "--refine", type=int, default=15, show_default=True, help="How many of the best to run again."
)
@click.option(
    "--refine-replications",
    type=int,
    default=16,
    show_default=True,
    help="Fresh seeds for those, and for the sets.",
)
@click.option("--sets", type=int, default=5, show_default=True, help="Largest set of agreements.")
@click.option(
    "--candidates",
    type=int,
    default=12,
    show_default=True,
    help="Of how many of the best agreements sets are made.",
)
@click.option("--yes", is_flag=True, help="Start more than 500 runs without being asked.")
@experiment_options(scale=0.1)
def agreements(scenario: str, quiet: bool, as_json: bool, **told: Any) -> None:
    """Find which agreement between two authorities buys most in SCENARIO.

    One pair of authorities at a time (the UK's three as one) shares much, with the same seeds.
    The best are run again with fresh seeds, and sets of agreements are built from them. The same
    command again goes on where it ended.
    """
    options = options_from(told)
    from simulation.experiments.studies.agreements import Agreements, PlannedRuns
    from simulation.scenario import load_scenario
    from simulation.wording.agreements import announcement

    def announce(plan: PlannedRuns) -> None:
        if not quiet:
            click.echo(announcement(plan), err=True)

    study = Agreements(load_scenario(scenario), scenario, announce=announce, **told)
    conduct_study(study, options, quiet=quiet, as_json=as_json)
