"""Quantities with a record a year, in years about which nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.experiments.trials import draw_assumptions
from simulation.parameters import load_parameters
from simulation.parameters.by_year import drawn_year, later_years, recorded_years, year_of
from simulation.parameters.fitted import FittedEnsemble

PARAMETERS = load_parameters()
LEVEL = "entries.elsewhere_level"
RECORDS = [PARAMETERS.record(f"{LEVEL}_{year}") for year in recorded_years(PARAMETERS, LEVEL)]
LOW, HIGH = float(RECORDS[0].low), float(RECORDS[0].high)
values = st.lists(st.floats(LOW, HIGH), min_size=2, max_size=8)
places = st.floats(0.001, 0.999)


def ensemble(last: str, **levels: float) -> FittedEnsemble:
    names = tuple(f"{LEVEL}_{year[1:]}" for year in levels)
    return FittedEnsemble(
        names, np.array([list(levels.values())]), np.array([1.0]),
        {"window": ["2021-01", last]}, "made up",
    )  # fmt: skip


def test_the_year_of_a_record_is_read_from_its_name():
    assert year_of("entries.elsewhere_level_2024") == ("entries.elsewhere_level", 2024)
    assert year_of("channel.load_start") is None


@given(values, places, places)
def test_a_value_lies_in_the_range_and_rises_with_its_place(known, one, other):
    low, high = (drawn_year(known, place, RECORDS) for place in sorted((one, other)))
    assert LOW <= low <= high <= HIGH


def test_the_spread_is_that_of_the_years_and_of_their_number():
    known = [1.0, 1.1, 1.2]
    middle = drawn_year(known, 0.5, RECORDS)
    assert middle == pytest.approx(1.1)
    few = drawn_year(known, 0.75, RECORDS) - middle
    many = drawn_year(known * 5, 0.75, RECORDS) - middle
    assert few > many > 0.0


def test_a_set_knows_nothing_of_the_years_after_its_window():
    fit = ensemble("2023-12", _2021=1.0, _2022=1.02, _2023=1.04)
    found = [draw_assumptions("fitted", seed, fit)[f"{LEVEL}_2024"] for seed in range(400)]
    assert np.median(found) == pytest.approx(1.02, abs=0.02)
    assert PARAMETERS.record(f"{LEVEL}_2024").value not in found
    assert np.mean(np.abs(np.array(found) - 1.02) < 0.1) > 0.8, "years were much alike"


def test_a_year_inside_the_window_keeps_what_was_fitted():
    fit = ensemble("2024-12", _2021=1.0, _2022=1.02, _2023=1.04, _2024=1.31)
    drawn = draw_assumptions("fitted", 3, fit)
    assert drawn[f"{LEVEL}_2024"] == 1.31
    assert drawn[f"{LEVEL}_2025"] != PARAMETERS.record(f"{LEVEL}_2025").value


def test_of_one_known_year_nothing_is_drawn():
    assert not [name for name in later_years({}, PARAMETERS, 2021, 1) if name.startswith(LEVEL)]
