"""The back-test in words and tables, for `docs/validation.md` and for the folder of results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulation.experiments.engine.preflight import month_notes
from simulation.validation.backtest import MODEL
from simulation.validation.markdown import code, escape, listing
from simulation.validation.naive import MANY_ERRORS, METHODS, SHORT
from simulation.validation.scores import INTERVALS

#: the intervals whose coverage is shown, and their keys
INSIDE = {f"{100 * interval:g}%": f"{interval:g}" for interval in INTERVALS}
#: whether the assumptions were fitted to the years before alone
_CAUTION = {
    False: "Its assumptions are not fitted to the years before alone, so this is no forecast "
    "of what the model had not seen.",
    True: "The fitted assumptions have seen no figure of this year. The mechanisms were made, and "
    "those not fitted were set, by people who had.",
}
#: with fewer, the twentieth on either side is hardly seen
_FEW_RUNS = 40
_LOW, _MIDDLE, _HIGH = "0.05", "0.5", "0.95"
_HORIZONS = {"months": "By month, {count} months of {year}", "year": "The whole of {year}"}
_SPAN = {"months": "by month", "year": "whole year"}
_ERRORS = {"months": "month_errors", "year": "total_errors"}


def section_key(year: int) -> str:
    """Key of the section about a year on a page, which holds one of each year."""
    return f"backtest-{year}"


def chart_name(year: int, series: str) -> str:
    """File name of the fan chart of a series."""
    return f"backtest-{year}-{series}.svg"


def section(summary: Mapping[str, Any], command: str, images: str) -> str:
    """The back-test as Markdown.

    Args:
        summary: Content of `summary.json`.
        command: The command that made it.
        images: What stands before the name of a chart in a link; empty or ending in a slash.
    """
    year = summary["holdout"]
    named = {**summary, "scenario": escape(summary["scenario"])}
    parts = [
        f"## Back-test: {year} held out",
        headline(summary),
        f"Made by {code(command)}.",
        "### What the forecast was given",
        "\n".join(f"- {line}" for line in inputs(named)),
        "### How to read the tables",
        _reading(summary),
    ]
    for name, one in summary["series"].items():
        parts.append(f"### {one['label']}")
        parts.append(" ".join(filter(None, [one["note"], summary_of(one, year)])))
        if by_month(one):
            parts.append(f"![{one['label']}, {year}]({images}{chart_name(year, name)})")
        parts += [_table(one, horizon, year) for horizon in ("months", "year")]
    parts += ["### Where the forecast loses", _losses(summary), "### What this does not say"]
    parts.append("\n".join(f"- {line}" for line in _limits(summary)))
    return "\n\n".join(parts) + "\n"


def by_month(one: Mapping[str, Any]) -> bool:
    """Whether a series was observed by month in the year held out: a fan can be drawn."""
    return any(value is not None for value in one["observed"])


def headline(summary: Mapping[str, Any]) -> str:
    """The answer for arrivals by month, in one or two sentences."""
    one = summary["series"]["channel_arrivals"]
    scores = one["scores"]["months"]
    mine = scores[MODEL]
    groups: dict[str, list[str]] = {}
    for method, entry in scores.items():
        if method != MODEL and entry is not None:
            groups.setdefault(entry["duel"]["verdict"], []).append(SHORT[method])
    told = []
    for verdict, methods in groups.items():
        word, _, chance = verdict.partition(", ")
        told.append(f"{word} than {listing(methods)}" + (f" ({chance})" if chance else ""))
    return (
        f"By month, the forecast of arrivals in {summary['holdout']} has a CRPS of "
        f"{_number(mine['crps'], one)} people a month: {', '.join(told) or 'nothing beside it'}. "
        f"{mine['inside']['0.9']} of {mine['count']} months lie in its 90% interval and "
        f"{mine['inside']['0.5']} in its 50% interval. {_CAUTION[unseen(summary)]}"
    )


def inputs(summary: Mapping[str, Any]) -> list[str]:
    """What of the held-out year the forecast knew, and what it did not."""
    year = summary["holdout"]
    return [
        f"People who enter in {year}: by month, detections on the other routes to the EU; on the "
        "Western Balkan route, people upstream from registrations and counts of the year, spread "
        "over it like detections on the Eastern Mediterranean route. By year, the nationality mix: "
        "on the Western Balkan route the shares among its detections, never their number.",
        f"Dated levers of {year}: operations, visas, agreements, payments and staff, as in the "
        f'scenario "{summary["scenario"]}". Their dates are reported; how strong each was is an '
        "assumption made afterwards, unless its source is named there.",
        f"Not given as an input: any Channel figure of {year}, nor the number of detections on the "
        "Western Balkan route.",
        "Weather only as climatology: the chance of fair days by calendar month, never the weather "
        "that was.",
        _assumptions(summary),
        *_given(summary),
        *_left_out(summary),
        *month_notes(summary),
    ]


def _given(summary: Mapping[str, Any]) -> list[str]:
    """Which months of which tables each forecast was given."""
    tables = "; ".join(
        f"`{row['table']}` ({row['what']})"
        + (f" {row['first']} to {row['last']}" if row["first"] else "")
        for row in summary["model_inputs"]
    )
    lines = [f"Tables the model was given, with the first and the last period read: {tables}."]
    spans = []
    for one in summary["series"].values():
        given = {
            SHORT[method]: (entry["first"], entry["last"])
            for method, entry in one["naive"].items()
            if entry["first"]
        }
        for span in sorted(set(given.values())):
            names = [name for name, its in given.items() if its == span]
            spans.append(f"{one['label']} {span[0]} to {span[1]} ({listing(names)})")
    if spans:
        lines.append(
            f"The other forecasts were given the observed series alone: {'; '.join(spans)}."
        )
    return lines


def _left_out(summary: Mapping[str, Any]) -> list[str]:
    """How large the discrepancy is, and from which months that was found."""
    told = []
    for name, one in summary["discrepancy"].items():
        label = summary["series"][name]["label"]
        found = f"{one['size_median']:.2f} ({one['size_low']:.2f} to {one['size_high']:.2f})"
        if not one["residuals"]:
            told.append(f"{label} {found}, assumed, as no earlier figure is known")
            continue
        unit = "years" if one["by"] == "year" else "months"
        memory = "" if one["by"] == "year" else f", memory {one['memory']:.2f}"
        told.append(
            f"{label} {found}{memory}, from {one['residuals']} {unit}, {one['first']} to "
            f"{one['last']}"
        )
    if not told:
        return ["What the model leaves out is not in the forecast."]
    return [
        "What the model leaves out is laid over its runs as a first-order autoregression on the "
        "scale of the fit (logarithms, or logits of shares). Its sd, with a 90% interval, was "
        f"found from differences in earlier years: {'; '.join(told)}."
    ]


def summary_of(one: Mapping[str, Any], year: int) -> str:
    """The whole year: what was observed and what was forecast."""
    bands, seen = one["total_bands"], one["total_observed"]
    if seen is None or bands[_MIDDLE] is None:
        return ""
    return (
        f"In {year}, {_shown(seen, one)} observed; forecast {_shown(bands[_MIDDLE], one)} (90% "
        f"interval {_shown(bands[_LOW], one)} to {_shown(bands[_HIGH], one)})."
    )


def score_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Series, forecast, CRPS, coverage and what the model is against it, in words.

    By month; of the whole year where months were not observed.
    """
    rows: list[tuple[str, ...]] = []
    for one in summary["series"].values():
        horizon, span = ("months", "") if by_month(one) else ("year", ", whole year")
        label = f"{one['label']} ({_unit(one)}{span})"
        for method, entry in one["scores"][horizon].items():
            name = "the model" if method == MODEL else SHORT[method]
            if entry is None:
                rows.append((label, name, "none", *[""] * (len(INSIDE) + 1)))
                continue
            inside = [f"{entry['inside'][key]}/{entry['count']}" for key in INSIDE.values()]
            verdict = entry["duel"]["verdict"] if "duel" in entry else ""
            rows.append((label, name, _number(entry["crps"], one), *inside, verdict))
            label = ""
    return rows


def _table(one: Mapping[str, Any], horizon: str, year: int) -> str:
    """The scores of every forecast of a series, by month or of the whole year."""
    scores = one["scores"][horizon]
    if all(entry is None for entry in scores.values()):
        return f"Scored {_SPAN[horizon]}: on nothing, for nothing was observed."
    counts = {entry["count"] for entry in scores.values() if entry is not None}
    heading = _HORIZONS[horizon].format(count=max(counts), year=year)
    rows = [
        f"{heading} ({_unit(one)}):",
        "",
        f"| forecast | CRPS | error of the median | bias | {' | '.join(f'in {k}' for k in INSIDE)}"
        " | past errors | the model is |",
        f"|---|---:|---:|---:|{'---:|' * len(INSIDE)}---:|---|",
    ]
    for method, entry in scores.items():
        name = "**The model**" if method == MODEL else METHODS[method]
        past = None if method == MODEL else one["naive"][method][_ERRORS[horizon]]
        errors = "" if past is None else str(past)
        if entry is None:
            blank = " |" * (2 + len(INSIDE))
            rows.append(f"| {name} | none possible |{blank} {errors} | |")
            continue
        cells = [_number(entry[key], one) for key in ("crps", "mae")]
        cells.append(_signed(entry["bias"], one))
        cells += [f"{entry['inside'][key]} of {entry['count']}" for key in INSIDE.values()]
        rows.append(f"| {name} | {' | '.join(cells)} | {errors} | {_duel(entry)} |")
    return "\n".join(rows)


def _duel(entry: Mapping[str, Any]) -> str:
    against = entry.get("duel")
    if against is None:
        return ""
    skill = "" if against["skill"] is None else f", skill {against['skill']:+.0%}"
    if against["low"] is None:
        return f"{against['verdict']}{skill}"
    return f"{against['verdict']}{skill} ({against['low']:+.0%} to {against['high']:+.0%})"


def _losses(summary: Mapping[str, Any]) -> str:
    """Every row in which a naive forecast has the lower CRPS."""
    found = [
        f"- {one['label']}, {_SPAN[horizon]}: worse than {SHORT[method]} "
        f"(CRPS {_number(scores[MODEL]['crps'], one)} against {_number(entry['crps'], one)})"
        for one in summary["series"].values()
        for horizon, scores in one["scores"].items()
        for method, entry in scores.items()
        if entry is not None and "duel" in entry and not entry["duel"]["better"]
    ]
    return "\n".join(found) if found else "In no row."


def _reading(summary: Mapping[str, Any]) -> str:
    years = summary["error_years"]
    return (
        "*CRPS* is a mean absolute error for distributions, in the unit of the series: the lower "
        "the better, and a single point would score its absolute error. *Bias* is the mean of the "
        "forecast less what came. *In 50%*, *in 80%*, *in 90%* and *in 95%* count how often what "
        "came lay in these central intervals: of twelve months, about 6, 10, 11 and 11 should. "
        "*Skill* is 1 less the "
        "ratio of the two CRPS, with a 90% interval from resampling the months in blocks of three: "
        "*within chance* means that it holds zero. Twelve months of one year are few, and say "
        "little of the next; a whole year is one value, and its rows are no more than an "
        "anecdote.\n\n"
        "Each naive forecast is a distribution: its point, and around it the errors it made at the "
        f"turn of each of the {years} years before (as far back as the series goes; square roots "
        f"of counts; both ways alike). With fewer than {MANY_ERRORS} such errors a Student t of "
        "their size and number is taken; whole years have five at most, which makes their naive "
        "distributions wide and easy to beat. Stochastic volatility is a distribution by itself, "
        "of paths of the whole year, whose errors have a size that changes from month to month."
    )


def unseen(summary: Mapping[str, Any]) -> bool:
    """Whether the forecast's assumptions were fitted to the years before the one held out."""
    return bool(summary["assumptions"] == "fitted")


def _assumptions(summary: Mapping[str, Any]) -> str:
    sets, each = summary["members"], summary["replications_per_member"]
    if summary["assumptions"] == "fitted":
        first, last = summary["fitted_window"]
        return (
            f"{sets} sets of assumptions drawn by weight from the ensemble that `crossings fit` "
            f"found on {first} to {last}, in {each} runs each. What was not fitted is drawn from "
            "its range; some of these ranges were set with later figures in sight."
        )
    if summary["assumptions"] == "records":
        return (
            f"One set of assumptions, the recorded values, in {each} runs. They are not fitted to "
            "the years before alone: some were chosen with figures of 2023 and 2024 in sight. For "
            "these years this shows how well the model describes them, not that it foretells."
        )
    return (
        f"{sets} sets of assumptions, each drawn from between the low and the high of every record "
        f"on its own, in {each} runs each. They are not fitted to the past, and the ranges were "
        "written by people who knew the figures of 2021 to 2024."
    )


def _limits(summary: Mapping[str, Any]) -> list[str]:
    both = "chance inside the model and the assumptions drawn"
    held = "chance inside the model" if summary["assumptions"] == "records" else both
    found = [
        "What happens to people on the way, and their rights, do not appear in a score, and deaths "
        "only as one number a year. A forecast that is right about boats says nothing of what a "
        "policy does to those in them.",
    ]
    if summary["discrepancy"]:
        found.insert(
            0,
            f"The forecast spreads over {held}, and what the model left out of earlier years. What "
            "it has never left out before is not in it.",
        )
    else:
        found.insert(
            0,
            f"The forecast spreads over {held}. How figures are counted, and what nobody modelled, "
            "is not in it, so its intervals are too narrow rather than too wide.",
        )
    if summary["replications"] < _FEW_RUNS:
        found.append(
            f"It is made of {summary['replications']} runs only: the ends of its 90% intervals are "
            "badly known, and too narrow."
        )
    if summary["scale"] != 1:
        found.append(
            f"Simulated at {summary['scale']:g} of the people, counts scaled back: months are "
            "coarser and spread more than at full scale."
        )
    if summary["failed"]:
        count = len(summary["failed"])
        runs = "1 run failed and is" if count == 1 else f"{count} runs failed and are"
        found.append(f"{runs} left out.")
    return found


def _unit(one: Mapping[str, Any]) -> str:
    return "percentage points" if one["kind"] == "share" else str(one["unit"])


def _shown(value: float, one: Mapping[str, Any]) -> str:
    """A value of the series itself: a share carries its %, a difference of shares does not."""
    return _number(value, one) + ("%" if one["kind"] == "share" else "")


def _number(value: float | None, one: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if one["kind"] == "share":
        return f"{100 * value:.1f}"
    return f"{value:,.{one['decimals']}f}"


def _signed(value: float, one: Mapping[str, Any]) -> str:
    text = _number(abs(value), one)
    return text if not text.strip("0.,") else f"{'-' if value < 0 else '+'}{text}"
