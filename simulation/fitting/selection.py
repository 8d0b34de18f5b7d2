"""Which sets make up the ensemble: those whose runs are near enough to what was observed, twice.

A run is accepted if arrivals and boats of every whole year lie within a stated number of declared
discrepancies, and no year contradicts what is known (`bound` in `series.toml`). Sets of accepted
runs are candidates. Each runs again with a new seed, and those accepted again are the ensemble:
what one lucky seed brought near is left out. Nothing else weighs a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.fitting.series import Array, Data, Flags, load_method

Numbers = npt.NDArray[np.int64]
ARRIVALS, BOATS = "channel_arrivals_year", "channel_boats_year"
#: declared discrepancies within which each year must lie (an assumption)
TOLERANCE = 3.0
#: waves whose runs can be accepted, the last ones
LAST_WAVES = 3
#: a run is near if yearly arrivals are within a factor of exp of this (an assumption)
NEAR = 0.6
#: so many runs count as near at least, the nearest
LEAST_NEAR = 50


@dataclass(frozen=True, eq=False)
class WaveRuns:
    """The runs of a wave that came to their end.

    Attributes:
        scores: Of assumptions and controls, (assumptions, members).
        members: Numbers of the members, the same through the waves, (members,).
        figures: What each run gave, (members, figures).
    """

    scores: Array
    members: Numbers
    figures: Array


@dataclass(frozen=True, eq=False)
class Sets:
    """The sets of an ensemble.

    Attributes:
        scores: Of assumptions and controls, (assumptions, sets).
        weights: They sum to 1, (sets,).
        accepted: How many were near enough, of `candidates`; with none, all are taken.
        candidates: Of how many they were chosen.
    """

    scores: Array
    weights: Array
    accepted: int
    candidates: int


def accepted(data: Data, runs: Array) -> Flags:
    """Whether each of (members, figures) runs can be in the ensemble, (members,)."""
    columns = np.concatenate([data.columns(ARRIVALS), data.columns(BOATS)])
    inside = (np.abs(data.distances(runs)[:, columns]) <= TOLERANCE).all(axis=1)
    for bound in load_method().bounds:
        years = runs[:, data.columns(bound.series)]
        inside &= ((years >= bound.low) & (years <= bound.high)).all(axis=1)
    return np.asarray(inside)


def near(data: Data, runs: Array) -> Flags:
    """Which of (members, figures) runs are near enough to tell what an emulator leaves out.

    By yearly arrivals; in a window without a whole year the nearest runs by all figures.
    """
    columns = data.columns(ARRIVALS)
    if columns.size:
        transformed = data.transformed(np.vstack([runs, np.array(data.observed)]))[:, columns]
        away = np.abs(transformed[:-1] - transformed[-1]).max(axis=1)
        count = int((away <= NEAR).sum())
    else:
        away, count = (data.distances(runs) ** 2).mean(axis=1), 0
    nearest = np.zeros(len(runs), dtype=bool)
    nearest[np.argsort(away, kind="stable")[: max(count, LEAST_NEAR)]] = True
    return nearest


def select(data: Data, waves: Sequence[WaveRuns], most: int) -> Sets:
    """The candidates among the runs of the last waves; with none, the last wave.

    The latest accepted run of each member comes first, then earlier ones: an earlier run of the
    same member shares all that no figure informs.

    Args:
        data: What was observed.
        waves: All waves.
        most: Sets at most.
    """
    first: list[Array] = []
    repeated: list[Array] = []
    seen: set[int] = set()
    last = waves[-LAST_WAVES:]
    for wave in reversed(last):
        places = np.flatnonzero(accepted(data, wave.figures))
        for number, member in zip(places, wave.members[places].tolist(), strict=True):
            (repeated if member in seen else first).append(wave.scores[:, number])
            seen.add(member)
    columns = [*first, *repeated][:most] or list(waves[-1].scores.T[:most])
    unique, times = np.unique(np.array(columns), axis=0, return_counts=True)
    candidates = sum(len(wave.members) for wave in last)
    return Sets(unique.T, times / times.sum(), len(first) + len(repeated), candidates)


def confirm(data: Data, candidates: Sets, runs: Array, ended: Flags, most: int) -> Sets:
    """The candidates whose second run was near enough too; with none, all that ended.

    Args:
        data: What was observed.
        candidates: What was run again.
        runs: Their second runs that ended, (ended, figures).
        ended: Which of them ended, (candidates,).
        most: Sets at most.
    """
    again = np.flatnonzero(ended)[accepted(data, runs)]
    chosen = (again if again.size else np.flatnonzero(ended))[:most]
    weights = candidates.weights[chosen]
    count = again.size if candidates.accepted else 0
    tried = int(candidates.weights.size)
    return Sets(candidates.scores[:, chosen], weights / weights.sum(), count, tried)
