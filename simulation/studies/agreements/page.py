"""A study of agreements: which buys most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulation.engine.findings import Effect
from simulation.outcomes import OUTCOMES
from simulation.report import blocks, by_world
from simulation.report.drawing import (
    Chart,
    Dot,
    dots,
    edge_of,
)
from simulation.report.experiment import ExperimentData, Presentation, limits, world_cell
from simulation.studies.agreements import words as agreement_wording
from simulation.studies.agreements.findings import (
    AgreementsFindings,
    Effects,
)
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts

#: outcomes as headings of narrow columns
_SHORT = {
    "channel_arrivals": "By small\nboat",
    "channel_deaths": "Deaths in\nthe Channel",
    "corridor_deaths": "Deaths before\nthe coast",
    "seat_price_eur": "Price of\na seat",
    "smuggler_profit_eur": "Profit,\nEUR m",
    "mapped_share": "Known\nsmugglers",
}
#: rows for which a figure needs all the height there is
_MANY_ROWS = 7
_NUMBERS = (
    "plausible_low", "median", "plausible_high", "plausible_unit", "mean_difference", "mean_low",
    "mean_high", "mean_percent", "detectable",
)  # fmt: skip
#: what the line of a chart is
_LINE = "The line is its interval; the shaded band is what does not matter."


def page(data: ExperimentData[AgreementsFindings]) -> blocks.Page:
    """The page of a study of agreements."""
    findings = data.findings
    sections = []
    if findings.ranking:
        warning = blocks.paragraphs(agreement_wording.deadly(findings), role="warning")
        parts = [*warning, *blocks.figures(ranked(findings)), ranking(findings)]
        sections.append(blocks.Section("ranking", "Which agreement buys most", parts))
    codes = [f"{code} {name}" for code, name in findings.parties.items() if code != name.upper()]
    left_out = [
        *blocks.paragraphs(f"{', '.join(codes)}." if codes else "", role="note"),
        *blocks.paragraphs(*agreement_wording.left_out(findings)),
    ]
    sureness = blocks.paragraphs(agreement_wording.correction(findings))
    main, support = wording.main_points(agreement_wording.headline(findings, titled=True))
    basis = [blocks.Paragraph(wording.pairs_basis(findings, judged=False))]
    return blocks.Page(
        kind="Agreements",
        title=agreement_wording.heading(findings),
        name=data.manifest.title,
        headline=main,
        support=support,
        details=[blocks.Folded("Basis", basis, drawn=True)],
        sections=[
            *sections,
            *([blocks.Section("pairs", "Pairs that are not shown", left_out)] if left_out else []),
            *by_world.sections(_world_lines(findings)),
            blocks.Section("sureness", "How sure this is", sureness),
            limits(findings),
        ],
    )


def summary(findings: AgreementsFindings) -> list[blocks.Block]:
    """The headline and the best agreements."""
    parts: list[blocks.Block] = [
        blocks.Paragraph("\n".join(agreement_wording.headline(findings)), "strong")
    ]
    names, raised = beside(findings), f"Raised to {findings.raised_to}"
    if findings.ranking:
        parts.append(_table(raised, _ranked(findings), names))
    parts += _world_lines(findings, most=1)
    texts = (
        agreement_wording.deadly(findings),
        *agreement_wording.left_out(findings),
        agreement_wording.correction(findings),
        wording.pairs_basis(findings, judged=False),
        wording.failures(findings),
    )
    return [*parts, *blocks.paragraphs(*texts)]


def _world_lines(findings: AgreementsFindings, most: int | None = None) -> list[blocks.Block]:
    """The effects of what was judged by future path."""
    effects = [by_world.Lines(pair.name, pair.by_path) for pair in findings.shown if pair.refined]
    return by_world.lines(effects, most=most)


def ranking(findings: AgreementsFindings) -> blocks.Table:
    """The best agreements with all outcomes."""
    return _table("Agreement", _ranked(findings), findings.outcomes)


def ranked(findings: AgreementsFindings) -> list[Chart]:
    """The best agreements with their intervals: a figure of arrivals, and one of deaths below it.

    If something else ranks, it comes first.
    """
    count, by = len(findings.shown), verdicts.in_text(findings.headline)
    title = f"The best {count} by {by}"
    if count == 1:
        title = "The agreement that was tried"
    elif not findings.looks.screening:
        title = f"{count} agreements by {by}"
    elif all(pair.refined for pair in findings.shown):
        title = f"The best {count} of the screening by {by}, in the order of fresh seeds"
    note = (
        f"Each dot is the average over plausible worlds when sharing goes to {findings.raised_to} "
        f"and nothing else changes. {_LINE}"
    )
    if findings.looks.screening:
        note = f"{note} An agreement that was screened only is not judged."
    header = "agreement", "shares_now"
    return _interval_charts(findings, "ranked", title, note, header, _ranked(findings))


class _Shown(NamedTuple):
    """An agreement, as tables and charts show it.

    Attributes:
        label: Its name.
        stage: What a chart says behind its name.
        below: What a table says below it.
        data: What the data of a chart say of it.
        effects: What it does.
        clear: The outcomes on which it is judged to have an effect.
        group: The heading of the rows that have one verdict.
    """

    label: str
    stage: str
    below: str
    data: tuple[str | int, ...]
    effects: Effects
    clear: set[str]
    group: str = ""


def _ranked(findings: AgreementsFindings) -> list[_Shown]:
    return [
        _Shown(
            f"{pair.rank}. {pair.name}" if pair.rank else pair.name,
            "" if pair.refined else " (screened only)",
            f"now {pair.before}",
            (pair.name, pair.before),
            pair.effects,
            {name for name in pair.effects if pair.judged(name)},
            quoting.sentence_case(
                agreement_wording.effect_status(
                    findings, pair.effects, pair.judged(findings.headline)
                )
            ),
        )
        for pair in findings.shown
    ]


def _table(first: str, shown: Sequence[_Shown], names: Sequence[str]) -> blocks.Table:
    """The interval of each average, under the verdict by what ranks."""
    columns = [_SHORT[name] for name in names]
    rows: list[blocks.Row] = []
    group = ""
    for one in shown:
        if one.group and one.group != group:
            group = one.group
            rows.append(blocks.Row(group, [""] * len(names), role="group"))
        clear = {name: name in one.clear for name in names}
        cells = [
            world_cell(name, one.effects[name], clear=clear[name], strong=clear[name])
            for name in names
        ]
        rows.append(blocks.Row(one.label, cells, one.below))
    return blocks.Table([first, *columns], rows, style="chain", split=True)


def _interval_charts(
    findings: AgreementsFindings,
    key: str,
    title: str,
    note: str,
    header: Sequence[str],
    shown: Sequence[_Shown],
) -> list[Chart]:
    """A chart of each outcome that is shown beside the others."""
    shape = "long" if key == "ranked" and len(shown) >= _MANY_ROWS else "wide"
    charts = []
    for name in beside(findings):
        spec = OUTCOMES[name]
        valued = [one for one in shown if quoting.has_value(name, one.effects[name])]
        drawn = quoting.drawn(name, [one.effects[name] for one in valued])
        rows = [
            Dot(f"{one.label}{one.stage}", *ends, name in one.clear, text)
            for one, ends, text in zip(valued, drawn.ends, drawn.texts, strict=True)
        ]
        edge = edge_of([row.reach for row in rows])
        cut = any(row.reach > edge for row in rows)
        beyond = " An arrow at the edge: the interval goes on; its ends stand beside the name."
        charts.append(
            Chart(
                f"agreements-{key}-{name.replace('_', '-')}",
                f"{title}: {spec.label}",
                f"{note}{beyond if cut else ''}",
                dots(rows, x=f"change from the baseline, {drawn.unit}", cut=True),
                (*header, "outcome", *_NUMBERS),
                [[*one.data, name, *_numbers(one.effects[name])] for one in shown],
                shape,
            )
        )
    return charts


def _numbers(effect: Effect | None) -> list[Any]:
    return [getattr(effect, name, None) for name in _NUMBERS]


def beside(findings: AgreementsFindings) -> list[str]:
    """The outcomes shown side by side: the one that ranks, arrivals and price."""
    return list(dict.fromkeys((findings.headline, *agreement_wording.COLUMNS)))


PRESENTATION = Presentation(AgreementsFindings, page, summary)
