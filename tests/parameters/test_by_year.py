"""Quantities with a record a year, in years about which nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.parameters import load_records
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.sampling import drawn_year, later_years, recorded_years, year_of
from tests.fits import drawn_values

PARAMETERS = load_records()
LEVEL = "entries.elsewhere_level"
RECORDS = [PARAMETERS.record(f"{LEVEL}_{year}") for year in recorded_years(PARAMETERS, LEVEL)]
LOW, HIGH = float(RECORDS[0].low), float(RECORDS[0].high)
values = st.lists(st.floats(LOW, HIGH), min_size=1, max_size=8)
places = st.floats(0.001, 0.999)


def ensemble(last: str, **levels: float) -> FittedEnsemble:
    names = tuple(f"{LEVEL}_{year[1:]}" for year in levels)
    return FittedEnsemble(
        names, np.array([list(levels.values())]), np.array([1.0]),
        {"window": ["2021-01", last]}, "made up",
    )  # fmt: skip


@given(values, places, places)
def test_a_value_lies_in_the_range_and_rises_with_its_place(levels, one, other):
    low, high = (drawn_year(levels, place, RECORDS) for place in sorted((one, other)))
    assert LOW <= low <= high <= HIGH


def test_a_set_knows_nothing_of_the_years_after_its_window():
    fit = ensemble("2023-12", _2021=1.0, _2022=1.02, _2023=1.04)
    drawn = [drawn_values("fitted", seed, fit)[f"{LEVEL}_2024"] for seed in range(400)]
    whole = [drawn_year([1.0, 1.02, 1.04], (n + 0.5) / 400, RECORDS) for n in range(400)]
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(whole, [0.1, 0.5, 0.9]), abs=0.08
    )
    assert PARAMETERS.record(f"{LEVEL}_2024").value not in drawn


def test_a_year_inside_the_window_keeps_what_was_fitted():
    fit = ensemble("2024-12", _2021=1.0, _2022=1.02, _2023=1.04, _2024=1.31)
    drawn = drawn_values("fitted", 3, fit)
    assert drawn[f"{LEVEL}_2024"] == 1.31
    assert drawn[f"{LEVEL}_2025"] != PARAMETERS.record(f"{LEVEL}_2025").value


def test_without_a_known_year_nothing_is_drawn():
    assert not [name for name in later_years({}, PARAMETERS, 2020, 1) if name.startswith(LEVEL)]


@given(st.integers(2021, 2024), st.integers(0, 10_000))
def test_values_of_later_years_go_with_their_records(last_year, seed):
    """Ranges differ from year to year where people who were registered bound a year."""
    lowest = {record.name: record.low for record in PARAMETERS if year_of(record.name)}
    later = later_years(lowest, PARAMETERS, last_year, seed)
    assert later
    for name, value in later.items():
        record = PARAMETERS.record(name)
        assert record.low <= value <= record.high
