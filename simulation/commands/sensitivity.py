"""`crossings sensitivity`: which assumptions drive what a scenario changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import conduct_study, experiment_options, options_from

if TYPE_CHECKING:
    from simulation.experiments.engine.options import Options
    from simulation.experiments.studies.design_points import DesignStudy


def count_option(name: str, default: int, text: str) -> Callable[..., Any]:
    """An option that is a whole number, with what it says in the help."""
    return click.option(name, type=int, default=default, show_default=True, help=text)


def with_design_options(command: Any) -> Any:
    """Decorate a command with the options of a study with a design over the assumptions."""
    options = (
        click.option("--baseline", help="What it is compared with [default: its parent]."),
        click.option(
            "--only",
            multiple=True,
            metavar="GROUP",
            help="Vary only this group of assumptions, or this one; may be given several times.",
        ),
        count_option("--replications", 1, "Pairs of runs at each point, averaged."),
        count_option(
            "--noise",
            8,
            "Pairs of runs with every assumption at its value, to see what chance does.",
        ),
        click.option("--yes", is_flag=True, help="Run also more than 500 runs."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("sensitivity")
@click.argument("scenario")
@click.option(
    "--outcome",
    default="channel_arrivals",
    show_default=True,
    help="The difference in this outcome decides which assumptions are looked at closely.",
)
@count_option(
    "--trajectories",
    4,
    "Trajectories of the screening (Morris): 2 runs for each assumption and trajectory.",
)
@count_option("--survivors", 6, "Assumptions that are looked at closely.")
@count_option(
    "--samples",
    64,
    "Base samples for that (Sobol), a power of 2: 2 runs for each survivor and sample.",
)
@with_design_options
@experiment_options(scale=0.1, designed=True)
def sensitivity(scenario: str, **asked: Any) -> None:
    """Find the assumptions on which the effect of SCENARIO depends most.

    All uncertain assumptions are screened, then the shares of variance of the strongest are
    found. With all defaults that is some 2,900 runs of a tenth of the people; it is said how long
    they take before the first. The same command again goes on where it ended. Assumptions that
    are not varied stand at their recorded values, whatever has been fitted.
    """
    options = options_from(asked)
    from simulation.experiments.studies.sensitivity import Sensitivity

    conduct_design(Sensitivity, scenario, options, asked)


def conduct_design(
    study: type[DesignStudy[Any]], scenario: str, options: Options, asked: dict[str, Any]
) -> None:
    """Conduct a study with a design over the assumptions.

    Args:
        study: Its class.
        scenario: The scenario as it was named.
        options: What every experiment can be asked.
        asked: What else the command was asked: `baseline`, `quiet`, `as_json`, and the arguments
            of the study.
    """
    from simulation.experiments.studies.design_points import baseline_of
    from simulation.scenario import load_scenario

    baseline, quiet, as_json = (asked.pop(name) for name in ("baseline", "quiet", "as_json"))
    side = load_scenario(scenario)
    announce = None if quiet else tell_cost
    made = study(baseline_of(side, baseline), side, announce=announce, **asked)
    conduct_study(made, options, quiet=quiet, as_json=as_json)


def tell_cost(cost: object) -> None:
    """What an experiment will take, beside its results and not among them."""
    click.echo(f"{cost}.", err=True)
