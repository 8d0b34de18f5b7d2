"""The unit of every experiment: one case run with one seed."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from simulation.corridor import load_corridor
from simulation.engine.assumption_sets import AssumptionSet, path_of, set_of_seed
from simulation.engine.findings import Fitted, World
from simulation.engine.run_store import StoredRun, measure
from simulation.engine.world_design import WorldDesign
from simulation.errors import InputError
from simulation.outcomes import RunRecord, since
from simulation.parameters import Parameters, load_parameters, load_records
from simulation.parameters.fitted import FittedEnsemble, load_fitted
from simulation.parameters.records import Value
from simulation.parameters.sampling import fixed_by_reason, uncertain
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.policy import Levers, first_difference

Assumptions = Literal["records", "ranges", "fitted"]
#: share of the people that is enough to call every kernel
_SMALL_SCALE = 0.01
#: days below which a snapshot costs more than to simulate them again
LEAST_DAYS = 60


def default_assumptions() -> Assumptions:
    """Where the assumptions of an experiment come from by default.

    Returns:
        `fitted` where the package holds a fitted ensemble, `records` where it holds none.

    Raises:
        InputError: There is one that cannot be used; nothing else replaces it.
    """
    try:
        fitted_ensemble()
    except NothingFittedError:
        return "records"
    return "fitted"


def fitted_hash(assumptions: Assumptions, ensemble: FittedEnsemble | None = None) -> str | None:
    """Identifies the ensemble that is drawn from; None where none is."""
    return (ensemble or fitted_ensemble()).hash if assumptions == "fitted" else None


def describe_fitted(
    assumptions: Assumptions, ensemble: FittedEnsemble | None = None
) -> Fitted | None:
    """Description of the ensemble that is drawn from, for a reader; None where none is."""
    if assumptions != "fitted":
        return None
    chosen = ensemble or fitted_ensemble()
    records = load_records().records()
    free = {record.name for record in uncertain(records)}
    return Fitted(
        sets=chosen.size,
        window=None if chosen.window is None else list(chosen.window),
        hash=chosen.hash,
        records=len(chosen.names),
        drawn=len(free - set(chosen.names)),
        fixed=fixed_by_reason(records),
        sharing=any(name.startswith("sharing.") for name in chosen.names),
    )


class NothingFittedError(InputError):
    """The package holds no fitted ensemble."""


@functools.cache
def fitted_ensemble() -> FittedEnsemble:
    """The ensemble of the package with the newest window.

    Raises:
        NothingFittedError: There is none.
        InputError: It is damaged, or does not go with the records.
    """
    ensemble = load_fitted()
    if ensemble is None:
        raise NothingFittedError(
            "nothing has been fitted yet",
            key="--assumptions",
            value="fitted",
            allowed="records or ranges; crossings fit --install makes a fitted ensemble",
        )
    return ensemble


@dataclass(frozen=True)
class Case:
    """A scenario, and the assumptions that differ from the records and from the scenario's own.

    Attributes:
        name: What a reader calls it.
        scenario: What is asked.
        assumptions: Values by record name.
        set_name: What tables of runs call these assumptions; None where the seed draws the set.
    """

    name: str
    scenario: Scenario
    assumptions: Mapping[str, Value] = field(default_factory=dict)
    set_name: str | None = None

    @functools.cached_property
    def key(self) -> str:
        """Identifies what is computed; cases of one key give the same numbers."""
        content = json.dumps([self.scenario.hash(), dict(self.assumptions)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class Shared(NamedTuple):
    """A mark on a trial that has days in common with others of its seed.

    Attributes:
        group: The same for those that share these days, and for no others.
        days: Days they share, warm-up included.
    """

    group: str
    days: int


class Trial(NamedTuple):
    """A case and a seed; what a worker is asked to run.

    Attributes:
        case: The case.
        seed: The seed.
        shared: Days it has in common with other trials, from `plan_sharing`. The numbers do not
            depend on it.
    """

    case: Case
    seed: int
    shared: Shared | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Identifies the trial in the store of runs."""
        return self.case.key, self.seed


class RunLabels(NamedTuple):
    """The labels of a run in tables: scenario, set, path and seed; see `assumption_sets`.

    Attributes:
        scenario: Title of the scenario.
        set: Its assumption set.
        path: Its path of the months after the data.
        seed: Its seed.
    """

    scenario: str
    set: str
    path: str
    seed: int


@dataclass(frozen=True)
class Setting:
    """The setting that all trials of an experiment share.

    Attributes:
        scale: Share of the people simulated.
        days: Days of the run after its warm-up.
        assumptions: Where the assumptions of a seed come from: `records` for the value of each
            record, `ranges` for a draw from between its low and its high, `fitted` for a whole set
            of the fitted ensemble, drawn by weight, and a draw from its range for every record
            that the set does not hold.
        simulate: Stands in for `simulation.model.corridor_model.simulate`.
        ensemble: What is drawn from with `fitted`; the newest of the package when None.
        worlds: The set and the path of each seed; when None the seed itself draws both.
        counted_from: First day counted, where that is not the first of the run.
    """

    scale: float
    days: int
    assumptions: Assumptions = "records"
    simulate: Callable[..., Any] | None = None
    ensemble: FittedEnsemble | None = None
    worlds: WorldDesign | None = None
    counted_from: date | None = None

    def prepare(self, trial: Trial) -> None:
        """Compile what a trial needs and read what it draws from, before workers are forked."""
        self.set_of(trial.seed).values(self.drawn_from)
        precompile(self._simulate(), self.scenario_of(trial.case, trial.seed))

    def parameters(self, trial: Trial) -> Parameters:
        """What a run assumes: what its case or its scenario sets is set, whatever was drawn."""
        drawn = self.set_of(trial.seed).values(self.drawn_from)
        return load_parameters(
            {**drawn, **trial.case.scenario.parameters, **trial.case.assumptions}
        )

    def set_of(self, seed: int) -> AssumptionSet:
        """The assumption set of a seed, the same for every case."""
        if self.worlds is not None:
            return self.worlds.set_of(seed, self.drawn_from)
        return set_of_seed(self.assumptions, seed, self.drawn_from)

    def scenario_of(self, case: Case, seed: int) -> Scenario:
        """The scenario of a case on the path of the seed."""
        scenario = case.scenario
        return scenario if self.worlds is None else self.worlds.scenario_of(scenario, seed)

    def labels(self, case: Case, seed: int) -> RunLabels:
        """The labels of a run in tables."""
        return RunLabels(
            scenario=case.scenario.title,
            set=case.set_name or str(self.set_of(seed)),
            path=path_of(self.scenario_of(case, seed), seed),
            seed=seed,
        )

    def world(self, case: Case, seed: int) -> World:
        """The set of assumptions, path and seed that both runs of a pair share."""
        labels, design = self.labels(case, seed), self.worlds
        position, part = (
            (None, None) if design is None else (design.position(seed), design.part(seed))
        )
        return World(seed=seed, set=labels.set, path=labels.path, position=position, part=part)

    @property
    def drawn_from(self) -> FittedEnsemble | None:
        """The ensemble that sets are taken from; None without one."""
        return (self.ensemble or fitted_ensemble()) if self.assumptions == "fitted" else None

    def plan(self, trials: Sequence[Trial]) -> list[Trial]:
        """Mark the trials that have days in common with others, for `run` to simulate them once."""
        return list(trials) if self.simulate is not None else plan_sharing(trials, self.days)

    def groups(self, trials: Sequence[Trial]) -> list[list[Trial]]:
        """The trials, planned, those that share days together; one that shares none is alone."""
        groups: dict[str | int, list[Trial]] = {}
        for number, trial in enumerate(self.plan(trials)):
            key = number if trial.shared is None else trial.shared.group
            groups.setdefault(key, []).append(trial)
        return list(groups.values())

    def run(self, trial: Trial) -> StoredRun:
        """Run a trial."""
        started = time.perf_counter()
        record = self._simulate(trial.shared)(
            self.scenario_of(trial.case, trial.seed),
            seed=trial.seed,
            scale=self.scale,
            days=self.days_of(trial.case),
            parameters=self.parameters(trial),
        )
        seconds = round(time.perf_counter() - started, 3)
        case, seed = trial.key
        return StoredRun(case=case, seed=seed, seconds=seconds, measures=self.reduce(record))

    def days_of(self, case: Case) -> int:
        """Days of the run of a case after its warm-up."""
        return self.days

    def reduce(self, record: RunRecord) -> dict[str, object]:
        """Reduce a run to the measures that are stored, as JSON."""
        first = self.counted_from
        return measure(record if first is None else since(record, first)).as_json()

    def check(self, measures: dict[str, object]) -> None:
        """Refuse a stored run whose files are not as they were written, if it has any.

        Raises:
            ValueError: Says what is wrong.
        """

    def _simulate(self, shared: Shared | None = None) -> Callable[..., Any]:
        if self.simulate is not None:
            return self.simulate
        if shared is not None:
            from simulation.engine.shared_start import simulate_shared

            return functools.partial(simulate_shared, shared=shared.days)
        return model_simulate()


def precompile(simulate: Callable[..., Any], scenario: Scenario) -> None:
    """Run one day with a few people, so that every kernel is compiled and every table read."""
    try:
        simulate(scenario, seed=1, scale=_SMALL_SCALE, days=1)
    except InputError:
        raise
    except Exception:
        # whatever is wrong will be recorded for the runs it concerns
        return


def precompile_model() -> None:
    """Compile what runs, comparisons and the app call: the outlook has levers of every kind."""
    precompile(model_simulate(), load_scenario("outlook"))


def model_simulate() -> Callable[..., RunRecord]:
    """The model, imported when it is needed."""
    from simulation.model.corridor_model import simulate

    return simulate


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
    families: dict[tuple[str, ...], list[Shared | None]] = {}
    for (seed, start), numbers in alike.items():
        scenarios = [trials[number].case.scenario for number in numbers]
        hashes = tuple(scenario.hash() for scenario in scenarios)
        if hashes not in families:
            families[hashes] = _families(scenarios, days) if len(scenarios) > 1 else [None]
        for number, family in zip(numbers, families[hashes], strict=True):
            if family is not None:
                group = f"{seed}-{start}-{family.group}"
                planned[number] = trials[number]._replace(shared=Shared(group, family.days))
    return planned


def whole_runs(planned: Sequence[Trial], days: int) -> float:
    """How many whole runs the days of some trials amount to; shared days are simulated once.

    Args:
        planned: Trials as `plan_sharing` marks them.
        days: Days counted of each.
    """
    shares = [
        (trial.shared.group, trial.shared.days / (trial.case.scenario.run.warm_up_days + days))
        for trial in planned
        if trial.shared is not None
    ]
    return len(planned) - sum(share for _, share in shares) + sum(dict(shares).values())


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
    shared_of: list[Shared | None] = [None] * len(scenarios)
    for place, (_, shared, members) in enumerate(families):
        for number in members if len(members) > 1 else ():
            shared_of[number] = Shared(str(place), shared)
    return shared_of
