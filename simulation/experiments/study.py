"""A study: a question that runs answer. It says what is run and what follows from the runs.

All else is shared: options, progress, resuming, failures, cost, cluster, results, page and command.
`docs/architecture.md` says how to add a study.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from simulation.errors import InputError
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.trials import Case
from simulation.experiments.findings import ExperimentFindings, Finding, Finished
from simulation.scenario import Scenario


@dataclass(frozen=True)
class StudyResult:
    """What the runs of a study gave.

    Attributes:
        found: The study's own part of its findings; the engine adds the header.
        cases: The cases to write tables of.
        seeds: The seeds they share, or all there are.
        own_seeds: The seeds of each case, where they share none.
        tables: Whether to write tables of the runs.
    """

    found: Finding
    cases: Sequence[Case]
    seeds: Sequence[int]
    own_seeds: Sequence[Sequence[int]] | None = None
    tables: bool = True


class Study[Found: ExperimentFindings](ABC):
    """A question; the fields of a subclass are what it is asked with.

    Attributes:
        kind: Name of the study in commands and results.
        findings: The type of its findings.
    """

    kind: ClassVar[str]
    findings: type[Found]

    @property
    @abstractmethod
    def scenarios(self) -> Sequence[Scenario]:
        """What it starts from; the first gives the dates."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What else its numbers depend on, as JSON."""
        return {}

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
        return Experiment(self.kind, self.scenarios, options, settings=self.settings, **how)

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


def conduct[Found: ExperimentFindings](
    study: Study[Found],
    options: Options,
    *,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Finished[Found]:
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
    study.prepare(experiment)
    with experiment:
        findings = experiment.finish(study.findings, study.run(experiment))
        return Finished(experiment.folder.path, findings, experiment.runs.ran)


def no_pairs(experiment: Experiment, cases: Sequence[Case], needed: str) -> InputError:
    """The error where no seed gave all runs that are needed, with the first failure.

    Args:
        experiment: Under way.
        cases: All cases that were run.
        needed: What a seed must have given a run of, in words.
    """
    failed, first = len(experiment.runs.failures(cases)), experiment.runs.first_error(cases)
    return InputError(
        f"no seed gave a run of {needed} ({failed} runs failed{first})",
        kept=experiment.folder.path,
    )
