"""A sweep: what was varied, its charts, and a table of all points."""

from __future__ import annotations

from simulation.experiments.findings import Effect
from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.experiments.studies.sweep import SweepFindings, SweepPoint, VariableEffects
from simulation.outcomes import OUTCOMES
from simulation.report.blocks import (
    Beside,
    Block,
    Bullets,
    Cell,
    Code,
    Folded,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
    figures,
)
from simulation.report.presentation import ExperimentData, Presentation
from simulation.report.sweep_charts import both, curve, scatter
from simulation.wording import differences as wording
from simulation.wording import sweep as sweep_words
from simulation.wording.differences import NO_VALUE
from simulation.wording.sweep import MAIN

#: what else moves; more of it when one variable has the page to itself
_ELSE = (
    "mapped_share",
    "lorry_arrivals",
    "people_per_boat",
    "corridor_deaths",
    "smuggler_profit_eur",
    "seat_price_eur",
)
_FEW_ELSE = 2
#: outcomes that fit beside each other on a phone, and their headings
_TABLE = {
    "channel_arrivals": "Arrivals by small boat",
    "channel_deaths": "Deaths in the Channel",
    "mapped_share": "Share of smugglers known",
}
#: the same in a terminal
_COLUMNS = {
    "channel_arrivals": "Arrivals",
    "channel_deaths": "Deaths",
    "mapped_share": "Mapped share",
}
#: longest table that stands open on a page, and longest on a terminal
_OPEN_ROWS, _MOST_ROWS = 30, 40


def page(data: ExperimentData[SweepFindings]) -> Page:
    """The page of a sweep."""
    from simulation.report.words import limits

    found = data.findings
    return Page(
        kind="Sweep",
        title=data.manifest.title,
        headline=sweep_words.headline(found),
        basis=wording.pairs_basis(found),
        sections=[
            Section("reading", "How to read it", _reading(found)),
            *(_hypercube(found) if found.design == "lhs" else _grid(found)),
            Section("points", "Point by point", _points(found)),
            limits(found),
        ],
    )


def summary(found: SweepFindings) -> list[Block]:
    """What a sweep found, in words and as tables that fit a terminal."""
    blocks: list[Block] = [Paragraph(text, "strong") for text in sweep_words.headline(found)]
    if found.design == "lhs":
        blocks.append(_short_correlations(found))
    if len(found.points) <= _MOST_ROWS:
        rows = [
            Row(
                sweep_words.point_words(point, found),
                _short_cells(point.outcomes),
                f"point {point.number}",
            )
            for point in found.points
        ]
        blocks.append(_short(",\n".join(one.name for one in found.variables), rows, found))
    else:
        blocks += [
            _short_effects(one, one.outcomes, found)
            for one in found.effects
            if one.outcomes is not None
        ]
        blocks.append(Paragraph(f"All {len(found.points)} points are in points.csv."))
    texts = (*sweep_words.basis(found), sweep_words.left_out(found), wording.failures(found))
    return [*blocks, *map(Paragraph, texts)]


def _short_effects(
    one: VariableEffects, outcomes: list[dict[str, Effect]], found: SweepFindings
) -> Table:
    """What each value of a variable does, for a terminal."""
    variable = found.variable(one.variable)
    rows = [
        Row(sweep_words.value_words(value, variable), _short_cells(effects))
        for value, effects in zip(one.values, outcomes, strict=True)
    ]
    title = ""
    if one.against == "lowest":
        title = f"Against {rows[0].label}, averaged over the rest"
    return _short(variable.name, rows, found, title)


def _short(first: str, rows: list[Row], found: SweepFindings, title: str = "") -> Table:
    below = ",\n90% interval" if found.replications >= FEWEST_PAIRS else ""
    return Table([first, *(f"{name}{below}" for name in _COLUMNS.values())], rows, title=title)


def _short_cells(effects: dict[str, Effect] | None) -> list[Cell | str]:
    """A difference over its interval for each outcome."""
    if effects is None:
        return ["failed"] * len(_COLUMNS)
    cells: list[Cell | str] = []
    for name in _COLUMNS:
        effect = effects[name]
        if effect.difference is None:
            cells.append("no value")
            continue
        below = [] if effect.low is None else [wording.interval(name, effect)]
        text = wording.signed(name, effect.difference)
        cells.append(Cell(text, below, faint=not effect.detectable))
    return cells


def _short_correlations(found: SweepFindings) -> Table:
    rows = []
    for one in found.correlations:
        ranks = [one.outcomes[name] for name in _COLUMNS]
        cells = [
            Cell(
                "no value" if rank.correlation is None else f"{rank.correlation:+.2f}",
                faint=not rank.detectable,
            )
            for rank in ranks
        ]
        rows.append(Row(one.variable, cells))
    return Table(["Rank correlation with", *_COLUMNS.values()], rows)


def _reading(found: SweepFindings) -> list[Block]:
    """How the points are to be read, and what was varied."""
    texts = [*sweep_words.basis(found), sweep_words.left_out(found), "What was varied:"]
    items = [
        (Code(one.vary), f": {sweep_words.axis_words(one)}. {one.about}".rstrip())
        for one in found.variables
    ]
    return [*(Paragraph(text) for text in texts if text), Bullets(items)]


def _grid(found: SweepFindings) -> list[Section]:
    """Curves of each variable, and the map of both when there are two."""
    sections = []
    several = len(found.variables) > 1
    if len(found.variables) == 2:
        maps = Beside(figures([both(name, found) for name in MAIN]))
        sections.append(Section("both", "Both together", [maps]))
    for number, (variable, one) in enumerate(zip(found.variables, found.effects, strict=True)):
        if one.outcomes is None:
            continue
        wanted = (*MAIN, *(_ELSE[:_FEW_ELSE] if several else _ELSE))
        curves = [curve(name, variable, one.values, one.outcomes, number) for name in wanted]
        blocks: list[Block] = [Paragraph(_lead(one, found)), Beside(figures(curves))]
        sections.append(Section(f"variable-{number}", variable.label, blocks))
    return sections


def _lead(one: VariableEffects, found: SweepFindings) -> str:
    """What the curves of a variable are differences from."""
    inside = f"at each value {sweep_words.with_interval(found)}"
    if one.against == "lowest":
        lowest = sweep_words.value_words(one.values[0], found.variable(one.variable))
        return f"Differences from {lowest}, averaged over the values of the rest, {inside}."
    return f"Differences from “{found.reference}”, {inside}."


def _hypercube(found: SweepFindings) -> list[Section]:
    """Rank correlations, then the dots of each variable."""
    sections = [Section("ranks", "Which variable goes with what", [_correlations(found)])]
    for number, variable in enumerate(found.variables):
        dots = Beside(figures([scatter(name, found, number) for name in MAIN]))
        sections.append(Section(f"variable-{number}", variable.label, [dots]))
    return sections


def _correlations(found: SweepFindings) -> Table:
    """The rank correlation of each variable with each outcome."""
    rows = []
    for name, spec in OUTCOMES.items():
        ranks = [one.outcomes[name] for one in found.correlations]
        if all(rank.correlation is None for rank in ranks):
            continue
        cells = [
            Cell(NO_VALUE)
            if rank.correlation is None
            else Cell(f"{rank.correlation:+.2f}", [] if rank.detectable else ["could be chance"])
            for rank in ranks
        ]
        rows.append(Row(spec.label, cells, role="strong" if name in MAIN else ""))
    return Table(
        ["Outcome", *(variable.label for variable in found.variables)],
        rows,
        "Spearman's rank correlation of each variable with the difference of each outcome over "
        "the points. “Could be chance”: one as large is not rare where there is no relation; of "
        "so many some stand out by chance all the same.",
    )


def _points(found: SweepFindings) -> list[Block]:
    """Every point with its differences; folded when there are many."""
    rows = [
        Row(
            sweep_words.point_words(point, found),
            [_cell(name, point) for name in _TABLE],
            f"point {point.number}{', equal to the reference' if point.identical else ''}",
        )
        for point in found.points
    ]
    table = Table(
        [" / ".join(variable.name for variable in found.variables), *_TABLE.values()],
        rows,
        f"Difference from “{found.reference}”, {sweep_words.with_interval(found)} below it. All "
        "outcomes are in points.csv; each point is a scenario file in the folder points.",
    )
    if len(rows) <= _OPEN_ROWS:
        return [table]
    return [Folded(f"All {len(rows)} points", [table])]


def _cell(name: str, point: SweepPoint) -> Cell:
    effect = point.outcomes and point.outcomes[name]
    if not effect or effect.difference is None:
        return Cell(NO_VALUE)
    return Cell(wording.signed(name, effect.difference), [wording.interval(name, effect)])


PRESENTATION = Presentation(SweepFindings, page, summary)
