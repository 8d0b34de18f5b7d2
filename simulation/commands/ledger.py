"""`crossings ledger`: the answers to the shipped questions by version, fit and data."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.experiment import command_line, options_from, resumable_runs
from simulation.commands.options import DOCUMENT, json_option, options_of
from simulation.commands.usage_errors import Commands
from simulation.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulation.answers.ledger import Entry


@click.group("ledger", cls=Commands, invoke_without_command=True)
@DOCUMENT
@json_option("Print the lines as JSON, nothing else.")
@click.pass_context
def ledger(ctx: click.Context, document: Path | None, as_json: bool) -> None:
    """Show the answers to the shipped questions by version, fit and data, and why they moved."""
    if ctx.invoked_subcommand is not None:
        for key, given in {"--document": document, "--json": as_json}.items():
            if given:
                allowed = f"crossings ledger {key}, without {ctx.invoked_subcommand}"
                raise InputError("cannot be had together with a command", key=key, allowed=allowed)
        return
    from simulation.answers.ledger import read_ledger

    _show(read_ledger(), document, as_json)


def _show(entries: Sequence[Entry], document: Path | None, as_json: bool) -> None:
    from simulation.report.answers import LEDGER, ledger_section
    from simulation.report.document import check_document, put_sections

    check_document(document, LEDGER)
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in entries], indent=1))
        return
    section = ledger_section(entries)
    if document is not None:
        put_sections(document, [section])
        click.echo(f"Put into {shlex.quote(str(document))}.")
        return
    from simulation.report.terminal import show

    show(section.blocks)


@ledger.command("add")
@options_of("ledger add")
def add(
    why: str, question: tuple[str, ...], replications: int, quiet: bool, as_json: bool, **asked: Any
) -> None:
    """Ask the shipped questions and add their answers: for those who release a version.

    Each question is a comparison over its days. A comparison goes on where it was stopped; lines
    are added when all are finished.
    """
    from simulation.answers.asking import ask, asked_under

    under = asked_under(asked["assumptions"], asked["ensemble"])
    options = options_from({**asked, "days": None})
    with resumable_runs(quiet, as_json) as progress:
        added = ask(why, question, options, under, replications, command=command_line(),
                    progress=progress)  # fmt: skip
    if not quiet:
        _show(added, None, as_json)
