"""The record of an assumed number, and the set of them a run uses.

The records lie in the `*.toml` files beside this module, one table a record::

    [sharing.low_coverage]
    value = 0.1
    unit = "share of reports"
    low = 0.02
    high = 0.25
    distribution = "triangular"
    source = "assumption"
    confidence = "assumption"
    drives = "How many reports an authority passes on when sharing is low."

A record is a `float` for the model, whatever its spelling, unless its value is `true` or `false`
(a `bool`) or it says `whole = true` (an `int`).
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NoReturn

from simulation.errors import InputError, closest, listed
from simulation.parameters.groups import Groups, RecordGroup
from simulation.safe_json import read_json

FOLDER = Path(__file__).parent
#: the most central values of the newest fit of the package; see `simulation.parameters.fitted`
CENTRE = FOLDER / "fitted" / "centre.json"
DISTRIBUTIONS = ("uniform", "loguniform", "triangular", "normal", "fixed")
CONFIDENCES = ("measured", "reported", "expert", "assumption")
NUMBERS = ("value", "low", "high")

Value = float | int | bool


@dataclass(frozen=True)
class Record:
    """One assumed or measured number and all that is known about it.

    Attributes:
        name: `group.name`, how a scenario and the model call it.
        value: The central value.
        unit: The unit of value, low and high.
        low: The lowest value held to be possible.
        high: The highest value held to be possible.
        distribution: How it is sampled between low and high; a "fixed" one never is.
        source: Where it comes from, or "assumption".
        confidence: "measured", "reported", "expert" or "assumption".
        drives: A sentence: the part of the model that reads it.
        file: Name of the file that holds the record.
        whole: True for a number that can only be an integer.
        fixed_because: Of a record that is never sampled although it has a range: why not.
    """

    name: str
    value: Value
    unit: str
    low: Value
    high: Value
    distribution: str
    source: str
    confidence: str
    drives: str
    file: str
    whole: bool = False
    fixed_because: str = ""

    @property
    def group(self) -> str:
        """The part of the name before the dot."""
        return self.name.split(".")[0]

    @property
    def is_switch(self) -> bool:
        """True for a yes or no."""
        return isinstance(self.value, bool)

    def accept(self, value: object) -> Value:
        """Turn a value someone wrote into a value of this record.

        Args:
            value: What was written.

        Returns:
            The value as a float, int or bool, as the record requires.

        Raises:
            InputError: It is of the wrong kind or outside [low, high]. The file is left open.
        """
        if self.is_switch:
            if not isinstance(value, bool):
                self._refuse("must be true or false", value, "true, false")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._refuse("must be a number", value)
        if not abs(value) <= sys.float_info.max:  # whole numbers may be larger
            self._refuse("must be a finite number", value)
        if not self.low <= value <= self.high:
            self._refuse("outside the range of this parameter", value)
        if not self.whole:
            return float(value)
        if value != int(value):
            self._refuse("must be a whole number", value)
        return int(value)

    def _refuse(self, problem: str, value: object, allowed: str | None = None) -> NoReturn:
        raise InputError(
            problem,
            key=f'parameters."{self.name}"',
            value=value,
            allowed=allowed or f"{self.low} to {self.high} ({self.unit})",
        )


class Parameters(Groups):
    """Every assumed number of one run; cannot be changed.

    `parameters.group.name` is a value, `parameters.record("group.name")` all that is known of it.

    Args:
        records: The records, by name.
    """

    _all: dict[str, Record]

    def __init__(self, records: Mapping[str, Record]) -> None:
        groups: dict[str, dict[str, Value]] = {}
        for name, record in records.items():
            groups.setdefault(record.group, {})[name.split(".")[1]] = record.value
        super().__init__("", {name: RecordGroup(name, values) for name, values in groups.items()})
        self.__dict__["_all"] = dict(records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameters) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self.hash())

    def __reduce__(self) -> tuple[object, ...]:
        return (Parameters, (self._all,))

    def __iter__(self) -> Iterator[Record]:
        return iter(self._all.values())

    def records(self) -> tuple[Record, ...]:
        """Every record, in the order of the files."""
        return tuple(self._all.values())

    def record(self, name: str) -> Record:
        """The record called `group.name`.

        Raises:
            InputError: There is none.
        """
        try:
            return self._all[name]
        except KeyError:
            raise unknown_parameter(name, self._all) from None

    def values(self) -> dict[str, Value]:
        """The value of every record, by name."""
        return {name: record.value for name, record in self._all.items()}

    def with_values(self, overrides: Mapping[str, Value]) -> Parameters:
        """A copy with other values.

        Args:
            overrides: New values by record name, each inside its record's [low, high].

        Raises:
            InputError: A name is unknown or a value is not allowed.
        """
        records = dict(self._all)
        for name, value in overrides.items():
            record = self.record(name)
            records[name] = replace(record, value=record.accept(value))
        return Parameters(records)

    def hash(self) -> str:
        """A fingerprint of names and values (hexadecimal, 64 characters)."""
        return hashlib.sha256(json.dumps(self.values(), sort_keys=True).encode()).hexdigest()


def load_parameters(overrides: Mapping[str, Value] | None = None) -> Parameters:
    """What the model assumes: the records at the centre of the newest fit, and overrides over them.

    What the fit does not inform has its recorded value.

    Args:
        overrides: Values by record name that differ.

    Raises:
        InputError: The centre does not go with the records, or an override names no record or lies
            outside its bounds.
    """
    parameters = _central()
    return parameters.with_values(overrides) if overrides else parameters


def load_records(folder: Path | None = None) -> Parameters:
    """The records as they are written: what is assumed before anything is fitted.

    Args:
        folder: Where their files lie; the package's own by default.

    Raises:
        InputError: A value lies outside its low and high.
    """
    return _read(folder or FOLDER)


@cache
def _central() -> Parameters:
    if not CENTRE.exists():
        return load_records()
    try:
        return load_records().with_values(read_json(CENTRE)["values"])
    except InputError as error:
        error.file = str(CENTRE)
        error.problem = f"does not go with the records ({error.problem}); fit again"
        raise


def unknown_parameter(name: str, names: Mapping[str, object]) -> InputError:
    """The error for an override of a parameter that does not exist."""
    group = name.split(".")[0]
    siblings = [other for other in names if other.split(".")[0] == group]
    groups = sorted({other.split(".")[0] for other in names})
    same = [other for other in names if other.split(".")[-1] == name]
    return InputError(
        "unknown parameter",
        key=f'parameters."{name}"',
        allowed=listed(siblings) if siblings else f"groups {', '.join(groups)}",
        suggestion=closest(name, names) or (same[0] if len(same) == 1 else None),
    )


def forget_records() -> None:
    """Read the files of the records anew when they are next asked for, as after writing to them."""
    _read.cache_clear()
    forget_centre()


def forget_centre() -> None:
    """Read the most central values anew when they are next asked for."""
    _central.cache_clear()


@cache
def _read(folder: Path) -> Parameters:
    return Parameters(
        {record.name: record for path in sorted(folder.glob("*.toml")) for record in _records(path)}
    )


def _records(path: Path) -> Iterator[Record]:
    for group, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for short, entry in entries.items():
            record = Record(name=f"{group}.{short}", file=path.name, **entry)
            value, low, high = (record.accept(entry[key]) for key in NUMBERS)
            yield replace(record, value=value, low=low, high=high)
