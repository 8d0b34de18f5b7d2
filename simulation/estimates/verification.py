"""Proposals of a search, verified by pairs of runs: a comparison with what they are laid over."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import Field

from simulation.engine.arguments import VERIFYING_PAIRS
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import Effect
from simulation.engine.trials import Case, Trial
from simulation.engine.world_design import PARTS
from simulation.estimates.estimate import changes_since
from simulation.estimates.search import Question, share_of_worlds
from simulation.outcomes import HEADLINE
from simulation.statistics.finding import Finding
from simulation.statistics.paired import COVERAGE, own_percentages
from simulation.studies.compare import (
    Compare,
    Compared,
    ComparisonFindings,
    ScenarioEffects,
)
from simulation.studies.paired_effects import outcome_sum
from simulation.studies.study import Cost, check_cost
from simulation.studies.world_effects import WorldEffects


class Condition(Finding):
    """What an effect on an outcome in the year that is judged must be.

    Attributes:
        outcome: The outcome.
        label: What it is called.
        most: Whether the effect must be at most `percent`, else at least.
        percent: The change in percent of each pair's own baseline.
        estimated: Whether it can be estimated; of others only the runs say something.
    """

    outcome: str
    label: str
    most: bool
    percent: float
    estimated: bool = True

    @property
    def limit(self) -> float:
        """The logarithm of the ratio that it allows at most, or asks for at least."""
        return math.log1p(self.percent / 100.0)


class Verdict(Finding):
    """How one proposal does by one condition.

    Attributes:
        condition: The condition.
        estimate: The effect by the library; None of an outcome that is not estimated.
        estimated_share: Share of worlds that meet the condition by the library.
        share: The same by the runs; None without runs, for too few sets, and of deaths.
        by_path: The same as `share` in each third of the paths.
    """

    condition: Condition
    estimate: Effect | None = None
    estimated_share: float | None = None
    share: float | None = None
    by_path: dict[str, float | None] = Field(default_factory=dict)


class Proposal(Finding):
    """A scenario that was proposed.

    Attributes:
        title: Its title.
        changes: What it changes, in sentences.
        file: Its file in the folder of the results.
        size: Sum of the sizes of its levers, each a share of its range.
        strengths: Strength by axis.
        verdicts: How it does by each condition.
    """

    title: str
    changes: list[str]
    file: str = ""
    size: float = 0.0
    strengths: dict[str, float] = Field(default_factory=dict)
    verdicts: list[Verdict] = Field(default_factory=list)


class Proposed(Compared):
    """The findings of a search and of the runs that verify it.

    Attributes:
        scenario: Title of what levers are added to.
        base_file: Its file in the folder of the results.
        first: First day of what is proposed.
        year: The year that is judged.
        proposals: The proposals; of those without runs `scenarios` has no effects.
        verified: Whether runs verified them.
        estimated_from: Pairs of runs of each policy of the library.
        changed: What has changed since the library was built.
    """

    scenarios: list[ScenarioEffects] = Field(default_factory=list)
    scenario: str = ""
    base_file: str = ""
    first: str = ""
    year: int = 0
    proposals: list[Proposal] = Field(default_factory=list)
    verified: bool = False
    estimated_from: int = 0
    changed: list[str] = Field(default_factory=list)

    def effects_of(self, proposal: Proposal) -> ScenarioEffects | None:
        """The effects of a proposal by the runs; None without runs."""
        return next((one for one in self.scenarios if one.title == proposal.title), None)


class ProposedFindings(Proposed, ComparisonFindings):
    """`summary.json` of a search, as far as all searches are alike."""


@dataclass(frozen=True)
class Verification(Compare):
    """A comparison of proposals with what they are laid over.

    Attributes:
        question: What was asked.
        proposals: The proposals, each with its scenario among `others`.
        searched: What else the search gave, by field of `searched_as`.
        propose_only: Whether nothing is run.
        yes: Whether many runs are meant.
        announce_cost: Called with the cost before the first run.
    """

    question: Question = field(kw_only=True)
    proposals: Sequence[Proposal] = field(kw_only=True)
    searched: Mapping[str, Any] = field(kw_only=True)
    propose_only: bool = False
    yes: bool = False
    announce_cost: Callable[[Cost], None] | None = None
    #: the type of what the search and the runs give together
    searched_as: ClassVar[type[Proposed]]

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the estimates depend on, beside the proposals themselves."""
        stored = self.question.stored
        rests_on = {name: stored.about[name] for name in ("model", "fit", "data", "seed")}
        rests_on["pairs"] = stored.pairs
        return {**super().settings, "library": rests_on, "propose_only": self.propose_only}

    @property
    def question_key(self) -> None:
        """None: what is proposed is worked out anew, for it hangs on more than the runs."""
        return

    def check(self) -> None:
        """Refuse too few pairs."""
        super().check()
        VERIFYING_PAIRS.check(self.precision.replications)

    @property
    def asks_runs(self) -> bool:
        """Whether there are proposals to verify."""
        return bool(self.others) and not self.propose_only

    def prepare(self, experiment: Experiment) -> None:
        """Leave out the questions about amounts of the proposals, and say what the runs cost."""
        proposed = {one.title for one in self.others}
        experiment.notes = [
            note for note in experiment.notes
            if note.kind not in ("beside", "amount") or note.scenario not in proposed
        ]  # fmt: skip
        if not self.asks_runs:
            return
        cases, pairs = [Case(one.title, one) for one in self.scenarios], self.precision.replications
        assert pairs is not None
        trials = [Trial(case, seed) for seed in experiment.seeds(pairs) for case in cases]
        check_cost(experiment, trials, 0, yes=self.yes, announce=self.announce_cost)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the pairs, and judge each proposal by them."""
        asked = self.question
        proposals = [
            one.model_copy(update={"file": experiment.scenario_file(number)})
            for number, one in enumerate(self.proposals, start=1)
        ]
        shared: dict[str, Any] = {
            "scenario": self.baseline.title, "base_file": experiment.scenario_file(0),
            "first": asked.library.start.isoformat(), "year": asked.year,
            "estimated_from": asked.stored.pairs,
            "changed": changes_since(asked.stored, asked.library),
        }  # fmt: skip
        if not self.asks_runs:
            none: dict[str, Any] = {
                "baseline": self.baseline.title,
                "coverage": COVERAGE,
                "headline": HEADLINE,
            }
            findings = self.searched_as(proposals=proposals, **self.searched, **none, **shared)
            return StudyResult(findings, [], [], tables=False)
        result = super().run(experiment)
        base, *others = (Case(one.title, one) for one in self.scenarios)
        judged = [
            proposal.model_copy(update={"verdicts": [
                by_runs(one, WorldEffects.of_cases(experiment, base, case, result.seeds))
                for one in proposal.verdicts
            ]})
            for proposal, case in zip(proposals, others, strict=True)
        ]  # fmt: skip
        compared = {name: getattr(result.findings, name) for name in Compared.model_fields}
        findings = self.searched_as(
            proposals=judged, verified=True, **self.searched, **compared, **shared
        )
        return StudyResult(findings, result.cases, result.seeds)


def by_runs(verdict: Verdict, worlds: WorldEffects) -> Verdict:
    """A verdict with the shares of worlds in which runs meet its condition.

    None is stated of deaths: of these the range of the change and its direction are all there is.
    """
    condition = verdict.condition
    if not condition.estimated:
        return verdict
    base, other = (outcome_sum(one, condition.outcome) for one in (worlds.base, worlds.other))
    beyond = own_percentages(base, other) - condition.percent
    parts = [worlds.design.part(seed) for seed in worlds.seeds]

    def share(places: Sequence[int]) -> float | None:
        labels = worlds.design.worlds([worlds.seeds[place] for place in places])
        return share_of_worlds(beyond[list(places)], labels, most=condition.most)

    by_path = {
        part: share(places)
        for part in PARTS
        if (places := [place for place, one in enumerate(parts) if one == part])
    }
    return verdict.model_copy(update={"share": share(range(len(parts))), "by_path": by_path})
