"""Differences in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from simulation.experiments import assumption_wording
from simulation.experiments.checksums import listed
from simulation.outcomes import OUTCOMES, difference_unit, long_date, shown_difference

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
    """The ends of a difference's interval: `-612 to -212`."""
    if entry["low"] is None:
        return "no interval"
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
        return text
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
    inside = interval(outcome, entry)
    if entry["low"] is None:
        return f"{inside}: too few pairs of runs"
    if entry["low"] == entry["high"]:
        return inside
    return f"{inside} {difference_unit(OUTCOMES[outcome])} ({round(coverage * 100)}% interval)"


def sureness(entry: dict[str, Any]) -> str:
    """How sure the sign of a difference is."""
    chance, difference = entry["probability"], entry["difference"]
    if chance is None or not difference:
        return ""
    way = "a fall" if difference < 0 else "a rise"
    if chance > _CERTAIN:
        return f"probability that it is {way}: above {_CERTAIN}"
    return f"probability that it is {way}: {chance:.2f}"


#: pairs of runs from which on nobody makes them for an effect so small: hours on two cores
_OUT_OF_REACH = 2_000


def no_effect(
    entry: dict[str, Any], settle: int | None, option: str | None = "--replications"
) -> str:
    """What to say of an interval that holds zero, and how many pairs would probably settle it.

    How probably is `paired.POWER`.

    Args:
        entry: The difference.
        settle: Pairs that would do; None where nobody can say.
        option: What to give the command for that many, if there is a command.
    """
    text = "no detectable effect at this precision"
    if settle is not None and settle > _OUT_OF_REACH:
        text += "; an effect as small as it looks would take thousands of pairs of runs to show"
    elif settle is not None and settle > entry["pairs"]:
        more = settle - entry["pairs"]
        pairs = "one more pair" if more == 1 else f"some {more:,} more pairs"
        text += f"; if it is as large as it looks, {pairs} of runs would probably (4 in 5) show it"
        text += f" ({option} {settle})" if option else ""
    return text


def headline(found: dict[str, Any], summary: dict[str, Any]) -> str:
    """What a scenario does, in words: arrivals with their interval, and deaths beside them."""
    name, coverage = summary["headline"], summary["coverage"]
    entry = found["outcomes"][name]["periods"]["run"]
    beside = found["outcomes"][BESIDE]["periods"]["run"]
    when = span(summary)
    if found["identical"]:
        return (
            f"“{found['title']}” gives the same numbers as “{summary['baseline']}” {when}, to the "
            f"last digit in all {entry['pairs']} pairs of runs: nothing it changes reaches anybody "
            "within these days."
        )
    parts = [
        f"“{found['title']}” against “{summary['baseline']}”, {when}: "
        f"small-boat arrivals {change(name, entry, coverage)}"
    ]
    if entry["detectable"]:
        parts.append(sureness(entry))
    elif entry["low"] is not None:
        parts.append(no_effect(entry, found.get("pairs_to_settle")))
    text = ", ".join(part for part in parts if part)
    deaths = f"Deaths in the Channel {change(BESIDE, beside, coverage)}"
    if beside["low"] is not None and not beside["detectable"]:
        deaths += ", no detectable effect at this precision"
    return f"{text}. {deaths}."


def basis(summary: dict[str, Any]) -> str:
    """What the intervals are made of, and what is not in them."""
    pairs = summary["replications"]
    text = (
        f"{pairs} pairs of runs, each with one seed for both sides, so that what differs is what "
        f"the scenario does. Ranges are {round(summary['coverage'] * 100)}% intervals of the mean "
        f"difference. {made_of(summary)}"
    )
    if summary["scale"] < 1.0:
        text += (
            f" Each run simulates {summary['scale']:.0%} of the people, with counts scaled back: "
            "small numbers, deaths above all, come in coarse steps, and levels lie some percent "
            "off those with everybody."
        )
    return text


def made_of(summary: Mapping[str, Any]) -> str:
    """What the intervals of paired differences hold, in sentences."""
    more = assumption_wording.mean_of_draws(summary, "pair")
    return f"They hold {assumption_wording.holds(summary)}.{f' {more}' if more else ''}"


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
    lines = sum(entry["lines"] for entry in found)
    files = ", ".join(entry["file"] for entry in found)
    one = lines == 1
    return (
        f"{lines} {'line' if one else 'lines'} of finished runs could not be read ({files}); "
        f"{'the run it held has' if one else 'the runs they held have'} been done again."
    )


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
