"""An estimate, as it is printed."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.findings import Effect
from simulation.estimates.estimate import RUN, Estimate, estimates_of
from simulation.outcomes import HEADLINE
from simulation.report import blocks
from simulation.scenario import Scenario
from simulation.wording import estimate as wording
from simulation.wording import quoting
from simulation.wording.differences import BESIDE, HEADLINES, of_100

#: outcomes printed over the years asked for, beside arrivals by year; `--json` has them all
_SHOWN = ("lorry_arrivals", "channel_boats", "channel_attempts", "channel_deaths",
          "seat_price_eur", "in_transit")  # fmt: skip
_COLUMNS = ("Plausible range", "Middle", "A fall in")
_RANGES = "Ranges hold nine of ten plausible worlds. Quote what was run."


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


def first_look(
    base: Scenario, others: Sequence[tuple[str, Scenario]], period: str | None, *, reason: bool
) -> list[blocks.Block]:
    """What the packaged libraries estimate of scenarios against another, before any run.

    Args:
        base: What they are compared with.
        others: The scenarios, each with what it is called.
        period: Years that are asked for; None for the whole run.
        reason: Whether it is said of how many there is no estimate, and why.

    Returns:
        A sentence of a single one, a table of several; nothing where there is no estimate.
    """
    names, scenarios = zip(*others, strict=True)
    every = zip(names, estimates_of(base, scenarios, period or RUN), strict=True)
    estimates = [(name, one) for name, one in every if one is not None]
    parts: list[blocks.Block] = []
    if len(estimates) == 1:
        (name, one) = estimates[0]
        parts += blocks.paragraphs(wording.first_look(one, name))
    elif estimates:
        parts += [_first_looks(estimates), *blocks.paragraphs(_RANGES)]
    if reason and (lacking := len(others) - len(estimates)):
        parts += blocks.paragraphs(wording.without_estimate(base, lacking, len(others)))
    return parts


def _first_looks(estimates: Sequence[tuple[str, Estimate]]) -> blocks.Table:
    """Arrivals by small boat, and deaths beside them as a range, a row for each."""
    rows = []
    for name, one in estimates:
        arrivals, deaths = (one.outcomes[outcome].periods[one.period] for outcome in HEADLINES)
        cells = [*_cells(HEADLINE, arrivals)[:2], quoting.plausible(BESIDE, deaths)]
        rows.append(blocks.Row(name, cells))
    years = wording.years_of(estimates[0][1])
    columns: list[blocks.Column | str] = [
        blocks.word_column(f"Estimated change before\nany run, {years}"),
        "Small-boat\narrivals", "Middle", "Deaths in\nthe Channel",
    ]  # fmt: skip
    return blocks.Table(columns, rows)


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
