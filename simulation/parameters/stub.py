"""Writes `groups.pyi`, by which type checkers know every record.

    python -m simulation.parameters.stub

To be run after a record is added, renamed or removed.
"""

from __future__ import annotations

from pathlib import Path

from simulation.parameters.records import Parameters, load_records

FILE = Path(__file__).with_name("groups.pyi")
_HEAD = '''"""The groups of records and their types: written by simulation.parameters.stub."""

from collections.abc import Mapping
from typing import Any

class RecordGroup:
    def __init__(self, name: str, values: Mapping[str, Any]) -> None: ...
'''


def stub(parameters: Parameters) -> str:
    """The content of `groups.pyi`: one class a group, one attribute a record."""
    groups: dict[str, list[str]] = {}
    for record in parameters:
        name = record.name.split(".")[1]
        groups.setdefault(record.group, []).append(f"    {name}: {type(record.value).__name__}\n")
    classes = {group: f"{group.title()}Records" for group in groups}
    text = _HEAD
    for group, lines in groups.items():
        text += f"\nclass {classes[group]}(RecordGroup):\n{''.join(lines)}"
    text += "\nclass Groups(RecordGroup):\n"
    return text + "".join(f"    {group}: {name}\n" for group, name in classes.items())


if __name__ == "__main__":
    FILE.write_text(stub(load_records()), encoding="utf-8")
