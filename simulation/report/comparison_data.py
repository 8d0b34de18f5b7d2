"""What the figures of a comparison are drawn from: its tables, by scenario."""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    Differences,
    has_direction,
    p_value,
    paired_differences,
)
from simulation.experiments.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.outcomes import OUTCOMES
from simulation.wording.differences import few_for_directions

#: what the data behind a chart say of a difference, and what takes it from an effect or a change
CHANGE_COLUMNS = ("baseline", "scenario", "difference", "low", "high")
values_of = attrgetter(*CHANGE_COLUMNS)
#: share that chance may have of the legs that are said to change
FALSE_SHARE = 0.10


@dataclass(frozen=True)
class Change:
    """One quantity on both sides, and its paired difference with its interval.

    Attributes:
        baseline: Mean of the baseline.
        scenario: Mean of the scenario.
        difference: Mean difference.
        low: Lower end of its interval; NaN for a single pair.
        high: Upper end.
        pairs: Pairs behind it.
    """

    baseline: float
    scenario: float
    difference: float
    low: float
    high: float
    pairs: int

    @property
    def detectable(self) -> bool:
        """Whether it may be called a rise or a fall."""
        return has_direction(self.low, self.high, self.pairs)

    @property
    def percent(self) -> float:
        """The difference in percent of the baseline; NaN where that is nothing."""
        return 100.0 * self.difference / self.baseline if self.baseline else math.nan


@dataclass(frozen=True)
class Comparison:
    """One scenario against its baseline.

    Attributes:
        number: Its place among the scenarios.
        found: What the scenario changes.
        findings: What the comparison found.
        months: Outcome -> month (`2023-01`) -> change.
        departures: Leg -> change of the people who set out on it in the whole run.
        totals: (2, pairs, outcomes) the whole run, baseline and scenario.
        set_out: (2, pairs, legs) people who set out on each leg.
        legs: The legs' identifiers, in the order of `set_out`.
    """

    number: int
    found: ScenarioEffects
    findings: ComparisonFindings
    months: dict[str, dict[str, Change]]
    departures: dict[str, Change]
    totals: np.ndarray
    set_out: np.ndarray
    legs: Sequence[str]

    @property
    def title(self) -> str:
        """The scenario's title, plain text."""
        return self.found.title

    def by_chance(self, looked_at: int) -> str:
        """How many of some intervals leave out zero by chance alone, in words."""
        expected = round((1.0 - self.findings.coverage) * looked_at)
        return f"about {expected}" if expected else "fewer than one"

    @property
    def outcomes_by_chance(self) -> str:
        """How many outcomes look changed by chance, in a sentence; empty without intervals."""
        effects = map(self.found.effect, OUTCOMES)
        # where all pairs differ by the same, chance moves nothing
        several = sum(one.low is not None and one.low != one.high for one in effects)
        if several == 0:
            return ""
        return (
            f"If the policy changed nothing, {self.by_chance(several)} of {several} outcomes would "
            "leave zero out of their interval by chance alone."
        )

    @property
    def no_intervals(self) -> str:
        """Why there are no intervals, in a sentence; empty where there are."""
        pairs = self.findings.replications
        few = f"{pairs} pair{' is' if pairs == 1 else 's are'} too few for an interval."
        return few if pairs < FEWEST_PAIRS else ""

    @property
    def no_directions(self) -> str:
        """Why no difference is called a rise or a fall, in a sentence; empty where some may be."""
        pairs = self.findings.replications
        # with fewer still there is not even an interval, which is said
        few = FEWEST_PAIRS <= pairs < DIRECTION_PAIRS
        return few_for_directions(pairs) if few else ""

    @functools.cached_property
    def moved_legs(self) -> frozenset[str]:
        """Legs on which not every pair has the same number on both sides."""
        return frozenset(
            leg
            for leg, item in self.departures.items()
            if not item.difference == item.low == item.high == 0.0
        )

    @functools.cached_property
    def clear_legs(self) -> frozenset[str]:
        """Legs on which clearly more or fewer people set out.

        Of many legs some have an interval that leaves out zero by chance alone. So as many are
        taken, the clearest first, as keep the expected share of chance among them at `FALSE_SHARE`
        (Benjamini and Hochberg 1995, "Controlling the false discovery rate", J. R. Stat. Soc. B
        57).
        """
        from scipy import stats

        known = [leg for leg in sorted(self.moved_legs) if self.departures[leg].detectable]
        others = len(self.moved_legs) - len(known)
        # a leg whose interval holds zero is not clear, however many legs there are
        found = (self.departures[leg] for leg in known)
        p = [p_value(one.difference, one.low, one.high, one.pairs) for one in found]
        if not known:
            return frozenset()
        held = stats.false_discovery_control(np.clip(p + [1.0] * others, 0.0, 1.0)) <= FALSE_SHARE
        return frozenset(leg for leg, clear in zip(known, held, strict=False) if clear)

    def sum_of(self, names: Sequence[str], sign: float = 1.0, less: Sequence[str] = ()) -> Change:
        """Change of a sum of outcomes over the whole run, pair by pair.

        Args:
            names: The outcomes.
            sign: What the sum is multiplied by.
            less: Outcomes that are taken off the sum.
        """
        plus, minus = ([OUTCOME_NAMES.index(name) for name in some] for some in (names, less))
        total = self.totals[:, :, plus].sum(axis=2) - self.totals[:, :, minus].sum(axis=2)
        return change(paired_differences(*(sign * total)))

    def traffic(self, legs: Sequence[str]) -> Change:
        """Change of all who set out on some legs, pair by pair."""
        columns = [self.legs.index(leg) for leg in legs]
        return change(paired_differences(*self.set_out[:, :, columns].sum(axis=2)))


def change(found: Differences) -> Change:
    """One difference of a single quantity."""
    values = (found.base, found.other, found.mean, found.low, found.high)
    named = dict(zip(CHANGE_COLUMNS, map(float, values), strict=True))
    return Change(**named, pairs=int(found.pairs))


def read_comparisons(folder: Path, findings: ComparisonFindings) -> list[Comparison]:
    """Read what a comparison wrote, one for each of its scenarios."""
    count = len(findings.scenarios)
    months = _changes(folder / "month_differences.csv", count, "outcome", "month")
    legs = _changes(folder / "leg_differences.csv", count, "outcome", "leg")
    totals, _ = _by_run(folder / "runs.parquet", "outcome", "value", count, period="run")
    set_out, names = _by_run(folder / "legs.parquet", "leg", "departures", count)
    return [
        Comparison(
            number,
            found,
            findings,
            months[number],
            legs[number]["departures"],
            totals[[0, number + 1]],
            set_out[[0, number + 1]],
            names,
        )
        for number, found in enumerate(findings.scenarios)
    ]


def _changes(
    path: Path, scenarios: int, outer: str, inner: str
) -> list[dict[str, dict[str, Change]]]:
    """The rows of a table of differences, by scenario, then by two of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # by their place and not by title, since two scenarios may have one title
    each = len(rows) // scenarios
    result: list[dict[str, dict[str, Change]]] = []
    for number in range(scenarios):
        found: dict[str, dict[str, Change]] = {}
        for row in rows[number * each : (number + 1) * each]:
            values = {name: float(row[name]) if row[name] else math.nan for name in CHANGE_COLUMNS}
            found.setdefault(row[outer], {})[row[inner]] = Change(**values, pairs=int(row["pairs"]))
        result.append(found)
    return result


def _by_run(
    path: Path, key: str, value: str, scenarios: int, period: str | None = None
) -> tuple[np.ndarray, list[str]]:
    """Values of every run as (cases, seeds, names), and the names."""
    of_period = [] if period is None else [("period", "=", period)]
    table = pq.read_table(path, filters=[("case", "<=", scenarios), *of_period])
    names = list(dict.fromkeys(table[key].to_pylist()))
    values = np.asarray(table[value].to_pylist(), dtype=float)
    # written case by case, seed by seed, each with all its names in one order
    return values.reshape(scenarios + 1, -1, len(names)), names
