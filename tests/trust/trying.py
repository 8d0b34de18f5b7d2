"""Tries one bad file: it is used or refused in one line, at once; and counts what became of all."""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from simulation.corridor import load_corridor, load_origins
from simulation.errors import InputError
from simulation.fitting.own_data import check_window, read_own_series
from simulation.model import simulate
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.describe import describe
from simulation.scenario.lever_models import SECTIONS
from simulation.scenario.levers import Levers
from tests.trust.scenario_cases import scenario_case
from tests.trust.table_cases import table_case

#: seconds a case may take, and bytes the process may hold
MOST_SECONDS = 5.0
MOST_BYTES = 1e9
#: letters of a refusal
MOST_LETTERS = 2_500
#: what is wrong with a file as a whole, so that there is no key to name
OF_THE_FILE = (
    "too large", "too many lines", "empty file", "nothing but comments", "no months below",
    "neither text", "UTF-16", "web page", "no spreadsheet", "damaged workbook", "password",
    "old Excel", "zip archive", "no sheet with", "nested too deeply", "a name of too many parts",
    "file not found", "no month of the run is known",
)  # fmt: skip


class WrongError(Exception):
    """A case that was neither used nor refused as it should be."""


@dataclass
class Tally:
    """What became of some cases.

    Attributes:
        accepted: How many were used, by kind.
        refused: How many were refused, by kind and by what was wrong.
        slowest: Seconds of the slowest, and which it was.
        simulated: Accepted scenarios that were also simulated.
        wrong: What was neither used nor refused as it should be.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    simulated: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.accepted.total() + self.refused.total()


def peak_bytes() -> float:
    """The most memory this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def check_refusal(error: InputError, file: Path) -> None:
    """A refusal is one printable line that names the file, and the key or the line.

    Raises:
        WrongError: It is not.
    """
    told = str(error)
    names_place = error.key or "line " in told or any(words in told for words in OF_THE_FILE)
    if file.name not in told:
        raise WrongError(f"the file is not named: {told[:300]}")
    if not names_place:
        raise WrongError(f"neither key nor line is named: {told[:300]}")
    if not told.isprintable():
        raise WrongError(f"not one printable line: {told[:300]!r}")
    if len(told) > MOST_LETTERS:
        raise WrongError(f"{len(told)} letters: {told[:300]}")


def kind_of(error: InputError) -> str:
    """What was wrong, without what was written."""
    words = error.problem.split(":")[-1] if "line " in error.problem else error.problem
    return " ".join(word for word in words.split() if word.isascii() and word.isalpha())[:40]


def read_scenario(file: Path) -> Scenario:
    """Read a scenario as the commands do, and ask of it what they ask."""
    corridor, origins, parameters = _surroundings()
    found = load_scenario(file, corridor, origins.origins)
    again = file.with_name("again.toml")
    again.write_text(found.resolved_toml(), encoding="utf-8")
    if load_scenario(again, corridor, origins.origins).hash() != found.hash():
        raise WrongError("what it amounts to is not itself")
    for section in SECTIONS:
        for lever in getattr(found, section):
            if not describe(lever).isprintable():
                raise WrongError("described in words that cannot be printed")
    levers = Levers(found, corridor, parameters, origins.origins)
    for on in (found.run.first_simulated, found.run.start, found.run.end):
        levers.on(on)
    return found


_kept: list[Any] = []


def _surroundings() -> Any:
    if not _kept:
        _kept.extend((load_corridor(), load_origins(), load_parameters()))
    return _kept


def read_table(file: Path) -> None:
    """Read a table as `crossings fit` does, for any window it may be asked for."""
    own = read_own_series(file)
    for first, last in (("2021-01", "2021-02"), (own.months[0], own.months[-1])):
        try:
            check_window(own, first, last)
        except InputError as error:
            check_refusal(error, file)


def start_of(found: Scenario) -> None:
    """Simulate two days of a scenario with one person in two hundred, after a day to warm up."""
    run = found.run.model_copy(update={"warm_up_days": 1})
    short = found.model_copy(update={"run": run})
    days = min(2, (run.end - run.start).days + 1)
    parameters = load_parameters(found.parameters)
    record = simulate(short, seed=1, scale=0.005, days=days, parameters=parameters)
    if record.start != run.start:
        raise WrongError("simulated another day")


def try_scenario(r: Random, folder: Path, tally: Tally, simulated: float = 0.0) -> None:
    """Draw a scenario file and try it.

    Args:
        r: Where the case comes from.
        folder: Where to write it.
        tally: Where to count it.
        simulated: Share of accepted scenarios to simulate as well.
    """
    kind, content = scenario_case(r)
    file = folder / "mine.toml"
    file.write_bytes(content)
    found = _tried(kind, file, lambda: read_scenario(file), tally)
    if found is not None and r.random() < simulated:
        try:
            start_of(found)
            tally.simulated += 1
        except Exception as error:
            raise WrongError(f"accepted and cannot be simulated: {error!r}"[:400]) from error


def try_table(r: Random, folder: Path, tally: Tally) -> None:
    """Draw a table of a user's own and try it."""
    kind, ending, content = table_case(r)
    file = folder / f"mine.{ending}"
    file.write_bytes(content)
    _tried(kind, file, lambda: read_table(file), tally)


def _tried(kind: str, file: Path, read: Callable[[], Any], tally: Tally) -> Any:
    found, began = None, time.perf_counter()
    try:
        with _time_limit():
            found = read()
        tally.accepted[kind] += 1
    except InputError as error:
        check_refusal(error, file)
        tally.refused[kind, kind_of(error)] += 1
    except WrongError:
        raise
    except Exception as error:
        raise WrongError(f"{kind}: {type(error).__name__}: {error}"[:400]) from error
    took = time.perf_counter() - began
    if took > MOST_SECONDS:
        raise WrongError(f"{kind}: took {took:.1f} s")
    tally.slowest = max(tally.slowest, (took, kind))
    return found


class _time_limit:  # noqa: N801 (used as a word)
    """Stops what takes too long, where the system can."""

    def __enter__(self) -> None:
        if hasattr(signal, "setitimer"):
            self.before = signal.signal(signal.SIGALRM, self._over)
            signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS + 1.0)

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, self.before)

    def _over(self, *_: object) -> None:
        raise WrongError("does not end")


def try_many(
    cases: int, folder: Path, *, first: int = 0, simulated: float = 0.004, scenarios: float = 0.6
) -> Tally:
    """Try cases of the seeds from `first` on; each can be had again by its seed alone.

    Args:
        cases: How many.
        folder: An empty folder.
        first: The first seed.
        simulated: Share of accepted scenarios to simulate as well.
        scenarios: Share of the cases that are scenarios.
    """
    tally = Tally()
    for seed in range(first, first + cases):
        try:
            try_one(seed, folder, tally, simulated, scenarios)
        except WrongError as error:
            tally.wrong.append(f"seed {seed}: {error}")
    return tally


def try_one(
    seed: int, folder: Path, tally: Tally, simulated: float = 0.0, scenarios: float = 0.6
) -> None:
    """Try the case of one seed."""
    r = Random(seed)
    if r.random() < scenarios:
        try_scenario(r, folder, tally, simulated)
    else:
        try_table(r, folder, tally)


__all__ = ["MOST_BYTES", "Tally", "WrongError", "peak_bytes", "try_many", "try_one"]
