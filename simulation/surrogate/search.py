"""Policies that add levers to a scenario, and a search for the best with the surrogate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.experiments.findings import Effect
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.levels import level_number
from simulation.scenario.levers.sharing import Sharing, agreed_levels, lever_pairs
from simulation.scenario.scenario import asks_the_same
from simulation.surrogate.coordinates import (
    AXES,
    BASE,
    DEFAULT,
    LATEST_START,
    MOST_LEVERS,
    Axis,
    Measure,
    policy_of,
    scenario_of,
)
from simulation.surrogate.estimate import estimated, surrogate_for
from simulation.surrogate.features import NAMES, Doses, with_products
from simulation.surrogate.predictor import HIGH, LOW, MIDDLE, Surrogate

#: axes that authorities choose; those of the inflow happen to them, and one clears all agreements
LEVERS = tuple(axis for axis in AXES.values() if axis.group != "inflow" and axis is not DEFAULT)
#: first day of what is proposed
FIRST = "2027-01-01"
#: what strengths are rounded up to, by section
STEPS = {
    "sharing": 0.05, "funding": 1.0, "staff": 0.05, "operation": 0.1, "interception_at_sea": 1.0,
    "return_after_arrival": 5.0, "adverts": 0.05, "freeze": 1.0,
}  # fmt: skip
#: share of a step that is rounded down
_SLACK = 0.05
#: sizes below which a lever is left out, and by which slopes are read
_LEAST, _STEP = 0.01, 0.02
#: the features of sharing
_BLOCKS = [number for number, name in enumerate(NAMES) if AXES[name].section == "sharing"]
#: strengths at which the features of a lever are known; between them they are interpolated
_GRID = 6
#: of how many quantiles of what the surrogate leaves open a search looks at one
_COARSE = 5
#: how far below nothing a limit may be, and steps of the optimiser
_TOLERANCE, _ITERATIONS = 1e-4, 60
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """What is asked of the surrogate.

    Attributes:
        scenario: What levers are added to.
        surrogate: The surrogate that proposes.
        start: First day of what is proposed.
        year: The year that is judged.
    """

    scenario: Scenario
    surrogate: Surrogate
    start: date
    year: int

    @classmethod
    def read(
        cls, scenario: Scenario, from_: str | None, by: int | None, emulator: Path | None
    ) -> Question:
        """The question from what was typed.

        Raises:
            InputError: There is no surrogate, or a day or a year is outside its design.
        """
        base = load_scenario(BASE)
        instead = "--emulator FILE, which crossings emulator build writes"
        surrogate = surrogate_for(base, emulator, instead)
        first, last = base.run.start, base.run.start + timedelta(LATEST_START)
        try:
            start = date.fromisoformat(from_ or FIRST)
        except ValueError:
            start = date.min
        if not first <= start <= last:
            raise InputError("cannot begin then", key="--from", value=from_,
                             allowed=f"{first} to {last}")  # fmt: skip
        years = sorted({int(period) for _, period in surrogate.targets if period.isdigit()})
        year = years[-1] if by is None else by
        if year not in years or year < start.year:
            allowed = ", ".join(str(one) for one in years if one >= start.year)
            raise InputError("not a year of outlook from the first day on", key="--by", value=by,
                             allowed=allowed or "a year of the surrogate")  # fmt: skip
        return cls(scenario, surrogate, start, year)

    def target(self, outcome: str) -> tuple[str, str]:
        """The target of the surrogate for an outcome."""
        return outcome, str(self.year)

    def estimate(self, values: Array) -> Effect:
        """An effect from its logarithms in worlds, (parts, worlds)."""
        ends = 100.0 * np.expm1(np.quantile(values, (LOW, MIDDLE, HIGH)))
        ways = float((values < 0.0).mean()), float((values > 0.0).mean())
        return estimated(self.surrogate.about["pairs"], ends.tolist(), ways)


class Lever(NamedTuple):
    """A lever that may be added.

    Attributes:
        axis: Its axis.
        strengths: (grid,) strengths, from what stands now to the strongest.
        sizes: (grid,) their sizes, from 0.
        columns: The features that it changes.
        added: (grid, periods, columns) what each adds to these.
    """

    axis: Axis
    strengths: Array
    sizes: Array
    columns: list[int]
    added: Array

    def strength(self, size: float) -> float:
        """The strength of a size, rounded up to what people would write."""
        step = STEPS[self.axis.section]
        exact = float(np.interp(size, self.sizes, self.strengths))
        return min(round(math.ceil(exact / step - _SLACK) * step, 6), self.axis.high)


class Space:
    """Policies that add levers to a scenario, by the size of each lever.

    A size is a share of the range of an axis: 0 for no lever, 1 for the strongest. That of sharing
    is the mean rise of the level of its pairs; no pair of it falls below what stands now. The size
    of a factor is that of its logarithm.

    Features of a policy are interpolated. Those of agreements that overlap are those of the higher
    one, as in a scenario in which the higher one stands last. `exact` interpolates nothing.

    Args:
        question: What levers are added to, and when.
        axes: Their axes.
        ramp_days: Days until a lever is in force fully.

    Raises:
        InputError: The design cannot express the scenario.
    """

    def __init__(self, question: Question, axes: Sequence[Axis], ramp_days: int) -> None:
        base = load_scenario(BASE)
        self.question, self._ramp = question, ramp_days
        scenario, days = question.scenario, question.surrogate.about["days"]
        same = asks_the_same(scenario, base)
        self._present = () if same else policy_of(scenario, base)
        self._doses = Doses(base, base.run.start + timedelta(days=days - 1))
        self._usual = self._doses.of(self._present, scenario)
        levers = (self._lever(axis) for axis in axes)
        self.levers = [lever for lever in levers if lever is not None]
        #: levers that may still be added
        self.room = MOST_LEVERS - len({one.lever for one in self._present})

    @cached_property
    def most(self) -> Array:
        """(levers,) the largest size of each."""
        return np.array([lever.sizes[-1] for lever in self.levers])

    def features(self, sizes: Array) -> Array:
        """Features of policies, (n, periods, features), from sizes (n, levers)."""
        rows = np.repeat(self._usual[None], len(sizes), axis=0)
        agreed = np.zeros((*rows.shape[:2], len(_BLOCKS)))
        for column, lever in enumerate(self.levers):
            place = np.interp(sizes[:, column], lever.sizes, np.arange(len(lever.sizes)))
            below = np.minimum(place.astype(int), len(lever.sizes) - 2)
            part = (place - below)[:, None, None]
            added = (1.0 - part) * lever.added[below] + part * lever.added[below + 1]
            if lever.axis.section == "sharing":
                agreed = np.maximum(agreed, added)
            else:
                rows[..., lever.columns] += added
        rows[..., _BLOCKS] += agreed
        return with_products(rows)

    def log_ratios(self, sizes: Array, outcomes: Sequence[str]) -> Array:
        """Effects over fewer worlds than those of `exact`, (n, worlds, outcomes)."""
        targets = [self.question.target(one) for one in outcomes]
        effects = self._coarse.log_ratios(self.features(sizes), self._usual, targets)
        return np.asarray(effects.reshape(len(sizes), -1, len(outcomes)))

    @cached_property
    def _coarse(self) -> Surrogate:
        """The surrogate with every fifth quantile of what it leaves open."""
        surrogate = self.question.surrogate
        shape = surrogate.spread.shape
        middle = shape.shape[1] // 2 % _COARSE
        return replace(surrogate, spread=replace(surrogate.spread, shape=shape[:, middle::_COARSE]))

    def log_ratios_by_world(self, sizes: Array, outcome: str) -> Array:
        """The same in the worlds of the design, (n, worlds), each the same for all policies."""
        target = self.question.target(outcome)
        surrogate = self.question.surrogate
        return surrogate.log_ratios_by_world(self.features(sizes), self._usual, target)

    def exact(self, policy: Sequence[Measure], outcome: str) -> Array:
        """Effects of a policy as a scenario has it, (parts, worlds)."""
        scenario = self.scenario(policy, "What if")
        features = self._doses.of((*self._present, *policy), scenario)[None]
        target = self.question.target(outcome)
        effects = self.question.surrogate.log_ratios(features, self._usual, [target])
        return np.asarray(effects[0, ..., 0])

    def policy(self, sizes: Array) -> tuple[Measure, ...]:
        """The levers of a policy with rounded strengths, lower levels of sharing first."""
        chosen = [
            (lever.axis, lever.strength(size))
            for lever, size in zip(self.levers, sizes, strict=True)
            if size >= _LEAST
        ]
        chosen.sort(key=lambda one: one[1] if one[0].section == "sharing" else 0.0)
        return tuple(
            Measure(axis.name, strength, self.question.start, self._ramp, number)
            for number, (axis, strength) in enumerate(chosen)
        )

    def sizes(self, policy: Sequence[Measure]) -> Array:
        """The size of each lever in a policy, (levers,)."""
        strengths = {one.axis: one.strength for one in policy}
        return np.array([
            np.interp(strengths[one.axis.name], one.strengths, one.sizes)
            if one.axis.name in strengths else 0.0
            for one in self.levers
        ])  # fmt: skip

    def scenario(self, policy: Sequence[Measure], title: str) -> Scenario:
        """The scenario with a policy laid over it."""
        return scenario_of(policy, self.question.scenario, title)

    def _lever(self, axis: Axis) -> Lever | None:
        """A lever with its features; None where it can change nothing."""
        if axis.section == "sharing":
            strengths, sizes = self._agreement(axis)
        elif axis.log:
            strengths = np.geomspace(1.0, axis.high, _GRID)
            sizes = np.log(strengths) / np.log(axis.high)
        else:
            sizes = np.linspace(0.0, 1.0, _GRID)
            strengths = axis.high * sizes
        if sizes[-1] < _LEAST:
            return None
        shares = axis.section == "sharing"
        columns = _BLOCKS if shares else [NAMES.index(axis.name)]
        added = np.zeros((len(sizes), len(self._usual), len(columns)))
        for row, strength in enumerate(strengths[1:].tolist(), start=1):
            policy = (Measure(axis.name, strength, self.question.start, self._ramp, 0),)
            # features of other levers do not depend on the scenario
            scenario = self.scenario(policy, "What if") if shares else self.question.scenario
            features = self._doses.of((*self._present, *policy), scenario)
            added[row] = (features - self._usual)[:, columns]
        return Lever(axis, strengths, sizes, columns, added)

    def _agreement(self, axis: Axis) -> tuple[Array, Array]:
        """Levels of sharing that lower no pair, and the mean rise of its pairs."""
        scenario, corridor = self.question.scenario, load_corridor()
        lever = Sharing.model_validate({**axis.fixed, "level": "full"})
        pairs, default = lever_pairs(lever, corridor), scenario.sharing_default.level
        before = np.array([
            [
                level_number(one.level)
                for one in agreed_levels(
                    scenario.of(Sharing), default, pairs, day, corridor
                ).values()
            ]
            for day in (self.question.start, scenario.run.end)
        ])  # fmt: skip
        levels = np.linspace(before.max(), 1.0, _GRID)
        rises = levels - before[0].mean()
        if rises[0] <= 0.0:  # all pairs have one level: the lowest one changes nothing
            return levels, rises
        return np.array([levels[0], *levels]), np.array([0.0, *rises])


def minimise(
    loss: Callable[[Array], Array],
    starts: Sequence[Array],
    most: Array,
    limits: Callable[[Array], Array],
) -> Array | None:
    """The sizes with the least loss within limits: SLSQP from several starts.

    Args:
        loss: (n, levers) -> (n,).
        starts: Sizes to start from, each (levers,).
        most: (levers,) largest sizes; the least are 0.
        limits: (n, levers) -> (n, limits), of which none may be negative.

    Returns:
        (levers,) the best end or start within the limits; None where there is none.
    """
    free = np.flatnonzero(most > 0.0)

    def whole(x: Array) -> Array:
        sizes = np.zeros((len(x), len(most)))
        sizes[:, free] = x
        return sizes

    def around(function: Callable[[Array], Array], x: Array) -> Array:
        """Slopes, (..., levers), by one difference for each lever."""
        steps = np.where(x + _STEP <= most[free], _STEP, -_STEP)
        values = function(whole(np.concatenate([x[None], x + np.diag(steps)])))
        return np.asarray((values[1:] - values[0]).T / steps)

    ends = [np.clip(start, 0.0, most) for start in starts]
    for start in ends[:] if len(free) else ():
        done = scipy.optimize.minimize(
            lambda x: float(loss(whole(x[None]))[0]),
            start[free],
            jac=lambda x: around(loss, x),
            bounds=[(0.0, high) for high in most[free]],
            constraints={
                "type": "ineq",
                "fun": lambda x: limits(whole(x[None]))[0],
                "jac": lambda x: np.atleast_2d(around(limits, x)),
            },
            method="SLSQP",
            options={"maxiter": _ITERATIONS, "ftol": 1e-4},
        )
        ends.append(np.clip(whole(done.x[None])[0], 0.0, most))
    each = np.array(ends)
    good = (limits(each) >= -_TOLERANCE).all(axis=1)
    if not good.any():
        return None
    return np.asarray(each[np.argmin(np.where(good, loss(each), np.inf))])
