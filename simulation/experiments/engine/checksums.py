"""SHA-256 of the files of a result folder, recorded in its manifest and compared with it later."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.experiments.engine.stored_files import MANIFEST

#: folder of the scenarios that an experiment starts from
SCENARIOS = "scenarios"
#: key of the manifest that holds the checksum of each result file by its name
FILES = "checksums"
#: key of the manifest that holds the checksum of all its other keys
OWN = "manifest_checksum"
#: result files by the end of their name; pages are made from them and have no checksum
_SUFFIXES = frozenset({".csv", ".json", ".parquet", ".toml"})
#: folder in which earlier versions kept finished runs, with checksums of their own
_JOURNAL = "runs"
#: names that are listed of many files
_MOST_NAMES = 3


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
            verb = "is" if len(self.missing) == 1 else "are"
            parts.append(f"{listed(self.missing)} {verb} missing")
        return "; ".join(parts)

    @property
    def note(self) -> str:
        """What else a reader must know of the files, in words; empty if nothing."""
        if not self.recorded:
            return (
                f"{MANIFEST} holds no checksums (an earlier version wrote it), so a changed file "
                "would not be noticed"
            )
        if self.added:
            verb = "is" if len(self.added) == 1 else "are"
            return f"{listed(self.added)} {verb} not among the files that were written here"
        return ""


def changes_of(folder: Path, manifest: Mapping[str, Any]) -> Changes:
    """Compare the files of a result folder with the checksums in its manifest.

    Args:
        folder: The folder.
        manifest: Content of its manifest.

    Raises:
        OSError: A file cannot be read.
    """
    found = set(_result_files(folder))
    recorded = manifest.get(FILES)
    recorded = recorded if isinstance(recorded, dict) else {}
    own = manifest.get(OWN)
    changed = [MANIFEST] if own is not None and own != own_checksum(manifest) else []
    # only names that were found below the folder are opened, whatever the manifest says
    changed += [
        name
        for name in sorted(found & recorded.keys())
        if sha256_of(folder / name) != recorded[name]
    ]
    return Changes(
        changed=tuple(changed),
        missing=tuple(sorted(recorded.keys() - found)),
        added=tuple(sorted(found - recorded.keys())) if own is not None else (),
        recorded=own is not None,
    )


def changed_file(folder: Path, manifest: Mapping[str, Any], name: str) -> bool:
    """Whether a file of a result folder holds something else than its manifest records."""
    recorded = manifest.get(FILES)
    wanted = recorded.get(name) if isinstance(recorded, dict) else None
    return wanted is not None and sha256_of(folder / name) != wanted


def written_files(folder: Path, manifest: Mapping[str, Any], pattern: str) -> list[Path]:
    """The files of a pattern that were written here, sorted; all of it without checksums."""
    recorded = manifest.get(FILES)
    found = sorted(folder.glob(pattern))
    if not isinstance(recorded, dict) or not recorded:
        return found
    return [path for path in found if path.relative_to(folder).as_posix() in recorded]


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


def _result_files(folder: Path) -> Iterator[str]:
    """Names of the result files in and below a folder, with `/` between their parts.

    Folders of other results that lie below it are left out.
    """
    for here, below, files in os.walk(folder):
        inner = Path(here) != folder
        if inner and MANIFEST in files:
            below.clear()
            continue
        below[:] = [name for name in below if not name.startswith(".")]
        if not inner and _JOURNAL in below:
            below.remove(_JOURNAL)
        for name in files:
            path = Path(here, name)
            known = path.suffix in _SUFFIXES and not name.startswith(".") and path.is_file()
            if known and (inner or name != MANIFEST):
                yield path.relative_to(folder).as_posix()
