"""The sentences of an estimate: an effect that no run was done for."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.estimates.estimate import RUN, Estimate, why_none
from simulation.outcomes import HEADLINE, listing, long_date
from simulation.scenario import Scenario
from simulation.studies.options import UK_TOTAL
from simulation.wording import differences, verdicts, worlds
from simulation.wording.differences import days_in_short

#: which of the two ranges to quote
QUOTE = (
    "Quote the average with its interval, of runs where there are any. A single world can lie "
    "anywhere in the range of worlds (nine of ten do)."
)


def answer(estimate: Estimate) -> list[str]:
    """What an estimate rests on, then small boats, deaths and the range of worlds."""
    entry, deaths = (
        estimate.outcomes[name].periods[estimate.period] for name in differences.HEADLINES
    )
    return [
        f"From {estimate.runs:,} past runs, at once.",
        f"Small-boat arrivals: {verdicts.phrase(HEADLINE, entry)}.",
        f"Deaths in the Channel: {verdicts.phrase(differences.BESIDE, deaths)}.",
        verdicts.range_of_worlds(HEADLINE, entry),
    ]


def headline(estimate: Estimate) -> list[str]:
    """Arrivals over the years asked for, and by future path, a line each."""
    basis, *lines = answer(estimate)
    total = verdicts.phrase(UK_TOTAL, estimate.uk_total)
    days = " to ".join(map(long_date, estimate.days.days))
    when = days if estimate.period == RUN else estimate.period.replace("..", " to ")
    return [
        f"Estimate: “{estimate.title}” against “{estimate.against}”, {when}. {basis}",
        f"People reaching the UK by boat or lorry: {total}.",
        *lines,
        *worlds.by_path(HEADLINE, estimate.by_path),
    ]


def first_look(estimate: Estimate, name: str) -> str:
    """The verdict on arrivals by small boat in one line before any run."""
    arrivals = estimate.outcomes[HEADLINE].periods[estimate.period]
    said = verdicts.finding(HEADLINE, arrivals, years_of(estimate))
    return f"Estimate before any run, “{name}”: {said}."


def years_of(estimate: Estimate) -> str:
    """The years that an estimate is asked of: `2027 to 2028`."""
    if estimate.period == RUN:
        return days_in_short(*estimate.days.days)
    return estimate.period.replace("..", " to ")


def without_estimate(base: Scenario, lacking: int, asked: int) -> str:
    """Of how many scenarios there is no estimate, and why.

    Args:
        base: What they are compared with.
        lacking: How many have none.
        asked: How many there are.
    """
    why = why_none(base) or "not among the policies of the library"
    return f"No estimate of {lacking} of {asked}: {why}."


def limits(estimate: Estimate) -> list[str]:
    """What an estimate rests on, and what has changed since."""
    lines = []
    if estimate.lever:
        below, above = (f"{one:g}" for one in estimate.between)
        lines.append(f"“{estimate.lever}” was run at {below} and at {above}; this lies between.")
    return [*lines, *rests_on(estimate.pairs, estimate.changed)]


def rests_on(pairs: int, changes: Sequence[str]) -> list[str]:
    """The runs behind estimates, and what has changed since.

    Args:
        pairs: Pairs of runs of each policy of the library.
        changes: What has changed since they were run.
    """
    lines = [f"It rests on {pairs:,} pairs of runs of each policy, done before."]
    if changes:
        verb = "has" if len(changes) == 1 else "have"
        lines.append(f"Since they were run, {listing(changes)} {verb} changed.")
    return lines
