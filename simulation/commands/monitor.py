"""`crossings monitor`: whether the newest months still agree with the model."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from, teller
from simulation.commands.options import options_of


@click.command("monitor")
@options_of("monitor")
def monitor(quiet: bool, as_json: bool, **asked: Any) -> None:
    """See whether the newest months still agree with the model.

    Arrivals, boats, people per boat and the share prevented are held against the intervals of an
    ensemble that was fitted before them. The exit code is 0 if no figure departs, 3 if
    one is drifting, 4 if one is out, and 2 for bad input. Nothing is fitted.
    """
    asked |= {"days": None, "assumptions": "fitted"}
    options = options_from(asked)
    from simulation.validation.monitor import monitor_of

    tell = teller(quiet)
    study = monitor_of(announce=lambda cost: tell(f"{cost}."), **asked)
    finished = conduct_study(study, options, quiet=quiet, as_json=as_json)
    click.get_current_context().exit(finished.findings.exit_code)
