"""The tables of an experiment: outcomes by period and month, and traffic on legs, run by run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.experiments.engine.measures import LEG_COUNTS, OUTCOME_NAMES, Axes, Measures
from simulation.experiments.engine.record_tables import WRITE_OPTIONS
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.trials import Case

_WORD = pa.dictionary(pa.int32(), pa.string())
_RUN = [("case", pa.int32()), ("name", _WORD), ("seed", pa.int64())]

#: table -> what its rows stand for beside case and seed, and its values
SCHEMAS: dict[str, pa.Schema] = {
    "runs": pa.schema([*_RUN, ("period", _WORD), ("outcome", _WORD), ("value", pa.float64())]),
    "months": pa.schema([*_RUN, ("month", _WORD), ("outcome", _WORD), ("value", pa.float64())]),
    "legs": pa.schema([*_RUN, ("leg", _WORD), *((name, pa.float64()) for name in LEG_COUNTS)]),
}


def write_run_tables(
    folder: ResultFolder,
    runs: ExperimentRuns,
    axes: Axes,
    cases: Sequence[Case],
    seeds: Sequence[Sequence[int]],
) -> None:
    """Write `runs.parquet`, `months.parquet` and `legs.parquet`, one run in memory at a time.

    Args:
        folder: Where to.
        runs: The runs.
        axes: What their measures stand for.
        cases: Which cases.
        seeds: The seeds of each case.
    """
    for name, schema in SCHEMAS.items():
        with (
            folder.writing(f"{name}.parquet") as scrap,
            pq.ParquetWriter(scrap, schema, **WRITE_OPTIONS) as writer,
        ):
            for number, (case, own) in enumerate(zip(cases, seeds, strict=True)):
                tables = [
                    _table(name, number, case, seed, axes, runs.measures(case, seed))
                    for seed in own
                ]
                if tables:
                    writer.write_table(pa.concat_tables(tables).unify_dictionaries())


def _table(
    name: str, number: int, case: Case, seed: int, axes: Axes, measures: Measures
) -> pa.Table:
    schema = SCHEMAS[name]
    if name == "legs":
        values = {count: measures.legs[:, k] for k, count in enumerate(LEG_COUNTS)}
        words = {"leg": axes.legs}
    else:
        column, labels, array = {
            "runs": ("period", axes.periods, measures.totals),
            "months": ("month", axes.months, measures.months),
        }[name]
        values = {"value": array.ravel()}
        words = {
            column: tuple(np.repeat(labels, len(OUTCOME_NAMES)).tolist()),
            "outcome": OUTCOME_NAMES * len(labels),
        }
    rows = len(next(iter(words.values())))
    columns = {
        "case": pa.array(np.full(rows, number), pa.int32()),
        "name": pa.array([case.name] * rows).dictionary_encode(),
        "seed": pa.array(np.full(rows, seed), pa.int64()),
        **{key: pa.array(items).dictionary_encode() for key, items in words.items()},
        **{key: pa.array(items, from_pandas=True) for key, items in values.items()},
    }
    return pa.table(columns).cast(schema)
