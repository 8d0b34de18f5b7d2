"""Margins: the largest change of an outcome that does not matter in practice.

They are recorded assumptions (`margins.toml`), as shares of the baseline. A planner sets others
with `--margin`, or in the table `[margin]` of a scenario.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from simulation.errors import InputError, closest
from simulation.parameters.records import Record

_FILE = Path(__file__).with_suffix(".toml")
#: the option, as it is typed
OPTION = "--margin"


@cache
def records() -> Mapping[str, Record]:
    """The record of each margin by its outcome."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: Record(name=name, file=_FILE.name, **table) for name, table in tables.items()}


def margin_of(outcome: str, margins: Mapping[str, float] | None = None) -> float | None:
    """The margin of an outcome in percent of the baseline; None where it has none.

    Args:
        outcome: An outcome, or a sum of links.
        margins: Margins that take the place of those recorded, as shares.
    """
    if margins and outcome in margins:
        return 100.0 * margins[outcome]
    record = records().get(outcome)
    return None if record is None else 100.0 * float(record.value)


def allowed() -> str:
    """What a margin may be, in words."""
    one = next(iter(records().values()))
    return f"{one.low:g} to {one.high:g} (share of the baseline) of {', '.join(records())}"


def read_margins(text: str) -> dict[str, float]:
    """The margins that an option asks for.

    Args:
        text: One for all outcomes that have one (`5%` or `0.05`), or some by name with commas
            (`channel_arrivals=5%,uk_total=2%`).

    Raises:
        InputError: It is no number, is out of range, or is of an outcome without a margin.
    """
    margins: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.rpartition("="))
        if equals and name not in records():
            hint = closest(name, records())
            raise InputError("no outcome with a margin", key=OPTION, value=name,
                             allowed=allowed(), suggestion=hint)  # fmt: skip
        share = _share(number)
        margins |= dict.fromkeys([name] if equals else records(), share)
    return margins


def asked_margins(text: str | None, tables: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The margins of a study that are not those recorded: of its scenarios, then of its option."""
    margins: dict[str, float] = {}
    for table in tables:
        margins |= table
    if text is not None:
        margins |= read_margins(text)
    return margins


def _share(text: str) -> float:
    percent = text.endswith("%")
    one = next(iter(records().values()))
    try:
        share = float(text.removesuffix("%")) / (100.0 if percent else 1.0)
    except ValueError:
        share = -1.0
    if not one.low <= share <= one.high:
        raise InputError("no margin", key=OPTION, value=text, allowed=allowed())
    return share
