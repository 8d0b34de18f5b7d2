"""How experiments are shown: what all pages say, the page of each kind, and what is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from simulation.corridor.in_use import data_line
from simulation.engine.findings import (
    DESIGNS,
    Difference,
    Effect,
    ExperimentFindings,
    Finished,
    Header,
)
from simulation.engine.result_folder import (
    MANIFEST,
    SCENARIOS,
    SUMMARY,
    ExperimentManifest,
    ResultFolder,
    RunCounts,
    RunManifest,
    read_findings,
    read_manifest,
    written_files,
)
from simulation.errors import InputError
from simulation.report import blocks, html, markdown
from simulation.wording import assumptions as assumption_wording
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts

#: an option of a command, with its number
_OPTION = re.compile(r"(--[a-z][a-z-]*(?: \d+)?)")

#: what the model cannot say, whatever was assumed: before and after what hangs on that
_LIMITS = (
    "It describes totals: how many people and boats, where and when. It says nothing about any "
    "person, and no decision about a person can rest on it.",
    "How strongly shared intelligence changes what authorities can do has never been measured. "
    "That part of the model rests on assumptions, marked as such in simulation/parameters; a "
    "difference between two scenarios is the consequence of them, not evidence for them.",
    "Observed figures are counts of what was seen. Detections are not persons: one person can be "
    "stopped several times. Deaths on the corridor are under-recorded everywhere. "
    + wording.DEATHS_RULE,
)


@dataclass(frozen=True)
class ExperimentData[FindingsT: ExperimentFindings]:
    """A finished experiment, read from its folder.

    Attributes:
        folder: The folder.
        manifest: Content of `manifest.json`.
        findings: Its findings.
    """

    folder: Path
    manifest: ExperimentManifest
    findings: FindingsT


@dataclass(frozen=True)
class Presentation[FindingsT: ExperimentFindings]:
    """How the findings of one kind of experiment are shown.

    Attributes:
        findings: Their type.
        page: Makes the page, without its provenance and its warnings about lost runs.
        summary: Makes what is printed at the end of the command.
        forecasts: Whether they hold forecasts beside what was observed, which are judged by their
            middle. All others are shown without the numbers that may not be quoted of deaths.
    """

    findings: type[FindingsT]
    page: Callable[[ExperimentData[FindingsT]], blocks.Page]
    summary: Callable[[FindingsT], list[blocks.Block]]
    forecasts: bool = False

    def shown(self, findings: FindingsT) -> FindingsT:
        """Findings with what may be quoted of them only."""
        return findings if self.forecasts else quoting.quotable(findings)

    def printed(self, findings: FindingsT) -> list[blocks.Block]:
        """The blocks that the command prints at its end."""
        return self.summary(self.shown(findings))

    def read(self, folder: Path) -> ExperimentData[FindingsT]:
        """A finished experiment of this kind.

        Raises:
            InputError: The folder holds none.
        """
        manifest = read_manifest(folder)
        if not isinstance(manifest, ExperimentManifest):
            raise InputError("holds no experiment", file=folder)
        return ExperimentData(folder, manifest, self.shown(read_findings(folder, self.findings)))

    def full_page(self, folder: Path) -> blocks.Page:
        """The whole page of an experiment."""
        data = self.read(folder)
        page = self.page(data)
        return replace(
            page,
            warnings=[
                *(page.warnings or [wording.failures(data.findings)]),
                wording.damage(data.manifest.damaged),
            ],
            notes=data.findings.note_texts(),
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
    for path in written_files(data.folder, manifest, SCENARIOS):
        text = path.read_text(encoding="utf-8")
        parts.append(blocks.Folded(path.name, [blocks.Verbatim(text)]))
    return parts


class PageOf(NamedTuple):
    """Where the page of a kind of experiment is made, and what it is called.

    Attributes:
        module: The module that makes it, below `simulation`; loaded when it is asked for.
        file: Name of the page. One that ends in .md is a text: it holds the sections of the page
            as they stand in `docs/validation.md`, and its charts are files beside it.
    """

    module: str
    file: str = "report.html"


#: kind of experiment -> its page
KINDS = {
    "agreements": PageOf("studies.agreements.page"),
    "backtest": PageOf("report.backtest", "backtest.md"),
    "compare": PageOf("report.comparison"),
    "discover": PageOf("studies.discovery.page"),
    "emulator": PageOf("report.estimate"),
    "fit": PageOf("report.fit", "fit.md"),
    "monitor": PageOf("report.monitor", "monitor.html"),
    "reach": PageOf("report.reach"),
    "sensitivity": PageOf("report.sensitivity"),
    "sweep": PageOf("studies.sweep.page"),
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
    presentation: Presentation[Any] = import_module(f"simulation.{KINDS[kind].module}").PRESENTATION
    return presentation


def write_experiment_report(folder: Path) -> Path:
    """Write the page of an experiment's folder, for most kinds `report.html`; returns its path.

    Raises:
        InputError: The folder holds no finished experiment, or the page cannot be written.
    """
    shown = presentation_of(folder)
    file = KINDS[read_manifest(folder).kind].file
    if file.endswith(".md"):
        pages = markdown.save(folder, shown.page(shown.read(folder)).sections, file)
    else:
        pages = [html.save(folder, shown.full_page(folder), file)]
    ResultFolder(folder).remove_scraps()
    return pages[0]


def page_of(finished: Finished[Any]) -> Path:
    """The page of a finished experiment, written unless nothing of it is new.

    Raises:
        InputError: The page cannot be written.
    """
    manifest = read_manifest(finished.folder)
    file = KINDS[manifest.kind].file
    if finished.answered and (finished.folder / file).is_file():
        return finished.folder / file
    return write_experiment_report(finished.folder)


# -- what all pages say ----------------------------------------------------------------------------


def effect_cell(
    name: str,
    entry: Difference,
    *more: str,
    strong: bool = False,
    none: str = quoting.NO_VALUE,
) -> blocks.Cell:
    """A difference with its interval as it is quoted, and further lines below it."""
    if not quoting.has_value(name, entry):
        return blocks.Cell(none)
    first = quoting.first_line(name, entry)
    below = [] if name in quoting.RANGE_ONLY else [quoting.interval(name, entry)]
    return blocks.Cell(first, [*below, *more], strong=strong, faint=not entry.detectable)


def world_cell(name: str, effect: Effect, *, clear: bool, strong: bool = False) -> blocks.Cell:
    """The interval of an average with its verdict below.

    Args:
        name: The outcome.
        effect: The effect.
        clear: Whether it counts as one; others are faint.
        strong: Whether it stands out.
    """
    if effect.interval is None:
        return blocks.Cell(quoting.difference(name, effect) or quoting.NOT_QUOTED, faint=True)
    below = verdicts.short(name, effect) if clear or not effect.is_clear else "not judged"
    return blocks.Cell(quoting.interval(name, effect), [below], strong, faint=not clear)


def limits(findings: Header) -> blocks.Section:
    """The limits of the model, and what the intervals of a run or an experiment leave out."""
    *before, after = _LIMITS
    texts = [*before, *_assumed(findings), after]
    return blocks.Section("limits", "What this model cannot say", [blocks.Bullets(texts)])


def _assumed(findings: Header) -> list[str]:
    """What the intervals leave out, and what agreement with observed figures is worth."""
    choices = "first choices near published figures, not fitted to them"
    plausible = (
        "Agreement with an observed series here is a check of plausibility, not of prediction."
    )
    if isinstance(findings, ExperimentFindings) and findings.kind in DESIGNS:
        return [
            "The assumptions were varied each on its own, within ranges: what is known of several "
            "at once, from a fit, is not in it.",
            f"The ranges lie around {choices}.",
        ]
    if findings.assumptions == "records":
        return [
            "The intervals and bands hold chance alone: the same assumptions run again with other "
            "seeds. Doubt about the assumptions is wider and is not in them.",
            f"The assumptions are {choices}. {plausible}",
        ]
    left_out = "What the model leaves out is in none of them."
    text = f"The intervals and bands hold {assumption_wording.holds(findings)}. {left_out}"
    if findings.assumptions == "ranges":
        return [text, f"The ranges are those of {choices}. {plausible}"]
    years = assumption_wording.fitted_years(findings)
    return [
        text,
        f"Some assumptions were fitted to observed figures{f' of {years}' if years else ''}: that "
        "a run agrees with these is what the fit was for, and no evidence. The other assumptions "
        f"are {choices}. {plausible}",
    ]


def reading(*texts: blocks.Text) -> blocks.Section:
    """How a page is to be read."""
    return blocks.Section("reading", "How to read this", blocks.paragraphs(*texts))


def with_options(text: str) -> blocks.Text:
    """A text in which each option of a command is one word: `--replications 5`."""
    parts = _OPTION.split(text)
    return tuple(blocks.Code(part) if number % 2 else part for number, part in enumerate(parts))


def provenance_facts(manifest: RunManifest | ExperimentManifest) -> dict[str, str]:
    """Where the numbers of a run or an experiment come from, by name."""
    identity = manifest.identity
    assumptions = identity.assumptions
    if ensemble := identity.fitted_hash:
        assumptions += f" (ensemble {ensemble})"
    return {
        "Days": f"{manifest.start} to {manifest.end}",
        "Scale": f"{identity.scale:g}",
        "Assumptions": assumptions,
        "Model hash": identity.model_hash,
        "Data": data_line(manifest.data),
        "Source hash": manifest.source or "not recorded",
        "Code commit": manifest.commit or "not run from a checkout",
        "Versions": ", ".join(f"{name} {v}" for name, v in manifest.versions.items()),
        "Started": manifest.started,
        "Finished": manifest.finished or "",
    }
