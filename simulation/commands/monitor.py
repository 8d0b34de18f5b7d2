"""`crossings monitor`: whether the newest months still agree with the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import conduct_study, options_from, teller
from simulation.commands.options import fit_options, number_option, own_data_option, yes_option
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.scenario import Scenario


@click.command("monitor")
@click.option(
    "--scenario",
    help="What happened, with its dated levers: a name or a file [default: history, and for later "
    "months the policies of outlook as well].",
)
@click.option(
    "--from", "first", metavar="MONTH", help="First month [default: the one after the fit]."
)
@click.option("--to", "last", metavar="MONTH", help="Last month [default: the last observed].")
@click.option(
    "--ensemble",
    metavar="WINDOW|FILE",
    help="Fitted sets, as 2021-01..2023-12 [default: the newest that ends before the months].",
)
@own_data_option(help="Monthly series of your own; their months go before ours.")
@number_option("--members", 50, "Sets of assumptions.")
@number_option("--replications", 2, "Runs of each of these sets.")
@yes_option(help="Run more than 500 runs without being asked.")
@fit_options("Seed of the first run.", "Folder of this look.")
def monitor(
    scenario: str | None,
    first: str | None,
    last: str | None,
    own_data: Path | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """See whether the newest months still agree with the model.

    Arrivals, boats, people per boat and the share prevented are held against the intervals of an
    ensemble that was fitted before them. The exit code is 0 if all is inside, 3 if a figure is
    drifting, 4 if one is out, and 2 for bad input. Nothing is fitted.
    """
    asked |= {"days": None, "assumptions": "fitted"}
    options = options_from(asked)
    from simulation.validation.monitor import FIGURES, Monitor

    own = {} if own_data is None else _own(own_data, FIGURES)
    first, last = _month("--from", first), _month("--to", last)
    tell = teller(quiet)
    past = _past(scenario, own, last)
    study = Monitor(past, first, last, own=own, announce=lambda cost: tell(f"{cost}."), **asked)
    found = conduct_study(study, options, quiet=quiet, as_json=as_json)
    click.get_current_context().exit(found.findings.exit_code)


def _past(name: str | None, own: dict[str, Any], last: str | None) -> Scenario:
    """What happened: as told, or what is known of it to the last month that is watched."""
    from simulation.experiments.engine.longer_run import past_to
    from simulation.fitting.plan import last_observed
    from simulation.fitting.series import FitWindow
    from simulation.scenario import load_scenario

    if name is not None:
        return load_scenario(name)
    month = last or max([last_observed(), *(months[-1] for months, _ in own.values())])
    return past_to(FitWindow(month, month).days[1])


def _own(file: Path, figures: tuple[str, ...]) -> dict[str, Any]:
    """A user's own series, of which one at least must be watched."""
    from simulation.data.own_series import read_own_series

    own = read_own_series(file)
    found = {name: own.monthly(name) for name in own.series if name in figures}
    if not found:
        named, allowed = ", ".join(own.series), ", ".join(figures)
        raise InputError("no figure that is watched", file=file, value=named, allowed=allowed)
    return found


def _month(key: str, text: str | None) -> str | None:
    from simulation.corridor.observed import MONTH

    if text is not None and not MONTH.match(text):
        raise InputError("not a month", key=key, value=text, allowed="a month such as 2024-01")
    return text
