"""`crossings run`: a scenario in, a result folder and a short table out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import options_from, print_written
from simulation.commands.options import options_of
from simulation.engine.arguments import REPLICATIONS
from simulation.engine.command_text import to_type
from simulation.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from simulation.engine.replications import RunResult


@click.command("run")
@click.argument("scenario")
@options_of("run")
def run(scenario: str, replications: int, quiet: bool, as_json: bool, **asked: Any) -> None:
    """Run SCENARIO (a file, or the name of a shipped one) and write its results.

    The same command again goes on where an earlier attempt ended, and runs nothing twice. Results
    of one seed are the same however many workers there are. Unless --assumptions says otherwise,
    a run is the model at its central values, also where experiments draw from a fit.
    """
    options = options_from(asked)
    from simulation.commands.progress import progress_bar
    from simulation.engine.progress import Interrupted
    from simulation.engine.replications import run_command, run_replications
    from simulation.scenario import load_scenario

    REPLICATIONS.check(replications)
    loaded = load_scenario(scenario)
    seeds = range(options.seed, options.seed + replications)
    command = run_command(scenario, loaded, seeds, options)
    try:
        with progress_bar(quiet, as_json) as progress:
            result = run_replications(loaded, seeds, options, progress=progress, command=command)
    except Interrupted as stopped:
        click.echo(
            f"Interrupted: {stopped.finished} of {stopped.replications} replications are finished "
            f"and readable in {stopped.folder}.\nThe same command goes on from there: "
            f"{to_type(command)}",
            err=True,
        )
        if stopped.finished:
            from simulation.report.run import write_report

            write_report(stopped.folder)
        click.get_current_context().exit(EXIT_INTERRUPTED)
    if result.findings is not None:
        from simulation.report.run import ensure_report

        ensure_report(result.folder, ran=bool(result.ran))
    _print_result(result, command, show=not (quiet or as_json))
    if as_json and result.findings is not None:
        click.echo(json.dumps(result.findings.as_json(), indent=1, ensure_ascii=False))
    if result.findings is None:
        click.get_current_context().exit(1)


def _print_result(result: RunResult, command: str, *, show: bool) -> None:
    from simulation.wording.differences import rewritten_note

    if text := rewritten_note(result.rewritten):
        click.echo(text, err=True)
    for seed, error in result.failed.items():
        click.echo(f"The run with seed {seed} failed: {error}", err=True)
    if result.failed:
        total = len(result.failed) + (result.findings.replications if result.findings else 0)
        click.echo(
            f"{len(result.failed)} of {total} replications failed; the same command tries them "
            f"again: {to_type(command)}",
            err=True,
        )
    if not show or result.findings is None:
        return
    from simulation.report import terminal
    from simulation.report.run import summary

    terminal.show(summary(result.findings))
    print_written(result.folder / "report.html", result.ran)
