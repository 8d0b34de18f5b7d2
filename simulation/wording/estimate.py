"""The sentences of an estimate: an effect that no run was done for."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.outcomes import long_date
from simulation.surrogate.estimate import Estimate
from simulation.surrogate.figures import ARRIVALS
from simulation.wording import differences, quoting
from simulation.wording.worlds import IF


def headline(estimate: Estimate) -> list[str]:
    """Arrivals by small boat over the whole run, and by future path, a line each."""
    entry = estimate.outcomes[ARRIVALS].periods["run"]
    first, last = map(long_date, estimate.days.days)
    lines = [
        f"Estimate, no run: “{estimate.title}” against “{estimate.against}”, {first} to {last}.",
        f"Small-boat arrivals: {differences.over_worlds(ARRIVALS, entry)}.",
        f"Middle of these worlds: {quoting.median(ARRIVALS, entry)}.",
    ]
    for part, outcomes in estimate.by_path.items():
        one = outcomes[ARRIVALS].periods["run"]
        inside = quoting.plausible(ARRIVALS, one)
        lines.append(f"{IF[part]}: {quoting.median(ARRIVALS, one)} ({inside}).")
    return lines


def first_look(estimate: Estimate) -> str:
    """Arrivals by small boat over the whole run, in one line before any run."""
    entry = estimate.outcomes[ARRIVALS].periods["run"]
    title, middle = estimate.title, quoting.median(ARRIVALS, entry)
    spans = quoting.plausible(ARRIVALS, entry)
    return f"Estimate before any run, “{title}”: small-boat arrivals {middle} ({spans})."


def limits(estimate: Estimate) -> list[str]:
    """What an estimate rests on, what it leaves out, and what runs the scenario."""
    return rests_on(estimate.pairs, estimate.gate, estimate.changed)


def rests_on(pairs: int, gate: str, changes: Sequence[str]) -> list[str]:
    """What estimates rest on, and whether that can be relied on.

    Args:
        pairs: Pairs of runs of other policies.
        gate: The first line of its gate that the surrogate fails; empty where it passes.
        changes: What has changed since it was built.
    """
    lines = [
        f"It rests on {pairs:,} pairs of runs of other policies, and says nothing of "
        "deaths. Quote what was run."
    ]
    if gate:
        lines.append(f"Its surrogate fails its gate ({gate}): do not rely on it.")
    if changes:
        changed = " and ".join(filter(None, [", ".join(changes[:-1]), changes[-1]]))
        verb = "has" if len(changes) == 1 else "have"
        lines.append(f"Since it was built, {changed} {verb} changed.")
    return lines
