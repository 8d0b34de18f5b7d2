"""The finding of a comparison in a few words: the heading of its page and of its brief."""

from __future__ import annotations

from datetime import date, timedelta

from simulation.engine.findings import Effect
from simulation.outcomes import HEADLINE, long_date
from simulation.statistics.paired import SPREAD_PAIRS
from simulation.studies.compare import ComparisonFindings
from simulation.wording import differences, quoting

#: an effect whose range over worlds holds zero, by how it stands
_NOT_CLEAR = {
    "little": "little effect",
    "unknown": "no clear effect yet",
    "either": "no clear effect",
}


def heading(summary: ComparisonFindings) -> str:
    """The finding on arrivals in a few words, of several scenarios that of the first."""
    ranked = sorted(
        (one for one in summary.scenarios if not one.identical), key=lambda one: one.place
    )
    days = days_in_short(*summary.days)
    if not ranked:
        return no_effect(days)
    best = ranked[0]
    series, colon, rest = best.title.partition(": ")
    # scenarios of one series, such as those of the outlook, share the first words of their titles
    title = rest if colon and summary.baseline.startswith(f"{series}: ") else best.title
    text = titled(quoting.sentence_case(title), of_arrivals(best.effect(summary.headline), days))
    several = len(summary.scenarios) > 1
    return f"First by {differences.rank_label(summary.rank)}: {text}" if several else text


def no_effect(days: str) -> str:
    """The heading where all that was compared gives the same numbers."""
    return f"No effect on anyone in the model, {days}"


def titled(title: str, finding: str) -> str:
    """A finding behind the title of what it is of; a title that asks is answered."""
    if title.endswith("?"):
        return f"{title} {quoting.sentence_case(finding)}"
    return f"{title}: {finding}"


def days_in_short(first: date, last: date) -> str:
    """Days as a heading has them: `2027 to 2028`, `July 2026 to December 2028`."""
    if first.day > 1 or (last + timedelta(days=1)).day > 1:
        return f"{long_date(first)} to {long_date(last)}"
    form = "%Y" if (first.month, last.month) == (1, 12) else "%B %Y"
    return " to ".join(dict.fromkeys(f"{day:{form}}" for day in (first, last)))


def of_arrivals(entry: Effect, days: str) -> str:
    """What an effect on arrivals amounts to: `5% to 13% fewer small-boat arrivals, 2027 to 2028`.

    Args:
        entry: The effect.
        days: The days that are counted, as `days_in_short` has them.
    """
    what = f"small-boat arrivals, {days}"
    more = "fewer" if entry.middle < 0.0 else "more"
    if entry.one_way:
        return f"{quoting.size(HEADLINE, entry)} {more} {what}"
    if entry.plausible is not None:
        inside = quoting.plausible_in_unit(HEADLINE, entry)
        return f"{_NOT_CLEAR[differences.standing(entry)]} on {what} ({inside})"
    few = entry.pairs < SPREAD_PAIRS
    if entry.detectable:
        return f"on average {more} {what}{few * f' ({entry.pairs} pairs, too few for a range)'}"
    return f"{_NOT_CLEAR['unknown' if few else 'either']} on {what}"
