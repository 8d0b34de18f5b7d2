"""What an experiment will take, told before anything is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from simulation.compiled import is_compiled
from simulation.errors import InputError
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.time_budget import in_words
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.scenario import Scenario

#: runs above which a command wants to be told that they are meant
MOST_UNASKED = 500


@dataclass(frozen=True)
class Cost:
    """What an experiment will take.

    Attributes:
        runs: Runs at most.
        missing: Those still to be run.
        seconds: Seconds of one run, from one that was timed; None if it failed, and for a cluster.
        workers: Processes they are shared among; None for a cluster, whose workers nobody knows.
    """

    runs: int
    missing: int
    seconds: float | None
    workers: int | None

    def __str__(self) -> str:
        text = f"{self.runs:,} runs"
        if there := self.runs - self.missing:
            text += f", {there:,} of them already there"
        if self.seconds is None or self.workers is None:
            return text
        at_once = "at a time" if self.workers > 1 else "after another"
        return (
            f"{text}: about {in_words(self.missing * self.seconds / self.workers)} "
            f"({self.seconds:.1f} s a run, {self.workers} {at_once})"
        )


def check_cost(
    experiment: Experiment,
    known: Collection[Trial],
    later: int,
    *,
    yes: bool,
    announce: Callable[[Cost], None] | None,
) -> None:
    """Tell what an experiment costs, before anything is written.

    Args:
        experiment: Not entered yet.
        known: Trials that are known already.
        later: Runs at most that depend on what those give.
        yes: Many runs are meant.
        announce: Called with the cost if there is anything to run.

    Raises:
        InputError: There are many runs and nobody said that they are meant.
    """
    there, _ = experiment.folder.store.keys()
    keys = {trial.key for trial in known}
    missing = len(keys - there) + max(0, later - len(there - keys))
    if not missing:
        return
    workers = experiment.options.processes
    cost = Cost(
        runs=len(keys) + later,
        missing=missing,
        # how long a run takes here says nothing of a cluster
        seconds=None if workers is None else _timed(experiment.setting, next(iter(known))),
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
    """How long one run takes, from its warm-up; None where that cannot be told quickly."""
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
