"""A table of runs: each row names its scenario, assumption set, future path and seed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from simulation.engine.arguments import MOST_RUNS, SEED
from simulation.engine.assumption_sets import (
    RECORDS,
    AssumptionSet,
    on_path,
    path_of,
    read_set,
    values_beside,
)
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Failure
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.trials import Case, NothingFittedError, Trial, fitted_ensemble
from simulation.errors import InputError, closest
from simulation.outcomes import HEADLINE
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.records import Value
from simulation.regular_files import read_start
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.horizon import Horizon
from simulation.scenario.notes import Note
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.studies.study import Study

#: the columns that a table may have; the first is required
COLUMNS = ("scenario", "set", "path", "seed")
#: the table as it was asked for, and the table with outcomes
ASKED, ROWS = "design.csv", "rows.csv"
_MOST_BYTES = 50_000_000

#: a row by column; a cell that is None, NaN or empty is left out
Row = Mapping[str, object]


class DesignRow(NamedTuple):
    """One run of a table, with nothing left open.

    Attributes:
        scenario: What is run.
        set: Its assumptions.
        path: Its path of the months after the data.
        seed: Its seed.
    """

    scenario: Scenario
    set: AssumptionSet
    path: str
    seed: int


class ScenarioArrivals(Finding):
    """Arrivals by small boat over the whole run, in the rows of one scenario that finished."""

    scenario: str
    rows: Count
    lowest: float | None
    median: float | None
    highest: float | None


class Designed(Finding):
    """The findings of a table of runs; its outcomes are in `rows.csv`.

    Attributes:
        rows: Rows of the table.
        sets: Different assumption sets in it.
        paths: Different future paths in it.
        ensemble: Hash of the fitted ensemble; None where no row names a fitted set.
        arrivals: By scenario.
    """

    rows: Count
    sets: Count
    paths: Count
    ensemble: str | None
    arrivals: list[ScenarioArrivals]
    failed: list[Failure]


class DesignFindings(ExperimentFindings, Designed):
    """`summary.json` of a table of runs."""


@dataclass(frozen=True)
class Design(Study[DesignFindings]):
    """The runs of a table.

    Attributes:
        rows: The rows.
        ensemble: What fitted sets are counted in; None where no row names one.
    """

    kind: ClassVar[str] = "design"
    findings = DesignFindings
    rows: tuple[DesignRow, ...]
    ensemble: FittedEnsemble | None = None

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """Every scenario of the table once."""
        return list(self._scenarios.values())

    @cached_property
    def _scenarios(self) -> dict[str, Scenario]:
        """Every scenario of the table once, by its hash."""
        return {key: row.scenario for key, row in zip(self._hashes, self.rows, strict=True)}

    @cached_property
    def _hashes(self) -> list[str]:
        """The hash of the scenario of each row."""
        objects = {id(row.scenario): row.scenario for row in self.rows}
        hashes = {key: scenario.hash() for key, scenario in objects.items()}
        return [hashes[id(row.scenario)] for row in self.rows]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The rows, and the ensemble in which they count."""
        rows = zip(self._hashes, self.rows, strict=True)
        text = json.dumps([[key, str(row.set), row.path, row.seed] for key, row in rows])
        return {
            "rows": hashlib.sha256(text.encode()).hexdigest()[:16],
            "ensemble": None if self.ensemble is None else self.ensemble.hash,
        }

    def prepare(self, experiment: Experiment) -> None:
        """Say of the months after the data that each row names its path."""
        months = Horizon(experiment.axes.start, experiment.axes.end, path="row")
        rest = [note for note in experiment.notes if note.kind != "months"]
        first = [Note("months", months.line)] if months.line else []
        experiment.notes = first + rest

    @cached_property
    def trials(self) -> list[Trial]:
        """The run of each row."""

        @cache
        def values(of: AssumptionSet) -> dict[str, Value]:
            return of.values(self.ensemble)

        @cache
        def case(scenario: str, of: AssumptionSet, path: str) -> Case:
            shifted = on_path(self._scenarios[scenario], path)
            name = f"{shifted.title} ({of}, {path})"
            return Case(name, shifted, values_beside(shifted, values(of)), str(of))

        return [
            Trial(case(key, row.set, row.path), row.seed)
            for key, row in zip(self._hashes, self.rows, strict=True)
        ]

    def run(self, experiment: Experiment) -> StudyResult:
        """Run every row, and write them with their outcomes."""
        runs, folder, trials = experiment.runs, experiment.folder, self.trials
        files = {key: experiment.scenario_file(n) for n, key in enumerate(self._scenarios)}
        each = zip(self._hashes, self.rows, strict=True)
        asked = [[files[key], *map(str, row[1:])] for key, row in each]
        folder.write_text(ASKED, as_csv(COLUMNS, asked))
        runs.add(trials)
        done = [runs.has(trial.case, trial.seed) for trial in trials]
        if not any(done):
            first = runs.first_error(trial.case for trial in trials)
            raise InputError(f"no run succeeded{first}", run_folder=folder.path)
        self._write_rows(experiment)
        findings = Designed(
            rows=len(trials),
            sets=len({row.set for row in self.rows}),
            paths=len({row.path for row in self.rows}),
            ensemble=None if self.ensemble is None else self.ensemble.hash,
            arrivals=[self._arrivals(experiment, key) for key in self._scenarios],
            failed=runs.failures([trial.case for trial in trials]),
        )
        finished = [trial for trial, is_done in zip(trials, done, strict=True) if is_done]
        return StudyResult(
            findings,
            [trial.case for trial in finished],
            sorted({trial.seed for trial in finished}),
            own_seeds=[[trial.seed] for trial in finished],
        )

    def _arrivals(self, experiment: Experiment, wanted: str) -> ScenarioArrivals:
        runs, column = experiment.runs, OUTCOME_NAMES.index(HEADLINE)
        values = [
            float(runs.measures(trial.case, trial.seed).totals[0, column])
            for trial, key in zip(self.trials, self._hashes, strict=True)
            if key == wanted and runs.has(trial.case, trial.seed)
        ]
        return ScenarioArrivals(
            scenario=self._scenarios[wanted].title,
            rows=len(values),
            lowest=min(values, default=None),
            median=float(np.median(values)) if values else None,
            highest=max(values, default=None),
        )

    def _write_rows(self, experiment: Experiment) -> None:
        """Write `rows.csv`: each row of the table by period, with every outcome."""
        runs, rows = experiment.runs, []
        failures = runs.failures(trial.case for trial in self.trials)
        errors = {(failure.case, failure.seed): failure.error for failure in failures}
        nothing = [None] * len(OUTCOME_NAMES)
        for number, (row, trial) in enumerate(zip(self.rows, self.trials, strict=True), start=1):
            labels = [number, row.scenario.title, *map(str, row[1:])]
            has_run = runs.has(trial.case, trial.seed)
            totals = runs.measures(trial.case, trial.seed).totals if has_run else None
            for place, period in enumerate(experiment.axes.periods):
                values = nothing if totals is None else totals[place].tolist()
                rows.append(
                    [*labels, period, *values, errors.get((trial.case.name, trial.seed), "")]
                )
        header = ["row", *COLUMNS, "period", *OUTCOME_NAMES, "error"]
        experiment.folder.write_text(ROWS, as_csv(header, rows))


# -- what is asked ---------------------------------------------------------------------------------


def read_table(path: Path) -> list[dict[str, str | Path]]:
    """The rows of a CSV file; a scenario file is found from the folder of the table.

    Raises:
        InputError: The file cannot be read, or is no table.
    """
    try:
        text = read_start(path, _MOST_BYTES + 1).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a text in UTF-8"
        raise InputError(f"cannot be read ({why})", file=path, allowed="a CSV file") from None
    if len(text) > _MOST_BYTES:
        raise InputError(f"larger than {_MOST_BYTES:,} bytes", file=path)
    reader = csv.DictReader(io.StringIO(text))
    rows: list[dict[str, str | Path]] = []
    for row in reader:
        if None in row or None in row.values():
            raise InputError(
                "has another number of cells than the header",
                file=path,
                key=f"row {len(rows) + 1}",
            )
        file = row.get("scenario") or ""
        if file.endswith(".toml") and (path.parent / file).is_file():
            row["scenario"] = path.parent / file
        rows.append(row)
    return rows


def design_of(
    table: Iterable[Row], ensemble: FittedEnsemble | None = None, *, file: Path | None = None
) -> Design:
    """The design of a table.

    Args:
        table: Its rows: `scenario` (a scenario, a file or a shipped name), and, where they are not
            the defaults, `set` (`records`), `path` (that of the scenario) and `seed` (1). A row
            number in a message counts from 1.
        ensemble: What fitted sets are counted in; the newest of the package when None.
        file: Where the table was read from.

    Raises:
        InputError: The first cell that cannot be used, with its row and column.
    """
    reader = _Reader(ensemble)
    rows = []
    for number, row in enumerate(table, start=1):
        try:
            rows.append(reader.row(row))
        except InputError as error:
            if error.file is None:
                error.file = None if file is None else str(file)
                error.key = f"row {number}, {error.key}" if error.key else f"row {number}"
            raise
        if number > MOST_RUNS:
            raise InputError("too many rows", file=file, allowed=f"up to {MOST_RUNS} rows")
    if not rows:
        raise InputError("has no rows", file=file, key="rows", allowed="one or more")
    fitted = any(row.set.fitted is not None for row in rows)
    return Design(tuple(rows), reader.ensemble if fitted else None)


class _Reader:
    """Reads rows; a scenario that many rows name is read once."""

    def __init__(self, ensemble: FittedEnsemble | None) -> None:
        self._named = ensemble
        self._load: Callable[[str | Path], Scenario] = cache(load_scenario)

    @cached_property
    def ensemble(self) -> FittedEnsemble | None:
        """What fitted sets are counted in; None where nothing was fitted."""
        try:
            return self._named or fitted_ensemble()
        except NothingFittedError:
            return None

    def row(self, row: Row) -> DesignRow:
        """A row with nothing left open."""
        if not isinstance(row, Mapping):
            raise InputError("is no row", value=str(row), allowed="values by column")
        # a cell is left out where it is None, NaN or empty
        cells = {
            name: cell
            for name, cell in row.items()
            if not (cell is None or cell == "" or (isinstance(cell, float) and cell != cell))
        }
        for name in row:
            if name not in COLUMNS:
                raise InputError(
                    "unknown column",
                    key=str(name),
                    allowed=", ".join(COLUMNS),
                    suggestion=closest(str(name), COLUMNS),
                )
        if "scenario" not in cells:
            raise InputError("missing", key="scenario", allowed="a name or a file")
        scenario = self._scenario(cells["scenario"])
        seed = _seed(cells.get("seed", 1))
        name = str(cells.get("set", RECORDS))
        assumed = read_set(name, None if name == RECORDS else self.ensemble)
        path = path_of(on_path(scenario, str(cells.get("path", scenario.future))), seed)
        return DesignRow(scenario, assumed, path, seed)

    def _scenario(self, asked: object) -> Scenario:
        if isinstance(asked, Scenario):
            return asked
        if not isinstance(asked, (str, Path)):
            raise InputError("no scenario", key="scenario", value=str(asked))
        try:
            return self._load(asked)
        except InputError as error:
            if error.key is None and error.file in (None, str(asked)):
                error.file, error.key, error.value = None, "scenario", str(asked)
            raise


def _seed(cell: Any) -> int:
    """A seed: a whole number of Python or NumPy, or the text of one."""
    if isinstance(cell, str) and cell.strip().isdecimal():
        cell = int(cell)
    elif isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        cell = int(cell)  # a column of pandas in which a cell is missing holds floats
    try:
        seed = operator.index(cell)
        SEED.check(seed)
    except (TypeError, InputError):
        raise InputError("no seed", key="seed", value=str(cell), allowed=SEED.allowed) from None
    return seed
