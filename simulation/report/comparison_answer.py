"""The first page of a comparison: arrivals by year and future, why, and what moves with them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulation.experiments.findings import Effect
from simulation.experiments.studies.compare import ScenarioEffects
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.report import blocks, drawing
from simulation.report.comparison_charts import Comparison, percent_dot
from simulation.wording import differences as wording
from simulation.wording import quoting, worlds
from simulation.wording.differences import HEADLINES

#: beside arrivals by boat: who dies, who comes otherwise, who is held up, and who earns
BESIDE = (
    "channel_deaths", "corridor_deaths", "lorry_arrivals", "in_transit", "settled_elsewhere",
    "seat_price_eur", "smuggler_revenue_eur",
)  # fmt: skip
#: columns of a table of options, after the option and how many worlds have fewer arrivals
_OPTION_COLUMNS = {
    "channel_arrivals": "By small boat",
    "lorry_arrivals": "By lorry",
    "channel_deaths": "Deaths in the\nChannel",
    "seat_price_eur": "Price of\na seat",
    "in_transit": "People on\nthe way",
}
_WHOLE = "Whole run"


def options_table(scenarios: Sequence[ScenarioEffects], *, short: bool = False) -> blocks.Table:
    """Scenarios by rows, the one with the largest fall of arrivals first.

    A cell has the range over worlds and their middle, or the average and its interval.

    Args:
        scenarios: The scenarios.
        short: Whether to leave out all but arrivals by boat and deaths.
    """
    names = HEADLINES if short else tuple(_OPTION_COLUMNS)
    ranked = sorted(scenarios, key=_middle)
    rows = [
        blocks.Row(one.title, [*_option_cells(one, names), _fewer(one.effect(HEADLINE))])
        for one in ranked
    ]
    columns = ["Option", *(_OPTION_COLUMNS[name] for name in names), "Fewer by\nboat in"]
    return blocks.Table(columns, rows, title="Options, the largest fall of arrivals by boat first")


def _middle(one: ScenarioEffects) -> float:
    """The middle of the effect on arrivals in percent; scenarios without one come last."""
    effect = one.effect(HEADLINE)
    middle = effect.mean_percent if effect.plausible is None else effect.median
    return math.inf if middle is None else middle


def _option_cells(one: ScenarioEffects, names: Sequence[str]) -> list[blocks.Cell]:
    cells = []
    for name in names:
        effect = one.effect(name)
        first, below = quoting.difference(name, effect), quoting.interval(name, effect)
        if effect.plausible is not None:
            first, below = quoting.plausible(name, effect), quoting.median(name, effect)
        lines = [line for line in (first, below) if line] or [quoting.NOT_QUOTED]
        cells.append(blocks.Cell(lines[0], lines[1:]))
    return cells


def _fewer(effect: Effect) -> str:
    """In how many of a hundred worlds there are fewer arrivals."""
    fall = effect.probability_of_fall
    return quoting.NO_VALUE if fall is None else f"{min(int(100.0 * fall), 99)} of 100"


def answer_chart(comparisons: Sequence[Comparison]) -> drawing.Chart:
    """Arrivals of each scenario over the whole run; of a single one by year and future too."""
    name = comparisons[0].findings.headline
    if len(comparisons) == 1:
        rows = _rows(comparisons[0], name)
        title = f"{OUTCOMES[name].label}: {comparisons[0].scenario.title}"
    else:
        rows = [(one.scenario.title, one.scenario.effect(name)) for one in comparisons]
        title = f"{OUTCOMES[name].label}: {len(comparisons)} scenarios"
    entries = [entry for _, entry in rows]
    dots = [percent_dot(name, entry, label, strong=label == _WHOLE) for label, entry in rows]
    ranged = any(entry.plausible for entry in entries)
    shown = (
        "the middle of plausible worlds, the line nine of ten of these worlds"
        if ranged
        else "the average over the pairs, the line its interval"
    )
    note = f"The dot is {shown}."
    table = [
        [
            label, entry.pairs, entry.plausible_low, entry.median, entry.plausible_high,
            entry.plausible_unit, entry.mean_percent, entry.mean_percent_low,
            entry.mean_percent_high,
        ]
        for label, entry in rows
    ]  # fmt: skip
    header = [
        "row", "pairs", "plausible_low", "median", "plausible_high", "plausible_unit",
        "mean_percent", "mean_percent_low", "mean_percent_high",
    ]  # fmt: skip
    figure = drawing.dots(dots, x=f"difference, {quoting.PERCENT_AXIS}")
    return drawing.Chart("answer", title, note, figure, header, table)


def _rows(one: Comparison, name: str) -> list[tuple[str, Effect]]:
    """The whole run, each year, and each third of the future paths.

    Where the whole run has a range over worlds, what has too few pairs for one is left out: an
    average beside ranges would be read as one of them.
    """
    whole = one.scenario.effect(name)
    rows = [(_WHOLE, whole), *wording.years(one.scenario, one.findings)]
    rows += [(worlds.IF[part.part], part.outcomes[name]) for part in one.scenario.by_path]
    return [
        (label, entry)
        for label, entry in rows
        if quoting.has_value(name, entry) and (entry.plausible or not whole.plausible)
    ]
