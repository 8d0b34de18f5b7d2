"""The page of an experiment: what it found in words, then the figures of its kind."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.corridor.in_use import data_line
from simulation.errors import InputError
from simulation.experiments import wording
from simulation.experiments.checksums import SCENARIOS, written_files
from simulation.experiments.stored import (
    MANIFEST,
    SUMMARY,
    ExperimentSummary,
    read_manifest,
    read_summary,
)
from simulation.report.assumptions import drawn_table
from simulation.report.horizon import notes_box
from simulation.report.page import fill_page, save
from simulation.report.words import assumptions_of, policy_dates


@dataclass(frozen=True)
class ExperimentData:
    """A finished experiment, read from its folder.

    Attributes:
        folder: The folder.
        manifest: Content of `manifest.json`.
        summary: Content of `summary.json`.
    """

    folder: Path
    manifest: dict[str, Any]
    summary: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What one kind of experiment puts on its page.

    Attributes:
        kind: What is reported, plain text.
        headline: HTML.
        sections: Identifier, heading and body (HTML) of each.
        title: Plain text; the experiment's own when empty.
        basis: What the numbers are made of (HTML); that of paired differences if None.
        warnings: What a reader must not miss (HTML); the failed runs if None.
    """

    kind: str
    headline: str
    sections: list[tuple[str, str, str]]
    title: str = ""
    basis: str | None = None
    warnings: list[str] | None = None


def pages() -> dict[str, Callable[[ExperimentData], Page]]:
    """Who makes the page of each kind of experiment."""
    from simulation.report import agreements, comparison, discovery, sensitivity, sweep

    return {
        "agreements": agreements.page,
        "compare": comparison.page,
        "discover": discovery.page,
        "sensitivity": sensitivity.page,
        "sweep": sweep.page,
    }


def read_experiment(folder: Path) -> ExperimentData:
    """Read a finished experiment.

    Raises:
        InputError: The folder holds none.
    """
    if not all((folder / name).is_file() for name in (MANIFEST, SUMMARY)):
        raise InputError(
            "holds no finished experiment",
            file=folder,
            allowed="the folder a command such as crossings compare has written",
        )
    return ExperimentData(folder, read_manifest(folder), read_summary(folder, ExperimentSummary))


def write_experiment_report(folder: Path) -> Path:
    """Write `report.html` of an experiment's folder.

    Returns:
        The page.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    data = read_experiment(folder)
    page = pages()[data.summary["kind"]](data)
    basis, warnings = page.basis, page.warnings
    if basis is None:
        basis = html.escape(wording.basis(data.summary))
    if warnings is None:
        warnings = [html.escape(wording.failures(data.summary))]
    warnings = [*warnings, html.escape(wording.damage(data.manifest.get("damaged", ())))]
    return save(
        folder,
        fill_page(
            title=page.title or data.manifest["title"],
            kind=page.kind,
            description="",
            headline=page.headline,
            basis=basis,
            details=drawn_table(data.summary),
            warnings="\n".join(f'<p class="warning">{text}</p>' for text in warnings if text)
            + notes_box(data.summary),
            sections=[*page.sections, ("provenance", "How to make this again", provenance(data))],
        ),
    )


def provenance(data: ExperimentData) -> str:
    """Where the numbers come from and how to make them again."""
    manifest, identity = data.manifest, data.manifest["identity"]
    runs = manifest.get("runs", {})
    facts = {
        "Experiment": manifest["experiment_id"],
        "First seed": str(identity["seed"]),
        "Pairs of runs": str(data.summary["replications"]),
        "Runs of this attempt": f"{runs.get('ran', 0)}, {runs.get('taken_over', 0)} taken over",
        "Days": f"{identity['days']} ({manifest['start']} to {manifest['end']})",
        "Scale": f"{identity['scale']:g}",
        "Assumptions": assumptions_of(identity),
        "Model hash": identity["model_hash"],
        "Data": data_line(manifest.get("data")) or "not recorded",
        "Code commit": manifest.get("commit") or "not run from a checkout",
        "Versions": ", ".join(f"{name} {v}" for name, v in manifest["versions"].items()),
        "Started": manifest["started"],
        "Finished": manifest["finished"] or "",
    }
    items = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in facts.items()
    )
    texts = [
        (path.name, path.read_text(encoding="utf-8"))
        for path in written_files(data.folder, manifest, f"{SCENARIOS}/*.toml")
    ]
    scenarios = "".join(
        f"<details><summary>{html.escape(name)}</summary>"
        f"<pre><code>{html.escape(text)}</code></pre></details>\n{policy_dates(text)}"
        for name, text in texts
    )
    command = html.escape(manifest["command"])
    return f"<pre><code>{command}</code></pre>\n<dl>{items}</dl>\n{scenarios}"
