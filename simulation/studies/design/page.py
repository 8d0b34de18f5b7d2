"""The page of a table of runs: what was run, and how far arrivals lie apart."""

from __future__ import annotations

from simulation.outcomes import listing
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation, limits, reading
from simulation.studies.design.findings import ROWS, DesignFindings, ScenarioArrivals
from simulation.wording import quoting
from simulation.wording.quoting import number_of

_READING = (
    f"{ROWS} holds every row with its outcomes, by period. A set is records (every assumption at "
    "its central value), ranges:5 (draw 5 of every uncertain assumption), fitted:17 (set 17 of "
    "the fit, the others at their central values) or fitted:17:5 (the others as in draw 5). A "
    "path is that of the months after the data: central, low, high, or spread:7, which seed 7 "
    "draws.",
    "The lowest and the highest are those of the rows that were asked for. They are no interval.",
)


def page(data: ExperimentData[DesignFindings]) -> blocks.Page:
    """The page of a table of runs."""
    findings = data.findings
    return blocks.Page(
        kind="Table of runs",
        title=data.manifest.title,
        headline=[_headline(findings)],
        basis=f"Scale {findings.scale:g}, {findings.start} to {findings.end}.",
        sections=[
            blocks.Section("arrivals", "Arrivals by small boat", [_table(findings)]),
            reading(*_READING),
            limits(findings),
        ],
    )


def summary(findings: DesignFindings) -> list[blocks.Block]:
    """The size of the table of runs, and arrivals by scenario."""
    return [blocks.Paragraph(_headline(findings), "strong"), _table(findings)]


def _headline(findings: DesignFindings) -> str:
    counts = [
        (findings.rows, "row"),
        (len(findings.arrivals), "scenario"),
        (findings.sets, "assumption set"),
        (findings.paths, "future path"),
    ]
    words = [number_of(count, noun, ",") for count, noun in counts]
    failed = f" {len(findings.failed)} runs failed." if findings.failed else ""
    return f"{words[0]}: {listing(words[1:])}.{failed}"


def _table(findings: DesignFindings) -> blocks.Table:
    rows = [blocks.Row(one.scenario, _cells(one)) for one in findings.arrivals]
    return blocks.Table(["Scenario", "Rows", "Lowest", "Median", "Highest"], rows)


def _cells(one: ScenarioArrivals) -> list[str]:
    values = (one.lowest, one.median, one.highest)
    return [f"{one.rows:,}", *(quoting.single("channel_arrivals", value) for value in values)]


PRESENTATION = Presentation(DesignFindings, page, summary)
