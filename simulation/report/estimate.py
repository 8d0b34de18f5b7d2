"""An estimate, as it is printed."""

from __future__ import annotations

from simulation.estimates.estimate import Estimate
from simulation.experiments.findings import Effect
from simulation.outcomes import HEADLINE
from simulation.report import blocks
from simulation.wording import estimate as wording
from simulation.wording import quoting

#: outcomes that are printed by year; `--json` has them all
_SHOWN = (HEADLINE, "lorry_arrivals", "channel_boats", "channel_attempts", "channel_deaths",
          "seat_price_eur", "in_transit")  # fmt: skip


def printed(estimate: Estimate) -> list[blocks.Block]:
    """The whole answer."""
    first, *rest = wording.headline(estimate)
    periods = [*estimate.outcomes[HEADLINE].periods]
    heading = blocks.word_column("Estimate: plausible range, middle")
    columns: list[blocks.Column | str] = [heading, "Whole run", *periods[1:]]
    rows = [
        blocks.Row(of.label, [_cell(name, of.periods[period]) for period in periods])
        for name in _SHOWN
        if (of := estimate.outcomes[name])
    ]
    links = [blocks.Row(of.label, [_cell(name, of)]) for name, of in estimate.chain.items()]
    return [
        blocks.Paragraph(first, "strong"),
        *blocks.paragraphs(*rest),
        blocks.Table(columns, rows),
        blocks.Table([blocks.word_column("Estimate along the chain"), "Whole run"], links),
        *blocks.paragraphs(*wording.limits(estimate), "To run it:", role="note"),
        blocks.Verbatim(estimate.command),
    ]


def _cell(name: str, entry: Effect) -> str:
    """The range, and the middle unless the outcome is quoted as a range alone."""
    inside = quoting.plausible(name, entry) or quoting.NO_VALUE
    return inside if name in quoting.RANGE_ONLY else f"{inside}\n{quoting.median(name, entry)}"
