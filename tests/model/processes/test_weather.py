"""Months whose days with arrivals are given: how many are fair, and what stays as it is."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.model.processes.channel import make_sea
from simulation.model.processes.weather import calm_days
from simulation.parameters import load_records

FIRST, DAYS = date(2024, 1, 1), 366
PARAMETERS = load_records()
FACTOR = PARAMETERS.sea.fair_day_factor


def fair_by_month(sea):
    dates = [FIRST + timedelta(days=k) for k in range(DAYS)]
    fair_days = Counter(f"{day:%Y-%m}" for day, fair in zip(dates, sea.fair, strict=True) if fair)
    return {f"2024-{month:02d}": fair_days[f"2024-{month:02d}"] for month in range(1, 13)}


@given(days=st.lists(st.integers(0, 29), min_size=12, max_size=12), seed=st.integers(0, 99))
def test_as_many_days_are_fair_as_days_with_arrivals_ask_for(days, seed):
    months = {f"2024-{month:02d}": count for month, count in enumerate(days, start=1)}
    sea = make_sea(FIRST, DAYS, PARAMETERS, seed, months)
    expected = {
        month: min(round(count * FACTOR), monthrange(2024, int(month[5:]))[1])
        for month, count in months.items()
    }
    assert fair_by_month(sea) == expected
    assert not sea.quality[~sea.fair].any()


def test_other_months_keep_their_weather():
    usual = make_sea(FIRST, DAYS, PARAMETERS, 3)
    given_july = make_sea(FIRST, DAYS, PARAMETERS, 3, {"2024-07": 2, "2030-01": 5})
    july = slice(182, 213)
    assert given_july.fair[july].sum() == round(2 * FACTOR)
    rest = np.r_[0:182, 213:DAYS]
    assert np.array_equal(usual.fair[rest], given_july.fair[rest])
    assert np.array_equal(usual.quality[rest], given_july.quality[rest])


def test_fair_days_come_in_spells_and_differ_by_seed():
    months = {f"2024-{month:02d}": 12 for month in range(1, 13)}
    seas = [make_sea(FIRST, DAYS, PARAMETERS, seed, months).fair for seed in range(40)]
    after_fair = np.mean([fair[1:][fair[:-1]].mean() for fair in seas])
    after_rough = np.mean([fair[1:][~fair[:-1]].mean() for fair in seas])
    assert after_fair - after_rough == pytest.approx(PARAMETERS.sea.persistence, abs=0.1)
    assert not np.array_equal(seas[0], seas[1])


def test_how_calm_a_day_is_has_the_persistence_of_the_record():
    calm = calm_days(np.random.default_rng(1).random(40_000), 0.39)
    assert calm.std() == pytest.approx(1.0, abs=0.03)
    signs = np.sign(calm)
    assert np.mean(signs[1:] * signs[:-1]) == pytest.approx(0.39, abs=0.02)
