"""A model under way as bytes: views stay views, and a copy goes on as the original does."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
import pytest

from simulation import Crossings
from simulation.model.corridor_model import run
from simulation.model.snapshots import restore_snapshot, take_snapshot
from tests.runs import scenario_from

#: the day snapshots are taken, and the seed of the run
TAKEN, SEED = 45, 5


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return scenario_from(tmp_path_factory.mktemp("snapshots"), days=60, warm_up=20)


@pytest.fixture(scope="module")
def under_way(scenario) -> Crossings:
    model = Crossings(scenario, rng=SEED, scale=0.05)
    run(model, until=TAKEN)
    return model


def arrays_of(model: Crossings) -> Iterator[tuple[str, np.ndarray]]:
    """Every array that can be reached from a model, with the way to it."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("model", model)]
    while waiting:
        name, value = waiting.pop()
        if id(value) in seen or isinstance(value, (mesa.Agent, type)):
            continue
        seen.add(id(value))
        if isinstance(value, np.ndarray):
            yield name, value
        elif isinstance(value, dict):
            waiting += [(f"{name}[{key!r}]", item) for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(f"{name}[{place}]", item) for place, item in enumerate(value)]
        elif hasattr(value, "__dict__") and not callable(value):
            waiting += [(f"{name}.{key}", item) for key, item in vars(value).items()]


def owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def memory(model: Crossings) -> dict[str, tuple[Any, ...]]:
    """Where each array lies: which others it shares memory with, and how."""
    arrays = list(arrays_of(model))
    first: dict[int, str] = {}
    for name, array in sorted(arrays, key=lambda pair: pair[0]):
        first.setdefault(id(owner(array)), name)
    return {
        name: (
            first[id(owner(array))],
            array.__array_interface__["data"][0] - owner(array).__array_interface__["data"][0],
            array.shape, array.strides, array.dtype,
        )
        for name, array in arrays
    }  # fmt: skip


def test_arrays_that_share_memory_share_it_still(under_way):
    before, after = memory(under_way), memory(restore_snapshot(take_snapshot(under_way)))
    assert len(before) > 100
    views = [name for name, (of, *_) in before.items() if of != name]
    assert len(views) > 20, "there are many, or this test would hold nothing"
    assert after == before


def test_what_cannot_be_brought_back_is_refused(scenario):
    model = Crossings(scenario, rng=SEED, scale=0.05)
    model.world.effort = np.array([print, None], dtype=object)[:1]
    with pytest.raises(pickle.PicklingError):
        take_snapshot(model)
