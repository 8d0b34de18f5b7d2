"""The range over worlds, on made-up effects whose distribution over worlds is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simulation.engine.world_design import WorldDesign
from simulation.statistics.paired import DIRECTION_PAIRS, SPREAD_PAIRS
from simulation.statistics.plausible_range import plausible_effects

#: standard deviation of chance as a multiple of that of worlds
CHANCE = (0.0, 0.5, 1.0, 2.0)
SETS = (12, 24, 48, 96)
REPETITIONS = 200


def _spike(u):
    """Nothing happens in three of five worlds."""
    return np.where(u < 0.6, 0.0, -stats.gamma.ppf(np.clip((u - 0.6) / 0.4, 0.0, 1.0), 2.0))


def _humps(u):
    """A strong fall in two of five worlds, a rise in the others."""
    fall = u < 0.4
    within = np.where(fall, u / 0.4, (u - 0.4) / 0.6)
    return np.where(fall, -2.0, 1.5) + 0.4 * special.ndtri(within)


#: quantile functions of the effect over worlds
WORLDS = {
    "normal": special.ndtri,
    "lognormal": lambda u: np.exp(special.ndtri(u)),
    "gamma": lambda u: stats.gamma.ppf(u, 1.5),
    "heavy": lambda u: stats.t.ppf(u, 4.0),
    "humps": _humps,
    "spike": _spike,
}


def _crossed(sets: int):
    """Labels of sets and paths as a comparison crosses them: every second set on two paths."""
    number = np.arange(sets)
    other = np.where(number % 2 == 1, number + sets, number)
    return np.tile(number, 2).tolist(), np.concatenate([number, other]).tolist()


def _effects(name: str, sets: int, chance: float, *, seed: int = 1, alike: float = 0.5):
    """Made-up effects (pairs, repetitions), and many new worlds, both over the same spread.

    Args:
        name: Which distribution over worlds.
        sets: Sets, of two seeds each.
        chance: Its standard deviation, as a multiple of that of worlds.
        seed: Of the draws.
        alike: Correlation of the two paths of one set.
    """
    rng = np.random.default_rng([seed, sets])
    quantile = WORLDS[name]
    new = np.sort(quantile(rng.random(50_000)))
    of_set, first, other = rng.standard_normal((3, sets, REPETITIONS))
    other[::2] = first[::2]
    own = (np.sqrt(alike) * of_set + np.sqrt(1.0 - alike) * one for one in (first, other))
    true = np.concatenate([quantile(special.ndtr(one)) for one in own]) / new.std()
    return true + chance * rng.standard_normal(true.shape), new / new.std()


def _range(y, sets: int):
    return plausible_effects(y, *_crossed(sets), resamples=0)


def _covered(y, new, sets: int) -> float:
    """Mean share of new worlds in the range, in percent."""
    effects = _range(y, sets)
    inside = np.searchsorted(new, effects.high + 1e-9) - np.searchsorted(new, effects.low - 1e-9)
    return float(100.0 * np.mean(inside / len(new)))


@pytest.mark.parametrize("name", WORLDS)
def test_nine_of_ten_new_worlds_lie_in_the_range(name):
    """Whatever the distribution, with few sets and many, and whatever chance adds."""
    shares = np.array(
        [[_covered(*_effects(name, n, chance), n) for n in SETS] for chance in CHANCE]
    )
    assert 85.0 <= shares.mean() <= 95.0
    assert shares.min() > 85.0
    # two humps far apart are blurred, which makes the range wider, never narrower
    assert shares.max() < 98.0


@pytest.mark.parametrize("pairs", [SPREAD_PAIRS, 24, 31, 40])
def test_the_design_of_a_comparison_covers_as_much_at_any_number_of_pairs(pairs):
    design = WorldDesign(5, "fitted", ("2026-07", "2028-12"))
    seeds = range(5, 5 + pairs)
    sets, paths = design.sets(seeds), design.paths(seeds)
    rng = np.random.default_rng(pairs)
    share = []
    for chance in CHANCE:
        of_set = {one: rng.standard_normal(REPETITIONS) for one in dict.fromkeys(sets)}
        worlds = dict.fromkeys(zip(sets, paths, strict=True))
        true = {one: (of_set[one[0]] + rng.standard_normal(REPETITIONS)) for one in worlds}
        y = np.array([true[one] for one in zip(sets, paths, strict=True)])
        y += chance * np.sqrt(2.0) * rng.standard_normal(y.shape)
        effects = plausible_effects(y, sets, paths, resamples=0)
        ends = special.ndtr([effects.low / np.sqrt(2.0), effects.high / np.sqrt(2.0)])
        share.append(100.0 * np.mean(ends[1] - ends[0]))
    assert 85.0 <= np.mean(share) <= 95.0


def test_chance_alone_gives_a_range_that_closes():
    """Where worlds differ in nothing, the range is well within that of pairs, and narrows."""
    widths = []
    for sets in (24, 96, 384):
        y = np.random.default_rng(sets).standard_normal((2 * sets, REPETITIONS))
        effects = _range(y, sets)
        pairs = np.diff(np.quantile(y, [0.05, 0.95], axis=0), axis=0)
        widths.append(np.mean((effects.high - effects.low) / pairs))
    assert widths[0] < 0.6
    assert widths[1] < 0.4
    assert widths[2] < 0.3


def test_probabilities_are_shares_of_worlds():
    y, new = _effects("normal", 96, 0.5)
    effects = plausible_effects(10.0 * (y - 0.5), *_crossed(96))
    true = 10.0 * (new - 0.5)
    assert np.mean(effects.fall) == pytest.approx(np.mean(true < 0.0), abs=0.03)
    assert np.mean(effects.rise) == pytest.approx(np.mean(true > 0.0), abs=0.03)
    beyond = [np.mean(true < -size) for size in (1, 5, 10)]
    assert effects.fall_beyond.mean(axis=1) == pytest.approx(beyond, abs=0.03)
    assert effects.rise_beyond.shape == (3, REPETITIONS)


def test_few_pairs_and_a_single_world_have_no_range():
    rng = np.random.default_rng(3)
    few = plausible_effects(rng.normal(size=SPREAD_PAIRS - 2), *_crossed(SPREAD_PAIRS // 2 - 1))
    alone = plausible_effects(rng.normal(size=48), [0] * 48, [None] * 48)
    for effects in (few, alone):
        assert np.isnan([effects.low, effects.high, effects.low_error]).all()
        assert np.isfinite(effects.median)
    sets = DIRECTION_PAIRS - 1
    assert np.isnan(plausible_effects(rng.normal(size=2 * sets), *_crossed(sets)).fall)


def test_a_pair_without_a_value_does_not_count():
    y, _ = _effects("normal", 24, 1.0)
    sets, paths = _crossed(24)
    holed = y[:, :2].copy()
    holed[5, 1] = np.nan
    keep = [n for n in range(48) if n != 5]
    alone = plausible_effects(y[keep, 1], [sets[n] for n in keep], [paths[n] for n in keep])
    both = plausible_effects(holed, sets, paths)
    assert both.low[1] == pytest.approx(alone.low)
    assert both.low[0] == pytest.approx(plausible_effects(y[:, 0], sets, paths).low)


effects_of_pairs = st.lists(
    st.floats(-100, 100, allow_subnormal=False), min_size=24, max_size=24
).map(np.array)


@given(
    effects_of_pairs,
    st.floats(-50, 50, allow_subnormal=False),
    st.floats(0.01, 20),
    st.permutations(range(24)),
)
def test_order_shift_scale_and_permutation(y, shift, scale, order):
    sets, paths = _crossed(12)
    one = plausible_effects(y, sets, paths, resamples=0)
    assert one.low <= one.median <= one.high
    assert 0.0 <= one.fall + one.rise <= 1.0 + 1e-9
    ends = np.array([one.low, one.median, one.high])
    room = 1e-6 * (1.0 + scale * np.ptp(y) + abs(shift))

    def ends_of(values, sets=sets, paths=paths):
        effects = plausible_effects(values, sets, paths, resamples=0)
        return np.array([effects.low, effects.median, effects.high])

    assert ends_of(y * scale + shift) == pytest.approx(ends * scale + shift, abs=room)
    assert ends_of(-y) == pytest.approx(-ends[::-1], abs=room)
    mixed = ends_of(y[order], [sets[n] for n in order], [paths[n] for n in order])
    assert mixed == pytest.approx(ends, abs=room)
