"""What differs in a comparison, by scenario: what its tables hold, and charts of it."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

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
from simulation.statistics.plausible_range import plausible_effects
from simulation.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.studies.effect_chain import CHAIN, spec_of
from simulation.wording import quoting, verdicts
from simulation.wording.differences import HEADLINES, few_for_directions
from simulation.wording.quoting import RANGE_ONLY

#: what the data behind a chart say of a difference, and what takes it from an effect or a change
CHANGE_COLUMNS = ("baseline", "scenario", "mean_difference", "mean_low", "mean_high")
values_of = attrgetter(*CHANGE_COLUMNS)
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

_OVER_WORLDS = ("plausible_low", "median", "plausible_high", "plausible_unit")
_PERCENTS = ("mean_percent", "mean_percent_low", "mean_percent_high")


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
    return drawing.Chart(
        f"ends-{comparison.number}",
        f"Where people are instead: {comparison.scenario.title}",
        "People, whole run. Whoever does not arrive by one way arrives by another, settles, "
        "returns, dies, or is still on the way when the days counted end. The last row is worked "
        "out so that all rows sum to zero. It holds only if equally many people set out on both "
        "sides.",
        drawing.dots(rows, x="difference, people"),
        ["end", *CHANGE_COLUMNS],
        table,
        "wide",
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


# -- by month --------------------------------------------------------------------------------------

_OF_WORLDS = (
    "Differences have the middle of plausible worlds as their line and nine of ten of these worlds "
    "as their band. Where that holds zero, worlds differ in which way the month goes."
)


def months_chart(comparison: Comparison) -> drawing.Chart:
    """Arrivals by month on both sides, and the differences in arrivals and deaths.

    A difference is drawn as one of the whole run is: the middle of plausible worlds with nine of
    ten of them, or the average with its interval where worlds have no range.
    """
    base, other = comparison.by_month
    mean = comparison.differences(comparison.by_month)
    over = plausible_effects(other - base, *comparison.worlds, resamples=0)
    ranged = not np.isnan(over.low).all()
    middle, ends = (over.median, over) if ranged else (mean.mean, mean)
    band = "nine of ten worlds" if ranged else f"{comparison.coverage} interval"
    x = [f"{month}-01" for month in comparison.month_names]
    mode = "lines+markers" if len(x) <= drawing.FEW_POINTS else "lines"
    arrivals, deaths = (OUTCOME_NAMES.index(name) for name in HEADLINES)
    columns: dict[str, Iterable[Any]] = {"month": comparison.month_names}
    plot = drawing.figure()
    plot.stack([1.2, 1, 1], gap=0.05)
    for side, name, colour, dash in (
        ("base", "baseline", drawing.BLACK, "dot"),
        ("other", "scenario", drawing.BLUE, "solid"),
    ):
        median, low, high = (
            getattr(mean, f"{side}{end}")[:, arrivals] for end in ("", "_low", "_high")
        )
        if not np.isnan(low).all():
            drawing.add_band(plot, x, low, high, name=name, colour=colour)
        line = {"color": colour, "width": 2, "dash": dash}
        plot.scatter(x, median, mode=mode, name=name, line=line, hovertemplate="%{y:,.0f}")
        columns |= {f"arrivals_{name}": median, f"arrivals_{name}_low": low}
        columns[f"arrivals_{name}_high"] = high
    for row, at, name in ((2, arrivals, "arrivals"), (3, deaths, "deaths")):
        values = middle[:, at], ends.low[:, at], ends.high[:, at]
        words = [_in_words(HEADLINES[row - 2], *each) for each in zip(*values, strict=True)]
        if not np.isnan(values[1]).all():
            shown = words if row == 3 else ()  # of deaths the band alone
            drawing.add_band(
                plot, x, *values[1:], name=band, colour=drawing.BLUE, row=row, words=shown
            )
        if row == 2:
            line = {"color": drawing.BLUE, "width": 2}
            plot.scatter(
                x, values[0], row=row, mode=mode, name="difference", line=line, customdata=words,
                hovertemplate="%{customdata}", showlegend=False,
            )  # fmt: skip
            columns[f"{name}_difference"] = values[0]
        columns |= {f"{name}_difference_low": values[1], f"{name}_difference_high": values[2]}
    zero = {"zeroline": True, "zerolinecolor": drawing.BLACK, "zerolinewidth": 1}
    for row, text in enumerate(("arrivals", "difference", "difference, deaths"), start=1):
        settings = {"rangemode": "tozero", "tickformat": ",~f", "nticks": 6}
        plot.update_yaxes(
            row=row, title={"text": f"{text} a month"}, **settings, **(zero if row > 1 else {})
        )
    short = len(x) <= drawing.FEW_POINTS
    few: drawing.PlotlyObject = {"tickvals": x, "tickformat": "%b %Y"} if short else {}
    plot.update_xaxes(**{"tickformat": "%b\n%Y", "hoverformat": "%B %Y", "type": "date", **few})
    plot.update_xaxes(row=3, title={"text": "month"})
    average = f"Differences have the average of the pairs as their line, its {band} as their band."
    notes = [
        "At the top are medians of both sides.",
        _OF_WORLDS if ranged else comparison.no_intervals or average,
        "Of deaths the band alone is shown: they are few and come in single disasters.",
    ]
    key, title = f"months-{comparison.number}", "Arrivals and deaths by month"
    title = f"{title}: {comparison.scenario.title}"
    return drawing.time_chart(plot, comparison.findings.horizon, key, title, notes, columns, "long")


def _in_words(name: str, *values: float) -> str:
    """A difference of a month as it is quoted: its middle and its ends."""
    middle, inside = quoting.across(name, *(None if value != value else value for value in values))
    if middle and inside:
        return f"{middle} ({inside})"
    return middle or inside or "no value"
