"""The folder of a run: claimed before, written during, complete or at least readable after.

Every file is written under another name and renamed, so a reader never meets half a file. Finished
replications wait, each a folder of its own, in `.parts/`; they are joined into the result tables
when the run ends or is interrupted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulation.corridor.in_use import data_entry
from simulation.experiments.engine.checksums import FILES
from simulation.experiments.engine.identity import RunIdentity, code_commit, package_versions
from simulation.experiments.engine.record_tables import SCHEMAS, join_parts, write_table
from simulation.experiments.engine.result_folder import ResultFolder, now, reason
from simulation.experiments.findings import RunFindings
from simulation.experiments.statistics.chain_totals import chain_totals
from simulation.experiments.statistics.run_statistics import summary_csv, summary_of
from simulation.scenario.horizon import KEYS

FORMAT = 1


class RunFolder(ResultFolder):
    """One run's folder."""

    kind = "run"
    summary_model = RunFindings
    #: names of its tables
    tables = frozenset(f"{name}.parquet" for name in SCHEMAS)

    def check(self, identity: RunIdentity) -> None:
        """Refuse a folder that cannot be written or holds something else; writes nothing.

        Raises:
            InputError: Names the folder and what is wrong with it.
        """
        self.check_identity(identity.as_json())

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
            self.take()
            self._remove_damaged()
            earlier = self.manifest() or {}
            # first, for a folder with anything else in it and no manifest is nobody's
            self.write_manifest(
                {
                    "format": FORMAT,
                    "run_id": identity.run_id,
                    "identity": identity.as_json(),
                    **manifest,
                    "status": "running",
                    "seeds": earlier.get("seeds", {"done": [], "failed": []}),
                    "versions": package_versions(),
                    "commit": code_commit(),
                    "data": data_entry(),
                    "started": earlier.get("started", now()),
                    "finished": None,
                    FILES: earlier.get(FILES, {}),
                },
            )
            self.write_text("scenario.toml", scenario_toml)
        except OSError as error:
            raise self.unusable(f"cannot be written ({reason(error)})") from error

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

    def _remove_damaged(self) -> None:
        """Clear away parts of an earlier attempt that the disk has spoilt; they are run again."""
        for number in self.finished():
            try:
                for name in SCHEMAS:
                    path = self._part(number) / f"{name}.parquet"
                    pq.read_table(path, page_checksum_verification=True)
            except (OSError, pa.ArrowException):
                shutil.rmtree(self._part(number), ignore_errors=True)

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
        finished = sorted(self.finished())
        if finished:
            self._join_finished(finished)
        return self._close(finished, failed, status)

    def close_again(self) -> dict[str, Any] | None:
        """Write the summaries and the manifest of a complete run again, from its tables."""
        seeds = (self.manifest() or {})["identity"]["seeds"]
        return self._close(list(range(len(seeds))), {}, "complete")

    def _close(
        self, finished: list[int], failed: dict[int, str], status: str
    ) -> dict[str, Any] | None:
        """Write the summaries and the manifest; the tables are there."""
        manifest = self.manifest() or {}
        seeds = manifest["identity"]["seeds"]
        summary = self._write_summary(manifest, finished, failed) if finished else None
        manifest["status"] = status
        manifest["seeds"] = {
            "done": [seeds[number] for number in finished],
            "failed": _failures(seeds, failed),
        }
        manifest["finished"] = now()
        manifest[FILES] = {**manifest[FILES], **self.checksums()}
        self.write_manifest(manifest)
        self.remove_scraps()
        if status == "complete" and len(finished) == len(seeds):
            shutil.rmtree(self.parts, ignore_errors=True)
        return summary

    def is_complete(self) -> bool:
        """Whether every replication is done and joined.

        Whether a table has changed since is another question; see `changes`.
        """
        manifest = self.manifest()
        return (
            manifest is not None
            and manifest.get("status") == "complete"
            and manifest["seeds"]["done"] == manifest["identity"]["seeds"]
            and all((self.path / name).is_file() for name in self.tables)
        )

    def _join_finished(self, finished: list[int]) -> None:
        for name in SCHEMAS:
            parts = [self._part(number) / f"{name}.parquet" for number in finished]
            with self.writing(f"{name}.parquet") as scrap:
                join_parts(name, parts, scrap)

    def _write_summary(
        self, manifest: dict[str, Any], finished: list[int], failed: dict[int, str]
    ) -> dict[str, Any]:
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
            "assumptions": manifest["identity"]["assumptions"],
            "fitted": manifest["fitted"],
            **{key: manifest[key] for key in (*KEYS, "notes") if key in manifest},
            **computed,
            "chain": chain_totals(
                self.path / "chain.parquet", len(finished), manifest["identity"]["days"]
            ),
        }
        self.write_json("summary.json", summary)
        self.write_text("summary.csv", summary_csv(summary))
        return summary

    def _part(self, replication: int) -> Path:
        return self.parts / f"replication-{replication:04d}"


def _failures(seeds: list[int], failed: dict[int, str]) -> list[dict[str, Any]]:
    return [{"seed": seeds[number], "error": failed[number]} for number in sorted(failed)]


def folder_of(identity: RunIdentity, slug: str, results: Path) -> Path:
    """Where a run goes when nothing else is asked: `results/<scenario>/<run id>`."""
    return results / slug / identity.run_id
