"""A scenario discovery: the regions of assumptions in which the policy fails."""

from __future__ import annotations

from typing import Any

from simulation.report import blocks
from simulation.report.drawing import (
    BLACK,
    GREY,
    PALE,
    VERMILION,
    Chart,
    PlotlyObject,
    figure,
    safe,
)
from simulation.report.experiment import ExperimentData, Presentation, limits, reading, with_options
from simulation.statistics.boxes import Box
from simulation.studies.discovery import words as wording
from simulation.studies.discovery.findings import DiscoveryFindings
from simulation.wording.differences import titled
from simulation.wording.quoting import sentence_case


def page(data: ExperimentData[DiscoveryFindings]) -> blocks.Page:
    """The page of a scenario discovery."""
    findings = data.findings
    return blocks.Page(
        kind="Scenario discovery",
        title=titled(findings.scenario, "where it fails"),
        name=findings.scenario,
        headline=[wording.headline(findings)],
        basis=wording.basis(findings),
        warnings=[with_options(text) for text in wording.warnings(findings)],
        sections=[
            *(
                blocks.Section(
                    key.replace("_", "-"), wording.HEADINGS[key], _section(findings, key)
                )
                for key in findings.questions
            ),
            reading(*_READING),
            limits(findings),
        ],
    )


def summary(findings: DiscoveryFindings) -> list[blocks.Block]:
    """Where the scenario fails, and how far chance reaches."""
    parts: list[blocks.Block] = [blocks.Paragraph(wording.headline(findings), "strong")]
    for key, asked in findings.questions.items():
        parts += [blocks.Heading(wording.HEADINGS[key]), *_chance(findings, key)]
        for box, counts in asked.regions:
            parts.append(_limits(findings, box, counts))
            parts.append(blocks.Paragraph(wording.verdict(findings, box, counts)))
    parts += blocks.paragraphs(*wording.warnings(findings), role="warning")
    return [*parts, blocks.Paragraph(wording.basis(findings))]


def _chance(findings: DiscoveryFindings, key: str) -> list[blocks.Block]:
    """Where the differences lie, and how far chance reaches into them."""
    return blocks.paragraphs(
        wording.spread_words(findings, key),
        wording.noise_words(findings, key),
        wording.chance_words(findings, key),
    )


def _limits(findings: DiscoveryFindings, box: Box, counts: bool) -> blocks.Table:
    """The limits of a box, for a terminal."""
    rows = [
        blocks.Row(
            wording.limit_words(findings, limit),
            [findings.records[limit.record].drives, f"{limit.quasi_p:.3f}"],
            faint=not counts,
        )
        for limit in box.limits
    ]
    columns: list[blocks.Column | str] = ["Where", blocks.word_column("What it drives"), "Quasi-p"]
    return blocks.Table(columns, rows, title=sentence_case(wording.box_words(box)))


def _section(findings: DiscoveryFindings, key: str) -> list[blocks.Block]:
    parts = [blocks.Paragraph(wording.answer(findings, key)), *_chance(findings, key)]
    for number, (box, counts) in enumerate(findings.questions[key].regions, start=1):
        rows = [
            blocks.Row(
                wording.limit_words(findings, limit),
                [f"{limit.quasi_p:.3f}", f"{limit.kept:.0%}"],
                findings.records[limit.record].drives,
            )
            for limit in box.limits
        ]
        share, verdict = wording.box_words(box), wording.verdict(findings, box, counts)
        head = f"Region {number}" if counts else "The best region, no better than chance"
        parts += [
            blocks.Heading(head),
            blocks.Paragraph(f"{sentence_case(share)}. {verdict}"),
            blocks.Table(["Where", "Quasi-p", "In random halves"], rows),
            blocks.Figure(ranges_chart(findings, box, f"{key}-{number}", counts)),
        ]
    return parts


def ranges_chart(findings: DiscoveryFindings, box: Box, key: str, counts: bool) -> Chart:
    """The limits of a box, each on an axis from the low to the high of its record."""
    plot = figure(
        x="From the record's low (0) to its high (1)", hovermode="closest", barmode="overlay"
    )
    rows: list[tuple[Any, ...]] = []
    for limit in box.limits:
        record = findings.records[limit.record]
        low, high = float(record.low), float(record.high)
        start = low if limit.low is None else limit.low
        stop = high if limit.high is None else limit.high
        ends = [(end - low) / (high - low) for end in (start, stop, float(record.value))]
        rows.append((limit, *ends))
    limits, starts, stops, values = zip(*reversed(rows), strict=True)
    names = [safe(limit.record.split(".")[1].replace("_", " ")) for limit in limits]
    bar: PlotlyObject = {"orientation": "h", "width": 0.3}
    plot.bar(
        [1.0] * len(rows),
        names,
        **bar,
        marker={"color": PALE},
        name="whole range",
        hoverinfo="skip",
    )
    plot.bar(
        [stop - start for start, stop in zip(starts, stops, strict=True)],
        names,
        **bar,
        base=starts,
        marker={"color": VERMILION if counts else GREY},
        name="the region",
        customdata=[[safe(wording.limit_words(findings, limit))] for limit in limits],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    plot.scatter(
        values,
        names,
        mode="markers",
        marker={"color": BLACK, "symbol": "line-ns-open", "size": 16, "line": {"width": 2}},
        name="the record's value",
        hoverinfo="skip",
    )
    plot.update_xaxes(range=[-0.02, 1.02])
    return Chart(
        key=f"ranges-{key}",
        title="The region",
        note="; ".join(wording.limit_words(findings, limit) for limit in box.limits) + ".",
        figure=plot,
        header=("record", "low", "high", "start", "stop", "value"),
        rows=[[limit.record, limit.low, limit.high, *ends] for limit, *ends in rows],
    )


_READING = (
    "A region says where, among the assumptions held to be possible, the policy fails more "
    "often. It is a question to those who know these numbers: is the truth likely to lie there? "
    "It is no forecast.",
    "Density is the share of failures inside the region, coverage the share of all failures "
    "that it holds. The quasi-p-value of a limit is the probability of so many failures if that "
    "limit did nothing. With hundreds of assumptions a region is found in any data. So one counts "
    "only if shuffled cases hardly ever give one as good. A limit is firm if random halves of "
    "the data give it again.",
)


PRESENTATION = Presentation(DiscoveryFindings, page, summary)
