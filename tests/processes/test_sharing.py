"""What a channel does to a fact, and who hears of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chain import LINKS
from simulation.compiled import kernel
from simulation.processes.activity import fuse_activity
from simulation.processes.sharing import (
    Channels,
    SpreadSpace,
    chained_fidelity,
    spread_fact,
    through_channel,
)

NEVER = 1 << 30


@given(weight=st.floats(-6, 6), better=st.floats(0.5, 1), worse=st.floats(0.5, 1))
def test_a_channel_takes_from_a_fact_what_it_garbles(weight, better, worse):
    assert through_channel(weight, 1.0) == pytest.approx(weight, abs=1e-9)
    assert through_channel(weight, 0.5) == 0.0
    worse, better = sorted((worse, better))
    left = float(through_channel(weight, better))
    assert abs(float(through_channel(weight, worse))) <= abs(left) + 1e-12
    assert left * weight >= 0
    assert through_channel(-weight, better) == pytest.approx(-left, abs=1e-9)


@given(first=st.floats(0.5, 1), second=st.floats(0.5, 1))
def test_two_channels_keep_less_than_one(first, second):
    both = chained_fidelity(first, second)
    assert both == pytest.approx(chained_fidelity(second, first))
    assert 0.5 - 1e-12 <= both <= min(first, second) + 1e-12
    assert chained_fidelity(first, 1.0) == pytest.approx(first)
    assert chained_fidelity(first, 0.5) == pytest.approx(0.5)


#: compiled alone, once: elsewhere it is a part of other kernels
SPREAD_FACT = kernel(spread_fact)


def spread(count=4, key=9, **changed):
    """A fact learnt by authority 0 on day 10; everybody shares all unless said otherwise."""
    concerned = changed.pop("concerned", np.ones(count, dtype=bool))
    full = {
        "coverage": np.ones((count, count)), "delay": np.zeros((count, count)),
        "fidelity": np.ones((count, count)), "leak": np.zeros((count, count)),
        "onward": np.ones((count, count), dtype=bool), "may": np.ones((count, count)),
        "worth": np.ones((count, count)),
    }  # fmt: skip
    space = SpreadSpace.with_room(count)
    space.concerned[:] = concerned
    links = np.zeros((len(LINKS), count + 1))
    leaked = SPREAD_FACT(np.uint64(key), 0, 10, 1, Channels(**full | changed), space, links)
    return space.arrival, space.quality, leaked


def chain(*pairs, count=4):
    """Coverage along some ordered pairs only."""
    coverage = np.zeros((count, count))
    for one, other in pairs:
        coverage[one, other] = 1.0
    return coverage


def test_a_fact_arrives_once_and_by_the_quicker_way():
    """Straight to 3 through a bad channel and late; by 1 at once, through a better one."""
    delay, fidelity = np.zeros((4, 4)), np.full((4, 4), 0.9)
    delay[0, 3], fidelity[0, 3] = 10**6, 0.6
    ways = chain((0, 3), (0, 1), (1, 3))
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival.tolist() == [10, 10, NEVER, 10]
    assert quality[3] == pytest.approx(chained_fidelity(0.9, 0.9))
    delay[0, 3], delay[0, 1] = 0, 10**6
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival[3] == 10
    assert quality[3] == pytest.approx(0.6)


def test_the_third_party_rule_ends_a_facts_way():
    onward = np.ones((4, 4), dtype=bool)
    onward[0, 1] = False
    ways = chain((0, 1), (1, 2))
    assert spread(coverage=ways)[0].tolist() == [10, 10, 10, NEVER]
    assert spread(coverage=ways, onward=onward)[0].tolist() == [10, 10, NEVER, NEVER]


def test_a_fact_goes_only_to_whom_it_concerns():
    concerned = np.array([True, False, True, True])
    arrival, _, _ = spread(coverage=chain((0, 1), (1, 2), (0, 3)), concerned=concerned)
    assert arrival.tolist() == [10, NEVER, NEVER, 10]


def test_coverage_delay_and_leaks_are_as_asked():
    some = np.full((2, 2), 0.3)
    arrived = [spread(2, key, coverage=some)[0][1] == 10 for key in range(4000)]
    assert np.mean(arrived) == pytest.approx(0.3, abs=0.03)
    days = [spread(2, key, delay=np.full((2, 2), 20.0))[0][1] - 10 for key in range(4000)]
    assert min(days) >= 1
    assert np.mean(days) == pytest.approx(20.5, rel=0.06)  # whole days, rounded up
    leaks = [spread(2, key, leak=np.full((2, 2), 0.2))[2] for key in range(4000)]
    assert np.mean(leaks) == pytest.approx(0.2, abs=0.03)
    # many hand it over, and only the hand-overs by which it arrives can leak
    count, leak = 8, np.full((8, 8), 0.1)
    leaks = [spread(count, key, leak=leak, delay=np.full((8, 8), 5.0))[2] for key in range(2000)]
    assert np.mean(leaks) == pytest.approx(1 - 0.9 ** (count - 1), abs=0.03)
    assert not any(
        spread(2, key, coverage=np.zeros((2, 2)), leak=np.ones((2, 2)))[2] for key in range(50)
    )


def fused(precision, coverage=1.0, delay=0.0, fidelity=1.0, ground=(True, True)):
    """What authority 1 believes of a leg; 0 has seen 10, 20, 30 (newest) and 1 always 4."""
    history = np.array([[[10.0], [4.0]], [[20.0], [4.0]], [[30.0], [4.0]]])
    out = np.empty((2, 1))
    full = np.ones((2, 2))
    fuse_activity(
        history, np.array(precision, dtype=float)[:, None], 2, full * coverage, full * delay,
        full * fidelity, 2.0, np.array(ground)[:, None], out,
    )  # fmt: skip
    return out[1, 0]


def test_fused_activity_is_a_mean_by_worth():
    assert fused([1, 1]) == pytest.approx((30 + 4) / 2)
    assert fused([3, 1]) == pytest.approx((3 * 30 + 4) / 4)
    assert fused([0, 1]) == 4.0
    assert fused([1, 1], coverage=0.5) == pytest.approx((0.5 * 30 + 4) / 1.5)
    assert fused([1, 1], fidelity=0.75) == pytest.approx((0.5 * 30 + 4) / 1.5)
    # two days late, and half as much worth after a half-life of two days
    assert fused([1, 1], delay=2.0) == pytest.approx((0.5 * 10 + 4) / 1.5)
    assert fused([1, 1], ground=(True, False)) == 0.0


@pytest.mark.parametrize("lost", [{"coverage": 0.0}, {"fidelity": 0.5}, {"delay": 4000.0}])
@pytest.mark.parametrize("own", [0.0, 1.0])
def test_what_is_lost_on_the_way_tells_nothing(lost, own):
    assert fused([1, own], **lost) == pytest.approx(4.0 * own, abs=1e-12)
