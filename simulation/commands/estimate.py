"""`crossings estimate`: the effects of a scenario at once, from the library."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulation.commands.options import json_option, option_of, together
from simulation.engine.arguments import ESTIMATE


@click.command("estimate")
@click.argument("scenario")
@together(*map(option_of, ESTIMATE))
@json_option("Print the estimate as JSON, nothing else.")
def estimate(
    scenario: str, period: str | None, margin: str | None, emulator: Path | None, as_json: bool
) -> None:
    """Estimate at once what SCENARIO changes, without a run.

    It answers from runs of policies on outlook, and on agreements-absent, done before. A scenario
    that lies between none of them is refused, with the command that runs it.
    """
    from simulation.estimates.estimate import RUN, estimate_of
    from simulation.wording.quoting import quotable

    answer = quotable(estimate_of(scenario, emulator, period or RUN, margin))
    if as_json:
        click.echo(json.dumps(answer.as_json(), indent=1))
        return
    from simulation.report.estimate import printed
    from simulation.report.terminal import show

    show(printed(answer))
