"""What is asked of the agreements, what that costs, and what is known of each so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulation.errors import InputError, closest
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.runs import Failure
from simulation.experiments.engine.trials import Case, Trial
from simulation.experiments.statistics.paired import COVERAGE, FEWEST_PAIRS, pairs_to_settle
from simulation.experiments.studies.agreement_pairs import Agreement, with_agreements
from simulation.experiments.studies.effects import compare_totals, effect, identical
from simulation.wording.agreement_verdicts import Better

#: what an agreement is judged by; deaths stand beside arrivals always
JUDGED = (
    "channel_arrivals",
    "channel_deaths",
    "corridor_deaths",
    "smuggler_profit_eur",
    "mapped_share",
)
#: of these, what an agreement is meant to raise
RISES = ("mapped_share",)
#: runs above which the user is asked first
MANY_RUNS = 500
_MOST = 10_000


@dataclass(frozen=True)
class Wanted:
    """What is asked of the agreements.

    Attributes:
        among: Only parties of these authorities and groups, with commas between them.
        with_: Only agreements with this authority or group.
        by: The outcome that ranks them.
        replications: Seeds of the screening.
        refine: How many of the best are run again; of these at least as many as sets are made of.
        refine_replications: Seeds of those, and of the sets.
        sets: Largest set of agreements.
        candidates: Of how many agreements sets are made.
        yes: Whether many runs have been agreed to.
    """

    among: str | None = None
    with_: str | None = None
    by: str = "channel_arrivals"
    replications: int = 6
    refine: int = 15
    refine_replications: int = 16
    sets: int = 5
    candidates: int = 12
    yes: bool = False

    @property
    def refined(self) -> int:
        """How many of the best are run again, those included that sets are made of."""
        return max(self.refine, self.candidates if self.sets else 0) if self.refine else 0

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range, or the outcome is none that ranks.
        """
        if self.by not in JUDGED:
            raise InputError(
                "not an outcome that ranks agreements",
                key="--by",
                value=self.by,
                allowed=", ".join(JUDGED),
                suggestion=closest(self.by, JUDGED),
            )
        needs = f" (an interval needs {FEWEST_PAIRS} pairs of runs)"
        for key, value, least, why in (
            ("--replications", self.replications, 2, needs),
            ("--refine", self.refine, 0, ""),
            ("--refine-replications", self.refine_replications, 2, needs),
            ("--sets", self.sets, 0, ""),
            ("--candidates", self.candidates, max(1, self.sets), " (at least as many as --sets)"),
        ):
            if not least <= value <= _MOST:
                allowed = f"{least} to {_MOST}{why}"
                raise InputError("out of range", key=key, value=value, allowed=allowed)


@dataclass(frozen=True)
class Plan:
    """What is about to be run.

    Attributes:
        pairs: Agreements there is room for.
        screening: Runs of the first stage.
        refining: Runs of the second.
        sets: Runs for the sets, at most.
        missing: Runs of the first stage that are not there from an earlier attempt.
        seconds: Time of one run; None when none was timed.
        workers: Processes that share the work; None for a cluster, whose workers nobody knows.
    """

    pairs: int
    screening: int
    refining: int
    sets: int
    missing: int
    seconds: float | None
    workers: int | None

    @property
    def runs(self) -> int:
        """All of them."""
        return self.screening + self.refining + self.sets

    @property
    def left(self) -> int:
        """Those still to be run, as far as is known before the second stage."""
        return self.runs - self.screening + self.missing


def plan_of(pairs: int, wanted: Wanted, workers: int | None) -> Plan:
    """What a study of so many agreements runs at most; nothing is there yet."""
    few, more = wanted.replications, wanted.refine_replications
    refined = min(wanted.refined, pairs)
    candidates = min(wanted.candidates, pairs)
    largest = min(wanted.sets, candidates)
    sets = 0
    if largest:
        alone = candidates + 1 if refined == 0 else 0
        picked = sum(candidates - size for size in range(1, largest))
        sets = (alone + picked + largest + 1) * more
    return Plan(
        pairs=pairs,
        screening=(pairs + 1) * few,
        refining=(refined + 1) * more if refined else 0,
        sets=sets,
        missing=(pairs + 1) * few,
        seconds=None,
        workers=workers,
    )


@dataclass
class Study:
    """The agreements under study, and what is known of each.

    Attributes:
        experiment: Under way.
        wanted: What is asked.
        base: The scenario without any of them.
        cases: Each agreement with room, by its key, on top of it.
        agreements: All agreements, by their key.
        silent: Agreements whose runs are the baseline's to the last bit.
        screening: Seeds of the screening.
        refining: Seeds of the second stage; sets are chosen with them too.
        confirming: Seeds that nothing was chosen with.
    """

    experiment: Experiment
    wanted: Wanted
    base: Case
    cases: dict[str, Case]
    agreements: dict[str, Agreement]
    screening: range
    refining: range
    confirming: range
    silent: set[str] = field(default_factory=set)
    _run: dict[str, Case] = field(default_factory=dict)

    def set_of(self, keys: Sequence[str]) -> Case:
        """Several agreements at once, on top of the baseline; none of them is the baseline."""
        if not keys:
            return self.base
        if len(keys) == 1:
            return self.cases[keys[0]]
        signed = [self.agreements[key] for key in keys]
        scenario = self.base.scenario
        return Case(" + ".join(keys), with_agreements(scenario, signed, scenario.description))

    def add(self, cases: Sequence[Case], seeds: Sequence[int]) -> None:
        """See that the baseline and these cases have run with these seeds."""
        wanted = [self.base, *cases]
        self._run |= {case.key: case for case in wanted}
        self.experiment.runs.add(Trial(case, seed) for seed in seeds for case in wanted)

    def failures(self) -> list[Failure]:
        """The runs that failed."""
        return self.experiment.runs.failures(self._run.values())

    def effect(
        self, case: Case, seeds: Sequence[int], looks: int, base: Case | None = None
    ) -> dict[str, Any] | None:
        """Differences between a case and another, by outcome; None without a pair of runs.

        Args:
            case: What is judged.
            seeds: Seeds to use, those with a failure left out.
            looks: Intervals looked at together; each is widened accordingly.
            base: What it is compared with; the baseline when None.
        """
        base = base or self.base
        runs = self.experiment.runs
        both = runs.seeds([base, case], seeds)
        if not both:
            return None
        found = compare_totals(runs, base, case, both, comparisons=looks)
        level = 1.0 - (1.0 - COVERAGE) / looks
        entries = {}
        for name in JUDGED:
            at = (0, OUTCOME_NAMES.index(name))
            settle = pairs_to_settle(float(found.mean[at]), float(found.sd[at]), level)
            entries[name] = {**effect(found, at).as_json(), "pairs_to_settle": settle}
        return entries

    @property
    def better(self) -> Better:
        """Which way the outcome asked for is meant to go."""
        return "higher" if self.wanted.by in RISES else "lower"

    def gain(self, effect: Mapping[str, Any] | None) -> float:
        """How much an effect is worth by the outcome asked for; more is better."""
        difference = None if effect is None else effect[self.wanted.by]["difference"]
        if difference is None:
            return float("-inf")
        return float(difference if self.better == "higher" else -difference)

    def reaches_nobody(self, case: Case, seeds: Sequence[int]) -> bool:
        """Whether every run of a case is the baseline's to the last bit."""
        runs = self.experiment.runs
        both = runs.seeds([self.base, case], seeds)
        return bool(both) and identical(runs, self.base, case, both)
