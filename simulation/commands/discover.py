"""`crossings discover`: under which assumptions a scenario fails."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import experiment_options, options_from
from simulation.commands.sensitivity import conduct_design, count_option, with_design_options


@click.command("discover")
@click.argument("scenario")
@count_option("--samples", 200, "Sets of assumptions (a Latin hypercube): 2 runs for each.")
@with_design_options
@experiment_options(scale=0.1, designed=True)
def discover(scenario: str, **asked: Any) -> None:
    """Find the assumptions under which SCENARIO does not lower arrivals, or raises deaths.

    The uncertain assumptions are drawn at random, and regions are sought in which such cases lie
    close together. With all defaults that is some 400 runs of a tenth of the people; it is said
    how long they take before the first. The same command again goes on where it ended.
    Assumptions that are not varied stand at their recorded values, whatever has been fitted.
    """
    options = options_from(asked)
    from simulation.experiments.studies.discovery import Discover

    conduct_design(Discover, scenario, options, asked)
