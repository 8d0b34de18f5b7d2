"""`crossings versions`: results of one question by different versions, fits or data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from simulation.commands.options import Folder, json_option
from simulation.commands.usage_errors import Commands


@click.group("versions", cls=Commands)
def versions() -> None:
    """Compare results of one question by different versions, fits or data."""


@versions.command("compare")
@click.argument("old", type=Folder())
@click.argument("new", type=Folder())
@json_option("Print what differs and what moved as JSON, nothing else.")
def compare(old: Path, new: Path, as_json: bool) -> None:
    """Compare OLD and NEW, two folders of crossings compare that answer one question.

    It shows what differs between them (version, fit, data, options), and how far each answer moved.
    """
    from simulation.answers.folders import compare_folders
    from simulation.report.answers import versions_blocks
    from simulation.report.terminal import show

    two_versions = compare_folders(old, new)
    if as_json:
        content = {
            "changes": [one._asdict() for one in two_versions.changes],
            "moves": [
                {**asdict(one), "old": one.old.as_json(), "new": one.new.as_json(),
                 "move": one.move.as_json()}
                for one in two_versions.moves
            ],
        }  # fmt: skip
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        show(versions_blocks(two_versions))
