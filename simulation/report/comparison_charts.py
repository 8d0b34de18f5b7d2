"""What differs in a comparison, by scenario: what its tables hold, and charts of it."""

from __future__ import annotations

import csv
import functools
import itertools
import math
from collections.abc import Hashable, Sequence
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
from simulation.outcomes import OUTCOMES, OutcomeSpec, axis_unit, most_decimals, shown_divisor
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
from simulation.wording import quoting
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
_TICKS: dict[str, Any] = {"tickformat": ",~f", "nticks": 6}
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
        months: Outcome -> month (`2023-01`) -> change.
        departures: Leg -> change of the people who set out on it in the whole run.
        totals: (2, pairs, outcomes) the whole run, baseline and scenario.
        set_out: (2, pairs, legs) people who set out on each leg.
        legs: The legs' identifiers, in the order of `set_out`.
        groups: The group of each pair, as `paired_differences` takes it.
    """

    number: int
    scenario: ScenarioEffects
    findings: ComparisonFindings
    months: dict[str, dict[str, Change]]
    departures: dict[str, Change]
    totals: np.ndarray
    set_out: np.ndarray
    legs: Sequence[str]
    groups: Sequence[Hashable] | None = None

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
        one = change(paired_differences(*(sign * total), groups=self.groups))
        return one.ends_only if RANGE_ONLY.issuperset(names) else one

    def traffic(self, legs: Sequence[str]) -> Change:
        """Change of all who set out on some legs, pair by pair."""
        columns = [self.legs.index(leg) for leg in legs]
        both = self.set_out[:, :, columns].sum(axis=2)
        return change(paired_differences(*both, groups=self.groups))


def change(differences: Differences) -> Change:
    """One difference of a single quantity."""
    values = (
        differences.base,
        differences.other,
        differences.mean,
        differences.low,
        differences.high,
    )
    named = dict(zip(CHANGE_COLUMNS, map(float, values), strict=True))
    return Change(**named, mean_percent=float(differences.percent), groups=int(differences.groups))


def read_comparisons(folder: Path, findings: ComparisonFindings) -> list[Comparison]:
    """Read what a comparison wrote, one for each of its scenarios."""
    count, worlds = len(findings.scenarios), findings.worlds
    groups = Worlds([world.set for world in worlds], [world.path for world in worlds]).groups
    most = len({*groups})
    months = _changes(folder / "month_differences.csv", count, "outcome", "month", most)
    legs = _changes(folder / "leg_differences.csv", count, "outcome", "leg", most)
    totals, _ = _by_run(folder / "runs.parquet", "outcome", "value", count, period="run")
    set_out, names = _by_run(folder / "legs.parquet", "leg", "departures", count)
    return [
        Comparison(
            number,
            effects,
            findings,
            months[number],
            legs[number]["departures"],
            totals[[0, number + 1]],
            set_out[[0, number + 1]],
            names,
            groups,
        )
        for number, effects in enumerate(findings.scenarios)
    ]


def _changes(
    path: Path, scenarios: int, outer: str, inner: str, groups: int
) -> list[dict[str, dict[str, Change]]]:
    """The rows of a table of differences, by scenario, then by two of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # by their place and not by title, since two scenarios may have one title
    each = len(rows) // scenarios
    result: list[dict[str, dict[str, Change]]] = [{} for _ in range(scenarios)]
    for of_scenario, mine in zip(result, itertools.batched(rows, each), strict=True):
        for row in mine:
            numbers = (*CHANGE_COLUMNS, "mean_percent")
            values = {name: float(row[name] or math.nan) for name in numbers}
            one = Change(**values, groups=min(int(row["pairs"]), groups))
            of_scenario.setdefault(row[outer], {})[row[inner]] = (
                one.ends_only if row[outer] in RANGE_ONLY else one
            )
    return result


def _by_run(
    path: Path, key: str, value: str, scenarios: int, period: str | None = None
) -> tuple[np.ndarray, list[str]]:
    """Values of every run as (cases, seeds, names), and the names."""
    table = read(path)
    asked = array_of(table["case"]) <= scenarios
    if period is not None:
        codes, periods = codes_of(table["period"])
        asked &= np.array([name == period for name in periods])[codes]
    codes, vocabulary = codes_of(table[key])
    names = [vocabulary[code] for code in dict.fromkeys(codes[asked].tolist())]
    values = array_of(table[value])[asked]
    # written case by case, seed by seed, each with all its names in one order
    return values.reshape(scenarios + 1, -1, len(names)), names


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
    shown = f"the average over the pairs, each line its {_coverage(comparison)} interval"
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
    amount = quoting.whole_amount(name, entry) if quoting.in_percent(entry) else ""
    hover = (
        text,
        f"baseline {_side(name, entry, 'baseline')}, scenario {_side(name, entry, 'scenario')}",
        amount if ranged is None else "" if name in RANGE_ONLY else average,
        wording.sureness(entry) if ranged is None else "",
    )
    strong = name in HEADLINES if strong is None else strong
    clear = entry.detectable if ranged is None else entry.one_way
    lines = list(filter(None, hover))
    return drawing.Dot(label or spec_of(name).label, *ends, clear, text, lines, strong)


def _side(name: str, entry: Effect, side: str) -> str:
    """The level of one side of an effect."""
    return quoting.level(name, *(getattr(entry, f"{side}{end}") for end in ("", "_low", "_high")))


def first_months(comparison: Comparison) -> drawing.Chart:
    """Arrivals by month on both sides, and the differences in arrivals and deaths."""
    plot = drawing.figure(x="")
    plot.stack([1.2, 1, 1], gap=0.05)
    arrivals, deaths = HEADLINES
    months = len(comparison.months[arrivals])
    columns: dict[str, list[Any]] = {"month": list(comparison.months[arrivals])}
    _add_panels(plot, comparison, arrivals, 1, legend=True)
    _add_difference(plot, comparison, deaths, 3, legend=False)
    for row, text in enumerate((_SHORT[0], "difference", f"difference, {_SHORT[1]}"), start=1):
        plot.update_yaxes(row=row, title={"text": f"{text} a month"})
    for name, shown in ((arrivals, CHANGE_COLUMNS), (deaths, ("mean_low", "mean_high"))):
        for column in shown:
            values = [getattr(item, column) for item in comparison.months[name].values()]
            columns[f"{name}_{column}"] = values
    _month_axis(plot, columns["month"], 3)
    band = comparison.no_intervals or (
        f"The band is its {_coverage(comparison)} interval. Where it holds zero, that month shows "
        f"no detectable effect. Of {months} months {comparison.by_chance(months)} would leave zero "
        "out by chance alone."
    )
    return drawing.time_chart(
        plot,
        comparison.findings.horizon,
        f"months-{comparison.number}",
        f"Arrivals and deaths by month: {comparison.scenario.title}",
        [
            "Medians of both sides, and below them the average difference of the pairs.",
            band,
            "Of deaths the band alone is shown: they are few and come in single disasters.",
        ],
        columns,
        "long",
    )


def other_months(comparison: Comparison) -> drawing.Chart:
    """The other outcomes by month, one at a time."""
    names = [
        name
        for name in OUTCOMES
        if name not in HEADLINES
        and not all(
            math.isnan(item.mean_difference) and math.isnan(item.mean_low)
            for item in comparison.months[name].values()
        )
    ]
    extra = drawing.month_columns(
        comparison.findings.horizon, list(comparison.months[HEADLINES[0]])
    )
    plot = drawing.figure(x="")
    plot.stack([1.2, 1])
    rows, owners = [], list[str]()
    for name in names:
        _add_panels(plot, comparison, name, 1, legend=True, visible=name == names[0], band=False)
        owners += [name] * (len(plot.data) - len(owners))
        months = zip(comparison.months[name].items(), *extra.values(), strict=True)
        rows += [[name, month, *values_of(item), *marks] for (month, item), *marks in months]
    buttons = []
    for name in names:
        visible = {"visible": [owner == name for owner in owners]}
        unit = drawing.safe(_axis_unit(OUTCOMES[name]))
        titles = {"yaxis.title.text": unit, "yaxis2.title.text": "difference"}
        label = drawing.safe(OUTCOMES[name].label)
        buttons.append({"label": label, "method": "update", "args": [visible, titles]})
    if names:
        plot.update_yaxes(row=1, title={"text": drawing.safe(_axis_unit(OUTCOMES[names[0]]))})
    _month_axis(plot, list(comparison.months[HEADLINES[0]]), 2)
    beyond = drawing.shade(plot, comparison.findings.horizon, by_month=True)
    plot.add_menu(buttons, y=1.09, size=11, top=96)
    return drawing.Chart(
        f"other-months-{comparison.number}",
        f"Other outcomes by month: {comparison.scenario.title}",
        f"The menu shows one outcome at a time, with the {_coverage(comparison)} interval of its "
        f"difference as a band; the data below hold all of them. {beyond}".rstrip(),
        plot,
        ["outcome", "month", *CHANGE_COLUMNS, *extra],
        rows,
        "tall menu",
    )


def _add_panels(
    plot: drawing.PlotFigure,
    comparison: Comparison,
    name: str,
    row: int,
    *,
    legend: bool,
    visible: bool = True,
    band: bool = True,
) -> None:
    """Both sides of an outcome in a panel, if they may be quoted; their difference in the next."""
    spec = OUTCOMES[name]
    sides = [] if name in RANGE_ONLY else [
        ("baseline", drawing.BLACK, "dot"),
        ("scenario", drawing.BLUE, "solid"),
    ]  # fmt: skip
    for side, colour, dash in sides:
        plot.scatter(
            *_series(comparison, name, side),
            row=row,
            mode=_line_mode(comparison, name),
            name=side,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"%{{y:,.{most_decimals(spec)}f}}",
            showlegend=legend,
            visible=visible,
        )
    title = {"text": drawing.safe(_axis_unit(spec))}
    plot.update_yaxes(row=row, title=title, rangemode="tozero", **_TICKS)
    _add_difference(plot, comparison, name, row + 1, legend=legend and band, visible=visible)


def _add_difference(
    plot: drawing.PlotFigure,
    comparison: Comparison,
    name: str,
    row: int,
    *,
    legend: bool,
    visible: bool = True,
) -> None:
    """The difference of an outcome with its band; the band alone where no middle may be quoted."""
    words = [_month_words(name, item) for item in comparison.months[name].values()]
    ends_only = name in RANGE_ONLY
    touched = {"customdata": words, "hovertemplate": "%{customdata}<extra></extra>"}
    for edge, fill in (("mean_high", "none"), ("mean_low", "tonexty")):
        plot.scatter(
            *_series(comparison, name, edge),
            row=row,
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=drawing.translucent(drawing.BLUE, 0.25),
            name=f"{_coverage(comparison)} interval of the difference",
            showlegend=legend and edge == "mean_low",
            visible=visible,
            **(touched if ends_only and edge == "mean_high" else {"hoverinfo": "skip"}),
        )
    if not ends_only:
        plot.scatter(
            *_series(comparison, name, "mean_difference"),
            row=row,
            mode=_line_mode(comparison, name),
            name="difference",
            line={"color": drawing.BLUE, "width": 2},
            customdata=words,
            hovertemplate="%{customdata}",
            showlegend=False,
            visible=visible,
        )
    # zero belongs on the axis of a difference
    zero = {"zeroline": True, "zerolinecolor": drawing.BLACK, "zerolinewidth": 1}
    title = {"text": "difference"}
    plot.update_yaxes(row=row, title=title, rangemode="tozero", **zero, **_TICKS)


def _series(comparison: Comparison, name: str, column: str) -> tuple[list[str], list[float]]:
    """First days of months, and a column of an outcome in the unit that is shown."""
    months = comparison.months[name]
    unit = shown_divisor(OUTCOMES[name])
    return [f"{month}-01" for month in months], [
        getattr(item, column) / unit for item in months.values()
    ]


def _line_mode(comparison: Comparison, name: str) -> str:
    return "lines+markers" if len(comparison.months[name]) <= drawing.FEW_POINTS else "lines"


def _month_words(name: str, item: Change) -> str:
    ends = (None, None) if math.isnan(item.mean_low) else (item.mean_low, item.mean_high)
    mean = None if math.isnan(item.mean_difference) else item.mean_difference
    middle, inside = quoting.across(name, mean, *ends)
    if middle and inside:
        return f"{middle} ({inside})"
    return middle or inside or "no value"


def _month_axis(plot: drawing.PlotFigure, months: Sequence[str], last: int) -> None:
    settings: dict[str, Any] = {"tickformat": "%b\n%Y", "hoverformat": "%B %Y", "type": "date"}
    if len(months) <= drawing.FEW_POINTS:
        settings |= {"tickvals": [f"{month}-01" for month in months], "tickformat": "%b %Y"}
    plot.update_xaxes(**settings)
    plot.update_xaxes(row=last, title={"text": "month"})


def _axis_unit(spec: OutcomeSpec) -> str:
    """The unit of an outcome on an axis of months."""
    unit = axis_unit(spec)
    return f"{unit} a month" if spec.kind == "flow" else unit


def _coverage(comparison: Comparison) -> str:
    return f"{round(comparison.findings.coverage * 100)}%"


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
            hover = list(filter(None, (text, wording.sureness(effect), added)))
            label = wording.response(rung)
            rows.append(drawing.Dot(label, *ends, effect.detectable, text, hover))
        table.append(
            [name, " ".join(rung.responses) or "none", *values_of(effect)]
            + [getattr(step, key, None) for key in _STEP]
        )
    lines = one.no_intervals or f"Lines are {_coverage(one)} intervals."
    short = _SHORT[HEADLINES.index(name)]
    return drawing.Chart(
        f"ladder-{short}-{one.number}",
        f"The effect on {wording.in_text(name)}, response by response: {one.scenario.title}",
        "From the top, each row adds one response to those before it. Both sides of each "
        f"comparison have the same responses. {lines}",
        drawing.dots(rows, x=f"difference, {shown.unit}"),
        ["outcome", "responses", *CHANGE_COLUMNS, *(f"step_{key}" for key in _STEP)],
        table,
        "wide",
    )
