"""The page of a search for what reaches a goal, and what every page of proposals has."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from simulation.estimates.reach import ReachFindings
from simulation.estimates.verification import Proposal, ProposedFindings
from simulation.report import blocks, comparison
from simulation.report.experiment import ExperimentData, Presentation, limits
from simulation.wording import differences
from simulation.wording import reach as wording


def page(data: ExperimentData[ReachFindings]) -> blocks.Page:
    """The page of a search."""
    headline = wording.headline(data.findings)
    first = blocks.Section("proposals", "Proposals", proposals(data.findings))
    return proposals_page(data, "What it would take", headline, [first])


def summary(findings: ReachFindings) -> list[blocks.Block]:
    """The proposals, what they change, and in how many worlds they fail."""
    return proposals_summary(findings, wording.headline(findings), proposals(findings))


def proposals_summary(
    findings: ProposedFindings, headline: Sequence[str], shown: Sequence[blocks.Block]
) -> list[blocks.Block]:
    """A summary of proposals: the headline, what is shown below it, and what they rest on."""
    return [
        blocks.Paragraph(headline[0], "strong"),
        *blocks.paragraphs(*headline[1:]),
        *shown,
        *blocks.paragraphs(*wording.rests_on(findings), role="note"),
        *blocks.paragraphs(differences.failures(findings)),
    ]


def proposals_page[FindingsT: ProposedFindings](
    data: ExperimentData[FindingsT],
    kind: str,
    headline: Sequence[str],
    first: Sequence[blocks.Section],
) -> blocks.Page:
    """A page of proposals: what is proposed, then the comparison that verifies it."""
    findings = data.findings
    notes = blocks.Section("estimates", "What they rest on",
                           blocks.paragraphs(*wording.rests_on(findings)))  # fmt: skip
    title = f"{kind}: “{findings.scenario}”"
    if not findings.verified:
        sections = [*first, notes, limits(findings)]
        return blocks.Page(title=title, kind=kind, headline=headline, sections=sections)
    compared = comparison.page(ExperimentData(data.folder, data.manifest, findings))
    sections = [*first, notes, *compared.sections]
    return replace(compared, title=title, kind=kind, headline=headline, sections=sections)


def proposals(findings: ProposedFindings, *, changes: bool = True) -> list[blocks.Block]:
    """Each proposal: what it changes, if that is to be listed, how it does, and how to run it."""
    parts: list[blocks.Block] = []
    for one in findings.proposals:
        parts += [
            blocks.Heading(one.title),
            *([blocks.Bullets(one.changes)] if changes else []),
            verdicts(findings, one),
            *blocks.paragraphs(*map(wording.by_path, one.verdicts)),
        ]
    return [*parts, *to_run(findings)]


def verdicts(findings: ProposedFindings, proposal: Proposal) -> blocks.Table:
    """How a proposal does by each condition."""
    rows = []
    for one in proposal.verdicts:
        estimate, run = wording.effect_cells(findings, proposal, one)
        shares = ["", ""]
        if one.condition.estimated:
            none = wording.TOO_FEW if findings.verified else wording.NOT_RUN
            shares = [wording.fails(one.estimated_share), wording.fails(one.share, none)]
        rows.append(blocks.Row(wording.asked(one.condition), [estimate, run, *shares]))
    columns = ["Condition", "Estimate", "Runs", "Fails in worlds,\nestimate", "runs"]
    return blocks.Table(columns, rows)


def to_run(findings: ProposedFindings) -> list[blocks.Block]:
    """How the proposals are run again or changed."""
    files = [shlex.quote(one.file) for one in findings.proposals if one.file]
    if not files:
        return []
    return [
        blocks.Paragraph("To run them, in the folder of these results:"),
        blocks.Verbatim(f"crossings compare {shlex.quote(findings.base_file)} {' '.join(files)}"),
    ]


PRESENTATION = Presentation(ReachFindings, page, summary)
