"""What-ifs that are pinned side by side on the page of the answer, the best first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import solara

from simulation.app import board
from simulation.app.answer import problem_of, row
from simulation.app.choices import is_chosen, summary, years
from simulation.app.links import Pin
from simulation.engine.arguments import RANK
from simulation.engine.findings import Effect
from simulation.errors import InputError
from simulation.estimates.ranking import Option, option_of, ranked_options
from simulation.outcomes import HEADLINE
from simulation.report.blocks import Row, plain
from simulation.report.comparison_answer import options_table
from simulation.wording.quoting import quotable


def pinned_tables(pins: Sequence[Pin]) -> list[dict[str, object]]:
    """A table of the pinned what-ifs of each of their years, with a row for each what-if."""
    periods = dict.fromkeys(pin.years for pin in pins)
    return [_table(period, {at: pin for at, pin in enumerate(pins) if pin.years == period})
            for period in periods]  # fmt: skip


def _table(period: str, pins: Mapping[int, Pin]) -> dict[str, object]:
    """The what-ifs of some years by their places among the pinned: by rank, then the others."""
    options: dict[int, Option] = {}
    others = []
    for at, pin in pins.items():
        scenario = pin.draft.scenario()
        try:
            options[at] = option_of(scenario, period)
        except InputError as error:
            others.append({**_named(at, pin), "problem": problem_of(error)})
    effects = [quotable(one) for one in ranked_options([*options.values()])]
    ranked = sorted(zip(options, effects, strict=True), key=lambda one: one[1].place)
    table = options_table(effects, RANK.default)
    rows = [
        {**_named(at, pins[at]), **_shown(cells, one.effect(HEADLINE))}
        for (at, one), cells in zip(ranked, table.rows, strict=True)
    ]
    return {
        "title": f"{table.title}, {years()[period]}",
        "note": table.caption,
        "columns": [column.title.replace("\n", " ") for column in table.headings[1:]],
        "rows": rows + others,
    }


def _named(at: int, pin: Pin) -> dict[str, object]:
    """What a row is of: its title, and what it changes where the title does not say that."""
    changes = board.examine(pin.draft).changes
    words = summary(pin.draft) if is_chosen(pin.draft) else " ".join(changes)
    title = pin.draft.title
    below = "" if words == title else words
    return {"at": at, "label": title, "below": below, "years": years()[pin.years]}


def _shown(cells: Row, arrivals: Effect) -> dict[str, object]:
    """The cells of a row, and its range of arrivals as drawn."""
    # a range is broken before its second end
    texts = [
        {"text": plain(one.text).replace(" to ", " to\u00a0"), "below": " ".join(one.below)}
        for one in cells.values
    ]
    return {"cells": texts, "drawn": row(HEADLINE, "", arrivals)["drawn"]}


@solara.component_vue("pinned.vue")
def _Pinned(
    tables: list[dict[str, object]],
    now: int,
    event_show: Callable[[int], None],
    event_unpin: Callable[[int], None],
) -> None:
    """Tables of what-ifs with a chart of their ranges; `now` is the one that is asked, or -1."""


@solara.component
def Pinned() -> None:
    """The what-ifs that are pinned; nothing where there are none."""
    pins, asked = board.pins.value, Pin(board.draft.value, board.years.value)
    tables = solara.use_memo(lambda: pinned_tables(pins), [pins])

    def unpin(at: int) -> None:
        board.pins.set(tuple(pin for other, pin in enumerate(pins) if other != at))

    with solara.Div(classes=["crossings-around"]):
        if pins:
            _Pinned(
                tables=tables,
                now=pins.index(asked) if asked in pins else -1,
                event_show=lambda at: board.show_pin(pins[at]),
                event_unpin=unpin,
            )
