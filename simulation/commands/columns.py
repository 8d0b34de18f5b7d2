"""Rows of words in columns, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def columns(rows: Sequence[Sequence[str]], right: Collection[int]) -> list[str]:
    """A line for each row, with its cells below each other.

    Args:
        rows: Words of each row, as many in each.
        right: Columns whose words stand at the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def printable(text: str) -> str:
    """A text without characters that would steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
