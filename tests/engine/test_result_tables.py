import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulation.engine.result_tables import SCHEMAS, join_parts, record_tables
from simulation.engine.trials import RunLabels
from tests.synthetic import simulate

WORD = "dictionary<values=string, indices=int32, ordered=0>"
TYPES = {
    "long": "int64", "day": "date32[day]", "word": WORD, "number": "double",
}  # fmt: skip
#: table -> its columns after `replication`, each with its type
CONTRACT = {
    "daily": "date day, outcome word, value number",
    "legs": "date day, leg word, departures number, stops number, arrivals number",
    "places": "date day, place word, present number",
    "authorities": "date day, authority word, cases number, smugglers number",
    "chain": "date day, authority word, link word, value number",
    "pictures": "authority word, leg word, picture number, truth number",
    "replications": "scenario word, set word, path word, seed long, period word, outcome word, "
    "value number",
    "balance": "item word, unit word, value number",
}
COLUMNS = {
    table: {"replication": "int32"}
    | {name: TYPES[kind] for name, kind in (column.split() for column in columns.split(", "))}
    for table, columns in CONTRACT.items()
}
LABELS = RunLabels("A small test", "ranges:3", "spread:3", 3)
DOCUMENT = Path(__file__).parents[2] / "docs" / "results.md"


@pytest.fixture
def record(small, real_corridor):
    return simulate(small, seed=3, corridor=real_corridor)


def columns_of(schema: pa.Schema) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema}


def test_the_columns_are_the_contract():
    assert {name: columns_of(schema) for name, schema in SCHEMAS.items()} == COLUMNS


def test_the_document_names_every_table_and_column():
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, columns in COLUMNS.items():
        (cell,) = re.findall(rf"^\| `{name}\.parquet` \| (.*) \|$", text, re.MULTILINE)
        assert ["replication", *re.findall(r"`(\w+)`", cell)] == list(columns)


def test_values_stand_at_their_day_and_name(record, real_corridor):
    tables = record_tables(record, LABELS, 5, real_corridor)
    legs = tables["legs"].to_pylist()
    row = legs[10 * len(real_corridor.legs) + 7]
    assert row["replication"] == 5
    assert str(row["date"]) == "2023-01-11"
    assert row["leg"] == real_corridor.legs[7].id
    assert row["departures"] == record.leg_departures[10, 7]
    assert row["stops"] == record.leg_stops[10, 7]
    picture = tables["pictures"].to_pylist()[3 * len(real_corridor.legs) + 2]
    assert picture["authority"] == real_corridor.authorities[3].code
    assert picture["picture"] == record.activity_picture[3, 2]
    assert picture["truth"] == record.activity_truth[2]
    assert len(tables["daily"]) % 59 == 0


def test_a_day_without_a_value_is_null(record, real_corridor):
    record.daily["seat_price_eur"][4] = np.nan
    rows = record_tables(record, LABELS, 0, real_corridor)["daily"].to_pylist()
    prices = [row["value"] for row in rows if row["outcome"] == "seat_price_eur"]
    assert prices[4] is None
    assert len(prices) == 59


def test_parts_are_joined_in_order_compressed_and_encoded(record, real_corridor, tmp_path):
    parts = []
    for number in (0, 1):
        parts.append(tmp_path / f"{number}.parquet")
        pq.write_table(record_tables(record, LABELS, number, real_corridor)["legs"], parts[-1])
    path = tmp_path / "legs.parquet"
    join_parts("legs", parts, path)
    table = pq.read_table(path)
    assert columns_of(table.schema) == COLUMNS["legs"]
    assert table["replication"].to_pylist() == sorted(table["replication"].to_pylist())
    column = pq.read_metadata(path).row_group(0).column(2)
    assert column.compression == "ZSTD"
    assert "RLE_DICTIONARY" in column.encodings
