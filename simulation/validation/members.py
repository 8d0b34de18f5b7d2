"""The sets of assumptions a forecast is made with, and how much each counts.

This is the one place where they come from. A set is a `Member`: values by record name, and a
weight. Whatever makes them (the records as they stand, draws from their ranges, a fit to the past)
gives a tuple of them; runs, scores and pages know nothing else of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulation.errors import InputError
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.trials import Assumptions, Case, Trial, draw_assumptions
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.records import Value
from simulation.scenario import Scenario
from simulation.validation.forecast import Histories, histories_of
from simulation.validation.series import Array

#: a quantile of 5% means little with fewer runs
FEWEST_RUNS = 2


@dataclass(frozen=True)
class Member:
    """One set of assumptions.

    Attributes:
        name: What a reader calls it.
        values: Record name to value; the others stand as recorded or as the scenario sets them.
        weight: How much it counts, above 0; the weights of all members need not sum to 1.
    """

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    weight: float = 1.0

    def case(self, scenario: Scenario) -> Case:
        """The scenario under these assumptions; what it sets itself stays set."""
        kept = {name: v for name, v in self.values.items() if name not in scenario.parameters}
        return Case(self.name, scenario, kept)


def members_of(
    assumptions: Assumptions, count: int, seed: int, ensemble: FittedEnsemble | None = None
) -> tuple[Member, ...]:
    """The sets of assumptions of a forecast; more of them leave the first as they are.

    Args:
        assumptions: `records` for the one set of recorded values, `ranges` for draws from between
            each record's low and high, `fitted` for draws from the fitted ensemble, by weight.
        count: How many draws.
        seed: The first draw.
        ensemble: What is drawn from with `fitted`; the newest of the package when None.
    """
    if assumptions == "records":
        return (Member("as recorded"),)
    return tuple(
        Member(f"set {number + 1}", draw_assumptions(assumptions, seed + number, ensemble))
        for number in range(count)
    )


def run_weights(members: tuple[Member, ...], runs: list[int]) -> Array | None:
    """The weight of each run, those of a member sharing its own; None where all are equal.

    Args:
        members: The members.
        runs: Finished runs of each, in the same order.
    """
    found = np.concatenate(
        [
            np.full(done, member.weight / done if done else 0.0)
            for member, done in zip(members, runs, strict=True)
        ]
    )
    return None if np.allclose(found, found[0], rtol=1e-9) else found / found.sum()


def seed_of(first: int, member: int, replication: int) -> int:
    """The seed of a run: every run has its own luck, and more runs leave the others theirs.

    Members that shared seeds would share their weather, and the forecast would spread too little.
    The numbers are Cantor's: each pair of member and replication has one of its own.
    """
    step = member + replication
    return first + step * (step + 1) // 2 + replication


@dataclass(frozen=True)
class MemberRuns:
    """The runs of the members of a forecast, each with seeds of its own.

    Attributes:
        members: The members.
        cases: The case of each.
        seeds: Its seeds.
    """

    members: tuple[Member, ...]
    cases: list[Case]
    seeds: list[list[int]]

    @classmethod
    def of(cls, scenario: Scenario, options: Options, sets: int, turns: int) -> MemberRuns:
        """The runs of a forecast.

        Args:
            scenario: What is run.
            options: Where the assumptions come from, and the first seed.
            sets: Sets of assumptions.
            turns: Runs of each.
        """
        members = members_of(options.assumptions, sets, options.seed, options.ensemble)
        return cls(
            members,
            [member.case(scenario) for member in members],
            [
                [seed_of(options.seed, number, turn) for turn in range(turns)]
                for number in range(len(members))
            ],
        )

    @property
    def trials(self) -> list[Trial]:
        """All runs."""
        return [
            Trial(case, seed)
            for case, own in zip(self.cases, self.seeds, strict=True)
            for seed in own
        ]

    def run(self, experiment: Experiment) -> tuple[Histories, Array | None, list[list[int]]]:
        """Run what is missing.

        Returns:
            The months of all finished runs, the weight of each, and the finished seeds of each
            member.

        Raises:
            InputError: Too few came to their end.
        """
        runs = experiment.runs
        runs.add(self.trials)
        both = list(zip(self.cases, self.seeds, strict=True))
        done = [runs.seeds([case], own) for case, own in both]
        if sum(map(len, done)) < FEWEST_RUNS:
            failures = runs.failures(self.cases)
            first = runs.first_error(self.cases)
            raise InputError(
                f"{len(failures)} runs failed, and the others are too few for a forecast{first}",
                kept=experiment.folder.path,
            )
        measured = (
            measures
            for case, own in zip(self.cases, done, strict=True)
            for measures in runs.each(case, own)
        )
        weights = run_weights(self.members, [len(own) for own in done])
        return histories_of(experiment.axes, measured), weights, done
