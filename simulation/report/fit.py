"""A fit: how well the fitted model gives back what it was fitted to, and what the figures tell.

Both sections follow from the fit's findings alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from simulation.corridor import load_origins
from simulation.fitting.fit import FitFindings
from simulation.fitting.gate import first_failed, weakness_of
from simulation.fitting.identifiability import FittedAssumption
from simulation.fitting.predictive import (
    QUANTILES,
    FittedYear,
    label_in_text,
    spec_of,
)
from simulation.fitting.series import FitWindow
from simulation.outcomes import listing, shown
from simulation.report import blocks
from simulation.report.experiment import ExperimentData, Presentation
from simulation.timeseries.months import MONTHS_OF_YEAR
from simulation.wording import quoting

FIT, IDENTIFIABILITY = "fit", "identifiability"
#: the series that are drawn
_CHARTS = ("channel_arrivals", "channel_boats", "wb_detections")
#: correlations, figures and assumptions listed
_LISTED = 12
#: ways in which an assumption can exceed the controls: narrowed, shifted, tied
_MEASURES = 3


def page(data: ExperimentData[FitFindings]) -> blocks.Page:
    """The text of a fit: two sections."""
    findings = data.findings
    sections = [fit_section(findings), identifiability_section(findings)]
    title = f"Fitted to {_span(findings)}"
    return blocks.Page(kind="Fit", title=title, headline=[headline(findings)], sections=sections)


def fit_section(findings: FitFindings) -> blocks.Section:
    """How well the fitted model gives back what it was fitted to, after the command."""
    rests_on = findings.provenance
    basis = blocks.Code(rests_on.command), f", seed {rests_on.seed}. The ensemble has the hash "
    parts: list[blocks.Block] = [
        blocks.Paragraph(headline(findings)),
        blocks.Paragraph(("Made by ", *basis, blocks.Code(findings.ensemble), ".")),
        blocks.Bullets(_what(findings)),
        blocks.Heading("What the ensemble must do to be installed"),
        gate_table(findings),
    ]
    if findings.predictive:
        rows = [_year_row(row, bold=True) for row in findings.predictive]
        year, verdict = blocks.word_column("year"), blocks.word_column("")
        parts += [
            blocks.Heading("Whole years, observed and given back"),
            blocks.Table(["figure", year, "observed", "median", "90% interval", verdict], rows),
        ]
    parts += [
        blocks.Heading("Every figure"),
        *_coverage(findings),
        *fan_charts(findings),
        blocks.Heading("What a fit does not say"),
        blocks.Bullets(_limits(findings)),
    ]
    return blocks.Section(FIT, f"Fitted to {_span(findings)}", parts, short=_in_short(findings))


def gate_table(findings: FitFindings) -> blocks.Table:
    """Every line of the gate, which is judged on one new run of each set."""
    words = [blocks.word_column(title) for title in ("asked", "", "why, where that is known")]
    rows = [
        blocks.Row(
            line.what,
            [
                line.shown,
                line.asked,
                blocks.Cell("passed" if line.passed else "failed", strong=not line.passed),
                "" if line.passed else weakness_of(line.what),
            ],
        )
        for line in findings.gate
    ]
    return blocks.Table(["one new run of each set", "value", *words], rows)


def headline(findings: FitFindings) -> str:
    """The figures that the fitted model does not reproduce, by name, and how many it does."""
    rows, outside = findings.predictive, findings.outside
    if not rows:
        return "The window holds no year to check."
    inside = _inside_text(findings)
    if not outside:
        return f"{inside} of the fitted model: all of them."
    return (
        f"Outside the 90% interval of the fitted model: {listing([_missed(r) for r in outside])}. "
        f"There the model lacks something, or the fit had too few runs to find it. {inside}."
    )


def identifiability_section(findings: FitFindings) -> blocks.Section:
    """The assumptions that the figures inform, and those that they cannot."""
    rows, informed = findings.parameters, _informed_text(findings)
    sharing = _sharing_text(rows)
    parts: list[blocks.Block] = [
        *blocks.paragraphs(*map(blocks.marked, sharing)),
        blocks.Paragraph(informed),
        blocks.Paragraph(_reading(findings)),
        _assumptions(rows),
        blocks.Heading("What the figures cannot tell"),
        *_uninformed(rows),
        blocks.Heading("Assumptions that trade off against each other"),
        _trades(findings),
    ]
    title = "What the figures can tell and what they cannot"
    return blocks.Section(IDENTIFIABILITY, title, parts, short=" ".join([informed, *sharing]))


def _inside_text(findings: FitFindings) -> str:
    count = len(findings.predictive)
    return f"{count - len(findings.outside)} of {count} yearly figures lie in the 90% interval"


def _in_short(findings: FitFindings) -> str:
    """How many runs reproduce the years, which lines of the gate fail, which years lie outside."""
    gate, rows, outside = findings.gate, findings.predictive, findings.outside
    failed = [f"{one.what} ({one.shown}; asked {one.asked})" for one in gate if not one.passed]
    sentences = [f"The ensemble passes {len(gate) - len(failed)} of {len(gate)} lines of its gate."]
    if failed:
        sentences.append(f"It fails: {'; '.join(failed)}.")
    if rows:
        sentences.append(f"{_inside_text(findings)}.")
    if outside:
        years: dict[str, list[str]] = {}
        for row in outside:
            years.setdefault(label_in_text(row.series), []).append(str(row.year))
        named = listing([f"{name} ({', '.join(several)})" for name, several in years.items()])
        sentences.append(f"Outside it: {named}.")
    return " ".join(sentences)


def _informed_text(findings: FitFindings) -> str:
    rows = findings.parameters
    return (
        f"The figures of {_span(findings)} inform {len(rows) - len(findings.uninformed)} of the "
        f"{len(rows)} assumptions that were fitted. What they do not inform keeps its assumed "
        "range in the ensemble."
    )


def summary(findings: FitFindings) -> list[blocks.Block]:
    """How well the fit reproduces its years, and how many assumptions the figures inform."""
    first, last = findings.window
    inside = f"{findings.scenario}: {_inside_text(findings)} of the fitted model."
    parts: list[blocks.Block] = [blocks.Paragraph(inside, "strong")]
    if findings.predictive:
        columns = ["Figure", "Year", "Observed", "Median", "90% interval"]
        rows = [_year_row(row) for row in findings.predictive]
        title = "The fitted years, observed and given back"
        parts.append(blocks.Table([*columns, blocks.word_column("")], rows, title=title))
    n_informed = len(findings.parameters) - len(findings.uninformed)
    return [
        *parts,
        gate_table(findings),
        *blocks.paragraphs(*warnings(findings), role="warning"),
        *blocks.paragraphs(
            f"The figures of {first} to {last} inform {n_informed} of {len(findings.parameters)} "
            "assumptions. Of the others they tell no more than chance would, and these keep their "
            "range (parameters.csv names them).",
            f"{findings.selection.sets} sets of assumptions. Intervals hold assumptions and "
            "chance, not what the model leaves out.",
        ),
    ]


def warnings(findings: FitFindings) -> list[str]:
    """The warnings of the page."""
    texts = []
    if findings.failed:
        texts.append(
            f"{len(findings.failed)} runs failed; their sets of assumptions are left out. The "
            f"first error: {findings.failed[0].error}"
        )
    if findings.outside:
        named = ", ".join(f"{label_in_text(row.series)} {row.year}" for row in findings.outside)
        texts.append(
            f"Outside the 90% interval of the fitted model: {named}. Either the model lacks "
            "something there, or the fit had too few runs to find it."
        )
    failed = first_failed(findings.gate)
    if failed is not None:
        texts.append(
            f"The fit has not come far enough to be installed. {failed.what}: {failed.shown}, "
            f"asked is {failed.asked}."
        )
    return texts


def fan_charts(findings: FitFindings) -> list[blocks.FanChart]:
    """Charts of the series that were fitted by month."""
    months = FitWindow(*findings.window).months
    charts = []
    for name in _CHARTS:
        by_month = {row.period: row for row in findings.figures if row.series == name}
        if not by_month:
            continue
        rows, spec = [by_month.get(month) for month in months], spec_of(name)
        charts.append(
            blocks.FanChart(
                name=chart_name(name),
                alt=f"{spec.label}, {_span(findings)}",
                title=f"{spec.label}: observed, and given back by the fitted model",
                unit=spec.unit,
                kind="count",
                months=months,
                first=0,
                seen=[None if row is None else row.observed for row in rows],
                bands={
                    f"{at:g}": [getattr(row, f"q{100 * at:g}", None) for row in rows]
                    for at in QUANTILES
                },
                bands_name="fitted model",
            )
        )
    return charts


def chart_name(series: str) -> str:
    """File name of the chart of a series."""
    return f"fit-{series}.svg"


def _span(findings: FitFindings) -> str:
    """The window in words: years where it is whole years."""
    first, last = findings.window
    if first.endswith("-01") and last.endswith("-12"):
        return first[:4] if first[:4] == last[:4] else f"{first[:4]}-{last[:4]}"
    return f"{first} to {last}"


def _missed(row: FittedYear) -> str:
    spec = spec_of(row.series)
    side = "above" if row.observed > row.q95 else "below"
    return (
        f"{label_in_text(row.series)} {row.year} ({shown(spec, row.observed)} observed, {side} "
        f"{shown(spec, row.q5)} to {shown(spec, row.q95)})"
    )


def _what(findings: FitFindings) -> list[blocks.Text]:
    """The scenario, series and assumptions of the fit, and what its result is worth."""
    said = findings.provenance
    by: dict[bool, list[str]] = {True: [], False: []}
    for row in findings.coverage:
        periods = {figure.period for figure in findings.figures if figure.series == row.series}
        by[any("-" in period for period in periods)].append(label_in_text(row.series))
    figures = "; ".join(
        f"{words} {', '.join(by[monthly])}"
        for monthly, words in ((True, "by month"), (False, "by year"))
        if by[monthly]
    )
    first, last = findings.window
    own = f" Figures of the user's own: {', '.join(said.own_series)}." if said.own_series else ""
    distances, sets = [one.distance for one in findings.waves], findings.selection
    return [
        f'Scenario "{findings.scenario}"; {first} to {last}.{own}',
        f"Fitted to: {figures}.",
        f"{len(findings.parameters)} assumptions, {findings.budget:,} runs at {said.scale:g} of "
        f"the people, in {len(findings.members)} waves. {sets.moved} assumptions were moved.",
        f"The ensemble has {sets.sets} sets. Of {sets.candidates} runs of the last waves, "
        f"{sets.accepted} had arrivals and boats of every whole year within {sets.tolerance:g} "
        f"declared discrepancies, and nothing that contradicts what is known. Of {sets.tried} of "
        f"them, {sets.again} did so again.",
        "From the first wave to the last, the figures came nearer to what was observed: "
        f"from {distances[0]:.1f} to {distances[-1]:.1f} standard deviations of what the model "
        "leaves out.",
    ]


def _year_row(row: FittedYear, *, bold: bool = False) -> blocks.Row:
    """A year; where it lies outside, that is said, and where it lies inside if `bold`."""
    spec = spec_of(row.series)
    year = row.year if row.months == MONTHS_OF_YEAR else f"{row.year} ({row.months} months)"
    low, middle, high = (shown(spec, value) for value in (row.q5, row.q50, row.q95))
    if row.series in quoting.RANGE_ONLY:
        middle = quoting.NOT_QUOTED
    verdict = ("inside" if bold else "") if row.inside else "outside"
    cells = [year, shown(spec, row.observed), middle, f"{low} to {high}"]
    return blocks.Row(spec.label, [*cells, blocks.Cell(verdict, strong=bold and not row.inside)])


def _coverage(findings: FitFindings) -> list[blocks.Block]:
    """How many of the months and years that were fitted lie inside, and which do not."""
    groups = load_origins().names
    missed = [one for one in findings.figures if not one.q5 <= one.observed <= one.q95]
    rows = []
    for row in findings.coverage:
        of = [figure for figure in missed if figure.series == row.series]
        outside = [" ".join(filter(None, [one.period, groups.get(one.group, "")])) for one in of]
        if len(outside) > _LISTED:
            years = Counter(one.period[:4] for one in of)
            outside = [f"{count} of {year}" for year, count in years.items()]
        inside = [f"{count} of {row.figures}" for count in (row.in_50, row.in_90)]
        misfit = f"{findings.misfit[row.series]:.1f}"
        rows.append(blocks.Row(spec_of(row.series).label, [*inside, misfit, ", ".join(outside)]))
    columns = ["figure", "in 50%", "in 90%", "off by"]
    reading = blocks.marked(
        "*Off by* is the distance of the ensemble's mean from what was observed, in the standard "
        "deviations that the fit allows. They cover chance and what the model leaves out. "
        "Intervals hold assumptions and chance only, so fewer than half and nine tenths may lie "
        "inside."
    )
    outside_column = blocks.word_column("outside the 90% interval")
    return [blocks.Paragraph(reading), blocks.Table([*columns, outside_column], rows)]


def _limits(findings: FitFindings) -> list[str]:
    texts = [
        "The model was fitted to these figures: that they come back is no test of it. The "
        "back-test of a year that no fit has seen is.",
        "Intervals hold assumptions and chance, not what the model leaves out. A figure outside "
        "says that the model, and not the weather, is off.",
        "The result is an approximation: exact for a model that is linear near what was observed, "
        "with normal errors, before runs outside the tolerance are left out.",
    ]
    if findings.failed:
        texts.append(f"{len(findings.failed)} runs failed; their sets are left out.")
    return texts


def _sharing_text(rows: Sequence[FittedAssumption]) -> list[str]:
    """Sentences on how far the series inform sharing; nothing if it was not fitted."""
    levels = [row for row in rows if row.group == "sharing"]
    if not levels:
        return []
    informed = [row.name for row in levels if row.informed]
    text = (
        "**Nothing in these series tells how strong sharing is.** Every experiment that "
        "draws from the ensemble therefore shows its results over the whole assumed range."
    )
    if informed:
        text = (
            f"Of the {len(levels)} assumptions that say how strong sharing is, these series tell "
            f"something of {len(informed)}: {_codes(informed)}. They tell nothing of the others, "
            "and every experiment that draws from the ensemble shows its results over their "
            "assumed range."
        )
    return [text]


def _reading(findings: FitFindings) -> blocks.Text:
    floor, controls = findings.noise_floor, findings.controls
    # one of so many draws that mean nothing is the largest of all, in each of the measures
    wrong = max(1, round(len(findings.uninformed) * _MEASURES / (controls + 1)))
    return blocks.marked(
        "*Narrowed* is how much smaller the standard deviation became, *shifted* how far the mean "
        "moved in standard deviations of the prior. Both are on the scale of normal scores. *Tied* "
        f"is the closest correlation with another. {controls} controls that drive nothing were "
        f"narrowed by up to {floor.narrowed:.0%}, shifted by up to {floor.shifted:.2f} "
        f"and tied by up to {floor.tied:.2f}: what exceeds none of these is not informed. *With "
        "another only* means that the figures know what two make together, and not the range of "
        f"either. Of assumptions of which the figures tell nothing, {wrong} may exceed all "
        "controls by chance."
    )


def _assumptions(rows: Sequence[FittedAssumption]) -> blocks.Table:
    """The assumptions that the figures narrowed most; `parameters.csv` has them all."""
    informed = sorted(
        (row for row in rows if row.informed), key=lambda row: (-row.informed_alone, -row.narrowed)
    )
    words = ("unit", "prior: 5%, 50%, 95%", "fitted: 5%, 50%, 95%")
    columns = [blocks.Column("assumption"), *(blocks.word_column(title) for title in words)]
    return blocks.Table(
        [*columns, "narrowed", "shifted", "tied", blocks.word_column("informed")],
        [
            blocks.Row(
                (blocks.Code(row.name),),
                [
                    row.unit, _values(row.prior), _values(row.posterior), f"{row.narrowed:.0%}",
                    f"{row.shifted:.2f}", f"{row.tied:.2f}", _informed(row),
                ],
            )
            for row in informed[:_LISTED]
        ],
        caption=f"The strongest {min(_LISTED, len(informed))} of {len(informed)}; "
        "parameters.csv of the fit has all:",
    )  # fmt: skip


def _uninformed(rows: Sequence[FittedAssumption]) -> list[blocks.Block]:
    """The number of assumptions in each group that the figures do not inform, sharing first."""
    totals = Counter(row.group for row in rows)
    counts = Counter(row.group for row in rows if not row.informed)
    if not counts:
        text = "Every assumption was narrowed, shifted or tied by more than any control."
        return [blocks.Paragraph(text)]
    groups = sorted(counts, key=lambda group: (group != "sharing", -counts[group]))
    counts_by_group = ", ".join(f"`{group}` {counts[group]} of {totals[group]}" for group in groups)
    text = "They keep their range in the ensemble. By"
    return [blocks.Paragraph(blocks.marked(f"{text} group: {counts_by_group}."))]


def _trades(findings: FitFindings) -> blocks.Block:
    floor = findings.noise_floor.tied
    strong = [pair for pair in findings.correlations if pair.above_chance]
    if not strong:
        return blocks.Paragraph(f"No correlation goes beyond what the controls show ({floor:.2f}).")
    return blocks.Table(
        ["one", blocks.word_column("other"), "correlation"],
        [
            blocks.Row((blocks.Code(pair.a),), [(blocks.Code(pair.b),), f"{pair.r:+.2f}"])
            for pair in strong[:_LISTED]
        ],
        caption=f"Correlations in the fitted ensemble beyond what the controls show ({floor:.2f}); "
        f"the strongest {min(_LISTED, len(strong))} of {len(strong)}:",
    )


def _informed(row: FittedAssumption) -> str:
    if row.informed_alone:
        return "yes"
    return "with another only" if row.informed else "no"


def _values(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def _codes(names: Sequence[str]) -> str:
    return listing([f"`{name}`" for name in names])


PRESENTATION = Presentation(FitFindings, page, summary, forecasts=True)
