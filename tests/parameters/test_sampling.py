"""Draws from a record follow the distribution that it names."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulation.parameters import load_records
from simulation.parameters.records import DISTRIBUTIONS, Record
from simulation.parameters.sampling import quantile, quantiles, sample, samples, uncertain


def record(distribution: str, value: float, low: float, high: float, **more: object) -> Record:
    return Record(
        name="a.number", value=value, unit="EUR", low=low, high=high, distribution=distribution,
        source="assumption", confidence="assumption", drives="A test.", file="a.toml", **more,
    )  # fmt: skip


def test_values_of_many_records_are_those_of_each_alone():
    records = [
        *(record(name, 3.0, 2.0, 9.0) for name in DISTRIBUTIONS),
        *(record(name, 3.0, 2.0, 9.0, whole=True) for name in DISTRIBUTIONS),
        record("uniform", True, False, True),
        record("uniform", 3.0, 3.0, 3.0),
    ]
    places = np.random.default_rng(1).random((20, len(records)))
    alone = [[quantile(one, u) for one, u in zip(records, row, strict=True)] for row in places]
    assert quantiles(records, places) == alone
    assert len({type(value) for value in alone[0]}) == 3


def test_every_record_has_the_quantiles_of_scipy():
    free = [one for one in uncertain(load_records().records()) if not one.is_switch]
    places = np.random.default_rng(1).random((50, len(free)))
    drawn = np.array(quantiles(free, places), dtype=float)
    assert {one.distribution for one in free} == {*DISTRIBUTIONS} - {"fixed"}
    for one, u, column in zip(free, places.T, drawn.T, strict=True):
        low, width = float(one.low), float(one.high) - float(one.low)
        above = float(one.value) - low
        reference = {
            "triangular": stats.triang(above / width, low, width),
            "loguniform": stats.loguniform(low or 1.0, low + width),
            "normal": stats.truncnorm(
                -4.0 * above / width, 4.0 * (width - above) / width, float(one.value), width / 4.0
            ),
            "uniform": stats.uniform(low, width),
        }[one.distribution].ppf(u)
        reference = np.round(reference) if one.whole else reference
        np.testing.assert_allclose(column, reference, rtol=1e-12, err_msg=one.name)


def test_a_fixed_record_and_one_without_room_keep_their_value():
    assert quantile(record("fixed", 3.0, 1.0, 9.0), 0.9) == 3.0
    assert quantile(record("uniform", 3.0, 3.0, 3.0), 0.9) == 3.0


@given(u=st.floats(0, 1), distribution=st.sampled_from(DISTRIBUTIONS), whole=st.booleans())
def test_a_draw_lies_within_the_range_and_is_whole_where_the_record_is(u, distribution, whole):
    value = quantile(record(distribution, 5 if whole else 5.0, 2.0, 9.0, whole=whole), u)
    assert 2.0 <= value <= 9.0
    if whole:
        assert isinstance(value, int)


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_a_higher_probability_never_gives_a_lower_value(first, second):
    low, high = sorted((first, second))
    for distribution in DISTRIBUTIONS:
        one = record(distribution, 5.0, 2.0, 9.0)
        assert quantile(one, low) <= quantile(one, high)


def test_a_sample_holds_every_uncertain_record_and_changes_with_the_seed():
    parameters = load_records()
    first, again, other = sample(parameters, 1), sample(parameters, 1), sample(parameters, 2)
    assert first == again
    assert samples(parameters, [2, 1]) == [other, first]
    assert set(first) == {one.name for one in uncertain(parameters.records())}
    switches = {one.name for one in parameters.records() if one.is_switch or one.whole}
    assert {name for name in first if first[name] == other[name]} <= switches
