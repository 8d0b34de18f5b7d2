"""The power of the monitor's tests: how often they notice a lasting change, and give false alarms.

A world is a path of one set of assumptions. Sets are held out by folds: the tests are calibrated
without the sets of a fold, whose paths are then the world, as they are (false alarms) or with one
figure changed from the first month on (power).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulation.validation.drift import (
    Figure,
    FigureTest,
    Index,
    JointTest,
    Mask,
    Worlds,
    first_alarms,
    outside,
)
from simulation.validation.series import Array

#: lasting changes that are tried, relative to what the world would have been
SIZES = (0.1, 0.2, 0.4)
#: months after which it is said how many were noticed
AFTER = (3, 6, 9)
#: parts that the sets of assumptions are divided into
_FOLDS = 5
#: worlds that are tried, of all folds together
_WORLDS = 10_000


@dataclass
class Power:
    """What the tests notice, as shares of worlds.

    Attributes:
        false: Months -> share with an alarm of any figure by then though the model holds, for each
            rate of false alarms.
        doubtful: Months -> share that has no alarm and a figure with fewer than half of its months
            inside, though the model holds.
        noticed: Figure, relative change and months -> share in which the figure has an alarm by
            then, of the first rate.
    """

    false: dict[int, list[float]] = field(default_factory=dict)
    doubtful: dict[int, float] = field(default_factory=dict)
    noticed: dict[tuple[str, float, int], float] = field(default_factory=dict)


def power_of(
    paths: Mapping[str, Figure],
    known: Mapping[str, Mask],
    worlds: Worlds,
    rates: tuple[float, ...],
    period: int,
) -> Power:
    """Try the tests on worlds in which the model holds, and on worlds that change.

    Args:
        paths: Figure -> its predictive paths.
        known: Figure -> whether each month was observed, (months,).
        worlds: Weights and sets of the paths.
        rates: False alarms a month, see `JointTest.of`.
        period: Months that are tested.
    """
    months = len(next(iter(known.values())))
    spans = [after for after in AFTER if after <= months] or [months]
    members = np.unique(worlds.members)
    found = Power({n: [0.0] * len(rates) for n in spans}, dict.fromkeys(spans, 0.0))
    step = max(1, len(worlds.members) // _WORLDS)
    for fold in range(min(_FOLDS, len(members))):
        held_out = np.isin(worlds.members, members[fold::_FOLDS])
        rest = {name: one.of(~held_out) for name, one in paths.items()}
        joint = JointTest.of(rest, known, worlds.of(~held_out), rates, period)
        tried = np.flatnonzero(held_out)[::step]
        share = float(worlds.weights[held_out].sum())
        weights = share * worlds.weights[tried] / worlds.weights[tried].sum()
        _add(found, joint, {name: one.of(tried) for name, one in paths.items()}, weights)
    return found


def _add(
    found: Power,
    joint: JointTest,
    worlds: Mapping[str, Figure],
    weights: Array,
) -> None:
    """Add what the tests notice in some worlds, by weight."""
    largest, minority = [], []
    for name, one in worlds.items():
        test = joint.figures[name]
        scores = test.scores(one)
        largest.append(test.scaled(scores).max(axis=-1))
        minority.append(2 * outside(scores[..., 0]) > np.cumsum(test.known))
        for size in SIZES:
            for change in (size, -size):
                alarms = _alarms(test, one.changed(change), joint.bounds[0])
                for after in found.false:
                    key = name, change, after
                    share = float(weights[alarms < after].sum())
                    found.noticed[key] = found.noticed.get(key, 0.0) + share
    joint_statistic, few_inside = np.max(largest, axis=0), np.any(minority, axis=0)
    first = [first_alarms(joint_statistic, bounds) for bounds in joint.bounds]
    for after in found.false:
        for place, alarmed in enumerate(first):
            found.false[after][place] += float(weights[alarmed < after].sum())
        silent = first[0] >= after
        found.doubtful[after] += float(weights[silent & few_inside[:, after - 1]].sum())


def _alarms(test: FigureTest, figure: Figure, bounds: Array) -> Index:
    return first_alarms(test.scaled(test.scores(figure)).max(axis=-1), bounds)
