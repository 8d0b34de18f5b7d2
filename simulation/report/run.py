"""A run: its outcomes by year, its charts, and what it cannot say."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

from rich.console import Console

from simulation import corridor as package
from simulation.corridor import Corridor, Observed
from simulation.experiments.findings import Interval, RunFindings
from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.outcomes import (
    OUTCOMES,
    heading,
    long_date,
    period_label,
    scale_note,
    shown,
    unit_beside,
)
from simulation.report import chain, html, knowledge, maps, terminal, trends
from simulation.report.assumptions import drawn_table
from simulation.report.blocks import (
    Block,
    Cell,
    Column,
    Facts,
    Folded,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
    Verbatim,
    figures,
)
from simulation.report.data import RunData, periods_of, read_run
from simulation.report.geography import Lines
from simulation.report.horizon import notes_of
from simulation.report.words import limits, policy_dates, provenance_facts
from simulation.wording import assumptions as assumption_wording
from simulation.wording.chain import TITLE, chain_lines, fate_of_shared, operations_sentences
from simulation.wording.differences import NO_VALUE

#: rows a reader looks for first
_STRONG = {"channel_arrivals", "channel_deaths"}
#: labels of observed figures that are counts, not reports of one
_FIRM = {"official", "secondary"}


def write_report(
    folder: Path, *, corridor: Corridor | None = None, observed: Observed | None = None
) -> Path:
    """Write `report.html` of a run's folder.

    Args:
        folder: A folder with joined result tables.
        corridor: The corridor; the package's own when None.
        observed: Observed series; the package's own when None.

    Returns:
        The page.

    Raises:
        InputError: The page cannot be written.
    """
    made = page(
        read_run(folder),
        package.load_corridor() if corridor is None else corridor,
        package.load_observed() if observed is None else observed,
        Lines(package.load_coastline("coast"), package.load_coastline("borders")),
    )
    return html.save(folder, made)


def ensure_report(folder: Path, *, ran: bool) -> None:
    """Write the page of a run's folder unless it is there and nothing was run since.

    Raises:
        InputError: The page cannot be written.
    """
    if ran or not (folder / "report.html").exists():
        write_report(folder)


def page(run: RunData, corridor: Corridor, observed: Observed | None, lines: Lines) -> Page:
    """The page of a run.

    Args:
        run: The run.
        corridor: The corridor it ran on.
        observed: Observed series.
        lines: Coasts and borders.
    """
    names = {authority.code: authority.name for authority in corridor.authorities}
    countries = {place.id: names.get(place.authority, place.authority) for place in corridor.places}
    landing = {place.id for place in corridor.places if place.kind == "landing"}
    arrivals, detections = (
        trends.by_month(run, observed, outcome, key=key, title=title, unit=f"{unit} a month")
        for outcome, key, title, unit in (
            ("channel_arrivals", "arrivals", "Small-boat arrivals in the UK", "people"),
            ("wb_detections", "detections", "Detections on the Western Balkan route", "detections"),
        )
    )
    sections = [
        Section("years", "Outcomes by year", [years_table(run, observed)]),
        Section("crossings", "Crossings by month", figures([arrivals, detections])),
        Section("deaths-section", "Deaths", figures([trends.deaths(run, observed)])),
        Section(
            "map-section",
            "The corridor",
            figures(
                [maps.corridor_map(run, corridor, lines), maps.channel_map(run, corridor, lines)]
            ),
        ),
        Section(
            "people-section",
            "People",
            figures([trends.people(run, countries, landing), trends.ends(run)]),
        ),
        Section("price-section", "Price", figures([trends.price(run)])),
        Section(
            "knowledge",
            "What the authorities knew",
            figures(
                [
                    trends.smugglers(run),
                    knowledge.cases(run, names),
                    knowledge.pictures(run, corridor),
                ]
            ),
        ),
        *([Section("chain", TITLE, _chain_blocks(run, names))] if run.chain else []),
        limits(run.findings),
        Section("provenance", "How to make this again", _provenance(run)),
    ]
    return Page(
        title=run.manifest.title,
        kind="Simulation report",
        description=run.manifest.description,
        headline=[headline(run)],
        basis=_basis(run.findings),
        details=drawn_table(run.findings),
        warnings=[_missing(run.findings)],
        notes=notes_of(run.findings),
        sections=sections,
    )


def summary(found: RunFindings, *, hyphens: bool = False) -> list[Block]:
    """The outcomes of a run by calendar year and over the whole run, and its short chain.

    Args:
        found: What the run found.
        hyphens: Whether intervals are written with a hyphen, which takes less room.
    """
    windows = {name: window.days for name, window in found.periods.items()}
    names = [name for name in windows if name != "run"]
    names = [*names, "run"] if len(names) > 1 else names
    horizon = found.horizon
    columns = ["Outcome"]
    for name in names:
        title = period_label(name, *windows[name])
        if name != "run" and (mark := horizon.mark(*windows[name])):
            title += f" ({mark})"
        # the days of a part of a year go below it
        columns.append(title.replace(" (", "\n(") if len(names) > 1 else title)
    intervals = found.replications >= FEWEST_PAIRS
    rows = [
        Row(
            heading(spec),
            [
                _value(outcome, found.outcomes[outcome].periods[name], intervals, hyphens)
                for name in names
            ],
        )
        for outcome, spec in OUTCOMES.items()
    ]
    blocks: list[Block] = [
        Paragraph(found.scenario, "strong"),
        Table(columns, rows, split=True),
        *map(Paragraph, captions(found)),
    ]
    return [*blocks, *short_chain(found)] if found.chain else blocks


def print_run(found: RunFindings, console: Console | None = None) -> None:
    """Print what a run found, with shorter intervals where its table would not fit otherwise.

    Args:
        found: What the run found.
        console: Where to; standard output when None.
    """
    console = console or Console()
    blocks = summary(found)
    if terminal.tables_needed(blocks, console.width) > 1:
        blocks = summary(found, hyphens=True)
    terminal.show(blocks, console)


def short_chain(found: RunFindings) -> list[Block]:
    """The short chain of a run: totals of the whole run, means over runs."""
    means = {name: link.mean for name, link in found.chain.items()}
    rows = [Row(label, [value, remark]) for label, value, remark in chain_lines(found.chain)]
    return [
        Paragraph(f"{TITLE} (whole run)", "strong"),
        Table(["", "", Column("", words=True)], rows),
        Paragraph(fate_of_shared(means)),
        *map(Paragraph, operations_sentences(found.chain)),
    ]


def _value(name: str, value: Interval, intervals: bool, hyphens: bool) -> Cell:
    """One value, with its interval below it."""
    spec = OUTCOMES[name]
    if value.mean is None:
        return Cell("-")
    below = []
    if intervals and value.low is not None and value.high is not None:
        between = "-" if hyphens and value.low >= 0 else " to "  # a minus is no hyphen
        below.append(f"{shown(spec, value.low)}{between}{shown(spec, value.high)}")
    return Cell(shown(spec, value.mean), below)


def captions(found: RunFindings) -> list[str]:
    """Sentences on what the numbers of a table are means of, and what their intervals mean."""
    if found.replications == 1:
        sentences = [assumption_wording.one_run(found)]
    else:
        sentences = [assumption_wording.means_of_runs(found)]
    if found.replications < found.asked:
        sentences.append(f"{found.asked - found.replications} of {found.asked} runs are missing.")
    sentences += [*found.note_texts(kind="months"), scale_note(found.scale)]
    return list(filter(None, sentences))


def headline(run: RunData) -> str:
    """The result in a sentence: arrivals, and what can be said of deaths beside them."""
    arrivals = run.findings.outcomes["channel_arrivals"].periods["run"]
    if arrivals.mean is None:
        return "The run has no arrivals to report."
    spec = OUTCOMES["channel_arrivals"]
    people = shown(spec, arrivals.mean)
    if arrivals.low is not None and arrivals.high is not None:
        people += f" ({shown(spec, arrivals.low)} to {shown(spec, arrivals.high)})"
    return (
        f"From {long_date(run.first)} to {long_date(run.last)}, {people} people "
        "arrive in the UK by small boat. People die in the Channel as well: how many, one scenario "
        "cannot say."
    )


def _basis(found: RunFindings) -> str:
    """What the numbers are means of."""
    if len(found.seeds) == 1:
        drawn = {
            "records": "",
            "ranges": ", and draw other assumptions from their ranges",
            "fitted": f", and draw another of {assumption_wording.sets(found)}",
        }[found.assumptions]
        text = (
            f"One run with seed {found.seeds[0]}, so no interval: another seed would give another "
            f"number{drawn}."
        )
    else:
        text = assumption_wording.means_of_runs(found)
    return f"{text} {scale_note(found.scale)}".strip()


def _missing(found: RunFindings) -> str:
    """Which runs are missing or failed; empty if none."""
    missing = found.asked - found.replications
    if not missing:
        return ""
    failed = "".join(f" Seed {one.seed} failed: {one.error}." for one in found.failed)
    return f"{missing} of {found.asked} runs are missing from these results.{failed}"


def years_table(run: RunData, observed: Observed | None) -> Table:
    """All outcomes by calendar year and over the run, with what was observed in whole years."""
    windows, columns = periods_of(run)
    labels = {name: period_label(name, *windows[name]) for name in columns}
    labels |= {
        name: run.horizon.marked(labels[name], *windows[name]) for name in columns if name != "run"
    }
    rows = []
    for name, spec in OUTCOMES.items():
        periods = run.findings.outcomes[name].periods
        cells = [
            _with_observed(name, periods[column], _seen(observed, name, windows[column]))
            for column in columns
        ]
        rows.append(Row(spec.label, cells, unit_beside(spec), "strong" if name in _STRONG else ""))
    caption = (
        "Below a value stand its interval, if there are several runs, and what was observed in "
        "that time, where a series exists (“reported”: known from the press or derived)."
    )
    return Table(["Outcome", *labels.values()], rows, caption)


def _with_observed(name: str, value: Interval, seen: tuple[float, str] | None) -> Cell:
    cell = _value(name, value, True, False)
    below = list(cell.below)
    if seen is not None:
        observed, word = seen
        below.append(f"{word} {shown(OUTCOMES[name], observed)}")
    return Cell(NO_VALUE if value.mean is None else cell.text, below)


def _seen(
    observed: Observed | None, name: str, window: tuple[date, date]
) -> tuple[float, str] | None:
    """What was observed in a window of whole calendar years, and the word for how it is known."""
    first, last = window
    if observed is None or (first.month, first.day, last.month, last.day) != (1, 1, 12, 31):
        return None
    years = range(first.year, last.year + 1)
    if len(years) > 1 and OUTCOMES[name].kind != "flow":
        return None
    try:
        known, labels = observed.yearly(name), observed.yearly_labels.get(name, {})
    except KeyError:
        return None
    if any(year not in known or math.isnan(known[year]) for year in years):
        return None
    firm = all(labels.get(year) in _FIRM for year in years)
    return sum(known[year] for year in years), "observed" if firm else "reported"


def _chain_blocks(run: RunData, names: dict[str, str]) -> list[Block]:
    """The links from facts to arrivals: a chart, all links by year, and tables by authority."""
    return [
        *figures([chain.facts_chart(run)]),
        *chain.links_table(run),
        *chain.authority_tables(run, names),
    ]


def _provenance(run: RunData) -> list[Block]:
    """Where the numbers come from and how to make them again."""
    identity = run.manifest.identity
    facts = {
        "Run": run.manifest.run_id,
        "Seeds": _seeds(run.findings.seeds),
        **provenance_facts(run.manifest),
        "Scenario hash": identity.scenario_hash,
        "Parameter hash": identity.parameter_hash,
    }
    return [
        Verbatim(run.manifest.command),
        Facts(list(facts.items())),
        *policy_dates(run.scenario),
        Folded("The scenario as it was resolved (scenario.toml)", [Verbatim(run.scenario)]),
    ]


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 3 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)
