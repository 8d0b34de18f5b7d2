"""The page of a build of the surrogate: its gate and its card."""

from __future__ import annotations

from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation, limits, reading
from simulation.surrogate.build import FILE, ROWS, EmulatorFindings
from simulation.surrogate.gate import LABELS, first_failed

_READING = (
    "R2 is of policies that the surrogate did not see, with what chance adds taken off. No effect "
    "is the forecast that nothing changes.",
    "Errors are typical ones (medians), in percentage points of the effect in a pair's own world, "
    "chance included.",
    f"{ROWS} has every pair: its policy, its world and the logarithm of each ratio over the whole "
    f"run. {FILE} is the surrogate.",
)


def page(data: ExperimentData[EmulatorFindings]) -> blocks.Page:
    """The page of a build."""
    findings = data.findings
    return blocks.Page(
        kind="Surrogate",
        title=data.manifest.title,
        headline=[_headline(findings)],
        basis=f"Scale {findings.scale:g}, {findings.start} to {findings.end}.",
        sections=[
            blocks.Section("gate", "Gate", [_gate(findings)]),
            blocks.Section("card", "Errors on held-out policies", [_card(findings)]),
            reading(*_READING),
            limits(findings),
        ],
    )


def summary(findings: EmulatorFindings) -> list[blocks.Block]:
    """Whether it passes its gate, line by line, and its errors."""
    headline = blocks.Paragraph(_headline(findings), "strong")
    return [headline, _gate(findings), _card(findings)]


def _headline(findings: EmulatorFindings) -> str:
    line = first_failed(findings.gate)
    what = f"{findings.pairs:,} pairs of runs of {findings.policies:,} policies"
    if line is None:
        return f"{what}: the surrogate passes its gate."
    return f"{what}: the surrogate fails its gate. {line.what}: {line.shown}, not {line.asked}."


def _gate(findings: EmulatorFindings) -> blocks.Table:
    rows = [
        blocks.Row(line.what, [line.shown, line.asked, "yes" if line.passed else "no"])
        for line in findings.gate
    ]
    return blocks.Table(["Line of the gate", "Value", "Asked", "Passed"], rows)


def _card(findings: EmulatorFindings) -> blocks.Table:
    rows = [
        blocks.Row(
            line.what,
            [
                f"{line.pairs:,}",
                *(f"{line.error[name]:.1f}; {line.covered[name]:.0%}" for name in LABELS),
            ],
        )
        for line in findings.card
    ]
    columns = ["Held-out policies", "Pairs", *(f"Error; covered, {one}" for one in LABELS.values())]
    return blocks.Table(columns, rows)


PRESENTATION = Presentation(EmulatorFindings, page, summary)
