"""What can be asked is declared once: bounds, messages, and the defaults of studies."""

from __future__ import annotations

import dataclasses

import pytest

from simulation.engine import arguments
from simulation.engine.argument import Argument
from simulation.engine.arguments import DECLARED, SCALE, SEED
from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.outcomes import OUTCOMES
from simulation.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS
from simulation.statistics.sensitivity_indices import (
    FEWEST_BLOCKS,
    FEWEST_TRAJECTORIES,
)
from simulation.studies.agreements.study import Agreements
from simulation.studies.discovery.findings import Discover
from simulation.studies.sensitivity import Sensitivity
from simulation.studies.sweep.findings import Sweep
from simulation.validation.backtest import Backtest
from simulation.validation.monitor import Monitor

SHARE = Argument("share", float, 0.5, "A share.", low=0, high=1, between=True)
PAIRS = Argument("pairs", int, None, "Pairs.", low=2, high=9, note="or auto")
BUDGET = Argument("budget", int, 5, "Runs.", low=2, high=9, unit="runs")
STUDIES = {
    "sweep": Sweep, "agreements": Agreements, "sensitivity": Sensitivity, "discover": Discover,
    "backtest": Backtest, "monitor": Monitor,
}  # fmt: skip


def declared(command: str, name: str) -> Argument:
    return next(one for one in DECLARED[command] if one.name == name)


@pytest.mark.parametrize(("argument", "text"), [
    (SCALE, "0.02 to 1 (the share of the people to simulate)"),
    (SEED, "0 to 2^63 - 1"), (arguments.WORKERS, "1 or more"),
    (arguments.REPLICATIONS, "1 to 100000"), (arguments.ASSUMPTIONS, "records, ranges, fitted"),
    (SHARE, "above 0, below 1"), (PAIRS, "2 to 9 (or auto)"), (BUDGET, "2 to 9 runs"),
])  # fmt: skip
def test_what_is_allowed_is_said_in_words(argument, text):
    assert argument.allowed == text


@pytest.mark.parametrize(("argument", "value"), [
    (SEED, -1), (SCALE, float("nan")), (arguments.WORKERS, 0), (arguments.ASSUMPTIONS, "guesses"),
    (SHARE, 1.0), (SHARE, 0), (PAIRS, 10),
])  # fmt: skip
def test_a_value_out_of_its_bounds_is_refused_with_its_option(argument, value):
    with pytest.raises(InputError) as refused:
        argument.check(value)
    assert refused.value.key == argument.option
    assert refused.value.allowed == argument.allowed


@pytest.mark.parametrize(("argument", "value"), [
    (SEED, 2**63 - 1), (SCALE, 1.0), (arguments.WORKERS, None), (SHARE, 0.1), (PAIRS, 2),
])  # fmt: skip
def test_a_value_within_its_bounds_is_taken(argument, value):
    argument.check(value)


def test_bounds_are_those_of_the_statistics():
    assert arguments.LIMIT.low == DIRECTION_PAIRS
    assert f"an interval needs {FEWEST_PAIRS} pairs" in arguments.PAIRS.note
    assert f"a direction {DIRECTION_PAIRS}" in arguments.PAIRS.note
    assert declared("sensitivity", "trajectories").low == FEWEST_TRAJECTORIES
    assert declared("sensitivity", "samples").low == FEWEST_BLOCKS
    assert declared("sensitivity", "outcome").default in OUTCOMES


@pytest.mark.parametrize("command", STUDIES)
def test_a_study_has_the_defaults_of_its_command(command):
    options = {field.name for field in dataclasses.fields(Options)}
    fields = {
        field.name: field.default
        for field in dataclasses.fields(STUDIES[command])
        if field.default is not dataclasses.MISSING
    }
    defaults = {
        one.name: fields[one.name]
        for one in DECLARED[command]
        if one.name in fields and one.name not in options and one.kind is not str
    }
    assert defaults
    assert defaults == {name: declared(command, name).default for name in defaults}


@pytest.mark.parametrize("command", DECLARED)
def test_a_default_is_within_its_bounds(command):
    for one in DECLARED[command]:
        if one.default not in one.words:
            one.check(one.default)
