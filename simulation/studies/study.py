"""A study: a question that runs answer. It says what is run and what follows from the runs.

All else is shared: options, progress, resuming, failures, cost, cluster, results, page and command.
`docs/architecture.md` says how to add a study.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Finished
from simulation.engine.options import Options
from simulation.engine.progress import Progress
from simulation.engine.result_folder import read_findings
from simulation.engine.time_budget import in_words
from simulation.engine.trials import Case, Setting, Trial
from simulation.engine.world_design import DRAWN, Chosen
from simulation.errors import InputError
from simulation.margins import asked_margins
from simulation.scenario import Scenario
from simulation.studies.paired_effects import judged

#: runs above which a command asks for a confirmation
MOST_UNASKED = 500


class Study[FindingsT: ExperimentFindings](ABC):
    """A question; the fields of a subclass are what it is asked with.

    Attributes:
        kind: Name of the study in commands and results.
        findings: The type of its findings.
    """

    kind: ClassVar[str]
    findings: type[FindingsT]
    #: whether its pairs cross sets of assumptions, future paths and seeds by design
    crossed: ClassVar[bool] = False
    #: the years that are counted, such as `2027..2028`; all days of the run when None
    period: str | None = None
    #: margins that were asked for, as `read_margins` takes them
    margin: str | None = None

    @property
    @abstractmethod
    def scenarios(self) -> Sequence[Scenario]:
        """The scenarios of the study; the first gives the dates."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The other settings that its numbers depend on, as JSON."""
        return {}

    @property
    def margins(self) -> Mapping[str, float]:
        """Margins that are not those recorded, as shares by outcome."""
        return asked_margins(self.margin, [one.margin for one in self.scenarios])

    @property
    def chosen(self) -> Chosen:
        """The set and the path of all pairs, where these are not drawn."""
        return DRAWN

    @property
    def question_key(self) -> Mapping[str, Any] | None:
        """What decides the findings beside the identity of the experiment, as JSON.

        None where the same question again may run more, as one that a time ends.
        """
        return None

    @property
    def asks_runs(self) -> bool:
        """Whether it runs anything at all."""
        return True

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: An argument is out of range.
        """
        return

    def begin(self, options: Options, **how: Any) -> Experiment:
        """The experiment that its runs are part of; nothing is written yet.

        Args:
            options: What every experiment can be asked.
            how: `command`, `progress` and `simulate` of `Experiment`.

        Raises:
            InputError: An option cannot be used.
        """
        margins = {"margins": dict(self.margins)} if self.margins else {}
        how |= {
            "settings": {**self.settings, **margins},
            "crossed": self.crossed,
            "chosen": self.chosen,
        }
        how["period"] = self.period
        return Experiment(self.kind, self.scenarios, options, **how)

    def prepare(self, experiment: Experiment) -> None:
        """Look at the experiment before anything is written: add notes, refuse its cost.

        Raises:
            InputError: It is too large a job.
        """
        return

    @abstractmethod
    def run(self, experiment: Experiment) -> StudyResult:
        """Run what is needed, write the study's own files, and say what follows.

        Args:
            experiment: Under way.

        Raises:
            InputError: No run that is needed succeeded.
        """


def conduct[FindingsT: ExperimentFindings](
    study: Study[FindingsT],
    options: Options,
    *,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Finished[FindingsT]:
    """Conduct a study, or go on with one that ended early.

    Args:
        study: The study.
        options: What every experiment can be asked.
        command: Command that makes the results again.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used, or no run that is needed succeeded.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    study.check()
    experiment = study.begin(options, command=command, progress=progress, simulate=simulate)
    if experiment.is_answered(study.question_key):
        folder = experiment.folder.path
        return Finished(folder, read_findings(folder, study.findings), 0, answered=True)
    study.prepare(experiment)
    experiment.noted["question"] = study.question_key
    with experiment:
        result = study.run(experiment)
        result = replace(result, findings=judged(result.findings, study.margins))
        findings = experiment.finish(study.findings, result)
        return Finished(experiment.folder.path, findings, experiment.runs.ran)


def no_pairs(experiment: Experiment, cases: Sequence[Case], needed: str) -> InputError:
    """The error where no seed gave all runs that are needed, with the first failure.

    Args:
        experiment: Under way.
        cases: All cases that were run.
        needed: What a seed must have given a run of, in words.
    """
    runs = experiment.runs
    return InputError(
        f"no seed gave a run of {needed} ({len(runs.failures(cases))} runs failed"
        f"{runs.first_error(cases)})",
        run_folder=experiment.folder.path,
    )


# -- the cost of a study, announced before anything is written -------------------------------------


@dataclass(frozen=True)
class Cost:
    """The cost of an experiment in runs and seconds.

    Attributes:
        runs: Runs at most.
        missing: Those still to be run.
        seconds: Seconds of one run, from one that was timed; None if it failed, and for a cluster.
        workers: Processes they are shared among; None for a cluster, whose number of
            workers is not known.
    """

    runs: int
    missing: int
    seconds: float | None
    workers: int | None

    def __str__(self) -> str:
        text = f"{self.runs:,} runs"
        if n_finished := self.runs - self.missing:
            text += f", {n_finished:,} of them already there"
        if self.seconds is None or self.workers is None:
            return text
        at_once = "at a time" if self.workers > 1 else "after another"
        return (
            f"{text}: about {in_words(self.missing * self.seconds / self.workers)} "
            f"({self.seconds:.1f} s a run, {self.workers} {at_once})"
        )


def check_cost(
    experiment: Experiment,
    planned: Collection[Trial],
    later: int,
    *,
    yes: bool,
    announce: Callable[[Cost], None] | None,
) -> None:
    """Tell what an experiment costs, before anything is written.

    Args:
        experiment: Not entered yet.
        planned: Trials that are known already.
        later: Runs at most that depend on what those give.
        yes: Many runs are meant.
        announce: Called with the cost if there is anything to run.

    Raises:
        InputError: There are more runs than may start without consent, and there is none.
    """
    stored, _ = experiment.folder.store.keys()
    keys = {trial.key for trial in planned}
    missing = len(keys - stored) + max(0, later - len(stored - keys))
    if not missing:
        return
    workers = experiment.options.processes
    cost = Cost(
        runs=len(keys) + later,
        missing=missing,
        # how long a run takes here says nothing of a cluster
        seconds=None if workers is None else _timed(experiment.setting, next(iter(planned))),
        workers=workers,
    )
    if missing > MOST_UNASKED and not yes:
        raise InputError(
            f"would take {cost}; say --yes if that is meant, or ask for fewer",
            allowed=f"up to {MOST_UNASKED} runs without --yes",
        )
    if announce is not None:
        announce(cost)


def _timed(setting: Setting, trial: Trial) -> float | None:
    """Seconds a run takes; None where it fails, which is recorded when it is run in earnest."""
    setting.prepare(trial)
    try:
        return setting.run(trial).seconds
    except InputError:
        raise
    except Exception:
        return None


def seconds_per_run(setting: Setting, scenario: Scenario) -> float | None:
    """Seconds of one run, from its warm-up; None where they cannot be measured quickly."""
    from simulation.compiled_cache import is_compiled  # loads Numba

    if setting.simulate is None and not is_compiled():
        return None
    trial = Trial(Case("", scenario), 1)
    short = Setting(setting.scale, 1, simulate=setting.simulate)
    try:
        short.prepare(trial)
        started = time.perf_counter()
        short.run(trial)
    except Exception:
        # the runs themselves will tell what is wrong
        return None
    warm_up = scenario.run.warm_up_days
    return (time.perf_counter() - started) * (warm_up + setting.days) / (warm_up + 1)
