"""`crossings warm-up`: the model compiled before anybody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from simulation.commands.progress import log_compiling
from simulation.engine.result_folder import reason
from simulation.errors import EXIT_INPUT, InputError

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("warm-up")
@click.option("--from", "source", type=_FILE, help="A pack to install.")
@click.option("--pack", type=_FILE, help="Write a pack of the compiled code.")
def warm_up(source: Path | None, pack: Path | None) -> None:
    """Compile all that runs, comparisons and the app need.

    A pack that does not fit this version or this machine is ignored. A pack is a program: install
    one only from people whose programs you run.
    """
    from simulation import compiled_cache
    from simulation.engine.trials import precompile_model

    if pack is not None and not pack.absolute().parent.is_dir():
        raise InputError("lies in no folder", key="--pack", value=str(pack))
    folder = compiled_cache.cache_directory()
    if source is not None:
        with _written(folder):
            unfit = compiled_cache.install_pack(source)
        if unfit:
            click.echo(f"{source} is not used: {unfit}", err=True)
    log_compiling(True)
    precompile_model()
    if compiled_cache.write_errors:  # the first is logged
        click.get_current_context().exit(EXIT_INPUT)
    click.echo(f"The model is compiled: {len(compiled_cache.compiled_files())} files in {folder}")
    if pack is not None:
        with _written(pack):
            compiled_cache.write_pack(pack)
        click.echo(f"Written to {pack}")


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Refuse what cannot be written in one line."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=path) from error
