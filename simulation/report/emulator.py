"""The page of a build of the library of estimates: what was run, and how near interpolation is."""

from __future__ import annotations

from simulation.estimates.build import FILE, EmulatorFindings
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation, limits, reading
from simulation.wording.quoting import percent

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
