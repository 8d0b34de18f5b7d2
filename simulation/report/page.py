"""The page of a run: self-contained, offline, one copy of plotly.js."""

from __future__ import annotations

import html
import pkgutil
import string
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from simulation import corridor as package
from simulation.corridor import Corridor, Observed
from simulation.errors import InputError
from simulation.experiments.engine.result_folder import reason, write_text
from simulation.report.assumptions import drawn_table
from simulation.report.data import RunData, read_run
from simulation.report.geography import Lines
from simulation.report.horizon import notes_box
from simulation.report.style import Chart
from simulation.report.words import (
    basis,
    headline,
    limits,
    provenance,
    warnings_of,
    years_table,
)
from simulation.wording.chain import TITLE

_HERE = Path(__file__).parent


def write_report(
    folder: Path,
    *,
    corridor: Corridor | None = None,
    observed: Observed | None = None,
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
    run = read_run(folder)
    page = render(
        run,
        package.load_corridor() if corridor is None else corridor,
        package.load_observed() if observed is None else observed,
        Lines(package.load_coastline("coast"), package.load_coastline("borders")),
    )
    return save(folder, page)


def ensure_report(folder: Path, *, ran: bool) -> None:
    """Write the page of a run's folder unless it is there and nothing was run since.

    Raises:
        InputError: The page cannot be written.
    """
    if ran or not (folder / "report.html").exists():
        write_report(folder)


def save(folder: Path, page: str, name: str = "report.html") -> Path:
    """Write a page whole or not at all.

    Args:
        folder: Where to.
        page: Its text.
        name: Its file name.

    Raises:
        InputError: It cannot be written.
    """
    path = folder / name
    try:
        write_text(path, page)
    except OSError as error:
        raise InputError(
            f"cannot be written ({reason(error)}); the results beside it are whole, and crossings "
            "report makes the page from them",
            file=path,
        ) from error
    return path


def render(run: RunData, corridor: Corridor, observed: Observed | None, lines: Lines) -> str:
    """The page as text.

    Args:
        run: The run.
        corridor: The corridor it ran on.
        observed: Observed series.
        lines: Coasts and borders.
    """
    from simulation.report import knowledge, maps, trends

    names = {authority.code: authority.name for authority in corridor.authorities}
    countries = {place.id: names.get(place.authority, place.authority) for place in corridor.places}
    landing = {place.id for place in corridor.places if place.kind == "landing"}
    sections = [
        ("years", "Outcomes by year", years_table(run, observed)),
        (
            "crossings",
            "Crossings by month",
            charts(
                trends.by_month(
                    run,
                    observed,
                    "channel_arrivals",
                    key="arrivals",
                    title="Small-boat arrivals in the UK",
                    unit="people a month",
                ),
                trends.by_month(
                    run,
                    observed,
                    "wb_detections",
                    key="detections",
                    title="Detections on the Western Balkan route",
                    unit="detections a month",
                ),
            ),
        ),
        ("deaths-section", "Deaths", charts(trends.deaths(run, observed))),
        (
            "map-section",
            "The corridor",
            charts(
                maps.corridor_map(run, corridor, lines),
                maps.channel_map(run, corridor, lines),
            ),
        ),
        (
            "people-section",
            "People",
            charts(trends.people(run, countries, landing), trends.ends(run)),
        ),
        ("price-section", "Price", charts(trends.price(run))),
        (
            "knowledge",
            "What the authorities knew",
            charts(
                trends.smugglers(run),
                knowledge.cases(run, names),
                knowledge.pictures(run, corridor),
            ),
        ),
        *([("chain", TITLE, _chain_section(run, names))] if run.chain else []),
        ("limits", "What this model cannot say", limits(run.summary)),
        ("provenance", "How to make this again", provenance(run)),
    ]
    return fill_page(
        title=run.manifest["title"],
        kind="Simulation report",
        description=run.manifest.get("description") or "",
        headline=headline(run),
        basis=basis(run),
        details=drawn_table(run.summary),
        warnings=warnings_of(run) + notes_box(run.manifest),
        sections=sections,
    )


def _chain_section(run: RunData, names: dict[str, str]) -> str:
    """The links from facts to arrivals: a chart, all links by year, and tables by authority."""
    from simulation.report import chain

    return (
        charts(chain.facts_chart(run)) + chain.links_table(run) + chain.authority_tables(run, names)
    )


def fill_page(
    *,
    title: str,
    kind: str,
    description: str,
    headline: str,
    basis: str,
    warnings: str,
    sections: Sequence[tuple[str, str, str]],
    details: str = "",
) -> str:
    """The page as text, with plotly.js in it once.

    Args:
        title: Plain text.
        kind: What is reported, plain text.
        description: Plain text; none if empty.
        headline: HTML.
        basis: HTML.
        warnings: HTML.
        sections: Identifier, heading (plain text) and body (HTML) of each.
        details: HTML to fold out below the basis.
    """
    template = string.Template((_HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(title),
        kind=html.escape(kind),
        description=f"<p>{html.escape(description)}</p>" if description else "",
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        plotly=plotly_js(),
        headline=headline,
        basis=basis,
        details=details,
        warnings=warnings,
        contents="".join(
            f'<li><a href="#{key}">{html.escape(heading)}</a></li>' for key, heading, _ in sections
        ),
        sections="\n".join(
            f'<section id="{key}"><h2>{html.escape(heading)}</h2>\n{body}</section>'
            for key, heading, body in sections
        ),
    )


def plotly_js() -> str:
    """The text of plotly.js, taken from plotly's package."""
    content = pkgutil.get_data("plotly", "package_data/plotly.min.js")
    if content is None:
        raise FileNotFoundError("plotly comes without plotly.js")
    return content.decode("utf-8")


def charts(*shown: Chart) -> str:
    """Charts below each other, as HTML."""
    return "\n".join(_chart(chart) for chart in shown)


def _chart(chart: Chart) -> str:
    """A chart with its heading, its note and its data as a link."""
    title, note = html.escape(chart.title), html.escape(chart.note)
    name = html.escape(f"{chart.key}.csv")
    data = quote(chart.csv(), safe=",-.:;/_~*()'!")
    return (
        f'<figure><h3>{title}</h3>\n<p class="note">{note}</p>\n'
        f'<div class="plot {chart.shape}" id="plot-{chart.key}" role="img" '
        f'aria-label="{title}. {note}"></div>\n'
        f'<p class="data"><a download="{name}" href="data:text/csv;charset=utf-8,{data}">'
        f"Data of this chart (CSV)</a></p>\n"
        f'<script type="application/json" data-figure="plot-{chart.key}">'
        f"{script_json(chart.figure.to_json())}</script></figure>"
    )


def script_json(text: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
