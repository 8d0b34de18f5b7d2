"""Damaged files: each is refused with its place, or gives no figure but those of the whole file.

A digit that is another digit is no damage that anybody can see: it is shown as a revision.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulation.corridor.in_use import shipped
from simulation.data.detections import read_detections
from simulation.data.illegal_entry import read_illegal_entry
from simulation.data.reading import FileReading
from simulation.data.recognise import read_file
from simulation.data.small_boats import read_small_boats
from simulation.data.tables import Tables, read_texts
from simulation.data.workbook import Workbook
from simulation.errors import InputError
from tests.data.workbooks import (
    Rows,
    detections,
    illegal_entry,
    ods,
    small_boats,
    xlsx,
)

pytestmark = pytest.mark.full

FILE = Path("damaged file")
PUBLISHED = "2026-10-01"
TABLES = Tables(read_texts(shipped()))
VARIANTS = 150
#: what may stand in a cell of a damaged sheet
GARBAGE = (
    None, "", "-", "..", "#REF!", "n/a", "12 about", "1.224,5", "1 224", -7.0, 3.5, 1e12,
    float("nan"), float("inf"), True, date(2021, 1, 31), "\u0661\u0662", "x" * 500,
)  # fmt: skip


def as_read(rows):
    """Sheets as the reader of workbooks gives them, whose rows are all equally long."""
    width = max(len(row) for lines in rows.values() for row in lines)
    return {
        name: [[_cell(c) for c in (*row, *[None] * width)][:width] for row in lines]
        for name, lines in rows.items()
    }


def _cell(cell):
    return float(cell) if type(cell) is int else cell or None if cell == "" else cell


def refusal(read, truth):
    """Why a file is refused; None where it is not, and then its figures are the true ones."""
    try:
        reading = read()
    except InputError as error:
        return str(error)
    for key, value in reading.figures.items():
        assert value == truth.figures[key], key
    return None


def put_garbage(chance, rows, at):
    if not rows[at]:
        return False
    column = chance.randrange(len(rows[at]))
    value = chance.choice(GARBAGE)
    if isinstance(rows[at][column], str):
        # text that is other text may be another nationality: a slip that nobody can see
        value = chance.choice((None, 4.0, True, date(2021, 1, 31)))
    rows[at][column] = value
    return True


def double(chance, rows, at):
    rows.insert(at, list(rows[at]))
    return bool(rows[at])


def cut(chance, rows, at):
    if len(rows[at]) < 3:
        return False
    del rows[at][chance.randrange(1, len(rows[at])) :]
    return True


def shift(chance, rows, at):
    if len(rows[at]) < 3:
        return False
    rows[at].insert(chance.randrange(len(rows[at]) - 1), None)
    return True


def header(chance, rows, at):
    """Two names of columns change places."""
    best = max(rows[:6], key=lambda row: sum(isinstance(cell, str) for cell in row))
    one, other = chance.sample(range(len(best)), 2)
    best[one], best[other] = best[other], best[one]
    return True


def drop(chance, rows, at):
    return bool(rows.pop(at))


DAMAGE = (put_garbage, put_garbage, put_garbage, double, cut, shift, header)
SHEETS: dict[str, tuple[Callable[[], dict[str, Rows]], str, Callable[..., FileReading]]] = {
    "boats": (lambda: small_boats("2025-12"), "SB_01", read_small_boats),
    "detections": (lambda: detections("2026-06"), "Detections_of_IBC", read_detections),
    "entry": (lambda: illegal_entry("2025 Q4"), "Data_IER_D01", read_illegal_entry),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_damaged_sheet_gives_no_wrong_figure(name):
    make, sheet, read = SHEETS[name]
    whole = make()
    truth = read(Workbook(FILE, as_read(whole)))
    chance = random.Random(f"damage of {name}")
    refused = 0
    for variant in range(VARIANTS):
        rows = {of: [list(row) for row in lines] for of, lines in whole.items()}
        kinds = (*DAMAGE, drop) if name == "boats" else DAMAGE
        while not chance.choice(kinds)(chance, rows[sheet], chance.randrange(len(rows[sheet]))):
            pass
        why = refusal(lambda rows=rows: read(Workbook(FILE, as_read(rows))), truth)
        if why is not None:
            refused += 1
            assert why.startswith(f"{FILE}: "), variant
            assert any(word in why for word in ("row", "column", "sheet")), why
    assert refused > VARIANTS / 2


@pytest.mark.parametrize(("name", "data"), [
    ("boats.ods", ods(small_boats("2025-12"))),
    ("detections.xlsx", xlsx(detections("2026-06"))),
    ("entry.xlsx", xlsx(illegal_entry("2025 Q4"))),
])  # fmt: skip
def test_damaged_bytes_give_no_wrong_figure(name, data):
    truth = read_file(FILE, data)
    chance = random.Random(f"damaged bytes of {name}")
    for variant in range(VARIANTS // 3):
        damaged = bytearray(data)
        if variant % 4 == 0:
            del damaged[chance.randrange(30, len(damaged)) :]
        else:
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        why = refusal(lambda d=damaged: read_file(FILE, bytes(d)), truth)
        assert why is None or why.startswith(str(FILE)), variant
