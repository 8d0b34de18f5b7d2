"""`crossings backtest`: how well the model forecasts a year, beside naive forecasts."""

from __future__ import annotations

import json
import shlex
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import (
    command_line,
    experiment_options,
    options_from,
    print_losses,
    running,
)
from simulation.commands.sensitivity import tell_cost

if TYPE_CHECKING:
    from simulation.validation.backtest import BackTest

#: the text in the folder of a back-test
TEXT = "backtest.md"


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
@click.option("--yes", is_flag=True, help="Run more than 500 runs without being asked.")
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page of text (docs/validation.md) to put tables and charts into as well.",
)
@experiment_options()
def backtest(
    scenario: str,
    holdout: int | None,
    members: int | None,
    replications: int | None,
    discrepancy: bool,
    yes: bool,
    document: Path | None,
    quiet: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Forecast a year that is held out and score the forecast beside others.

    The forecast is given route indicators and dated levers of the year, never its Channel figures,
    and weather only as climatology. Fitted assumptions come from the newest ensemble of the package
    that ends before the year; one that reaches into it is refused. The same command again goes on
    where it ended.
    """
    options = options_from(told)
    from simulation.experiments.engine.longer_run import HISTORY, past_to
    from simulation.parameters.fitted import window_name
    from simulation.scenario import load_scenario
    from simulation.validation.backtest import Plan, check_holdout, choose_unseen, last_whole_year
    from simulation.validation.backtest import backtest as test
    from simulation.validation.document import section_key
    from simulation.validation.page import check_document
    from simulation.validation.series import load_series

    holdout = last_whole_year(load_series()) if holdout is None else holdout
    plan = Plan(holdout, members, replications, discrepancy)
    plan.check(options.assumptions)
    check_document(document, section_key(holdout))
    asked = load_scenario(scenario)
    typed = command_line()
    check_holdout(holdout, asked, load_series())
    if scenario == HISTORY:
        asked = past_to(date(holdout, 12, 31))
    if options.ensemble is None:
        options = choose_unseen(holdout, options)
        if options.ensemble is not None and options.ensemble.window is not None:
            typed += f" --ensemble {window_name(*options.ensemble.window)}"
    with running(not quiet, not as_json) as progress:
        found = test(
            asked,
            options,
            plan,
            yes=yes,
            announce=None if quiet else tell_cost,
            command=typed,
            progress=progress,
        )
    write_texts(found.folder, document)
    print_losses(found, failures=quiet or as_json)
    if as_json:
        click.echo(json.dumps(found.summary, indent=1, ensure_ascii=False))
    elif not quiet:
        _tell(found, document)


def write_texts(folder: Path, document: Path | None = None) -> Path:
    """Write text and charts of a finished back-test, from the results in its folder.

    Args:
        folder: The folder.
        document: A page to put them into as well.

    Returns:
        The text.
    """
    from simulation.experiments.engine.result_folder import write_text
    from simulation.report.experiment import read_experiment
    from simulation.report.fan_chart import fan_chart, fan_of
    from simulation.validation.document import by_month, chart_name, section, section_key
    from simulation.validation.naive import SHORT
    from simulation.validation.page import put_document

    data = read_experiment(folder)
    summary, command = data.summary, data.manifest["command"]
    year, shown = summary["holdout"], next(iter(SHORT.items()))
    charts = {
        chart_name(year, name): fan_chart(fan_of(one, year, *shown))
        for name, one in summary["series"].items()
        if by_month(one)
    }
    write_text(folder / TEXT, section(summary, command, ""))
    for name, chart in charts.items():
        write_text(folder / name, chart)
    if document is not None:
        put_document(document, {section_key(year): partial(section, summary, command)}, charts)
    return folder / TEXT


def _tell(found: BackTest, document: Path | None) -> None:
    """Print how the forecast did, and where the rest is."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulation.validation.document import INSIDE, headline, inputs, score_rows

    console = Console()
    summary = found.summary
    console.print(Text(headline(summary), style="bold"))
    table = Table(
        box=box.SIMPLE_HEAD, title="By month, or by year where so told", title_justify="left"
    )
    headings = ("Series", "Forecast", "CRPS", *(f"In {one}" for one in INSIDE), "Model")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if 2 <= number < len(headings) - 1 else "left")
    for row in score_rows(summary):
        table.add_row(*row)
    console.print(table)
    for line in inputs(summary):
        console.print(Text(line))
    shown = shlex.quote(str(found.folder))
    if found.ran:
        click.echo(f"Written to {shown} (read {TEXT} there).")
    else:
        click.echo(f"Nothing to run: these are the results already in {shown}.")
    if document is not None:
        click.echo(f"Put into {shlex.quote(str(document))}.")
