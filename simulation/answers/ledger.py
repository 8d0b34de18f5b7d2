"""The ledger: answers to the shipped questions, what each was made with, and how far it moved.

The file ends in `.jsonl`, which no hash of the package counts: another line changes no result.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from simulation.engine.findings import Day, Effect, Seed, Window, Word, ends
from simulation.engine.result_folder import ExperimentManifest, reason
from simulation.errors import InputError, unknown_word
from simulation.parameters.fitted import window_name
from simulation.regular_files import read_start, write_text
from simulation.safe_json import MOST_BYTES, check_json, parse_json
from simulation.scenario import Scenario, load_scenario
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import DIRECTION_PAIRS, has_direction
from simulation.studies.compare import ComparisonFindings

#: whether an answer moved by more than its error; `unknown` with too few pairs to say
Verdict = Literal["more", "within", "unknown"]


class Move(Finding):
    """How far an effect moved from one answer to another.

    Attributes:
        pairs: Pairs behind the smaller of the two.
        points: Whether it is in percentage points, as both effects are in percent; else in the
            unit of the outcome.
        difference: New effect less the old one; None where one of them has no value.
        low: Lower end of its interval; None where one of them has none.
        high: Upper end.
        verdict: Whether it moved by more than its error.
    """

    pairs: Count
    points: bool
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval."""
        return ends(self.low, self.high)


def move(old: Effect, new: Effect) -> Move:
    """How far an effect moved.

    The interval is made from those of the two effects, which may be lopsided (MOVER: Zou and Donner
    2008, "Construction of confidence limits about effect measures: a general approach", Statistics
    in Medicine 27). It takes them for independent: of runs that share seeds it is too wide.

    Args:
        old: The effect of one comparison.
        new: The effect on the same outcome of another one.
    """
    points = old.mean_percent is not None and new.mean_percent is not None
    before, after = (one.mean_percent if points else one.mean_difference for one in (old, new))
    of_old, of_new = (
        one.interval if points else ends(one.mean_low, one.mean_high) for one in (old, new)
    )
    pairs, difference, low, high = min(old.pairs, new.pairs), None, None, None
    verdict: Verdict = "unknown"
    if before is not None and after is not None:
        difference = after - before
        if of_old is not None and of_new is not None:
            low = difference - math.hypot(after - of_new[0], of_old[1] - before)
            high = difference + math.hypot(of_new[1] - after, before - of_old[0])
            if pairs >= DIRECTION_PAIRS:
                verdict = "more" if has_direction(low, high, pairs) else "within"
    return Move(
        pairs=pairs, points=points, difference=difference, low=low, high=high, verdict=verdict
    )


#: letters of a hash that are shown
_LETTERS = 8


class Provenance(Finding):
    """The provenance of a comparison: versions, assumptions, data and size.

    Attributes:
        version: Of crossings.
        commit: Of the code; None where it ran from no checkout.
        source: Hash of all code and data of the package.
        model: Hash of the code and data that numbers depend on.
        assumptions: `records`, `ranges` or `fitted`.
        ensemble: Hash of the fitted ensemble; None where none was drawn from.
        window: First and last month of its fit.
        data: Hash of the tables of figures.
        published: The latest day or month on which a table was published.
        observed_until: Last month that all data cover.
        scale: Share of the people simulated.
        seed: Seed of the first pair.
        pairs: Pairs of runs that finished.
        days: Days counted.
        settings: What else it was asked.
        scenarios: Hash of each scenario, the baseline first.
    """

    version: Word
    commit: str | None
    source: Word
    model: Word
    assumptions: Word
    ensemble: str | None
    window: list[str] | None
    data: Word
    published: Word
    observed_until: str | None
    scale: float
    seed: Seed
    pairs: Count
    days: Count
    settings: dict[str, object]
    scenarios: list[str]

    @property
    def basis(self) -> str:
        """Where the assumptions come from, in words that name the fit."""
        if self.ensemble is None:
            return {"ranges": "ranges", "records": "central values"}[self.assumptions]
        window = window_name(*self.window) if self.window else "no recorded window"
        return f"fit of {window} ({self.ensemble[:_LETTERS]})"

    @property
    def facts(self) -> dict[str, str]:
        """Each thing that can differ, by what it is called."""
        hashes = [one[:_LETTERS] for one in self.scenarios]
        return {
            "version": self.version,
            "source": self.source,
            "model": self.model,
            "assumptions": self.basis,
            "data": f"published to {self.published} ({self.data[:_LETTERS]})",
            "scale": f"{self.scale:g}",
            "pairs": str(self.pairs),
            "first seed": str(self.seed),
            "settings": ", ".join(f"{key} {value}" for key, value in self.settings.items()),
            "baseline": hashes[0],
            "scenarios": ", ".join(hashes[1:]),
        }


def provenance_of(manifest: ExperimentManifest, findings: ComparisonFindings) -> Provenance:
    """The provenance of a finished comparison.

    Args:
        manifest: Of its folder.
        findings: Its findings.
    """
    identity, data = manifest.identity, manifest.data
    published = data.get("published")
    dates = [str(one) for one in published.values()] if isinstance(published, dict) else []
    return Provenance(
        version=manifest.versions.get("crossings", ""),
        commit=manifest.commit,
        source=manifest.source,
        model=identity.model_hash,
        assumptions=findings.assumptions,
        ensemble=identity.fitted_hash,
        window=None if findings.fitted is None else findings.fitted.window,
        data=str(data.get("hash", "")),
        published=max(dates, default="no recorded day"),
        observed_until=findings.observed_until,
        scale=identity.scale,
        seed=identity.seed,
        pairs=findings.replications,
        days=identity.days,
        settings=identity.settings,
        scenarios=[checksum for _, checksum in identity.cases],
    )


class Change(NamedTuple):
    """A thing that differs between two comparisons, and what it was in each."""

    what: str
    old: str
    new: str


def changes(old: Provenance, new: Provenance) -> list[Change]:
    """The differences in provenance between two comparisons."""
    after = new.facts
    return [
        Change(what, before, after[what])
        for what, before in old.facts.items()
        if before != after[what]
    ]


QUESTIONS = Path(__file__).with_name("questions.toml")


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
    rows = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
    wanted = set(names)
    for name in sorted(wanted - rows.keys()):
        raise unknown_word("no such question", name, rows, key="--question")
    return [
        Question(name=name, **row) for name, row in rows.items() if name in wanted or not wanted
    ]


FILE = Path(__file__).with_name("ledger.jsonl")


class Entry(Finding):
    """A line of the ledger.

    Attributes:
        line: Its number, from 1.
        added: The day on which it was added.
        why: Why the question was asked again, and why the answer moved.
        question: The question.
        made: What the answer was made with.
        effect: The answer.
    """

    line: Count
    added: Word
    why: str
    question: Question
    made: Provenance
    effect: Effect

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for two lines that hold the same answer."""
        provenance = self.made
        return (
            self.question.name, provenance.model, provenance.assumptions, provenance.ensemble,
            provenance.data, provenance.scale, provenance.seed, provenance.pairs,
        )  # fmt: skip


def read_ledger(file: Path | None = None) -> list[Entry]:
    """The lines of the ledger.

    Args:
        file: The ledger; that of the package when None.

    Raises:
        InputError: The file cannot be read, or a line is none of a ledger.
    """
    file = file or FILE
    try:
        content = read_start(file, MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", file=file) from None
    entries = []
    for number, line in enumerate(content.splitlines(), start=1):
        place = Path(f"{file}:{number}")
        try:
            row = parse_json(line)
        except ValueError as error:
            raise InputError(f"is no line of the ledger ({error})", file=place) from None
        entries.append(Entry.model_validate(check_json(row, Entry, place)))
    return entries


def add_lines(entries: Sequence[Entry]) -> None:
    """Add lines at the end of the ledger, all of them or none.

    Raises:
        InputError: The ledger cannot be read or written.
    """
    n_lines = len(read_ledger(FILE))
    text = FILE.read_text(encoding="utf-8")
    for number, entry in enumerate(entries, start=n_lines + 1):
        content = entry.model_copy(update={"line": number}).model_dump(mode="json")
        text += json.dumps(content, ensure_ascii=False) + "\n"
    try:
        write_text(FILE, text)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=FILE) from None


def before(entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """The line before that has the same question and the same kind of assumptions."""
    earlier = [
        one
        for one in entries
        if one.line < entry.line
        and one.question.name == entry.question.name
        and one.made.assumptions == entry.made.assumptions
    ]
    return max(earlier, key=lambda one: one.line, default=None)


def moved(entry: Entry, entries: Sequence[Entry]) -> tuple[Move, list[Change]] | None:
    """How an answer moved from the line before, and what differs; None for a first line."""
    earlier = before(entry, entries)
    if earlier is None:
        return None
    return move(earlier.effect, entry.effect), changes(earlier.made, entry.made)
