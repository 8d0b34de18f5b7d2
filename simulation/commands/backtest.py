"""`crossings backtest`: how well the model forecasts years, beside naive forecasts."""

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
    holdout: str | None,
    document: Path | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Forecast years that are held out and score the forecasts beside others.

    The forecast is given route indicators and dated levers of the year, never its Channel figures,
    and weather only as climatology. Fitted assumptions come from the newest ensemble of the package
    that ends before each year; one that reaches into it is refused. The same command again goes on
    where it ended.
    """
    options = options_from(asked)
    from simulation.parameters.fitted import window_name
    from simulation.report.backtest import section_keys
    from simulation.report.document import check_document
    from simulation.validation.backtest import backtest_of

    tell, named = teller(quiet), options.ensemble
    study, options = backtest_of(
        scenario, holdout, options, announce=lambda cost: tell(f"{cost}."), **asked
    )
    check_document(document, *section_keys(study.years))
    typed = command_line()
    chosen = options.ensemble
    # the ensembles of several years have no single name
    if named is None and not study.ensembles and chosen is not None and chosen.window is not None:
        typed += f" --ensemble {window_name(*chosen.window)}"
    finished = conduct_study(study, options, quiet=quiet, as_json=as_json, command=typed)
    if document is not None:
        put_into(document, finished.folder, quiet=quiet or as_json)
