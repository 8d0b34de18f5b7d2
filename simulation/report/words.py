"""The words of the report: headline, table by year, limits, provenance. All text is escaped."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from simulation.corridor import Observed
from simulation.corridor.in_use import data_line
from simulation.errors import InputError
from simulation.experiments import assumption_wording, wording
from simulation.outcomes import OUTCOMES, long_date, period_label, scale_note, shown, unit_beside
from simulation.report.data import RunData, periods_of
from simulation.scenario import parse_scenario
from simulation.scenario.levers.base import Dated
from simulation.scenario.levers.registry import LEVERS

#: an option of a command, with its number
_OPTION = re.compile(r"(--[a-z][a-z-]*(?: \d+)?)")

#: rows a reader looks for first
_STRONG = {"channel_arrivals", "channel_deaths"}

#: labels of observed figures that are counts, not reports of one
_FIRM = {"official", "secondary"}

#: what the model cannot say, whatever was assumed: before and after what hangs on that
_LIMITS = (
    "It describes totals: how many people and boats, where and when. It says nothing about any "
    "person, and no decision about a person can rest on it.",
    "How strongly shared intelligence changes what authorities can do has never been measured. "
    "That part of the model rests on assumptions, marked as such in simulation/parameters; a "
    "difference between two scenarios is the consequence of them, not evidence for them.",
    "Observed figures are counts of what was seen. Detections are not persons: one person can be "
    "stopped several times. Deaths on the corridor are under-recorded everywhere. "
    + wording.DEATHS_RULE,
)


def headline(run: RunData) -> str:
    """The result in a sentence: arrivals, and what can be said of deaths beside them."""
    arrivals = run.summary["outcomes"]["channel_arrivals"]["periods"]["run"]
    if arrivals["mean"] is None:
        return "The run has no arrivals to report."
    return (
        f"From {long_date(run.first)} to {long_date(run.last)}, {_people(arrivals)} "
        "arrive in the UK by small boat. People die in the Channel as well: how many, one scenario "
        "cannot say."
    )


def basis(run: RunData) -> str:
    """What the numbers are means of."""
    seeds = run.summary["seeds"]
    if len(seeds) == 1:
        text = (
            f"One run with seed {seeds[0]}, so no interval: another seed would give another number"
            f"{_drawn_once(run.summary)}."
        )
    else:
        text = assumption_wording.means_of_runs(run.summary)
    return html.escape(f"{text} {scale_note(run.summary['scale'])}".strip())


def warnings_of(run: RunData) -> str:
    """What the reader must know before trusting the numbers: runs that are missing or failed."""
    missing = run.summary["asked"] - run.summary["replications"]
    if not missing:
        return ""
    text = f"{missing} of {run.summary['asked']} runs are missing from these results."
    for failure in run.summary["failed"]:
        text += f" Seed {failure['seed']} failed: {failure['error']}."
    return f'<p class="warning">{html.escape(text)}</p>'


def years_table(run: RunData, observed: Observed | None) -> str:
    """All outcomes by calendar year and over the run, with what was observed in whole years."""
    windows, columns = periods_of(run)
    labels = {name: period_label(name, *windows[name]) for name in columns}
    labels |= {
        name: run.horizon.marked(labels[name], *windows[name]) for name in columns if name != "run"
    }
    heads = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in labels.values())
    rows = []
    for name, spec in OUTCOMES.items():
        entry = run.summary["outcomes"][name]
        cells = "".join(
            f"<td>{_cell(name, entry['periods'][column], _seen(observed, name, windows[column]))}"
            "</td>"
            for column in columns
        )
        strong = ' class="strong"' if name in _STRONG else ""
        rows.append(
            f'<tr{strong}><th scope="row">{html.escape(spec.label)}'
            f"<small>{html.escape(unit_beside(spec))}</small></th>{cells}</tr>"
        )
    return (
        '<div class="scroll"><table><caption>Below a value stand its interval, if there are '
        "several runs, and what was observed in that time, where a series exists "
        "(&ldquo;reported&rdquo;: known from the press or derived).</caption>"
        f'<thead><tr><th scope="col">Outcome</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def limits(summary: Mapping[str, Any]) -> str:
    """What the model cannot say, and what the intervals of a run or an experiment leave out.

    Args:
        summary: Content of its `summary.json`.
    """
    *before, after = _LIMITS
    texts = [*before, *_assumed(summary), after]
    return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>\n"


def _assumed(summary: Mapping[str, Any]) -> list[str]:
    """What the intervals do not hold, and what agreement with observed figures is worth."""
    assumptions = summary.get("assumptions", "records")
    choices = "first choices near published figures, not fitted to them"
    plausible = (
        "Agreement with an observed series here is a check of plausibility, not of prediction."
    )
    if summary.get("kind") in assumption_wording.DESIGNS:
        return [
            "The assumptions were varied each on its own, within ranges: what is known of several "
            "at once, from a fit, is not in it.",
            f"The ranges lie around {choices}.",
        ]
    if assumptions == "records":
        return [
            "The intervals and bands hold chance alone: the same assumptions run again with other "
            "seeds. Doubt about the assumptions is wider and is not in them.",
            f"The assumptions are {choices}. {plausible}",
        ]
    left_out = "What the model leaves out is in none of them."
    said = f"The intervals and bands hold {assumption_wording.holds(summary)}. {left_out}"
    if assumptions == "ranges":
        return [said, f"The ranges are those of {choices}. {plausible}"]
    years = assumption_wording.fitted_years(summary)
    if "drawn" not in (summary.get("fitted") or {}):  # of an earlier version
        said += " Nor is the doubt about assumptions that were not fitted."
    return [
        said,
        f"Some assumptions were fitted to observed figures{f' of {years}' if years else ''}: that "
        "a run agrees with these is what the fit was for, and no evidence. The other assumptions "
        f"are {choices}. {plausible}",
    ]


def _drawn_once(summary: Mapping[str, Any]) -> str:
    """That another seed would also have other assumptions; empty where it would not."""
    return {
        "records": "",
        "ranges": ", and draw other assumptions from their ranges",
        "fitted": f", and draw another of {assumption_wording.sets(summary)}",
    }[summary.get("assumptions", "records")]


def provenance(run: RunData) -> str:
    """Where the numbers come from and how to make them again."""
    manifest, identity = run.manifest, run.manifest["identity"]
    facts = {
        "Run": manifest["run_id"],
        "Seeds": _seeds(run.summary["seeds"]),
        "Days": f"{identity['days']} ({manifest['start']} to {manifest['end']})",
        "Scale": f"{identity['scale']:g}",
        "Scenario hash": identity["scenario_hash"],
        "Parameter hash": identity["parameter_hash"],
        "Assumptions": assumptions_of(identity),
        "Model hash": identity["model_hash"],
        "Data": data_line(manifest.get("data")) or "not recorded",
        "Code commit": manifest.get("commit") or "not run from a checkout",
        "Versions": ", ".join(f"{name} {v}" for name, v in manifest["versions"].items()),
        "Started": manifest["started"],
        "Finished": manifest["finished"] or "",
    }
    items = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in facts.items()
    )
    return (
        f"<pre><code>{html.escape(manifest['command'])}</code></pre>\n<dl>{items}</dl>\n"
        f"{policy_dates(run.scenario)}"
        "<details><summary>The scenario as it was resolved (scenario.toml)</summary>"
        f"<pre><code>{html.escape(run.scenario)}</code></pre></details>\n"
    )


def policy_dates(scenario: str) -> str:
    """The levers of a scenario that say when they were announced or signed, as a list in HTML.

    Args:
        scenario: Text of a resolved scenario file.

    Returns:
        Nothing where no lever says so, or where this version cannot read the file.
    """
    if not any(f"{key} = " in scenario for key in ("announced", "signed")):
        return ""
    try:
        found = parse_scenario(scenario)
    except InputError:
        return ""
    lines = [
        f"<li>{html.escape(lever.in_words())}</li>"
        for kind in LEVERS
        if issubclass(kind, Dated)
        for lever in found.of(kind)
        if lever.announced or lever.signed
    ]
    if not lines:
        return ""
    told = "Policies with the days on which they were announced or signed:"
    return f"<p>{told}</p>\n<ul>{''.join(lines)}</ul>\n"


def assumptions_of(identity: Mapping[str, Any]) -> str:
    """Where the assumptions came from, as a manifest's identity says it."""
    # a folder of an earlier version names neither
    name = str(identity.get("assumptions", "records"))
    ensemble = identity.get("fitted_hash")
    return f"{name} (ensemble {ensemble})" if ensemble else name


def _people(value: dict[str, float]) -> str:
    low, high = value["low"], value["high"]
    spec = OUTCOMES["channel_arrivals"]
    text = shown(spec, value["mean"])
    if low is not None and high is not None:
        text += f" ({shown(spec, low)} to {shown(spec, high)})"
    return html.escape(f"{text} people")


def _cell(name: str, value: dict[str, float | None], seen: tuple[float, str] | None) -> str:
    spec = OUTCOMES[name]
    if value["mean"] is None:
        text = "&ndash;"
    else:
        text = html.escape(shown(spec, value["mean"]))
        if value["low"] is not None and value["high"] is not None:
            edges = f"{shown(spec, value['low'])} to {shown(spec, value['high'])}"
            text += f"<small>{html.escape(edges)}</small>"
    if seen is not None:
        value_seen, word = seen
        text += f"<small>{word} {html.escape(shown(spec, value_seen))}</small>"
    return text


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


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 3 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)


def with_options(text: str) -> str:
    """HTML in which each option of a command is read as one word: `--replications 5`."""
    return _OPTION.sub(r'<code style="white-space: nowrap">\1</code>', text)
