"""`crossings discover`: under which assumptions a scenario fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.studies.discovery.findings import Discover


@study_command("discover")
@click.argument("scenario")
def discover(scenario: str, baseline: str | None, tell: Tell, **asked: Any) -> Discover:
    """Find the assumptions under which SCENARIO does not lower arrivals, or raises deaths.

    The uncertain assumptions are drawn at random, and regions are sought in which such cases lie
    close together. With all defaults that is some 400 runs of a tenth of the people; it is said
    how long they take before the first. The same command again goes on where it ended.
    Assumptions that are not varied stand at their central values, whatever has been fitted.
    """
    from simulation.studies.design_points import sides
    from simulation.studies.discovery.findings import Discover

    both = sides(scenario, baseline)
    return Discover(*both, announce=lambda cost: tell(f"{cost}."), **asked)
