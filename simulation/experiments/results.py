"""The folder of a run: claimed before, written during, complete or at least readable after.

Every file is written under another name and renamed, so a reader never meets half a file. Finished
replications wait, each a folder of its own, in `.parts/`; they are joined into the result tables
when the run ends or is interrupted.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulation.errors import InputError
from simulation.experiments.identity import RunIdentity, code_commit, package_versions
from simulation.experiments.summary import summary_csv, summary_of
from simulation.experiments.tables import SCHEMAS, join_parts, write_table

FORMAT = 1
_PARTS = ".parts"
_MANIFEST = "manifest.json"


class RunFolder:
    """One run's folder.

    Args:
        path: The folder; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: Any = None

    @property
    def parts(self) -> Path:
        """Where finished replications wait to be joined."""
        return self.path / _PARTS

    def manifest(self) -> dict[str, Any] | None:
        """The manifest, or None when there is none that can be read."""
        try:
            content = json.loads((self.path / _MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def check(self, identity: RunIdentity) -> None:
        """Refuse a folder that cannot be written or holds something else; writes nothing.

        Raises:
            InputError: Names the folder and what is wrong with it.
        """
        if not self.path.exists():
            parent = next(above for above in self.path.absolute().parents if above.exists())
            if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
                raise _unusable(self.path, f"cannot be made, {parent} cannot be written to")
            return
        if not self.path.is_dir():
            raise _unusable(self.path, "is a file, not a folder")
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise _unusable(self.path, "cannot be written to")
        manifest = self.manifest()
        if manifest is None:
            if any(not name.startswith(".") for name in os.listdir(self.path)):
                raise _unusable(self.path, "holds other files and no manifest of a run")
            return
        found, wanted = manifest.get("identity"), identity.as_json()
        if found != wanted:
            found = found if isinstance(found, dict) else {}
            differ = ", ".join(key for key in wanted if found.get(key) != wanted[key])
            raise _unusable(self.path, f"already holds another run (it differs in {differ})")

    def claim(self, identity: RunIdentity, scenario_toml: str, manifest: dict[str, Any]) -> None:
        """Make the folder this run's, or take up the run it holds.

        Args:
            identity: What the run is.
            scenario_toml: The resolved scenario.
            manifest: Further keys for `manifest.json` (title, dates, command).

        Raises:
            InputError: The folder cannot be used, or another process is writing this run.
        """
        self.check(identity)
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            self._remove_scraps()
            earlier = self.manifest() or {}
            self._write_text("scenario.toml", scenario_toml)
            self._write_json(
                _MANIFEST,
                {
                    "format": FORMAT,
                    "run_id": identity.run_id,
                    "identity": identity.as_json(),
                    **manifest,
                    "status": "running",
                    "seeds": earlier.get("seeds", {"done": [], "failed": []}),
                    "versions": package_versions(),
                    "commit": code_commit(),
                    "started": earlier.get("started", _now()),
                    "finished": None,
                },
            )
        except OSError as error:
            raise _unusable(self.path, f"cannot be written ({error.strerror})") from error

    def finished(self) -> set[int]:
        """Numbers of the replications whose parts are there and readable."""
        found = set()
        for part in self.parts.glob("replication-*"):
            try:
                for name in SCHEMAS:
                    pq.read_schema(part / f"{name}.parquet")
            except (OSError, pa.ArrowException):
                shutil.rmtree(part, ignore_errors=True)
                continue
            found.add(int(part.name.removeprefix("replication-")))
        return found

    def write_part(self, replication: int, tables: dict[str, pa.Table]) -> None:
        """Write one finished replication; it is there whole or not at all."""
        scrap = Path(tempfile.mkdtemp(prefix="scrap-", dir=self.parts))
        for name, table in tables.items():
            write_table(table, scrap / f"{name}.parquet")
        scrap.chmod(0o755)
        os.replace(scrap, self._part(replication))

    def join(self, failed: dict[int, str], status: str) -> dict[str, Any] | None:
        """Join the finished replications into the result files and close the manifest.

        Args:
            failed: Replication -> error, of those that failed.
            status: `complete` or `interrupted`.

        Returns:
            The summary; None when no replication is finished, and then only the manifest is new.
        """
        manifest = self.manifest() or {}
        seeds = manifest["identity"]["seeds"]
        finished = sorted(self.finished())
        summary = self._join_finished(manifest, finished, failed) if finished else None
        manifest["status"] = status
        manifest["seeds"] = {
            "done": [seeds[number] for number in finished],
            "failed": _failures(seeds, failed),
        }
        manifest["finished"] = _now()
        self._write_json(_MANIFEST, manifest)
        self._remove_scraps()
        if status == "complete" and len(finished) == len(seeds):
            shutil.rmtree(self.parts, ignore_errors=True)
        return summary

    def is_complete(self) -> bool:
        """Whether every replication is done and joined, so that nothing is left to run."""
        manifest = self.manifest()
        return (
            manifest is not None
            and manifest.get("status") == "complete"
            and manifest["seeds"]["done"] == manifest["identity"]["seeds"]
            and all((self.path / f"{name}.parquet").is_file() for name in SCHEMAS)
            and self.summary() is not None
        )

    def summary(self) -> dict[str, Any] | None:
        """The content of `summary.json`, or None."""
        try:
            content = json.loads((self.path / "summary.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def release(self) -> None:
        """Let another process write this run."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _join_finished(
        self, manifest: dict[str, Any], finished: list[int], failed: dict[int, str]
    ) -> dict[str, Any]:
        for name in SCHEMAS:
            parts = [self._part(number) / f"{name}.parquet" for number in finished]
            with _Renamed(self.path / f"{name}.parquet") as scrap:
                join_parts(name, parts, scrap)
        seeds = manifest["identity"]["seeds"]
        computed = summary_of(
            pq.read_table(self.path / "replications.parquet"),
            pq.read_table(self.path / "balance.parquet"),
            date.fromisoformat(manifest["start"]),
            date.fromisoformat(manifest["end"]),
        )
        summary = {
            "scenario": manifest["title"],
            "run_id": manifest["run_id"],
            "replications": len(finished),
            "asked": len(seeds),
            "seeds": [seeds[number] for number in finished],
            "failed": _failures(seeds, failed),
            "scale": manifest["identity"]["scale"],
            **computed,
        }
        self._write_json("summary.json", summary)
        self._write_text("summary.csv", summary_csv(summary))
        return summary

    def _part(self, replication: int) -> Path:
        return self.parts / f"replication-{replication:04d}"

    def _take_lock(self) -> None:
        """Hold a lock that the system drops when the process ends, however it ends."""
        try:
            import fcntl
        except ImportError:
            return
        handle = open(self.parts / "lock", "w")  # noqa: SIM115 (held until release)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise _unusable(self.path, "is being written by another process") from None
        self._lock = handle

    def _remove_scraps(self) -> None:
        for scrap in self.parts.glob("scrap-*"):
            shutil.rmtree(scrap, ignore_errors=True)
        for scrap in self.path.glob(".scrap-*"):
            scrap.unlink(missing_ok=True)

    def _write_json(self, name: str, content: Any) -> None:
        self._write_text(name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def _write_text(self, name: str, text: str) -> None:
        write_text(self.path / name, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with _Renamed(path) as scrap:
        scrap.write_text(text, encoding="utf-8", newline="\n")


class _Renamed:
    """A name to write to that becomes `path` when all went well and vanishes otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scrap = path.with_name(f".scrap-{os.getpid()}-{path.name}")

    def __enter__(self) -> Path:
        return self.scrap

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            os.replace(self.scrap, self.path)
        else:
            self.scrap.unlink(missing_ok=True)


def _failures(seeds: list[int], failed: dict[int, str]) -> list[dict[str, Any]]:
    return [{"seed": seeds[number], "error": failed[number]} for number in sorted(failed)]


def _unusable(path: Path, problem: str) -> InputError:
    return InputError(
        f"the folder {problem}",
        key="--out",
        value=str(path),
        allowed="a new or empty folder, or the folder of this same run",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def folder_of(identity: RunIdentity, slug: str, results: Path) -> Path:
    """Where a run goes when nothing else is asked: `results/<scenario>/<run id>`."""
    return results / slug / identity.run_id
