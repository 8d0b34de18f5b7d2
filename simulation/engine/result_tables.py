"""The result tables: their columns, a run record as a part of each, and those of experiments.

Columns and types are a contract, described in `docs/results.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.chain import LINKS
from simulation.corridor import Corridor
from simulation.engine.arrow_columns import numbers, read, words, words_of
from simulation.engine.result_folder import ResultFolder
from simulation.engine.run_store import LEG_COUNTS, OUTCOME_NAMES, Axes, Measures
from simulation.engine.runs import ExperimentRuns
from simulation.engine.trials import Case, RunLabels, Setting
from simulation.outcomes import OUTCOMES, RunRecord, daily_value, periods, summarise

_WORD, _NUMBER, _DAY = pa.dictionary(pa.int32(), pa.string()), pa.float64(), pa.date32()
#: what a run was made of: `RunLabels`
_RUN_LABELS = {"scenario": _WORD, "set": _WORD, "path": _WORD, "seed": pa.int64()}


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([("replication", pa.int32()), *columns.items()])


SCHEMAS: dict[str, pa.Schema] = {
    "daily": _schema(date=_DAY, outcome=_WORD, value=_NUMBER),
    "legs": _schema(date=_DAY, leg=_WORD, departures=_NUMBER, stops=_NUMBER, arrivals=_NUMBER),
    "places": _schema(date=_DAY, place=_WORD, present=_NUMBER),
    "authorities": _schema(date=_DAY, authority=_WORD, cases=_NUMBER, smugglers=_NUMBER),
    "chain": _schema(date=_DAY, authority=_WORD, link=_WORD, value=_NUMBER),
    "pictures": _schema(authority=_WORD, leg=_WORD, picture=_NUMBER, truth=_NUMBER),
    "replications": _schema(**_RUN_LABELS, period=_WORD, outcome=_WORD, value=_NUMBER),
    "balance": _schema(item=_WORD, unit=_WORD, value=_NUMBER),
}

_CASE = [("case", pa.int32()), ("name", _WORD), *_RUN_LABELS.items()]
#: tables of an experiment -> what their rows stand for beside case and seed, and their values
EXPERIMENT_SCHEMAS: dict[str, pa.Schema] = {
    "runs": pa.schema([*_CASE, ("period", _WORD), ("outcome", _WORD), ("value", _NUMBER)]),
    "months": pa.schema([*_CASE, ("month", _WORD), ("outcome", _WORD), ("value", _NUMBER)]),
    "legs": pa.schema([*_CASE, ("leg", _WORD), *((name, _NUMBER) for name in LEG_COUNTS)]),
}

#: how the tables are written, everywhere
WRITE_OPTIONS = {"compression": "zstd", "compression_level": 5}


def record_tables(
    record: RunRecord, labels: RunLabels, replication: int, corridor: Corridor
) -> dict[str, pa.Table]:
    """One run as a part of every result table.

    Args:
        record: The run.
        labels: What it was made of.
        replication: Its number, from 0.
        corridor: That of the run.

    Returns:
        Table name -> table with exactly the columns of `SCHEMAS`. NaN becomes null.
    """
    legs = [leg.id for leg in corridor.legs]
    places = [place.id for place in corridor.places]
    authorities = [authority.code for authority in corridor.authorities]
    days = record.dates.astype("datetime64[D]").astype(np.int32)
    series = {name: daily_value(record.daily, name) for name in OUTCOMES}
    written = {name: values for name, values in series.items() if values is not None}
    traffic = (record.leg_departures, record.leg_stops, record.leg_arrivals)
    by_authority = (record.authority_cases, record.authority_smugglers)
    columns: dict[str, list[pa.Array]] = {
        "daily": _by_day(days, list(written), np.column_stack(list(written.values()))),
        "legs": _by_day(days, legs, *traffic),
        "places": _by_day(days, places, record.place_present),
        "authorities": _by_day(days, authorities, *by_authority),
        "chain": _chain(record.chain, days, authorities),
        "pictures": _beliefs(record, legs, authorities),
        "replications": _by_row("replications", _summaries(record, labels)),
        "balance": _by_row("balance", _balance(record)),
    }
    return {name: _table(SCHEMAS[name], replication, each) for name, each in columns.items()}


def join_parts(name: str, parts: Iterable[Path], path: Path) -> None:
    """Join the parts of one table into `path`, one row group for each replication.

    Args:
        name: Table name.
        parts: Part files in the order of their replications.
        path: File to write; the caller renames it into place.
    """
    with pq.ParquetWriter(path, SCHEMAS[name], **WRITE_OPTIONS) as writer:
        for part in parts:
            table = read(part)
            writer.write_table(table, row_group_size=max(1, table.num_rows))


def _table(schema: pa.Schema, replication: int, columns: Sequence[pa.Array]) -> pa.Table:
    """A table of one replication, from its other columns in the order of its schema."""
    number = numbers(np.full(len(columns[0]), replication), pa.int32())
    return pa.Table.from_arrays([number, *columns], schema=schema)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """A list of words or numbers as a column."""
    return words_of(values) if pa.types.is_dictionary(kind) else numbers(values, kind)


def _by_row(name: str, rows: Sequence[tuple[object, ...]]) -> list[pa.Array]:
    """Columns of the rows of a table, without the number of the replication."""
    kinds = SCHEMAS[name].types[1:]
    return [
        _column(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    ]


def _by_day(days: np.ndarray, identifiers: Sequence[str], *values: np.ndarray) -> list[pa.Array]:
    """Arrays of shape (days, identifiers) as columns, day by day."""
    dates = numbers(np.repeat(days, len(identifiers)), _DAY)
    codes = np.tile(np.arange(len(identifiers)), len(days))
    return [dates, words(codes, identifiers), *(numbers(each, _NUMBER) for each in values)]


def _chain(chain: np.ndarray, days: np.ndarray, authorities: Sequence[str]) -> list[pa.Array]:
    """The links of the chain day by day; what is zero has no row."""
    day, link, authority = np.nonzero(chain)
    return [
        numbers(days[day], _DAY),
        words(authority, [*authorities, ""]),
        words(link, list(LINKS)),
        numbers(chain[day, link, authority], _NUMBER),
    ]


def _beliefs(record: RunRecord, legs: Sequence[str], authorities: Sequence[str]) -> list[pa.Array]:
    return [
        words(np.repeat(np.arange(len(authorities)), len(legs)), authorities),
        words(np.tile(np.arange(len(legs)), len(authorities)), legs),
        numbers(record.activity_picture, _NUMBER),
        numbers(np.tile(record.activity_truth, len(authorities)), _NUMBER),
    ]


def _summaries(record: RunRecord, labels: RunLabels) -> list[tuple[object, ...]]:
    """Every outcome by period."""
    return [
        (*labels, period, outcome, value)
        for period, (first, last) in periods(record.start, record.end).items()
        for outcome, value in summarise(record, first, last).items()
    ]


def _balance(record: RunRecord) -> list[tuple[str, str, float]]:
    """Where the people and the money are at the end."""
    return [
        *((f"state_{state}", "people", value) for state, value in record.states.items()),
        *(
            (item, "people" if item == "entered" else "EUR", value)
            for item, value in record.totals.items()
        ),
    ]


# -- the tables of an experiment, run by run ------------------------------------------------------


def write_run_tables(
    folder: ResultFolder,
    runs: ExperimentRuns,
    axes: Axes,
    setting: Setting,
    cases: Sequence[Case],
    seeds: Sequence[Sequence[int]],
) -> None:
    """Write `runs.parquet`, `months.parquet` and `legs.parquet`, one run in memory at a time.

    Args:
        folder: Where to.
        runs: The runs.
        axes: What their measures stand for.
        setting: What they share.
        cases: Which cases.
        seeds: The seeds of each case.
    """
    for name, schema in EXPERIMENT_SCHEMAS.items():
        with (
            folder.writing(f"{name}.parquet") as scrap,
            pq.ParquetWriter(scrap, schema, **WRITE_OPTIONS) as writer,
        ):
            for number, (case, own) in enumerate(zip(cases, seeds, strict=True)):
                tables = [
                    _case_table(name, number, case.name, setting.labels(case, seed), axes, measures)
                    for seed, measures in zip(own, runs.each(case, own), strict=True)
                ]
                if tables:
                    writer.write_table(pa.concat_tables(tables).unify_dictionaries())


def _case_table(
    name: str, number: int, called: str, labels: RunLabels, axes: Axes, measures: Measures
) -> pa.Table:
    schema = EXPERIMENT_SCHEMAS[name]
    if name == "legs":
        values = {count: measures.legs[:, k] for k, count in enumerate(LEG_COUNTS)}
        keys = {"leg": axes.legs}
    else:
        column, names, array = {
            "runs": ("period", axes.periods, measures.totals),
            "months": ("month", axes.months, measures.months),
        }[name]
        values = {"value": array.ravel()}
        keys = {
            column: tuple(np.repeat(names, len(OUTCOME_NAMES)).tolist()),
            "outcome": OUTCOME_NAMES * len(names),
        }
    columns = {"name": called, **labels._asdict(), "case": number}
    rows = len(next(iter(keys.values())))
    each: dict[str, Any] = {key: [value] * rows for key, value in columns.items()} | keys | values
    return pa.Table.from_arrays(
        [_column(each[key.name], key.type) for key in schema], schema=schema
    )
