"""`crossings fit`: the assumptions that agree with what was observed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, put_into
from simulation.commands.options import DOCUMENT, fit_options, own_data_option


@click.command("fit")
@click.argument("scenario", default="history")
@click.option("--from", "first", metavar="MONTH", help="First month that is fitted [2021-01].")
@click.option(
    "--to", "last", metavar="MONTH", help="Last month that is fitted [default: the last observed]."
)
@click.option(
    "--budget", type=int, help="Runs in all [default: 1100 runs, some 40 minutes on two cores]."
)
@own_data_option(help="Monthly series of your own, in place of ours.")
@DOCUMENT
@click.option("--install", is_flag=True, help="Put it beside the fits of the package.")
@fit_options("Seed of the fit.", "Folder of this fit.")
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

    The result is an ensemble of sets of assumptions. A table says which assumptions the figures
    inform. The same command goes on where it was stopped.
    """
    options = options_from({**told, "days": None, "assumptions": "records"})
    from simulation.experiments.engine.longer_run import HISTORY, past_to, run_to
    from simulation.fitting.fit import FITTED, Fit
    from simulation.fitting.plan import DEFAULT_BUDGET, make_plan, own_series
    from simulation.fitting.provenance import install as put_in_place
    from simulation.report.document import check_document
    from simulation.report.fit import FIT, IDENTIFIABILITY
    from simulation.scenario import load_scenario

    check_document(document, FIT, IDENTIFIABILITY)
    asked = load_scenario(scenario)
    own = None if own_data is None else own_series(own_data, asked)
    plan = make_plan(asked, first, last, DEFAULT_BUDGET if budget is None else budget, own=own)
    end = plan.window.days[1]
    asked = past_to(end) if scenario == HISTORY else run_to(asked, end)
    if own is not None and not quiet:
        for note in own.notes:
            click.echo(note, err=True)
    silent = quiet or as_json
    study = Fit(
        asked,
        plan,
        None if own is None else {name: own.monthly(name) for name in own.series},
        None if silent else lambda cost: click.echo(str(cost), err=True),
    )
    found = conduct_study(study, options, quiet=quiet, as_json=as_json)
    installed = put_in_place(found.folder / FITTED) if install else None
    if document is not None:
        put_into(document, found.folder, quiet=silent)
    if installed is not None and not silent:
        window = shlex.quote(installed.name.removesuffix(".json"))
        click.echo(
            f"Installed as {window}. Experiments draw from the newest window unless told "
            "otherwise (--ensemble)."
        )
