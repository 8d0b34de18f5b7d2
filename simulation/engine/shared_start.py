"""Cases of one seed share the days before their policies differ.

The first of them that a process runs leaves a snapshot of the model on the last day they share;
the next ones go on from there. The mark that a trial has from `plan_sharing` is a hint and no more:
before a run uses a snapshot, `first_difference` proves with the run's own parameters that every day
in it is a day of this run too. Without a snapshot, such as in another process or after a worker
died, a run begins at the beginning. It gives the same bits.
"""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import dataclass

from simulation.model.corridor_model import CorridorModel, clear_up, run
from simulation.model.recording import make_record
from simulation.model.snapshots import Snapshot, gc_paused, restore_snapshot, take_snapshot
from simulation.outcomes import RunRecord
from simulation.parameters import Parameters
from simulation.scenario import Scenario
from simulation.scenario.policy import Levers, first_difference


@dataclass(frozen=True)
class _Snapshot:
    """A model that stands between two days, after so many days with these levers."""

    #: seed, scale and days
    run: tuple[int, float, int]
    levers: Levers
    days: int
    model: Snapshot


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
) -> RunRecord:
    """Run one replication, from the latest snapshot where that fits.

    Args:
        scenario: What is asked.
        seed: Seed of the replication.
        scale: Agents per person.
        days: Days to count.
        parameters: What is assumed.
        shared: After how many days others go on from here.

    Returns:
        The same as `simulation.model.corridor_model.simulate`.
    """
    global _latest
    asked = (seed, scale, days)
    # what is restored is as many objects as a run makes
    with gc_paused():
        model = _from_latest(scenario, asked, parameters)
        if model is None:
            forget_snapshot()  # before another model needs the memory
            model = CorridorModel(
                scenario, seed=seed, scale=scale, days=days, parameters=parameters
            )
            run(model, until=shared)
            _latest = _keep(model, asked)
        run(model)
        record = make_record(model.world, scenario.title, model.first_counted)
        del model
        clear_up()
    return record


def _keep(model: CorridorModel, asked: tuple[int, float, int]) -> _Snapshot | None:
    """A snapshot of a model; None where it cannot be had, which costs time and nothing else."""
    with contextlib.suppress(pickle.PicklingError, MemoryError):
        return _Snapshot(asked, model.world.levers, model.days_done, take_snapshot(model))
    return None


def _from_latest(
    scenario: Scenario, asked: tuple[int, float, int], parameters: Parameters
) -> CorridorModel | None:
    """The model of the latest snapshot as one of this run; None where it is of another."""
    if _latest is None or _latest.run != asked:
        return None
    theirs = _latest.levers
    levers = Levers(scenario, theirs.corridor, parameters, theirs.origins)
    first = scenario.run.first_simulated
    if first_difference(theirs, levers, first, _latest.days) < _latest.days:
        return None
    model: CorridorModel = restore_snapshot(_latest.model)
    model.go_on_with(scenario, levers)
    return model
