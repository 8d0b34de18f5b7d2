"""The stored runs of some years, from those of each."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.errors import InputError
from simulation.estimates.library import OUTLOOK, load_library
from simulation.estimates.stored_runs import load_stored_runs
from simulation.outcomes import OUTCOMES

START = load_library(OUTLOOK).base.run.start


@pytest.fixture(scope="module")
def stored():
    return load_stored_runs(load_library(OUTLOOK).file)


def test_all_years_together_give_what_the_whole_run_gives(stored):
    _, *years = stored.periods
    together = stored.of_years(f"{years[0]}..{years[-1]}", START)
    assert list(together.periods[1:]) == list(stored.periods)
    for column, name in enumerate(stored.outcomes):
        values, whole = (one.totals[:, :, 0, column] for one in (together, stored))
        if OUTCOMES[name].kind == "median":
            assert np.isnan(values).all()
        else:
            # a file has seven digits, and a price its days without a boat
            np.testing.assert_allclose(values, whole, rtol=0.01, atol=1.0, err_msg=name)


@pytest.mark.parametrize("years", ["1931", "2028..2027", "2027..", "..2027", "a year", "2027..run"])
def test_what_is_no_year_of_the_run_is_refused(stored, years):
    with pytest.raises(InputError, match="no years of the run"):
        stored.of_years(years, START)
