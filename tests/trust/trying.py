"""Tries one bad file: it is used, or refused in one line; and counts what became of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

from simulation.corridor import Corridor, Origins, load_corridor, load_origins
from simulation.data.own_series import read_own_series
from simulation.data.recognise import read_file
from simulation.data.workbook import is_workbook
from simulation.errors import InputError
from simulation.fitting.plan import check_window
from simulation.model.corridor_model import simulate
from simulation.parameters import Parameters, load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy import Levers, PolicyDay
from tests.trust.chain_cases import chain_case
from tests.trust.scenario_cases import scenario_case
from tests.trust.table_cases import table_case

#: letters of a refusal
MOST_LETTERS = 2_500
#: what is wrong with a file as a whole, so that there is no key to name
OF_THE_FILE = (
    "too large", "too many lines", "empty file", "no months below", "no table", "no text in UTF-8",
    "a workbook", "damaged workbook", "known workbooks", "not valid TOML", "file not found",
    "not plain text", "the file is empty", "too many files",
)  # fmt: skip


class WrongError(Exception):
    """A case that was neither used nor refused as it should be."""


@dataclass
class Tally:
    """What became of some cases: how many were used and refused, by kind and by what was wrong.

    `wrong` is what was treated as it should not be.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    simulated: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.accepted.total() + self.refused.total()


def check_refusal(error: InputError, file: Path) -> None:
    """A refusal is one printable line that names the file, and the key or the line.

    Raises:
        WrongError: It is not.
    """
    message = str(error)
    names_place = (
        error.key
        or "line " in message
        or re.search(r":\d+: ", message)
        or any(words in message for words in OF_THE_FILE)
    )
    if file.name not in message:
        raise WrongError(f"the file is not named: {message[:300]}")
    if not names_place:
        raise WrongError(f"neither key nor line is named: {message[:300]}")
    if not message.isprintable():
        raise WrongError(f"not one printable line: {message[:300]!r}")
    if len(message) > MOST_LETTERS:
        raise WrongError(f"{len(message)} letters: {message[:300]}")


def kind_of(error: InputError) -> str:
    """What was wrong, without what was written."""
    words = error.problem.split(":")[-1] if "line " in error.problem else error.problem
    if re.search(r":\d+$", error.file or ""):  # what was written, and what is wrong with it
        words = re.sub(r"^.*?(?= (?:is|has|holds) )", "", words).partition(";")[0]
    return " ".join(word for word in words.split() if word.isascii() and word.isalpha())[:40]


def read_scenario(file: Path) -> Scenario:
    """Read a scenario as the commands do, and ask of it what they ask."""
    corridor, origins, parameters = _surroundings()
    scenario = load_scenario(file, corridor, origins.origins)
    again = file.with_name("again.toml")
    again.write_text(scenario.resolved_toml(), encoding="utf-8")
    if load_scenario(again, corridor, origins.origins).hash() != scenario.hash():
        raise WrongError("what it amounts to is not itself")
    for section in SECTIONS:
        for lever in getattr(scenario, section):
            if not lever.in_words().isprintable():
                raise WrongError("described in words that cannot be printed")
    levers = Levers(scenario, corridor, parameters, origins.origins)
    for on in (scenario.run.first_simulated, scenario.run.start, scenario.run.end):
        check_policy(levers.on(on))
    return scenario


def check_policy(policy: PolicyDay) -> None:
    """Shares lie within their bounds, and there are no fewer than no units.

    Raises:
        WrongError: One does not.
    """
    shares = (policy.sharing.coverage, policy.entry_factor, policy.returns_factor)
    for least, values in ((0.5, policy.sharing.fidelity), *((0.0, share) for share in shares)):
        if not ((values >= least) & (values <= 1.0)).all():
            raise WrongError("a share out of its bounds")
    if (policy.patrol_surge <= 0.0).any() or any((at < 0.0).any() for at in policy.staff.values()):
        raise WrongError("fewer than no units")


@cache
def _surroundings() -> tuple[Corridor, Origins, Parameters]:
    return load_corridor(), load_origins(), load_parameters()


def read_table(file: Path) -> None:
    """Read a table as `crossings fit` does for any window, and a workbook as an update does."""
    data = file.read_bytes()
    if is_workbook(data):
        read_file(file, data)
        return
    own = read_own_series(file)
    if not len(set(own.months)) == len(own.months) == len(own.places) > 0:
        raise WrongError("months without a place, or twice")
    for values in own.series.values():
        if values.shape != (len(own.months),) or (values < 0.0).any():
            raise WrongError("a series of another length, or a number below 0")
    for first, last in (("2021-01", "2021-02"), (own.months[0], own.months[-1])):
        try:
            check_window(own, first, last)
        except InputError as error:
            check_refusal(error, file)


def start_of(scenario: Scenario) -> None:
    """Simulate two days of a scenario with one person in two hundred, after a day to warm up."""
    run = scenario.run.model_copy(update={"warm_up_days": 1})
    short = scenario.model_copy(update={"run": run})
    days = min(2, (run.end - run.start).days + 1)
    parameters = load_parameters(scenario.parameters)
    record = simulate(short, seed=1, scale=0.005, days=days, parameters=parameters)
    if record.start != run.start:
        raise WrongError("simulated another day")


def try_scenario(r: Random, folder: Path, tally: Tally, simulated: float = 0.0) -> None:
    """Draw a scenario file and try it; simulate some share of those that are accepted as well."""
    kind, content = scenario_case(r)
    file = folder / "mine.toml"
    file.write_bytes(content)
    scenario = _tried(kind, file, lambda: read_scenario(file), tally)
    if scenario is not None and r.random() < simulated:
        try:
            start_of(scenario)
            tally.simulated += 1
        except Exception as error:
            raise WrongError(f"accepted and cannot be simulated: {error!r}"[:400]) from error


def try_table(r: Random, folder: Path, tally: Tally) -> None:
    """Draw a table of a user's own and try it."""
    kind, ending, content = table_case(r)
    file = folder / f"mine.{ending}"
    file.write_bytes(content)
    _tried(kind, file, lambda: read_table(file), tally)


def try_chain(r: Random, folder: Path, tally: Tally) -> None:
    """Draw files that extend each other and try the first."""
    kind, file = chain_case(r, folder / "chain")
    _tried(kind, file.parent, lambda: load_scenario(file), tally)


def _tried(kind: str, file: Path, read: Callable[[], Any], tally: Tally) -> Any:
    try:
        value = read()
    except InputError as error:
        check_refusal(error, file)
        tally.refused[kind, kind_of(error)] += 1
        return None
    except WrongError:
        raise
    except Exception as error:
        raise WrongError(f"{kind}: {type(error).__name__}: {error}"[:400]) from error
    tally.accepted[kind] += 1
    return value


def try_many(cases: int, folder: Path, *, first: int = 0, simulated: float = 0.004) -> Tally:
    """Try so many cases in an empty folder; each can be had again by its seed alone.

    Some share of the scenarios that are accepted is simulated as well.
    """
    tally = Tally()
    for seed in range(first, first + cases):
        try:
            try_one(seed, folder, tally, simulated)
        except WrongError as error:
            tally.wrong.append(f"seed {seed}: {error}")
    return tally


def try_one(seed: int, folder: Path, tally: Tally, simulated: float = 0.0) -> None:
    """Try the case of one seed."""
    r = Random(seed)
    scenario = partial(try_scenario, simulated=simulated)
    (try_it,) = r.choices((scenario, try_table, try_chain), (60, 36, 4))
    try_it(r, folder, tally)
