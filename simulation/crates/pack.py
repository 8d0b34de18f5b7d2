"""The assurance pack of a comparison: what an institution needs to adopt it, and its check.

A pack is a folder with the results, the scenarios, the fit, the assumptions, the figures in use,
the limits of use and a page. `SHA256SUMS` has the checksum of each file, for `sha256sum -c`.
What stands on the page beside the records is in `pack.toml`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from simulation.answers.folders import read_comparison
from simulation.answers.ledger import Provenance
from simulation.corridor.in_use import data_line, in_use, load_vintages
from simulation.engine.command_text import command_text
from simulation.engine.findings import Finished
from simulation.engine.options import Options
from simulation.engine.progress import Progress
from simulation.engine.result_folder import (
    MANIFEST,
    SCENARIOS,
    ExperimentManifest,
    listed,
    read_manifest,
    reason,
    sha256_of,
    written_files,
)
from simulation.errors import InputError
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_records
from simulation.parameters.document import span
from simulation.parameters.fitted import FittedEnsemble, ensemble_hash, load_fitted, packaged
from simulation.report import blocks, html
from simulation.report.brief import Brief, brief_of
from simulation.report.experiment import provenance_facts
from simulation.report.remake import damage_refused
from simulation.scenario import Scenario, load_scenario
from simulation.serialization import as_csv
from simulation.source_hash import PACKAGE, model_hash
from simulation.studies.compare import Compare, ComparisonFindings, Precision, ScenarioEffects
from simulation.studies.study import conduct
from simulation.version import __version__
from simulation.wording import quoting

PAGE, SUMS, RESULTS, FIT = "assurance.html", "SHA256SUMS", "results", "fit.json"
#: what only the institution that uses the tool can say
YOURS = "To be filled in by your institution"
#: pages of the documentation in the pack
_PAGES = ("must-not.md", "validation.md")
_PACK = "a folder that crossings results assurance has written, as it was written"
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
#: a line of the first section of `validation.md`: a title and a result
_RESULT = re.compile(r"^- \*\*(.+?)\.\*\* (.+?) <!-- .+ -->$", re.MULTILINE)


def write_pack(folder: Path, out: Path | None = None) -> Path:
    """Write the assurance pack of a comparison.

    Args:
        folder: Of the comparison.
        out: The folder to write; `FOLDER-assurance` beside it when None.

    Returns:
        The folder written.

    Raises:
        InputError: There is no finished comparison of this version in the folder, or the folder to
            write exists or cannot be written. Nothing is written.
    """
    whole = folder.absolute()
    target = whole.with_name(f"{whole.name}-assurance") if out is None else out
    subject, brief = read_subject(folder), brief_of(folder)
    if os.path.lexists(target):
        problem = "exists already and is not overwritten"
        raise InputError(problem, key="--out", value=str(target), allowed="a new folder")
    command = subject.command(RESULTS, FIT, "made-again")
    texts = {
        "assumptions.csv": as_csv(
            ("name", "drives", "value", "unit", "range", "source", "confidence"),
            [
                (one.name, one.drives, one.value, one.unit, span(one), one.source, one.confidence)
                for one in load_records()
            ],
        ),
        "data.csv": as_csv(
            ("table", "series", "first", "last", "published", "label", "source"),
            [
                (one.table, one.series, one.first, one.last, one.published, one.label, one.source)
                for one in load_vintages()
            ],
        ),
        "make-again.sh": f'#!/bin/sh\ncd "$(dirname "$0")" || exit\n{command}\n',
        **{name: _page_text(name) for name in _PAGES},
    }
    try:
        with tempfile.TemporaryDirectory(prefix=".scrap-", dir=target.absolute().parent) as scrap:
            pack = Path(scrap) / "pack"
            _copy(subject, pack)
            for name, text in texts.items():
                (pack / name).write_text(text, encoding="utf-8", newline="\n")
            html.save(pack, _page(subject, brief, command), PAGE)
            sums = "".join(f"{sha256_of(pack / name)}  {name}\n" for name in _names(pack))
            (pack / SUMS).write_text(sums, encoding="utf-8", newline="\n")
            os.replace(pack, target)
    except OSError as error:
        problem = f"cannot be written ({reason(error)})"
        raise InputError(problem, key="--out", value=str(target)) from error
    return target


def check_pack(pack: Path) -> None:
    """Refuse a folder that is no assurance pack, or whose files are not as they were written.

    Raises:
        InputError: Names what differs.
    """
    file = pack / SUMS
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        recorded = {name: checksum for checksum, _, name in (one.partition("  ") for one in lines)}
        here = {*_names(pack)}
        changed = [
            name
            for name in sorted(here ^ recorded.keys() | here & recorded.keys())
            if name not in here or sha256_of(pack / name) != recorded.get(name)
        ]
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({reason(error)})"
        raise InputError(problem, file=file, allowed=_PACK) from error
    if changed or not recorded:
        problem = f"{listed(changed) or SUMS} changed or missing since the pack was written"
        raise InputError(problem, key="PACK", value=str(pack), allowed=_PACK)


def _names(pack: Path) -> list[str]:
    """The files of a pack but its checksums, sorted."""
    files = (path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file())
    return sorted(name for name in files if name != SUMS)


def _copy(subject: Subject, pack: Path) -> None:
    """Copy the results, without the journal of their runs, and the fit."""
    manifest = subject.manifest
    for name in (MANIFEST, *manifest.checksums, *_page_names(subject)):
        copy = pack / RESULTS / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(subject.folder / name, copy)
    if subject.fit is not None:
        shutil.copyfile(subject.fit, pack / FIT)


def _page_names(subject: Subject) -> list[str]:
    """The page of the results, if there is one."""
    return sorted(path.name for path in subject.folder.glob("report.html"))


# -- the page --------------------------------------------------------------------------------------


@cache
def _pack_texts() -> dict[str, Any]:
    """The content of `pack.toml`."""
    return tomllib.loads(Path(__file__).with_name("pack.toml").read_text(encoding="utf-8"))


def _page_text(name: str) -> str:
    """The text of a page of the documentation, which a wheel has beside this file."""
    packed = Path(__file__).with_name(name)
    file = packed if packed.is_file() else PACKAGE.parent / "docs" / name
    return file.read_text(encoding="utf-8")


def _page(subject: Subject, brief: Brief, command: str) -> blocks.Page:
    """The page of the pack of a comparison."""
    card = [
        ("What it is for", "Differences between policies under written assumptions, with ranges."),
        ("What it is not for", "Forecasts, proof of an effect, and anything about a person."),
        *provenance_facts(subject.manifest).items(),
    ]
    again: list[blocks.Block] = [
        *blocks.paragraphs("In this folder, with the same version of crossings:"),
        blocks.Verbatim(command),
        *blocks.paragraphs("To see whether it gives the same bits:"),
        blocks.Verbatim("crossings results verify ."),
    ]
    files = [f"{RESULTS}/{name}" for name in _page_names(subject)]
    links = [("Charts and all figures: ", blocks.Link(name, name)) for name in files]
    question: list[blocks.Block] = [
        brief.beside,
        *blocks.paragraphs(*links),
        blocks.Heading("Why"),
        blocks.Bullets(brief.why),
        blocks.Heading("What would change this answer"),
        blocks.Bullets(brief.changes),
    ]
    limits = [blocks.Bullets(brief.limits), *_markdown(_page_text("must-not.md"))]
    sections: dict[str, tuple[str, Sequence[blocks.Block]]] = {
        "answer": ("The answer and its reasons", question),
        "who-bears-it": ("Who bears the effects", [_bearers(subject)]),
        "limits": ("Limits of use", limits),
        "checks": ("Quality assurance: checks done", [_checks(subject)]),
        "record": ("Transparency record", [blocks.NamedValues(_record(subject))]),
        "card": ("Model card", [blocks.NamedValues(card)]),
        "again": ("How to make this again", again),
    }
    return blocks.Page(
        title=brief.title,
        kind="Assurance pack",
        headline=brief.answer,
        description="" if len(subject.scenarios) > 2 else subject.scenarios[-1].description,
        basis=" ".join(brief.data[:1]),
        sections=[
            blocks.Section(key, title, list(parts)) for key, (title, parts) in sections.items()
        ],
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> blocks.Table:
    return blocks.Table(
        [blocks.Column(name, words=True) for name in columns],
        [blocks.Row(label, [blocks.Cell(text) for text in cells]) for label, *cells in rows],
    )


def _bearers(subject: Subject) -> blocks.Table:
    """Who bears the effects, with what was counted of them and what no number has."""
    rows = []
    for one in _pack_texts()["bearer"]:
        counted = [
            f"{effect.title}: {'; '.join(_figure(effect, name) for name in one['outcomes'])}"
            for effect in subject.findings.scenarios
            if one["outcomes"]
        ]
        rows.append((one["who"], "; ".join(counted) or "nothing is counted", one["uncounted"]))
    return _table(("Who", "What was counted", "What no number has"), rows)


def _figure(one: ScenarioEffects, name: str) -> str:
    """The effect on an outcome, as it may be quoted."""
    effect = one.effect(name)
    text = quoting.plausible(name, effect)
    if text and not quoting.same(effect.plausible):
        text = f"{text} {quoting.unit(name, effect)}".rstrip()
    return f"{OUTCOMES[name].label} {text or quoting.whole(name, effect)}"


def _checks(subject: Subject) -> blocks.Table:
    """What was checked: the comparison, its fit, and the model against the past."""
    findings, text = subject.findings, _page_text("validation.md")
    runs = f"{findings.replications} pairs finished, {len(findings.failed)} runs failed"
    rows = [
        ("Runs of this comparison", runs, "manifest.json"),
        ("Files of this comparison", "as they were written", "manifest.json"),
    ]
    fit = {} if subject.ensemble is None else subject.ensemble.provenance
    for line in fit.get("gate", ()):
        verdict = "passed" if line["passed"] else "failed"
        rows.append((f"Fit: {line['what']}", f"{line['shown']}: {verdict}", FIT))
    same = subject.provenance.ensemble is None or subject.provenance.ensemble in text
    of_this = "" if same else " (of another fit than that of this comparison)"
    for title, result in _RESULT.findall(text):
        words = blocks.plain(blocks.marked(result))
        rows.append((f"{title}{of_this}", words, "validation.md"))
    return _table(("Check", "Result", "In"), rows)


def _record(subject: Subject) -> list[tuple[str, str]]:
    """The fields of a transparency record, filled in where records say enough."""
    provenance = subject.provenance
    values = {
        "version": provenance.version,
        "model": provenance.model,
        "source": provenance.source,
        "commit": provenance.commit or "not run from a checkout",
        "basis": provenance.basis,
        "data": data_line(subject.manifest.data),
        "title": subject.title,
    }
    return [
        (one["field"], one["text"].format(**values) if "text" in one else YOURS)
        for one in _pack_texts()["record"]
    ]


def _markdown(text: str) -> Iterator[blocks.Block]:
    """The blocks of a page of the documentation, without its title and its links."""
    for part in re.split(r"\n\s*\n", text.strip())[1:]:
        words = " ".join(_LINK.sub(r"\1", part).split())
        if words.startswith("## "):
            yield blocks.Heading(words.removeprefix("## "))
        elif words.startswith("- "):
            items = re.split(r"(?:^| )- (?=\S)", words)[1:]
            yield blocks.Bullets([blocks.marked(item) for item in items])
        else:
            yield blocks.Paragraph(blocks.marked(words))


# -- the comparison --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """A finished comparison that this version of crossings can explain and make again.

    Attributes:
        folder: Its folder.
        manifest: Content of `manifest.json`.
        provenance: What it was made with.
        findings: Its findings, without the numbers that may not be quoted.
        scenarios: The baseline, then the others.
        files: Their files in the folder.
        fit: The file of the ensemble that sets were drawn from; None where none was.
        ensemble: Its content.
        asked: The options of `crossings compare` that give the same numbers, without `fit`.
    """

    folder: Path
    manifest: ExperimentManifest
    provenance: Provenance
    findings: ComparisonFindings
    scenarios: Sequence[Scenario]
    files: Sequence[Path]
    fit: Path | None
    ensemble: FittedEnsemble | None
    asked: dict[str, Any]

    @property
    def title(self) -> str:
        """What is compared with what."""
        others = ", ".join(f"“{one.title}”" for one in self.findings.scenarios)
        return f"{others} against “{self.findings.baseline}”"

    def command(self, folder: str, fit: str, out: str) -> str:
        """The command that makes the result again.

        Args:
            folder: Where the results lie, as it is typed.
            fit: The file of the ensemble, as it is typed.
            out: Folder of the new results.
        """
        names = [f"{folder}/{file.relative_to(self.folder).as_posix()}" for file in self.files]
        drawn = {"ensemble": fit if self.fit else None}
        return command_text("compare", names, {**self.asked, **drawn, "out": out})

    def run_again(
        self, out: Path, workers: int | None, progress: Callable[[Progress], None] | None
    ) -> Finished[ComparisonFindings]:
        """Run it again, as `command` does, into another folder.

        Raises:
            InputError: No pair of runs succeeded, or an option cannot be used.
            Interrupted: Ctrl-C.
        """
        asked = self.asked
        shared = {name: asked[name] for name in ("seed", "scale", "days", "assumptions")}
        how = Options(**shared, workers=workers, out=out, ensemble=self.ensemble)
        baseline, *others = self.scenarios
        study = Compare(
            baseline,
            others,
            Precision(asked["replications"], asked["precision"]),
            asked["ladder"],
            set_=asked["set"],
            path=asked["path"],
            period=asked["period"],
            rank=asked["rank"],
        )
        return conduct(study, how, progress=progress)


def read_subject(folder: Path, key: str = "DIR", fit: Path | None = None) -> Subject:
    """Read a finished comparison of this version.

    Args:
        folder: Its folder.
        key: What a message calls it.
        fit: The file of the ensemble that was drawn from; when None it is looked for in the package
            and where the command of the comparison names it.

    Raises:
        InputError: The folder holds no finished comparison, its files have changed, or another
            version of crossings, another fit or other figures made it.
    """
    provenance, findings = read_comparison(folder, key)
    manifest = read_manifest(folder)
    assert isinstance(manifest, ExperimentManifest)
    refuse = partial(InputError, key=key, value=str(folder))
    for what, recorded, here in (
        ("version", provenance.version, __version__),
        ("data", provenance.data, in_use().hash()),
        ("model", provenance.model, model_hash()),
    ):
        if recorded != here:
            problem = f"was made by another version of crossings: its {what} is {recorded}"
            raise refuse(problem, allowed=f"{what} {here}; or make it again: {manifest.command}")
    with damage_refused(folder):
        files = written_files(folder, manifest, SCENARIOS)
        by_hash = {load_scenario(file).hash(): file for file in files}
        ordered = [by_hash[checksum] for checksum in provenance.scenarios]
        file = None
        if provenance.ensemble is not None:
            file = _fit_with(provenance.ensemble, _fits(manifest) if fit is None else [fit])
            if file is None:
                problem = f"draws from a fit that is not here ({provenance.ensemble})"
                raise refuse(problem, allowed="a fit of the package, or its file where it was")
        return Subject(
            folder,
            manifest,
            provenance,
            quoting.quotable(findings),
            [load_scenario(one) for one in ordered],
            ordered,
            file,
            None if file is None else load_fitted(file),
            _asked(manifest, findings),
        )


def _asked(manifest: ExperimentManifest, findings: ComparisonFindings) -> dict[str, Any]:
    identity, pairs = manifest.identity, (manifest.model_extra or {})["pairs"]
    days: str | int | None = identity.days
    if "period" in identity.settings:  # the days before and after it are run too
        days = _typed(manifest.command, "--days")
    return {
        "replications": pairs["tried"],
        "precision": findings.precision,
        "scale": identity.scale,
        "days": None if days is None else int(days),
        "seed": identity.seed,
        "assumptions": identity.assumptions,
        "rank": findings.rank,
        "ladder": identity.settings["ladder"],
        **{name: identity.settings.get(name) for name in ("set", "path", "period")},
    }


def _typed(command: str, option: str) -> str | None:
    """The value of an option in a command; None where it is not in it."""
    words = [part for word in shlex.split(command) for part in word.split("=", 1)]
    return words[words.index(option) + 1] if option in words else None


def _fits(manifest: ExperimentManifest) -> list[Path]:
    """Files that may hold the ensemble: those of the package, and one that the command names."""
    named = _typed(manifest.command, "--ensemble")
    return [*packaged().values(), *([Path(named)] if named else [])]


def _fit_with(wanted: str, files: Sequence[Path]) -> Path | None:
    """The first of some files that holds the ensemble with a hash."""
    texts = ((file, file.read_text(encoding="utf-8")) for file in files if file.is_file())
    return next((file for file, text in texts if ensemble_hash(text) == wanted), None)
