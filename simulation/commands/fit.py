"""`crossings fit`: the assumptions that agree with what was observed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, put_into
from simulation.commands.options import DOCUMENT, options_of


@click.command("fit")
@click.argument("scenario", default="history")
@DOCUMENT
@options_of("fit")
def fit(
    scenario: str,
    first: str | None,
    last: str | None,
    budget: int,
    own_data: Path | None,
    document: Path | None,
    install: bool,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Fit the uncertain assumptions to what was observed, with SCENARIO (history) as the past.

    The result is an ensemble of sets of assumptions. A table says which assumptions the figures
    inform. The same command goes on where it was stopped.
    """
    options = options_from({**asked, "days": None, "assumptions": "records"})
    from simulation.fitting.fit import FITTED, fit_of
    from simulation.fitting.provenance import install as put_in_place
    from simulation.report.document import check_document
    from simulation.report.fit import FIT, IDENTIFIABILITY

    check_document(document, FIT, IDENTIFIABILITY)
    silent = quiet or as_json
    announce = None if silent else lambda cost: click.echo(str(cost), err=True)
    study = fit_of(scenario, first, last, budget, own_data, announce)
    finished = conduct_study(study, options, quiet=quiet, as_json=as_json)
    installed = put_in_place(finished.folder / FITTED) if install else None
    if document is not None:
        put_into(document, finished.folder, quiet=silent)
    if installed is not None and not silent:
        window = shlex.quote(installed.name.removesuffix(".json"))
        click.echo(
            f"Installed as {window}. Experiments draw from the newest window unless told "
            "otherwise (--ensemble)."
        )
