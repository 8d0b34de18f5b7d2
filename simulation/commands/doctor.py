"""`crossings doctor`: whether crossings works on this machine, and what to do where it does not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import json_option, results_option
from simulation.commands.progress import log_compiling

if TYPE_CHECKING:
    from simulation.doctor.checks import HealthCheck

_COLUMN = 14


@click.command("doctor")
@results_option(help="Folder that results are to go to.")
@json_option("Print what was found as JSON, nothing else.")
def doctor(results: Path, as_json: bool) -> None:
    """See whether all is well on this machine: versions, folders, and a small run.

    Each line says ok, warn (it works, but you should know) or fail (it does not work, and what to
    do). The exit status is 0 when nothing fails, and 1 otherwise.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    checks: list[HealthCheck] = []
    from simulation.doctor.look import look

    log_compiling(not as_json)
    for finding in look(results):
        checks.append(finding)
        if not as_json:
            click.echo(f"{finding.status:<5} {finding.what:<{_COLUMN}} {finding.text}")
    if as_json:
        content = [finding._asdict() for finding in checks]
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        click.echo(_verdict(checks))
    if any(finding.status == "fail" for finding in checks):
        click.get_current_context().exit(1)


def _verdict(checks: list[HealthCheck]) -> str:
    """All in one line."""
    failed = sum(finding.status == "fail" for finding in checks)
    warned = sum(finding.status == "warn" for finding in checks)
    if failed:
        one = failed == 1
        return f"{failed} {'thing does' if one else 'things do'} not work: see fail above."
    if warned:
        return f"All works; see {'the warning' if warned == 1 else 'the warnings'} above."
    return "All is well."
