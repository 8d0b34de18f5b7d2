"""Columns made from memory are those that PyArrow makes itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine.arrow_columns import (
    by_keys,
    codes_of,
    numbers,
    read,
    words,
    words_of,
)

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=40)


@given(TEXTS)
def test_words_go_there_and_back(texts):
    column = words_of(texts)
    column.validate(full=True)
    assert column.equals(pa.array(texts, pa.string()).dictionary_encode())
    for part in (column, pa.chunked_array([column, words_of(texts[1:])]), column.cast(pa.string())):
        codes, vocabulary = codes_of(part)
        assert [vocabulary[code] for code in codes] == part.to_pylist()


def test_values_by_two_words_stand_in_the_order_of_the_table(tmp_path):
    table = pa.table({
        "a": words([1, 0, 1, 0, 1], ["x", "y"]), "b": words_of(["p", "q", "p", "q", "q"]),
        "value": numbers([1.0, 2.0, 3.0, np.nan, 5.0], pa.float64()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "table.parquet", row_group_size=2)
    values = by_keys(read(tmp_path / "table.parquet"), "a", "b")
    assert list(values) == [("y", "p"), ("x", "q"), ("y", "q")]
    assert values["y", "p"].tolist() == [1.0, 3.0]
    np.testing.assert_array_equal(values["x", "q"], [2.0, np.nan])
    assert by_keys(table[:0], "a", "b") == {}
