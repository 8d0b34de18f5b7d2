"""How the findings of one kind of experiment are shown: its page and what a terminal prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.experiments.engine.stored_files import (
    SCENARIOS,
    ExperimentManifest,
    RunCounts,
    read_findings,
    read_manifest,
    written_files,
)
from simulation.experiments.findings import ExperimentFindings
from simulation.report import html, markdown
from simulation.report.assumptions import drawn_table
from simulation.report.blocks import Block, Facts, Folded, Page, Section, Verbatim
from simulation.report.horizon import notes_of
from simulation.report.words import policy_dates, provenance_facts
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
    page: Callable[[ExperimentData[Found]], Page]
    summary: Callable[[Found], list[Block]]

    def read(self, folder: Path) -> ExperimentData[Found]:
        """A finished experiment of this kind.

        Raises:
            InputError: The folder holds none.
        """
        manifest = read_manifest(folder)
        if not isinstance(manifest, ExperimentManifest):
            raise InputError("holds no experiment", file=folder)
        return ExperimentData(folder, manifest, read_findings(folder, self.findings))

    def write(self, folder: Path, file: str) -> Path:
        """Write the page of an experiment.

        Args:
            folder: Of the experiment.
            file: Name of the page; see `PageOf`.

        Raises:
            InputError: The folder holds none, or the page cannot be written.
        """
        if file.endswith(".md"):
            return markdown.save(folder, self.page(self.read(folder)).sections, file)
        return html.save(folder, self.made(folder), file)

    def made(self, folder: Path) -> Page:
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
                Section("provenance", "How to make this again", _provenance(data)),
            ],
        )


def _provenance(data: ExperimentData[Any]) -> list[Block]:
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
    blocks: list[Block] = [Verbatim(manifest.command), Facts(list(facts.items()))]
    for path in written_files(data.folder, manifest, f"{SCENARIOS}/*.toml"):
        text = path.read_text(encoding="utf-8")
        blocks += [Folded(path.name, [Verbatim(text)]), *policy_dates(text)]
    return blocks
