"""A model is a value: each kind of copy goes on as the original does, to the bit, or is refused."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import cloudpickle
import distributed
import numpy as np
import pytest

from simulation import Crossings, InputError, Scenario
from simulation.model.agents.decisions import AllocationInputs, Rules
from simulation.model.agents.migrant import State
from simulation.model.mesa_adapter import Migrant, Smuggler
from simulation.model.snapshots import restore_snapshot, take_snapshot
from tests.runs import START, differences, scenario_from

#: the day on which copies are made
TODAY = 41
DAYS, WARM_UP = 30, 20
COPIES: dict[str, Callable] = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "oldest protocol": lambda thing: pickle.loads(pickle.dumps(thing, protocol=0)),
    "cloudpickle": lambda thing: pickle.loads(cloudpickle.dumps(thing)),
    "in a list": lambda thing: copy.deepcopy([thing])[0],
}
#: the same, and those of models alone
COPIES_OF_MODELS = COPIES | {
    "branch": Crossings.branch,
    "snapshot": lambda model: restore_snapshot(take_snapshot(model)),
}


class Own(Crossings):
    """A user's own model."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.events: list[float] = []
        self.schedule_event(self.note, at=45.0)

    def note(self) -> None:
        self.events.append(self.time)


def evenly(inputs: AllocationInputs) -> np.ndarray:
    return np.ones_like(inputs.activity)


@contextmanager
def refused(match: str | None = None, error: type[Exception] = InputError) -> Iterator[None]:
    """Within it something is refused, in one line with these words."""
    with pytest.raises(error, match=match) as caught:
        yield
    assert str(caught.value) == " ".join(str(caught.value).split())


@pytest.fixture(scope="module")
def scenario(tmp_path_factory) -> Scenario:
    return scenario_from(tmp_path_factory.mktemp("value"), days=DAYS, warm_up=WARM_UP)


@pytest.fixture(scope="module")
def today(scenario) -> Crossings:
    """A model on the day of the copies, which no test changes."""
    model = Crossings(scenario, rng=5, scale=0.05)
    model.run_for(TODAY)
    return model


@pytest.fixture(scope="module")
def whole(scenario) -> Crossings:
    """The same model at the end of its run."""
    model = Crossings(scenario, rng=5, scale=0.05)
    model.run_model()
    return model


@pytest.mark.parametrize("name", COPIES_OF_MODELS)
def test_a_copy_goes_on_as_the_original(today, whole, name):
    twin = COPIES_OF_MODELS[name](today)
    assert twin is not today
    twin.run_model()
    assert differences(whole, twin) == []
    people, others = (
        [(agent.unique_id, agent.state) for agent in model.agents_by_type[Migrant]]
        for model in (whole, twin)
    )
    assert people == others
    assert today.time == TODAY, "the original stays as it is"


def test_agents_space_and_data_of_a_copy_are_its_own(today):
    today.space, today.datacollector  # noqa: B018  (they are made when they are asked for)
    today.mine = today.agents_by_type[Migrant].select(lambda agent: agent.state is State.WAITING)
    twin = copy.deepcopy(today)
    for agents in (twin.agents, twin.mine, *twin.agents_by_type.values(), twin.space.agents):
        assert all(agent.model is twin for agent in agents)
    assert [a.unique_id for a in twin.agents] == [a.unique_id for a in today.agents]
    assert [a.row for a in twin.mine] == [a.row for a in today.mine]
    twin.step()
    assert all(agent.state is State.WAITING for agent in today.mine)
    assert len(twin.datacollector.get_model_vars_dataframe()) == TODAY + 1
    assert len(today.datacollector.get_model_vars_dataframe()) == TODAY
    del today.mine


def test_an_agent_that_was_removed_is_in_no_copy(today):
    model = copy.deepcopy(today)
    operator = next(iter(model.agents_by_type[Smuggler]))
    operator.remove()
    twin = copy.deepcopy(operator)
    assert twin not in twin.model.agents
    assert twin.status is operator.status


def finished(model: Crossings) -> Crossings:
    model.run_model()
    return model


@pytest.mark.slow
def test_another_process_goes_on_to_the_same_bits(today, whole):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert differences(whole, pool.submit(finished, today).result()) == []


@pytest.mark.slow
@pytest.mark.full
def test_dask_sends_a_model(today, whole):
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert differences(whole, client.submit(finished, client.scatter(today)).result()) == []


# -- what cannot be sent ---------------------------------------------------------------------------


def ran(scenario: Scenario, rule: Callable) -> Crossings:
    model = Crossings(scenario, scale=0.02, rules=Rules(allocation=rule))
    model.run_for(TODAY)
    return model


def test_a_rule_that_can_be_imported_nowhere_goes_where_its_code_can_go(scenario):
    def local(inputs: AllocationInputs) -> np.ndarray:
        return np.ones_like(inputs.activity)

    whole, model = ran(scenario, evenly), ran(scenario, local)
    whole.run_model()
    for name in ("deepcopy", "copy", "cloudpickle"):
        assert differences(whole, finished(COPIES[name](model))) == []
    with pytest.raises((pickle.PicklingError, AttributeError), match="local"):
        pickle.dumps(model)


def test_a_day_that_is_not_over_cannot_be_copied(scenario):
    def rule(inputs: AllocationInputs) -> np.ndarray:
        if model is not None:
            copy.deepcopy(model)
        return evenly(inputs)

    model = None
    model = Crossings(scenario, scale=0.02, rules=Rules(allocation=rule))
    for change in (model.run_model, lambda: pickle.dumps(model)):  # an error ends the day
        with refused("within a day"):
            change()


@pytest.mark.parametrize("name", ["allocation", "mine"])
def test_what_cannot_be_copied_is_named(scenario, name):
    class Locked:
        lock = None

        def __call__(self, inputs: AllocationInputs) -> np.ndarray:
            return evenly(inputs)

    rule = Locked()
    model = ran(scenario, rule)
    if name == "allocation":
        rule.lock = threading.Lock()
    else:
        model.mine = threading.Lock()
    for one in (copy.deepcopy, copy.copy, pickle.dumps, cloudpickle.dumps):
        with refused(name, pickle.PicklingError):
            one(model)


# -- from today on ---------------------------------------------------------------------------------


def sharing_from(day: object) -> str:
    return f'[[sharing]]\nbetween = ["EU", "WB6"]\nlevel = "full"\nfrom = {day}\n'


def other(folder: Path, text: str, **options) -> Scenario:
    return scenario_from(folder, text, name="other", title="Other", days=DAYS, warm_up=WARM_UP,
                         **options)  # fmt: skip


#: the first day that is not over
NEXT = START + timedelta(days=TODAY - WARM_UP)


@pytest.mark.parametrize("later", [0, 3])
def test_a_branch_with_another_scenario_is_its_run(today, whole, tmp_path, later):
    scenario = other(tmp_path, sharing_from(NEXT + timedelta(days=later)))
    expected = Crossings(scenario, rng=5, scale=0.05)
    expected.run_model()
    twin = today.branch(scenario.file)
    assert twin.what_if == scenario
    twin.run_model()
    assert differences(expected, twin) == []
    assert differences(whole, twin), "or the branch would show nothing"


def test_a_model_that_has_not_begun_can_go_another_way(scenario, tmp_path):
    what_if = other(tmp_path, sharing_from(START - timedelta(days=WARM_UP)))
    twin = Crossings(scenario, scale=0.02).branch(what_if)
    expected = Crossings(what_if, scale=0.02)
    for model in (twin, expected):
        model.run_model()
    assert differences(expected, twin) == []


def test_a_branch_into_the_past_is_refused(today, tmp_path):
    past = NEXT - timedelta(days=1)
    with refused(f"sharing.*{past}.*into the past.*{NEXT}"):
        today.branch(other(tmp_path, sharing_from(past)))


@pytest.mark.parametrize(("text", "options", "named"), [
    ('[entries]\nbalkan = 0.5\n', {}, "entries"),
    ('[parameters]\n"intelligence.account_yield" = 0.01\n', {}, "parameters"),
    ("", {"start": START + timedelta(days=1)}, "run"),
])  # fmt: skip
def test_a_branch_changes_levers_only(today, tmp_path, text, options, named):
    with refused(named):
        today.branch(other(tmp_path, text, **options))
