"""The runs of a library as arrays, in one file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.engine.world_design import Worlds
from simulation.errors import InputError
from simulation.estimates.library import Mix
from simulation.outcomes import OUTCOMES, RATIOS, periods
from simulation.regular_files import read_start

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: changes where the file means something else
FORMAT = 1
#: bytes that a file may have
MOST_BYTES = 4_000_000


@dataclass(frozen=True, eq=False)
class StoredRuns:
    """Runs of the base of a library and of every policy in the same worlds.

    Attributes:
        about: What they rest on: hashes, scale, seed, days.
        periods: Names of the periods: the whole run first, or the years that were asked for.
        outcomes: Names of the outcomes.
        totals: (policies + 1, pairs, periods, outcomes), those of the base first.
        links: (policies + 1, pairs, sums of links) over the whole run.
        sets: Number of the set of assumptions of each pair, (pairs,).
        paths: Number of its future path, (pairs,).
        thirds: Number of the third of the paths in which that lies, (pairs,).
    """

    about: Mapping[str, Any]
    periods: Sequence[str]
    outcomes: Sequence[str]
    totals: Array
    links: Array
    sets: Ints
    paths: Ints
    thirds: Ints

    @property
    def pairs(self) -> int:
        """Pairs of runs of each policy."""
        return len(self.sets)

    def worlds(self, pairs: Ints) -> Worlds:
        """The worlds of some pairs."""
        return Worlds(self.sets[pairs].tolist(), self.paths[pairs].tolist())

    def at(self, mix: Mix) -> tuple[Array, Array]:
        """Totals and links of a policy of the library, or between some of them, pair by pair."""
        numbers, weights = list(mix.weights), list(mix.weights.values())
        totals, links = (
            np.asarray(np.tensordot(weights, values[numbers], axes=1))
            for values in (self.totals, self.links)
        )
        return totals, links

    def of_years(self, years: str, start: date) -> StoredRuns:
        """The same with some years, such as `2027` or `2027..2028`, as the first period.

        Sums are added up and ratios taken of these; a stock is the mean of its years by their days.
        A median over people has no value over several years.

        Args:
            years: The years; `run` is the whole run.
            start: First day of the run.

        Raises:
            InputError: They are no years of the run.
        """
        if years == self.periods[0]:
            return self
        first, dots, last = years.partition("..")
        one, other = (self.periods.index(year) if year in self.periods[1:] else 0
                      for year in (first, last if dots else first))  # fmt: skip
        if not 0 < one <= other:
            allowed = f"years among {', '.join(self.periods[1:])}"
            raise InputError("no years of the run", key="period", value=years, allowed=allowed)
        windows = [*periods(start, start + timedelta(days=self.about["days"] - 1)).values()]
        days = [(end - begin).days + 1 for begin, end in windows[one : other + 1]]
        totals = _over(self.totals[:, :, one : other + 1], days, self.outcomes)[:, :, None]
        rest = [number for number, name in enumerate(self.periods) if name != years]
        every = np.concatenate([totals, self.totals[:, :, rest]], axis=2)
        return replace(
            self, periods=[years, *(self.periods[number] for number in rest)], totals=every
        )

    def as_bytes(self) -> bytes:
        """The content of its file: numbers with seven digits, and what they rest on as JSON."""
        arrays: dict[str, Any] = {
            "totals": self.totals.astype(np.float32), "links": self.links.astype(np.float32),
            "sets": self.sets, "paths": self.paths, "thirds": self.thirds,
        }  # fmt: skip
        about = {"format": FORMAT, "periods": list(self.periods), "outcomes": list(self.outcomes),
                 **self.about}  # fmt: skip
        about["checksum"] = _checksum(about, arrays)
        file = io.BytesIO()
        np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)
        return file.getvalue()


def load_stored_runs(path: Path) -> StoredRuns:
    """Read the file of a library.

    Raises:
        InputError: It cannot be read, is damaged, or is of another version.
    """
    again = "a file that crossings emulator build wrote"
    try:
        content = read_start(path, MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError("too large", file=path, allowed=f"at most {MOST_BYTES:,} bytes")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        version, checksum = about.pop("format"), about.pop("checksum")
    except OSError as error:
        why = error.strerror or "not its format"
        raise InputError(f"cannot be read ({why})", file=path, allowed=again) from None
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, AttributeError, TypeError):
        raise InputError("is damaged, or no library", file=path, allowed=again) from None
    if version != FORMAT:
        raise InputError("is of another version", file=path, key="format", value=version,
                         allowed=f"{FORMAT}; build it again: crossings emulator build")  # fmt: skip
    if checksum != _checksum({"format": version, **about}, arrays):
        raise InputError("was changed after it was made", file=path, allowed=again)
    floats = {name: arrays[name].astype(float) for name in ("totals", "links")}
    whole = {name: arrays[name] for name in ("sets", "paths", "thirds")}
    return StoredRuns(about, about.pop("periods"), about.pop("outcomes"), **floats, **whole)


def _over(totals: Array, days: Sequence[int], outcomes: Sequence[str]) -> Array:
    """Totals of several years, (policies + 1, pairs, outcomes), from those of each."""
    if len(days) == 1:
        return totals[:, :, 0]
    over = totals.sum(axis=2)
    for column, name in enumerate(outcomes):
        kind = OUTCOMES[name].kind
        if kind == "stock":
            over[..., column] = np.average(totals[..., column], axis=2, weights=days)
        elif kind == "median":
            over[..., column] = np.nan
    for name, (terms, under) in RATIOS.items():
        above = sum(over[..., outcomes.index(term)] for term in terms)
        below = over[..., outcomes.index(under)]
        over[..., outcomes.index(name)] = np.divide(
            above, below, out=np.full_like(below, np.nan), where=below > 0.0
        )
    return over


def _checksum(about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + repr((arrays[name].shape, arrays[name].dtype)).encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]
