"""Which assumptions a comparison rests on, and where it was asked which of them matter."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.engine.stored_files import (
    SCENARIOS,
    ExperimentManifest,
    read_findings,
    read_manifest,
    written_files,
)
from simulation.experiments.findings import Header
from simulation.experiments.studies.compare import ComparisonFindings
from simulation.experiments.studies.sensitivity import SensitivityFindings
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.report.blocks import (
    Block,
    Bullets,
    Code,
    Column,
    Folded,
    Link,
    Paragraph,
    Row,
    Table,
    Text,
)
from simulation.wording import assumptions as assumption_wording

#: assumptions named of each sensitivity analysis
_NAMED = 5


def assumptions(
    folder: Path, manifest: ExperimentManifest, found: ComparisonFindings
) -> list[Block]:
    """What is known about the assumptions behind each scenario's difference.

    Args:
        folder: The comparison's folder.
        manifest: Content of its `manifest.json`.
        found: What it found.
    """
    records = load_parameters().records()
    assumed = sum(record.confidence == "assumption" for record in records)
    blocks: list[Block] = [
        Paragraph(
            f"{assumed} of the model's {len(records)} numbers are assumptions that no one has "
            "measured; each is a record with its range and its reason in simulation/parameters. "
            f"{_drawn(found)}"
        )
    ]
    analyses, cases = list(_analyses(folder)), manifest.identity.cases
    names = _typed_names(folder, manifest)
    for number, one in enumerate(found.scenarios, start=1):
        if one.identical:
            continue
        asked = [cases[0], cases[number]]
        mine = [(path, content) for path, content, about in analyses if about == asked]
        for path, content in mine:
            blocks += _named(folder, path, content, one.title)
        if not mine:
            command = shlex.join([names[number], "--baseline", names[0]])
            words = (
                f"Which of them drive the difference of “{one.title}” was not computed here. This "
                "command computes it; it first says how long that takes (put ",
                Code("uv run"),
                " before it if you start the program so): ",
                Code(f"crossings sensitivity {command}"),
            )
            blocks.append(Paragraph(words))
    return blocks


def _drawn(found: ComparisonFindings) -> str:
    """Where the assumptions of a comparison come from."""
    if found.assumptions == "records":
        return (
            "In this comparison each has its recorded value, so the intervals hold no doubt "
            "about them."
        )
    drawn = {
        "ranges": "draws them from their ranges",
        "fitted": "draws those that were fitted to the past together, as one of "
        f"{assumption_wording.sets(found)}. {assumption_wording.counts(found)} "
        "The intervals hold none of the doubt about those that are fixed",
    }[found.assumptions]
    return f"In this comparison each pair of runs {drawn}."


def drawn_table(found: Header) -> list[Block]:
    """What is fitted, drawn and fixed, to be opened; none where no fitted sets are drawn."""
    parts = assumption_wording.parts(found)
    if not parts:
        return []
    rows = [Row(part.label, [f"{part.count:,}", part.what]) for part in parts]
    caption = (
        "Assumptions that have a range. An interval of the average narrows as more is computed; "
        "how far single sets lie apart does not. No interval holds the doubt about what is fixed."
    )
    words = Column("How they are set", words=True)
    table = Table(["Assumptions", "How many", words], rows, caption)
    return [Folded("What is fitted, drawn and fixed", [table], drawn=True)]


def _analyses(folder: Path) -> Iterator[tuple[Path, SensitivityFindings | str, list[list[str]]]]:
    """Finished sensitivity analyses beside a comparison.

    Yields:
        The folder of each; its findings, or in words which of its files have changed since they
        were made; its scenarios by title and hash.
    """
    beside = folder.absolute().parent
    found = {*beside.glob("sensitivity-*"), *beside.parent.glob("sensitivity-*/*")}
    for path in sorted(found):
        try:
            manifest = read_manifest(path)
            problem = ResultFolder(path).changes().problem
            content = problem or read_findings(path, SensitivityFindings)
        except InputError:
            continue  # not finished, or damaged: its own page says so
        if isinstance(manifest, ExperimentManifest):
            yield path, content, manifest.identity.cases


def _named(folder: Path, path: Path, found: SensitivityFindings | str, title: str) -> list[Block]:
    """The strongest assumptions an analysis found, for arrivals and whatever else it asked of."""
    if isinstance(found, str):
        words = (
            f"The sensitivity analysis of “{title}” in ",
            Code(path.name),
            " is not shown, as its files are not those that were written: "
            f"{found}. The command that made it makes it again.",
        )
        return [Paragraph(words)]
    items: list[Text] = []
    for outcome, entry in found.outcomes.items():
        label = OUTCOMES[outcome].label if outcome in OUTCOMES else outcome
        clear = entry.significant[:_NAMED]
        if not clear:
            items.append(f"{label}: none stands out from chance in as many runs as it had")
            continue
        names = [part for name in clear for part in (Code(name), ", ")][:-1]
        items.append((f"{label}: ", *names, " (the strongest first)"))
    address = quote(Path(os.path.relpath(path / "report.html", folder.absolute())).as_posix())
    link = Link("its sensitivity analysis", address)
    lead = (f"What drives the difference of “{title}”, by ", link, ":")
    return [Paragraph(lead), Bullets(items)]


def _typed_names(folder: Path, manifest: ExperimentManifest) -> list[str]:
    """What each scenario was called on the command line, the baseline first."""
    words = shlex.split(manifest.command)
    paths = sorted(written_files(folder, manifest, f"{SCENARIOS}/*.toml"), key=_place)
    slugs = [path.stem.partition("-")[2] for path in paths]
    return [
        next((word for word in words if slug in (word, Path(word).stem)), slug) for slug in slugs
    ]


def _place(path: Path) -> int:
    """Where a scenario file stands among those of an experiment."""
    number = path.stem.partition("-")[0]
    return int(number) if number.isdecimal() else 0
