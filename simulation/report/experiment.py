"""The findings of an experiment on a page and on a terminal, by its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.experiments.engine.checksums import SCENARIOS, written_files
from simulation.experiments.engine.stored_files import (
    MANIFEST,
    SUMMARY,
    read_findings,
    read_manifest,
)
from simulation.experiments.findings import ExperimentFindings
from simulation.report import html
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
    manifest: dict[str, Any]
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
        return ExperimentData(folder, read_manifest(folder), read_findings(folder, self.findings))

    def made(self, folder: Path) -> Page:
        """The whole page of an experiment."""
        data = self.read(folder)
        page = self.page(data)
        return replace(
            page,
            details=[*page.details, *drawn_table(data.findings)],
            warnings=[
                *(page.warnings or [wording.failures(data.findings)]),
                wording.damage(data.manifest.get("damaged", ())),
            ],
            notes=notes_of(data.findings),
            sections=[
                *page.sections,
                Section("provenance", "How to make this again", _provenance(data)),
            ],
        )


def presentations() -> dict[str, Presentation[Any]]:
    """How each kind of experiment is shown."""
    from simulation.experiments.studies.agreement_findings import AgreementsFindings
    from simulation.experiments.studies.compare import ComparisonFindings
    from simulation.experiments.studies.sweep import SweepFindings
    from simulation.report import agreements, comparison, sweep

    return {
        "agreements": Presentation(AgreementsFindings, agreements.page, agreements.summary),
        "compare": Presentation(ComparisonFindings, comparison.page, comparison.summary),
        "sweep": Presentation(SweepFindings, sweep.page, sweep.summary),
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
    kind, known = read_findings(folder, ExperimentFindings).kind, presentations()
    if kind not in known:
        raise InputError(
            "unknown kind of experiment",
            file=folder / SUMMARY,
            key="kind",
            value=kind,
            allowed=", ".join(sorted(known)),
        )
    return known[kind]


def write_experiment_report(folder: Path) -> Path:
    """Write `report.html` of an experiment's folder.

    Returns:
        The page.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    return html.save(folder, presentation_of(folder).made(folder))


def _provenance(data: ExperimentData[Any]) -> list[Block]:
    """Where the numbers come from and how to make them again."""
    manifest = data.manifest
    runs = manifest.get("runs", {})
    facts = {
        "Experiment": manifest["experiment_id"],
        "First seed": str(manifest["identity"]["seed"]),
        "Pairs of runs": str(data.findings.replications),
        "Runs of this attempt": f"{runs.get('ran', 0)}, {runs.get('taken_over', 0)} taken over",
        **provenance_facts(manifest),
    }
    blocks: list[Block] = [Verbatim(manifest["command"]), Facts(list(facts.items()))]
    for path in written_files(data.folder, manifest, f"{SCENARIOS}/*.toml"):
        text = path.read_text(encoding="utf-8")
        blocks += [Folded(path.name, [Verbatim(text)]), *policy_dates(text)]
    return blocks
