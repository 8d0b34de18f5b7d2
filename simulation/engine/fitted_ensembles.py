"""Which fitted ensemble is drawn from, and whether it still goes with what it was fitted to.

An ensemble is fitted to a window of months. What identifies its inputs is the map and the input
tables *cut at the end of the window*: rows of later months and years do not count, nor do columns
that a table had not when the ensemble was fitted. Adding months therefore leaves an ensemble
valid, and a revision inside its window makes it stale.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from simulation.corridor.in_use import table_file
from simulation.corridor.tables import DATA
from simulation.engine.trials import Assumptions, default_assumptions
from simulation.errors import InputError, closest
from simulation.parameters import load_records
from simulation.parameters.fitted import (
    FittedEnsemble,
    load_fitted,
    packaged,
    window_name,
    window_of,
)
from simulation.safe_json import read_json
from simulation.scenario import Scenario
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.registry import PHASED_IN, SECTIONS

#: tables of the corridor that no run reads: what was observed, what is drawn, where it is from
NOT_MAP = frozenset(
    {
        "arrivals_by_origin_yearly.csv", "channel_monthly.csv", "coastline.json",
        "entry_anchors.csv", "frontex_monthly.csv", "futures.toml", "futures_backtest.csv",
        "observed_yearly.csv", "prevented_monthly.csv", "serbia_registered.csv", "sources.toml",
        "vintages.csv",
    }
)  # fmt: skip
_YEAR = re.compile("[0-9]{4}")
_SUFFIXES = frozenset({".csv", ".toml", ".json"})
#: the `columns` of a table, None for one without, and the `hash` of its content in them
type TableIdentity = dict[str, list[str] | str | None]


def drawn_from(
    assumptions: Assumptions | None, ensemble: str | None
) -> tuple[Assumptions, FittedEnsemble | None]:
    """Where the assumptions of an experiment come from, and the ensemble that a user names.

    Args:
        assumptions: What was asked for; None for the default.
        ensemble: As `choose_ensemble` takes it; None for the newest of the package.

    Raises:
        InputError: An ensemble is named for other than fitted assumptions, or cannot be used.
    """
    if ensemble is None:
        return assumptions or default_assumptions(), None
    if assumptions not in (None, "fitted"):
        raise InputError(
            "goes with fitted assumptions only",
            key="--ensemble",
            value=ensemble,
            allowed="--assumptions fitted, or no --ensemble",
        )
    return "fitted", choose_ensemble(ensemble)


def choose_ensemble(text: str) -> FittedEnsemble:
    """The ensemble that a user names.

    Args:
        text: A window of months of which the package holds an ensemble, as `2021-01..2023-12` or
            `2021-2023`, or a file that `crossings fit` wrote.

    Raises:
        InputError: There is none, or its file cannot be used.
    """
    paths, window = packaged(), window_of(_spelled(text))
    if window is None or os.path.lexists(text):
        path, window = Path(text) if text else None, None
    else:
        path = paths.get(window)
    ensemble = None if path is None else load_fitted(path)
    if ensemble is not None:
        return ensemble
    names = [window_name(*one) for one in paths]
    problem = "no such file, and no window of months"
    allowed = f"{', '.join(names) or 'no window yet'}, or a file that crossings fit wrote"
    if window is not None:
        problem = "nothing has been fitted to this window"
        allowed += f"; or make it: crossings fit --from {window[0]} --to {window[1]} --install"
    raise InputError(
        problem,
        key="--ensemble",
        value=text,
        allowed=allowed,
        suggestion=closest(text, names) if window is None else None,
    )


def newest_before(month: str) -> FittedEnsemble | None:
    """The newest ensemble of the package whose window ends before a month; None if there is none.

    Args:
        month: Such as "2024-01".
    """
    paths = [path for window, path in packaged().items() if window[1] < month]
    return load_fitted(paths[-1]) if paths else None


def _spelled(text: str) -> str:
    """A window of whole years spelled out in months."""
    for mark in ("..", "-"):
        first, _, last = text.partition(mark)
        if _YEAR.fullmatch(first) and _YEAR.fullmatch(last):
            return window_name(f"{first}-01", f"{last}-12")
    return text


def table_identities(last: str, folder: Path | None = None) -> dict[str, TableIdentity]:
    """The identity of each table that a run reads, up to the end of a window.

    Args:
        last: Last month of the window, such as "2023-12".
        folder: Where the tables are; those in use when None.

    Returns:
        Table name to its `columns` (None for a table without) and the `hash` of its content in
        them.
    """
    return {
        path.name: _identity(table_file(path.name, folder), last)
        for path in sorted((DATA if folder is None else folder).iterdir())
        if path.suffix in _SUFFIXES and path.name not in NOT_MAP
    }


def map_hash(tables: Mapping[str, TableIdentity]) -> str:
    """One hash of all that `table_identities` gave."""
    return _hash({name: table["hash"] for name, table in tables.items()})


def records_hash(names: Iterable[str]) -> str:
    """Hash of the priors of some records: value, range and distribution."""
    parameters = load_records()
    records = [parameters.record(name) for name in sorted(names)]
    return _hash([[r.name, r.value, r.low, r.high, r.distribution] for r in records])


def past_hash(scenario: Scenario, last: date) -> str:
    """Hash of what a scenario says of the days up to one: later levers and its end do not count.

    Args:
        scenario: The scenario.
        last: The last day that counts.
    """
    data = scenario.as_toml_data()
    run = data["run"]
    content = {
        key: value
        for key, value in data.items()
        if key not in ("title", "description", "run", *SECTIONS)
    }
    content["run"] = {key: value for key, value in run.items() if key != "end"}
    for section in SECTIONS:
        levers = [
            _past(lever, last)
            for lever in getattr(scenario, section)
            if section in PHASED_IN or lever.span.first <= last.toordinal()
        ]
        if levers:
            content[section] = levers
    return _hash(content)


def stale(ensemble: FittedEnsemble, folder: Path | None = None) -> tuple[str, ...]:
    """The changes in the inputs of an ensemble since it was fitted; empty without any.

    Args:
        ensemble: The ensemble; one that does not name its inputs is taken as valid.
        folder: Where the tables of the corridor are; those in use when None, a user's included.

    Returns:
        Each change in words, such as "entries_monthly.csv has other content up to 2023-12".
    """
    changes, window = [], ensemble.window
    if window is None:
        return ()
    for name, fitted in sorted(ensemble.provenance.get("inputs", {}).items()):
        path = table_file(name, folder)
        if not path.is_file():
            changes.append(f"{name} is missing")
            continue
        now = _identity(path, window[1], fitted["columns"])["hash"]
        if now is None:
            changes.append(f"{name} lacks a column it had")
        elif now != fitted["hash"]:
            changes.append(f"{name} has other content up to {window[1]}")
    priors = ensemble.provenance.get("records_hash")
    all_recorded = set(ensemble.names) <= set(load_records().values())
    if priors is not None and not (all_recorded and priors == records_hash(ensemble.names)):
        changes.append("the range of a fitted record has changed")
    return tuple(changes)


def stale_text(ensemble: FittedEnsemble, folder: Path | None = None) -> str | None:
    """One line that says an ensemble is stale, why, and what to do; None if it is valid."""
    changes = stale(ensemble, folder)
    if not changes or ensemble.window is None:
        return None
    first, last = ensemble.window
    return (
        f"The assumptions fitted to {window_name(first, last)} do not go with today's inputs: "
        f"{'; '.join(changes)}. Fit them again: crossings fit --from {first} --to {last} --install."
    )


def _identity(path: Path, last: str, columns: list[str] | None = None) -> TableIdentity:
    """The identity of one table; its hash is None where it lacks one of the requested columns."""
    if path.suffix == ".json":
        return {"columns": None, "hash": _hash(read_json(path))}
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return {"columns": None, "hash": _hash(tomllib.loads(text))}
    rows = list(csv.DictReader(text.splitlines()))
    columns_in_file = list(rows[0]) if rows else []
    wanted = columns_in_file if columns is None else columns
    if not set(wanted) <= set(columns_in_file):
        return {"columns": wanted, "hash": None}
    # text orders months and years; a row without either always counts
    rows_in_window = [row for row in rows if (row.get("month") or row.get("year") or "") <= last]
    content = sorted([_cell(row[name]) for name in wanted] for row in rows_in_window)
    return {"columns": wanted, "hash": _hash([wanted, content])}


def _cell(text: str) -> str:
    """A cell whatever way its number is written: 5 and 5.0 are one."""
    try:
        return repr(float(text))
    except ValueError:
        return text.strip()


def _past(lever: Lever, last: date) -> dict[str, object]:
    """A lever as it was known on a day: an end that lies later was not yet there."""
    keys = lever.model_dump(exclude_none=True, exclude_defaults=True, exclude={"name"})
    end = keys.get("to")
    if end is not None and end > last:
        del keys["to"]
    return keys


def _hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
