"""`crossings backtest`: how well the model forecasts a year, beside naive forecasts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import (
    command_line,
    conduct_study,
    experiment_options,
    options_from,
    put_into,
    teller,
)
from simulation.commands.options import DOCUMENT, yes_option


@click.command("backtest")
@click.option(
    "--holdout", type=int, help="Year to forecast [default: the last that was observed whole]."
)
@click.option(
    "--scenario",
    default="history",
    show_default=True,
    help="What happened, with its dated levers: a name or a file.",
)
@click.option(
    "--members",
    type=int,
    help="Sets of assumptions [default: 1 with --assumptions records, else 50].",
)
@click.option(
    "--replications",
    type=int,
    help="Runs of each of these sets [default: 40 with records, else 2].",
)
@click.option(
    "--discrepancy/--no-discrepancy",
    default=True,
    show_default=True,
    help="Lay what the model leaves out over its runs, as large as it was in the years before.",
)
@yes_option(help="Run more than 500 runs without being asked.")
@DOCUMENT
@experiment_options()
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
    from simulation.experiments.engine.longer_run import HISTORY, past_to
    from simulation.parameters.fitted import window_name
    from simulation.report.backtest import section_key
    from simulation.report.document import check_document
    from simulation.scenario import load_scenario
    from simulation.validation.backtest import (
        Backtest,
        check_holdout,
        choose_unseen,
        last_whole_year,
    )
    from simulation.validation.series import load_series

    series = load_series()
    year = last_whole_year(series) if holdout is None else holdout
    check_document(document, section_key(year))
    past = load_scenario(scenario)
    check_holdout(year, past, series)
    if scenario == HISTORY:
        past = past_to(date(year, 12, 31))
    tell = teller(quiet)
    study = Backtest(past, year, announce=lambda cost: tell(f"{cost}."), **asked)
    study.check_size(options.assumptions)
    typed = command_line()
    if options.ensemble is None:
        options = choose_unseen(year, options)
        if options.ensemble is not None and options.ensemble.window is not None:
            typed += f" --ensemble {window_name(*options.ensemble.window)}"
    found = conduct_study(study, options, quiet=quiet, as_json=as_json, command=typed)
    if document is not None:
        put_into(document, found.folder, quiet=quiet or as_json)
