"""The questions whose answers the ledger holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from simulation.engine.findings import Day, Window, Word
from simulation.errors import unknown_word
from simulation.scenario import Scenario, load_scenario
from simulation.statistics.finding import Finding

FILE = Path(__file__).with_name("questions.toml")


class Question(Finding):
    """A scenario, what it is compared with, and what is read from the comparison.

    Attributes:
        name: Its name in the ledger.
        title: What pages call it.
        scenario: Name of a shipped scenario.
        against: Name of the shipped scenario that is its baseline.
        outcome: The outcome that is read.
        first: First day counted.
        last: Last day counted.
    """

    name: Word
    title: str
    scenario: Word
    against: Word
    outcome: Word
    first: Day
    last: Day

    @property
    def sides(self) -> tuple[Scenario, Scenario]:
        """Baseline and scenario, each counted over the days of the question.

        Raises:
            InputError: There is no such shipped scenario.
        """
        days = Window(first=self.first, last=self.last).days
        baseline, scenario = (
            counted_over(load_scenario(name), *days) for name in (self.against, self.scenario)
        )
        return baseline, scenario

    def asks_the_same(self, other: Question) -> bool:
        """Whether another question has the same answer by definition: all but its title."""
        return self.model_copy(update={"title": other.title}) == other


def counted_over(scenario: Scenario, first: date, last: date) -> Scenario:
    """A scenario that simulates the same days and counts fewer of them.

    Args:
        scenario: The scenario.
        first: First day counted, not before its own.
        last: Last day counted, not after its own.
    """
    warm_up = (first - scenario.run.first_simulated).days
    run = scenario.run.model_copy(update={"start": first, "end": last, "warm_up_days": warm_up})
    return scenario.model_copy(update={"run": run})


def questions(names: Iterable[str] = ()) -> list[Question]:
    """The questions of some names, or all of them, in the order of their file.

    Raises:
        InputError: There is no question of a name.
    """
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
    wanted = set(names)
    for name in sorted(wanted - rows.keys()):
        raise unknown_word("no such question", name, rows, key="--question")
    return [
        Question(name=name, **row) for name, row in rows.items() if name in wanted or not wanted
    ]
