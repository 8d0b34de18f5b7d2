"""Two folders of one question, made by other versions, fits or data: what differs, what moved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from simulation.answers.ledger import Change, Move, Provenance, changes, move, provenance_of
from simulation.engine.findings import Effect
from simulation.engine.result_folder import (
    MANIFEST,
    SCENARIOS,
    ExperimentManifest,
    changes_of,
    read_findings,
    read_manifest,
    reason,
    scenario_number,
)
from simulation.errors import InputError
from simulation.outcomes import OUTCOMES
from simulation.scenario import files
from simulation.studies.compare import Compare, ComparisonFindings, ScenarioEffects

#: keys of a scenario that ask for nothing
_WORDS = ("title", "description")
_COMPARISON = "the folder of a finished comparison, as crossings compare writes it"


@dataclass(frozen=True)
class MovedEffect:
    """An effect in both folders, and how far it moved.

    Attributes:
        scenario: Title of the scenario, as in the new folder.
        outcome: The outcome.
        period: `run`, or a year.
        old: The effect in the old folder.
        new: The effect in the new folder.
        move: How far it moved.
    """

    scenario: str
    outcome: str
    period: str
    old: Effect
    new: Effect
    move: Move


@dataclass(frozen=True)
class TwoVersions:
    """Two comparisons that answer one question.

    Attributes:
        baseline: Title of the baseline, as in the new folder.
        coverage: Of the intervals, 0 to 1.
        old: What the old one was made with.
        new: What the new one was made with.
        moves: Every effect that both have.
    """

    baseline: str
    coverage: float
    old: Provenance
    new: Provenance
    moves: tuple[MovedEffect, ...]

    @property
    def changes(self) -> list[Change]:
        """The differences in provenance between the two."""
        return changes(self.old, self.new)


def read_comparison(folder: Path, key: str | None = None) -> tuple[Provenance, ComparisonFindings]:
    """The provenance and the findings of a finished comparison.

    Args:
        folder: Its folder.
        key: What a message calls the folder.

    Raises:
        InputError: It holds no finished comparison, or its files have changed.
    """
    refuse = partial(InputError, key=key, value=str(folder), allowed=_COMPARISON)
    if not (folder / MANIFEST).is_file():
        raise refuse(f"holds no {MANIFEST}, so no results")
    manifest = read_manifest(folder)
    if not isinstance(manifest, ExperimentManifest) or manifest.kind != Compare.kind:
        raise refuse(f"holds results of {manifest.kind}, not of a comparison")
    if manifest.status != "complete":
        raise refuse(f"is not complete ({manifest.status})")
    try:
        problem = changes_of(folder, manifest).problem
    except OSError as error:
        problem = f"a file cannot be read ({reason(error)})"
    if problem:
        raise refuse(problem)
    findings = read_findings(folder, ComparisonFindings)
    return provenance_of(manifest, findings), findings


def compare_folders(old: Path, new: Path) -> TwoVersions:
    """Compare two results of one question.

    Raises:
        InputError: A folder holds no finished comparison or has changed, or the two answer
            different questions.
    """
    before, of_old = read_comparison(old, "OLD")
    after, of_new = read_comparison(new, "NEW")
    _check_same_question(old, new, of_old, of_new)
    moves = [
        moved
        for one, other in zip(of_old.scenarios, of_new.scenarios, strict=True)
        for moved in _moves(one, other)
    ]
    return TwoVersions(of_new.baseline, of_new.coverage, before, after, tuple(moves))


def _moves(old: ScenarioEffects, new: ScenarioEffects) -> Iterator[MovedEffect]:
    """Every effect of a scenario that both folders have and this version knows.

    Of an outcome that is quoted by its range, no single number is given.
    """
    for outcome, spec in OUTCOMES.items():
        if outcome not in old.outcomes or outcome not in new.outcomes:
            continue
        earlier = old.outcomes[outcome].periods
        for period, later in new.outcomes[outcome].periods.items():
            if period in earlier:
                both, moved = (earlier[period], later), move(earlier[period], later)
                if spec.quote == "range":
                    both, moved = (both[0].ranges_only(), later.ranges_only()), moved.ranges_only()
                yield MovedEffect(new.title, outcome, period, *both, moved)


def _check_same_question(
    old: Path, new: Path, of_old: ComparisonFindings, of_new: ComparisonFindings
) -> None:
    """Refuse folders that answer different questions, and say in what they differ."""
    refuse = partial(InputError, key="OLD, NEW", value=f"{old}, {new}")
    allowed = "two comparisons of the same days, of what changes the same"
    days = [f"{one.start} to {one.end}" for one in (of_old, of_new)]
    if days[0] != days[1]:
        raise refuse(f"answer different questions: {days[0]} and {days[1]}", allowed=allowed)
    counts = [len(one.scenarios) for one in (of_old, of_new)]
    if counts[0] != counts[1]:
        problem = f"answer different questions: {counts[0]} and {counts[1]} scenarios"
        raise refuse(problem, allowed=allowed)
    for number, (one, other) in enumerate(zip(_asked(old), _asked(new), strict=True)):
        differ = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        if differ:
            titles = [findings.scenarios[number].title for findings in (of_old, of_new)]
            problem = (
                f'answer different questions: "{titles[0]}" and "{titles[1]}" change the baseline '
                f"differently ({', '.join(differ)})"
            )
            raise refuse(problem, allowed=allowed)


def _asked(folder: Path) -> list[dict[str, tuple[object, ...]]]:
    """The keys in which each scenario of a comparison differs from its baseline, with both values.

    What both sides share is no part of the question: a later version may know more of the past.
    """
    written = sorted((folder / SCENARIOS).glob("*.toml"), key=scenario_number)
    baseline, *others = (files.read(path).data for path in written)
    return [_difference(baseline, other) for other in others]


def _difference(
    baseline: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[str, tuple[object, ...]]:
    """The keys that differ: for lists the items on one side only, otherwise both values."""
    differences: dict[str, tuple[object, ...]] = {}
    for key in (baseline.keys() | other.keys()) - set(_WORDS):
        sides = [one.get(key) for one in (baseline, other)]
        if sides[0] == sides[1]:
            continue
        if any(isinstance(side, list) for side in sides):
            items = [{json.dumps(item, sort_keys=True, default=str) for item in side or ()}
                     for side in sides]  # fmt: skip
            differences[key] = (sorted(items[0] - items[1]), sorted(items[1] - items[0]))
        else:
            differences[key] = tuple(sides)
    return differences
