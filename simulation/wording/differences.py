"""Differences in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from simulation.experiments.engine.checksums import listed
from simulation.experiments.engine.time_budget import exactly, in_words
from simulation.experiments.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    QUANTILES,
    most_sure,
)
from simulation.outcomes import (
    OUTCOMES,
    difference_unit,
    long_date,
    period_label,
    periods,
    shown_difference,
    shown_unit,
)
from simulation.scenario.horizon import horizon_of
from simulation.wording import assumptions as assumption_wording

#: what stands beside every headline: crossings are never reported without deaths
BESIDE = "channel_deaths"
#: what may be quoted of deaths; pages repeat it, and every headline keeps to it
DEATHS_RULE = (
    "Of deaths, quote the range of the change and whether it has a direction. Never quote a single "
    "number, neither of deaths nor of their change."
)
DEATHS = frozenset({"channel_deaths", "corridor_deaths"})
#: where a mean of either side cannot be told from nothing, so that its percentage could be anything
NO_PERCENT_INTERVAL = "too few counted for an interval in percent"
#: why there is no interval
NO_INTERVAL = "too few pairs for an interval"
#: a certainty this near to 1 is not told in figures: two digits would make it 1
_CERTAIN = 0.99


def signed(outcome: str, value: float) -> str:
    """A difference as people read it, with its sign; of a share in points (`+2.3 points`)."""
    return shown_difference(OUTCOMES[outcome], value) + _points(outcome)


def percent(value: float) -> str:
    """A percentage with its sign: one decimal, and up to three where it would read as nothing."""
    for decimals in (1, 2, 3):
        text = f"{abs(value):,.{decimals}f}"
        if float(text.replace(",", "")):
            return f"{'-' if value < 0 else '+'}{text}%"
    return "0.0%"


def interval(outcome: str, entry: dict[str, Any]) -> str:
    """The ends of a difference's interval: `-612 to -212`, or why there is none."""
    if entry["low"] is None:
        return NO_INTERVAL
    if entry["low"] == entry["high"]:
        # no spread between pairs is no proof, of a rare count above all
        return f"same in all {entry['pairs']} pairs"
    low, high = (shown_difference(OUTCOMES[outcome], entry[end]) for end in ("low", "high"))
    return f"{low} to {high}{_points(outcome)}"


def percent_interval(entry: Mapping[str, Any]) -> str:
    """The ends of a percentage's interval; empty where none is stated."""
    # an earlier version stated also what cannot be: its results may be shown again
    if entry["percent_low"] is None or entry["percent_low"] <= -100.0:
        return ""
    return f"{percent(entry['percent_low'])} to {percent(entry['percent_high'])}"


def change(outcome: str, entry: dict[str, Any], coverage: float) -> str:
    """A difference with its interval, absolute and in percent; of deaths its interval alone."""
    if entry["difference"] is None:
        return "no value"
    if outcome in DEATHS:
        return _deaths_change(outcome, entry, coverage)
    spec = OUTCOMES[outcome]
    text = f"{shown_difference(spec, entry['difference'])} {difference_unit(spec)}"
    if entry["low"] is None:
        share = "" if entry["percent"] is None else f"{percent(entry['percent'])}; "
        return f"{text} ({share}{NO_INTERVAL})"
    inside = interval(outcome, entry)
    if entry["low"] < entry["high"]:
        inside = f"{round(coverage * 100)}% interval {inside}"
    if entry["percent"] is not None:
        inside += f"; {percent(entry['percent'])}"
        ends = percent_interval(entry)
        if not ends:
            inside += f", {NO_PERCENT_INTERVAL}"
        elif entry["percent_low"] < entry["percent_high"]:
            inside += f", {ends}"
    return f"{text} ({inside})"


def _deaths_change(outcome: str, entry: dict[str, Any], coverage: float) -> str:
    """The range of a change in deaths, without its middle: see `DEATHS_RULE`."""
    if entry["low"] is None:
        return NO_INTERVAL
    inside = interval(outcome, entry)
    if entry["low"] == entry["high"]:
        return inside
    return f"{inside} {difference_unit(OUTCOMES[outcome])} ({round(coverage * 100)}% interval)"


def spread(outcome: str, entry: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """How far the effect lies apart between single pairs, in a sentence; empty if not known.

    Args:
        outcome: The outcome.
        entry: Its difference; one of an earlier version has no spread.
        summary: Content of `summary.json`.
    """
    if not spread_ends(outcome, entry):
        return ""
    if entry["spread_percent_low"] is not None:
        ends = [percent(entry[f"spread_percent_{end}"]) for end in ("low", "high")]
        said = " to ".join(ends)
    else:
        said = f"{spread_ends(outcome, entry)} {shown_unit(OUTCOMES[outcome])}"
    between = f"{entry['spread']} of {entry['pairs']} pairs"
    return f"{assumption_wording.single_pairs(summary)}: {said} ({between})."


def spread_ends(outcome: str, entry: Mapping[str, Any]) -> str:
    """The ends between which the single pairs lie: `-9,120 to +3,400`.

    Empty where they are not known, or all pairs differ by the same.
    """
    if not entry.get("spread") or entry["spread_low"] == entry["spread_high"]:
        return ""
    low, high = (
        shown_difference(OUTCOMES[outcome], entry[end]) for end in ("spread_low", "spread_high")
    )
    return f"{low} to {high}{_points(outcome)}"


def years(found: Mapping[str, Any], summary: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The difference of the headline by calendar year, then by year since the first change.

    Args:
        found: A scenario's part of the summary; one of an earlier version has no years since.
        summary: Content of `summary.json`.

    Returns:
        The years in words, each with its difference.
    """
    name = summary["headline"]
    calendar = found["outcomes"][name]["periods"]
    outside = horizon_of(summary)
    labels = {
        period: outside.marked(period_label(period, *window), *window)
        for period, window in periods(
            *(date.fromisoformat(summary[end]) for end in ("start", "end"))
        ).items()
    }
    rows = [(labels[period], calendar[period]) for period in calendar if period != "run"]
    since = found.get("since")
    if len(rows) < 2 and (since is None or len(since["windows"]) < 2):
        return []  # a single year is the whole run
    if since is not None:
        rows += [
            (since_label(since, year, summary), entry)
            for year, entry in since["outcomes"][name]["periods"].items()
        ]
    return [(label, entry) for label, entry in rows if entry["difference"] is not None]


def since_label(since: Mapping[str, Any], year: str, summary: Mapping[str, Any]) -> str:
    """A year since the first change in words: `year 1 since the change (Oct 2026 to Sep 2027)`.

    Where some of it lies outside the data, it says so at its end.
    """
    first, last = (date.fromisoformat(since["windows"][year][end]) for end in ("first", "last"))
    begin, end = (f"{day:%b %Y}" for day in (first, last))
    text = f"{year} since the change ({begin if begin == end else f'{begin} to {end}'})"
    return horizon_of(summary).marked(text, first, last)


def spread_heading(found: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What the pairs' spreads go between: `5-95% of pairs`; empty where there is none."""
    entry = found["outcomes"][summary["headline"]]["periods"]["run"]
    between: str = entry.get("spread") or ""
    return f"{between} of pairs" if between == QUANTILES else between


def sureness(entry: dict[str, Any]) -> str:
    """How probable the direction of an average difference is, or why that is not said."""
    if entry["low"] is None or not entry["difference"]:
        return ""
    if entry["pairs"] < DIRECTION_PAIRS:
        return too_few_for_direction(entry)
    # an earlier version was surer: its results may be shown again
    most = float(most_sure(entry["pairs"]))
    chance = min(entry["probability"], most)
    said = f"probability that the average is {direction(entry)}"
    if chance > _CERTAIN:
        return f"{said}: above {_CERTAIN}"
    if chance == most:
        # rounded down, so that it stays within what is said
        return f"{said}: {int(100.0 * most) / 100.0:.2f}, the most that {entry['pairs']} pairs show"
    return f"{said}: {chance:.2f}"


def direction(entry: Mapping[str, Any]) -> str:
    """Which way a difference goes: `a rise` or `a fall`."""
    return "a fall" if entry["difference"] < 0 else "a rise"


def too_few_for_direction(entry: Mapping[str, Any], option: str | None = None) -> str:
    """That so few pairs show no direction, and how many would be enough to say how probable it is.

    Args:
        entry: The difference.
        option: What to give the command for that many, if there is a command.
    """
    return (
        f"too few pairs ({entry['pairs']}) to say whether it is {direction(entry)}: that needs "
        f"{DIRECTION_PAIRS} or more{f' ({option} {DIRECTION_PAIRS})' if option else ''}"
    )


def few_for_directions(pairs: int) -> str:
    """That so few pairs call no difference a rise or a fall, in a sentence."""
    return (
        f"{pairs} pairs are too few to call any difference a rise or a fall: that needs "
        f"{DIRECTION_PAIRS} or more."
    )


def without_direction(entry: Mapping[str, Any]) -> bool:
    """Whether the interval leaves out zero, but too few pairs are behind it for a direction."""
    if entry["pairs"] >= DIRECTION_PAIRS or entry["low"] is None:
        return False
    return bool(entry["low"] > 0.0 or entry["high"] < 0.0)


#: pairs of runs from which on nobody makes them for an effect so small: hours on two cores
_OUT_OF_REACH = 2_000


def no_effect(
    entry: dict[str, Any], settle: int | None, option: str | None = "--replications"
) -> str:
    """What to say of a difference that has no clear direction, and how many pairs would settle it.

    Either its interval holds zero, or it has fewer than `DIRECTION_PAIRS` pairs. How probably they
    would settle it is `paired.POWER`.

    Args:
        entry: The difference.
        settle: Pairs that would do; None where nobody can say.
        option: What to give the command for that many, if there is a command.
    """
    if without_direction(entry):
        return too_few_for_direction(entry, option)
    text = "no detectable effect at this precision"
    if settle is not None and settle > _OUT_OF_REACH:
        text += "; an effect as small as it looks would take thousands of pairs of runs to show"
    elif settle is not None and settle > entry["pairs"]:
        more = settle - entry["pairs"]
        pairs = "one more pair" if more == 1 else f"some {more:,} more pairs"
        text += f"; if it is as large as it looks, {pairs} of runs would probably (4 in 5) show it"
        text += f" ({option} {settle})" if option else ""
    return text


def headline(found: dict[str, Any], summary: dict[str, Any], *, titled: bool = False) -> str:
    """What a scenario does, in lines: arrivals with their interval, and deaths beside them.

    Args:
        found: A scenario's part of the summary.
        summary: Content of `summary.json`.
        titled: Whether both scenarios are named just above, so that only the days are named.
    """
    name = summary["headline"]
    entry = found["outcomes"][name]["periods"]["run"]
    beside = found["outcomes"][BESIDE]["periods"]["run"]
    when = span(summary)
    if found.get("same_question"):
        return (
            f"“{found['title']}” and “{summary['baseline']}” differ only in their names, so no "
            "number differs. Change something in one of the files."
        )
    if found["identical"]:
        return (
            f"“{found['title']}” gives the same numbers as “{summary['baseline']}” {when}, to the "
            f"last digit in all {entry['pairs']} pairs of runs: what it changes has no effect "
            "on anyone in the model within these days."
        )
    arrivals = f"Small-boat arrivals, {assumption_wording.average(summary)}"
    more = sureness(entry) if entry["detectable"] else ""
    if entry["low"] is not None and not entry["detectable"]:
        more = no_effect(entry, found.get("pairs_to_settle"))
    sentences = [
        f"{when[:1].upper()}{when[1:]}."
        if titled
        else f"“{found['title']}” against “{summary['baseline']}”, {when}.",
        effect(arrivals, name, entry, summary, more),
        effect(
            "Deaths in the Channel",
            BESIDE,
            beside,
            summary,
            no_effect(beside, None, None)
            if beside["low"] is not None and not beside["detectable"]
            else "",
        ),
    ]
    return "\n".join(sentences)


def effect(
    subject: str, outcome: str, entry: dict[str, Any], summary: Mapping[str, Any], more: str = ""
) -> str:
    """An average effect with its interval and, after it, how far single pairs lie apart.

    Args:
        subject: What it is of, to begin the sentence.
        outcome: The outcome.
        entry: Its difference.
        summary: Content of `summary.json`.
        more: What else is to be said of the average.
    """
    said = f"{subject}: {change(outcome, entry, summary['coverage'])}{f', {more}' if more else ''}."
    return f"{said} {spread(outcome, entry, summary)}".strip()


def basis(summary: dict[str, Any], *, typed: bool = True) -> str:
    """What the intervals are made of, what is not in them, and why there are no more pairs.

    Args:
        summary: Content of `summary.json`.
        typed: Whether the reader types commands, and can be told an option.
    """
    pairs = summary["replications"]
    text = (
        f"{pairs} pairs of runs. Both sides of a pair have one seed, so that what differs is what "
        f"the scenario does. {intervals(summary, pairs)}"
    )
    if summary["scale"] < 1.0:
        text += (
            f" Each run simulates {summary['scale']:.0%} of the people, with counts scaled back: "
            "small numbers, deaths above all, come in coarse steps, and levels lie some percent "
            "off those with everybody."
        )
    ended = ending(summary, typed=typed)
    return f"{ended} {text}" if ended else text


def ending(summary: Mapping[str, Any], *, typed: bool = True) -> str:
    """Why no more pairs were added, if not for precision; empty where none were to be added.

    Args:
        summary: Content of the `summary.json` of a comparison, or of another experiment.
        typed: Whether the reader types commands, and can be told an option.
    """
    ended = summary.get("ended", {})
    if ended.get("by") not in ("time", "limit"):
        return ""
    pairs, wanted, reached = (
        summary[key] for key in ("replications", "precision", "precision_reached")
    )
    at = (
        f"when {exactly(ended['seconds'])} were over, with {pairs} pairs"
        if ended["by"] == "time"
        else f"at the limit of {ended['limit']} pairs"
    )
    sentences = [f"No more pairs were added {at}."]
    if reached is not None:
        sentences.append(
            f"The average difference in arrivals is known to within {reached:.2%} of the "
            "baseline's arrivals."
        )
    if reached is None or reached > wanted:
        sentences.append(_to_precision(summary, ended, wanted, typed))
    return " ".join(sentences)


def _to_precision(
    summary: Mapping[str, Any], ended: Mapping[str, Any], wanted: float, typed: bool
) -> str:
    """What it would probably take to reach the precision that was asked for."""
    pairs = summary["replications"]
    again = "the same command" if typed else "asking for the same again"
    again += " goes on from there"
    needed = [found["pairs_for_precision"] for found in summary["scenarios"]]
    most = max((count for count in needed if count is not None), default=0)
    if most <= pairs:
        return f"{again[0].upper()}{again[1:]}."
    more = f"{most - pairs:,} more pair{'' if most - pairs == 1 else 's'}"
    if ended.get("seconds_per_pair"):
        more += f", about {in_words((most - pairs) * ended['seconds_per_pair'])} here,"
    if typed and most > ended["limit"]:
        again += f" with --limit {most}"
    return f"Some {more} would probably bring that to {wanted:.2%}: {again}."


def intervals(summary: Mapping[str, Any], pairs: int) -> str:
    """What the intervals of paired differences are and hold, or why there are none."""
    if pairs < FEWEST_PAIRS:
        return f"They are too few for an interval, which needs {FEWEST_PAIRS} pairs or more."
    text = (
        f"Intervals are {round(summary['coverage'] * 100)}% intervals of the average difference. "
        f"They hold {assumption_wording.holds(summary)}."
    )
    # agreements are judged by other runs than these, see `agreement_wording.correction`
    judged = summary.get("kind") != "agreements"
    differ = not all(found.get("identical") for found in summary.get("scenarios", [{}]))
    few = few_for_directions(pairs) if judged and differ and pairs < DIRECTION_PAIRS else ""
    parts = (text, assumption_wording.mean_of_draws(summary, "pair"), few)
    return " ".join(part for part in parts if part)


def failures(summary: dict[str, Any]) -> str:
    """How many runs failed and what became of their seeds; empty if none."""
    failed = summary["failed"]
    if not failed:
        return ""
    first = failed[0]
    # the points of a sweep are paired one by one, so a failure costs one of them a pair
    single = summary.get("kind") == "sweep"
    left_out = "pair with a failed run" if single else "seed with a failure"
    return (
        f"{len(failed)} {'run' if len(failed) == 1 else 'runs'} failed and no {left_out} "
        f"is in the figures; the first: seed {first['seed']} of “{first['case']}”, "
        f"{first['error']}."
    )


def _points(outcome: str) -> str:
    """Short for percentage points, after the difference of a share."""
    return " points" if difference_unit(OUTCOMES[outcome]) == "percentage points" else ""


def damage(found: Sequence[Mapping[str, Any]]) -> str:
    """What could not be read of an earlier attempt, from the manifest; empty if nothing."""
    if not found:
        return ""
    file = found[0]["file"]
    if any(entry.get("runs") is None for entry in found):
        return f"{file} could not be read; the runs it held have been done again."
    runs = sum(entry["runs"] for entry in found)
    text = "1 finished run" if runs == 1 else f"{runs} finished runs"
    have = "has" if runs == 1 else "have"
    return f"{text} could not be read ({file}) and {have} been done again."


def made_again(names: Sequence[str]) -> str:
    """Which files had changed since they were made and were made again; empty if none."""
    if not names:
        return ""
    have, they = ("has", "it was") if len(names) == 1 else ("have", "they were")
    return (
        f"{listed(names)} {have} been made again: {they} missing or had changed since {they} made."
    )


def lost(failed: Sequence[Mapping[str, Any]]) -> str:
    """How many runs failed, with the first error; empty if none."""
    if not failed:
        return ""
    first = failed[0]
    runs = "1 run failed and is" if len(failed) == 1 else f"{len(failed)} runs failed and are"
    return (
        f"{runs} left out; the first: seed {first['seed']} of “{first['case']}”, {first['error']}."
    )


def span(summary: Mapping[str, Any]) -> str:
    """The days an experiment simulates: `from 1 January 2023 to 31 December 2024`."""
    first, last = (long_date(date.fromisoformat(summary[end])) for end in ("start", "end"))
    return f"from {first} to {last}"
