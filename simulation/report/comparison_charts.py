"""What differs in a comparison, by scenario: what its tables hold, and charts of it."""

from __future__ import annotations

import csv
import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from simulation.corridor import MODES, STAGES, Corridor
from simulation.experiments.engine.run_store import OUTCOME_NAMES
from simulation.experiments.findings import Effect, StepEffect
from simulation.experiments.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    Differences,
    has_direction,
    p_value,
    paired_differences,
)
from simulation.experiments.studies.compare import ComparisonFindings, LadderRung, ScenarioEffects
from simulation.outcomes import OUTCOMES, OutcomeSpec, axis_unit, difference_unit, shown_divisor
from simulation.report import drawing
from simulation.wording import differences as wording
from simulation.wording.differences import HEADLINES, few_for_directions

#: what the data behind a chart say of a difference, and what takes it from an effect or a change
CHANGE_COLUMNS = ("baseline", "scenario", "difference", "low", "high")
values_of = attrgetter(*CHANGE_COLUMNS)
#: share that chance may have of the legs that are said to change
FALSE_SHARE = 0.10
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
_STEP = ("before", "difference", "low", "high", "probability")


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
    result: list[dict[str, dict[str, Change]]] = [{} for _ in range(scenarios)]
    for found, mine in zip(result, itertools.batched(rows, each), strict=True):
        for row in mine:
            values = {name: float(row[name] or math.nan) for name in CHANGE_COLUMNS}
            found.setdefault(row[outer], {})[row[inner]] = Change(**values, pairs=int(row["pairs"]))
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


def outcomes_chart(made_of: Comparison) -> drawing.Chart:
    """All outcomes of the whole run as percent of the baseline."""
    rows, table, left_out = [], [], []
    for name, spec in OUTCOMES.items():
        entry = made_of.found.effect(name)
        if entry.percent is None:
            left_out.append(spec.label)
            continue
        table.append([name, spec.label, *_percents(entry), *values_of(entry)])
        rows.append(percent_dot(name, entry))
    without = (
        "A dot without a line has no interval in percent: too few were counted. Beside its name "
        "stands the interval in its own unit."
    )
    note = drawing.sentences(
        "Each dot is the difference in percent of the baseline over the whole run, each line its "
        f"{_coverage(made_of)} interval. Right of zero there is more of it than in the baseline.",
        made_of.no_intervals or (without if any(math.isnan(row.low) for row in rows) else ""),
        made_of.no_directions,
        made_of.outcomes_by_chance,
        f"Nothing in the baseline to compare with: {'; '.join(left_out)}." if left_out else "",
    )
    header = ["outcome", "label", "percent", "percent_low", "percent_high", *CHANGE_COLUMNS]
    return drawing.Chart(
        f"outcomes-{made_of.number}",
        made_of.found.title,
        note,
        drawing.dots(rows, x="difference, % of the baseline", cut=True),
        header,
        table,
        "long",
    )


def percent_dot(name: str, entry: Effect, label: str = "") -> drawing.Dot:
    """A row with the difference of an outcome in percent."""
    spec = OUTCOMES[name]
    percent, low, high = _percents(entry)
    text = wording.percent(percent)
    # a difference of a share already ends with "points"
    unit = "" if difference_unit(spec) == "percentage points" else f" {difference_unit(spec)}"
    between = "" if entry.low is None else wording.interval(name, entry)
    if ends := wording.percent_interval(entry):
        text += f" ({ends})"
    elif between:
        text += f" ({between}{unit})"
    hover = (
        f"{wording.signed(name, entry.difference)}{unit}{between and f' ({between})'}",
        f"baseline {wording.level(name, entry.baseline)}, "
        f"scenario {wording.level(name, entry.scenario)}",
        text,
        wording.sureness(entry),
    )
    clear, strong = bool(entry.detectable), name in HEADLINES
    lines = list(filter(None, hover))
    return drawing.Dot(label or spec.label, percent, low, high, clear, text, lines, strong)


def first_months(made_of: Comparison) -> drawing.Chart:
    """Arrivals and deaths by month: both sides, and the difference with its band."""
    made = drawing.figure(x="")
    made.stack([1.2, 1, 1, 1], gap=0.05)
    months = len(made_of.months[HEADLINES[0]])
    columns: dict[str, list[Any]] = {"month": list(made_of.months[HEADLINES[0]])}
    for row, name, word in zip((1, 3), HEADLINES, _SHORT, strict=True):
        _add_panels(made, made_of, name, row, legend=row == 1)
        made.update_yaxes(row=row, title={"text": f"{word} a month"})
        changes = made_of.months[name].values()
        for column in CHANGE_COLUMNS:
            columns[f"{name}_{column}"] = [getattr(item, column) for item in changes]
    _month_axis(made, columns["month"], 4)
    band = made_of.no_intervals or (
        f"The band is its {_coverage(made_of)} interval. Where it holds zero, that month shows no "
        f"detectable effect. Of {months} months {made_of.by_chance(months)} would leave zero "
        "out by chance alone."
    )
    return drawing.time_chart(
        made,
        made_of.findings.horizon,
        f"months-{made_of.number}",
        f"Arrivals and deaths by month: {made_of.found.title}",
        [
            "Averages of both sides, and below them the average difference of the pairs.",
            band,
            "Deaths in a month are few and come in single disasters.",
        ],
        columns,
        "long",
    )


def other_months(made_of: Comparison) -> drawing.Chart:
    """The other outcomes by month, one at a time."""
    names = [
        name
        for name in OUTCOMES
        if name not in HEADLINES
        and any(not math.isnan(item.difference) for item in made_of.months[name].values())
    ]
    extra = drawing.month_columns(made_of.findings.horizon, list(made_of.months[HEADLINES[0]]))
    made = drawing.figure(x="")
    made.stack([1.2, 1])
    rows, owners = [], list[str]()
    for name in names:
        _add_panels(made, made_of, name, 1, legend=True, visible=name == names[0], band=False)
        owners += [name] * (len(made.data) - len(owners))
        months = zip(made_of.months[name].items(), *extra.values(), strict=True)
        rows += [[name, month, *values_of(item), *marks] for (month, item), *marks in months]
    buttons = []
    for name in names:
        visible = {"visible": [owner == name for owner in owners]}
        unit = drawing.safe(_axis_unit(OUTCOMES[name]))
        titles = {"yaxis.title.text": unit, "yaxis2.title.text": "difference"}
        label = drawing.safe(OUTCOMES[name].label)
        buttons.append({"label": label, "method": "update", "args": [visible, titles]})
    if names:
        made.update_yaxes(row=1, title={"text": drawing.safe(_axis_unit(OUTCOMES[names[0]]))})
    _month_axis(made, list(made_of.months[HEADLINES[0]]), 2)
    beyond = drawing.shade(made, made_of.findings.horizon, by_month=True)
    made.add_menu(buttons, y=1.09, size=11, top=96)
    return drawing.Chart(
        f"other-months-{made_of.number}",
        f"Other outcomes by month: {made_of.found.title}",
        f"The menu shows one outcome at a time, with the {_coverage(made_of)} interval of its "
        f"difference as a band; the data below hold all of them. {beyond}".rstrip(),
        made,
        ["outcome", "month", *CHANGE_COLUMNS, *extra],
        rows,
        "tall menu",
    )


def _add_panels(
    made: drawing.PlotFigure,
    made_of: Comparison,
    name: str,
    row: int,
    *,
    legend: bool,
    visible: bool = True,
    band: bool = True,
) -> None:
    """Both sides of an outcome in one panel, and their difference in the next."""
    spec = OUTCOMES[name]
    changes = list(made_of.months[name].values())
    starts = [f"{month}-01" for month in made_of.months[name]]
    unit = shown_divisor(spec)
    decimals = spec.decimals if unit == 1.0 else 1
    if spec.kind == "flow" and unit == 1.0:
        decimals = 1  # means over runs of what is counted in whole people
    mode = "lines+markers" if len(changes) <= drawing.FEW_POINTS else "lines"

    def draw(column: str, panel: int, **settings: Any) -> None:
        values = [getattr(item, column) / unit for item in changes]
        made.scatter(starts, values, row=panel, **settings, visible=visible)

    for side, colour, dash in (
        ("baseline", drawing.BLACK, "dot"),
        ("scenario", drawing.BLUE, "solid"),
    ):
        draw(
            side,
            row,
            mode=mode,
            name=side,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"%{{y:,.{decimals}f}}",
            showlegend=legend,
        )
    for edge, fill in (("high", "none"), ("low", "tonexty")):
        draw(
            edge,
            row + 1,
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=drawing.translucent(drawing.BLUE, 0.25),
            hoverinfo="skip",
            name=f"{_coverage(made_of)} interval of the difference",
            showlegend=legend and band and edge == "low",
        )
    draw(
        "difference",
        row + 1,
        customdata=[_month_words(name, item) for item in changes],
        mode=mode,
        name="difference",
        line={"color": drawing.BLUE, "width": 2},
        hovertemplate="%{customdata}",
        showlegend=False,
    )
    numbers = {"tickformat": ",~f", "nticks": 6}
    title = {"text": drawing.safe(_axis_unit(spec))}
    made.update_yaxes(row=row, title=title, rangemode="tozero", **numbers)
    # zero belongs on the axis of a difference
    zero = {"zeroline": True, "zerolinecolor": drawing.BLACK, "zerolinewidth": 1}
    title = {"text": "difference"}
    made.update_yaxes(row=row + 1, title=title, rangemode="tozero", **zero, **numbers)


def _month_words(name: str, item: Change) -> str:
    if math.isnan(item.difference):
        return "no value"
    text = wording.signed(name, item.difference)
    if not math.isnan(item.low):
        text += f" ({wording.signed(name, item.low)} to {wording.signed(name, item.high)})"
    return text


def _month_axis(made: drawing.PlotFigure, months: Sequence[str], last: int) -> None:
    settings: dict[str, Any] = {"tickformat": "%b\n%Y", "hoverformat": "%B %Y", "type": "date"}
    if len(months) <= drawing.FEW_POINTS:
        settings |= {"tickvals": [f"{month}-01" for month in months], "tickformat": "%b %Y"}
    made.update_xaxes(**settings)
    made.update_xaxes(row=last, title={"text": "month"})


def _axis_unit(spec: OutcomeSpec) -> str:
    """The unit of an outcome on an axis of months."""
    unit = axis_unit(spec)
    return f"{unit} a month" if spec.kind == "flow" else unit


def _percents(entry: Effect) -> tuple[float, float, float]:
    values = (entry.percent, entry.percent_low, entry.percent_high)
    mean, low, high = (math.nan if value is None else float(value) for value in values)
    if not wording.percent_interval(entry):
        return mean, math.nan, math.nan
    return mean, low, high


def _coverage(made_of: Comparison) -> str:
    return f"{round(made_of.findings.coverage * 100)}%"


def ends_chart(made_of: Comparison) -> drawing.Chart:
    """How the way ends for more or fewer people than in the baseline."""
    found = [
        (words, names, made_of.sum_of(names), bool(wording.DEATHS & set(names)))
        for words, names in _ENDS
    ]
    everyone = [name for _, names in _ENDS for name in names]
    undone = made_of.sum_of(_UNDONE, sign=-1.0)
    if undone.baseline or undone.scenario:
        found.append(("admitted to the UK legally", _ADMITTED, made_of.sum_of(_ADMITTED), False))
        found.append(("returned after they arrived (taken off)", _UNDONE, undone, False))
    rest = made_of.sum_of([*everyone, *_ADMITTED], sign=-1.0, less=_UNDONE)
    rows = [_change_dot(words, item, strong=died or names == ("channel_arrivals",))
            for words, names, item, died in found]  # fmt: skip
    rows.append(_change_dot("still on the way at the end (the rest)", rest, sides=False))
    table: list[list[Any]] = [[words, *values_of(item)] for words, _, item, _ in found]
    table.append(["rest", math.nan, math.nan, rest.difference, rest.low, rest.high])
    entries = made_of.found.effect("wb_entries")
    transit = made_of.found.effect("in_transit")
    on_the_way = wording.change("in_transit", transit, made_of.findings.coverage)
    entered = wording.change("wb_entries", entries, made_of.findings.coverage)
    return drawing.Chart(
        f"ends-{made_of.number}",
        f"Where people are instead: {made_of.found.title}",
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


def stages_chart(made_of: Comparison, corridor: Corridor) -> drawing.Chart:
    """On which part of the way, and by which means, more or fewer people set out."""
    rows, table = [], []
    for stage in STAGES:
        legs = [leg for leg in corridor.legs if leg.stage == stage]
        if not legs:
            continue
        whole = made_of.traffic([leg.id for leg in legs])
        rows.append(_change_dot(_STAGES.get(stage, stage), whole, strong=True))
        table.append([stage, "all", *values_of(whole)])
        modes = [mode for mode in MODES if any(leg.mode == mode for leg in legs)]
        for mode in modes if len(modes) > 1 else []:
            item = made_of.traffic([leg.id for leg in legs if leg.mode == mode])
            table.append([stage, mode, *values_of(item)])
            if item.baseline or item.scenario:
                rows.append(_change_dot(f"   {_MODES.get(mode, mode)}", item))
    return drawing.Chart(
        f"stages-{made_of.number}",
        f"By part of the way and by means: {made_of.found.title}",
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
    text = f"{item.difference:+,.0f}" if abs(item.difference) >= 0.5 else "0"
    if not math.isnan(item.low):
        text += f" ({item.low:+,.0f} to {item.high:+,.0f})"
    hover = [text]
    if sides:
        hover.append(f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}")
        if not math.isnan(item.percent):
            hover.append(wording.percent(item.percent))
    return drawing.Dot(
        label, item.difference, item.low, item.high, item.detectable, text, hover, strong
    )


def ladder_chart(one: Comparison, rungs: Sequence[LadderRung], name: str) -> drawing.Chart:
    """The effect on one outcome with no adaptation, then with each response added."""
    spec = OUTCOMES[name]
    rows, table = [], []
    for rung in rungs:
        effect, step = rung.outcomes[name], (rung.step or {}).get(name)
        if effect.difference is not None:
            rows.append(_rung_dot(name, effect, wording.response(rung), step))
        table.append(
            [name, " ".join(rung.responses) or "none", *values_of(effect)]
            + [getattr(step, key, None) for key in _STEP]
        )
    lines = one.no_intervals or f"Lines are {_coverage(one)} intervals."
    short = _SHORT[HEADLINES.index(name)]
    return drawing.Chart(
        f"ladder-{short}-{one.number}",
        f"The effect on {wording.in_text(name)}, response by response: {one.found.title}",
        "From the top, each row adds one response to those before it. Both sides of each "
        f"comparison have the same responses. {lines}",
        drawing.dots(rows, x=f"difference, {difference_unit(spec)}"),
        ["outcome", "responses", *CHANGE_COLUMNS, *(f"step_{key}" for key in _STEP)],
        table,
        "wide",
    )


def _rung_dot(name: str, effect: Effect, label: str, step: StepEffect | None) -> drawing.Dot:
    low, high = (math.nan if end is None else end for end in (effect.low, effect.high))
    difference = effect.difference or 0.0
    text = wording.signed(name, difference)
    if effect.low is not None:
        text += f" ({wording.interval(name, effect)})"
    added = "" if step is None else f"this response: {wording.step_number(name, step)}"
    hover = list(filter(None, (text, wording.sureness(effect), added)))
    return drawing.Dot(label, difference, low, high, effect.detectable, text, hover)
