"""Columns of Arrow tables from NumPy arrays and lists, and back.

PyArrow's own conversions (`pa.array`, `to_numpy`, `read_table`) import pandas wherever it is
installed. That takes longer than a short run of the model, so columns are made from their memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

#: types of numbers -> how they lie in memory
_MEMORY: dict[pa.DataType, Any] = {
    pa.int32(): np.int32, pa.int64(): np.int64, pa.float64(): np.float64, pa.date32(): np.int32,
}  # fmt: skip


def numbers(values: npt.ArrayLike, kind: pa.DataType) -> pa.Array:
    """Numbers, or days since 1970, as a column; NaN becomes null.

    Args:
        values: Of any shape; read row by row.
        kind: Type of the column.
    """
    array = np.ascontiguousarray(values, dtype=_MEMORY[kind]).ravel()
    valid = None
    if array.dtype.kind == "f" and np.isnan(array).any():
        valid = pa.py_buffer(np.packbits(~np.isnan(array), bitorder="little"))
    return pa.Array.from_buffers(kind, array.size, [valid, pa.py_buffer(array)])


def words(codes: npt.ArrayLike, vocabulary: Sequence[str]) -> pa.DictionaryArray:
    """Words by their places in a vocabulary, as a column."""
    written = [word.encode() for word in vocabulary]
    ends = np.cumsum([0, *map(len, written)], dtype=np.int32)
    memory = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(written))]
    dictionary = pa.Array.from_buffers(pa.string(), len(written), memory)
    return pa.DictionaryArray.from_arrays(numbers(codes, pa.int32()), dictionary)


def words_of(texts: Sequence[str]) -> pa.DictionaryArray:
    """A list of words as a column; its vocabulary is in the order in which they appear."""
    places = {word: place for place, word in enumerate(dict.fromkeys(texts))}
    return words([places[text] for text in texts], list(places))


def read(path: Path) -> pa.Table:
    """All of a table in a file."""
    with pq.ParquetFile(path) as file:
        return file.read()


def array_of(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[Any]:
    """The numbers of a column; null becomes NaN, and a date the days since 1970."""
    array = _whole(column)
    if not len(array):
        return np.empty(0, _MEMORY[array.type])
    valid, memory = array.buffers()
    rows = slice(array.offset, array.offset + len(array))
    values: npt.NDArray[Any] = np.frombuffer(memory, _MEMORY[array.type])[rows]
    if array.null_count:
        valid_bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")[rows]
        values = np.where(valid_bits, values, np.nan)
    return values


def codes_of(column: pa.ChunkedArray | pa.Array) -> tuple[npt.NDArray[Any], list[str]]:
    """The places of a column's words in their vocabulary, and the vocabulary."""
    array = _whole(column)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    return array_of(array.indices), array.dictionary.to_pylist()


def by_keys(
    table: pa.Table, first: str, second: str, value: str = "value"
) -> dict[tuple[str, str], npt.NDArray[Any]]:
    """The values of a table by two of its words, in the order in which these appear.

    Args:
        table: The table.
        first: Column of the one word.
        second: Column of the other.
        value: Column of the values.

    Returns:
        Words -> (rows,) their values in the order of the table.
    """
    (codes, names), (others, more) = codes_of(table[first]), codes_of(table[second])
    values = array_of(table[value])
    both = codes.astype(np.int64) * len(more) + others
    unique, begins, inverse = np.unique(both, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    parts = np.split(values[order], np.cumsum(np.bincount(inverse))[:-1])
    return {
        (names[unique[place] // len(more)], more[unique[place] % len(more)]): parts[place]
        for place in np.argsort(begins).tolist()
    }


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
