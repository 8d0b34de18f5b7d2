"""A sensitivity analysis: which assumptions move the difference, and how far chance reaches."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.outcomes import OUTCOMES, shown_divisor
from simulation.report import blocks
from simulation.report.drawing import BLACK, BLUE, GREY, ORANGE, Chart, error_bars, figure, safe
from simulation.report.experiment import ExperimentData, Presentation, limits, reading, with_options
from simulation.statistics.sensitivity_indices import (
    ElementaryEffect,
    VarianceShare,
    VarianceShares,
    filed,
)
from simulation.studies.sensitivity import SensitivityFindings
from simulation.wording import sensitivity as wording
from simulation.wording.differences import titled
from simulation.wording.quoting import RANGE_ONLY

#: assumptions named in the plot of effects, and shown in a table of a page and of a terminal
_NAMED, _NAMED_OF_CHANCE = 8, 2
_ROWS, _ROWS_OF_TERMINAL = 12, 10


def page(data: ExperimentData[SensitivityFindings]) -> blocks.Page:
    """The page of a sensitivity analysis."""
    findings = data.findings
    sections = [
        blocks.Section(f"outcome-{number}", OUTCOMES[outcome].label, _section(findings, outcome))
        for number, outcome in enumerate(findings.outcomes, start=1)
    ]
    return blocks.Page(
        kind="Sensitivity analysis",
        title=titled(findings.scenario, "the assumptions that decide"),
        name=findings.scenario,
        headline=[wording.headline(findings)],
        basis=wording.basis(findings),
        warnings=[with_options(text) for text in wording.warnings(findings)],
        sections=[*sections, reading(*_READING), limits(findings)],
    )


def summary(findings: SensitivityFindings) -> list[blocks.Block]:
    """Which assumptions drive the difference, and how far chance reaches."""
    outcome = findings.headline
    parts: list[blocks.Block] = [
        blocks.Paragraph(wording.headline(findings), "strong"),
        _strongest(findings, outcome, _ROWS_OF_TERMINAL),
    ]
    variance = findings.outcomes[outcome].variance
    parts += [] if variance is None else [_shares(variance)]
    parts += blocks.paragraphs(*wording.warnings(findings), role="warning")
    texts = (wording.not_significant(findings, outcome), wording.basis(findings))
    return [*parts, *blocks.paragraphs(*texts)]


def _shares(variance: VarianceShares) -> blocks.Table:
    rows = [
        _row(
            share,
            f"{share.first:.2f} ± {share.first_half:.2f}",
            f"{share.total:.2f} ± {share.total_half:.2f}",
        )
        for share in variance.shares
        if share.total is not None
    ]
    title = "Share of the variance of the difference, with 90% half-widths"
    columns = ["Assumption", "Alone", "With others", "Told from chance"]
    return blocks.Table(columns, rows, title=title)


def _row(one: ElementaryEffect | VarianceShare, *numbers: str) -> blocks.Row:
    return blocks.Row(one.record, [*numbers, _yes(one)], faint=not one.significant)


def _yes(one: ElementaryEffect | VarianceShare) -> str:
    return "yes" if one.significant else "no"


def _section(findings: SensitivityFindings, outcome: str) -> list[blocks.Block]:
    """The assumptions that drive the difference in one outcome."""
    entry = findings.outcomes[outcome]
    parts = blocks.paragraphs(wording.not_significant(findings, outcome))
    effects = [effect for effect in entry.screening.effects if effect.mu_star]
    if not effects:
        return [*parts, blocks.Paragraph("No assumption moves this difference.")]
    parts.append(blocks.Figure(effects_chart(findings, outcome, effects)))
    if entry.variance and any(share.total is not None for share in entry.variance.shares):
        parts.append(blocks.Figure(shares_chart(findings, outcome, entry.variance)))
    return [*parts, _strongest(findings, outcome, _ROWS)]


def effects_chart(
    findings: SensitivityFindings, outcome: str, effects: Sequence[ElementaryEffect]
) -> Chart:
    """Mean size of each assumption's effect against how much it differs from place to place."""
    unit = wording.unit(outcome)
    # of deaths every effect is a share of the strongest
    scale = 1.0 if outcome in RANGE_ONLY else shown_divisor(OUTCOMES[outcome])
    plot = figure(
        x=f"Mean size of the effect of a step (mu*), {unit}",
        y=f"Spread of the effect (sigma), {unit}",
        hovermode="closest",
    )
    for apart, name, colour, symbol in (
        (True, "clear effect", BLUE, "circle"),
        (False, "no clear effect", GREY, "circle-open"),
    ):
        rows = [effect for effect in effects if effect.significant == apart]
        plot.scatter(
            [(effect.mu_star or 0.0) / scale for effect in rows],
            [(effect.sigma or 0.0) / scale for effect in rows],
            error_x=error_bars([(one.half_width or 0.0) / scale for one in rows], colour, 1, 0),
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol, "size": 8},
            customdata=_hover(findings, rows),
            hovertemplate=f"{_ABOUT}mu* %{{x:,.3~g}}, sigma %{{y:,.3~g}}<extra></extra>",
        )
    top = max(effect.mu_star or 0.0 for effect in effects) / scale
    plot.scatter(
        [0.0, top],
        [0.0, top],
        mode="lines",
        name="spread as large as the effect",
        line={"color": ORANGE, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    clear = [effect for effect in effects if effect.significant]
    named = (clear or effects)[: _NAMED if clear else _NAMED_OF_CHANCE]
    for effect in named:
        plot.add_annotation(
            x=(effect.mu_star or 0.0) / scale, y=(effect.sigma or 0.0) / scale,
            text=safe(_short(effect.record)), showarrow=False, yshift=12, font={"size": 11},
        )  # fmt: skip
    return Chart(
        key=f"effects-{outcome}",
        title="Which assumptions move the difference",
        note="Right: moves it much. High: by how much, or which way, depends on the other "
        f"assumptions. Named: the strongest {'clear effects' if clear else 'of them'}, at most "
        f"{_NAMED}. Bars are {findings.coverage:.0%} intervals.",
        figure=plot,
        header=filed(_EFFECT),
        rows=[[getattr(effect, name) for name in _EFFECT] for effect in effects],
    )


def shares_chart(findings: SensitivityFindings, outcome: str, variance: VarianceShares) -> Chart:
    """Share of the variance that goes with each survivor, alone and with others."""
    rows = list(reversed(variance.shares))  # the largest on top
    plot = figure(x="share of the variance", hovermode="closest", barmode="group", bargap=0.3)
    for key, name, colour in (
        ("total", "alone and with others (total)", BLUE),
        ("first", "alone (first order)", ORANGE),
    ):
        halves = [getattr(row, f"{key}_half") for row in rows]
        plot.bar(
            [getattr(row, key) for row in rows],
            [safe(_short(row.record)) for row in rows],
            orientation="h",
            name=name,
            marker={"color": colour, "opacity": [1.0 if row.significant else 0.35 for row in rows]},
            error_x=error_bars(halves, BLACK, 1.2, 3),
            customdata=_hover(findings, rows),
            hovertemplate=f"{_ABOUT}{name}: %{{x:.2f}}<extra></extra>",
        )
    if variance.floor is not None:
        plot.add_line_across("x", variance.floor, {"color": GREY, "dash": "dash", "width": 1.5})
    plot.update_xaxes(rangemode="tozero")
    return Chart(
        key=f"shares-{outcome}",
        title="How much of the difference's variance goes with each",
        note=f"From {variance.used} base samples; bars are {findings.coverage:.0%} bootstrap "
        "intervals. Dashed: the total share an assumption without any effect would show, from "
        "chance. Pale: not clearly above that. Only these assumptions were varied.",
        figure=plot,
        header=filed(VarianceShare.model_fields),
        rows=[list(share.as_json().values()) for share in variance.shares],
    )


def _strongest(findings: SensitivityFindings, outcome: str, most: int) -> blocks.Table:
    """The strongest assumptions in words, with their ranges."""
    rows = []
    effects = [one for one in findings.outcomes[outcome].screening.effects if one.mu_star]
    for effect in effects[:most]:
        record = findings.records[effect.record]
        size = wording.size(outcome, effect.mu_star)
        if effect.half_width is not None:
            size += f" ± {wording.size(outcome, effect.half_width)}"
        way = "more" if (effect.mu or 0.0) > 0 else "less"
        ends = f"{_plain(record.low)} to {_plain(record.high)} {record.unit}"
        value = blocks.Cell(_plain(record.value), [ends])
        cells = [value, blocks.Cell(size, [f"on average {way}"])]
        rows.append(blocks.Row(effect.record, [*cells, _yes(effect)], record.drives))
    step = f"Effect of a step, {wording.unit(outcome)}"
    return blocks.Table(["Assumption", "Value and range", step, "Told from chance"], rows)


def _hover(
    findings: SensitivityFindings, rows: Sequence[ElementaryEffect | VarianceShare]
) -> list[list[str]]:
    """The name of each assumption, and what it drives."""
    return [[safe(row.record), safe(findings.records[row.record].drives)] for row in rows]


def _short(name: str) -> str:
    """A record's name without its group, as words."""
    return name.split(".")[1].replace("_", " ")


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


#: what is shown of an assumption under the pointer, before its numbers: see `_hover`
_ABOUT = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
#: columns of the data of the chart of effects
_EFFECT = ("record", "mu_star", "half_width", "mu", "sigma", "p", "significant")
_READING = (
    (
        "What is analysed is the ",
        blocks.Emphasis("difference"),
        " between the scenario and its baseline, not the arrivals or deaths themselves: an "
        "assumption that moves both sides alike drives nothing here.",
    ),
    "A large effect means that the answer to “what does this policy do?” rests on a number that is "
    "not known well. It does not mean that the number is wrong.",
    "“Told from chance” is strict: it takes the seeds of two points as independent, though all "
    "points share theirs, and it looks at all assumptions together. Chance was measured with "
    "every assumption at its value only, and may be larger or smaller elsewhere.",
)


PRESENTATION = Presentation(SensitivityFindings, page, summary)
