"""The training of the surrogate: kernel ridge regression, chosen by held-out policies.

Few of the axes decide most of the effects. So each axis first gets a weight, by ridge regressions
in which what mattered before is shrunk less (adaptive ridge: Grandvalet 1998, "Least absolute
shrinkage is equivalent to quadratic penalization"). The kernel and how much is smoothed are those
that forecast the policies of other folds best. What is left of the held-out pairs is their spread.
Needs scikit-learn, which an estimate does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from simulation.errors import InputError
from simulation.experiments.engine.world_design import PARTS
from simulation.optional import optional_library
from simulation.surrogate.design import Repeat
from simulation.surrogate.features import group_sizes
from simulation.surrogate.figures import ARRIVALS, BOAT_SHARE, TARGETS, UK_TOTAL
from simulation.surrogate.predictor import (
    HIGH,
    LOW,
    Kernel,
    Spread,
    Surrogate,
    Worlds,
    over_worlds,
    quantiles,
)

Array = npt.NDArray[np.float64]
#: outcomes that the gate judges, by which the kernel is chosen
JUDGED = (UK_TOTAL, "channel_boats", ARRIVALS)
#: outcomes of targets, and places among them
OUTCOMES = (*TARGETS, ARRIVALS)
_TOTAL, _SHARE = TARGETS.index(UK_TOTAL), TARGETS.index(BOAT_SHARE)
_JUDGED = [OUTCOMES.index(name) for name in JUDGED]
_CHOSEN_BY = [_TOTAL, _SHARE, TARGETS.index("channel_boats")]
#: what is tried, one after the other: weights of the parts of the kernel, and ridges
_TRIED: dict[str, tuple[float, ...]] = {
    "path": (0.1, 0.5), "sets": (0.05, 0.2, 0.5), "curved": (0.5, 2.0),
}  # fmt: skip
_RIDGES = (0.003, 0.02, 0.1, 0.5, 2.5)
_FOLDS, _QUANTILES = 5, 25
#: rounds of weights of axes, the ridge of each, and the least weight over the greatest
_ROUNDS, _RIDGE, _LEAST = 3, 1.0, 1e-3
#: fewest policies that can be held out in turn
_FEWEST = 2 * _FOLDS


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of runs of the design.

    Attributes:
        features: (pairs, periods, features) of their policies; the first period is before the run.
        policy: Number of the policy, (pairs,).
        levers: Number of its levers, (pairs,).
        worlds: Their worlds.
        repeats: What differs from an earlier pair of the same policy.
        log_ratios: (pairs, years + 1, `TARGETS`) effects, the whole run first.
    """

    features: Array
    policy: npt.NDArray[np.intp]
    levers: npt.NDArray[np.intp]
    worlds: Worlds
    repeats: Sequence[Repeat]
    log_ratios: Array

    @property
    def part(self) -> npt.NDArray[np.intp]:
        """The third of the paths of each pair, (pairs,)."""
        return np.minimum((self.worlds.position * len(PARTS)).astype(int), len(PARTS) - 1)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Forecasts of pairs by surrogates that did not see their policies.

    Attributes:
        targets: Outcome and period of each target.
        seen: (pairs, targets) effects.
        forecast: (pairs, targets) the same in their worlds, as forecast.
        chance: (pairs, targets) variance that chance has in what was seen.
        apart: The same of set and chance, beyond what the forecast knows of sets.
        low: (pairs, `JUDGED`) lower end of the 90% range over worlds and chance, of the whole run.
        high: Upper end.
        part_low: The same over the third of the paths of the pair.
        part_high: Upper end.
    """

    targets: Sequence[tuple[str, str]]
    seen: Array
    forecast: Array
    chance: Array
    apart: Array
    low: Array
    high: Array
    part_low: Array
    part_high: Array

    def column(self, outcome: str, period: str) -> int:
        """The place of a target."""
        return list(self.targets).index((outcome, period))


def learning_library(part: str) -> Any:
    """A part of scikit-learn.

    Raises:
        InputError: It is not installed.
    """
    return optional_library(f"sklearn.{part}", extra="emulator", key="emulator build")


def train(
    pairs: Pairs, periods: Sequence[str], about: Mapping[str, Any]
) -> tuple[Surrogate, HeldOut]:
    """Train a surrogate on pairs of runs.

    Args:
        pairs: The pairs.
        periods: Names of the periods of effects, `run` first.
        about: What it rests on.

    Raises:
        InputError: There are too few policies, or scikit-learn is not installed.
    """
    policies = len(np.unique(pairs.policy))
    if policies < _FEWEST:
        raise InputError("too few policies to hold some out", key="--rows", value=policies,
                         allowed=f"rows with {_FEWEST} policies or more")  # fmt: skip
    scale = np.sqrt((pairs.features**2).mean(axis=0))
    scale[scale == 0.0] = 1.0
    plain = replace(pairs, features=pairs.features / scale)
    # the whole run hangs on all doses, a year on those up to its end
    reach = [len(periods) if period == "run" else n + 1 for n, period in enumerate(periods)]
    fit = _Fit(plain, reach)
    scale = scale / axis_weights(plain.features, _chosen_by(plain))
    pairs = replace(pairs, features=pairs.features / scale)
    kernel = Kernel(0.0, 0.0, 0.0)
    least, ridges = fit.errors(kernel)
    for name, weights in _TRIED.items():
        for other in [kernel._replace(**{name: weight}) for weight in weights]:
            error, best = fit.errors(other)
            if error < least:
                kernel, least, ridges = other, error, best
    forecast, ranged = fit.forecasts(kernel, ridges)
    expansion = fit.weights(kernel, ridges, np.arange(len(pairs.policy)), pairs.features)
    targets = [(name, period) for period in periods for name in OUTCOMES]
    seen, held = (_flat(one) for one in (pairs.log_ratios, forecast))
    left = seen - held
    spread, variance = _spread(pairs, left, np.repeat(reach, len(OUTCOMES)))
    surrogate = Surrogate(
        about, targets, np.repeat(reach, len(OUTCOMES)), kernel, scale, pairs.features,
        pairs.worlds, _flat(expansion), spread,
    )  # fmt: skip
    parts = (variance * _part(pairs, left, variance, repeats) for repeats in ("seed", "set"))
    return surrogate, HeldOut(targets, seen, held, *parts, *_ends(pairs, ranged, spread))


def _with_arrivals(values: Array) -> Array:
    """Values of `OUTCOMES`, from (..., `TARGETS`)."""
    arrivals = values[..., _TOTAL, None] + values[..., _SHARE, None]
    return np.concatenate([values, arrivals], axis=-1)


def _flat(values: Array) -> Array:
    """Values of every target, (pairs, targets), from (pairs, periods, `TARGETS`)."""
    return _with_arrivals(values).reshape(len(values), -1)


def _chosen_by(pairs: Pairs) -> Array:
    """Effects over the whole run by which axes and the kernel are chosen, (pairs, outcomes)."""
    return pairs.log_ratios[:, 0, _CHOSEN_BY]


def axis_weights(features: Array, effects: Array) -> Array:
    """What features are multiplied by, so that axes that matter are shrunk less, (axes,).

    Args:
        features: (pairs, periods, axes), each of root mean square 1.
        effects: (pairs, outcomes) that they are to explain.
    """
    count, periods, axes = features.shape
    size = effects.std(axis=0)
    y = effects / np.where(size > 0.0, size, 1.0)
    weights = np.ones(axes)
    for _ in range(_ROUNDS):
        weighted = (features * weights).reshape(count, -1)
        products = weighted @ weighted.T
        inside = products + _RIDGE * np.trace(products) / count * np.eye(count)
        slopes = weighted.T @ np.linalg.solve(inside, y)
        sizes = (slopes.reshape(periods, axes, -1) * weights[:, None]) ** 2
        matters = sizes.mean(axis=(0, 2))
        if not matters.any():
            return np.ones(axes)
        weights = np.sqrt(matters / matters.max() + _LEAST)
    power = (weights**2 * (features**2).mean(axis=(0, 1))).mean()
    return np.asarray(weights / np.sqrt(power))


class _Fold(NamedTuple):
    """A part of the policies that is held out.

    Attributes:
        fitted: Rows of the other policies.
        held: Rows of these policies.
        features: (pairs, periods, axes) with the weights that axes have by the other policies.
    """

    fitted: npt.NDArray[np.intp]
    held: npt.NDArray[np.intp]
    features: Array


class _Fit:
    """Fits expansions to pairs, and to all folds but one."""

    def __init__(self, pairs: Pairs, reach: Sequence[int]) -> None:
        ridge = learning_library("kernel_ridge").KernelRidge
        split = learning_library("model_selection").GroupKFold(_FOLDS).split
        self._ridge, self._pairs, self._reach = ridge, pairs, reach
        y, self._folds = _chosen_by(pairs), []
        for fitted, held in split(pairs.features, groups=pairs.policy):
            weights = axis_weights(pairs.features[fitted], y[fitted])
            self._folds.append(_Fold(fitted, held, pairs.features * weights))

    def errors(self, kernel: Kernel) -> tuple[float, Array]:
        """How well held-out policies are forecast with a kernel.

        Returns:
            Sum of the relative errors by which a kernel is chosen, and the best ridge of each
            target, (periods, targets).
        """
        effects = self._pairs.log_ratios
        error = np.zeros((len(_RIDGES), *effects.shape[1:]))
        for fitted, held, features in self._folds:
            for periods, likeness in self._likeness(kernel, features):
                y = effects[:, periods].reshape(len(effects), -1)
                inside, across = likeness[np.ix_(fitted, fitted)], likeness[np.ix_(held, fitted)]
                for number, ridge in enumerate(_RIDGES):
                    left = y[held] - across @ self._expand(inside, y[fitted], ridge)
                    error[number, periods] += (left**2).sum(axis=0).reshape(len(periods), -1)
        total = np.maximum((effects**2).sum(axis=0), np.finfo(float).tiny)
        relative = (error.min(axis=0) / total)[:, _CHOSEN_BY].sum()
        return float(relative), np.array(_RIDGES)[np.argmin(error, axis=0)]

    def weights(
        self, kernel: Kernel, ridges: Array, rows: npt.NDArray[np.intp], features: Array
    ) -> Array:
        """The weights of an expansion on some pairs, (those, periods, targets)."""
        effects = self._pairs.log_ratios[rows]
        weights = np.empty_like(effects)
        for periods, likeness in self._likeness(kernel, features):
            inside = likeness[np.ix_(rows, rows)]
            for period in periods:
                for ridge in np.unique(ridges[period]):
                    of = np.flatnonzero(ridges[period] == ridge)
                    weights[:, period, of] = self._expand(inside, effects[:, period, of], ridge)
        return weights

    def forecasts(self, kernel: Kernel, ridges: Array) -> tuple[Array, list[Array]]:
        """Held-out forecasts of each pair in its world, and over all worlds.

        Returns:
            (pairs, periods, targets), and the parts of `over_worlds` of `JUDGED` in the whole run.
        """
        pairs, run = self._pairs, self._reach[0]
        forecast, ranged = np.empty_like(pairs.log_ratios), []
        for fitted, held, features in self._folds:
            weights = self.weights(kernel, ridges, fitted, features)
            for periods, likeness in self._likeness(kernel, features):
                of_fold = np.moveaxis(weights[:, periods], 0, -2)
                forecast[np.ix_(held, periods)] = np.moveaxis(
                    likeness[np.ix_(held, fitted)] @ of_fold, 0, 1
                )
            alike = kernel.of_policies(features[held, :run], features[fitted, :run])
            judged = _with_arrivals(weights[:, 0])[:, _JUDGED]
            ranged.append(over_worlds(alike, judged, pairs.worlds.at(fitted), kernel))
        order = np.argsort(np.concatenate([fold.held for fold in self._folds]))
        return forecast, [np.concatenate(one)[order] for one in zip(*ranged, strict=True)]

    def _likeness(self, kernel: Kernel, features: Array) -> Iterator[tuple[list[int], Array]]:
        """How alike all pairs are, with the periods that hang on the same doses."""
        worlds = kernel.of_worlds(self._pairs.worlds, self._pairs.worlds)
        for reach in dict.fromkeys(self._reach):
            periods = [period for period, of in enumerate(self._reach) if of == reach]
            yield periods, kernel.of_policies(features[:, :reach], features[:, :reach]) * worlds

    def _expand(self, likeness: Array, y: Array, ridge: float) -> Array:
        fitted = self._ridge(alpha=ridge, kernel="precomputed").fit(likeness, y)
        return np.asarray(fitted.dual_coef_)


def _spread(pairs: Pairs, left: Array, reach: npt.NDArray[np.intp]) -> tuple[Spread, Array]:
    """The spread of what is left of held-out pairs, and its variance in each, (pairs, targets)."""
    groups = group_sizes(pairs.features).shape[1]
    targets, parts = left.shape[1], pairs.part
    spread = Spread(
        np.zeros((targets, 2 * groups)), np.ones((targets, len(PARTS))),
        np.zeros((targets, _QUANTILES)), np.zeros(targets),
    )  # fmt: skip
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    every = np.empty_like(left)
    for target in range(targets):
        sizes = group_sizes(pairs.features[:, : reach[target]])
        size = np.concatenate([sizes, sizes**2], axis=1)
        # large policies would decide alone
        weight = 1.0 / np.maximum(size.sum(axis=1), np.finfo(float).eps)
        square = left[:, target] ** 2
        spread.by_size[target], _ = scipy.optimize.nnls(size * weight[:, None], square * weight)
        variance = size @ spread.by_size[target]
        for part in range(len(PARTS)):
            of, expected = square[parts == part].sum(), variance[parts == part].sum()
            spread.by_part[target, part] = of / expected if expected > 0.0 else 1.0
        variance *= spread.by_part[target, parts]
        every[:, target] = variance
        some = variance > 0.0
        if some.any():
            spread.shape[target] = np.quantile(left[some, target] / np.sqrt(variance[some]), levels)
    spread.chance[:] = _part(pairs, left, every, "seed")
    return spread, every


def _part(pairs: Pairs, left: Array, variance: Array, repeats: Repeat) -> Array:
    """Share of the variance between pairs of one policy, (targets,).

    Args:
        pairs: The pairs.
        left: (pairs, targets) what their forecast leaves.
        variance: Its variance in each.
        repeats: What differs between the pairs of a policy: `seed` for the share of chance, `set`
            for that of sets and chance.
    """
    first = {policy: row for row, policy in reversed(list(enumerate(pairs.policy.tolist())))}
    again = [row for row, one in enumerate(pairs.repeats) if one == repeats]
    before = [first[pairs.policy[row]] for row in again]
    apart = ((left[again] - left[before]) ** 2).sum(axis=0) / 2.0
    expected = variance[again].sum(axis=0)
    share = np.divide(apart, expected, out=np.zeros_like(apart), where=expected > 0.0)
    return np.minimum(share, 1.0)


def _ends(pairs: Pairs, ranged: Sequence[Array], spread: Spread) -> list[Array]:
    """Ends of ranges over worlds and chance: of all paths, then of those of each pair.

    Args:
        pairs: The pairs.
        ranged: The parts of `over_worlds` of `JUDGED`.
        spread: How effects lie about the expansion, of the targets of the whole run first.
    """
    some = Spread(*(getattr(spread, one.name)[_JUDGED] for one in fields(Spread)))
    variance = some.variance(group_sizes(pairs.features))
    ends = [
        (*each[0], *each[part + 1])
        for along, added, of, part in zip(*ranged, variance, pairs.part, strict=True)
        for each, _ in [quantiles(along, added, some, of, (LOW, HIGH))]
    ]
    return [*np.moveaxis(np.array(ends), 1, 0)]
