"""The first page of a comparison: arrivals by year and future, why, and what moves with them."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.findings import Effect
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.report import blocks, drawing
from simulation.report.comparison_charts import Comparison, percent_dot
from simulation.studies.compare import ScenarioEffects
from simulation.studies.effect_chain import spec_of
from simulation.studies.options import COST, UK_TOTAL
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts, worlds

#: beside arrivals by boat: who dies, who comes otherwise, who is held up, and who earns
BESIDE = (
    "channel_deaths", "corridor_deaths", "lorry_arrivals", "in_transit", "settled_elsewhere",
    "seat_price_eur", "smuggler_revenue_eur",
)  # fmt: skip
#: what the first picture shows
_JUDGED = (
    UK_TOTAL, HEADLINE, "lorry_arrivals", "channel_boats", "launches_tried", "seat_price_eur",
)  # fmt: skip
#: columns of a table of options that hold effects, and those of a short one
_EFFECTS = {
    "channel_arrivals": "By small boat",
    "uk_total": "By boat or\nlorry",
    "seat_price_eur": "Price of\na seat",
    "in_transit": "People on\nthe way",
}
_SHORT = (UK_TOTAL, HEADLINE)
_COST, _PER_PERSON = "Cost, EUR\nmillion", "EUR a person\nfewer"
#: how the table is to be read
_READING = (
    "Cost is what funding adds within the days of the comparison; nothing else has a price here. A "
    "person fewer is one fewer in the UK by boat or lorry. Best: in how many of 100 worlds it has "
    "the lowest {label}, the baseline among the options."
)
#: the row of all days that are compared, which are years of the run where these are asked for
_WHOLE = "All days"


def options_table(
    scenarios: Sequence[ScenarioEffects], rank: str, *, short: bool = False
) -> blocks.Table:
    """Scenarios by rows, the best first.

    A cell has the range over worlds and their middle, or the average and its interval.

    Args:
        scenarios: The scenarios.
        rank: What ranks them.
        short: Whether to leave out all but arrivals, cost and the best.
    """
    names = _SHORT if short else tuple(_EFFECTS)
    rows = [
        blocks.Row(
            one.title,
            [
                *(_option_cell(name, one.effect(name)) for name in names),
                quoting.millions(one.cost_eur),
                *([] if short else [_per_person(one)]),
                quoting.NO_VALUE if share is None else wording.of_100(share),
            ],
        )
        for one in sorted(scenarios, key=lambda one: one.place)
        for share in [one.probability_best]
    ]
    money = [_COST] if short else [_COST, _PER_PERSON]
    columns = ["Option", *(_EFFECTS[name] for name in names), *money, "Best"]
    caption = _READING.format(label=verdicts.in_text(HEADLINE if rank == COST else rank))
    title = f"Options, the lowest {wording.rank_label(rank)} first"
    return blocks.Table(columns, rows, caption, title)


def _option_cell(name: str, effect: Effect) -> blocks.Cell:
    """The interval of an average in a table of options, with its verdict."""
    return blocks.Cell(
        quoting.interval(name, effect), [verdicts.short(name, effect)], strong=effect.is_clear
    )


def _per_person(one: ScenarioEffects) -> str:
    """What a person fewer costs, or why nothing is said."""
    if one.cost_eur <= 0.0:
        return quoting.NO_VALUE
    return quoting.price(*one.cost_per_person) if one.cost_per_person else "no clear effect"


def verdict_chart(one: Comparison) -> drawing.Chart:
    """What a comparison is judged by: averages with their intervals, and what does not matter."""
    rows, table = [], []
    for name in _JUDGED:
        entry = one.scenario.effect(name)
        if quoting.in_percent(entry):
            shown = quoting.drawn(name, [entry])
            dot = drawing.Dot(
                spec_of(name).label, *shown.ends[0], entry.is_clear, quoting.interval(name, entry),
                [verdicts.phrase(name, entry)], margin=entry.margin,
            )  # fmt: skip
            rows.append(dot)
            table.append([name, entry.mean_percent, entry.mean_percent_low,
                          entry.mean_percent_high, entry.margin, entry.verdict])  # fmt: skip
    header = ["outcome", "mean_percent", "mean_percent_low", "mean_percent_high", "margin",
              "verdict"]  # fmt: skip
    note = "Average change and its 90% interval. Shaded: too small to matter."
    figure = drawing.dots(rows, x="change, %", cut=True)
    return drawing.Chart("verdicts", "What changes on average", note, figure, header, table)


def tiles(one: Comparison) -> blocks.Tiles:
    """The four figures that a reader takes along, each with its verdict."""
    return blocks.Tiles(
        [
            blocks.Tile(
                spec_of(name).label,
                quoting.sentence_case(verdicts.between(name, entry)),
                verdicts.short(name, entry),
            )
            for name in (UK_TOTAL, HEADLINE, BESIDE[0], "seat_price_eur")
            for entry in [one.scenario.effect(name)]
            if entry.interval is not None
        ]
    )


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
    thirds = worlds.shown(one.scenario.by_path)
    rows += [(worlds.IF[part.part], part.outcomes[name]) for part in thirds]
    return [
        (label, entry)
        for label, entry in rows
        if quoting.has_value(name, entry) and (entry.plausible or not whole.plausible)
    ]
