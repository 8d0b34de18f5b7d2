"""Where people are instead: how the way ends for them, and on which part of it they set out."""

from __future__ import annotations

import math
from typing import Any

from simulation.corridor import MODES, STAGES, Corridor
from simulation.report.comparison_data import Change, Comparison
from simulation.report.intervals import Dot, dots
from simulation.report.style import Chart
from simulation.wording import differences as wording

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
_DEATHS = {"channel_deaths", "corridor_deaths"}

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
_COLUMNS = ("baseline", "scenario", "difference", "low", "high")


def ends_chart(made_of: Comparison, number: int) -> Chart:
    """How the way ends for more or fewer people than in the baseline."""
    found = [
        (words, names, made_of.sum_of(names), bool(_DEATHS & set(names))) for words, names in _ENDS
    ]
    everyone = [name for _, names in _ENDS for name in names]
    undone = made_of.sum_of(_UNDONE, sign=-1.0)
    if undone.baseline or undone.scenario:
        found.append(("admitted to the UK legally", _ADMITTED, made_of.sum_of(_ADMITTED), False))
        found.append(("returned after they arrived (taken off)", _UNDONE, undone, False))
    rest = made_of.sum_of([*everyone, *_ADMITTED], sign=-1.0, less=_UNDONE)
    rows = [_dot(words, item, strong=died or names == ("channel_arrivals",))
            for words, names, item, died in found]  # fmt: skip
    rows.append(_dot("still on the way at the end (the rest)", rest, sides=False))
    table: list[list[Any]] = [[words, *_values(item)] for words, _, item, _ in found]
    table.append(["rest", math.nan, math.nan, rest.difference, rest.low, rest.high])
    entries = made_of.found.effect("wb_entries")
    transit = made_of.found.effect("in_transit")
    on_the_way = wording.change("in_transit", transit, made_of.findings.coverage)
    entered = wording.change("wb_entries", entries, made_of.findings.coverage)
    return Chart(
        f"ends-{number}",
        f"Where people are instead: {made_of.title}",
        "People, whole run. Whoever does not arrive by one way arrives by another, settles, "
        "returns, dies, or is still on the way when the days counted end. The last row is worked "
        "out so that all rows sum to zero. It holds only if equally many people set out on both "
        f"sides. Entries to the Western Balkan route: {entered}. On the way on a mean day: "
        f"{on_the_way}.",
        dots(rows, x="difference, people"),
        ["end", *_COLUMNS],
        table,
        "wide",
    )


def stages_chart(made_of: Comparison, corridor: Corridor, number: int) -> Chart:
    """On which part of the way, and by which means, more or fewer people set out."""
    rows, table = [], []
    for stage in STAGES:
        legs = [leg for leg in corridor.legs if leg.stage == stage]
        if not legs:
            continue
        whole = made_of.traffic([leg.id for leg in legs])
        rows.append(_dot(_STAGES.get(stage, stage), whole, strong=True))
        table.append([stage, "all", *_values(whole)])
        modes = [mode for mode in MODES if any(leg.mode == mode for leg in legs)]
        for mode in modes if len(modes) > 1 else []:
            item = made_of.traffic([leg.id for leg in legs if leg.mode == mode])
            table.append([stage, mode, *_values(item)])
            if item.baseline or item.scenario:
                rows.append(_dot(f"   {_MODES.get(mode, mode)}", item))
    return Chart(
        f"stages-{number}",
        f"By part of the way and by means: {made_of.title}",
        "How many more or fewer set out, in the order of the way, each part and then each means of "
        "travel within it. One person sets out many times, and again after each stop, so these are "
        "departures and not persons.",
        dots(rows, x="difference, departures"),
        ["stage", "means", *_COLUMNS],
        table,
        "longest",
    )


def _dot(label: str, item: Change, *, strong: bool = False, sides: bool = True) -> Dot:
    text = f"{item.difference:+,.0f}" if abs(item.difference) >= 0.5 else "0"
    if not math.isnan(item.low):
        text += f" ({item.low:+,.0f} to {item.high:+,.0f})"
    hover = [f"{text}"]
    if sides:
        hover.append(f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}")
        if not math.isnan(item.percent):
            hover.append(wording.percent(item.percent))
    return Dot(label, item.difference, item.low, item.high, item.detectable, text, hover, strong)


def _values(item: Change) -> list[float]:
    return [getattr(item, column) for column in _COLUMNS]
