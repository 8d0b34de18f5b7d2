"""`crossings estimate`: the effects of a scenario at once, from the surrogate."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulation.commands.options import json_option, option_of, together
from simulation.experiments.arguments import ESTIMATE


@click.command("estimate")
@click.argument("scenario")
@together(*map(option_of, ESTIMATE))
@json_option("Print the estimate as JSON, nothing else.")
def estimate(scenario: str, emulator: Path | None, as_json: bool) -> None:
    """Estimate at once what SCENARIO changes against outlook, without a run.

    A scenario with a lever, strength or date outside the design of the surrogate is refused, with
    the command that runs it.
    """
    from simulation.surrogate.estimate import estimate_of

    answer = estimate_of(scenario, emulator)
    if as_json:
        click.echo(json.dumps(answer.as_json(), indent=1))
        return
    from simulation.report.estimate import printed
    from simulation.report.terminal import show

    show(printed(answer))
