"""The self-check: pinned numbers that are those of this model, and what is said of others."""

from __future__ import annotations

import json

import pytest

from simulation.doctor import pin, selfcheck
from simulation.outcomes import OUTCOMES


@pytest.fixture(scope="module")
def pinned():
    content = selfcheck.read_pinned()
    assert content is not None
    return content


def test_the_pinned_numbers_are_those_of_this_model(pinned):
    """After a change on purpose: python -m simulation.doctor.pin (docs/doctor.md)."""
    check = selfcheck.check(pinned)
    assert check.status != "fail", check.text
    if pinned["machine"] == selfcheck.machine():
        assert check.status == "ok"
        assert json.loads(pin.text()) == pinned


def test_what_is_pinned_is_what_the_script_runs(pinned):
    assert pinned["run"] == pin.RUN
    assert list(pinned["numbers"]) == list(OUTCOMES)
    assert float.fromhex(pinned["numbers"]["channel_arrivals"]) > 0
    assert set(pinned["machine"]) == set(selfcheck.machine())


def spoilt(pinned) -> dict[str, str]:
    return {**pinned["numbers"], "channel_arrivals": (1234.5).hex()}


def test_other_numbers_on_another_machine_are_told_and_no_failure(pinned):
    differences = selfcheck.differ(
        spoilt(pinned), pinned, {**pinned["machine"], "processor": "abacus"}
    )
    assert differences.status == "warn"
    wanted = float.fromhex(pinned["numbers"]["channel_arrivals"])
    for words in ("1234.5", f"{wanted}", pinned["machine"]["processor"], "abacus"):
        assert words in differences.text


def test_other_numbers_on_the_same_machine_are_a_failure(pinned):
    differences = selfcheck.differ(spoilt(pinned), pinned, pinned["machine"])
    assert differences.status == "fail"
    assert "install crossings again" in differences.text
    assert "\n" not in differences.text
