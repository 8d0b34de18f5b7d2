"""What the JSON files of results must hold, and how they are read back.

The models name the keys that a reader relies on. Further keys are kept, so that results of a later
version can be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulation.errors import InputError
from simulation.experiments.findings import (
    Count,
    Day,
    FailedSeed,
    Finding,
    Fitted,
    SavedNote,
    Seed,
    Word,
)
from simulation.safe_json import check_json, read_json

MANIFEST, SUMMARY = "manifest.json", "summary.json"


class Stored(BaseModel):
    """A table of a JSON file: values are not converted, and further keys are allowed."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


Status = Literal["running", "interrupted", "stopped", "complete"]


class StoredDamage(Stored):
    """Finished runs of an earlier attempt that could not be used; see `Damage`."""

    file: str
    runs: Count | None = None


class DataNotes(Stored):
    """The months of the data of a run, see `Horizon`, and the notes before it."""

    observed_from: str | None = None
    observed_until: str | None = None
    repeated_until: str | None = None
    projected_from: str | None = None
    observed_inputs: dict[str, str] | None = None
    notes: list[SavedNote] = []


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
    versions: dict[str, str] = {}
    commit: str | None = None
    data: dict[str, Any] | None = None
    started: Word
    finished: Word | None = None
    damaged: list[StoredDamage] = []
    made_again: list[str] = []
    checksums: dict[str, str] = {}

    @model_validator(mode="after")
    def _ordered(self) -> Manifest:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end must not be before start")
        return self


class SeedsDone(Stored):
    """The seeds of a run: which are finished, and which failed."""

    done: list[Seed] = []
    failed: list[FailedSeed] = []


class StoredRunIdentity(Stored):
    """The identity of a run, as far as readers rely on it; see `Identity`."""

    title: str
    seeds: list[Seed] = Field(min_length=1)
    scale: float = Field(gt=0)
    days: int = Field(gt=0)
    assumptions: Word


class RunManifest(Manifest):
    """`manifest.json` of a run."""

    run_id: Word
    description: str = ""
    identity: StoredRunIdentity
    seeds: SeedsDone
    start: Day
    end: Day


class RunCounts(Stored):
    """How many runs an experiment took over, ran and lost, and the seconds those it ran took."""

    taken_over: Count
    ran: Count
    failed: Count
    seconds: float = 0.0


class StoredIdentity(Stored):
    """The identity of an experiment, as far as readers rely on it; see `Identity`."""

    cases: list[list[str]]
    seed: Seed
    scale: float = Field(gt=0)
    days: int = Field(gt=0)


class ExperimentManifest(Manifest):
    """`manifest.json` of an experiment."""

    experiment_id: Word
    kind: Word
    scenarios: list[str] = []
    identity: StoredIdentity | None = None
    runs: RunCounts | None = None


def kind_of(manifest: dict[str, Any]) -> str | None:
    """`run`, the kind of an experiment, or None if a manifest is of neither."""
    if isinstance(manifest.get("experiment_id"), str):
        kind = manifest.get("kind")
        return kind if isinstance(kind, str) else None
    return "run" if isinstance(manifest.get("run_id"), str) else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder of results, checked.

    Args:
        folder: The folder of a run or an experiment.

    Returns:
        Its content; `kind_of` says what it is of.

    Raises:
        InputError: It is missing or damaged, or is of neither a run nor an experiment.
    """
    file = folder / MANIFEST
    content = _read(file)
    kind = kind_of(content) if isinstance(content, dict) else None
    if kind is None:
        raise InputError("is of neither a run nor an experiment", file=file)
    return _checked(content, _model_of(kind), file)


def load_manifest(folder: Path) -> RunManifest | ExperimentManifest:
    """The manifest of a folder of results, as a model.

    Raises:
        InputError: As `read_manifest`.
    """
    content = read_manifest(folder)
    return _model_of(kind_of(content)).model_validate(content)


def _model_of(kind: str | None) -> type[RunManifest | ExperimentManifest]:
    return RunManifest if kind == "run" else ExperimentManifest


def read_summary(folder: Path, model: type[BaseModel] = Stored) -> dict[str, Any]:
    """The summary of a folder of results, checked.

    Args:
        folder: The folder of a run or an experiment.
        model: What it must hold; any JSON object by default.

    Raises:
        InputError: It is missing or damaged.
    """
    file = folder / SUMMARY
    return _checked(_read(file), model, file)


def read_findings[Found: Finding](folder: Path, model: type[Found]) -> Found:
    """The findings in the summary of a folder of results.

    Args:
        folder: The folder of a run or an experiment.
        model: Their type.

    Raises:
        InputError: The summary is missing or damaged.
    """
    return model.model_validate(read_summary(folder, model))


def _read(file: Path) -> Any:
    try:
        return read_json(file)
    except InputError as error:
        missing = error.problem == "file not found"
        error.problem = "is missing" if missing else f"is damaged: {error.problem}"
        raise


def _checked(content: Any, model: type[BaseModel], file: Path) -> dict[str, Any]:
    try:
        return check_json(content, model, file)
    except InputError as error:
        error.problem = f"is damaged or of another version: {error.problem}"
        raise
