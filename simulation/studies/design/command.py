"""`crossings design`: a table of runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from
from simulation.commands.options import options_of


@click.command("design")
@click.argument("table", metavar="TABLE", type=click.Path(path_type=Path))
@options_of("design")
def design(table: Path, ensemble: str | None, quiet: bool, as_json: bool, **asked: Any) -> None:
    """Run each row of TABLE, a CSV file, and write the rows with their outcomes.

    Columns: scenario (a name or a file), set (records, ranges:5, fitted:17 or fitted:17:5), path
    (spread:7, central, low or high) and seed. Only scenario is required. The same command again
    goes on where it ended and runs nothing twice.
    """
    options = options_from({**asked, "seed": 1, "assumptions": "records"})
    from simulation.engine.fitted_ensembles import choose_ensemble
    from simulation.studies.design.findings import design_of, read_table

    chosen = None if ensemble is None else choose_ensemble(ensemble)
    study = design_of(read_table(table), chosen, file=table)
    conduct_study(study, options, quiet=quiet, as_json=as_json)
