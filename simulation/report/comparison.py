"""A comparison: what differs, when, where, for whom, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from simulation.experiments.findings import Effect
from simulation.experiments.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.experiments.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.outcomes import (
    OUTCOMES,
    heading,
    long_date,
    period_label,
    periods,
    unit_beside,
)
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
    figures,
)
from simulation.report.comparison_data import Comparison, read_comparisons
from simulation.report.differences import FIRST, first_months, other_months, outcomes_chart
from simulation.report.displacement import ends_chart, stages_chart
from simulation.report.ladder import ladder_blocks, ladder_tables, rungs_of
from simulation.report.presentation import ExperimentData, Presentation
from simulation.report.style import Chart
from simulation.wording import differences as wording

_CAPTION = (
    f"Bold: the interval leaves out zero, with {DIRECTION_PAIRS} pairs or more. "
    "Below a difference stand the interval of this average and its percentage of the baseline. "
    "The first two columns are averages over the whole run."
)


def page(data: ExperimentData[ComparisonFindings]) -> Page:
    """The page of a comparison."""
    from simulation.report.assumptions import assumptions
    from simulation.report.words import limits

    found = data.findings
    alone = len(found.scenarios) == 1  # its title is that of the page
    headlines = [wording.headline(one, found, titled=alone) for one in found.scenarios]
    made_of = [
        (number, one)
        for number, one in enumerate(read_comparisons(data.folder, found))
        if not one.found.identical
    ]
    what = f"“{found.scenarios[0].title}”" if alone else f"{len(found.scenarios)} scenarios"
    return Page(
        kind="Comparison",
        title=f"{what} against “{found.baseline}”",
        headline="\n\n".join(headlines).split("\n"),
        basis=wording.basis(found),
        sections=[
            *(_figures(found, made_of) if made_of else []),
            Section(
                "assumptions",
                "The assumptions that matter",
                assumptions(data.folder, data.manifest, found),
            ),
            limits(found),
        ],
    )


def summary(found: ComparisonFindings) -> list[Block]:
    """What each scenario does, in words and as a table over the whole run."""
    blocks: list[Block] = []
    for one in found.scenarios:
        blocks.append(Paragraph(wording.headline(one, found), "strong"))
        if not one.identical:
            blocks += [_run_table(one, found), *_years_table(one, found)]
    for number in range(len(found.scenarios)):
        if rungs := rungs_of(found, number):
            blocks += ladder_tables(rungs, found.coverage)
    return [*blocks, Paragraph(wording.basis(found)), Paragraph(wording.failures(found))]


def _run_table(one: ScenarioEffects, found: ComparisonFindings) -> Table:
    """Each outcome over the whole run, with both its ranges on two lines of one column.

    Beside each other they would squeeze the names of the outcomes on a screen of 80 characters.
    """
    ranges = [wording.spread_heading(one, found)]
    if found.replications >= FEWEST_PAIRS:
        ranges.insert(0, "90% interval")
    both = ",\n".join(filter(None, ranges))
    rows = []
    for name, spec in OUTCOMES.items():
        effect = one.effect(name)
        if effect.difference is None:
            continue
        cells = [*_sides(name, effect), *([_ranges(name, effect)] if both else [])]
        faint = not effect.detectable
        rows.append(Row(heading(spec), [Cell(cell, faint=faint) for cell in cells]))
    return Table(["Outcome", "Baseline", "Difference", "%", *([both] if both else [])], rows)


def _ranges(name: str, effect: Effect) -> str:
    return "\n".join(
        filter(None, (wording.interval(name, effect), wording.spread_ends(name, effect)))
    )


def _sides(name: str, effect: Effect) -> list[str]:
    """The baseline, and the difference in its own unit and in percent."""
    return [
        wording.level(name, effect.baseline),
        wording.signed(name, effect.difference),
        "" if effect.percent is None else wording.percent(effect.percent),
    ]


def _years_table(one: ScenarioEffects, found: ComparisonFindings) -> list[Table]:
    """Arrivals by calendar year, then by year since the first change; none for a single year."""
    intervals = found.replications >= FEWEST_PAIRS
    rows = []
    for label, effect in wording.years(one, found):
        cells = _sides(found.headline, effect)
        cells += [wording.interval(found.headline, effect)] if intervals else []
        faint = not effect.detectable
        rows.append(Row(label, [Cell(cell, faint=faint) for cell in cells]))
    columns = ["Year", "Baseline", "Difference", "%", *["90% interval"] * intervals]
    title = f"{OUTCOMES[found.headline].label} by year"
    return [Table(columns, rows, title=title)] if rows else []


def _figures(found: ComparisonFindings, made_of: list[tuple[int, Comparison]]) -> list[Section]:
    """The sections that show what differs, by question and then by scenario."""
    from simulation.corridor import load_coastline, load_corridor
    from simulation.report.change_map import change_maps
    from simulation.report.geography import Lines

    corridor = load_corridor()
    lines = Lines(load_coastline("coast"), load_coastline("borders"))

    def each(charts: Callable[[Comparison, int], Iterable[Chart]]) -> list[Block]:
        return figures([chart for number, one in made_of for chart in charts(one, number)])

    sections = [
        Section("differences", "What differs", each(lambda one, k: [outcomes_chart(one, k)])),
        Section(
            "years",
            "By year",
            [
                block
                for number, one in made_of
                for block in (*table(one, number), *since_table(one, number))
            ],
        ),
        Section(
            "months", "By month", each(lambda one, k: [first_months(one, k), other_months(one, k)])
        ),
        Section(
            "map",
            "Where flows change",
            each(lambda one, k: change_maps(one, corridor, lines, k)),
        ),
        Section(
            "displacement",
            "Where people go instead",
            each(lambda one, k: [ends_chart(one, k), stages_chart(one, corridor, k)]),
        ),
    ]
    ladders = [block for number, one in made_of for block in ladder_blocks(one, number)]
    if ladders:
        sections.append(Section("ladder", "What adaptation takes back", ladders))
    return sections


def table(one: Comparison, number: int) -> list[Block]:
    """Every outcome: both means of the whole run, and the difference in each year and in all."""
    windows = periods(*one.findings.days)
    names = [name for name in windows if name != "run"]
    names = [*names, "run"] if len(names) > 1 else ["run"]
    start = windows["run"][0]
    columns = ["Outcome", "Baseline", "Scenario"]
    # the whole run is marked where all of it is projected
    columns += [
        one.horizon.marked(
            period_label(name, *windows[name]),
            *((start, start) if name == "run" else windows[name]),
        )
        for name in names
    ]
    spread = wording.spread_heading(one.found, one.findings)
    caption = f"{_CAPTION} {one.outcomes_by_chance}".rstrip()
    if spread:
        columns.append(f"{spread.removesuffix(' of pairs')} of pairs, whole run")
        caption += f" The last column is how far single pairs lie apart: {_why_apart(one)}."
    rows = []
    for name, spec in OUTCOMES.items():
        whole = one.found.effect(name)
        if whole.difference is None:
            continue
        sides = (whole.baseline, whole.scenario)
        cells: list[Cell | str] = [wording.level(name, side) for side in sides]
        cells += [_cell(name, one.found.effect(name, period)) for period in names]
        cells += [wording.spread_ends(name, whole)] if spread else []
        rows.append(
            Row(spec.label, cells, unit_beside(spec), role="first" if name in FIRST else "")
        )
    return [
        Heading(one.title, f"table-{number}"),
        Table(columns, rows, caption, style="compared"),
    ]


def since_table(one: Comparison, number: int) -> list[Block]:
    """The first outcomes by year since the first change; none where there are no such years."""
    since = one.found.since
    if since is None:
        return []
    years = list(since.windows)
    rows = [
        Row(
            OUTCOMES[name].label,
            [_cell(name, since.outcomes[name].periods[year]) for year in years],
        )
        for name in FIRST
    ]
    change = long_date(date.fromisoformat(since.first_change))
    caption = (
        f"The two scenarios differ from {change} on. A year is twelve months from the month of "
        "that day, the last as many as are left of the run."
    )
    columns = ["Outcome", *(wording.since_label(since, year, one.findings) for year in years)]
    return [
        Heading(f"{one.title}: since the first change", f"since-{number}"),
        Table([Column(text) for text in columns], rows, caption, style="compared"),
    ]


def _why_apart(one: Comparison) -> str:
    """What makes single pairs differ."""
    if one.findings.assumptions == "records":
        return "by chance alone, for all have one assumption set"
    return "each has an assumption set of its own, and chance"


def _cell(name: str, effect: Effect) -> Cell:
    """A difference with its interval and its percentage."""
    if effect.difference is None:
        return Cell(wording.NO_VALUE)
    below = [wording.interval(name, effect)]
    if effect.percent is not None:
        share = wording.percent(effect.percent)
        inside = wording.percent_interval(effect)
        if inside and effect.percent_low != effect.percent_high:
            share += f" ({inside})"
        below.append(share)
    text = wording.signed(name, effect.difference)
    return Cell(text, below, strong=effect.detectable)


PRESENTATION = Presentation(ComparisonFindings, page, summary)
