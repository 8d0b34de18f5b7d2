"""A finished comparison of this version, with its scenarios and fit, and how it is run again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from simulation.answers.folders import read_comparison
from simulation.answers.ledger import Provenance
from simulation.corridor.in_use import in_use
from simulation.engine.command_text import command_text
from simulation.engine.findings import Finished
from simulation.engine.options import Options
from simulation.engine.progress import Progress
from simulation.engine.result_folder import (
    SCENARIOS,
    ExperimentManifest,
    read_manifest,
    written_files,
)
from simulation.errors import InputError
from simulation.parameters.fitted import FittedEnsemble, ensemble_hash, load_fitted, packaged
from simulation.report.remake import damage_refused
from simulation.scenario import Scenario, load_scenario
from simulation.source_hash import model_hash
from simulation.studies.compare import Compare, ComparisonFindings, Precision
from simulation.studies.study import conduct
from simulation.version import __version__
from simulation.wording.quoting import quotable


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
            quotable(findings),
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
