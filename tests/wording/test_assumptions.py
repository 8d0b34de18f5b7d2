"""What an interval is said to hold, and never more."""

from __future__ import annotations

import pytest

from simulation.engine.findings import Header
from simulation.wording import assumptions as wording

#: of recorded values, or of a version that did not say
RECORDED = Header()
YEARS = ["2021-01", "2023-12"]


def fitted(window=YEARS, sets=40, **more) -> Header:
    entry = {"sets": sets, "window": window, "hash": "h", **more}
    return Header.model_validate({"assumptions": "fitted", "fitted": entry})


@pytest.mark.parametrize(("window", "sets", "said"), [
    (["2021-01", "2023-12"], 1400, "1,400 sets fitted to 2021-2023"),
    (["2023-01", "2023-12"], 40, "40 sets fitted to 2023"),
    (["2023-05", "2023-06"], 1, "1 set fitted to May 2023 to June 2023"),
    (["2023-05", "2023-05"], 40, "40 sets fitted to May 2023"),
    (None, 40, "40 sets of the fit"),
])  # fmt: skip
def test_the_sets_and_their_years(window, sets, said):
    assert wording.sets(fitted(window, sets)) == said


def test_nothing_is_said_of_others_where_all_are_fitted():
    summary = fitted(records=331, sharing=True, drawn=0, fixed={"a bound": 2})
    assert "331 fitted together, 2 fixed." in wording.counts(summary)
    assert "others" not in wording.holds(summary) + wording.counts(summary)


def test_only_draws_are_said_to_be_in_an_interval():
    assert wording.holds(RECORDED).startswith("chance only")
    assert wording.mean_of_draws(RECORDED) == ""
    said = wording.runs_of_one(Header(replications=4))
    assert "lowest to the highest of these runs: chance only" in said
    assert "5-95%" in wording.runs_of_one(Header(replications=20))
    assert "too few for a range" in wording.runs_of_one(Header(replications=3))
    entry = {"window": None, "sets": 225, "records": 75, "sharing": True}
    said = wording.mean_of_draws(fitted(**entry))
    assert "the average over the sets" in said
    assert "Under a single set the effect may lie outside it" in said
    said = wording.mean_of_draws(fitted(**entry, drawn=218, fixed={"a bound": 3}))
    assert "75 fitted together, 218 drawn each on its own, 3 fixed." in said
