"""The sentences of an estimate: an effect that no run was done for."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.findings import Effect
from simulation.estimates.estimate import RUN, Estimate
from simulation.outcomes import HEADLINE, long_date
from simulation.scenario.capability import listing
from simulation.wording import differences, quoting, worlds


def headline(estimate: Estimate) -> list[str]:
    """Arrivals by small boat over the years asked for, and by future path, a line each."""
    entry = estimate.outcomes[HEADLINE].periods[estimate.period]
    days = " to ".join(map(long_date, estimate.days.days))
    when = days if estimate.period == RUN else estimate.period.replace("..", " to ")
    return [
        f"Estimate, no run: “{estimate.title}” against “{estimate.against}”, {when}.",
        f"Small-boat arrivals: {_over_worlds(entry)}.",
        f"Middle of these worlds: {quoting.median(HEADLINE, entry)}.",
        *worlds.by_path(HEADLINE, estimate.by_path),
    ]


def _over_worlds(entry: Effect) -> str:
    if entry.plausible is None:
        return "too few pairs for a range"
    return differences.over_worlds(HEADLINE, entry)


def first_look(estimate: Estimate) -> str:
    """Arrivals by small boat over the whole run, in one line before any run."""
    entry = estimate.outcomes[HEADLINE].periods[RUN]
    title, middle = estimate.title, quoting.median(HEADLINE, entry)
    inside = quoting.plausible(HEADLINE, entry)
    return f"Estimate before any run, “{title}”: small-boat arrivals {middle} ({inside})."


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
    lines = [f"It rests on {pairs:,} pairs of runs, done before. Quote what was run."]
    if changes:
        verb = "has" if len(changes) == 1 else "have"
        lines.append(f"Since they were run, {listing(changes)} {verb} changed.")
    return lines
