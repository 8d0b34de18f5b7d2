"""An assurance pack as an RO-Crate: a folder whose files are described and checksummed.

`ro-crate-metadata.json` follows RO-Crate 1.1 (https://w3id.org/ro/crate/1.1): the run is a
`CreateAction` of crossings on the scenarios, whose results are the files below `results/`.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulation.crates.logs import logs, page_text
from simulation.crates.page import pack_page
from simulation.crates.subject import Subject, read_subject
from simulation.engine.result_folder import (
    MANIFEST,
    changes_of,
    listed,
    reason,
    sha256_of,
)
from simulation.errors import InputError
from simulation.report import html
from simulation.report.brief import brief_of
from simulation.safe_json import read_json

METADATA, RESULTS, FIT = "ro-crate-metadata.json", "results", "fit.json"
PAGE, SCRIPT = "assurance.html", "make-again.sh"
#: pages of the documentation in the crate
_PAGES = ("must-not.md", "validation.md")
_PROFILE = "https://w3id.org/ro/crate/1.1"
_ROOT, _PROGRAM, _RUN = "./", "#crossings", "#comparison"
_CRATE = "a folder that crossings assurance has written, as it was written"
_DESCRIBED = {
    PAGE: "The assurance pack to read",
    SCRIPT: "The command that makes the result again",
    FIT: "The fitted sets of assumptions that were drawn from",
    "must-not.md": "Limits of use",
    "validation.md": "Checks of the model against the past",
    f"{RESULTS}/{MANIFEST}": "What the comparison was made with, and checksums of its files",
}


def write_crate(folder: Path, out: Path | None = None) -> Path:
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
    try:
        with tempfile.TemporaryDirectory(prefix=".scrap-", dir=target.absolute().parent) as scrap:
            crate = Path(scrap) / "crate"
            _copy(subject, crate)
            every = logs(subject)
            for log in every:
                _write(crate / f"{log.key}.csv", log.csv)
            for name in _PAGES:
                _write(crate / name, page_text(name))
            _write(crate / SCRIPT, f'#!/bin/sh\ncd "$(dirname "$0")" || exit\n{command}\n')
            html.save(crate, pack_page(subject, brief, every, command), PAGE)
            described = _DESCRIBED | {f"{log.key}.csv": log.title for log in every}
            content = _metadata(subject, crate, command, described)
            _write(crate / METADATA, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            os.replace(crate, target)
    except OSError as error:
        problem = f"cannot be written ({reason(error)})"
        raise InputError(problem, key="--out", value=str(target)) from error
    return target


def _copy(subject: Subject, crate: Path) -> None:
    """Copy the results, without the journal of their runs, and the fit."""
    manifest = subject.manifest
    pages = manifest.pages.keys() - {*changes_of(subject.folder, manifest).pages}
    for name in (MANIFEST, *manifest.checksums, *sorted(pages)):
        copy = crate / RESULTS / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(subject.folder / name, copy)
    if subject.fit is not None:
        shutil.copyfile(subject.fit, crate / FIT)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def _metadata(
    subject: Subject, crate: Path, command: str, described: Mapping[str, str]
) -> dict[str, object]:
    """The content of `ro-crate-metadata.json`."""
    manifest, provenance = subject.manifest, subject.provenance
    files = [_file(crate, name, described) for name in _names(crate)]
    parts = [{"@id": one["@id"]} for one in files]
    results = [one for one in parts if one["@id"].startswith(f"{RESULTS}/")]
    scenarios = [{"@id": f"{RESULTS}/{one.relative_to(subject.folder).as_posix()}"}
                 for one in subject.files]  # fmt: skip
    fit = [{"@id": FIT}] if subject.fit else []
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": _ROOT},
    }
    root = {
        "@id": _ROOT,
        "@type": "Dataset",
        "name": f"Assurance pack: {subject.title}",
        "description": "A comparison of scenarios by crossings, with its assumptions, decisions, "
        "data, checks and limits of use.",
        "datePublished": manifest.finished,
        "license": "To be stated by the institution that publishes it",
        "hasPart": parts,
        "mentions": {"@id": _RUN},
    }
    program = {
        "@id": _PROGRAM,
        "@type": "SoftwareApplication",
        "name": "crossings",
        "softwareVersion": provenance.version,
        "identifier": [f"model {provenance.model}", f"source {provenance.source}"],
        "license": {"@id": "https://spdx.org/licenses/Apache-2.0"},
    }
    run = {
        "@id": _RUN,
        "@type": "CreateAction",
        "name": subject.title,
        "description": command,
        "instrument": {"@id": _PROGRAM},
        "object": [*scenarios, *fit],
        "result": [one for one in results if one not in scenarios],
        "startTime": manifest.started,
        "endTime": manifest.finished,
    }
    context = [f"{_PROFILE}/context", {"sha256": "https://schema.org/sha256"}]
    content = {"@context": context, "@graph": [descriptor, root, program, run, *files]}
    root["identifier"] = _checksum(content)
    return content


def _file(crate: Path, name: str, described: Mapping[str, str]) -> dict[str, str]:
    file = crate / name
    return {
        "@id": name,
        "@type": "File",
        "name": described.get(name, file.name),
        "encodingFormat": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "contentSize": str(file.stat().st_size),
        "sha256": sha256_of(file),
    }


def _names(crate: Path) -> list[str]:
    """The files of a crate but its metadata, sorted."""
    files = (path.relative_to(crate).as_posix() for path in crate.rglob("*") if path.is_file())
    return sorted(name for name in files if name != METADATA)


def _checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of the metadata without the identifier of the root, which holds it."""
    graph = [
        {key: value for key, value in one.items() if key != "identifier" or one["@id"] != _ROOT}
        for one in content["@graph"]
    ]
    text = json.dumps([content["@context"], graph], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def check_crate(crate: Path) -> None:
    """Refuse a folder that is no crate of crossings, or whose files are not as they were written.

    Raises:
        InputError: Names what differs.
    """
    file = crate / METADATA
    try:
        content = read_json(file)
        entities = {one["@id"]: one for one in content["@graph"]}
        intact = entities[_ROOT]["identifier"] == _checksum(content)
        recorded = {name: one["sha256"] for name, one in entities.items() if "sha256" in one}
    except InputError as error:
        error.allowed = _CRATE
        raise
    except (LookupError, TypeError, AttributeError) as error:
        raise InputError("is not the metadata of a crate", file=file, allowed=_CRATE) from error
    here = {*_names(crate)}
    try:
        changed = [name for name in sorted(recorded)
                   if name not in here or sha256_of(crate / name) != recorded[name]]  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", file=crate) from error
    if not intact:
        changed.insert(0, METADATA)
    if changed:
        problem = f"{listed(changed)} changed or missing since the crate was written"
        raise InputError(problem, key="CRATE", value=str(crate), allowed=_CRATE)
