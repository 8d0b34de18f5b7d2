"""Which agreement buys most: pairs of authorities raised to more sharing, one at a time.

Agreements that are asked for by name are all run with the same seeds. Of every pair, all are
screened with few seeds and the best are run again with seeds of their own, so that
what was chosen for its luck does not keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from simulation.engine.argument import check_arguments
from simulation.engine.arguments import AGREEMENTS, BETWEEN
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.time_budget import in_words
from simulation.engine.trials import Case, Trial
from simulation.errors import InputError, unknown_word
from simulation.margins import margin_of
from simulation.scenario import Scenario
from simulation.scenario.levels import level_word
from simulation.statistics.paired import COVERAGE
from simulation.studies.agreements.findings import (
    JUDGED,
    RISES,
    AgreementEffect,
    AgreementRanking,
    AgreementsFindings,
    Better,
    Effects,
    Looks,
    PairEffects,
    StageSeeds,
    Status,
    agreements_csv,
    display_order,
    gain,
    helps,
)
from simulation.studies.agreements.pairs import (
    ANNOUNCED,
    Agreement,
    Terms,
    agreements_of,
    outside,
    read_terms,
    with_agreements,
)
from simulation.studies.paired_effects import compared, effect, identical, pairs_needed
from simulation.studies.study import MOST_UNASKED, Study, no_pairs, seconds_per_run
from simulation.studies.world_effects import WorldEffects, design_of, of_worlds, write_by_world

#: what is asked of the agreements of the announcement where nothing else is: as signed, deepened
_LEVELS, _ABSENT = "medium,high", "agreements-absent"
#: pairs of runs after which those whose verdict is settled end
_LOOKS = (6, 8, 14)
#: what is asked where no scenario is named
_OUTLOOK, _IN_THE_OUTLOOK = "outlook", {"from_": "2027-01-01", "period": "2027..2028"}


def question(scenario: Any, asked: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The scenario and the arguments of a study, with what is not given filled in.

    Args:
        scenario: What they have now; None for the outlook, or for what the agreements of the
            announcement are compared with.
        asked: The declared arguments of the study by name.
    """
    chosen = any(asked[name] not in (None, False) for name in ("between", "among", "with_", "all_"))
    more = {"level": "high"} if chosen else {"between": ANNOUNCED, "level": _LEVELS}
    if scenario is None:
        scenario, more = _OUTLOOK if chosen else _ABSENT, more | _IN_THE_OUTLOOK
    filled = {name: more.get(name) if value is None else value for name, value in asked.items()}
    return scenario, filled


@dataclass(frozen=True)
class PlannedRuns:
    """The runs that a study of agreements plans.

    Attributes:
        pairs: Agreements there is room for.
        screening: Runs of the first stage.
        refining: Runs of the second.
        missing: Runs of the stage that comes first that are not there from an earlier attempt.
        seconds: Time of one run; None when none was timed.
        workers: Processes that share the work; None for a cluster, whose size is unknown.
        share: Share of the days of these runs that is simulated; days they share are so once.
    """

    pairs: int
    screening: int
    refining: int
    missing: int
    seconds: float | None
    workers: int | None
    share: float = 1.0

    @property
    def runs(self) -> int:
        """All of them."""
        return self.screening + self.refining

    @property
    def first(self) -> int:
        """Those of the stage that comes first."""
        return self.screening or self.refining

    @property
    def duration(self) -> str:
        """How long they take: `some 25 minutes with 2 processes`; empty if unknown."""
        if not self.seconds or self.workers is None:
            return ""
        # those still to be run, as far as is known before the second stage
        left = self.runs - self.first + self.missing
        took = left * self.share * self.seconds / self.workers
        text = f"some {in_words(took)} with {self.workers}"
        return f"{text} {'process' if self.workers == 1 else 'processes'}"


@dataclass(frozen=True)
class Agreements(Study[AgreementsFindings]):
    """Pairs of authorities raised to more sharing: which agreement buys most.

    Attributes:
        scenario: What they have now.
        between: Agreements to rank, such as `UK:RS,UK:RS+UK:MK`; every pair when None.
        all_: Whether every pair is asked for in words.
        among: Only parties of these authorities and groups, with commas between them.
        with_: Only agreements with this authority or group.
        level: Levels they are raised to, one at a time, with commas between them.
        from_: First day of an agreement as ISO 8601; None for always, warm-up included.
        ramp_days: Days it takes to grow from that day.
        period: The years that every figure is of; None for all days of the run.
        margin: Largest changes that do not matter, as `simulation.margins.read_margins` takes them.
        by: The outcome that ranks them.
        replications: Seeds of the screening.
        refine: How many of the best are run again.
        refine_replications: Seeds of those, and of agreements asked for by name.
        yes: Whether many runs have been agreed to.
        announce: Called with what is about to be run.
        look_ahead: Called with the name and the scenario of each, before anything is run.
    """

    kind = "agreements"
    crossed = True
    findings = AgreementsFindings
    scenario: Scenario
    between: str | None = None
    all_: bool = False
    among: str | None = None
    with_: str | None = None
    level: str = "high"
    from_: str | None = None
    ramp_days: int = 180
    period: str | None = None
    margin: str | None = None
    by: str = "channel_arrivals"
    replications: int = 6
    refine: int = 15
    refine_replications: int = 20
    yes: bool = False
    announce: Callable[[PlannedRuns], None] | None = None
    look_ahead: Callable[[Sequence[tuple[str, Scenario]]], None] | None = None

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The scenario."""
        return [self.scenario]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Which agreements, and what ranks them."""
        start = None if self.terms.start is None else self.terms.start.isoformat()
        return {
            "agreements": " ".join(self.agreements), "raised_to": self.level, "from": start,
            "ramp_days": self.terms.ramp_days, "period": self.period, "by": self.by,
        }  # fmt: skip

    @cached_property
    def terms(self) -> Terms:
        """The terms of all agreements."""
        return read_terms(self.scenario, self.level, self.from_, self.ramp_days)

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        """All agreements, by their key."""
        every = agreements_of(
            self.scenario, self.among, self.with_, between=self.between, terms=self.terms
        )
        return {agreement.key: agreement for agreement in every}

    @cached_property
    def cases(self) -> dict[str, Case]:
        """Each agreement with room on top of the scenario, by its key."""
        scenario = self.scenario
        return {
            key: Case(one.name, with_agreements(scenario, [one], scenario.description))
            for key, one in self.agreements.items()
            if one.levers
        }

    @property
    def base(self) -> Case:
        """The scenario without any of them."""
        return Case(self.scenario.title, self.scenario)

    @property
    def better(self) -> Better:
        """Which way the outcome asked for is meant to go."""
        return "higher" if self.by in RISES else "lower"

    @property
    def refined(self) -> int:
        """How many of the best are run again."""
        return len(self.cases) if self.between is not None else self.refine

    @property
    def screened_with(self) -> int:
        """Seeds of the screening; none of agreements that are asked for by name."""
        return 0 if self.between is not None else self.replications

    def check(self) -> None:
        """Refuse numbers out of range, unknown names, and pairs that leave no room."""
        if self.by not in JUDGED:
            raise unknown_word("not an outcome that ranks agreements", self.by, JUDGED, key="--by")
        check_arguments(AGREEMENTS, self)
        if self.between is not None and (self.all_ or self.among or self.with_):
            raise InputError(
                "names the agreements; --all, --among and --with choose among every pair",
                key=BETWEEN.option,
                value=self.between,
                allowed="one of these ways",
            )
        if not self.cases:
            raise InputError(
                f"no pair of authorities has room: all {len(self.agreements)} share at "
                f"{self.raised_to} or above already",
                file=self.scenario.file,
            )

    def prepare(self, experiment: Experiment) -> None:
        """Refuse very many runs, or a start after the end."""
        start, end = self.terms.start, experiment.axes.end
        if start is not None and start > end:
            raise outside(self.scenario, start.isoformat(), end)
        workers = experiment.options.processes
        plan = self.planned(len(self.cases), workers)
        if plan.runs > MOST_UNASKED and not self.yes:
            setting = experiment.setting
            seconds = None if workers is None else seconds_per_run(setting, self.scenario)
            took = replace(plan, seconds=seconds).duration
            raise InputError(
                f"{plan.runs:,} runs for {plan.pairs} agreements{', ' if took else ''}{took}: this "
                "is a large job",
                key="--yes",
                allowed=f"--yes to run them; or up to {MOST_UNASKED} runs, with --among, --with, "
                "or fewer --replications and --refine",
            )

    def planned(self, pairs: int, workers: int | None) -> PlannedRuns:
        """The largest number of runs for so many agreements, none of them finished."""
        few, more = self.screened_with, self.refine_replications
        refined = min(self.refined, pairs)
        return PlannedRuns(
            pairs=pairs,
            screening=(pairs + 1) * few if few else 0,
            refining=(refined + 1) * more if refined else 0,
            missing=(pairs + 1) * (few or more),
            seconds=None,
            workers=workers,
        )

    def run(self, experiment: Experiment) -> StudyResult:
        """Screen all agreements, refine the best, and say what each does."""
        stages = _Stages(self, experiment)
        stages.begin()
        stages.screen()
        stages.refine()
        best_first = stages.ranking()
        screened, refined = stages.screened, stages.refined
        names = {key: one.name for key, one in self.agreements.items()}
        ranking = display_order(best_first, refined, names, self.by, self.better)
        findings = AgreementRanking(
            baseline=self.base.name,
            coverage=COVERAGE,
            headline=self.by,
            better=self.better,
            outcomes=list(JUDGED),
            raised_to=self.raised_to,
            raised_from=self.settings["from"],
            ramp_days=self.terms.ramp_days,
            parties={
                party.code: party.name
                for agreement in self.agreements.values()
                for pair in agreement.pairs
                for party in pair
            },
            pairs=[stages.pair(key, ranking) for key in self.agreements],
            ranking=ranking,
            looks=Looks(screening=len(screened), refined=len(refined)),
            seeds_of=StageSeeds(
                screening=list(stages.screening), refined=list(stages.refining) if refined else []
            ),
            failed=experiment.runs.failures(stages.run.values()),
            pairs_to_split=design_of(experiment).pairs_to_split(self.screened_with),
        )
        experiment.folder.write_text("agreements.csv", agreements_csv(findings.pairs))
        if stages.worlds:
            write_by_world(experiment, self.base, [*stages.worlds.values()])
        tables = [self.base, *(self.cases[key] for key in refined or screened)]
        seeds = stages.refining if refined else stages.screening
        return StudyResult(findings, tables, experiment.runs.seeds(tables, seeds))

    @property
    def raised_to(self) -> str:
        """The levels in words."""
        return " or ".join(map(level_word, self.terms.levels))


class _Stages:
    """The runs of a study of agreements, stage by stage, and what is known so far."""

    def __init__(self, study: Agreements, experiment: Experiment) -> None:
        few, more = study.screened_with, study.refine_replications
        #: intervals looked at together; of agreements that are named, each is a question of its own
        self.looks = len(study.cases) if few else 1
        self.screening = experiment.seeds(few)
        #: seeds of the second stage
        self.refining: Sequence[int] = experiment.seeds(more, first=few)
        #: effects by key, each with the seeds of its stage
        self.screened: dict[str, Effects] = {}
        self.refined: dict[str, Effects] = {}
        #: what was judged, world by world, by its case
        self.worlds: dict[str, WorldEffects] = {}
        #: agreements whose runs are the baseline's to the last bit
        self.silent: set[str] = set()
        self._study, self._experiment = study, experiment
        self._ensemble, self._base = experiment.runs, study.base
        #: every case that was run, by its key
        self.run: dict[str, Case] = {}

    def begin(self) -> None:
        """Time one run, unless it is there already, and announce what comes before and after."""
        study, runs = self._study, self._ensemble
        seeds = self.screening or self.refining
        everyone = [self._base, *study.cases.values()]
        trials = [Trial(case, seed) for case in everyone for seed in seeds]
        if study.look_ahead is not None and runs.plan(trials):
            study.look_ahead([(case.name, case.scenario) for case in study.cases.values()])
        runs.add([Trial(self._base, seeds[0])])
        seconds = runs.run_seconds or None
        missing = runs.plan(trials)
        if study.announce is not None:
            plan = study.planned(len(study.cases), self._experiment.options.processes)
            share = runs.whole_runs(trials) / missing if missing else 1.0
            study.announce(replace(plan, missing=missing, seconds=seconds, share=share))

    def screen(self) -> None:
        """Find the effect of every agreement with room, from few seeds.

        Raises:
            InputError: No pair of runs succeeded.
        """
        self.screened = self._measured(self._study.cases, self.screening)

    def refine(self) -> None:
        """Run the best with fresh seeds, or all that were asked for by name.

        Raises:
            InputError: No pair of runs succeeded.
        """
        cases = self._study.cases
        if self.screening:
            best = self.ranking()[: self._study.refined]
            self.looks = len(best)
            self.refined = self._measured({key: cases[key] for key in best}, self.refining)
        else:
            self._refine_until_settled()
        for key in self.refined:
            self._see_worlds(cases[key], self.refining, self.looks)

    def _refine_until_settled(self) -> None:
        """Run agreements that are named in the same worlds, each until its verdict is settled.

        How many that takes depends on the runs alone, so it is the same for any executor.
        """
        cases, most = dict(self._study.cases), len(self.refining)
        seeds: Sequence[int] = ()
        for count in (*(size for size in _LOOKS if size < most), most):
            seeds = self.refining[:count]
            self.refined |= self._measured(cases, seeds)
            cases = {
                key: case
                for key, case in cases.items()
                if key in self.refined and self._verdict(key) == "open"
            }
            if not cases:
                break
        self.refining = list(seeds)

    def _verdict(self, key: str) -> str:
        by = self._study.by
        return self.refined[key][by].judged(margin_of(by, self._study.margins)).verdict

    def _measured(self, cases: Mapping[str, Case], seeds: Sequence[int]) -> dict[str, Effects]:
        """The effects of agreements with some seeds."""
        if not seeds or not cases:
            return {}
        self._add(list(cases.values()), seeds)
        looks = self.looks
        effects_of = {key: self._effects(case, seeds, looks) for key, case in cases.items()}
        measured = {key: effects for key, effects in effects_of.items() if effects is not None}
        if not measured and not self.screened:
            needed = "the baseline and of an agreement"
            raise no_pairs(self._experiment, list(self.run.values()), needed)
        for key in measured.keys() - self.screened.keys():
            both = self._ensemble.seeds([self._base, cases[key]], seeds)
            if identical(self._ensemble, self._base, cases[key], both):
                self.silent.add(key)
        return measured

    def ranking(self) -> list[str]:
        """The agreements that change a number: the refined ones best first, then the others."""

        def ordered(effects_of: Mapping[str, Effects]) -> list[str]:
            # sorted keeps the corridor's order among equals
            return sorted(effects_of, key=lambda key: -self._gain(effects_of[key]))

        keys = dict.fromkeys(ordered(self.refined) + ordered(self.screened))
        return [key for key in keys if key not in self.silent]

    def pair(self, key: str, ranking: Sequence[str]) -> PairEffects:
        """The effects of an agreement."""
        agreement = self._study.agreements[key]
        worlds = self.worlds.get(self._study.cases[key].key) if key in self.refined else None
        status: Status = "raised"
        if key not in self._study.cases:
            status = "no_room"
        elif key not in {**self.screened, **self.refined}:
            status = "failed"
        elif key in self.silent:
            status = "reaches_nobody"
        return PairEffects(
            key=key,
            name=agreement.name,
            parties=[party.code for pair in agreement.pairs for party in pair],
            level=agreement.level,
            before=agreement.before,
            status=status,
            rank=self._rank(key, ranking),
            screening=self.screened.get(key),
            refined=self.refined.get(key),
            **of_worlds(worlds),
        )

    def _rank(self, key: str, ranking: Sequence[str]) -> int | None:
        """The place of an agreement that clearly helps; None for any other."""
        effects = self.refined.get(key)
        if effects is None or key not in ranking:
            return None
        clear = helps(effects[self._study.by], self._study.better)
        return ranking.index(key) + 1 if clear else None

    def _add(self, cases: Sequence[Case], seeds: Sequence[int]) -> None:
        """See that the baseline and these cases have run with these seeds."""
        wanted = [self._base, *cases]
        self.run |= {case.key: case for case in wanted}
        self._ensemble.add(Trial(case, seed) for seed in seeds for case in wanted)

    def _effects(self, case: Case, seeds: Sequence[int], looks: int) -> Effects | None:
        """Effects of a case, widened for so many looks together; None without a pair of runs."""
        both = self._ensemble.seeds([self._base, case], seeds)
        if not both:
            return None
        measured = compared(self._ensemble, self._base, case, both, comparisons=looks)
        places = {name: (0, OUTCOME_NAMES.index(name)) for name in JUDGED}
        return {
            name: AgreementEffect(
                **effect(measured, at, name).as_json(),
                pairs_to_settle=pairs_needed(measured.mean, at, name),
            )
            for name, at in places.items()
        }

    def _see_worlds(self, case: Case, seeds: Sequence[int], looks: int) -> None:
        """Keep the effects of a case world by world, widened as its other effects are."""
        both = self._ensemble.seeds([self._base, case], seeds)
        self.worlds[case.key] = WorldEffects.of_cases(
            self._experiment, self._base, case, both, looks
        )

    def _gain(self, effects: Effects | None) -> float:
        """How much an effect is worth by the outcome asked for."""
        return gain(effects[self._study.by] if effects else None, self._study.better)
