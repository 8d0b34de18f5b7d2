import pytest
from pydantic import BaseModel, Field

from simulation.errors import InputError
from simulation.experiments.engine.options import RunBounds, allowed, check_bounds


class Bounds(BaseModel):
    share: float = Field(default=0.5, gt=0.0, lt=1.0)
    pairs: int | None = Field(default=None, ge=2, le=9, description="or auto")
    budget: int = Field(default=5, ge=2, le=9, title="runs")


def test_what_is_allowed_is_that_of_the_bounds():
    assert allowed(RunBounds, "seed") == "0 to 2^63 - 1"
    assert allowed(RunBounds, "scale") == "0.02 to 20"
    assert allowed(RunBounds, "workers") == "1 or more"
    assert allowed(RunBounds, "replications") == "1 to 100000"
    assert allowed(RunBounds, "assumptions") == "records, ranges, fitted"
    assert allowed(Bounds, "share") == "above 0, below 1"
    assert allowed(Bounds, "pairs") == "2 to 9 (or auto)"
    assert allowed(Bounds, "budget") == "2 to 9 runs"


@pytest.mark.parametrize(
    ("model", "values", "key"),
    [
        (RunBounds, {"seed": -1}, "--seed"),
        (RunBounds, {"scale": float("nan")}, "--scale"),
        (RunBounds, {"workers": 0}, "--workers"),
        (RunBounds, {"assumptions": "guesses"}, "--assumptions"),
        (Bounds, {"share": 1.0}, "--share"),
        (Bounds, {"share": 0.5, "pairs": 1}, "--pairs"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_with_its_option(model, values, key):
    with pytest.raises(InputError) as refused:
        check_bounds(model, **values)
    assert refused.value.key == key


def test_values_within_their_bounds_are_taken():
    check_bounds(seed=2**63 - 1, scale=20.0, workers=None, replications=1)
    check_bounds(Bounds, share=0.1, pairs=None)
