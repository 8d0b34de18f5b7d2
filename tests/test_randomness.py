"""Keyed draws: published vectors, and a battery of tests that a poor generator fails.

Every seed is fixed, so a test passes or fails for good. Thresholds lie where a good generator is
beyond them with a chance below one in a million (five standard deviations, or p below 1e-6).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulation.randomness import (
    Decision,
    child_identifier,
    draw,
    draw_word,
    finalise,
    to_unit,
    uniforms,
)

GOLDEN = 0x9E3779B97F4A7C15
MANY = 40_000
UNLIKELY = 1e-6
FAR = 5.0  # standard deviations

#: numbers of decisions that are no longer made
RETIRED = {2, 42}

#: four keys (seed, decision, agent, occasion), arrays that broadcast, to draws
Generator = Callable[..., np.ndarray]


def ours(seed, decision, agent, occasion) -> np.ndarray:
    """Our draws, with every key an array."""
    keys = np.broadcast_arrays(*(np.asarray(key) for key in (seed, decision, agent, occasion)))
    out = np.empty(keys[0].shape)
    for s, d in itertools.product(np.unique(keys[0]), np.unique(keys[1])):
        here = (keys[0] == s) & (keys[1] == d)
        out[here] = uniforms(int(s), int(d), keys[2][here], keys[3][here])
    return out


#: keys as the model uses them: numbered agents, dates, places and tries
BASE = {"seed": 7, "decision": int(Decision.LEG), "agent": 1 << 48, "occasion": 738_000}


def along(generator: Generator, key: str, many: int = MANY, **fixed: int) -> np.ndarray:
    """Draws along one key in steps of one, the others held fast."""
    keys = BASE | fixed
    steps = np.arange(many, dtype=np.uint64)
    return generator(**(keys | {key: np.uint64(keys[key]) + steps}))


# -- the battery: each test takes a generator and says whether it passes -------------------------


def correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Of two series of about `MANY`, in standard deviations of what chance gives."""
    return abs(np.corrcoef(one, two)[0, 1]) * np.sqrt(MANY)


def is_uniform(generator: Generator) -> bool:
    """Along each key separately: Kolmogorov-Smirnov and chi-square over 64 cells."""
    for key in BASE:
        if key in ("agent", "occasion"):
            u = along(generator, key)
        else:  # few values of this key: many agents at each
            values = np.arange(1, 41, dtype=np.uint64)[:, None]
            agents = np.uint64(1 << 48) + np.arange(1000, dtype=np.uint64)[None, :]
            u = generator(**(BASE | {key: values, "agent": agents})).ravel()
        even = stats.chisquare(np.bincount((u * 64).astype(int), minlength=64)).pvalue
        # numbers more even than chance are as wrong
        if min(stats.kstest(u, "uniform").pvalue, even, 1 - even) < UNLIKELY:
            return False
    return True


def neighbours_are_unrelated(generator: Generator) -> bool:
    """Serial correlation along agents and occasions, at lags 1 to 4 and 64."""
    series = [along(generator, key) for key in ("agent", "occasion")]
    return all(correlation(u[:-lag], u[lag:]) <= FAR for u in series for lag in (1, 2, 3, 4, 64))


def streams_are_unrelated(generator: Generator) -> bool:
    """Correlation across neighbouring seeds, decisions, agents and occasions."""
    for key, other, step in itertools.product(BASE, ("agent", "occasion"), (1, 2, 16)):
        if key != other:
            one = along(generator, other)
            two = along(generator, other, **{key: BASE[key] + step})
            # a shift along the other key must not bring the same numbers back either
            if correlation(one, two) > FAR or np.intersect1d(one, two).size:
                return False
    return True


def pairs_fill_the_square(generator: Generator) -> bool:
    """Neighbouring draws in 16 x 16 cells, along agents, along occasions and across decisions."""
    agents, occasions = along(generator, "agent"), along(generator, "occasion")
    series = [(u[:-1], u[1:]) for u in (agents, occasions)]
    series.append((agents, along(generator, "agent", decision=int(Decision.LEG) + 1)))
    cells = ((one * 16).astype(int) * 16 + (two * 16).astype(int) for one, two in series)
    even = [stats.chisquare(np.bincount(cell, minlength=256)).pvalue for cell in cells]
    return all(UNLIKELY <= value <= 1 - UNLIKELY for value in even)


def every_bit_counts(generator: Generator) -> bool:
    """Turning over one bit of a key turns over about half of the leading 32 bits."""
    rng = np.random.default_rng(1)
    agents = rng.integers(0, 2**63, 400, dtype=np.uint64)
    occasions = rng.integers(0, 2**40, 400, dtype=np.uint64)
    keys = {"seed": 7, "decision": 12, "agent": agents, "occasion": occasions}
    words = (generator(**keys) * 2.0**32).astype(np.uint64)
    bits = {"seed": range(20), "decision": range(6), "agent": range(64), "occasion": range(48)}
    for key, positions in bits.items():
        for bit in positions:
            turned = keys | {key: np.asarray(keys[key]).astype(np.uint64) ^ np.uint64(1 << bit)}
            other = (generator(**turned) * 2.0**32).astype(np.uint64)
            share = np.unpackbits((words ^ other).view(np.uint8)).sum() / (400 * 32)
            if abs(share - 0.5) > FAR * 0.5 / np.sqrt(400 * 32):
                return False
    return True


BATTERY = [
    is_uniform, neighbours_are_unrelated, streams_are_unrelated, pairs_fill_the_square,
    every_bit_counts,
]  # fmt: skip


@pytest.mark.parametrize("holds", BATTERY)
def test_our_draws_pass(holds):
    assert holds(ours)


# -- vectors and ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "word"), [(1, 0xE220A8397B1DCDAF), (2, 0x6E789E6AA1B965F4), (3, 0x06C45D188009454F)]
)
def test_finalise_gives_the_published_outputs(step, word):
    """SplitMix64 from seed 0, as in the reference code of Vigna and of java.util."""
    with np.errstate(over="ignore"):  # words of 64 bits, in plain Python
        assert int(finalise(np.uint64(GOLDEN * step % 2**64))) == word


def test_keyed_word_absorbs_each_key_by_one_step():
    """Written once more with Python's own integers."""

    def step(word: int) -> int:
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
        return word ^ (word >> 31)

    for seed, decision, agent, occasion in [(0, 0, 0, 0), (5, 17, 2**64 - 1, 3), (9, 1, 4, 2**63)]:
        word = step((seed * GOLDEN + decision + 1) % 2**64)
        word = step((word + GOLDEN * (agent + 1)) % 2**64)
        word = step((word + GOLDEN * (occasion + 1)) % 2**64)
        assert int(draw_word(seed, decision, agent, occasion)) == word


def test_neither_end_comes_out():
    assert 0.0 < to_unit(np.uint64(0)) < 1e-15
    assert 1.0 - 1e-15 < to_unit(np.uint64(2**64 - 1)) < 1.0


def test_a_retired_number_is_not_used_again_and_none_is_left_out():
    numbers = {int(decision) for decision in Decision}
    used = sorted(numbers & RETIRED)
    assert not used, f"simulation/randomness.py: {used} once decided something else; take the next"
    gaps = sorted(set(range(1, max(numbers | RETIRED) + 1)) - numbers - RETIRED)
    assert not gaps, f"simulation/randomness.py: nothing has {gaps}; what was removed is RETIRED"


# -- many at once ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    shape=st.lists(st.integers(0, 4), max_size=3),
    seed=st.integers(0, 2**63 - 1),
    decision=st.sampled_from(Decision),
    number=st.integers(0, 2**32),
    kind=st.sampled_from(["same", "one agent", "one occasion", "column by row", "strided"]),
)
def test_uniforms_are_uniform_one_by_one(shape, seed, decision, number, kind):
    rng = np.random.default_rng(number)
    agents = rng.integers(0, 2**64, shape, dtype=np.uint64)
    occasions = rng.integers(0, 2**63, shape)
    if kind == "one agent":
        agents = rng.integers(0, 2**64, dtype=np.uint64)
    elif kind == "one occasion":
        occasions = 738_521
    elif kind == "column by row":
        agents, occasions = np.arange(3)[:, None], np.arange(5)[None, :]
    elif kind == "strided":
        agents, occasions = np.arange(20).reshape(4, 5).T[::2], np.arange(12)[::-3]
    u = uniforms(seed, decision, agents, occasions)
    first, second = np.broadcast_arrays(agents, occasions)
    assert u.shape == first.shape
    expected = [
        draw(seed, decision, a, b) for a, b in zip(first.ravel(), second.ravel(), strict=True)
    ]
    assert u.ravel().tolist() == expected


# -- identifiers ----------------------------------------------------------------------------------


def test_identifiers_of_the_born_do_not_collide():
    parents = [(segment << 20) + k for segment in range(1, 10) for k in range(60)]
    born = [child_identifier(parent, day) for parent in parents for day in range(738_000, 738_200)]
    assert len(set(born)) == len(born)
    again = [child_identifier(child, 738_500) for child in born[:20_000]]
    assert len(set(again) | set(born)) == len(again) + len(born)
    assert child_identifier(parents[0], 738_000) == born[0]
