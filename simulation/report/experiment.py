"""How experiments are shown: the page of each kind and what a terminal prints, by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import (
    MANIFEST,
    SCENARIOS,
    SUMMARY,
    ExperimentManifest,
    RunCounts,
    read_findings,
    read_manifest,
    written_files,
)
from simulation.experiments.findings import ExperimentFindings
from simulation.report import blocks, html, markdown
from simulation.report.words import drawn_table, notes_of, policy_dates, provenance_facts
from simulation.wording import differences as wording


@dataclass(frozen=True)
class ExperimentData[Found: ExperimentFindings]:
    """A finished experiment, read from its folder.

    Attributes:
        folder: The folder.
        manifest: Content of `manifest.json`.
        findings: What it found.
    """

    folder: Path
    manifest: ExperimentManifest
    findings: Found


@dataclass(frozen=True)
class Presentation[Found: ExperimentFindings]:
    """How the findings of one kind of experiment are shown.

    Attributes:
        findings: Their type.
        page: Makes the page, without its provenance and its warnings about lost runs.
        summary: Makes what is printed at the end of the command.
    """

    findings: type[Found]
    page: Callable[[ExperimentData[Found]], blocks.Page]
    summary: Callable[[Found], list[blocks.Block]]

    def read(self, folder: Path) -> ExperimentData[Found]:
        """A finished experiment of this kind.

        Raises:
            InputError: The folder holds none.
        """
        manifest = read_manifest(folder)
        if not isinstance(manifest, ExperimentManifest):
            raise InputError("holds no experiment", file=folder)
        return ExperimentData(folder, manifest, read_findings(folder, self.findings))

    def made(self, folder: Path) -> blocks.Page:
        """The whole page of an experiment."""
        data = self.read(folder)
        page = self.page(data)
        return replace(
            page,
            details=[*page.details, *drawn_table(data.findings)],
            warnings=[
                *(page.warnings or [wording.failures(data.findings)]),
                wording.damage(data.manifest.damaged),
            ],
            notes=notes_of(data.findings),
            sections=[
                *page.sections,
                blocks.Section("provenance", "How to make this again", _provenance(data)),
            ],
        )


def _provenance(data: ExperimentData[Any]) -> list[blocks.Block]:
    """Where the numbers come from and how to make them again."""
    manifest = data.manifest
    runs = manifest.runs or RunCounts()
    facts = {
        "Experiment": manifest.experiment_id,
        "First seed": str(manifest.identity.seed),
        "Pairs of runs": str(data.findings.replications),
        "Runs of this attempt": f"{runs.ran}, {runs.taken_over} taken over",
        **provenance_facts(manifest),
    }
    parts: list[blocks.Block] = [
        blocks.Verbatim(manifest.command),
        blocks.NamedValues(list(facts.items())),
    ]
    for path in written_files(data.folder, manifest, f"{SCENARIOS}/*.toml"):
        text = path.read_text(encoding="utf-8")
        parts += [blocks.Folded(path.name, [blocks.Verbatim(text)]), *policy_dates(text)]
    return parts


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
    """Write the page of an experiment's folder, for most kinds `report.html`; returns its path.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    shown = presentation_of(folder)
    file = KINDS[read_manifest(folder).kind].file
    if file.endswith(".md"):
        return markdown.save(folder, shown.page(shown.read(folder)).sections, file)
    return html.save(folder, shown.made(folder), file)
