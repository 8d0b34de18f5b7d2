"""Runs that must be the same to the last bit, through scenario files."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.model.agents.smuggler import Role, Status
from simulation.model.agents.unit import UnitColumns, UnitKind, make_units
from simulation.model.processes import world as world_module
from tests.runs import Steps, differences, everything, scenario_from

DAYS = 90
#: sums of floats over operators, whose last bit depends on how many there are
SUMS = ("ledger.revenue", "ledger.profit", "ledger.chain")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="module")
def scenario(folder):
    """Summer and the sea, an operation and a ramp under way, much talk and some arrests."""
    text = """
    [[operation]]
    authority = "HU"
    places = ["szeged"]
    strength = 3.0
    from = 2023-07-01
    ramp_days = 20
    [[sharing]]
    between = ["UK", "WB6"]
    level = "high"
    from = 2023-06-15
    ramp_days = 30
    [parameters]
    "intelligence.account_yield" = 0.01
    "intelligence.case_threshold" = 0.5
    """
    return scenario_from(folder, text, days=DAYS, warm_up=20)


@pytest.fixture(scope="module")
def usual(scenario):
    return Steps(scenario).to_the_end()


def test_the_same_seed_gives_the_same_run(scenario, usual):
    assert differences(usual, Steps(scenario).to_the_end()) == []


def test_another_seed_gives_another_run(scenario, usual):
    differing = differences(usual, Steps(scenario, seed=2).to_the_end())
    assert {"ledger.departures", "ledger.boats_landed", "money", "pictures.evidence"} <= set(
        differing
    )


def test_the_order_of_people_changes_nothing(scenario, usual):
    rng = np.random.default_rng(8)
    shuffled = Steps(scenario).to_the_end(before=lambda model: rng.shuffle(model.world.live))
    assert differences(usual, shuffled) == []


def test_two_models_side_by_side_do_not_meet(folder, scenario, usual):
    """Stepped in turns with a quite different one, and with one of the same scenario."""
    other = scenario_from(
        folder, 'clear = ["sharing"]\n[adaptation]\nprice = false\n', name="neighbour",
        start=date(2023, 1, 1), days=DAYS, warm_up=20,
    )  # fmt: skip
    models = [Steps(scenario), Steps(other, seed=5, scale=0.02), Steps(scenario)]
    for _ in range(models[0].world.days):
        for steps in models:
            steps.model.step()
    assert differences(usual, models[0].model) == []
    assert differences(usual, models[2].model) == []


# -- somebody who does nothing --------------------------------------------------------------------


def same_but_for_the_newcomer(usual, model, table):
    """Names of arrays that differ, the last row of one table left out, sums but for rounding."""
    mine, theirs = everything(usual), everything(model)
    wrong = []
    for name, array in mine.items():
        other = theirs[name]
        if name.startswith(table):
            other = other[: len(array)]
        if name in SUMS:
            same = np.allclose(array, other, rtol=1e-12, atol=1e-6)
        else:
            same = np.array_equal(array, other, equal_nan=True)
        if not same:
            wrong.append(name)
    return wrong


def test_a_retired_operator_changes_nobody(scenario, usual):
    """Somebody who has left the market, serves nothing and is known to nobody."""
    steps = Steps(scenario)
    world, market = steps.world, steps.model.processes.market
    # the last founder's row is copied under a number of its own
    s = world.smugglers
    last = {name: s.rows[name][-1] for name in s.rows.dtype.names}
    s.append(**(last | {"uid": 77, "status": Status.RETIRED, "role": Role.GUIDE, "stage": 2}))
    world.beliefs.make_room(s.count)
    nobody = np.zeros((world.jurisdiction.shape[0], 1), dtype=bool)
    world.jurisdiction = np.concatenate([world.jurisdiction, nobody], axis=1)
    market._admitted += 1
    founders = s.count - 1

    model = steps.to_the_end()
    arrays = everything(model)
    others = np.delete(np.arange(model.world.smugglers.count), founders)
    for name, array in arrays.items():
        if name.startswith("smugglers."):
            arrays[name] = array[others]
    arrays["pictures.evidence"] = arrays["pictures.evidence"][:, others]
    # rows of those born later have moved up by one
    moved = lambda rows: np.where(rows > founders, rows - 1, rows)  # noqa: E731
    for name in ("smuggler", "recalled_smuggler"):
        arrays[f"migrants.{name}"] = moved(arrays[f"migrants.{name}"])
    for name in ("organiser", "heir"):
        arrays[f"smugglers.{name}"] = moved(arrays[f"smugglers.{name}"])
    arrays["units.target"] = moved(arrays["units.target"])
    for name, array in everything(usual).items():
        if name in SUMS:
            np.testing.assert_allclose(arrays[name], array, rtol=1e-12, atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(arrays[name], array, err_msg=name)


def test_a_unit_without_ground_changes_nobody(scenario, usual, monkeypatch):
    """A patrol of an authority that polices nothing has no leg to stand on and no strength."""
    europol = usual.world.corridor.authority_index["EUROPOL"]
    assert not usual.world.ground.on_ground[europol].any()

    def one_more(corridor):
        units = make_units(corridor)
        return UnitColumns(
            np.append(units.authority, np.int16(europol)),
            np.append(units.kind, np.int8(UnitKind.BORDER_PATROL)),
            np.append(units.uid, np.uint64(12345)),
        )

    monkeypatch.setattr(world_module, "make_units", one_more)
    model = Steps(scenario).to_the_end()
    assert model.world.units.leg[-1] == -1
    assert model.world.units.strength[-1] == 0
    assert same_but_for_the_newcomer(usual, model, "units") == []
