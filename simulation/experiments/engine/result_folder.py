"""A result folder: whose it is, one writer at a time, and no file that is half written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from simulation.errors import InputError
from simulation.experiments.engine.stored_files import (
    MANIFEST,
    OWN,
    Changes,
    ExperimentManifest,
    Manifest,
    RunManifest,
    changes_of,
    own_checksum,
    read_findings,
    read_manifest,
    sha256_of,
)
from simulation.experiments.findings import Finding

_PARTS = ".parts"


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
        self._lock: IO[str] | None = None

    @property
    def parts(self) -> Path:
        """Where finished work waits to be joined."""
        return self.path / _PARTS

    def manifest(self) -> RunManifest | ExperimentManifest | None:
        """The manifest, or None when there is none that can be used."""
        with suppress(InputError):
            return read_manifest(self.path)
        return None

    def findings[Found: Finding](self, model: type[Found]) -> Found | None:
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

    def check_identity(self, wanted: Mapping[str, Any]) -> None:
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
        found = manifest.identity.as_json()
        if found != wanted or (manifest.kind == "run") != (self.kind == "run"):
            differ = ", ".join(key for key in wanted if found.get(key) != wanted[key])
            version = manifest.versions.get("crossings")
            if version is not None and found.get("model_hash") != wanted.get("model_hash"):
                differ += f"; made by crossings {version}"
            problem = f"already holds another {self.kind}"
            if manifest.changed:
                problem = f"has a {MANIFEST} that has changed since it was made"
            raise self.unusable(f"{problem} (it differs in {differ})")

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
        if self._lock is not None:
            self._lock.close()
            self._lock = None

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
        """Write the manifest, with a checksum of its own in it."""
        content = manifest.model_dump(mode="json", exclude={OWN})
        self.write_json(MANIFEST, {**content, OWN: own_checksum(content)})

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
        self._lock = handle
        return True


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` when all went well and vanishes otherwise."""
    scrap = path.with_name(f".scrap-{os.getpid()}-{path.name}")
    try:
        yield scrap
        os.replace(scrap, path)
    except BaseException:
        scrap.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with renamed(path) as scrap:
        scrap.write_text(text, encoding="utf-8", newline="\n")


def reason(error: Exception) -> str:
    """Why the system refused a file or a folder, in its own words and without the name."""
    number = getattr(error, "errno", None)
    return (os.strerror(number) if number else str(error)).lower()


def now() -> str:
    """The time, as result files hold it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
