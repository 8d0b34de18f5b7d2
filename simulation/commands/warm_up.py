"""`crossings warm-up`: the model compiled before anybody waits for it."""

from __future__ import annotations

import click

from simulation.commands.progress import log_compiling
from simulation.errors import EXIT_INPUT


@click.command("warm-up")
def warm_up() -> None:
    """Compile all that runs, comparisons and the app need."""
    from simulation import compiled_cache
    from simulation.engine.trials import precompile_model

    log_compiling(True)
    precompile_model()
    if compiled_cache.write_errors:  # the first is logged
        click.get_current_context().exit(EXIT_INPUT)
    folder = compiled_cache.cache_directory()
    click.echo(f"The model is compiled: {len(compiled_cache.compiled_files())} files in {folder}")
