"""The bounds of what is asked, which scenarios can be compared, and what is proposed."""

from datetime import date

import pytest
from pydantic import BaseModel, Field

from simulation.errors import InputError
from simulation.experiments.engine.options import RunBounds, allowed, check_bounds, check_together
from simulation.scenario import load_scenario


class Bounds(BaseModel):
    share: float = Field(default=0.5, gt=0.0, lt=1.0)
    pairs: int | None = Field(default=None, ge=2, le=9, description="or auto")
    budget: int = Field(default=5, ge=2, le=9, title="runs")


def test_what_is_allowed_is_that_of_the_bounds():
    assert allowed(RunBounds, "seed") == "0 to 2^63 - 1"
    assert allowed(RunBounds, "scale") == "0.02 to 1 (the share of the people to simulate)"
    assert allowed(RunBounds, "workers") == "1 or more"
    assert allowed(RunBounds, "replications") == "1 to 100000"
    assert allowed(RunBounds, "assumptions") == "records, ranges, fitted"
    assert allowed(Bounds, "share") == "above 0, below 1"
    assert allowed(Bounds, "pairs") == "2 to 9 (or auto)"
    assert allowed(Bounds, "budget") == "2 to 9 runs"


@pytest.mark.parametrize(("model", "values", "key"), [
    (RunBounds, {"seed": -1}, "--seed"),
    (RunBounds, {"scale": float("nan")}, "--scale"),
    (RunBounds, {"workers": 0}, "--workers"),
    (RunBounds, {"assumptions": "guesses"}, "--assumptions"),
    (Bounds, {"share": 1.0}, "--share"),
    (Bounds, {"share": 0.5, "pairs": 1}, "--pairs"),
])  # fmt: skip
def test_a_value_out_of_its_bounds_is_refused_with_its_option(model, values, key):
    with pytest.raises(InputError) as refused:
        check_bounds(model, **values)
    assert refused.value.key == key


def test_values_within_their_bounds_are_taken():
    check_bounds(seed=2**63 - 1, scale=1.0, workers=None, replications=1)
    check_bounds(Bounds, share=0.1, pairs=None)


# -- scenarios that cannot be compared -------------------------------------------------------------

AS_ABSENT = {"start": date(2025, 1, 1), "end": date(2028, 12, 31)}


@pytest.mark.parametrize(("base", "other", "proposed"), [
    ("baseline", "outlook-adverts", "outlook"),
    ("baseline", "agreements-as-signed", "agreements-absent"),
    ("baseline", "outlook", None),
])  # fmt: skip
def test_scenarios_of_other_days_are_refused_and_a_partner_is_proposed(base, other, proposed):
    with pytest.raises(InputError) as found:
        check_together([load_scenario(base), load_scenario(other)])
    assert found.value.key == "run.start"
    named = [name for name in ("outlook", "agreements-absent") if f'"{name}"' in str(found.value)]
    assert named == ([] if proposed is None else [proposed])


def test_no_scenario_with_other_policies_is_proposed_for_its_days():
    outlook = load_scenario("outlook")
    with pytest.raises(InputError) as found:
        check_together([outlook, outlook.with_(run=AS_ABSENT)])
    assert "agreements-absent" not in str(found.value)
    assert "[run]" in str(found.value)


def test_scenarios_read_from_elsewhere_are_kept_under_their_numbers(comparison):
    """So two files of one name, from two folders, do not lie on each other."""
    kept = comparison("out").folder / "scenarios"
    assert sorted(path.name[:2] for path in kept.iterdir()) == ["0-", "1-"]
