"""The page of an experiment and what a terminal prints of it, found by its kind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from simulation.errors import InputError
from simulation.experiments.engine.stored_files import MANIFEST, SUMMARY, read_manifest
from simulation.report.presentation import Presentation


class PageOf(NamedTuple):
    """Where the page of a kind of experiment is made, and what it is called.

    Attributes:
        module: The module of this room that makes it; loaded when it is asked for.
        file: Name of the page. One that ends in .md is a text: it holds the sections of the page
            as they stand in `docs/validation.md`, and its charts are files beside it.
    """

    module: str
    file: str = "report.html"


#: kind of experiment -> its page
KINDS = {
    "agreements": PageOf("agreements"),
    "backtest": PageOf("backtest", "backtest.md"),
    "compare": PageOf("comparison"),
    "discover": PageOf("discovery"),
    "fit": PageOf("fit", "fit.md"),
    "monitor": PageOf("monitor", "monitor.html"),
    "sensitivity": PageOf("sensitivity"),
    "sweep": PageOf("sweep"),
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
    kind = read_manifest(folder).kind
    if kind not in KINDS:
        raise InputError(
            "unknown kind of experiment",
            file=folder / SUMMARY,
            key="kind",
            value=kind,
            allowed=", ".join(sorted(KINDS)),
        )
    found: Presentation[Any] = import_module(f"simulation.report.{KINDS[kind].module}").PRESENTATION
    return found


def write_experiment_report(folder: Path) -> Path:
    """Write the page of an experiment's folder, for most kinds `report.html`.

    Returns:
        The page.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    shown = presentation_of(folder)
    return shown.write(folder, KINDS[read_manifest(folder).kind].file)
