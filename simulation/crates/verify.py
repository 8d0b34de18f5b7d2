"""Whether an assurance pack is as written, of this version, and gives the same bits again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from simulation.crates.pack import FIT, RESULTS, Subject, check_pack, read_subject
from simulation.engine.identity import package_versions
from simulation.engine.progress import Progress
from simulation.engine.result_folder import (
    SCENARIOS,
    SUMMARY,
    json_checksum,
    read_manifest,
)
from simulation.safe_json import read_json

#: of a summary, what depends on the file that a scenario was read from, and on what ended the pairs
_NOT_NUMBERS = ("notes", "ended")


class Checked(NamedTuple):
    """A thing that was compared.

    Attributes:
        what: `version`, `data`, `model`, `fit`, a scenario or a file of results.
        recorded: Its version or hash in the pack.
        here: The same here and now.
        same: Whether the two agree.
    """

    what: str
    recorded: str
    here: str
    same: bool


@dataclass(frozen=True)
class Verified:
    """What a pack was compared with, thing by thing.

    Attributes:
        rows: Versions and hashes, then each file that was made again.
        libraries: Libraries of another version than those of the pack: recorded, and here.
    """

    rows: tuple[Checked, ...]
    libraries: dict[str, tuple[str, str]]

    @property
    def differing(self) -> list[str]:
        """Files that are not the same, bit by bit."""
        return [row.what for row in self.rows if not row.same]

    def text(self, run: bool) -> str:
        """The result in words.

        Args:
            run: Whether the comparison was run again.
        """
        if not run:
            return "As it was written, and of this version, data and fit. Nothing was run again."
        if not self.differing:
            return "Same bits: the comparison was run again, and gives every file of the results."
        text = f"Not the same bits: {', '.join(self.differing)}."
        libraries = [f"{name} {was}, here {now}" for name, (was, now) in self.libraries.items()]
        return f"{text} Other libraries: {'; '.join(libraries)}." if libraries else text


def verify_pack(
    pack: Path,
    *,
    run: bool = True,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Verified:
    """Check the hashes of a pack, and run its comparison again.

    Args:
        pack: The folder of the pack.
        run: Whether to run it again; the hashes alone are checked otherwise.
        workers: Processes; one per core when None.
        progress: Called as runs go on.

    Raises:
        InputError: It is no pack, was edited, or is of another version; nothing is run.
        Interrupted: Ctrl-C.
    """
    check_pack(pack)
    subject = read_subject(pack / RESULTS, "PACK", pack / FIT)
    provenance, versions = subject.provenance, subject.manifest.versions
    agreed = {name: getattr(provenance, name) for name in ("version", "data", "model")}
    if provenance.ensemble:
        agreed["fit"] = provenance.ensemble
    titles = [title for title, _ in subject.manifest.identity.cases]
    agreed |= dict(zip(titles, provenance.scenarios, strict=True))
    rows = [Checked(what, value, value, True) for what, value in agreed.items()]
    if run:
        with tempfile.TemporaryDirectory(prefix="crossings-verify-") as scratch:
            rows += _compared(subject, Path(scratch) / RESULTS, workers, progress)
    libraries = {
        name: (versions.get(name, ""), version)
        for name, version in package_versions().items()
        if versions.get(name) != version
    }
    return Verified(tuple(rows), libraries)


def _compared(
    subject: Subject, out: Path, workers: int | None, progress: Callable[[Progress], None] | None
) -> list[Checked]:
    """Run a comparison again, and compare each file of its results but the scenarios."""
    subject.run_again(out, workers, progress)
    recorded, here = subject.manifest.checksums, read_manifest(out).checksums
    names = sorted({*recorded, *here})
    rows = []
    for name in (name for name in names if not name.startswith(f"{SCENARIOS}/")):
        both = [one.get(name, "missing") for one in (recorded, here)]
        if name == SUMMARY:
            both = [_checksum_of_numbers(folder / name) for folder in (subject.folder, out)]
        rows.append(Checked(name, both[0], both[1], both[0] == both[1]))
    return rows


def _checksum_of_numbers(summary: Path) -> str:
    """SHA-256 of a summary without what is no number of the model."""
    whole = read_json(summary)
    return json_checksum({key: one for key, one in whole.items() if key not in _NOT_NUMBERS})
