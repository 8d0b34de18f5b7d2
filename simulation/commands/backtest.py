"""`crossings backtest`: how well the model forecasts a year, beside naive forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import (
    command_line,
    conduct_study,
    options_from,
    put_into,
    teller,
)
from simulation.commands.options import DOCUMENT, options_of


@click.command("backtest")
@DOCUMENT
@options_of("backtest")
def backtest(
    scenario: str,
    holdout: int | None,
    document: Path | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Forecast a year that is held out and score the forecast beside others.

    The forecast is given route indicators and dated levers of the year, never its Channel figures,
    and weather only as climatology. Fitted assumptions come from the newest ensemble of the package
    that ends before the year; one that reaches into it is refused. The same command again goes on
    where it ended.
    """
    options = options_from(asked)
    from simulation.parameters.fitted import window_name
    from simulation.report.backtest import section_key
    from simulation.report.document import check_document
    from simulation.validation.backtest import backtest_of

    tell, named = teller(quiet), options.ensemble
    study, options = backtest_of(
        scenario, holdout, options, announce=lambda cost: tell(f"{cost}."), **asked
    )
    check_document(document, section_key(study.holdout))
    typed = command_line()
    if named is None and options.ensemble is not None and options.ensemble.window is not None:
        typed += f" --ensemble {window_name(*options.ensemble.window)}"
    found = conduct_study(study, options, quiet=quiet, as_json=as_json, command=typed)
    if document is not None:
        put_into(document, found.folder, quiet=quiet or as_json)
