"""What a folder of results holds, as tests read it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


def csv_rows(path: Path, **cells: str) -> list[dict[str, str]]:
    """The rows of a table, or those with these cells."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if cells.items() <= row.items()]


def summary_of(folder: Path) -> dict[str, Any]:
    """The content of `summary.json`."""
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary


def page_of(folder: Path) -> str:
    """The page of an experiment or a run."""
    return (folder / "report.html").read_text(encoding="utf-8")


def unwrapped(text: str) -> str:
    """A text of a terminal or a page with its words in one line."""
    return " ".join(text.split())


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
