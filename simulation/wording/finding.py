"""The finding of a comparison in a few words: the heading of its page and of its brief."""

from __future__ import annotations

from datetime import date, timedelta

from simulation.outcomes import HEADLINE, long_date
from simulation.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.studies.options import UK_TOTAL
from simulation.wording import differences, quoting, verdicts


def heading(summary: ComparisonFindings) -> str:
    """The finding in a few words, of several scenarios that of the first."""
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
    text = titled(quoting.sentence_case(title), of_scenario(best, days))
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


def of_scenario(effects: ScenarioEffects, days: str) -> str:
    """The verdict on all who reach the UK; where that on small boats differs, that one beside it.

    Args:
        effects: The effects of a scenario.
        days: The days that are counted, as `days_in_short` has them.
    """
    boats = effects.effect(HEADLINE)
    if UK_TOTAL not in effects.chain:
        return verdicts.finding(HEADLINE, boats, days)
    total = effects.effect(UK_TOTAL)
    text = verdicts.finding(UK_TOTAL, total, days)
    if total.verdict == boats.verdict:
        return text
    return f"{verdicts.between(HEADLINE, boats)} by small boat; {text}"
