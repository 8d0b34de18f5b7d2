"""`crossings parameters`: what is assumed, with its range, its source and its confidence."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from simulation.commands.options import json_option
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.parameters import Record
    from simulation.parameters.records import Value

_WIDTH = 100


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a table in Markdown.")
@json_option("Print the records as JSON, nothing else.")
def parameters(names: tuple[str, ...], as_markdown: bool, as_json: bool) -> None:
    """Show what the model assumes: value, range, distribution, source and confidence.

    NAME is a group (market) or one record (market.fee_boat); all are shown where none is named.
    """
    from simulation.parameters import load_parameters, load_records
    from simulation.parameters.document import chosen, table

    if as_markdown and as_json:
        raise InputError("cannot be had together", key="--markdown, --json", allowed="one of them")
    records = chosen(load_records(), names)
    central = load_parameters().values()
    if as_json:
        rows = [asdict(record) | {"central": central[record.name]} for record in records]
        click.echo(json.dumps(rows, indent=1))
    elif as_markdown:
        click.echo(table(records))
    else:
        for record in records:
            _tell(record, central[record.name])
        assumed = sum(record.confidence == "assumption" for record in records)
        noun = "record" if len(records) == 1 else "records"
        click.echo(f"{len(records)} {noun}; assumptions among them: {assumed}.")


def _tell(record: Record, central: Value) -> None:
    """One record: what it is on a line, what it drives and where it comes from below."""
    from simulation.parameters.document import shown, span

    how = "never drawn" if record.distribution == "fixed" else record.distribution
    click.echo(
        f"{record.name} = {shown(record.value)} {record.unit} "
        f"({span(record)}, {how}; {record.confidence})"
    )
    fitted = [f"A run takes {shown(central)}, by the fit."] if central != record.value else []
    for text in (*fitted, record.drives, f"Source: {record.source}"):
        click.echo(click.wrap_text(text, _WIDTH, initial_indent="  ", subsequent_indent="  "))
