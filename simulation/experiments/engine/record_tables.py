"""The result tables: their columns, and a run record written as one part of each.

Columns and types are a contract, described in `docs/results.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.chain import LINKS
from simulation.outcomes import OUTCOMES, RunRecord, daily_value, periods, summarise

_WORD = pa.dictionary(pa.int32(), pa.string())
_NUMBER = pa.int32()

SCHEMAS: dict[str, pa.Schema] = {
    "daily": pa.schema(
        [
            ("replication", _NUMBER),
            ("date", pa.date32()),
            ("outcome", _WORD),
            ("value", pa.float64()),
        ]
    ),
    "legs": pa.schema(
        [
            ("replication", _NUMBER),
            ("date", pa.date32()),
            ("leg", _WORD),
            ("departures", pa.float64()),
            ("stops", pa.float64()),
            ("arrivals", pa.float64()),
        ]
    ),
    "places": pa.schema(
        [
            ("replication", _NUMBER),
            ("date", pa.date32()),
            ("place", _WORD),
            ("present", pa.float64()),
        ]
    ),
    "authorities": pa.schema(
        [
            ("replication", _NUMBER),
            ("date", pa.date32()),
            ("authority", _WORD),
            ("cases", pa.float64()),
            ("smugglers", pa.float64()),
        ]
    ),
    "chain": pa.schema(
        [
            ("replication", _NUMBER),
            ("date", pa.date32()),
            ("authority", _WORD),
            ("link", _WORD),
            ("value", pa.float64()),
        ]
    ),
    "pictures": pa.schema(
        [
            ("replication", _NUMBER),
            ("authority", _WORD),
            ("leg", _WORD),
            ("picture", pa.float64()),
            ("truth", pa.float64()),
        ]
    ),
    "replications": pa.schema(
        [
            ("replication", _NUMBER),
            ("seed", pa.int64()),
            ("period", _WORD),
            ("outcome", _WORD),
            ("value", pa.float64()),
        ]
    ),
    "balance": pa.schema(
        [
            ("replication", _NUMBER),
            ("item", _WORD),
            ("unit", _WORD),
            ("value", pa.float64()),
        ]
    ),
}

#: how the tables are written, everywhere
WRITE_OPTIONS = {"compression": "zstd", "compression_level": 5}


@dataclass(frozen=True)
class Labels:
    """Identifiers of the columns of a record, in the order of its arrays.

    Attributes:
        legs: Leg ids.
        places: Place ids.
        authorities: Authority codes.
    """

    legs: tuple[str, ...]
    places: tuple[str, ...]
    authorities: tuple[str, ...]


def record_tables(record: RunRecord, replication: int, labels: Labels) -> dict[str, pa.Table]:
    """One run as a part of every result table.

    Args:
        record: The run.
        replication: Its number, from 0.
        labels: Identifiers in the order of the record's arrays.

    Returns:
        Table name -> table with exactly the columns of `SCHEMAS`. NaN becomes null.

    Raises:
        ValueError: An array of the record has another shape than its dates and labels say.
    """
    _check(record, labels)
    days = record.dates.astype("datetime64[D]").astype(np.int32)
    series = {name: daily_value(record.daily, name) for name in OUTCOMES}
    written = {name: values for name, values in series.items() if values is not None}
    entities = {
        "legs": (labels.legs, "leg"),
        "places": (labels.places, "place"),
        "authorities": (labels.authorities, "authority"),
    }
    values = {
        "legs": {
            "departures": record.leg_departures,
            "stops": record.leg_stops,
            "arrivals": record.leg_arrivals,
        },
        "places": {"present": record.place_present},
        "authorities": {
            "cases": record.authority_cases,
            "smugglers": record.authority_smugglers,
        },
    }
    tables = {
        "daily": _long(
            SCHEMAS["daily"],
            replication,
            days,
            tuple(written),
            "outcome",
            {"value": np.column_stack(list(written.values()))},
        )
    }
    for name, (identifiers, column) in entities.items():
        tables[name] = _long(SCHEMAS[name], replication, days, identifiers, column, values[name])
    tables["chain"] = _chain(record, replication, days, labels)
    tables["pictures"] = _pictures(record, replication, labels)
    tables["replications"] = _summaries(record, replication)
    tables["balance"] = _balance(record, replication)
    return tables


def join_parts(name: str, parts: Iterable[Path], path: Path) -> None:
    """Join the parts of one table into `path`, one row group for each replication.

    Args:
        name: Table name.
        parts: Part files in the order of their replications.
        path: File to write; the caller renames it into place.
    """
    with pq.ParquetWriter(path, SCHEMAS[name], **WRITE_OPTIONS) as writer:
        for part in parts:
            table = pq.read_table(part, schema=SCHEMAS[name])
            writer.write_table(table, row_group_size=max(1, table.num_rows))


def _long(
    schema: pa.Schema,
    replication: int,
    days: np.ndarray,
    identifiers: Sequence[str],
    column: str,
    values: dict[str, np.ndarray],
) -> pa.Table:
    """Arrays of shape (days, identifiers) as rows, day by day."""
    n_days, n_ids = len(days), len(identifiers)
    columns = {
        "replication": pa.array(np.full(n_days * n_ids, replication, dtype=np.int32)),
        "date": pa.array(np.repeat(days, n_ids)).cast(pa.date32()),
        column: _words(np.tile(np.arange(n_ids, dtype=np.int32), n_days), identifiers),
    }
    for key, array in values.items():
        columns[key] = _floats(array)
    return pa.Table.from_pydict(columns, schema=schema)


def _chain(record: RunRecord, replication: int, days: np.ndarray, labels: Labels) -> pa.Table:
    """The links of the chain day by day; what is zero has no row."""
    day, link, authority = np.nonzero(record.chain)
    return pa.Table.from_pydict(
        {
            "replication": pa.array(np.full(day.size, replication, dtype=np.int32)),
            "date": pa.array(days[day]).cast(pa.date32()),
            "authority": _words(authority.astype(np.int32), (*labels.authorities, "")),
            "link": _words(link.astype(np.int32), tuple(LINKS)),
            "value": _floats(record.chain[day, link, authority]),
        },
        schema=SCHEMAS["chain"],
    )


def _pictures(record: RunRecord, replication: int, labels: Labels) -> pa.Table:
    n_authorities, n_legs = len(labels.authorities), len(labels.legs)
    authority = np.repeat(np.arange(n_authorities, dtype=np.int32), n_legs)
    leg = np.tile(np.arange(n_legs, dtype=np.int32), n_authorities)
    return pa.Table.from_pydict(
        {
            "replication": pa.array(np.full(len(leg), replication, dtype=np.int32)),
            "authority": _words(authority, labels.authorities),
            "leg": _words(leg, labels.legs),
            "picture": _floats(record.activity_picture),
            "truth": _floats(np.tile(record.activity_truth, n_authorities)),
        },
        schema=SCHEMAS["pictures"],
    )


def _summaries(record: RunRecord, replication: int) -> pa.Table:
    rows = [
        (period, outcome, value)
        for period, (first, last) in periods(record.start, record.end).items()
        for outcome, value in summarise(record, first, last).items()
    ]
    return pa.Table.from_pydict(
        {
            "replication": [replication] * len(rows),
            "seed": [record.seed] * len(rows),
            "period": [row[0] for row in rows],
            "outcome": [row[1] for row in rows],
            "value": _floats(np.array([row[2] for row in rows], dtype=float)),
        },
        schema=SCHEMAS["replications"],
    )


def _balance(record: RunRecord, replication: int) -> pa.Table:
    """Where the people and the money are at the end."""
    rows = [(f"state_{state}", "people", value) for state, value in record.states.items()]
    rows += [
        (item, "people" if item == "entered" else "EUR", value)
        for item, value in record.totals.items()
    ]
    return pa.Table.from_pydict(
        {
            "replication": [replication] * len(rows),
            "item": [row[0] for row in rows],
            "unit": [row[1] for row in rows],
            "value": _floats(np.array([row[2] for row in rows], dtype=float)),
        },
        schema=SCHEMAS["balance"],
    )


def _words(indices: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(list(words), pa.string()))


def _floats(array: np.ndarray) -> pa.Array:
    flat = np.ascontiguousarray(array, dtype=np.float64).ravel()
    return pa.array(flat, from_pandas=True)


def _check(record: RunRecord, labels: Labels) -> None:
    days = len(record.dates)
    legs, places, authorities = len(labels.legs), len(labels.places), len(labels.authorities)
    expected = {
        "leg_departures": (days, legs),
        "leg_stops": (days, legs),
        "leg_arrivals": (days, legs),
        "place_present": (days, places),
        "authority_cases": (days, authorities),
        "authority_smugglers": (days, authorities),
        "activity_picture": (authorities, legs),
        "activity_truth": (legs,),
        "chain": (days, len(LINKS), authorities + 1),
    }
    for name, shape in expected.items():
        found = np.shape(getattr(record, name))
        if found != shape:
            raise ValueError(f"the record's {name} has shape {found}, not {shape}")
    for name, values in record.daily.items():
        if np.shape(values) != (days,):
            raise ValueError(f"the record's daily {name} has shape {np.shape(values)}, not {days}")
