"""Cases of one seed share the days before their policies differ.

The first of them that a process runs leaves a snapshot of the model on the last day they share;
the next ones go on from there. `plan_sharing` marks the trials for which that pays. The mark is a
hint and no more: before a run uses a snapshot, `first_difference` proves with the run's own
parameters that every day in it is a day of this run too. Without a snapshot, such as in another
process or after a worker died, a run begins at the beginning. It gives the same bits.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from simulation.corridor import load_corridor
from simulation.outcomes import RunRecord
from simulation.parameters import Parameters, load_parameters
from simulation.scenario import Scenario
from simulation.scenario.policy import Levers, first_difference

if TYPE_CHECKING:
    from simulation.experiments.engine.trials import Case, Trial

#: days below which a snapshot costs more than to simulate them again
LEAST_DAYS = 60


class Shared(NamedTuple):
    """A mark on a trial that has days in common with others of its seed.

    Attributes:
        group: The same for those that share these days, and for no others.
        days: Days they share, warm-up included.
    """

    group: str
    days: int


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


def simulate_shared(
    scenario: Scenario,
    *,
    seed: int,
    scale: float,
    days: int,
    parameters: Parameters,
    shared: Shared,
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
    from simulation.model import Crossings, clear_up, garbage_left, run
    from simulation.recording import make_record

    global _latest
    asked = (seed, scale, days)
    # what is restored is as many objects as a run makes
    with garbage_left():
        model = _from_latest(scenario, asked, parameters)
        if model is None:
            _latest = None  # before another model needs the memory
            model = Crossings(scenario, rng=seed, scale=scale, days=days, parameters=parameters)
            run(model, on_day, until=shared.days)
            _latest = _keep(model, asked)
        run(model, on_day)
        record = make_record(model.world, scenario.title, model.first_counted)
        del model
        clear_up()
    return record


def _keep(model: Any, asked: tuple[int, float, int]) -> _Snapshot | None:
    """A snapshot of a model; None where it cannot be had, which costs time and nothing else."""
    from simulation.experiments.engine.snapshots import take_snapshot

    world = model.world
    levers, world.levers = world.levers, None  # each case brings its own
    try:
        with contextlib.suppress(pickle.PicklingError, MemoryError):
            return _Snapshot(asked, levers, model.days_done, take_snapshot(model))
    finally:
        world.levers = levers
    return None


def _from_latest(
    scenario: Scenario, asked: tuple[int, float, int], parameters: Parameters
) -> Any | None:
    """The model of the latest snapshot as one of this run; None where it is of another."""
    from simulation.experiments.engine.snapshots import restore_snapshot

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


# -- which trials share days ----------------------------------------------------------------------


def plan_sharing(trials: Sequence[Trial], days: int) -> list[Trial]:
    """Mark the trials that have days in common with others of their seed.

    Args:
        trials: Trials of any cases and seeds.
        days: Days counted of each.

    Returns:
        The same trials in the same order, some of them with a mark.
    """
    alike: dict[tuple[int, str], list[int]] = {}
    starts = {trial.case.key: _start_of(trial.case) for trial in trials}
    for number, trial in enumerate(trials):
        alike.setdefault((trial.seed, starts[trial.case.key]), []).append(number)
    planned = list(trials)
    known: dict[tuple[str, ...], list[Shared | None]] = {}
    for (seed, start), numbers in alike.items():
        scenarios = [trials[number].case.scenario for number in numbers]
        hashes = tuple(scenario.hash() for scenario in scenarios)
        if hashes not in known:
            known[hashes] = _families(scenarios, days) if len(scenarios) > 1 else [None]
        for number, found in zip(numbers, known[hashes], strict=True):
            if found is not None:
                group = f"{seed}-{start}-{found.group}"
                planned[number] = trials[number]._replace(shared=Shared(group, found.days))
    return planned


def _start_of(case: Case) -> str:
    """What cases that begin alike have in common; some that have it begin differently."""
    run = case.scenario.run
    return repr((run.start, run.warm_up_days, sorted(case.assumptions.items())))


def _families(scenarios: Sequence[Scenario], days: int) -> list[Shared | None]:
    """For each scenario those it shares most days with, by the recorded parameters."""
    corridor = load_corridor()
    families: list[tuple[Levers, int, list[int]]] = []  # those of its first, days shared, members
    parameters: dict[str, Parameters] = {}
    for number, scenario in enumerate(scenarios):
        assumed = parameters.setdefault(
            repr(sorted(scenario.parameters.items())), load_parameters(scenario.parameters)
        )
        levers = Levers(scenario, corridor, assumed)
        first = scenario.run.first_simulated
        total = scenario.run.warm_up_days + days
        for place, (leader, shared, members) in enumerate(families):
            common = min(shared, first_difference(leader, levers, first, total))
            if common >= LEAST_DAYS:
                families[place] = leader, common, [*members, number]
                break
        else:
            families.append((levers, total, [number]))
    found: list[Shared | None] = [None] * len(scenarios)
    for place, (_, shared, members) in enumerate(families):
        for number in members if len(members) > 1 else ():
            found[number] = Shared(str(place), shared)
    return found
