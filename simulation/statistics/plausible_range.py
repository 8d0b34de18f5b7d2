"""The range of an effect over worlds (sets of assumptions and future paths), chance removed.

A pair of runs shows the effect in its world and what chance (the seed) adds. Some worlds have two
seeds, which shows how much that is. The effect in each world is estimated by **moments with
rescaled values**:

1. The variance of chance is that between seeds of one world; that of worlds is the variance
   between pairs of different sets less that of chance (nested moments, see `variance_components`).
2. An estimate of the second can be negative, which a variance cannot. It is replaced by its
   expectation given that it is not: the mean of a normal distribution cut off at zero (Johnson,
   Kotz and Balakrishnan 1994, *Continuous Univariate Distributions* 1, section 13.10.1). That
   matters only where chance is large, and keeps the range from being too narrow on average.
3. The mean of the seeds of each world is pulled towards the median of all, so that its variance is
   that of worlds: the skew and the humps of what was seen stay.
4. Quantiles are read from these values at the places k / (n + 1), between which a new value lies
   with the probability that is stated, whatever the distribution (type 6 of Hyndman and Fan 1996,
   doi:10.1080/00031305.1996.10473566; David and Nagaraja 2003, *Order Statistics*, section 7.3).
   These are wider than the quantiles of the values themselves, by more the fewer there are. Where
   n is too small for one, it is read from an exponential tail (Hutson 2002,
   doi:10.1023/A:1020783911574), whose scale is the mean excess of the outer fifth of the values.

How well the computer knows an end is the standard deviation of that end when sets are drawn anew
from those there are (the bootstrap), always with the same draws.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import scipy

from simulation.statistics.finding import BEYOND
from simulation.statistics.paired import DIRECTION_PAIRS, SPREAD_PAIRS, Array, most_sure
from simulation.statistics.variance_components import numbered

#: the quantiles of a range
LOW, HIGH = 0.05, 0.95
#: times that sets are drawn anew, with which a standard error is known to 7%; and the draws' seed
RESAMPLES, _SEED = 100, 20
#: sets below which there is no standard error
_FEWEST_SETS = 4
#: values that are read at once: more would take memory, and leave the cache
_AT_ONCE = 200_000
#: share of the values on each side that tell how long the tail is
_TAIL = 0.2
Labels = npt.NDArray[np.intp]


@dataclass(frozen=True)
class PlausibleEffects:
    """Effects over worlds, of the shape of one pair's effects and in their unit.

    Attributes:
        low: 5% quantile over worlds; NaN for fewer than `SPREAD_PAIRS` pairs, or a single world.
        median: Their median.
        high: 95% quantile.
        low_error: Standard error of `low`; NaN where that is, and without resamples.
        median_error: Standard error of `median`.
        high_error: Standard error of `high`.
        fall: Share of worlds with an effect below zero, never above `most_sure`; NaN for fewer than
            `DIRECTION_PAIRS` sets.
        rise: Share of worlds with an effect above zero.
        fall_beyond: Share with an effect below minus each of `BEYOND`, (sizes, ...).
        rise_beyond: Share with an effect above each of `BEYOND`, (sizes, ...).
    """

    low: Array
    median: Array
    high: Array
    low_error: Array
    median_error: Array
    high_error: Array
    fall: Array
    rise: Array
    fall_beyond: Array
    rise_beyond: Array


class _Worlds(NamedTuple):
    """The effects of pairs by world, and sums over the pairs of each set.

    Attributes:
        seen: (worlds, quantities) mean effect of the seeds of each world.
        seeds: (worlds,) how many these are.
        members: (sets, places) numbers of the worlds of each set, or path where all have one set;
            a set with fewer worlds has each of them more often, so that sets count alike.
        pairs: (sets,) pairs of each.
        freedom: (sets,) degrees of freedom of chance.
        chance: (sets, quantities) sum of the squares about `seen`.
        sums: (sets, quantities) sum of the effects.
        squares: (sets, quantities) sum of their squares.
    """

    seen: Array
    seeds: Array
    members: Labels
    pairs: Array
    freedom: Array
    chance: Array
    sums: Array
    squares: Array

    @classmethod
    def of_pairs(cls, y: Array, world: Labels, group: Labels) -> Self:
        """Those of effects (pairs, quantities), of numbered worlds and sets."""
        seeds, pairs = (np.bincount(each).astype(float) for each in (world, group))
        home = np.zeros(len(seeds), dtype=int)
        home[world] = group
        worlds = np.bincount(home)
        places = int(np.lcm.reduce(worlds))
        members = np.repeat(np.argsort(home, kind="stable"), places // worlds[np.sort(home)])
        seen = _summed(y, world) / seeds[:, None]
        sums = (_summed(each, group) for each in ((y - seen[world]) ** 2, y, y**2))
        return cls(seen, seeds, members.reshape(-1, places), pairs, pairs - worlds, *sums)


def plausible_effects(
    effects: npt.ArrayLike,
    sets: Sequence[Hashable],
    paths: Sequence[Hashable],
    *,
    resamples: int = RESAMPLES,
) -> PlausibleEffects:
    """The range of effects over worlds, from pairs of which some share their world.

    Where no two pairs do, nothing shows what chance adds, and the range holds it.

    Args:
        effects: (pairs, ...) the effect of each pair; one with NaN does not count.
        sets: Its set of assumptions, pair by pair.
        paths: Its future path.
        resamples: Times that sets are drawn anew for standard errors; none without.

    Returns:
        Arrays of shape (...), except for those of sizes.
    """
    y = np.asarray(effects, dtype=float)
    shape, y = y.shape[1:], y.reshape(len(y), -1)
    labels: list[list[Hashable]] = [
        [*zip(sets, paths, strict=True)], [*(sets if len({*sets}) > 1 else paths)]
    ]  # fmt: skip
    patterns, which = np.unique(np.isfinite(y), axis=1, return_inverse=True)
    rows = np.full((_STARTS[-1], y.shape[1]), np.nan)
    for number, present in enumerate(patterns.T):
        columns, own = np.flatnonzero(which.ravel() == number), np.flatnonzero(present)
        if len(own):
            world, group = (numbered([each[n] for n in own]) for each in labels)
            rows[:, columns] = _described(y[np.ix_(own, columns)], world, group, resamples)
    parts = np.split(rows.reshape(-1, *shape), _STARTS[:-1])
    return PlausibleEffects(*(part if len(part) > 1 else part[0] for part in parts))


#: where the rows of each attribute end
_STARTS = np.cumsum(
    [len(BEYOND) if one.name.endswith("_beyond") else 1 for one in fields(PlausibleEffects)]
)


def _described(y: Array, world: Labels, group: Labels, resamples: int) -> Array:
    """The rows of `PlausibleEffects`, one after another, (rows, quantities)."""
    centre = np.median(y, axis=0)
    worlds = _Worlds.of_pairs(y - centre, world, group)
    sets = len(worlds.pairs)
    ends, shares = (one[0] for one in _read(worlds, np.arange(sets)[None], centre))
    errors = np.full_like(ends, np.nan)
    if resamples and sets >= _FEWEST_SETS:
        draws = np.random.default_rng(_SEED).integers(sets, size=(resamples, sets))
        values = resamples * worlds.members.size * y.shape[1]
        blocks = np.array_split(draws, min(-(-values // _AT_ONCE), resamples))
        again = (_read(worlds, block, centre) for block in blocks)
        ends_again, shares_again = map(np.concatenate, zip(*again, strict=True))
        errors = np.std(ends_again, axis=0, ddof=1)
        # the mean over the draws holds how well the computer knows where zero lies
        shares = np.mean(shares_again, axis=0)
    if len(y) < SPREAD_PAIRS or sets < 2:
        ends[[0, 2]] = errors[[0, 2]] = np.nan
    most = most_sure(sets) if sets >= DIRECTION_PAIRS else np.nan
    return np.concatenate([ends, errors, np.minimum(shares, most)])


def _read(worlds: _Worlds, draws: Labels, centre: Array) -> tuple[Array, Array]:
    """What each draw of sets gives.

    Args:
        worlds: The worlds, with effects less the centre.
        draws: (draws, sets) numbers of the sets, which may be drawn twice.
        centre: (quantities,) the centre.

    Returns:
        Low, median and high, (draws, 3, quantities), and shares of worlds.
    """
    rows, sets = worlds.members[draws].reshape(len(draws), -1), draws.shape[1]
    seen, seeds = worlds.seen[rows], worlds.seeds[rows][..., None]
    variance, chance = (each[:, None] for each in _variances(worlds, draws))
    spread = variance + chance / seeds
    pull = np.sqrt(np.divide(variance, spread, out=np.zeros_like(spread), where=spread > 0.0))
    values = seen - (1.0 - pull) * (seen - _quantiles(seen, sets, 0.5)) + centre
    fall, *falls = ((values < -size).mean(axis=1) for size in (0.0, *BEYOND))
    rise, *rises = ((values > size).mean(axis=1) for size in (0.0, *BEYOND))
    shares = np.stack([fall, rise, *falls, *rises], axis=1)
    return _quantiles(values, sets, LOW, 0.5, HIGH), shares


def _variances(worlds: _Worlds, draws: Labels) -> tuple[Array, Array]:
    """The variances of worlds and of chance in each draw of sets, (draws, quantities)."""
    count = draws.shape[1]
    times = np.stack([np.bincount(draw, minlength=count) for draw in draws]).astype(float)
    pairs, freedom = times @ worlds.pairs, np.maximum(times @ worlds.freedom, 1.0)[:, None]
    chance = times @ worlds.chance / freedom
    if count < 2:
        return np.zeros_like(chance), chance
    # squared differences of n values sum to n times their squares, less the square of their sum
    every = pairs[:, None] * (times @ worlds.squares) - (times @ worlds.sums) ** 2
    inside = times @ (worlds.pairs[:, None] * worlds.squares - worlds.sums**2)
    couples = (pairs**2 - times @ worlds.pairs**2)[:, None]
    between = np.maximum(every - inside, 0.0) / couples
    # copies of a set do not differ
    between *= 1.0 if len(draws) == 1 else count / (count - 1)
    of_mean = chance * (count / pairs)[:, None]
    return _not_negative(between - chance, of_mean, count - 1, freedom), chance


def _not_negative(variance: Array, chance: Array, freedom: int, seeds_freedom: Array) -> Array:
    """The expectation of a variance of worlds, given its estimate and that it is not negative.

    Args:
        variance: The estimate, which may be.
        chance: Variance that chance adds to the mean of a set.
        freedom: Degrees of freedom between sets.
        seeds_freedom: Degrees of freedom of the variance of chance.
    """
    of_sets = (np.maximum(variance, 0.0) + chance) ** 2 / freedom
    error = np.sqrt(2.0 * (of_sets + chance**2 / seeds_freedom))
    z = np.divide(variance, error, out=np.zeros_like(error), where=error > 0.0)
    more = np.exp(-0.5 * z**2 - scipy.special.log_ndtr(z)) / np.sqrt(2.0 * np.pi)
    return np.asarray(np.maximum(variance + error * more, 0.0))


def _quantiles(values: Array, sets: int, *shares: float) -> Array:
    """Quantiles of the values of so many sets, (draws, values, quantities), along the second axis.

    Returns:
        (draws, shares, quantities).
    """
    x, count = np.sort(values, axis=1), values.shape[1]
    each = count // sets
    places = ((np.arange(count) + 0.5) / each + 0.5) / (sets + 1)
    outer = min(max(1, round(_TAIL * count)), count - 1)
    quantiles = []
    for share in shares:
        above = int(np.clip(np.searchsorted(places, share), 1, count - 1)) if outer else 0
        below = max(above - 1, 0)
        if outer and share < places[0]:
            excess = x[:, outer] - x[:, :outer].mean(axis=1)
            quantiles.append(x[:, 0] + excess * np.log(share / places[0]))
        elif outer and share > places[-1]:
            excess = x[:, -outer:].mean(axis=1) - x[:, -outer - 1]
            quantiles.append(x[:, -1] - excess * np.log((1.0 - share) / (1.0 - places[-1])))
        else:
            part = (share - places[below]) / (places[above] - places[below]) if outer else 0.0
            quantiles.append(x[:, below] + part * (x[:, above] - x[:, below]))
    return np.stack(quantiles, axis=1)


def _summed(y: Array, group: Labels) -> Array:
    sums = np.zeros((int(group.max()) + 1, y.shape[1]))
    np.add.at(sums, group, y)
    return sums
