"""The records as tables of a page and as a data frame, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from simulation.errors import InputError, closest
from simulation.parameters.records import (
    Parameters,
    Record,
    Value,
    load_parameters,
    load_records,
)

if TYPE_CHECKING:
    import pandas as pd

_WORDS = ("unit", "distribution", "source", "confidence", "drives", "fixed_because")
_HEADS = (
    "parameter", "value", "unit", "range", "distribution", "confidence", "source", "what it drives",
)  # fmt: skip


def shown(value: Value) -> str:
    """A value as people write it: at most six digits, no powers of ten."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(Decimal(f"{value:.6g}"), ",f")


def span(record: Record) -> str:
    """From the lowest to the highest value held to be possible; one value where they are equal."""
    if record.low == record.high:
        return shown(record.low)
    return f"{shown(record.low)} {'or' if record.is_switch else 'to'} {shown(record.high)}"


def chosen(parameters: Parameters, names: Iterable[str]) -> tuple[Record, ...]:
    """The records of some groups and single ones by name, in the order of the files.

    Args:
        parameters: All records.
        names: Groups and records; all records where none is named.

    Raises:
        InputError: There is no group and no record of a name.
    """
    records, wanted = parameters.records(), set(names)
    if not wanted:
        return records
    groups = list(dict.fromkeys(record.group for record in records))
    names = [*groups, *(record.name for record in records)]
    for name in sorted(wanted):
        if name not in names:
            raise InputError(
                "no such parameter",
                value=name,
                allowed=f"a group ({', '.join(groups)}) or one record, such as {records[0].name}",
                suggestion=closest(name, names),
            )
    return tuple(r for r in records if r.group in wanted or r.name in wanted)


def table(records: Iterable[Record]) -> str:
    """A Markdown table, one row a record."""
    rows = [
        (
            f"`{r.name}`", shown(r.value), r.unit, span(r),
            # of one that is never sampled, why not
            f"{r.distribution}: {r.fixed_because}" if r.fixed_because else r.distribution,
            r.confidence, r.source, r.drives,
        )
        for r in records
    ]  # fmt: skip
    lines = [_HEADS, ["---" for _ in _HEADS], *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def page_tables(parameters: Parameters) -> str:
    """The tables of `docs/parameters.md`: each group below a heading."""
    groups: dict[str, list[Record]] = {}
    for record in parameters:
        groups.setdefault(record.group, []).append(record)
    parts = [f"## `{group}`\n\n{table(records)}" for group, records in groups.items()]
    return "\n\n".join(parts)


def parameters(*names: str) -> pd.DataFrame:
    """Every assumption of the model with its range, as `crossings parameters` shows them.

    Args:
        names: Groups (`market`) or records (`market.fee_boat`); all when none is named.

    Returns:
        A row for each record: `name`, `value`, `central` (what a run takes: the centre of the
        newest fit, or the recorded value where that tells nothing), `unit`, `low`, `high` (in the
        unit; 0 and 1 of a switch), `distribution` (`fixed` is never drawn), `source`,
        `confidence`, `drives` (what reads it), `kind` (`number`, `whole` or `switch`) and
        `fixed_because`.

    Raises:
        InputError: There is no such group or record.
    """
    import pandas as pd

    records, used = chosen(load_records(), names), load_parameters().values()
    columns = {"name": [record.name for record in records]}
    numbers = {
        key: [float(getattr(record, key)) for record in records] for key in ("value", "low", "high")
    }
    numbers["central"] = [float(used[record.name]) for record in records]
    words = {key: [str(getattr(record, key)) for record in records] for key in _WORDS}
    kinds = [
        "switch" if record.is_switch else "whole" if record.whole else "number"
        for record in records
    ]
    order = [
        "name", "value", "central", "unit", "low", "high", "distribution", "source", "confidence",
        "drives", "kind", "fixed_because",
    ]  # fmt: skip
    return pd.DataFrame({**columns, **numbers, **words, "kind": kinds})[order]
