"""An estimate, as it is printed."""

from __future__ import annotations

from simulation.experiments.effect_chain import spec_of
from simulation.experiments.findings import Effect
from simulation.report import blocks
from simulation.surrogate.estimate import Estimate
from simulation.surrogate.figures import ARRIVALS
from simulation.wording import estimate as wording
from simulation.wording import quoting


def printed(estimate: Estimate) -> list[blocks.Block]:
    """The whole answer."""
    first, *rest = wording.headline(estimate)
    periods = [*estimate.outcomes[ARRIVALS].periods]
    heading = blocks.word_column("Estimate: plausible range, middle")
    columns: list[blocks.Column | str] = [heading, "Whole run", *periods[1:]]
    rows = [
        blocks.Row(of.label, [_cell(name, of.periods[period]) for period in periods])
        for name, of in estimate.outcomes.items()
    ]
    links = [
        blocks.Row(spec_of(name).label, [_cell(name, entry)])
        for name, entry in estimate.chain.items()
    ]
    return [
        blocks.Paragraph(first, "strong"),
        *blocks.paragraphs(*rest),
        blocks.Table(columns, rows),
        blocks.Table([blocks.word_column("Estimate along the chain"), "Whole run"], links),
        *blocks.paragraphs(*wording.limits(estimate), "To run it:", role="note"),
        blocks.Verbatim(estimate.command),
    ]


def _cell(name: str, entry: Effect) -> str:
    return f"{quoting.plausible(name, entry)}\n{quoting.median(name, entry)}"
