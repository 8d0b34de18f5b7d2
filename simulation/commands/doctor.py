"""`crossings doctor`: whether crossings works on this machine, and what to do where it does not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.options import json_option, results_option
from simulation.commands.progress import log_compiling
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.doctor.selfcheck import HealthCheck

_COLUMN = 14
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("doctor")
@results_option(help="Folder that results are to go to.")
@json_option("Print what was found as JSON, nothing else.")
@click.option("--from", "source", type=_FILE, help="A pack of the compiled model to install first.")
@click.option("--pack", type=_FILE, help="Write a pack of the compiled model.")
def doctor(results: Path, as_json: bool, source: Path | None, pack: Path | None) -> None:
    """See whether all is well on this machine, compile the model, and do a small run.

    Each line says ok, warn (it works, but you should know) or fail (it does not work, and what to
    do). The exit status is 0 when nothing fails, and 1 otherwise.

    A pack that does not fit this version or this machine is ignored. A pack is a program: install
    one only from people whose programs you run.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    checks: list[HealthCheck] = []
    from simulation.doctor.checks import look

    if pack is not None and not pack.absolute().parent.is_dir():
        raise InputError("lies in no folder", key="--pack", value=str(pack))
    if source is not None:
        _install(source)
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
    if pack is not None:
        from simulation.compiled_cache import write_pack

        with _written(pack):
            write_pack(pack)
        if not as_json:
            click.echo(f"Written to {pack}")


def _install(source: Path) -> None:
    """Install a pack of the compiled model; one that does not fit is named and not used."""
    from simulation.compiled_cache import cache_directory, install_pack

    with _written(cache_directory()):
        unfit = install_pack(source)
    if unfit:
        click.echo(f"{source} is not used: {unfit}", err=True)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Refuse what cannot be written in one line."""
    try:
        yield
    except OSError as error:
        from simulation.engine.result_folder import reason

        raise InputError(f"cannot be written ({reason(error)})", file=path) from error


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
