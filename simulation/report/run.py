"""A run: its outcomes by year, its charts, and what it cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from simulation.chain import LINKS
from simulation.corridor import Observed, load_corridor, load_observed
from simulation.engine.findings import Level, RunFindings
from simulation.engine.result_folder import ResultFolder
from simulation.outcomes import (
    OUTCOMES,
    heading,
    long_date,
    period_label,
    scale_note,
    shown,
    unit_beside,
)
from simulation.report import blocks, html, maps, run_charts
from simulation.report.data import RunData, periods_of, read_run
from simulation.report.drawing import BLUE, ORANGE, Chart, figure
from simulation.report.experiment import (
    limits,
    provenance_facts,
)
from simulation.wording import assumptions as assumption_wording
from simulation.wording.chain import (
    TITLE,
    chain_lines,
    fate_of_shared,
    operations_sentences,
    shown_count,
)
from simulation.wording.differences import HEADLINES
from simulation.wording.quoting import NO_VALUE, NOT_QUOTED, level, level_parts

#: labels of observed figures that are counts, not reports of one
_FIRM = {"official", "secondary"}
#: columns of the tables by authority: heading -> links that are added up
_DESKS: dict[str, tuple[str, ...]] = {
    "Learnt": ("learnt",),
    "Handed over": ("passed_on",),
    "Arrived from others": ("delivered",),
    "Worked through": ("processed",),
    "Usable": ("usable",),
    "Usable, from others": ("usable_shared",),
    "Expired": ("expired",),
}
_ACTS: dict[str, tuple[str, ...]] = {
    "Cases opened": ("cases_opened",),
    "Arrests on a case or in raids": ("arrests_on_case", "arrests_in_raid"),
    "Brief detentions": ("brief_detentions",),
    "Capacity removed, people a day": ("capacity_removed",),
    "Boats seized": ("boats_seized_upstream", "boats_seized_coast"),
    "Launches stopped": ("launches_stopped",),
}


def write_report(folder: Path) -> Path:
    """Write `report.html` of a run's folder, which holds joined result tables; returns its path.

    Raises:
        InputError: The page cannot be written.
    """
    path = html.save(folder, page(read_run(folder)))
    ResultFolder(folder).remove_scraps()
    return path


def ensure_report(folder: Path, *, ran: bool) -> None:
    """Write the page of a run's folder unless it is there and nothing was run since.

    Raises:
        InputError: The page cannot be written.
    """
    if ran or not (folder / "report.html").is_file():
        write_report(folder)


def page(run: RunData) -> blocks.Page:
    """The page of a run."""
    corridor, observed = load_corridor(), load_observed()
    names = {authority.code: authority.name for authority in corridor.authorities}
    countries = {place.id: names.get(place.authority, place.authority) for place in corridor.places}
    landing = {place.id for place in corridor.places if place.kind == "landing"}
    arrivals = run_charts.by_month(run, observed, "channel_arrivals", "arrivals")
    detections = run_charts.by_month(run, observed, "wb_detections", "detections")
    chain = [
        blocks.Figure(facts_chart(run)),
        *short_chain(run.findings),
        *authority_tables(run, names),
    ]
    section = blocks.chart_section
    people = run_charts.people(run, countries, landing)
    sections = [
        blocks.Section("years", "Outcomes by year", [years_table(run, observed)]),
        section("crossings", "Crossings by month", arrivals, detections),
        section("deaths-section", "Deaths", run_charts.deaths(run, observed)),
        section("map-section", "The corridor", *maps.run_maps(run, corridor)),
        section("people-section", "People", people),
        section("price-section", "Price", run_charts.price(run)),
        section("knowledge", "What the authorities knew", run_charts.smugglers(run)),
        blocks.Section("chain", TITLE, chain),
        limits(run.findings),
        blocks.Section("provenance", "How to make this again", _provenance(run)),
    ]
    return blocks.Page(
        title=run.manifest.title,
        kind="Simulation report",
        description=run.manifest.description,
        headline=[headline(run)],
        basis=_basis(run.findings),
        warnings=[_missing(run.findings)],
        notes=run.findings.note_texts(),
        sections=sections,
    )


def summary(findings: RunFindings) -> list[blocks.Block]:
    """The outcomes of a run by calendar year and over the whole run, and its short chain."""
    windows, names = periods_of(findings)
    columns = ["Outcome"]
    for name in names:
        title = period_label(name, *windows[name])
        if name != "run" and (mark := findings.horizon.mark(*windows[name])):
            title += f" ({mark})"
        # the days of a part of a year go below it
        columns.append(title.replace(" (", "\n(") if len(names) > 1 else title)
    rows = []
    for outcome, spec in OUTCOMES.items():
        periods = findings.outcomes[outcome].periods
        cells = [_value(outcome, periods[name], none="-") for name in names]
        rows.append(blocks.Row(heading(spec), cells))
    parts: list[blocks.Block] = [
        blocks.Paragraph(findings.scenario, "strong"),
        blocks.Table(columns, rows, split=True),
        *map(blocks.Paragraph, captions(findings)),
    ]
    return [*parts, *short_chain(findings)]


def short_chain(findings: RunFindings) -> list[blocks.Block]:
    """The short chain of a run: totals of the whole run, means over runs."""
    means = {name: link.mean for name, link in findings.chain.items()}
    rows = [blocks.Row(label, cells) for label, *cells in chain_lines(findings.chain)]
    return [
        blocks.Paragraph(f"{TITLE} (whole run)", "strong"),
        blocks.Table(["", "", blocks.word_column("")], rows),
        *blocks.paragraphs(fate_of_shared(means), *operations_sentences(findings.chain)),
    ]


def _value(name: str, value: Level, *more: str, none: str = NO_VALUE) -> blocks.Cell:
    """One value with its range as it may be quoted, and further lines below it."""
    if value.median is None:
        return blocks.Cell(none, more)
    parts = level_parts(name, value.median, value.low, value.high)
    first, *below = [part for part in parts if part] or [NOT_QUOTED]
    return blocks.Cell(first, [*below, *more])


def captions(findings: RunFindings) -> list[str]:
    """Sentences on what the numbers of a table are means of, and what their intervals mean."""
    one = findings.replications == 1
    sentences = [(assumption_wording.one_run if one else assumption_wording.runs_of_one)(findings)]
    if findings.replications < findings.asked:
        sentences.append(
            f"{findings.asked - findings.replications} of {findings.asked} runs are missing."
        )
    sentences += [*findings.note_texts(kind="months"), scale_note(findings.scale)]
    return list(filter(None, sentences))


def headline(run: RunData) -> str:
    """The result in a sentence: arrivals, and what can be said of deaths beside them."""
    arrivals = run.findings.outcomes["channel_arrivals"].periods["run"]
    if arrivals.median is None:
        return "The run has no arrivals to report."
    people = level("channel_arrivals", arrivals.median, arrivals.low, arrivals.high)
    return (
        f"From {long_date(run.first)} to {long_date(run.last)}, {people} people "
        "arrive in the UK by small boat. People die in the Channel as well: how many, one scenario "
        "cannot say."
    )


def _basis(findings: RunFindings) -> str:
    """A sentence on what the numbers are means of."""
    if len(findings.seeds) == 1:
        drawn = {
            "records": "",
            "ranges": ", and draw other assumptions from their ranges",
            "fitted": f", and draw another of {assumption_wording.sets(findings)}",
        }[findings.assumptions]
        text = (
            f"One run with seed {findings.seeds[0]}, so no interval: another seed would give "
            f"another number{drawn}."
        )
    else:
        text = assumption_wording.runs_of_one(findings)
    return f"{text} {scale_note(findings.scale)}".strip()


def _missing(findings: RunFindings) -> str:
    """Which runs are missing or failed; empty if none."""
    missing = findings.asked - findings.replications
    if not missing:
        return ""
    failed = "".join(f" Seed {one.seed} failed: {one.error}." for one in findings.failed)
    return f"{missing} of {findings.asked} runs are missing from these results.{failed}"


def years_table(run: RunData, observed: Observed) -> blocks.Table:
    """All outcomes by calendar year and over the run, with what was observed in whole years."""
    windows, columns = periods_of(run.findings)
    labels = [period_label(name, *windows[name]) for name in columns]
    labels = [
        label if name == "run" else run.findings.horizon.marked(label, *windows[name])
        for name, label in zip(columns, labels, strict=True)
    ]
    rows = []
    for name, spec in OUTCOMES.items():
        periods = run.findings.outcomes[name].periods
        cells = [
            _value(name, periods[column], *_seen(observed, name, windows[column]))
            for column in columns
        ]
        rows.append(
            blocks.Row(spec.label, cells, unit_beside(spec), "strong" if name in HEADLINES else "")
        )
    caption = (
        "Below a value stand its range, if there are several runs, and what was observed in "
        "that time, where a series exists (“reported”: known from the press or derived)."
    )
    return blocks.Table(["Outcome", *labels], rows, caption)


def _seen(observed: Observed, name: str, window: tuple[date, date]) -> list[str]:
    """The observed total in a window of whole calendar years, and its source; or nothing."""
    first, last = window
    if (first.month, first.day, last.month, last.day) != (1, 1, 12, 31):
        return []
    years = range(first.year, last.year + 1)
    if len(years) > 1 and OUTCOMES[name].kind != "flow":
        return []
    try:
        yearly, labels = observed.yearly(name), observed.yearly_labels.get(name, {})
    except KeyError:
        return []
    if any(year not in yearly or math.isnan(yearly[year]) for year in years):
        return []
    firm = all(labels.get(year) in _FIRM for year in years)
    seen = shown(OUTCOMES[name], sum(yearly[year] for year in years))
    return [f"{'observed' if firm else 'reported'} {seen}"]


def facts_chart(run: RunData) -> Chart:
    """Facts that came to desks, were worked through, and were usable: own and from others."""
    totals = _totals(run, run.first, run.last)
    own = (
        totals["learnt"],
        totals["processed"] - totals["processed_shared"],
        totals["usable"] - totals["usable_shared"],
    )
    others = totals["delivered"], totals["processed_shared"], totals["usable_shared"]
    steps = "learnt or arrived", "worked through", "usable"
    plot = figure(x="facts in the whole run", hovermode="closest", barmode="stack")
    sources = ("own facts", own, BLUE), ("from other authorities", others, ORANGE)
    for name, values, colour in sources:
        plot.bar(
            values,
            steps,
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[shown_count(value) for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}, " + name + ": %{x:,.0f}<extra></extra>",
        )
    plot.update_layout(legend={"traceorder": "normal"})
    plot.update_yaxes(autorange="reversed", showgrid=False)
    plot.update_xaxes(tickformat=",.0f", rangemode="tozero")
    rows = [
        [name, spec.label, spec.unit, code, _total(name, series, slice(None))]
        for name, spec in LINKS.items()
        for code, series in run.chain.get(name, {}).items()
    ]
    return Chart(
        "facts",
        "What became of facts on the desks of authorities",
        f"{fate_of_shared(totals)} Such facts are usable. The data hold all links by authority.",
        plot,
        ["link", "label", "unit", "authority", "whole_run"],
        rows,
    )


def authority_tables(run: RunData, names: Mapping[str, str]) -> list[blocks.Block]:
    """Tables by authority: facts learnt, received and worked through, and its operations."""
    desks = "Facts in the whole run. Authorities with none are left out."
    acts = " ".join((
        "Counts of the whole run. Authorities that did nothing are left out.",
        *operations_sentences(run.findings.chain),
    ))  # fmt: skip
    return [
        blocks.Heading("Facts by authority"),
        _by_authority(run, names, _DESKS, desks),
        blocks.Heading("Cases, arrests and seizures by authority"),
        _by_authority(run, names, _ACTS, acts),
    ]


def _by_authority(
    run: RunData, names: Mapping[str, str], columns: Mapping[str, tuple[str, ...]], caption: str
) -> blocks.Table:
    rows = []
    for code, name in names.items():
        counts = [
            sum(
                _total(link, run.chain[link][code], slice(None))
                for link in links
                if code in run.chain.get(link, {})
            )
            for links in columns.values()
        ]
        if any(counts):
            rows.append(blocks.Row(name, list(map(shown_count, counts))))
    return blocks.Table(["Authority", *columns], rows, caption, style="chain")


def _totals(run: RunData, first: date, last: date) -> dict[str, float]:
    """Each link in a window: the sum of a flow, the mean of a stock."""
    inside = (run.dates >= np.datetime64(first, "D")) & (run.dates <= np.datetime64(last, "D"))
    return {
        name: sum(_total(name, series, inside) for series in run.chain.get(name, {}).values())
        for name in LINKS
    }


def _total(name: str, series: np.ndarray, days: slice | np.ndarray) -> float:
    chosen = series[days]
    return float(chosen.mean() if LINKS[name].kind == "stock" else chosen.sum())


def _provenance(run: RunData) -> list[blocks.Block]:
    """Where the numbers come from and how to make them again."""
    identity = run.manifest.identity
    facts = {
        "Run": run.manifest.run_id,
        "Seeds": _seeds(run.findings.seeds),
        **provenance_facts(run.manifest),
        "Scenario hash": identity.scenario_hash,
        "Parameter hash": identity.parameter_hash,
    }
    resolved = "The scenario as it was resolved (scenario.toml)"
    return [
        blocks.Verbatim(run.manifest.command),
        blocks.NamedValues(list(facts.items())),
        blocks.Folded(resolved, [blocks.Verbatim(run.scenario)]),
    ]


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 3 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)
