"""A study of agreements: which buys most, each pair in a matrix, and sets."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.experiments.studies.agreement_findings import (
    AgreementsFindings,
    Effects,
    PairEffects,
)
from simulation.outcomes import OUTCOMES, shown_unit
from simulation.report.agreement_charts import beside, matrix, ranked, sets_charts
from simulation.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
    Verbatim,
    figures,
)
from simulation.report.presentation import ExperimentData, Presentation
from simulation.wording import agreements as agreement_wording
from simulation.wording import differences as wording

#: outcomes as headings of narrow columns on a page, and on a terminal
_SHORT = {
    "channel_arrivals": ("Arrivals", "Arrivals"),
    "channel_deaths": ("Channel deaths", "Deaths"),
    "corridor_deaths": ("Corridor deaths", "Corridor deaths"),
    "smuggler_profit_eur": ("Profit", "Profit, EUR m"),
    "mapped_share": ("Known", "Mapped share"),
}
#: outcomes with their intervals beside them that fit on a terminal
_FEW = 2


def page(data: ExperimentData[AgreementsFindings]) -> Page:
    """The page of a study of agreements."""
    from simulation.report.words import limits

    found = data.findings
    sections = []
    if found.ranking:
        warning = Paragraph(agreement_wording.deadly(found), "warning")
        blocks = [*([warning] if warning.text else []), *figures(ranked(found)), ranking(found)]
        sections.append(Section("ranking", "Which agreement buys most", blocks))
    if found.sets:
        sections.append(Section("sets", "Sets of agreements", _sets(found)))
    matrices = [
        *_codes(found),
        *figures([matrix(found, name) for name in found.outcomes]),
        *map(Paragraph, agreement_wording.left_out(found)),
    ]
    sureness: list[Block] = [Paragraph(agreement_wording.correction(found))]
    return Page(
        kind="Agreements",
        title=data.manifest.title,
        headline=agreement_wording.headline(found),
        basis=agreement_wording.basis(found),
        sections=[
            *sections,
            Section("matrix", "Every pair", matrices),
            Section("sureness", "How sure this is", sureness),
            limits(found),
        ],
    )


def summary(found: AgreementsFindings) -> list[Block]:
    """The headline, the best agreements and the sets."""
    blocks: list[Block] = [Paragraph("\n".join(agreement_wording.headline(found)), "strong")]
    if found.ranking:
        blocks.append(_short_ranking(found))
        if not all(pair.refined for pair in found.shown):
            text = "Screened: not run again with fresh seeds, and so not judged."
            blocks.append(Paragraph(text, "note"))
    if found.sets:
        blocks.append(_short_sets(found))
    texts = (
        agreement_wording.deadly(found),
        *agreement_wording.left_out(found),
        agreement_wording.correction(found),
        agreement_wording.basis(found),
        wording.failures(found),
    )
    blocks += map(Paragraph, texts)
    if found.best_set_command:
        blocks += [Paragraph("The best set at full scale:"), Verbatim(found.best_set_command)]
    return blocks


def _short_ranking(found: AgreementsFindings) -> Table:
    """The best agreements; `detectable` is the judgement that the headline is made of."""
    rows = []
    for pair in found.shown:
        seen = pair.judged(found.headline)
        judgement = {True: "yes", False: "no", None: "screened"}[seen]
        cells = [pair.before, judgement, *_short_cells(found, pair.effects)]
        rows.append(_short_row(f"{pair.rank:>2} {pair.name}", cells, clear=bool(seen)))
    first = f"Raised to {found.raised_to}"
    return Table([first, "now", "detectable", *_short_headings(found)], rows)


def _short_sets(found: AgreementsFindings) -> Table:
    rows = []
    for one in found.sets:
        if one.total is not None:
            cells = ["yes" if one.buys else "not seen", *_short_cells(found, one.total)]
            rows.append(_short_row(f"{one.size:>2} + {one.added_name}", cells, clear=one.buys))
    return Table(["Sets", "adds", *_short_headings(found)], rows)


def _short_headings(found: AgreementsFindings) -> list[str]:
    names = beside(found)
    intervals = ["interval"] if len(names) <= _FEW else []
    return [heading for name in names for heading in (_SHORT[name][1], *intervals)]


def _short_cells(found: AgreementsFindings, effects: Effects) -> list[str]:
    """Each outcome and its interval, side by side; of more than fit, below each other."""
    cells = []
    for name in beside(found):
        effect = effects[name]
        known = effect.difference is not None
        number = wording.signed(name, effect.difference) if known else "no value"
        cells += [number, wording.interval(name, effect) if known else ""]
    if len(cells) <= 2 * _FEW:
        return cells
    return ["\n".join(pair) for pair in zip(cells[::2], cells[1::2], strict=True)]


def _short_row(label: str, cells: Sequence[str], *, clear: bool) -> Row:
    return Row(label, [Cell(text, faint=not clear) for text in cells])


def ranking(found: AgreementsFindings) -> Table:
    """The best agreements with all outcomes."""
    return _table("Agreement", found, [_ranked_row(pair, found) for pair in found.shown])


def _ranked_row(pair: PairEffects, found: AgreementsFindings) -> Row:
    note = f"now {pair.before}" + ("" if pair.refined else ", screened only, not judged")
    cells = [_cell(name, pair.effects, bool(pair.judged(name))) for name in found.outcomes]
    return Row(f"{pair.rank}. {pair.name}", cells, note)


def _sets(found: AgreementsFindings) -> list[Block]:
    """The sets: what they buy together, in a figure and a table, and how to run the best."""
    rows = [
        Row(
            f"{one.size}. + {one.added_name}",
            [_cell(name, one.total, one.total[name].detectable) for name in found.outcomes],
            agreement_wording.set_status(one),
        )
        for one in found.sets
        if one.total
    ]
    texts = [agreement_wording.sets_sentence(found)]
    if found.sets_exhausted:
        texts.append("Sets end where no candidate left buys anything more by its average.")
    lead = [Paragraph(text) for text in texts if text]
    if not rows:
        return [*lead]
    return [
        *lead,
        *figures(sets_charts(found)),
        _table("Set, with one more each", found, rows),
        Heading("The best set at full scale"),
        Paragraph(agreement_wording.best_set(found)),
        Verbatim(found.best_set_command or ""),
    ]


def _table(first: str, found: AgreementsFindings, rows: Sequence[Row]) -> Table:
    columns = [Column(_SHORT[name][0], shown_unit(OUTCOMES[name])) for name in found.outcomes]
    return Table([first, *columns], rows, style="chain")


def _cell(name: str, effects: Effects, clear: bool) -> Cell:
    """A mean with its interval; one that is judged to be an effect is strong."""
    effect = effects[name]
    if effect.difference is None:
        return Cell("no value")
    text = wording.signed(name, effect.difference)
    return Cell(text, [wording.interval(name, effect)], strong=clear)


def _codes(found: AgreementsFindings) -> list[Block]:
    """What the codes on the axes of the matrix stand for."""
    named = [f"{code} {name}" for code, name in found.parties.items() if code != name.upper()]
    return [Paragraph(f"{', '.join(named)}.", "note")] if named else []


PRESENTATION = Presentation(AgreementsFindings, page, summary)
