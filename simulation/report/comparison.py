"""A comparison: what differs, when, where, for whom, and how sure that is."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from simulation.corridor import load_corridor
from simulation.engine.findings import Effect
from simulation.engine.result_folder import (
    SCENARIOS,
    ExperimentManifest,
    scenario_number,
    written_files,
)
from simulation.outcomes import (
    OUTCOMES,
    heading,
    period_label,
    periods,
    unit_beside,
)
from simulation.parameters import load_parameters
from simulation.report import blocks, by_world, maps
from simulation.report.comparison_answer import (
    BESIDE,
    answer_chart,
    options_table,
    tiles,
    verdict_chart,
)
from simulation.report.comparison_charts import (
    Comparison,
    chain_chart,
    ends_chart,
    months_chart,
    outcomes_chart,
    read_comparisons,
)
from simulation.report.drawing import Chart
from simulation.report.experiment import ExperimentData, Presentation, effect_cell, limits
from simulation.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    QUANTILES,
    SPREAD_PAIRS,
)
from simulation.studies.compare import ComparisonFindings, LadderRung, ScenarioEffects
from simulation.wording import assumptions as assumption_wording
from simulation.wording import differences as wording
from simulation.wording import quoting
from simulation.wording.differences import HEADLINES
from simulation.wording.differences import heading as heading_of
from simulation.wording.reasons import reasons, split_of, where_lost, why

#: what is folded below the answer, and above the first chart
_BASIS_TITLE, _WORDS_TITLE, _CHART_TITLE = "Basis", "Scenario by scenario", "Years and futures"
#: assumptions named of each sensitivity analysis
_NAMED = 5
_CAPTION = (
    f"The first two columns are medians of the whole run, with {QUANTILES} of {SPREAD_PAIRS} pairs "
    "or more. "
)
_OF_WORLDS = (
    "First the plausible range (nine of ten worlds, chance removed), below it their middle and the "
    "average with its interval. Bold: it leaves out zero. "
)
_OF_MEANS = (
    f"Bold: the interval leaves out zero, with {DIRECTION_PAIRS} pairs or more. "
    "A difference is the average over the pairs, in percent each of its pair's own baseline. Below "
    "it stand the interval of this average, and the average in the unit of the outcome. "
)
_DEATHS = "Of deaths ranges alone are quoted."


def page(data: ExperimentData[ComparisonFindings]) -> blocks.Page:
    """The page of a comparison."""
    findings = data.findings
    differing = [
        one for one in read_comparisons(data.folder, findings) if not one.scenario.identical
    ]
    basis = [blocks.Paragraph(wording.basis(findings))]
    details: list[blocks.Block] = [blocks.Folded(_BASIS_TITLE, basis, drawn=True)]
    headlines = [wording.headline(one, findings) for one in findings.scenarios]
    if len(headlines) > 1 and differing:
        best = min((one.scenario for one in differing), key=lambda one: one.place)
        details.append(blocks.Folded(_WORDS_TITLE, blocks.paragraphs(*headlines)))
        headlines = wording.answer(best, findings)
    lines = "\n".join(headlines).split("\n")
    main, support = wording.main_points(lines) if differing else (lines, [])
    rests_on = assumptions(data.folder, data.manifest, findings)
    return blocks.Page(
        kind="Comparison",
        title=heading_of(findings),
        name=wording.question(findings),
        first=_first_screen(differing[0]) if len(findings.scenarios) == 1 and differing else [],
        headline=main,
        support=support,
        details=details,
        sections=[
            *(_first_page(differing) if differing else []),
            *map(
                _folded,
                [
                    *(_figures(differing) if differing else []),
                    blocks.Section("assumptions", "The assumptions that matter", rests_on),
                    limits(findings),
                ],
            ),
        ],
    )


def _first_screen(one: Comparison) -> list[blocks.Block]:
    """What one scenario changes at a glance: a picture, four figures and a reason."""
    reasons_why = [split_of(one.scenario), where_lost(one.scenario), *why(one.scenario)]
    return [
        blocks.Figure(verdict_chart(one)),
        tiles(one),
        *blocks.paragraphs(next(filter(None, reasons_why), "")),
    ]


def _folded(section: blocks.Section) -> blocks.Section:
    return replace(section, folded=True)


def _first_page(differing: Sequence[Comparison]) -> list[blocks.Section]:
    """What a reader sees first: arrivals by year and future, why, and what moves with them."""
    answer: list[blocks.Block] = [blocks.Figure(answer_chart(differing))]
    if len(differing) > 1:
        rank = differing[0].findings.rank
        answer.insert(0, options_table([one.scenario for one in differing], rank))
    why = [block for one in differing for block in _why(one)]
    beside = [beside_table(one) for one in differing]
    several = len(differing) > 1
    return [
        blocks.Section("answer", "Each scenario" if several else _CHART_TITLE, answer),
        blocks.Section("why", "Why", why, folded=several),
        blocks.Section("beside", "What moves with it", beside, folded=several),
    ]


def beside_table(one: Comparison) -> blocks.Table:
    """Deaths and what else moves with arrivals, over the whole run."""
    return _outcomes_table(one.scenario, one.findings, BESIDE, one.scenario.title)


def summary(findings: ComparisonFindings) -> list[blocks.Block]:
    """The effects of each scenario, in words and as a table over the whole run."""
    parts: list[blocks.Block] = []
    if len(options := [one for one in findings.scenarios if not one.identical]) > 1:
        parts.append(options_table(options, findings.rank, short=True))
    for one in findings.scenarios:
        parts.append(blocks.Paragraph(wording.headline(one, findings), "strong"))
        if not one.identical:
            parts += [_outcomes_table(one, findings, OUTCOMES), *_years_table(one, findings)]
            parts += _world_lines(one)
            parts += [blocks.Bullets(reasons(one))]
    for number in range(len(findings.scenarios)):
        if rungs := rungs_of(findings, number):
            parts.append(ladder_table(rungs, findings.coverage))
    return [*parts, *blocks.paragraphs(wording.basis(findings), wording.failures(findings))]


def _outcomes_table(
    one: ScenarioEffects, findings: ComparisonFindings, names: Iterable[str], title: str = ""
) -> blocks.Table:
    """Outcomes over the whole run, to fit 80 characters."""
    effects = {name: one.effect(name) for name in names}
    ranged = any(effect.plausible for effect in effects.values())
    rows = [
        _short_row(heading(OUTCOMES[name]), name, effect, findings, ranged=ranged)
        for name, effect in effects.items()
        # deaths stand beside arrivals where nothing of them can be quoted, too
        if quoting.has_value(name, effect) or name in quoting.RANGE_ONLY
    ]
    return blocks.Table(["Outcome", *_short_columns(findings, ranged=ranged)], rows, title=title)


def _short_columns(findings: ComparisonFindings, *, ranged: bool) -> list[str]:
    if ranged:
        return ["Baseline", "Plausible range,\nmiddle", "Average,\n90% interval"]
    return ["Baseline", "Change", *["90% interval"] * (findings.replications >= FEWEST_PAIRS)]


def _short_row(
    label: str, name: str, effect: Effect, findings: ComparisonFindings, *, ranged: bool
) -> blocks.Row:
    """The cells of an effect under `_short_columns`."""
    middle, inside = quoting.difference(name, effect), quoting.interval(name, effect)
    if ranged:
        over = "\n".join(
            filter(None, (quoting.plausible(name, effect), quoting.median(name, effect)))
        )
        # of deaths without a range over worlds the interval would be the one number that is quoted
        average = [] if name in quoting.RANGE_ONLY and over else [middle, inside]
        if quoting.same(effect.plausible):
            over, average = quoting.plausible(name, effect), []
        cells = [_baseline(name, effect), over, "\n".join(filter(None, average))]
        return blocks.Row(label, cells, faint=not effect.is_clear)
    more = [inside] * (findings.replications >= FEWEST_PAIRS)
    amount = "\n".join(filter(None, (middle, quoting.amount_beside(name, effect))))
    cells = [_baseline(name, effect), amount or ("" if more else quoting.NO_INTERVAL), *more]
    return blocks.Row(label, cells, faint=not effect.is_clear)


def _baseline(name: str, effect: Effect) -> str:
    middle, inside = quoting.level_parts(name, *quoting.side_of(effect, "baseline"))
    return "\n".join(filter(None, (middle, inside))) or quoting.NOT_QUOTED


def _years_table(one: ScenarioEffects, findings: ComparisonFindings) -> list[blocks.Table]:
    """Arrivals by calendar year, then by year since the first change; none for a single year."""
    name, years = findings.headline, wording.years(one, findings)
    ranged = any(effect.plausible for _, effect in years)
    rows = [_short_row(label, name, effect, findings, ranged=ranged) for label, effect in years]
    columns = ["Year", *_short_columns(findings, ranged=ranged)]
    title = f"{OUTCOMES[name].label} by year"
    return [blocks.Table(columns, rows, title=title)] if rows else []


def _world_lines(one: ScenarioEffects) -> list[blocks.Block]:
    """The effect by future path."""
    return by_world.lines([by_world.Lines("", one.by_path)], one.title)


def _figures(differing: Sequence[Comparison]) -> list[blocks.Section]:
    """The sections that show what differs, by question and then by scenario."""
    corridor = load_corridor()

    def section(key: str, title: str, chart: Callable[[Comparison], Chart]) -> blocks.Section:
        return blocks.chart_section(key, title, *map(chart, differing))

    years = [block for one in differing for block in table(one)]
    years += [block for one in differing for block in _years_table(one.scenario, one.findings)]
    flows = [chart for one in differing for chart in maps.change_maps(one, corridor)]
    paths = [block for one in differing for block in _world_lines(one.scenario)]
    ladders = [
        ladder_table(rungs, one.findings.coverage)
        for one in differing
        if (rungs := rungs_of(one.findings, one.number))
    ]
    return [
        section("differences", "What differs", outcomes_chart),
        blocks.Section("years", "By year", years),
        *by_world.sections(paths),
        section("months", "By month", months_chart),
        blocks.chart_section("map", "Where flows change", *flows),
        section("displacement", "Where people go instead", ends_chart),
        *([blocks.Section("ladder", "What adaptation takes back", ladders)] if ladders else []),
    ]


def _why(one: Comparison) -> list[blocks.Block]:
    """From what is learnt to who crosses: three sentences and a chart."""
    return [blocks.Bullets(reasons(one.scenario)), blocks.Figure(chain_chart(one))]


def table(one: Comparison) -> list[blocks.Block]:
    """Every outcome: both means of the whole run, and the difference in each year and in all."""
    windows = periods(*one.findings.days)
    names = [name for name in windows if name != "run"]
    names = [*names, "run"] if len(names) > 1 else ["run"]
    start, _ = windows["run"]
    columns = ["Outcome", "Baseline", "Scenario"]
    for name in names:
        # the whole run is marked where all of it is projected
        days = (start, start) if name == "run" else windows[name]
        label = period_label(name, *windows[name])
        columns.append(one.findings.horizon.marked(label, *days))
    ranged = any(one.scenario.effect(name).plausible for name in OUTCOMES)
    caption = f"{_OF_WORLDS if ranged else _OF_MEANS}{_CAPTION}{_DEATHS}"
    rows = []
    for name, spec in OUTCOMES.items():
        whole = one.scenario.effect(name)
        if not quoting.has_value(name, whole):
            continue
        cells: list[blocks.Cell | str] = []
        for side in ("baseline", "scenario"):
            parts = quoting.level_parts(name, *quoting.side_of(whole, side))
            first, *below = [part for part in parts if part] or [quoting.NOT_QUOTED]
            cells.append(blocks.Cell(first, below))
        cells += [_cell(name, one.scenario.effect(name, period)) for period in names]
        rows.append(
            blocks.Row(
                spec.label, cells, unit_beside(spec), role="first" if name in HEADLINES else ""
            )
        )
    return [
        blocks.Heading(one.scenario.title, f"table-{one.number}"),
        blocks.Table(columns, rows, caption, style="compared"),
    ]


def _cell(name: str, effect: Effect) -> blocks.Cell:
    """A difference: its range over worlds, the middle of these, and the average with its interval.

    Without a range, the average with its interval, and both in the unit of the outcome.
    """
    if effect.plausible is None:
        amount = quoting.whole_amount_beside(name, effect)
        return effect_cell(name, effect, *filter(None, [amount]), strong=effect.is_clear)
    unit = quoting.unit(name, effect)
    first = f"{quoting.plausible(name, effect)} {unit}".rstrip()
    below = []
    if name not in quoting.RANGE_ONLY:
        below = [f"middle {quoting.median(name, effect)}", f"average {quoting.whole(name, effect)}"]
    return blocks.Cell(first, below, strong=effect.is_clear, faint=not effect.is_clear)


def rungs_of(findings: ComparisonFindings, number: int) -> list[LadderRung]:
    """The ladder of one scenario, by its place, since two scenarios may have one title."""
    rungs = findings.ladder or []
    each = len(rungs) // len(findings.scenarios)
    return rungs[number * each : (number + 1) * each]


def ladder_table(rungs: Sequence[LadderRung], coverage: float) -> blocks.Table:
    """The effect with ever more responses of smugglers, and what each of them changes."""
    rows = []
    for rung in rungs:
        cells: list[blocks.Cell | blocks.Text] = []
        for name in HEADLINES:
            cells.append(effect_cell(name, rung.outcomes[name]))
            cells.append(effect_cell(name, rung.step[name]) if rung.step else "")
        rows.append(blocks.Row(wording.response(rung), cells))
    if together := rungs[-1].together:
        cells = [cell for name in HEADLINES for cell in ("", effect_cell(name, together[name]))]
        rows.append(blocks.Row("all together", cells))
    columns = ["Responses", "Arrivals", "change", "Deaths", "change"]
    caption = (
        "Each row adds one response of smugglers to those above it. A change is the effect less "
        f"the effect above, seed by seed, with its {coverage:.0%} interval: of opposite sign to "
        "the effect, the response takes some of it back."
    )
    title = f"What adaptation takes back: {rungs[0].scenario}"
    return blocks.Table(columns, rows, caption, title)


def assumptions(
    folder: Path, manifest: ExperimentManifest, findings: ComparisonFindings
) -> list[blocks.Block]:
    """What is known about the assumptions behind each scenario's difference."""
    records = load_parameters().records()
    assumed = sum(record.confidence == "assumption" for record in records)
    first, *names = _typed_names(folder, manifest)
    commands = [
        f"crossings sensitivity {shlex.join([name, '--baseline', first])}"
        for name, one in zip(names, findings.scenarios, strict=True)
        if not one.identical
    ]
    return [
        blocks.Paragraph(
            f"{assumed} of the model's {len(records)} numbers are assumptions that no one has "
            "measured; each is a record with its range and its reason in simulation/parameters. "
            f"{_drawn(findings)}"
        ),
        blocks.Paragraph("A sensitivity analysis finds which of them drive a difference:"),
        *map(blocks.Verbatim, commands),
    ]


def _drawn(findings: ComparisonFindings) -> str:
    """Where the assumptions of a comparison come from."""
    if findings.assumptions == "records":
        return (
            "In this comparison each has its central value, so the intervals hold no doubt "
            "about them."
        )
    if findings.assumptions == "ranges":
        return "In this comparison each pair of runs draws them from their ranges."
    return (
        "In this comparison each pair of runs draws those that were fitted to the past together, "
        f"as {assumption_wording.one_set(findings)}. {assumption_wording.counts(findings)} "
        "The intervals hold none of the doubt about those that are fixed."
    )


def _typed_names(folder: Path, manifest: ExperimentManifest) -> list[str]:
    """The name of each scenario on the command line, the baseline first."""
    words = shlex.split(manifest.command)
    paths = sorted(written_files(folder, manifest, SCENARIOS), key=scenario_number)
    slugs = [path.stem.partition("-")[2] for path in paths]
    return [
        next((word for word in words if slug in (word, Path(word).stem)), slug) for slug in slugs
    ]


PRESENTATION = Presentation(ComparisonFindings, page, summary)
