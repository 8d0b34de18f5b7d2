"""An estimate, as it is printed."""

from __future__ import annotations

from simulation.engine.findings import Effect
from simulation.estimates.estimate import RUN, Estimate
from simulation.outcomes import HEADLINE
from simulation.report import blocks
from simulation.wording import estimate as wording
from simulation.wording import quoting
from simulation.wording.differences import of_100

#: outcomes printed over the years asked for, beside arrivals by year; `--json` has them all
_SHOWN = ("lorry_arrivals", "channel_boats", "channel_attempts", "channel_deaths",
          "seat_price_eur", "in_transit")  # fmt: skip
_COLUMNS = ("Plausible range", "Middle", "A fall in")


def printed(estimate: Estimate) -> list[blocks.Block]:
    """The whole answer."""
    first, *rest = wording.headline(estimate)
    arrivals = estimate.outcomes[HEADLINE]
    years = [
        blocks.Row("Whole run" if period == RUN else period, _cells(HEADLINE, entry))
        for period, entry in arrivals.periods.items()
    ]
    others = [
        blocks.Row(estimate.outcomes[name].label, _cells(name, of.periods[estimate.period]))
        for name in _SHOWN
        if (of := estimate.outcomes[name])
    ]
    links = [blocks.Row(of.label, _cells(name, of)) for name, of in estimate.chain.items()]
    return [
        blocks.Paragraph(first, "strong"),
        *blocks.paragraphs(*rest),
        _table("Estimate: small-boat arrivals", years),
        _table("Estimate: what else moves", others),
        _table("Estimate: along the chain, whole run", links),
        *blocks.paragraphs(*wording.limits(estimate), "To run it:", role="note"),
        blocks.Verbatim(estimate.command),
    ]


def _table(heading: str, rows: list[blocks.Row]) -> blocks.Table:
    return blocks.Table([blocks.word_column(heading), *_COLUMNS], rows)


def _cells(name: str, entry: Effect) -> list[str]:
    """The range, the middle unless the outcome is quoted as a range alone, and the falls."""
    fall = entry.probability_of_fall
    return [
        quoting.plausible(name, entry) or quoting.NO_VALUE,
        "" if name in quoting.RANGE_ONLY else quoting.median(name, entry),
        quoting.NO_VALUE if fall is None else of_100(fall),
    ]
