"""What the JSON files of results hold, and whether the files are those that were written.

The models name the keys that a reader relies on. Further keys are kept, so that results of a later
version can be read. The manifest records the SHA-256 of every other result file, and its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.errors import InputError
from simulation.experiments.findings import (
    Count,
    Damage,
    DataNotes,
    Day,
    FailedSeed,
    Finding,
    Fitted,
    Seed,
    Word,
)
from simulation.safe_json import check_json, read_json

MANIFEST, SUMMARY = "manifest.json", "summary.json"
#: folder of the scenarios that an experiment starts from
SCENARIOS = "scenarios"
#: key of the manifest that holds the checksum of all its other keys
OWN = "manifest_checksum"
#: result files by the end of their name; pages are made from them and have no checksum
_SUFFIXES = frozenset({".csv", ".json", ".parquet", ".toml"})
#: folder in which earlier versions kept finished runs, with checksums of their own
_JOURNAL = "runs"
#: names that are listed of many files
_MOST_NAMES = 3

Status = Literal["running", "interrupted", "stopped", "complete"]


class Manifest(DataNotes):
    """`manifest.json`, as far as runs and experiments are alike.

    Results of earlier versions lack what has a default here; `docs/results.md` has the meaning.
    """

    format: int = 1
    title: str
    fitted: Fitted | None = None
    start: Day | None = None
    end: Day | None = None
    command: str = ""
    status: Status
    versions: dict[str, str] = Field(default_factory=dict)
    commit: str | None = None
    data: dict[str, Any] | None = None
    started: Word
    finished: Word | None = None
    damaged: list[Damage] = Field(default_factory=list)
    made_again: list[str] = Field(default_factory=list)
    checksums: dict[str, str] = Field(default_factory=dict)
    manifest_checksum: str | None = None
    #: checksum of its content as it was read
    _content_checksum: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Manifest:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end must not be before start")
        return self

    @property
    def changed(self) -> bool:
        """Whether it holds something else than was written."""
        return self.manifest_checksum not in (None, self._content_checksum)


class SeedsDone(Finding):
    """The seeds of a run: which are finished, and which failed."""

    done: list[Seed] = Field(default_factory=list)
    failed: list[FailedSeed] = Field(default_factory=list)


class Identity(Finding):
    """Everything the numbers of a run or an experiment depend on.

    Two runs of one identity have the same results to the last bit, however many workers ran them.
    How many runs an experiment has is not part of it; of `crossings run` it is.

    Attributes:
        scale: Share of the people simulated.
        days: Days counted.
        assumptions: `records`, `ranges` or `fitted`.
        fitted_hash: Hash of the fitted ensemble that is drawn from; None where none is.
        model_hash: Hash of the package's code and data files.
    """

    scale: float = Field(gt=0)
    days: int = Field(gt=0)
    assumptions: Word = "records"
    fitted_hash: str | None = None
    model_hash: str = ""

    @property
    def id(self) -> str:
        """Name of the folder: `s1-r8-3f2a9c1d` of a run, `s1-3f2a9c1d` of an experiment."""
        content = json.dumps(self.as_json(), sort_keys=True).encode()
        return f"{self._seeds_in_id}-{hashlib.sha256(content).hexdigest()[:8]}"

    @property
    @abstractmethod
    def _seeds_in_id(self) -> str:
        """What the name of the folder says of the seeds."""


class RunIdentity(Identity):
    """The identity of a run, with the seed of each replication."""

    title: str
    scenario_hash: str = ""
    parameter_hash: str = ""
    seeds: list[Seed] = Field(min_length=1)
    assumptions: Word

    @property
    def _seeds_in_id(self) -> str:
        return f"s{self.seeds[0]}-r{len(self.seeds)}"


class RunManifest(Manifest):
    """`manifest.json` of a run."""

    kind: ClassVar = "run"

    run_id: Word
    description: str = ""
    identity: RunIdentity
    seeds: SeedsDone
    start: Day
    end: Day


class RunCounts(Finding):
    """How many runs an experiment took over, ran and lost, and the seconds those it ran took."""

    taken_over: Count = 0
    ran: Count = 0
    failed: Count = 0
    seconds: float = 0.0


class ExperimentIdentity(Identity):
    """The identity of an experiment.

    Attributes:
        kind: `compare`, `sweep`, ...
        cases: Title and hash of each scenario it starts from.
        settings: What else it was asked, as JSON.
        seed: Seed of the first run.
    """

    kind: Word = ""
    cases: list[list[str]]
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: Seed

    @property
    def _seeds_in_id(self) -> str:
        return f"s{self.seed}"


class ExperimentManifest(Manifest):
    """`manifest.json` of an experiment."""

    experiment_id: Word
    kind: Word
    scenarios: list[str] = Field(default_factory=list)
    identity: ExperimentIdentity
    runs: RunCounts | None = None


def read_manifest(folder: Path) -> RunManifest | ExperimentManifest:
    """The manifest of a folder of results.

    Args:
        folder: The folder of a run or an experiment.

    Raises:
        InputError: It is missing or damaged, or is of neither a run nor an experiment.
    """
    file = folder / MANIFEST
    content = _read(file)
    keys = content if isinstance(content, dict) else {}
    kinds: dict[str, type[RunManifest | ExperimentManifest]] = {
        "experiment_id": ExperimentManifest,
        "run_id": RunManifest,
    }
    model = next((kind for key, kind in kinds.items() if isinstance(keys.get(key), str)), None)
    if model is None:
        raise InputError("is of neither a run nor an experiment", file=file)
    found = _checked(content, model, file)
    found._content_checksum = own_checksum(content)
    return found


def read_findings[Found: Finding](folder: Path, model: type[Found]) -> Found:
    """The findings in the summary of a folder of results.

    Args:
        folder: The folder of a run or an experiment.
        model: Their type.

    Raises:
        InputError: The summary is missing or damaged.
    """
    return _checked(_read(folder / SUMMARY), model, folder / SUMMARY)


def _read(file: Path) -> Any:
    try:
        return read_json(file)
    except InputError as error:
        missing = error.problem == "file not found"
        error.problem = "is missing" if missing else f"is damaged: {error.problem}"
        raise


def _checked[Found: Finding](content: Any, model: type[Found], file: Path) -> Found:
    try:
        return model.model_validate(check_json(content, model, file))
    except InputError as error:
        error.problem = f"is damaged or of another version: {error.problem}"
        raise


# -- checksums ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """How the files of a result folder differ from those its manifest records.

    Attributes:
        changed: Names of files that hold something else than was written.
        missing: Names of files that are not there.
        added: Names of result files that were not written here.
        recorded: Whether the manifest holds checksums; otherwise nothing can be compared.
    """

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    recorded: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Files that are not as they were written."""
        return tuple(sorted((*self.changed, *self.missing)))

    @property
    def problem(self) -> str:
        """Which files are not as they were written, in words; empty if all are."""
        parts = []
        if self.changed:
            one = len(self.changed) == 1
            since = "has changed since it was made" if one else "have changed since they were made"
            parts.append(f"{listed(self.changed)} {since}")
        if self.missing:
            parts.append(f"{listed(self.missing)} {_verb(self.missing)} missing")
        return "; ".join(parts)

    @property
    def note(self) -> str:
        """What else a reader must know of the files, in words; empty if nothing."""
        if not self.recorded:
            return (
                f"{MANIFEST} holds no checksums (an earlier version wrote it), so a changed file "
                "would not be noticed"
            )
        if not self.added:
            return ""
        verb = _verb(self.added)
        return f"{listed(self.added)} {verb} not among the files that were written here"


def changes_of(folder: Path, manifest: Manifest | None) -> Changes:
    """Compare the files of a result folder with the checksums in its manifest.

    Args:
        folder: The folder.
        manifest: Its manifest; None where none can be used, which records nothing.

    Raises:
        OSError: A file cannot be read.
    """
    if manifest is None:
        return Changes(recorded=False)
    found, checksums = set(_result_files(folder)), manifest.checksums
    recorded = manifest.manifest_checksum is not None
    # only names that were found below the folder are opened, whatever the manifest says
    changed = [
        name
        for name in sorted(found & checksums.keys())
        if sha256_of(folder / name) != checksums[name]
    ]
    return Changes(
        changed=(*([MANIFEST] if manifest.changed else ()), *changed),
        missing=tuple(sorted(checksums.keys() - found)),
        added=tuple(sorted(found - checksums.keys())) if recorded else (),
        recorded=recorded,
    )


def written_files(folder: Path, manifest: Manifest, pattern: str) -> list[Path]:
    """The files of a pattern that were written here, sorted; all of it without checksums."""
    recorded, found = manifest.checksums, sorted(folder.glob(pattern))
    return [
        path for path in found if not recorded or path.relative_to(folder).as_posix() in recorded
    ]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own_checksum(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest without the key that holds it, however its text is laid out."""
    content = {key: value for key, value in manifest.items() if key != OWN}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def listed(names: Sequence[str]) -> str:
    """Names of files in words: `a.csv and b.csv`; of many only the first."""
    shown = [*names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _verb(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _result_files(folder: Path) -> Iterator[str]:
    """Names of the result files in and below a folder, those of other results left out."""
    for here, below, files in os.walk(folder):
        inner = Path(here) != folder
        if inner and MANIFEST in files:
            below.clear()
            continue
        below[:] = [
            name for name in below if not name.startswith(".") and (inner or name != _JOURNAL)
        ]
        for name in files:
            path = Path(here, name)
            known = path.suffix in _SUFFIXES and not name.startswith(".") and path.is_file()
            if known and (inner or name != MANIFEST):
                yield path.relative_to(folder).as_posix()
