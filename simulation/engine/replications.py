"""`crossings run`: an experiment with one case, whose replications keep their daily tables.

A worker writes the tables of a finished replication into a folder of its own in `.parts/`, whose
name the store of runs holds. When the run ends or is interrupted they are joined into the result
tables. `.parts/`, the store in it, vanishes when every replication is finished.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.chain import LINKS
from simulation.corridor import load_corridor
from simulation.engine.arguments import REPLICATIONS, SEED
from simulation.engine.arrow_columns import by_keys, read
from simulation.engine.command_text import command_text
from simulation.engine.experiment import Experiment, ExperimentFolder
from simulation.engine.findings import (
    Balance,
    FailedSeed,
    Level,
    LinkTotal,
    OutcomeLevels,
    RunFindings,
    Window,
)
from simulation.engine.options import Options
from simulation.engine.progress import Progress
from simulation.engine.result_folder import (
    Manifest,
    RunIdentity,
    RunManifest,
    SeedsDone,
    Status,
    reason,
)
from simulation.engine.result_tables import (
    SCHEMAS,
    WRITE_OPTIONS,
    join_parts,
    record_tables,
)
from simulation.engine.run_store import STORE, RunStore
from simulation.engine.trials import Case, Setting, Trial
from simulation.errors import FatalError, InputError
from simulation.outcomes import OUTCOMES, RunRecord, periods
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.serialization import as_csv, projected_word
from simulation.statistics.paired import (
    COVERAGE,
    FEWEST_PAIRS,
    SPREAD_PAIRS,
    quantiles,
)

#: names of the tables of a run
TABLES = frozenset(f"{name}.parquet" for name in SCHEMAS)


@dataclass(frozen=True)
class RunResult:
    """The results of one call: folder, findings, failures and number of runs.

    Attributes:
        folder: The run's folder.
        findings: The findings of the run; None when no replication finished.
        failed: Seed -> error of the replications that failed.
        ran: Replications run by this command; 0 when all were there already.
        rewritten: Files of a complete run that had changed since and were made again.
    """

    folder: Path
    findings: RunFindings | None
    failed: dict[int, str]
    ran: int
    rewritten: tuple[str, ...] = ()


def run_replications(
    scenario: Scenario,
    seeds: Sequence[int],
    options: Options | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    command: str | None = None,
    simulate: Callable[..., RunRecord] | None = None,
    **more: Any,
) -> RunResult:
    """Run one replication per seed and write the result folder.

    A replication is written as soon as it is finished. The same call again, after an interruption
    or a failure, runs only what is missing. After completion it runs nothing, unless a table has
    changed since: then all are run again. A replication that fails is recorded and the others go
    on. Results do not depend on the number of workers.

    Args:
        scenario: A loaded scenario.
        seeds: One seed per replication.
        options: What was asked; its seed is of no meaning here.
        progress: Called as the run goes on.
        command: Command that makes the run again, for the manifest.
        simulate: Stands in for `simulation.model.corridor_model.simulate`.
        **more: Fields of `options`.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: An argument or the folder cannot be used; nothing has been written.
        Interrupted: Ctrl-C; what was finished is written and readable.
    """
    options = replace(options or Options(), **more)
    how = {"progress": progress, "simulate": simulate}
    experiment = RunExperiment(scenario, seeds, options, command, **how)
    if (findings := experiment.complete_findings()) is not None:
        if options.announce is not None:
            options.announce(experiment.notes)
        return RunResult(experiment.folder.path, findings, {}, 0)
    with experiment:
        return experiment.carry_out()


class RunFolder(ExperimentFolder):
    """The folder of one run."""

    kind = "run"

    @property
    def store(self) -> RunStore:
        """The replications that are finished and not yet joined."""
        return RunStore(self.parts / STORE)

    def part(self, number: int) -> Path:
        """The folder of the tables of a finished replication."""
        return self.parts / f"replication-{number:04d}"


@dataclass(frozen=True)
class RunSetting(Setting):
    """The setting of a run's replications; each writes its tables where it is simulated.

    Attributes:
        folder: The folder of the run.
        run_seeds: The seed of each replication.
        case: What is run.
    """

    folder: Path = Path()
    run_seeds: tuple[int, ...] = ()
    case: Case = field(kw_only=True)

    def reduce(self, record: RunRecord) -> dict[str, object]:
        """Write the tables of a replication into a folder.

        Returns:
            The name of the folder.

        Raises:
            FatalError: The disk is full, which no other replication would find empty.
        """
        number = self.run_seeds.index(record.seed)
        part = RunFolder(self.folder).part(number)
        tables = record_tables(record, self.labels(self.case, record.seed), number, load_corridor())
        try:
            scrap = Path(tempfile.mkdtemp(prefix="scrap-", dir=part.parent))
            for name, table in tables.items():
                pq.write_table(table, scrap / f"{name}.parquet", **WRITE_OPTIONS)
            scrap.chmod(0o755)
            shutil.rmtree(part, ignore_errors=True)  # of an attempt that was cut off
            os.replace(scrap, part)
            return {"part": part.name}
        except OSError as error:
            raise FatalError(reason(error)) from error

    def check(self, measures: dict[str, Any]) -> None:
        """Refuse a replication whose tables cannot be read, as after a power failure.

        Raises:
            ValueError: They cannot.
        """
        folder = RunFolder(self.folder).parts / measures["part"]
        try:
            for name in SCHEMAS:
                pq.read_metadata(folder / f"{name}.parquet")
        except (OSError, pa.ArrowException) as error:
            raise ValueError("the tables cannot be read") from error


class RunExperiment(Experiment):
    """A run under way.

    Args:
        scenario: What is run.
        seeds: One seed per replication.
        options: What was asked.
        command: Command that makes it again; one that takes the scenario from its folder when None.
        how: `progress` and `simulate` of `Experiment`.

    Raises:
        InputError: Something asked for cannot be used; nothing has been written.
    """

    folder: RunFolder

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        options: Options,
        command: str | None = None,
        **how: Any,
    ) -> None:
        REPLICATIONS.check(len(seeds))
        for seed in (min(seeds), max(seeds)):
            SEED.check(seed)
        if len(set(seeds)) != len(seeds):
            raise InputError("a seed is given twice", key="--seed", value=str(list(seeds)))
        self._run_seeds = list(seeds)
        super().__init__(
            "run",
            [scenario],
            replace(options, seed=min(seeds)),
            settings={"parameter_hash": load_parameters(scenario.parameters).hash()},
            crossed=True,
            **how,
        )
        path = self.folder.path
        self._case = Case(scenario.title, scenario)
        self.setting = RunSetting(
            **vars(self.setting), folder=path, run_seeds=tuple(seeds), case=self._case
        )
        plain = replace(options, out=None)
        self.command = command or run_command(path / "scenario.toml", scenario, seeds, plain)

    def complete_findings(self) -> RunFindings | None:
        """The findings of a complete run whose files are unchanged; None for any other."""
        manifest = self.folder.manifest()
        if not self._all_joined(manifest) or self.folder.changes_since_complete().problem:
            return None
        return self.folder.findings(RunFindings)

    def carry_out(self) -> RunResult:
        """Run what is missing, and write the results."""
        changed = self._changed
        findings: RunFindings | None
        if self._all_joined(self._complete) and not TABLES.intersection(changed.names):
            assert self._complete is not None
            self.folder.written |= {name: self._complete.checksums[name] for name in TABLES}
            findings = self._write_summary(self._run_seeds)
        else:
            self.runs.add(Trial(self._case, seed) for seed in self._run_seeds)
            findings = self._join()
        self.folder.write_manifest(self._manifest("complete"))
        failed = {failure.seed: failure.error for failure in self._failed}
        return RunResult(self.folder.path, findings, failed, self.runs.ended, changed.names)

    @property
    def _failed(self) -> list[FailedSeed]:
        """The replications that failed, in their order."""
        errors = {failure.seed: failure.error for failure in self.runs.failures([self._case])}
        seeds = [seed for seed in self._run_seeds if seed in errors]
        return [FailedSeed(seed=seed, error=errors[seed]) for seed in seeds]

    def _all_joined(self, manifest: Manifest | None) -> bool:
        """Whether every replication is finished and in the tables, which may have changed since."""
        return (
            isinstance(manifest, RunManifest)
            and manifest.status == "complete"
            and manifest.seeds.done == self._run_seeds
            and all((self.folder.path / name).is_file() for name in TABLES)
        )

    def _join(self) -> RunFindings | None:
        """Join the finished replications into the result files, if there are any."""
        seeds = self.runs.seeds([self._case], self._run_seeds)
        if not seeds:
            return None
        numbers = [self._run_seeds.index(seed) for seed in seeds]
        for name in SCHEMAS:
            parts = [self.folder.part(number) / f"{name}.parquet" for number in numbers]
            with self.folder.writing(f"{name}.parquet") as scrap:
                join_parts(name, parts, scrap)
        return self._write_summary(seeds)

    def _write_summary(self, seeds: list[int]) -> RunFindings:
        path, setting = self.folder.path, self.setting
        windows = periods(self.axes.start, self.axes.end)
        findings = RunFindings(
            scenario=self._case.name,
            run_id=self.identity.id,
            replications=len(seeds),
            asked=len(self._run_seeds),
            seeds=seeds,
            failed=self._failed,
            scale=setting.scale,
            assumptions=setting.assumptions,
            fitted=self._fitted,
            **dict(self._data_notes),
            coverage=COVERAGE,
            periods={name: Window.between(*days) for name, days in windows.items()},
            outcomes=outcome_levels(read(path / "replications.parquet"), windows),
            balance=balance_means(read(path / "balance.parquet")),
            chain=chain_totals(path / "chain.parquet", len(seeds), setting.days),
        )
        self.folder.write_json("summary.json", findings.as_json())
        self.folder.write_text("summary.csv", summary_csv(findings))
        return findings

    # -- what differs from other experiments ------------------------------------------------------

    def _identify(self, settings: dict[str, object], **shared: Any) -> RunIdentity:
        first, seeds = self._scenarios[0], self._run_seeds
        own = {"title": first.title, "scenario_hash": first.hash(), "seeds": seeds}
        return RunIdentity.model_validate({**own, **settings, **shared})

    def _make_folder(self) -> RunFolder:
        out = self.options.out or self.options.results / self._scenarios[0].slug / self.identity.id
        return RunFolder(out)

    def _write_scenarios(self) -> None:
        self.folder.write_text("scenario.toml", self._scenarios[0].resolved_toml())

    def _describe(self, **shared: Any) -> Manifest:
        seeds = SeedsDone(
            done=self.runs.seeds([self._case], self._run_seeds) if self._runs else [],
            failed=self._failed if self._runs else [],
        )
        if self._all_joined(self._complete) and not (self._runs and self.runs.ended):
            seeds = SeedsDone(done=self._run_seeds)
        assert isinstance(self.identity, RunIdentity)
        return RunManifest(
            **shared,
            run_id=self.identity.id,
            description=self._scenarios[0].description,
            identity=self.identity,
            seeds=seeds,
        )

    def _leave(self, status: Status) -> None:
        if status == "interrupted":
            try:
                self._join()
            except OSError as error:
                super()._leave("stopped")
                raise self._stopped(reason(error)) from error
        super()._leave(status)

    def _clear_up(self) -> None:
        if self._all_joined(self.folder.manifest()):
            super()._clear_up()


def run_command(
    name: str | Path, scenario: Scenario, seeds: Sequence[int], options: Options
) -> str:
    """The `crossings run` command that makes a run again.

    Args:
        name: What the command calls the scenario.
        scenario: The scenario.
        seeds: One seed per replication.
        options: What was asked.
    """
    asked = {
        "days": options.days or (scenario.run.end - scenario.run.start).days + 1,
        "seed": min(seeds, default=0),
        "replications": len(seeds),
        "scale": options.scale,
        "assumptions": options.assumptions,
        "out": options.out,
    }
    return command_text("run", [name], asked)


# -- a run over its replications -------------------------------------------------------------------


def level_of(values: Sequence[float] | np.ndarray) -> Level:
    """Mean, median and range of the runs of one scenario.

    Args:
        values: (replications,) one value per replication; NaN are left out.
    """
    finite = np.asarray(values, dtype=float)
    finite = finite[~np.isnan(finite)]
    if finite.size == 0:
        return Level(mean=None, median=None, low=None, high=None)
    low = high = None
    if finite.size >= SPREAD_PAIRS:
        low, high = map(float, quantiles(finite))
    elif finite.size >= FEWEST_PAIRS:
        low, high = float(finite.min()), float(finite.max())
    return Level(mean=float(finite.mean()), median=float(np.median(finite)), low=low, high=high)


def outcome_levels(
    replications: pa.Table, windows: Mapping[str, tuple[date, date]]
) -> dict[str, OutcomeLevels]:
    """Every outcome by period: its median and range over replications.

    Args:
        replications: Table `replications`.
        windows: Periods.
    """
    values = by_keys(replications, "outcome", "period")
    return {
        name: OutcomeLevels(
            label=spec.label,
            unit=spec.unit,
            quote=spec.quote,
            periods={period: level_of(values.get((name, period), ())) for period in windows},
        )
        for name, spec in OUTCOMES.items()
    }


def summary_csv(findings: RunFindings) -> str:
    """The outcomes of a run as the text of `summary.csv`."""
    header = ["outcome", "label", "unit", "quote", "period", "first", "last"]
    header += ["mean", "median", "low", "high"]
    rows: list[list[Any]] = []
    for name, outcome in findings.outcomes.items():
        for period, value in outcome.periods.items():
            days = findings.periods[period]
            mark = projected_word(days.last, findings.projected_from)
            row = [name, outcome.label, outcome.unit, outcome.quote, period, days.first, days.last]
            rows.append([*row, value.mean, value.median, value.low, value.high, mark])
    return as_csv([*header, "projected"], rows)


def balance_means(balance: pa.Table) -> dict[str, Balance]:
    """Where people and money are at the end, means over replications.

    Args:
        balance: Table `balance`.
    """
    finite = {
        key: values[~np.isnan(values)] for key, values in by_keys(balance, "item", "unit").items()
    }
    return {
        item: Balance(unit=unit, mean=float(np.mean(values)))
        for (item, unit), values in finite.items()
        if values.size
    }


def chain_totals(path: Path, replications: int, days: int) -> dict[str, LinkTotal]:
    """Totals of every link of the chain, those of authorities with nothing left out.

    Args:
        path: The table `chain.parquet`.
        replications: Finished replications, those without a row included.
        days: Days counted.
    """
    sums: dict[str, dict[str, float]] = {}
    for (name, authority), values in by_keys(read(path), "link", "authority").items():
        # one after another, as they stand: other orders give other last bits
        sums.setdefault(name, {})[authority] = float(np.cumsum(values)[-1])
    totals = {}
    for name, spec in LINKS.items():
        count = replications * (days if spec.kind == "stock" else 1)
        means = {code: value / count for code, value in sorted(sums.get(name, {}).items())}
        totals[name] = LinkTotal(
            label=spec.label,
            unit=spec.unit,
            kind=spec.kind,
            mean=sum(means.values()),
            authorities={code: value for code, value in means.items() if code},
        )
    return totals
