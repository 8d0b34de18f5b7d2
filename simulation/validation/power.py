"""The power of the monitor's tests: how often they notice a lasting change, and give false alarms.

A world is a path of one set of assumptions. Sets are held out by folds: the tests are calibrated
without the sets of a fold, whose paths are then the world, as they are (false alarms) or with one
figure changed from the first month on (power).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulation.serialization import as_csv, json_number
from simulation.statistics.finding import Count, Finding
from simulation.validation.drift import (
    RECENT,
    Figure,
    JointTest,
    Mask,
    Worlds,
    first_alarms,
    outside,
)

#: lasting changes that are tried, relative to what the world would have been
SIZES = (0.1, 0.2, 0.4)
#: months after which it is said how many were noticed
AFTER = (3, 6, 9)
#: parts that the sets of assumptions are divided into
_FOLDS = 5
#: worlds that are tried, of all folds together
_WORLDS = 10_000


class Noticed(Finding):
    """How often a lasting change of one figure is noticed.

    Attributes:
        figure: The figure that changes.
        change: Relative to what the figure would have been, from the first month on.
        months: Months after which it is counted.
        share: Share of the worlds in which the figure has an alarm of drift by then.
    """

    figure: str
    change: float
    months: Count
    share: float


class Spread(Finding):
    """How far the mean of a period spreads over the forecast: standard deviation of its logarithm.

    Attributes:
        figure: The figure.
        months: Length of the period.
        alone: Of the mean as it is.
        conditional: Of the mean, conditional on the year before.
    """

    figure: str
    months: Count
    alone: float | None
    conditional: float | None


class FalseAlarms(Finding):
    """Verdicts by some month on worlds in which the model holds, as shares of them.

    Attributes:
        months: Months after which they are counted.
        drifting: Worlds with an alarm of any figure at the rate of drift.
        out: Those with an alarm at the rate of being out.
        doubtful: Those without an alarm and with a figure that has fewer than half of its months
            inside.
    """

    months: Count
    drifting: float
    out: float
    doubtful: float


class Power(Finding):
    """The power of the tests, their false alarms, and the spread that sets them."""

    spread: list[Spread]
    noticed: list[Noticed]
    false_alarms: list[FalseAlarms]


def power_of(
    paths: Mapping[str, Figure],
    observed: Mapping[str, Mask],
    worlds: Worlds,
    rates: tuple[float, float],
    period: int,
) -> Power:
    """Try the tests on worlds in which the model holds, and on worlds that change.

    Args:
        paths: Figure -> its predictive paths.
        observed: Figure -> whether each month was observed, (months,).
        worlds: Weights and sets of the paths.
        rates: False alarms a month, of drift and of being out; see `JointTest.of`.
        period: Months that are tested.
    """
    months = len(next(iter(observed.values())))
    spans = [after for after in AFTER if after <= months] or [months]
    members = np.unique(worlds.members)
    noticed: dict[tuple[str, float, int], float] = defaultdict(float)
    verdicts: dict[tuple[str, int], float] = defaultdict(float)
    step = max(1, len(worlds.members) // _WORLDS)
    for fold in range(min(_FOLDS, len(members))):
        held_out = np.isin(worlds.members, members[fold::_FOLDS])
        rest = {name: one.of(~held_out) for name, one in paths.items()}
        joint = JointTest.of(rest, observed, worlds.of(~held_out), rates, period)
        tried = np.flatnonzero(held_out)[::step]
        share = float(worlds.weights[held_out].sum())
        weights = share * worlds.weights[tried] / worlds.weights[tried].sum()
        held = {name: one.of(tried) for name, one in paths.items()}
        for name, figure in held.items():
            for change in (sign * size for size in SIZES for sign in (1.0, -1.0)):
                test = joint.figures[name]
                largest = test.scaled(test.scores(figure.changed(change))).max(axis=-1)
                alarms = first_alarms(largest, joint.bounds[0])
                for after in spans:
                    noticed[name, change, after] += float(weights[alarms < after].sum())
        for verdict, after, worlds_of in _false_alarms(joint, held, spans):
            verdicts[verdict, after] += float(weights[worlds_of].sum())
    joint = JointTest.of(paths, observed, worlds, rates, period)
    length = min(RECENT, months)
    return Power(
        spread=[
            Spread(
                figure=name,
                months=length,
                alone=json_number(alone),
                conditional=json_number(conditional),
            )
            for name, test in joint.figures.items()
            for _, alone, _, conditional in [test.scale.spread[length - 1].tolist()]
        ],
        noticed=[
            Noticed(figure=name, change=change, months=after, share=share)
            for (name, change, after), share in noticed.items()
        ],
        false_alarms=[
            FalseAlarms(
                months=after,
                drifting=verdicts["drifting", after],
                out=verdicts["out", after],
                doubtful=verdicts["doubtful", after],
            )
            for after in spans
        ],
    )


def _false_alarms(
    joint: JointTest, worlds: Mapping[str, Figure], spans: Sequence[int]
) -> Iterator[tuple[str, int, Mask]]:
    """Verdict, months, and the worlds that have this verdict by then, (worlds,)."""
    largest, minority = [], []
    for name, figure in worlds.items():
        test = joint.figures[name]
        scores = test.scores(figure)
        largest.append(test.scaled(scores).max(axis=-1))
        minority.append(2 * outside(scores[..., 0]) > np.cumsum(test.observed))
    joint_statistic, few_inside = np.max(largest, axis=0), np.any(minority, axis=0)
    drifting, out = (first_alarms(joint_statistic, bounds) for bounds in joint.bounds)
    for after in spans:
        yield "drifting", after, drifting < after
        yield "out", after, out < after
        yield "doubtful", after, (drifting >= after) & few_inside[:, after - 1]


def power_csv(power: Power) -> str:
    """The power as the text of a CSV file; rows without a figure are false alarms."""
    rows: list[list[Any]] = [
        [one.figure, one.change, one.months, "noticed", one.share] for one in power.noticed
    ]
    rows += [
        ["", 0.0, one.months, verdict, share]
        for one in power.false_alarms
        for verdict, share in (
            ("drifting", one.drifting), ("out", one.out), ("doubtful", one.doubtful),
        )
    ]  # fmt: skip
    return as_csv(["figure", "change", "months", "verdict", "share"], rows)
