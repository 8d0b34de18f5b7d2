"""`crossings sensitivity`: which assumptions drive what a scenario changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command

if TYPE_CHECKING:
    from simulation.studies.sensitivity import Sensitivity


@study_command("sensitivity")
@click.argument("scenario")
def sensitivity(scenario: str, baseline: str | None, tell: Tell, **asked: Any) -> Sensitivity:
    """Find the assumptions on which the effect of SCENARIO depends most.

    All uncertain assumptions are screened, then the shares of variance of the strongest are
    found. With all defaults that is some 2,900 runs of a tenth of the people; it is said how long
    they take before the first. The same command again goes on where it ended. Assumptions that
    are not varied stand at their central values, whatever has been fitted.
    """
    from simulation.studies.design_points import sides
    from simulation.studies.sensitivity import Sensitivity

    both = sides(scenario, baseline)
    return Sensitivity(*both, announce=lambda cost: tell(f"{cost}."), **asked)
