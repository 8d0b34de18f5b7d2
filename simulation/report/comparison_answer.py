"""The first page of a comparison: arrivals by year and future, why, and what moves with them."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.experiments.findings import Effect
from simulation.outcomes import OUTCOMES
from simulation.report import drawing
from simulation.report.comparison_charts import Comparison, percent_dot
from simulation.wording import differences as wording
from simulation.wording import quoting, worlds

#: beside arrivals by boat: who dies, who comes otherwise, who is held up, and who earns
BESIDE = (
    "channel_deaths", "corridor_deaths", "lorry_arrivals", "in_transit", "settled_elsewhere",
    "seat_price_eur", "smuggler_revenue_eur",
)  # fmt: skip
_WHOLE = "Whole run"


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
    """The whole run, each year, and each third of the future paths."""
    rows = [(_WHOLE, one.scenario.effect(name)), *wording.years(one.scenario, one.findings)]
    rows += [(worlds.IF[part.part], part.outcomes[name]) for part in one.scenario.by_path]
    return [(label, entry) for label, entry in rows if quoting.has_value(name, entry)]
