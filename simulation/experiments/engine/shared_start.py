"""Cases of one seed share the days before their policies differ.

The first of them that a process runs leaves a snapshot of the model on the last day they share;
the next ones go on from there. The mark that a trial has from `plan_sharing` is a hint and no more:
before a run uses a snapshot, `first_difference` proves with the run's own parameters that every day
in it is a day of this run too. Without a snapshot, such as in another process or after a worker
died, a run begins at the beginning. It gives the same bits.

A snapshot is a pickle, for the process that made it only: no pickle must come from elsewhere. A
plain one would not do. Many columns are views: an operator's columns are the beginning of longer
ones, and the day's counts by leg are the rows of one table. Pickle copies each view into an array
of its own, after which what is written into one is no longer read from the other. Here a view is
kept as a view.
"""

from __future__ import annotations

import contextlib
import copyreg
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import mesa
import numpy as np

from simulation.agents.migrant import Migrant
from simulation.model import Crossings, clear_up, garbage_left, run
from simulation.outcomes import RunRecord
from simulation.parameters import Parameters
from simulation.recording import make_record
from simulation.scenario import Scenario
from simulation.scenario.policy import Levers, first_difference


@dataclass(frozen=True)
class _Snapshot:
    """A model that stands between two days, after so many days with these levers."""

    #: seed, scale and days
    run: tuple[int, float, int]
    levers: Levers
    days: int
    #: from `take_snapshot`
    model: bytes


#: the latest snapshot of this process
_latest: _Snapshot | None = None


def forget_snapshot() -> None:
    """Let the next run of this process begin at the beginning."""
    global _latest
    _latest = None


def simulate_shared(
    scenario: Scenario,
    *,
    seed: int,
    scale: float,
    days: int,
    parameters: Parameters,
    shared: int,
    on_day: Callable[[date], None] | None = None,
) -> RunRecord:
    """Run one replication, from the latest snapshot where that fits.

    Args:
        scenario: What is asked.
        seed: Seed of the replication.
        scale: Agents per person.
        days: Days to count.
        parameters: What is assumed.
        shared: After how many days others go on from here.
        on_day: Called with the date after each day that is simulated.

    Returns:
        The same as `simulation.model.simulate`.
    """
    global _latest
    asked = (seed, scale, days)
    # what is restored is as many objects as a run makes
    with garbage_left():
        model = _from_latest(scenario, asked, parameters)
        if model is None:
            forget_snapshot()  # before another model needs the memory
            model = Crossings(scenario, rng=seed, scale=scale, days=days, parameters=parameters)
            run(model, on_day, until=shared)
            _latest = _keep(model, asked)
        run(model, on_day)
        record = make_record(model.world, scenario.title, model.first_counted)
        del model
        clear_up()
    return record


def _keep(model: Crossings, asked: tuple[int, float, int]) -> _Snapshot | None:
    """A snapshot of a model; None where it cannot be had, which costs time and nothing else."""
    world: Any = model.world
    levers, world.levers = world.levers, None  # each case brings its own
    try:
        with contextlib.suppress(pickle.PicklingError, MemoryError):
            return _Snapshot(asked, levers, model.days_done, take_snapshot(model))
    finally:
        world.levers = levers
    return None


def _from_latest(
    scenario: Scenario, asked: tuple[int, float, int], parameters: Parameters
) -> Crossings | None:
    """The model of the latest snapshot as one of this run; None where it is of another."""
    if _latest is None or _latest.run != asked:
        return None
    theirs = _latest.levers
    levers = Levers(scenario, theirs.corridor, parameters, theirs.origins)
    first = scenario.run.first_simulated
    if first_difference(theirs, levers, first, _latest.days) < _latest.days:
        return None
    model = restore_snapshot(_latest.model)
    model.go_on_with(scenario, levers)
    return model


# -- a model under way as bytes --------------------------------------------------------------------


def take_snapshot(model: Crossings) -> bytes:
    """Write down a model as it is between two days.

    Raises:
        pickle.PicklingError: Something in it cannot be brought back as it is.
    """
    out = io.BytesIO()
    try:
        _Pickler(out).dump(model)
    except (TypeError, AttributeError, RecursionError) as error:  # what pickle says of such objects
        raise pickle.PicklingError(str(error)) from error
    return out.getvalue()


def restore_snapshot(snapshot: bytes) -> Crossings:
    """Bring back a model of this process that goes on as the original did."""
    model = pickle.loads(snapshot)
    assert isinstance(model, Crossings)
    return model


def _reduced(array: np.ndarray) -> Any:
    """How an array is pickled: a view by the array it looks at, any other by what it holds."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if owner is array:
        return array.__reduce__()
    if not (owner.flags.c_contiguous or owner.flags.f_contiguous) or owner.dtype.hasobject:
        raise pickle.PicklingError("a view on an array that is not in one piece")
    offset = _address(array) - _address(owner)
    layout = (offset, array.shape, array.strides, array.dtype, array.flags.writeable)
    return _view, (owner, *layout)


def _reduced_person(person: Migrant) -> Any:
    """How one of very many is pickled: in a third of the time that it takes by its attributes."""
    return _person, (person.model, person.row, person.unique_id)


def _person(model: mesa.Model, row: int, identifier: int) -> Migrant:
    person: Migrant = object.__new__(Migrant)
    person.model, person.row, person.unique_id = model, row, identifier
    return person


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def _view(
    owner: np.ndarray,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    dtype: np.dtype[Any],
    writeable: bool,
) -> np.ndarray:
    buffer = owner if owner.flags.c_contiguous else owner.T
    view: np.ndarray = np.ndarray(shape, dtype, buffer, offset, strides)
    view.setflags(write=writeable)
    return view


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.dispatch_table = {
            **copyreg.dispatch_table,
            np.ndarray: _reduced,
            Migrant: _reduced_person,
        }
