"""`crossings fit`: the assumptions that agree with what was observed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import command_line, options_from, print_losses, running
from simulation.commands.options import Folder, cluster_options

#: the text in the folder of a fit
TEXT = "fit.md"


@click.command("fit")
@click.argument("scenario", default="history")
@click.option("--from", "first", metavar="MONTH", help="First month that is fitted [2021-01].")
@click.option(
    "--to", "last", metavar="MONTH", help="Last month that is fitted [default: the last observed]."
)
@click.option(
    "--budget",
    type=int,
    help="Runs in all [default: 1100 runs, some 40 minutes on two cores].",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the fit.")
@click.option(
    "--scale",
    type=float,
    default=0.3,
    show_default=True,
    help="Share of the people to simulate.",
)
@click.option("--workers", type=int, help="Processes [default: one per core].")
@cluster_options
@click.option("--out", type=Folder(), help="Folder of this fit.")
@click.option(
    "--own-data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Monthly series of your own, in place of ours.",
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page of text (docs/validation.md) to put tables and charts into as well.",
)
@click.option("--install", is_flag=True, help="Put it beside the fits of the package.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print only the summary, as JSON.")
def fit(
    scenario: str,
    first: str | None,
    last: str | None,
    budget: int | None,
    own_data: Path | None,
    document: Path | None,
    install: bool,
    quiet: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Fit the uncertain assumptions to what was observed, with SCENARIO (history) as the past.

    The result is an ensemble of sets of assumptions, and a table that says what the figures tell of
    each assumption and what they cannot tell. The same command goes on where it was stopped.
    """
    options = options_from({**told, "days": None, "assumptions": "records"})
    from simulation.experiments.engine.longer_run import HISTORY, past_to, run_to
    from simulation.fitting.engine import fit as run_fit
    from simulation.fitting.plan import DEFAULT_BUDGET, make_plan, own_series
    from simulation.fitting.provenance import install as put_in_place
    from simulation.scenario import load_scenario
    from simulation.validation.fit_sections import FIT, IDENTIFIABILITY
    from simulation.validation.page import check_document

    check_document(document, FIT, IDENTIFIABILITY)
    asked = load_scenario(scenario)
    own = None if own_data is None else own_series(own_data, asked)
    plan = make_plan(asked, first, last, DEFAULT_BUDGET if budget is None else budget, own=own)
    end = plan.window.days[1]
    asked = past_to(end) if scenario == HISTORY else run_to(asked, end)
    if own is not None and not quiet:
        for note in own.notes:
            click.echo(note, err=True)
    with running(not quiet, not as_json) as progress:
        found = run_fit(
            asked,
            options,
            plan,
            own=None if own is None else {name: own.monthly(name) for name in own.series},
            announce=None if quiet or as_json else _tell_cost,
            command=command_line(),
            progress=progress,
        )
    write_texts(found.folder, document)
    print_losses(found, failures=quiet or as_json)
    installed = put_in_place(found.file) if install else None
    if as_json:
        click.echo(json.dumps(found.summary, indent=1, ensure_ascii=False))
    elif not quiet:
        from simulation.commands.fit_tables import print_fit

        print_fit(found.summary)
        shown = shlex.quote(str(found.folder))
        verb = "Written to" if found.ran else "Nothing to run: these are the results already in"
        click.echo(f"{verb} {shown} (read {TEXT} there).")
        if document is not None:
            click.echo(f"Put into {shlex.quote(str(document))}.")
        if installed is not None:
            window = shlex.quote(installed.name.removesuffix(".json"))
            click.echo(
                f"Installed as {window}. Experiments draw from the newest window unless told "
                "otherwise (--ensemble)."
            )


def write_texts(folder: Path, document: Path | None = None) -> Path:
    """Write text and charts of a finished fit, from the results in its folder.

    Args:
        folder: The folder.
        document: A page to put them into as well.

    Returns:
        The text.
    """
    from simulation.commands.fit_charts import fit_charts
    from simulation.experiments.engine.result_folder import write_text
    from simulation.report.experiment import read_experiment
    from simulation.validation.fit_sections import (
        FIT,
        IDENTIFIABILITY,
        fit_section,
        identifiability_section,
    )
    from simulation.validation.page import put_document

    data = read_experiment(folder)
    summary, command = data.summary, data.manifest["command"]
    charts = fit_charts(summary)
    told = identifiability_section(summary)
    write_text(folder / TEXT, f"{fit_section(summary, command, '')}\n{told}")
    for name, chart in charts.items():
        write_text(folder / name, chart)
    if document is not None:
        sections: dict[str, Callable[[str], str]] = {
            FIT: partial(fit_section, summary, command),
            IDENTIFIABILITY: lambda _: told,
        }
        put_document(document, sections, charts)
    return folder / TEXT


def _tell_cost(cost: object) -> None:
    click.echo(str(cost), err=True)
