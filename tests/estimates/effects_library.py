"""A library of estimates in which all effects are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulation.engine.run_store import OUTCOME_NAMES
from simulation.estimates.library import OUTLOOK, load_library
from simulation.estimates.stored_runs import StoredRuns
from simulation.studies.effect_chain import LINK_SUMS

LIBRARY = load_library(OUTLOOK)
PERIODS = ("run", "2026", "2027", "2028")
SETS, SEEDS = 16, 2
COAST = "Staff of patrols on the French coast"
SERBIA = "Sharing between the UK and Serbia"
MONEY = ("British money for investigation", "British money for patrols on the French coast")
#: slopes of policies that act, by set of assumptions in turn
ACTING = tuple(
    {COAST: -one, SERBIA: -one, MONEY[0]: -one / 2, MONEY[1]: -one / 4} for one in (0.2, 0.4)
)
#: what every outcome is without a policy
USUAL = 1_000.0


def library_of(*slopes: Mapping[str, float], **others: Mapping[str, float]) -> StoredRuns:
    """A library in which effects grow with the strength of a lever, and nothing is chance.

    Args:
        slopes: By set of assumptions, in turn: the logarithm of the ratio of arrivals by boat in
            2028 for the strongest of a lever. Nothing else has an effect.
        others: The same of further outcomes, under all sets.
    """
    pairs, policies = SETS * SEEDS, 1 + len(LIBRARY.shipped) + len(LIBRARY.strengths)
    totals = np.full((policies, pairs, len(PERIODS), len(OUTCOME_NAMES)), USUAL)
    sets = np.repeat(np.arange(SETS), SEEDS)
    for outcome, each in {
        "channel_arrivals": slopes,
        **{k: [v] for k, v in others.items()},
    }.items():
        column = OUTCOME_NAMES.index(outcome)
        for name, lever in LIBRARY.levers.items():
            first = _usual(lever.usual, lever.strengths)
            slope = np.array([each[one % len(each)].get(name, 0.0) for one in sets])
            for strength, number in LIBRARY.nodes(name).items():
                size = (strength - first) / (lever.strengths[-1] - first)
                if number:
                    totals[number, :, -1, column] = USUAL * np.exp(slope * size)
    hashes = dict.fromkeys(("model", "fit", "data", "base"), "made up")
    about = {**hashes, "library": LIBRARY.hash, "links": list(LINK_SUMS), "days": 915, "seed": 1,
             "interpolated": list(LIBRARY.levers)}  # fmt: skip
    links = np.full((policies, pairs, len(LINK_SUMS)), USUAL)
    return StoredRuns(
        about, PERIODS, OUTCOME_NAMES, totals, links, sets, np.arange(pairs), np.arange(pairs) % 3
    )


def _usual(usual: float | None, strengths: Sequence[float]) -> float:
    return 2.0 * strengths[0] - strengths[-1] if usual is None else usual
