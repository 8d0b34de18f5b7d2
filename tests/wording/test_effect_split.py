"""The sentence on what is arithmetic, what is fitted and what is assumed."""

from __future__ import annotations

from simulation.studies.effect_split import EffectSplit
from simulation.wording.reasons import reasons, split_of
from tests.made_effects import effects

DETERRENCE = ["removal.opt_out_elasticity", "removal.loss"]


def said(arrivals: float = -41.0, half_width: float = 0.1, **parts) -> str:
    split = EffectSplit(**{"arithmetic": {}, "deterrence": [], "put_in": [], **parts})
    one = effects({"channel_arrivals": arrivals, "admitted_legally": 26.0}, half_width)
    one = one.model_copy(update={"split": split})
    assert split_of(one) == reasons(one)[0]
    return split_of(one)


ADMITTED = {"arithmetic": {"admitted_legally": 260.0}, "returned": 270.0}


def test_people_are_told_by_where_they_went():
    assert said(**ADMITTED, rest=-150.0) == (
        "Arrivals by boat, 410 fewer: 260 fewer because people are admitted legally (arithmetic), "
        "150 fewer through prices, boats, routes and second tries (fitted). 270 are returned; a "
        "landing stays an arrival. No response to the risk of a return is assumed."
    )
    assert "110 more through prices" in said(-15.0, **ADMITTED, rest=110.0)


def test_what_is_assumed_is_named_and_not_called_fitted():
    text = said(**ADMITTED, rest=-150.0, deterrence=DETERRENCE)
    assert "(fitted, and what is assumed)" in text
    assert all(name in text for name in (*DETERRENCE, "no data", "deterrence = false"))
    assert "No response" not in text
    put_in = said(put_in=["policy.visa_effect"])
    assert "policy.visa_effect" in put_in
    assert "fitted" not in put_in


def test_without_a_direction_there_is_no_share_of_the_effect():
    text = said(-1.0, 40.0, **ADMITTED)
    assert "260 fewer because" in text
    assert "fitted" not in text
    assert "10 fewer" not in text


def test_other_effects_have_no_such_sentence():
    assert split_of(effects({"channel_arrivals": -41.0})) == ""
