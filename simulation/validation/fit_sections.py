"""A fit in words and tables, for `docs/validation.md` and for the folder of results.

Two sections, both made from the fit's summary alone: how well the fitted model gives back what it
was fitted to, and what the figures tell of each assumption.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from simulation.corridor import load_origins
from simulation.fitting.predictive import label_in_text, spec_of
from simulation.outcomes import shown
from simulation.validation.markdown import code, escape, listing

FIT, IDENTIFIABILITY = "fit", "identifiability"
#: the series that are drawn
CHARTS = ("channel_arrivals", "channel_boats", "wb_detections")
#: correlations listed in the text
_LISTED = 12
#: ways in which an assumption can exceed the controls: narrowed, shifted, tied
_MEASURES = 3
_WHOLE_YEAR = 12


def fit_section(summary: Mapping[str, Any], command: str, images: str) -> str:
    """How well the fitted model gives back what it was fitted to, as Markdown.

    Args:
        summary: Content of `summary.json`.
        command: The command that made it.
        images: What stands before the name of a chart in a link; empty or ending in a slash.
    """
    parts = [
        f"## Fitted to {_span(summary)}",
        headline(summary),
        f"Made by {code(command)}, seed {summary['provenance']['seed']}. The ensemble has the hash "
        f"`{summary['ensemble']}`.",
        "\n".join(f"- {line}" for line in _what(summary)),
    ]
    if summary["predictive"]:
        parts += ["### Whole years, observed and given back", _years(summary)]
    parts += ["### Every figure", _coverage(summary)]
    parts += [
        f"![{spec_of(name).label}, {_span(summary)}]({images}{chart_name(name)})"
        for name in CHARTS
        if any(row["series"] == name for row in summary["figures"])
    ]
    parts += ["### What a fit does not say", "\n".join(f"- {line}" for line in _limits(summary))]
    return "\n\n".join(parts) + "\n"


def headline(summary: Mapping[str, Any]) -> str:
    """What the fitted model does not give back, by name, and how much it does."""
    rows = summary["predictive"]
    outside = [row for row in rows if not row["inside"]]
    if not rows:
        return "The window holds no year to check."
    inside = f"{len(rows) - len(outside)} of {len(rows)} yearly figures lie in the 90% interval"
    if not outside:
        return f"{inside} of the fitted model: all of them."
    named = listing([_missed(row) for row in outside])
    return (
        f"Outside the 90% interval of the fitted model: {named}. There the model lacks something, "
        f"or the fit had too few runs to find it. {inside}."
    )


def identifiability_section(summary: Mapping[str, Any]) -> str:
    """What the figures tell of each assumption and what they cannot, as Markdown."""
    rows = summary["parameters"]
    told = len(rows) - len(summary["uninformed"])
    parts = [
        "## What the figures can tell and what they cannot",
        *filter(None, [_sharing(rows)]),
        f"The figures of {_span(summary)} inform {told} of the {len(rows)} assumptions that were "
        "fitted. What they do not inform keeps its assumed range in the ensemble.",
        _reading(summary),
        _assumptions(rows),
        "### What the figures cannot tell",
        _uninformed(rows),
        "### Assumptions that trade off against each other",
        _trades(summary),
    ]
    return "\n\n".join(parts) + "\n"


def chart_name(series: str) -> str:
    """File name of the chart of a series."""
    return f"fit-{series}.svg"


def _span(summary: Mapping[str, Any]) -> str:
    """The window in words: years where it is whole years."""
    first, last = summary["window"]
    if first.endswith("-01") and last.endswith("-12"):
        return first[:4] if first[:4] == last[:4] else f"{first[:4]}-{last[:4]}"
    return f"{first} to {last}"


def _missed(row: Mapping[str, Any]) -> str:
    spec = spec_of(row["series"])
    side = "above" if row["observed"] > row["q95"] else "below"
    return (
        f"{label_in_text(row['series'])} {row['year']} ({shown(spec, row['observed'])} "
        f"observed, {side} {shown(spec, row['q5'])} to {shown(spec, row['q95'])})"
    )


def _what(summary: Mapping[str, Any]) -> list[str]:
    """What was fitted to what, and what the result is worth."""
    said = summary["provenance"]
    by: dict[bool, list[str]] = {True: [], False: []}
    for row in summary["coverage"]:
        periods = {f["period"] for f in summary["figures"] if f["series"] == row["series"]}
        by[any("-" in period for period in periods)].append(label_in_text(row["series"]))
    own = said["own_series"]
    figures = "; ".join(
        f"{words} {', '.join(by[monthly])}"
        for monthly, words in ((True, "by month"), (False, "by year"))
        if by[monthly]
    )
    first, last = summary["window"]
    return [
        f'Scenario "{escape(summary["scenario"])}"; {first} to {last}.'
        + (f" Figures of the user's own: {', '.join(own)}." if own else ""),
        f"Fitted to: {figures}.",
        f"{len(summary['parameters'])} assumptions, {summary['budget']:,} runs at "
        f"{said['scale']:g} of the people, in {len(summary['members'])} generations.",
        "Every run has a weight by how near it came to what was observed. Weights are raised to "
        f"the power {summary['weights']['power']:.2g}, at which {summary['members_used']:,} runs "
        f"are worth {summary['weights']['effective']:.0f} of equal weight.",
        "From the first generation to the last, the figures came nearer to what was observed: "
        f"from {_distance(summary, 0)} to {_distance(summary, -1)} standard deviations of what the "
        "model leaves out.",
    ]


def _distance(summary: Mapping[str, Any], number: int) -> str:
    """The root mean square distance of a generation's figures from what was observed."""
    return f"{summary['generations'][number]['distance']:.1f}"


def _years(summary: Mapping[str, Any]) -> str:
    lines = [
        "| figure | year | observed | median | 90% interval | |",
        "|---|---|---:|---:|---:|---|",
    ]
    for row in summary["predictive"]:
        spec = spec_of(row["series"])
        whole = row["months"] == _WHOLE_YEAR
        year = row["year"] if whole else f"{row['year']} ({row['months']} months)"
        low, middle, high = (shown(spec, row[key]) for key in ("q5", "q50", "q95"))
        lines.append(
            f"| {spec.label} | {year} | {shown(spec, row['observed'])} | {middle} "
            f"| {low} to {high} | {'inside' if row['inside'] else '**outside**'} |"
        )
    return "\n".join(lines)


def _coverage(summary: Mapping[str, Any]) -> str:
    """How many of the months and years that were fitted lie inside, and which do not."""
    lines = [
        "*Off by* is the distance of the ensemble's mean from what was observed, in the standard "
        "deviations that the fit allows (chance and what the model leaves out). Intervals hold "
        "assumptions and chance only, so fewer than half and nine tenths may lie inside.",
        "",
        "| figure | in 50% | in 90% | off by | outside the 90% interval |",
        "|---|---:|---:|---:|---|",
    ]
    groups = load_origins().names
    for row in summary["coverage"]:
        name, count = row["series"], row["figures"]
        missed = [
            " ".join(filter(None, [figure["period"], groups.get(figure["group"], "")]))
            for figure in summary["figures"]
            if figure["series"] == name and not figure["q5"] <= figure["observed"] <= figure["q95"]
        ]
        lines.append(
            f"| {spec_of(name).label} | {row['in_50']} of {count} | {row['in_90']} of {count} "
            f"| {summary['misfit'][name]:.1f} | {', '.join(missed)} |"
        )
    return "\n".join(lines)


def _limits(summary: Mapping[str, Any]) -> list[str]:
    found = [
        "The model was fitted to these figures: that they come back is no test of it. The "
        "back-test of a year that no fit has seen is.",
        "Intervals hold assumptions and chance, not what the model leaves out. A figure outside "
        "says that the model, and not the weather, is off.",
        "The result is an approximation: exact for a model that is linear near what was observed, "
        "with normal errors.",
    ]
    if summary["failed"]:
        found.append(f"{len(summary['failed'])} runs failed; their sets are left out.")
    return found


def _sharing(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the series tell of sharing, in plain words; empty if it was not fitted."""
    levels = [row for row in rows if row["group"] == "sharing"]
    if not levels:
        return ""
    told = [row["name"] for row in levels if row["informed"]]
    if told:
        return (
            f"**Of the {len(levels)} assumptions that say how strong sharing is, these series tell "
            f"something of {len(told)}: {_codes(told)}. They tell nothing of the others, and every "
            "experiment that draws from the ensemble shows its results over their assumed range.**"
        )
    return (
        "**Nothing in these series tells how strong sharing is.** Every experiment that draws "
        "from the ensemble therefore shows its results over the whole assumed range."
    )


def _reading(summary: Mapping[str, Any]) -> str:
    floor, controls = summary["noise_floor"], summary["controls"]
    # one of so many draws that mean nothing is the largest of all, in each of the measures
    wrong = max(1, round(len(summary["uninformed"]) * _MEASURES / (controls + 1)))
    return (
        "*Narrowed* is how much smaller the standard deviation became, *shifted* how far the mean "
        "moved in standard deviations of the prior, both on the scale of normal scores; *tied* is "
        f"the closest correlation with another. {controls} controls that drive nothing were "
        f"narrowed by up to {_percent(floor['narrowed'])}, shifted by up to {floor['shifted']:.2f} "
        f"and tied by up to {floor['tied']:.2f}: what exceeds none of these is not informed. *With "
        "another only* means that the figures know what two make together, and not the range of "
        f"either. Of assumptions of which the figures tell nothing, {wrong} may exceed all "
        "controls by chance."
    )


def _assumptions(rows: Sequence[Mapping[str, Any]]) -> str:
    """Every assumption, what is informed first."""
    lines = [
        "| assumption | unit | prior: 5%, 50%, 95% | fitted: 5%, 50%, 95% | narrowed | shifted "
        "| tied | informed |",
        "|---|---|---|---|---:|---:|---:|---|",
    ]
    for row in sorted(rows, key=lambda r: (-r["informed_alone"], -r["informed"], -r["narrowed"])):
        lines.append(
            f"| `{row['name']}` | {row['unit']} | {_values(row['prior'])} "
            f"| {_values(row['posterior'])} | {_percent(row['narrowed'])} "
            f"| {row['shifted']:.2f} | {row['tied']:.2f} | {_informed(row)} |"
        )
    return "\n".join(lines)


def _uninformed(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the figures tell nothing of, sharing first."""
    found: dict[str, list[str]] = {"sharing": []}
    totals = Counter(row["group"] for row in rows)
    for row in rows:
        if not row["informed"]:
            found.setdefault(row["group"], []).append(row["name"])
    if not any(found.values()):
        return "Every assumption was narrowed, shifted or tied by more than any control."
    lines = [
        "They keep their range in the ensemble, and what an experiment finds is spread over it:"
    ]
    lines += ["", "| group | not informed | |", "|---|---:|---|"]
    lines += [
        f"| `{group}` | {len(names)} of {totals[group]} | {_codes(names)} |"
        for group, names in found.items()
        if names
    ]
    return "\n".join(lines)


def _trades(summary: Mapping[str, Any]) -> str:
    floor = summary["noise_floor"]["tied"]
    strong = [pair for pair in summary["correlations"] if pair["above_chance"]]
    if not strong:
        return f"No correlation goes beyond what the controls show ({floor:.2f})."
    lines = [
        f"Correlations in the fitted ensemble beyond what the controls show ({floor:.2f}); the "
        f"strongest {min(_LISTED, len(strong))} of {len(strong)}:",
        "",
        "| one | other | correlation |",
        "|---|---|---:|",
        *(f"| `{p['a']}` | `{p['b']}` | {p['r']:+.2f} |" for p in strong[:_LISTED]),
    ]
    return "\n".join(lines)


def _informed(row: Mapping[str, Any]) -> str:
    if row["informed_alone"]:
        return "yes"
    return "with another only" if row["informed"] else "no"


def _values(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}%"


def _codes(names: Sequence[str]) -> str:
    return listing([f"`{name}`" for name in names])
