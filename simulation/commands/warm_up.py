"""`crossings warm-up`: the model compiled before anybody waits for it."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.errors import EXIT_INPUT

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("warm-up")
@click.option("--from", "source", type=_FILE, help="Install this pack of compiled code first.")
@click.option("--pack", type=_FILE, help="Write the compiled code into this file.")
def warm_up(source: Path | None, pack: Path | None) -> None:
    """Compile all that runs, comparisons and the app need, so that none of them waits for it.

    A pack is for the same version of crossings and of its libraries, the same platform and the same
    kind of processor. Elsewhere it is ignored, and the model is compiled. Install packs only from
    those whose programs you would run.
    """
    from simulation import compiled_cache
    from simulation.experiments.engine.trials import precompile_model

    if source is not None and (reason := compiled_cache.install_pack(source)):
        click.echo(f"{source} is not used: {reason}", err=True)
    precompile_model()
    folder, files = compiled_cache.cache_directory(), compiled_cache.compiled_files()
    if compiled_cache.write_errors:  # logged already
        click.get_current_context().exit(EXIT_INPUT)
    click.echo(f"The model is compiled: {len(files)} functions in {folder}")
    if pack is not None:
        compiled_cache.write_pack(pack)
        click.echo(f"Written to {pack}")
