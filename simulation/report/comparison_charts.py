"""What differs in a comparison, by scenario: what its tables hold, and charts of it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from simulation.corridor import MODES, STAGES, Corridor
from simulation.engine.arrow_columns import array_of, codes_of, read
from simulation.engine.findings import Effect
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.world_design import Worlds
from simulation.outcomes import OUTCOMES
from simulation.report import drawing
from simulation.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    Differences,
    clear,
    has_direction,
    paired_differences,
)
from simulation.studies.compare import ComparisonFindings, LadderRung, ScenarioEffects
from simulation.studies.effect_chain import CHAIN, spec_of
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts
from simulation.wording.differences import HEADLINES, few_for_directions
from simulation.wording.quoting import RANGE_ONLY

#: what the data behind a chart say of a difference, and what takes it from an effect or a change
CHANGE_COLUMNS = ("baseline", "scenario", "mean_difference", "mean_low", "mean_high")
values_of = attrgetter(*CHANGE_COLUMNS)
#: the headlines in a word
_SHORT = ("arrivals", "deaths")
#: how the way can end, each by its outcomes; together with the rest these are all who entered
_ENDS = (
    ("arrived in the UK by small boat", ("channel_arrivals",)),
    ("died in the Channel", ("channel_deaths",)),
    ("arrived in the UK by lorry or ferry", ("lorry_arrivals",)),
    ("died on the corridor before the coast", ("corridor_deaths",)),
    ("settled outside the UK", ("settled_elsewhere",)),
    ("returned or gave up", ("returned",)),
)
#: the same where people are returned after they arrived; such an arrival is no end
_ADMITTED, _UNDONE = ("admitted_legally",), ("returned_after_arrival",)

_STAGES = {
    "aegean": "Turkey to Greece and Bulgaria",
    "south": "out of Greece and Bulgaria",
    "centre": "inside the Western Balkans",
    "exit": "out of the Western Balkans",
    "alpine": "Hungary, Croatia, Austria, Italy",
    "west": "Germany, Belgium, inside France",
    "channel": "over the Channel",
}
_MODES = {
    "foot": "on foot",
    "road": "by road",
    "rail": "by rail",
    "lorry": "in a lorry",
    "ferry": "by ferry",
    "boat": "by boat",
}
_OVER_WORLDS = ("plausible_low", "median", "plausible_high", "plausible_unit")
_PERCENTS = ("mean_percent", "mean_percent_low", "mean_percent_high")
_STEP = ("before", "mean_difference", "mean_low", "mean_high", "mean_probability")


@dataclass(frozen=True)
class Change:
    """One quantity on both sides, and its paired difference with its interval.

    Attributes:
        baseline: Median of the baseline; NaN, as the next two, where only a range may be quoted.
        scenario: Median of the scenario.
        mean_difference: Mean difference.
        mean_low: Lower end of its interval; NaN for too few pairs.
        mean_high: Upper end.
        mean_percent: Mean of the pairs' differences in percent; NaN where none is stated.
        groups: Independent differences behind it.
    """

    baseline: float
    scenario: float
    mean_difference: float
    mean_low: float
    mean_high: float
    mean_percent: float
    groups: int

    @property
    def detectable(self) -> bool:
        """Whether it may be called a rise or a fall."""
        return has_direction(self.mean_low, self.mean_high, self.groups)

    @property
    def ends_only(self) -> Change:
        """The same without what may not be quoted of deaths."""
        nothing = math.nan
        return replace(
            self, baseline=nothing, scenario=nothing, mean_difference=nothing, mean_percent=nothing
        )


@dataclass(frozen=True)
class Comparison:
    """One scenario against its baseline.

    Attributes:
        number: Its place among the scenarios.
        scenario: The effects of the scenario.
        findings: The findings of the whole comparison.
        totals: (2, pairs, outcomes) the whole run, baseline and scenario.
        by_month: (2, pairs, months, outcomes) the same by month.
        month_names: The months, as `2023-01`.
        set_out: (2, pairs, legs) people who set out on each leg in the whole run.
        legs: The legs' identifiers, in the order of `set_out`.
        worlds: The world of each pair.
    """

    number: int
    scenario: ScenarioEffects
    findings: ComparisonFindings
    totals: np.ndarray
    by_month: np.ndarray
    month_names: Sequence[str]
    set_out: np.ndarray
    legs: Sequence[str]
    worlds: Worlds

    @property
    def coverage(self) -> str:
        """What its intervals cover, in words."""
        return f"{round(self.findings.coverage * 100)}%"

    @functools.cached_property
    def departures(self) -> dict[str, Change]:
        """Leg -> change of the people who set out on it."""
        every = self.differences(self.set_out)
        return {leg: change(every, (column,)) for column, leg in enumerate(self.legs)}

    def differences(self, both: np.ndarray) -> Differences:
        """The paired differences of (2, pairs, ...) values."""
        return paired_differences(*both, groups=self.worlds.groups)

    def by_chance(self, looked_at: int) -> str:
        """How many of some intervals leave out zero by chance alone, in words."""
        expected = round((1.0 - self.findings.coverage) * looked_at)
        return f"about {expected}" if expected else "fewer than one"

    @property
    def outcomes_by_chance(self) -> str:
        """How many outcomes look changed by chance, in a sentence; empty without intervals."""
        intervals = [self.scenario.effect(name).interval for name in OUTCOMES]
        # where all pairs differ by the same, chance moves nothing
        several = sum(one is not None and not quoting.same(one) for one in intervals)
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
            if not item.mean_difference == item.mean_low == item.mean_high == 0.0
        )

    @functools.cached_property
    def clear_legs(self) -> frozenset[str]:
        """Legs on which clearly more or fewer people set out."""
        legs = sorted(self.moved_legs)
        ends = attrgetter("mean_difference", "mean_low", "mean_high", "groups")
        tests = np.array([ends(self.departures[leg]) for leg in legs]).reshape(-1, 4)
        return frozenset(np.array(legs)[clear(*tests.T)].tolist())

    def sum_of(self, names: Sequence[str], sign: float = 1.0, less: Sequence[str] = ()) -> Change:
        """Change of a sum of outcomes over the whole run, pair by pair.

        Args:
            names: The outcomes.
            sign: What the sum is multiplied by.
            less: Outcomes that are taken off the sum.
        """
        plus, minus = ([OUTCOME_NAMES.index(name) for name in some] for some in (names, less))
        total = self.totals[:, :, plus].sum(axis=2) - self.totals[:, :, minus].sum(axis=2)
        one = change(self.differences(sign * total))
        return one.ends_only if RANGE_ONLY.issuperset(names) else one

    def traffic(self, legs: Sequence[str]) -> Change:
        """Change of all who set out on some legs, pair by pair."""
        columns = [self.legs.index(leg) for leg in legs]
        return change(self.differences(self.set_out[:, :, columns].sum(axis=2)))


def change(differences: Differences, at: tuple[int, ...] = ()) -> Change:
    """One difference of a single quantity, or of the one at a place among several."""
    values = (
        differences.base,
        differences.other,
        differences.mean,
        differences.low,
        differences.high,
        differences.percent,
    )
    base, other, mean, low, high, percent = (float(array[at]) for array in values)
    return Change(base, other, mean, low, high, percent, int(differences.groups[at]))


def read_comparisons(folder: Path, findings: ComparisonFindings) -> list[Comparison]:
    """Read what a comparison wrote, one for each of its scenarios."""
    worlds = Worlds(*zip(*((world.set, world.path) for world in findings.worlds), strict=True))
    cases = len(findings.scenarios) + 1
    totals, _ = _by_run(folder / "runs.parquet", "value", cases, "outcome", period="run")
    by_month, (months, _) = _by_run(folder / "months.parquet", "value", cases, "month", "outcome")
    set_out, (legs,) = _by_run(folder / "legs.parquet", "departures", cases, "leg")
    return [
        Comparison(
            number - 1,
            findings.scenarios[number - 1],
            findings,
            totals[[0, number]],
            by_month[[0, number]],
            months,
            set_out[[0, number]],
            legs,
            worlds,
        )
        for number in range(1, cases)
    ]


def _by_run(
    path: Path, value: str, cases: int, *keys: str, period: str | None = None
) -> tuple[np.ndarray, list[list[str]]]:
    """Values of every run as (cases, seeds, *names of each key), and these names."""
    table = read(path)
    asked = array_of(table["case"]) < cases
    if period is not None:
        codes, periods = codes_of(table["period"])
        asked &= np.array([name == period for name in periods])[codes]
    names = []
    for key in keys:
        codes, vocabulary = codes_of(table[key])
        names.append([vocabulary[code] for code in dict.fromkeys(codes[asked].tolist())])
    values = array_of(table[value])[asked]
    # written case by case, seed by seed, each with all its names in one order
    return values.reshape(cases, -1, *map(len, names)), names


def outcomes_chart(comparison: Comparison) -> drawing.Chart:
    """All outcomes of the whole run, those that are quoted in percent with their interval."""
    return _effects_chart(comparison, "outcomes", comparison.scenario.title, tuple(OUTCOMES))


def chain_chart(comparison: Comparison) -> drawing.Chart:
    """From what is learnt, at the top, to who crosses."""
    title = f"{comparison.scenario.title}: from what is learnt to who crosses"
    return _effects_chart(comparison, "chain", title, CHAIN)


def _effects_chart(
    comparison: Comparison, key: str, title: str, names: Sequence[str]
) -> drawing.Chart:
    """Effects on outcomes and sums of links, one below the other."""
    rows, table = [], []
    for name in names:
        entry = comparison.scenario.effect(name)
        if quoting.has_value(name, entry):
            values = (getattr(entry, column) for column in (*_OVER_WORLDS, *_PERCENTS))
            table.append([name, spec_of(name).label, *values, *values_of(entry)])
            rows.append(percent_dot(name, entry))
    ranged = any(comparison.scenario.effect(name).plausible for name in OUTCOMES)
    shown = f"the average over the pairs, each line its {comparison.coverage} interval"
    if ranged:
        shown = "the middle of plausible worlds, each line nine of ten of these worlds"
    note = drawing.sentences(
        f"Each dot is {shown}, in percent of each pair's own baseline over the whole run. Right of "
        "zero there is more of it than in the baseline. A row without a line is not quoted in "
        "percent: its range stands beside the name.",
        comparison.no_intervals,
        comparison.no_directions,
        "" if ranged else comparison.outcomes_by_chance,
    )
    header = ["outcome", "label", *_OVER_WORLDS, *_PERCENTS, *CHANGE_COLUMNS]
    return drawing.Chart(
        f"{key}-{comparison.number}",
        title,
        note,
        drawing.dots(rows, x=f"difference, {quoting.PERCENT_AXIS}", cut=True),
        header,
        table,
        "long",
    )


def percent_dot(
    name: str, entry: Effect, label: str = "", *, strong: bool | None = None
) -> drawing.Dot:
    """A row with the difference of an outcome as it is quoted; without a dot if not in percent.

    It is the middle of worlds with their range where there is one, else the average.

    Args:
        name: The outcome, or sum of links.
        entry: Its difference.
        label: What the row says; the outcome's label when empty.
        strong: Whether the label is bold; that of a headline when None.
    """
    shown, ranged = quoting.drawn(name, [entry]), quoting.drawn_over_worlds(name, entry)
    (ends,), (text,) = shown.ends, shown.texts
    if ranged is not None:
        ends, text = ranged
    if shown.unit != quoting.PERCENT_AXIS:
        ends = (math.nan, math.nan, math.nan)
    average = f"average {quoting.whole(name, entry)}"
    amount = quoting.whole_amount_beside(name, entry)
    hover = (
        text,
        f"baseline {_side(name, entry, 'baseline')}, scenario {_side(name, entry, 'scenario')}",
        amount if ranged is None else "" if name in RANGE_ONLY else average,
        verdicts.short(name, entry),
    )
    strong = name in HEADLINES if strong is None else strong
    clear = entry.is_clear
    lines = list(filter(None, hover))
    return drawing.Dot(label or spec_of(name).label, *ends, clear, text, lines, strong)


def _side(name: str, entry: Effect, side: str) -> str:
    """The level of one side of an effect."""
    return quoting.level(name, *quoting.side_of(entry, side))


def ends_chart(comparison: Comparison) -> drawing.Chart:
    """How the way ends for more or fewer people than in the baseline."""
    ends = [
        (words, names, comparison.sum_of(names), RANGE_ONLY.issuperset(names))
        for words, names in _ENDS
    ]
    everyone = [name for _, names in _ENDS for name in names]
    undone = comparison.sum_of(_UNDONE, sign=-1.0)
    if undone.baseline or undone.scenario:
        ends.append(("admitted to the UK legally", _ADMITTED, comparison.sum_of(_ADMITTED), False))
        ends.append(("returned after they arrived (taken off)", _UNDONE, undone, False))
    rest = comparison.sum_of([*everyone, *_ADMITTED], sign=-1.0, less=_UNDONE)
    rows = [_change_dot(words, item, strong=died or names == ("channel_arrivals",))
            for words, names, item, died in ends]  # fmt: skip
    rows.append(_change_dot("still on the way at the end (the rest)", rest, sides=False))
    table: list[list[Any]] = [[words, *values_of(item)] for words, _, item, _ in ends]
    table.append(["rest", math.nan, math.nan, rest.mean_difference, rest.mean_low, rest.mean_high])
    entries = comparison.scenario.effect("wb_entries")
    transit = comparison.scenario.effect("in_transit")
    on_the_way = wording.change("in_transit", transit, comparison.findings.coverage)
    entered = wording.change("wb_entries", entries, comparison.findings.coverage)
    return drawing.Chart(
        f"ends-{comparison.number}",
        f"Where people are instead: {comparison.scenario.title}",
        "People, whole run. Whoever does not arrive by one way arrives by another, settles, "
        "returns, dies, or is still on the way when the days counted end. The last row is worked "
        "out so that all rows sum to zero. It holds only if equally many people set out on both "
        f"sides. Entries to the Western Balkan route: {entered}. On the way on a mean day: "
        f"{on_the_way}.",
        drawing.dots(rows, x="difference, people"),
        ["end", *CHANGE_COLUMNS],
        table,
        "wide",
    )


def stages_chart(comparison: Comparison, corridor: Corridor) -> drawing.Chart:
    """On which part of the way, and by which means, more or fewer people set out."""
    rows, table = [], []
    for stage in STAGES:
        legs = [leg for leg in corridor.legs if leg.stage == stage]
        if not legs:
            continue
        whole = comparison.traffic([leg.id for leg in legs])
        rows.append(_change_dot(_STAGES.get(stage, stage), whole, strong=True))
        table.append([stage, "all", *values_of(whole)])
        modes = [mode for mode in MODES if any(leg.mode == mode for leg in legs)]
        for mode in modes if len(modes) > 1 else []:
            item = comparison.traffic([leg.id for leg in legs if leg.mode == mode])
            table.append([stage, mode, *values_of(item)])
            if item.baseline or item.scenario:
                rows.append(_change_dot(f"   {_MODES.get(mode, mode)}", item))
    return drawing.Chart(
        f"stages-{comparison.number}",
        f"By part of the way and by means: {comparison.scenario.title}",
        "How many more or fewer set out, in the order of the way, each part and then each means of "
        "travel within it. One person sets out many times, and again after each stop, so these are "
        "departures and not persons.",
        drawing.dots(rows, x="difference, departures"),
        ["stage", "means", *CHANGE_COLUMNS],
        table,
        "longest",
    )


def _change_dot(
    label: str, item: Change, *, strong: bool = False, sides: bool = True
) -> drawing.Dot:
    text = quoting.counted(item.mean_difference, item.mean_low, item.mean_high)
    hover = [text]
    if sides and not math.isnan(item.baseline):
        hover.append(f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}")
        if not math.isnan(item.mean_percent):
            hover.append(quoting.percent(item.mean_percent))
    return drawing.Dot(
        label,
        item.mean_difference,
        item.mean_low,
        item.mean_high,
        item.detectable,
        text,
        hover,
        strong,
    )


def ladder_chart(one: Comparison, rungs: Sequence[LadderRung], name: str) -> drawing.Chart:
    """The effect on one outcome with no adaptation, then with each response added."""
    effects = [rung.outcomes[name] for rung in rungs]
    shown = quoting.drawn(name, effects)
    rows, table = [], []
    for rung, effect, ends, text in zip(rungs, effects, shown.ends, shown.texts, strict=True):
        step = (rung.step or {}).get(name)
        if quoting.has_value(name, effect):
            added = "" if step is None else f"this response: {wording.step_number(name, step)}"
            hover = list(filter(None, (text, verdicts.short(name, effect), added)))
            label = wording.response(rung)
            rows.append(drawing.Dot(label, *ends, effect.is_clear, text, hover))
        table.append(
            [name, " ".join(rung.responses) or "none", *values_of(effect)]
            + [getattr(step, key, None) for key in _STEP]
        )
    lines = one.no_intervals or f"Lines are {one.coverage} intervals."
    short = _SHORT[HEADLINES.index(name)]
    return drawing.Chart(
        f"ladder-{short}-{one.number}",
        f"The effect on {verdicts.in_text(name)}, response by response: {one.scenario.title}",
        "From the top, each row adds one response to those before it. Both sides of each "
        f"comparison have the same responses. {lines}",
        drawing.dots(rows, x=f"difference, {shown.unit}"),
        ["outcome", "responses", *CHANGE_COLUMNS, *(f"step_{key}" for key in _STEP)],
        table,
        "wide",
    )
