"""The records as tables for a page, and the places in a page that such tables fill.

A page marks a place by two lines::

    <!-- parameters: market -->
    <!-- end of parameters -->

What stands between them is replaced by the table of a group (`market`), of one record
(`market.fee_boat`), or by how many records of each confidence there are (`summary`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial

from simulation.errors import InputError, closest
from simulation.parameters.records import CONFIDENCES, Parameters, Record, Value

SUMMARY = "summary"
END = "<!-- end of parameters -->"
_BEGIN = re.compile(r"^<!-- *parameters: *(.*?) *-->$")
_PLACE = f"a line <!-- parameters: GROUP --> and, below it, a line {END}"
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
    return _markdown(_HEADS, rows)


def summary(parameters: Parameters) -> str:
    """A Markdown table of how many records of each confidence every group has."""
    groups: dict[str, Counter[str]] = {}
    for record in parameters:
        groups.setdefault(record.group, Counter())[record.confidence] += 1
    rows = [(f"`{group}`", *_counts(counts)) for group, counts in groups.items()]
    rows.append(("all", *_counts(sum(groups.values(), Counter()))))
    return _markdown(("group", "records", *CONFIDENCES), rows)


def fill(page: str, parameters: Parameters, file: object = None) -> str:
    """A page with its marked places filled anew.

    Args:
        page: Its text.
        parameters: The records.
        file: Its name, for errors.

    Raises:
        InputError: It marks no place, one that does not end, or one for something unknown.
    """
    out: list[str] = []
    within, filled = "", False
    refuse = partial(InputError, file=file, allowed=_PLACE)
    for number, line in enumerate(page.splitlines(), start=1):
        begin, at = _BEGIN.match(line), f"line {number}"
        if begin and within:
            raise refuse("a table begins within another", key=at)
        if line == END and not within:
            raise refuse("a table ends that never began", key=at)
        if line == END:
            within = ""
        if not within:
            out.append(line)
        if begin:
            within, filled = at, True
            out += ["", _asked(begin[1], parameters, file, within), ""]
    if within:
        raise refuse("a table never ends", key=within)
    if not filled:
        raise refuse("marks no place for a table")
    return "\n".join(out) + "\n"


def _asked(name: str, parameters: Parameters, file: object, where: str) -> str:
    if name == SUMMARY:
        return summary(parameters)
    try:
        return table(chosen(parameters, [name]))
    except InputError as error:
        error.file, error.key = None if file is None else str(file), where
        error.allowed = f"{SUMMARY}, {error.allowed}"
        raise


def _counts(counts: Counter[str]) -> tuple[str, ...]:
    return (str(counts.total()), *(str(counts[word]) for word in CONFIDENCES))


def _markdown(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), ["---" for _ in heads]]
    lines += [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
