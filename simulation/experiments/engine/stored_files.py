"""What the JSON files of results must hold, and how they are read back.

The models name the keys that a reader relies on. Further keys are kept, so that results of a later
version can be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulation.errors import InputError
from simulation.experiments.findings import Count, Day, FailedSeed, Finding, Seed, Word
from simulation.safe_json import check_json, read_json

MANIFEST, SUMMARY = "manifest.json", "summary.json"


class Stored(BaseModel):
    """A table of a JSON file: values are not converted, and further keys are allowed."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


class _Manifest(Stored):
    title: str
    status: Literal["running", "interrupted", "stopped", "complete"]
    started: Word
    finished: Word | None = None
    command: str = ""
    start: Day | None = None
    end: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> _Manifest:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end must not be before start")
        return self


class _Seeds(Stored):
    done: list[Seed]
    failed: list[FailedSeed]


class _RunIdentity(Stored):
    title: str
    seeds: list[Seed] = Field(min_length=1)
    scale: float = Field(gt=0)
    days: int = Field(gt=0)
    assumptions: Word


class RunManifest(_Manifest):
    """`manifest.json` of a run."""

    run_id: Word
    identity: _RunIdentity
    seeds: _Seeds
    start: Day
    end: Day
    fitted: dict[str, Any] | None = None
    checksums: dict[str, str] = {}


class _Runs(Stored):
    taken_over: Count
    ran: Count
    failed: Count


class _Damage(Stored):
    file: str
    lines: Count


class _ExperimentIdentity(Stored):
    cases: list[list[str]]
    seed: Seed
    scale: float = Field(gt=0)
    days: int = Field(gt=0)


class ExperimentManifest(_Manifest):
    """`manifest.json` of an experiment."""

    experiment_id: Word
    kind: Word
    identity: _ExperimentIdentity | None = None
    runs: _Runs | None = None
    damaged: list[_Damage] = []
    versions: dict[str, str] = {}


class _Effect(Stored):
    record: str
    told: bool


class _Screening(Stored):
    effects: list[_Effect]


class _Variance(Stored):
    shares: list[_Effect] | None


class _Analysed(Stored):
    screening: _Screening
    variance: _Variance | None = None


class SensitivitySummary(Stored):
    """`summary.json` of a sensitivity analysis, as far as other pages quote it."""

    kind: Literal["sensitivity"]
    outcomes: dict[str, _Analysed]


class JournalEntry(Stored):
    """A line of a journal: a finished run or the error of a failed one."""

    case: Word
    seed: Seed
    seconds: float = Field(default=0.0, ge=0, lt=1e9)
    measures: dict[str, Any] = {}
    error: str = ""


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
    return _checked(content, RunManifest if kind == "run" else ExperimentManifest, file)


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
