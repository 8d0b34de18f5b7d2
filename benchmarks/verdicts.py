"""How often a verdict is false: a bootstrap of the pairs that the libraries hold.

    uv run --group dev python benchmarks/verdicts.py

For each policy, the mean over all stored worlds is taken as the truth. Worlds are drawn from them
with replacement, and the verdict on small-boat arrivals is asked. It is false if the truth has
another direction, or does not lie within the margin where that is what was said.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from simulation.estimates.library import BASES, load_library
from simulation.estimates.stored_runs import load_stored_runs
from simulation.margins import margin_of
from simulation.outcomes import HEADLINE
from simulation.statistics.paired import COVERAGE, own_percentages, verdict_of

MARGIN = margin_of(HEADLINE)
#: worlds of a comparison: fewest with a direction, with a range, and many; and as agreements look
SIZES = ((8,), (20,), (40,), (6, 8, 14, 20))


def effects() -> list[np.ndarray]:
    """The effect of each policy in percent, (worlds,), one pair of each set of assumptions."""
    policies = []
    for base in BASES:
        stored = load_stored_runs(load_library(base).file)
        values = stored.totals[:, :, 0, list(stored.outcomes).index(HEADLINE)]
        _, first = np.unique(stored.sets, return_index=True)
        for policy in values[1:]:
            change = own_percentages(values[0], policy)[first]
            if np.any(change):
                policies.append(change)
    return policies


def verdict(change: np.ndarray) -> str:
    """The verdict of some worlds."""
    n = len(change)
    half = stdtrit(n - 1, 0.5 + COVERAGE / 2.0) * change.std(ddof=1) / np.sqrt(n)
    return verdict_of(change.mean() - half, change.mean() + half, n, MARGIN)


def is_false(said: str, truth: float) -> bool:
    """Whether a verdict is false."""
    if said in ("none", "small"):
        return abs(truth) > MARGIN
    return (said == "fall" and truth >= 0.0) or (said == "rise" and truth <= 0.0)


def row(policies: Sequence[np.ndarray], sizes: Sequence[int], draws: int) -> str:
    """How often each verdict is false with so many worlds, over all policies, and at worst."""
    random = np.random.default_rng(1)
    stated: Counter[str] = Counter()
    false: Counter[str] = Counter()
    worst = 0.0
    for change in policies:
        wrong = 0
        for _ in range(draws):
            drawn = change[random.integers(len(change), size=sizes[-1])]
            said = next((one for size in sizes if (one := verdict(drawn[:size])) != "open"), "open")
            stated[said] += 1
            wrong += is_false(said, float(change.mean()))
            false[said] += is_false(said, float(change.mean()))
        worst = max(worst, wrong / draws)
    name = f"{sizes[0]} to {sizes[-1]}, until settled" if len(sizes) > 1 else str(sizes[0])
    cells = [
        f"{false[one] / stated[one]:.1%} of {stated[one] / stated.total():.0%}"
        for one in ("fall", "rise", "none", "small")
    ]
    return f"| {name} | {' | '.join(cells)} | {stated['open'] / stated.total():.0%} | {worst:.0%} |"


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    draws, policies = parser.parse_args().draws, effects()
    print(f"{len(policies)} policies, {draws} draws of each\n")
    print("| independent pairs | clear fall | clear rise | no practical difference | too small to "
          "matter | cannot tell | worst policy |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for sizes in SIZES:
        print(row(policies, sizes, draws))


if __name__ == "__main__":
    main()
