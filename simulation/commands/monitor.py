"""`crossings monitor`: whether the newest months still agree with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, put_into, teller
from simulation.commands.options import DOCUMENT, options_of


@click.command("monitor")
@DOCUMENT
@options_of("monitor")
def monitor(document: Path | None, power: bool, quiet: bool, as_json: bool, **asked: Any) -> None:
    """See whether the newest months still agree with the model.

    Arrivals, boats, people per boat and the share prevented are held against the intervals of an
    ensemble that was fitted before them. The exit code is 0 if all is inside, 3 if a figure is
    doubtful or drifting, 4 if one is out, and 2 for bad input. Nothing is fitted. --document puts
    what --power works out into a page.
    """
    asked |= {"days": None, "assumptions": "fitted"}
    options = options_from(asked)
    from simulation.report.document import check_document
    from simulation.report.monitor import POWER
    from simulation.validation.monitor import monitor_of

    check_document(document, POWER)
    tell = teller(quiet)
    study = monitor_of(
        announce=lambda cost: tell(f"{cost}."), power=power or document is not None, **asked
    )
    finished = conduct_study(study, options, quiet=quiet, as_json=as_json)
    if document is not None:
        put_into(document, finished.folder, quiet=quiet or as_json, only=POWER)
    click.get_current_context().exit(finished.findings.exit_code)
