"""The page of an experiment and what a terminal prints of it, found by its kind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.experiments.engine.stored_files import MANIFEST, SUMMARY, kind_of, read_manifest
from simulation.report.presentation import Presentation

#: kind of experiment -> the module of this room that shows it; loaded when it is asked for
KINDS = {
    "agreements": "agreements",
    "backtest": "backtest",
    "compare": "comparison",
    "discover": "discovery",
    "fit": "fit",
    "monitor": "monitor",
    "sensitivity": "sensitivity",
    "sweep": "sweep",
}


def presentation_of(folder: Path) -> Presentation[Any]:
    """How the experiment in a folder is shown.

    Raises:
        InputError: The folder holds no finished experiment.
    """
    if not all((folder / name).is_file() for name in (MANIFEST, SUMMARY)):
        raise InputError(
            "holds no finished experiment",
            file=folder,
            allowed="the folder a command such as crossings compare has written",
        )
    kind = kind_of(read_manifest(folder)) or ""
    if kind not in KINDS:
        raise InputError(
            "unknown kind of experiment",
            file=folder / SUMMARY,
            key="kind",
            value=kind,
            allowed=", ".join(sorted(KINDS)),
        )
    found: Presentation[Any] = import_module(f"simulation.report.{KINDS[kind]}").PRESENTATION
    return found


def write_experiment_report(folder: Path) -> Path:
    """Write the page of an experiment's folder, for most kinds `report.html`.

    Returns:
        The page.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    return presentation_of(folder).write(folder)
