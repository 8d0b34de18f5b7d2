"""The fitted ensemble: sets of assumptions that agree with what was observed, and their weights.

`crossings fit` writes it. One draw of it is a whole set: what the figures say of several
assumptions together is in it, which independent draws from the records do not hold.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError
from simulation.parameters.records import Parameters, Value, load_parameters
from simulation.randomness import Decision, draw

FILE = Path(__file__).with_name("fitted.json")
FORMAT = 1
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
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    provenance: Mapping[str, Any]
    hash: str

    @property
    def size(self) -> int:
        """How many sets there are."""
        return int(self.weights.size)

    def member(self, number: int, parameters: Parameters | None = None) -> dict[str, Value]:
        """One set, by record name."""
        known = load_parameters() if parameters is None else parameters
        return {
            name: _value(known, name, float(value))
            for name, value in zip(self.names, self.values[number], strict=True)
        }

    def sample(self, seed: int, parameters: Parameters | None = None) -> dict[str, Value]:
        """The set that belongs to a seed, drawn by weight; the same for every scenario."""
        place = draw(seed, Decision.ASSUMPTION, _WHICH, 0)
        number = int(np.searchsorted(np.cumsum(self.weights), place, side="right"))
        return self.member(min(number, self.size - 1), parameters)


def load_fitted(path: Path = FILE) -> FittedEnsemble | None:
    """Read a fitted ensemble; None if there is none.

    Args:
        path: The file; the package's own by default.

    Raises:
        InputError: It is damaged, or does not go with the records.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", file=path) from error
    try:
        content = json.loads(text)
        names = tuple(content["parameters"])
        values = np.array(content["values"], dtype=float)
        weights = np.array(content["weights"], dtype=float)
        provenance = content["provenance"]
        whole = (
            content["format"] == FORMAT
            and values.shape == (weights.size, len(names))
            and weights.size > 0
            and bool(np.isfinite(values).all() and (weights >= 0).all())
            and math.isclose(float(weights.sum()), 1.0, abs_tol=_ROUNDING)
            and isinstance(provenance, dict)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    if not whole:
        raise _damaged(path)
    found = FittedEnsemble(
        names,
        values,
        weights / weights.sum(),
        provenance,
        ensemble_hash(text),
    )
    parameters = load_parameters()
    for number in range(found.size):
        try:
            found.member(number, parameters)
        except InputError as error:
            raise InputError(
                f"set {number + 1} does not go with the records of this version: {error.problem}; "
                "fit again",
                file=path,
                key=error.key,
                value=error.value,
                allowed=error.allowed,
            ) from None
    return found


def ensemble_hash(text: str) -> str:
    """What identifies an ensemble: a hash of the content of its file."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fitted_text(
    names: tuple[str, ...],
    values: list[list[Value]],
    weights: list[float],
    provenance: Mapping[str, Any],
) -> str:
    """The content of the file of an ensemble, one set a line."""
    lines = ",\n".join("  " + json.dumps(row) for row in values)
    return (
        "{\n"
        f' "format": {FORMAT},\n'
        f' "provenance": {json.dumps(provenance, ensure_ascii=False)},\n'
        f' "parameters": {json.dumps(list(names))},\n'
        f' "weights": {json.dumps(weights)},\n'
        f' "values": [\n{lines}\n ]\n'
        "}\n"
    )


def _value(parameters: Parameters, name: str, value: float) -> Value:
    record = parameters.record(name)
    if record.is_switch:
        return record.accept(bool(value))
    return record.accept(value)


def _damaged(path: Path) -> InputError:
    return InputError("is no fitted ensemble", file=path, allowed="a file that crossings fit wrote")
