"""`crossings agreements`: which agreement to share more buys most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import Tell, study_command, tell_blocks

if TYPE_CHECKING:
    from simulation.scenario import Scenario
    from simulation.studies.agreements.study import Agreements


@study_command("agreements")
@click.argument("scenario", required=False)
def agreements(scenario: str | None, tell: Tell, **asked: Any) -> Agreements:
    """Rank agreements between authorities to share more in SCENARIO.

    Without SCENARIO: the agreements of November 2024 between the UK and Serbia, North Macedonia
    and Kosovo, each alone and all together, as signed and deepened, in 2027 and 2028.

    With --all, --among or --with every pair is screened (the UK's three authorities as one) and
    the best are run again with fresh seeds. The same command again goes on where it ended.
    """
    from simulation.report.estimate import first_look
    from simulation.scenario import load_scenario
    from simulation.studies.agreements.study import Agreements, question
    from simulation.studies.agreements.words import announcement

    name, asked = question(scenario, asked)
    loaded = load_scenario(name)

    def look_ahead(raised: Sequence[tuple[str, Scenario]]) -> None:
        tell_blocks(tell, first_look(loaded, raised, asked["period"], reason=True))

    return Agreements(
        loaded,
        announce=lambda plan: tell(announcement(plan)),
        look_ahead=look_ahead,
        **asked,
    )
