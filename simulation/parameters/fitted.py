"""The fitted ensembles: sets of assumptions that agree with what was observed, and their weights.

`crossings fit` writes one for a window of months. One draw of it is a whole set: what the figures
say of several assumptions together is in it, which independent draws from the records do not hold.
The package holds one file for each window, such as `2021-01..2023-12.json`.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError
from simulation.parameters.records import Parameters, Value, load_records
from simulation.safe_json import check_json, read_json

if TYPE_CHECKING:
    from pydantic import BaseModel

#: where the package keeps its ensembles, one file for each window
FOLDER = Path(__file__).with_name("fitted")
FORMAT = 1
_WINDOW = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2]))\.\.(\d{4}-(?:0[1-9]|1[0-2]))$")
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
#: of a table of the corridor: no other folder can be named
_FILE_NAME = r"^[a-z][a-z0-9_]{0,60}\.(csv|toml|json)$"
#: how far weights rounded for the file may be from a sum of 1
_ROUNDING = 1e-4
#: names the draw of a member, apart from those of single records
_WHICH = 0


@dataclass(frozen=True, eq=False)
class FittedEnsemble:
    """Sets of assumptions with weights.

    Attributes:
        names: The records.
        values: (sets, records); whole numbers and truth values as numbers.
        weights: (sets,), they sum to 1.
        provenance: What they were fitted to, and with what.
        hash: Identifies the content.
        centre: The most central values (`simulation.fitting.centre`); None where the file has none.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    provenance: Mapping[str, Any]
    hash: str
    centre: Mapping[str, Value] | None = None

    @property
    def window(self) -> tuple[str, str] | None:
        """First and last month it was fitted to; None where that is not known."""
        window = self.provenance.get("window")
        return (window[0], window[1]) if window else None

    @property
    def size(self) -> int:
        """How many sets there are."""
        return int(self.weights.size)

    def member(self, number: int, parameters: Parameters | None = None) -> dict[str, Value]:
        """One set, by record name."""
        records = load_records() if parameters is None else parameters
        return _values(records, self.names, self.values[number].tolist())

    def number_of(self, seed: int) -> int:
        """The number, from 0, of the set that belongs to a seed, drawn by weight."""
        return self.number_at(place_of_seed(seed))

    def number_at(self, place: float) -> int:
        """The number, from 0, of the set at a place among the weights, 0 to below 1."""
        number = int(np.searchsorted(np.cumsum(self.weights), place, side="right"))
        return min(number, self.size - 1)


def place_of_seed(seed: int) -> float:
    """Where among the weights the set of a seed lies, 0 to 1."""
    from simulation.randomness import Decision, draw  # loads Numba

    return draw(seed, Decision.ASSUMPTION, _WHICH, 0)


def window_name(first: str, last: str) -> str:
    """How a window of months is written: `2021-01..2023-12`."""
    return f"{first}..{last}"


def window_of(text: str) -> tuple[str, str] | None:
    """The first and the last month of a window as `window_name` writes it; None if it is none."""
    match = _WINDOW.match(text)
    return (match[1], match[2]) if match and match[1] <= match[2] else None


def packaged(folder: Path | None = None) -> dict[tuple[str, str], Path]:
    """The files of the fitted ensembles by window, the newest last.

    A window is newer if it ends later; of two that end alike, the longer one is.

    Args:
        folder: Where they lie; that of the package when None.
    """
    files = {
        window: path
        for path in (folder or FOLDER).glob("*.json")
        if (window := window_of(path.name.removesuffix(".json"))) is not None
    }
    oldest_first = sorted(sorted(files, reverse=True), key=lambda window: window[1])
    return {window: files[window] for window in oldest_first}


def load_fitted(path: Path | None = None) -> FittedEnsemble | None:
    """Read a fitted ensemble; None if there is none.

    Args:
        path: The file; when None that of the package with the newest window.

    Raises:
        InputError: It is damaged, or does not go with the records.
    """
    if path is None:
        path = next(reversed(packaged().values()), None)
    if path is None or not os.path.lexists(path):
        return None
    try:
        content = check_json(read_json(path), _file_model(), path)
        text = path.read_text(encoding="utf-8")
    except InputError as error:
        error.problem = f"is no fitted ensemble: {error.problem}"
        error.allowed = "a file that crossings fit wrote"
        raise
    weights = np.array(content["weights"], dtype=float)
    ensemble = FittedEnsemble(
        tuple(content["parameters"]),
        np.array(content["values"], dtype=float),
        weights / weights.sum(),
        content["provenance"],
        ensemble_hash(text),
    )
    parameters = load_records()
    for number in range(ensemble.size):
        try:
            ensemble.member(number, parameters)
        except InputError as error:
            error.file = str(path)
            error.problem = (
                f"set {number + 1} does not go with the records of this version: {error.problem}; "
                "fit again"
            )
            raise
    if content.get("centre") is None:
        return ensemble
    try:
        return replace(ensemble, centre=_values(parameters, ensemble.names, content["centre"]))
    except InputError as error:
        error.file = str(path)
        error.problem = f"the centre does not go with the records: {error.problem}; fit again"
        raise


def ensemble_hash(text: str) -> str:
    """What identifies an ensemble: a hash of the content of its file."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fitted_text(
    names: tuple[str, ...],
    values: list[list[Value]],
    weights: list[float],
    provenance: Mapping[str, Any],
    centre: list[Value] | None = None,
) -> str:
    """The content of the file of an ensemble, one set a line."""
    middle = "" if centre is None else f' "centre": {json.dumps(centre)},\n'
    lines = ",\n".join("  " + json.dumps(row) for row in values)
    return (
        "{\n"
        f' "format": {FORMAT},\n'
        f' "provenance": {json.dumps(provenance, ensure_ascii=False)},\n'
        f' "parameters": {json.dumps(list(names))},\n'
        f"{middle}"
        f' "weights": {json.dumps(weights)},\n'
        f' "values": [\n{lines}\n ]\n'
        "}\n"
    )


def centre_text(ensemble: FittedEnsemble) -> str:
    """The content of the file of the most central values: those that differ from the records."""
    recorded = load_records().values()
    values = {
        name: value for name, value in (ensemble.centre or {}).items() if value != recorded[name]
    }
    content = {"ensemble": ensemble.hash, "window": ensemble.window, "values": values}
    return json.dumps(content, indent=1) + "\n"


@cache
def _file_model() -> type[BaseModel]:
    """What the file of an ensemble must hold; made when it is needed, as Pydantic loads slowly."""
    from pydantic import BaseModel, ConfigDict, Field, model_validator

    class TableIdentity(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)

        columns: list[str] | None
        hash: str

    class GateLine(BaseModel):
        model_config = ConfigDict(extra="allow", strict=True)

        what: str
        shown: str
        asked: str
        passed: bool

    class FileProvenance(BaseModel):
        model_config = ConfigDict(extra="allow", strict=True)

        window: list[Annotated[str, Field(pattern=_MONTH)]] | None = Field(
            default=None, min_length=2, max_length=2
        )
        inputs: dict[Annotated[str, Field(pattern=_FILE_NAME)], TableIdentity] = {}
        records_hash: str | None = None
        gate: list[GateLine] = []

    class FittedFile(BaseModel):
        model_config = ConfigDict(strict=True, allow_inf_nan=False)

        format: Literal[FORMAT]  # type: ignore[valid-type]
        provenance: FileProvenance
        parameters: list[str] = Field(min_length=1)
        weights: list[Annotated[float, Field(ge=0, le=1)]] = Field(min_length=1)
        values: list[list[float | bool]]
        centre: list[float | bool] | None = None

        @model_validator(mode="after")
        def _fits_together(self) -> FittedFile:
            if len(set(self.parameters)) != len(self.parameters):
                raise ValueError("parameters must not name a record twice")
            if len(self.values) != len(self.weights):
                raise ValueError("values must have one row for each weight")
            if any(len(row) != len(self.parameters) for row in self.values):
                raise ValueError("each row of values must have one value for each parameter")
            if self.centre is not None and len(self.centre) != len(self.parameters):
                raise ValueError("centre must have one value for each parameter")
            if not math.isclose(math.fsum(self.weights), 1.0, abs_tol=_ROUNDING):
                raise ValueError("weights must sum to 1")
            return self

    return FittedFile


def _values(
    parameters: Parameters, names: tuple[str, ...], values: Sequence[float]
) -> dict[str, Value]:
    """One set by record name; InputError where a record does not accept its value."""
    return {
        name: _value(parameters, name, float(value))
        for name, value in zip(names, values, strict=True)
    }


def _value(parameters: Parameters, name: str, value: float) -> Value:
    record = parameters.record(name)
    if record.is_switch and value in (0.0, 1.0):
        return record.accept(bool(value))
    return record.accept(value)
