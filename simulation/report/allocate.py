"""The page of a search for the best split of a budget."""

from __future__ import annotations

from simulation.estimates.allocate import AllocateFindings, Split
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.report.reach import proposals, proposals_page, proposals_summary
from simulation.wording import allocate as wording


def page(data: ExperimentData[AllocateFindings]) -> blocks.Page:
    """The page of a search."""
    findings = data.findings
    first = [
        blocks.Section("frontier", "What each amount buys", _splits(findings)),
        blocks.Section("proposals", "By the runs", proposals(findings, changes=False)),
    ]
    return proposals_page(data, "How to spend it", wording.headline(findings), first)


def summary(findings: AllocateFindings) -> list[blocks.Block]:
    """The splits by amount, and the proposals as runs have them."""
    shown = [*_splits(findings), *proposals(findings, changes=False)]
    return proposals_summary(findings, wording.headline(findings), shown)


def _splits(findings: AllocateFindings) -> list[blocks.Block]:
    """The frontier of amounts, then the robust split and no spending, with their regrets."""
    rows = [_row(findings, f"GBP {one.amount:g}m, best", one) for one in findings.frontier]
    for label, one in (("least regret", findings.robust), ("nothing", findings.nothing)):
        if one is not None:
            rows.append(_row(findings, f"GBP {one.amount:g}m, {label}", one))
    words = blocks.word_column("Spent on")
    columns: list[blocks.Column | str] = ["A year", words, "Estimate", "Regret"]
    return [blocks.Table(columns, rows), blocks.Paragraph(wording.REGRET, "note")]


def _row(findings: AllocateFindings, label: str, split: Split) -> blocks.Row:
    cells = [wording.spent(split), wording.effect(findings.outcome, split), wording.regret(split)]
    return blocks.Row(label, cells)


PRESENTATION = Presentation(AllocateFindings, page, summary)
