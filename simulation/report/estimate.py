"""An estimate, as it is printed, and the page of a build of the library of estimates."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.findings import Effect
from simulation.estimates.build import FILE, EmulatorFindings
from simulation.estimates.estimate import RUN, Estimate, estimates_of
from simulation.outcomes import HEADLINE
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation, limits, reading
from simulation.scenario import Scenario
from simulation.wording import estimate as wording
from simulation.wording import quoting, verdicts
from simulation.wording.quoting import percent

#: outcomes printed over the years asked for, beside arrivals by year; `--json` has them all
_SHOWN = ("lorry_arrivals", "channel_boats", "channel_attempts", "channel_deaths",
          "seat_price_eur", "in_transit")  # fmt: skip
_AVERAGE, _WORLDS = "Average,\n90% interval", "Range of\nworlds"
_COLUMNS = (_AVERAGE, _WORLDS, "Verdict")


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
        *blocks.paragraphs(wording.QUOTE, *wording.limits(estimate), "To run it:", role="note"),
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
        parts += [_first_looks(estimates), *blocks.paragraphs(wording.QUOTE)]
    if reason and (lacking := len(others) - len(estimates)):
        parts += blocks.paragraphs(wording.without_estimate(base, lacking, len(others)))
    return parts


def _first_looks(estimates: Sequence[tuple[str, Estimate]]) -> blocks.Table:
    """Arrivals by small boat, a row for each."""
    rows = []
    for name, one in estimates:
        rows.append(blocks.Row(name, _cells(HEADLINE, one.outcomes[HEADLINE].periods[one.period])))
    years = wording.years_of(estimates[0][1])
    columns: list[blocks.Column | str] = [
        blocks.word_column(f"Small-boat arrivals, {years},\nestimated before any run"),
        *_COLUMNS,
    ]
    return blocks.Table(columns, rows)


def _table(heading: str, rows: list[blocks.Row]) -> blocks.Table:
    return blocks.Table([blocks.word_column(heading), *_COLUMNS], rows)


def _cells(name: str, entry: Effect) -> list[str]:
    """The interval of the average, the range of worlds, and the verdict."""
    return [
        quoting.interval(name, entry),
        quoting.plausible(name, entry) or quoting.NO_VALUE,
        verdicts.short(name, entry),
    ]


# -- a build of the library -----------------------------------------------------------------------

_READING = (
    "Near enough is within 1.5 points, or 15% of the effect. A lever is interpolated if all its "
    "lines are near enough.",
    f"{FILE} holds the outcomes of every run by year, and the links of its chain.",
)


def page(data: ExperimentData[EmulatorFindings]) -> blocks.Page:
    """The page of a build."""
    findings = data.findings
    return blocks.Page(
        kind="Library of estimates",
        title=data.manifest.title,
        headline=[_headline(findings)],
        basis=f"Scale {findings.scale:g}, {findings.start} to {findings.end}.",
        sections=[
            blocks.Section("card", "Interpolation", [_card(findings)]),
            reading(*_READING),
            limits(findings),
        ],
    )


def summary(findings: EmulatorFindings) -> list[blocks.Block]:
    """What was run, and how near interpolation comes."""
    return [blocks.Paragraph(_headline(findings), "strong"), _card(findings)]


def _headline(findings: EmulatorFindings) -> str:
    return f"{findings.policies:,} policies, {findings.pairs:,} pairs of runs each."


def _card(findings: EmulatorFindings) -> blocks.Table:
    rows = [
        blocks.Row(
            line.lever,
            [f"{line.strength:g}", percent(line.median), percent(line.interpolated),
             "yes" if line.passed else "no"],
        )
        for line in findings.card
    ]  # fmt: skip
    columns = ["Lever", "Strength", "Median effect on arrivals", "Interpolated", "Near enough"]
    return blocks.Table(columns, rows)


PRESENTATION = Presentation(EmulatorFindings, page, summary)
