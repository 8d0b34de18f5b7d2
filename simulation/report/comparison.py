"""The page of a comparison: what differs, when, where, for whom, and how sure that is."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from simulation.experiments.statistics.paired import DIRECTION_PAIRS
from simulation.outcomes import OUTCOMES, long_date, period_label, periods, shown, unit_beside
from simulation.report.comparison_data import Comparison, read_comparisons
from simulation.report.differences import (
    FIRST,
    first_months,
    other_months,
    outcomes_chart,
)
from simulation.report.displacement import ends_chart, stages_chart
from simulation.report.ladder import ladder_section
from simulation.report.style import Chart
from simulation.wording import differences as wording

if TYPE_CHECKING:
    from simulation.report.experiment import ExperimentData, Page

_LIMITS = "What this model cannot say"
_CAPTION = (
    f"Bold: the interval leaves out zero, with {DIRECTION_PAIRS} pairs or more. "
    "Below a difference stand the interval of this average and its percentage of the baseline. "
    "The first two columns are averages over the whole run."
)


def page(data: ExperimentData) -> Page:
    """The page of a comparison."""
    from simulation.report.assumptions import assumptions
    from simulation.report.experiment import Page
    from simulation.report.words import limits

    summary = data.summary
    scenarios = summary["scenarios"]
    alone = len(scenarios) == 1  # its title is that of the page
    headline = "<br><br>".join(
        html.escape(wording.headline(found, summary, titled=alone)).replace("\n", "<br>")
        for found in scenarios
    )
    made_of = [
        (number, comparison)
        for number, comparison in enumerate(read_comparisons(data.folder, summary))
        if not comparison.found["identical"]
    ]
    sections = [
        *(_figures(data, made_of) if made_of else []),
        (
            "assumptions",
            "The assumptions that matter",
            assumptions(data.folder, data.manifest, summary),
        ),
        ("limits", _LIMITS, limits(summary)),
    ]
    what = f"“{scenarios[0]['title']}”" if alone else f"{len(scenarios)} scenarios"
    title = f"{what} against “{summary['baseline']}”"
    return Page("Comparison", headline, sections, title)


def _figures(
    data: ExperimentData, made_of: list[tuple[int, Comparison]]
) -> list[tuple[str, str, str]]:
    """The sections that show what differs, by question and then by scenario."""
    from simulation.corridor import load_coastline, load_corridor
    from simulation.report.change_map import change_maps
    from simulation.report.geography import Lines
    from simulation.report.page import charts

    corridor = load_corridor()
    lines = Lines(load_coastline("coast"), load_coastline("borders"))

    def each(chart: Callable[[Comparison, int], Iterable[Chart]]) -> str:
        return charts(*(made for number, one in made_of for made in chart(one, number)))

    sections = [
        ("differences", "What differs", each(lambda one, k: [outcomes_chart(one, k)])),
        (
            "years",
            "By year",
            "".join(table(one, number) + since_table(one, number) for number, one in made_of),
        ),
        ("months", "By month", each(lambda one, k: [first_months(one, k), other_months(one, k)])),
        ("map", "Where flows change", each(lambda one, k: change_maps(one, corridor, lines, k))),
        (
            "displacement",
            "Where people go instead",
            each(lambda one, k: [ends_chart(one, k), stages_chart(one, corridor, k)]),
        ),
    ]
    # results of an earlier version have a ladder without steps
    if all("step" in rung for rung in data.summary.get("ladder", [{}])):
        ladders = "".join(
            ladder_section(one, _rungs(one, number), number) for number, one in made_of
        )
        sections.append(("ladder", "What adaptation takes back", ladders))
    return sections


def _rungs(one: Comparison, number: int) -> list[dict[str, Any]]:
    """The ladder of one scenario; those of all stand one after the other in the summary."""
    rungs: list[dict[str, Any]] = one.summary["ladder"]
    each = len(rungs) // len(one.summary["scenarios"])
    return rungs[number * each : (number + 1) * each]


def table(one: Comparison, number: int) -> str:
    """Every outcome: both means of the whole run, and the difference in each year and in all."""
    windows = periods(*(date.fromisoformat(one.summary[end]) for end in ("start", "end")))
    columns = [name for name in windows if name != "run"]
    columns = [*columns, "run"] if len(columns) > 1 else ["run"]
    heads = ["Outcome", "Baseline", "Scenario"]
    labels = {name: period_label(name, *windows[name]) for name in columns}
    start = windows["run"][0]
    # the whole run is marked where all of it is projected
    heads += [
        one.horizon.marked(labels[name], *((start, start) if name == "run" else windows[name]))
        for name in columns
    ]
    spread = wording.spread_heading(one.found, one.summary)
    caption = f"{_CAPTION} {one.outcomes_by_chance}".rstrip()
    if spread:
        heads.append(f"{spread.removesuffix(' of pairs')} of pairs, whole run")
        caption += f" The last column is how far single pairs lie apart: {_apart(one)}."
    rows = []
    for name, spec in OUTCOMES.items():
        whole = one.outcome(name)
        if whole["difference"] is None:
            continue
        cells = [shown(spec, whole["baseline"]), shown(spec, whole["scenario"])]
        strong = ' class="first"' if name in FIRST else ""
        rows.append(
            f'<tr{strong}><th scope="row">{html.escape(spec.label)}'
            f"<small>{html.escape(unit_beside(spec))}</small></th>"
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "".join(_cell(name, one.outcome(name, column)) for column in columns)
            + (f"<td>{wording.spread_ends(name, whole)}</td>" if spread else "")
            + "</tr>"
        )
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    return (
        f'<h3 id="table-{number}">{html.escape(one.title)}</h3>\n'
        f'<div class="scroll"><table class="compared"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def since_table(one: Comparison, number: int) -> str:
    """The first outcomes by year since the first change; empty where there are no such years."""
    since = one.found.get("since")
    if since is None:
        return ""
    years = list(since["windows"])
    heads = ["Outcome", *(wording.since_label(since, year, one.summary) for year in years)]
    rows = [
        f'<tr><th scope="row">{html.escape(OUTCOMES[name].label)}</th>'
        + "".join(_cell(name, since["outcomes"][name]["periods"][year]) for year in years)
        + "</tr>"
        for name in FIRST
    ]
    change = long_date(date.fromisoformat(since["first_change"]))
    caption = (
        f"The two scenarios differ from {change} on. A year is twelve months from the month of "
        "that day, the last as many as are left of the run."
    )
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    return (
        f'<h3 id="since-{number}">{html.escape(one.title)}: since the first change</h3>\n'
        f'<div class="scroll"><table class="compared"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def _apart(one: Comparison) -> str:
    """What makes single pairs differ."""
    if one.summary.get("assumptions", "records") == "records":
        return "by chance alone, for all have one assumption set"
    return "each has an assumption set of its own, and chance"


def _cell(name: str, entry: dict[str, Any]) -> str:
    """A difference with its interval and its percentage."""
    if entry["difference"] is None:
        return "<td>&ndash;</td>"
    text = wording.signed(name, entry["difference"])
    if entry["detectable"]:
        text = f"<strong>{text}</strong>"
    parts = [f"<td>{text}<small>{wording.interval(name, entry)}</small>"]
    if entry["percent"] is not None:
        ends = wording.percent_interval(entry)
        said = wording.percent(entry["percent"])
        if ends and entry["percent_low"] < entry["percent_high"]:
            said += f" ({ends})"
        parts.append(f"<small>{said}</small>")
    return "".join([*parts, "</td>"])
