"""`crossings discover`: under which assumptions a scenario fails."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import (
    command_line,
    experiment_options,
    options_from,
    report_findings,
    running,
)
from simulation.commands.sensitivity import tell_cost, with_design_options


@click.command("discover")
@click.argument("scenario")
@click.option(
    "--samples",
    type=int,
    default=200,
    show_default=True,
    help="Sets of assumptions (a Latin hypercube): 2 runs for each.",
)
@with_design_options
@experiment_options(scale=0.1, designed=True)
def discover(
    scenario: str,
    baseline: str | None,
    quiet: bool,
    as_json: bool,
    yes: bool,
    **told: Any,
) -> None:
    """Find the assumptions under which SCENARIO does not lower arrivals, or raises deaths.

    The uncertain assumptions are drawn at random, and regions are sought in which such cases lie
    close together. With all defaults that is some 400 runs of a tenth of the people; it is said
    how long they take before the first. The same command again goes on where it ended.
    Assumptions that are not varied stand at their recorded values, whatever has been fitted.
    """
    options = options_from(told)
    from simulation.experiments.studies.design_points import baseline_of
    from simulation.experiments.studies.discovery import Plan
    from simulation.experiments.studies.discovery import discover as search
    from simulation.scenario import load_scenario

    plan = Plan(**told)
    plan.check()
    asked = load_scenario(scenario)
    with running(not quiet, not as_json) as progress:
        found = search(
            baseline_of(asked, baseline),
            asked,
            options,
            plan,
            yes=yes,
            announce=None if quiet else tell_cost,
            command=command_line(),
            progress=progress,
        )
    report_findings(found, quiet=quiet, as_json=as_json)
