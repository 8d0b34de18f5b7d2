"""A result folder: what its JSON files hold, whose it is, and whether it is as it was written.

The models name the keys that a reader relies on. Further keys are kept, so that results of a later
version can be read. The manifest records the SHA-256 of every other result file, so that one which
was saved again by a spreadsheet is noticed. One process writes at a time, and no file is half
written. Whoever can write into a folder of results is trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

from pydantic import Field

from simulation.engine.findings import Damage, DataNotes, Day, FailedSeed, Fitted, Seed, Word
from simulation.errors import InputError
from simulation.regular_files import renamed
from simulation.safe_json import check_json, read_json
from simulation.statistics.finding import Count, Finding

MANIFEST, SUMMARY = "manifest.json", "summary.json"
#: folder of the scenarios that an experiment starts from
SCENARIOS = "scenarios"
#: result files by the end of their name
_SUFFIXES = frozenset({".csv", ".json", ".npz", ".parquet", ".toml"})
#: folder of the lock, and of finished work that waits to be joined
_PARTS = ".parts"
#: names that are listed of many files
_MOST_NAMES = 3

Status = Literal["running", "interrupted", "stopped", "complete"]


class Manifest(DataNotes):
    """`manifest.json`, as far as runs and experiments are alike; see `docs/results.md`."""

    format: int = 1
    title: str
    fitted: Fitted | None = None
    start: Day | None = None
    end: Day | None = None
    command: str = ""
    status: Status
    versions: dict[str, str] = Field(default_factory=dict)
    source: Word = ""
    commit: str | None = None
    data: dict[str, object]
    started: Word
    finished: Word | None = None
    damaged: list[Damage] = Field(default_factory=list)
    made_again: list[str] = Field(default_factory=list)
    checksums: dict[str, str] = Field(default_factory=dict)


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
        """The part of the folder's name that stands for the seeds."""


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

    @property
    def finished(self) -> int:
        """How many runs were finished at its end."""
        return self.taken_over + self.ran


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
    settings: dict[str, object] = Field(default_factory=dict)
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
    #: what else decides its findings; None where the same question again may run more
    question: dict[str, object] | None = None


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
    return _checked(content, model, file)


def read_findings[FindingT: Finding](folder: Path, model: type[FindingT]) -> FindingT:
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


def _checked[FindingT: Finding](content: Any, model: type[FindingT], file: Path) -> FindingT:
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
    """

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Files that are not as they were written."""
        return tuple(sorted((*self.changed, *self.missing)))

    @property
    def problem(self) -> str:
        """Which result files are not as they were written, in words; empty if all are."""
        parts = []
        if self.changed:
            one = len(self.changed) == 1
            since = "has changed since it was made" if one else "have changed since they were made"
            parts.append(f"{listed(self.changed)} {since}")
        if self.missing:
            parts.append(f"{listed(self.missing)} {_verb(self.missing)} missing")
        return "; ".join(parts)


def changes_of(folder: Path, manifest: Manifest | None) -> Changes:
    """Compare the files of a result folder with the checksums in its manifest.

    Args:
        folder: The folder.
        manifest: Its manifest; None where none can be used.

    Raises:
        OSError: A file cannot be read.
    """
    if manifest is None:
        return Changes()
    names, checksums = set(_result_files(folder)), manifest.checksums
    changed = [
        name
        for name in sorted(names & checksums.keys())
        if sha256_of(folder / name) != checksums[name]
    ]
    return Changes(tuple(changed), tuple(sorted(checksums.keys() - names)))


def written_files(folder: Path, manifest: Manifest, below: str) -> list[Path]:
    """The result files that were written into a folder below a folder of results, sorted."""
    return [folder / name for name in sorted(manifest.checksums) if name.startswith(f"{below}/")]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scenario_number(file: Path) -> int:
    """The number that the name of a saved scenario begins with; the baseline's is the lowest."""
    first = file.stem.partition("-")[0]
    return int(first) if first.isdecimal() else 0


def json_checksum(content: Mapping[str, object]) -> str:
    """SHA-256 of a JSON object, however its text is laid out."""
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
        below[:] = [name for name in below if not name.startswith(".")]
        for name in files:
            path = Path(here, name)
            is_result = path.suffix in _SUFFIXES and not name.startswith(".") and path.is_file()
            if is_result and (inner or name != MANIFEST):
                yield path.relative_to(folder).as_posix()


# -- the folder ------------------------------------------------------------------------------------


class ResultFolder:
    """A folder that belongs to what its manifest says, and to one process while it writes.

    Args:
        path: The folder; it need not exist yet.
    """

    #: what the folder holds, in a user's words
    kind = "run"

    def __init__(self, path: Path) -> None:
        self.path = path
        #: checksum of each file written so far, by its name
        self.written: dict[str, str] = {}
        #: the file that this process has locked while the folder is its own
        self.lock: IO[str] | None = None

    @property
    def parts(self) -> Path:
        """Where finished work waits to be joined."""
        return self.path / _PARTS

    def manifest(self) -> RunManifest | ExperimentManifest | None:
        """The manifest, or None when there is none that can be used."""
        with suppress(InputError):
            return read_manifest(self.path)
        return None

    def findings[FindingT: Finding](self, model: type[FindingT]) -> FindingT | None:
        """The findings of this type, or None when there are none that can be used."""
        with suppress(InputError):
            return read_findings(self.path, model)
        return None

    def changes(self) -> Changes:
        """How the files differ from those that were written; nothing while they are written.

        Raises:
            OSError: A file cannot be read.
        """
        manifest = self.manifest()
        if manifest and manifest.status == "running" and self.is_being_written():
            return Changes()
        return changes_of(self.path, manifest)

    def changes_since_complete(self) -> Changes:
        """The changes that a new attempt at a finished run or experiment has to tell of."""
        manifest = self.manifest()
        return self.changes() if manifest and manifest.status == "complete" else Changes()

    def check_identity(self, wanted: Mapping[str, object]) -> None:
        """Refuse a folder that cannot be written or holds something else; writes nothing.

        Raises:
            InputError: Names the folder and what is wrong with it.
        """
        try:
            holds = self._look()
        except (OSError, ValueError) as error:
            raise self.unusable(f"cannot be used ({reason(error)})") from error
        try:
            manifest = read_manifest(self.path)
        except InputError as error:
            if not holds:
                return
            problem = f"holds other files and no manifest of its {self.kind}"
            if os.path.lexists(self.path / MANIFEST):
                error.file = MANIFEST
                problem = f"holds a {MANIFEST} that cannot be used ({error})"
            raise self.unusable(problem) from None
        identity = manifest.identity.as_json()
        if identity != wanted or (manifest.kind == "run") != (self.kind == "run"):
            differ = ", ".join(key for key in wanted if identity.get(key) != wanted[key])
            version = manifest.versions.get("crossings")
            if version is not None and identity.get("model_hash") != wanted.get("model_hash"):
                differ += f"; made by crossings {version}"
            raise self.unusable(f"already holds another {self.kind} (it differs in {differ})")

    def _look(self) -> bool:
        """Whether the folder holds files; refuses one that cannot be made or written to."""
        try:
            str(self.path.absolute()).encode()
        except UnicodeEncodeError:  # the system takes any bytes, the library of the tables does not
            raise self.unusable("cannot be used, its name is not UTF-8") from None
        if not self.path.exists():
            parent = next(above for above in self.path.absolute().parents if above.exists())
            if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
                raise self.unusable(f"cannot be made, {parent} cannot be written to")
            for name in self.path.absolute().relative_to(parent).parts:
                (parent / name).exists()  # raises for a name no folder can have
            return False
        if not self.path.is_dir():
            raise self.unusable("is a file, not a folder")
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise self.unusable("cannot be written to")
        return any(not name.startswith(".") for name in os.listdir(self.path))

    def acquire(self) -> None:
        """Make the folder if need be and become its only writer.

        Raises:
            InputError: Another process is writing it.
            OSError: It cannot be written.
        """
        while not self._acquire_lock():
            pass
        self.remove_scraps()

    def release(self) -> None:
        """Let another process write here."""
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def is_being_written(self) -> bool:
        """Whether another process is writing here now, as far as the system can tell."""
        try:
            import fcntl

            # a pipe of this name must not be waited for
            handle = os.open(self.parts / "lock", os.O_RDONLY | os.O_NONBLOCK)
            try:
                fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            finally:
                os.close(handle)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (ImportError, OSError):
            return True
        return False

    def unusable(self, problem: str) -> InputError:
        """The error for a folder that cannot be used."""
        return InputError(
            f"the folder {problem}",
            key="--out",
            value=str(self.path),
            allowed=f"a new or empty folder, or the folder of this same {self.kind}",
        )

    def write_json(self, name: str, content: Any) -> None:
        """Write JSON whole or not at all."""
        self.write_text(name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write text whole or not at all."""
        with self.writing(name) as scrap:
            scrap.write_text(text, encoding="utf-8", newline="\n")

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write a file to, which becomes the file `name` if all goes well."""
        with renamed(self.path / name) as scrap:
            yield scrap
            self.written[name] = sha256_of(scrap)

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self.write_json(MANIFEST, manifest.model_dump(mode="json"))

    def checksums(self) -> dict[str, str]:
        """The checksum of each result file written so far, as the manifest holds them."""
        return {name: self.written[name] for name in sorted(self.written) if name != MANIFEST}

    def remove_scraps(self) -> None:
        """Clear away what a process that died left half written."""
        for scrap in self.parts.glob("scrap-*"):
            shutil.rmtree(scrap, ignore_errors=True)
        for scrap in (*self.path.glob(".scrap-*"), *self.parts.glob(".scrap-*")):
            scrap.unlink(missing_ok=True)

    def _acquire_lock(self) -> bool:
        """Hold a lock that the system drops when the process ends, however it ends.

        False if the last owner removed the file while it was taken.
        """
        self.parts.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:
            return True
        handle = open(self.parts / "lock", "w")  # noqa: SIM115 (held until release)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise self.unusable("is being written by another process") from None
        try:
            held = os.path.samestat(os.fstat(handle.fileno()), os.stat(handle.name))
        except FileNotFoundError:
            held = False
        if not held:
            handle.close()
            return False
        self.lock = handle
        return True


def reason(error: Exception) -> str:
    """Why the system refused a file or a folder, in its own words and without the name."""
    number = getattr(error, "errno", None)
    return (os.strerror(number) if number else str(error)).lower()


def now() -> str:
    """The time, as result files hold it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
