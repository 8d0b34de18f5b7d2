"""The experiment of a fit: its runs, wave by wave, each kept as the figures that are fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import compress
from typing import Any

import numpy as np

from simulation.engine.experiment import Experiment
from simulation.engine.options import Options
from simulation.engine.trials import Case, Setting, Trial
from simulation.errors import InputError
from simulation.fitting.ahead import Ahead
from simulation.fitting.plan import FitPlan
from simulation.fitting.priors import Prior, values_of
from simulation.fitting.series import Array, Data, Flags
from simulation.outcomes import RunRecord
from simulation.parameters.records import Value
from simulation.scenario import Scenario
from simulation.source_hash import NOT_MODEL, package_hash

#: of every member, by record name
Values = Sequence[Mapping[str, Value]]
#: largest share of the members of a wave that may fail
MOST_FAILED = 0.2
#: what changes nothing of a fit: how it is shown, and the ensemble an earlier one left
_NOT_FIT = NOT_MODEL - {"fitting"}


@dataclass(frozen=True)
class FitSetting(Setting):
    """What the runs of a fit share; of each, only the figures that are fitted are kept.

    Attributes:
        data: What they are compared with.
        ahead: What some of them run on to; None where none does.
    """

    data: Data = field(kw_only=True)
    ahead: Ahead | None = None

    def days_of(self, case: Case) -> int:
        """Days of the run of a case: to the end of the window, or of the years after the data."""
        run = case.scenario.run
        return (run.end - run.start).days + 1 if self._goes_on(run.end) else self.days

    def reduce(self, record: RunRecord) -> dict[str, object]:
        """The figures of a run, those of the years after the data last where it has them."""
        figures = [self.data.of(record)]
        if self.ahead is not None and self._goes_on(record.end):
            figures.append(self.ahead.data.of(record))
        return {"figures": np.concatenate(figures).tolist()}

    def _goes_on(self, end: date) -> bool:
        """Whether a run that ends on a day goes on after the data."""
        return self.ahead is not None and end == self.ahead.scenario.run.end

    def check(self, measures: Mapping[str, object]) -> None:
        """Refuse what `reduce` does not give.

        Raises:
            ValueError: Says what is wrong.
        """
        figures, size = measures.get("figures"), self.data.size
        kinds = [type(one) for one in figures] if isinstance(figures, list) else []
        sizes = (size, size if self.ahead is None else size + self.ahead.data.size)
        if set(measures) != {"figures"} or {*kinds} != {float} or len(kinds) not in sizes:
            raise ValueError(f"not the {size} figures of a run")


class FitExperiment(Experiment):
    """A fit under way.

    Args:
        scenario: What is run.
        options: What it was told; its days are those of the plan.
        plan: How much is run.
        data: What was observed.
        prior: What is fitted.
        ahead: What the sets and those tried as the centre run on to, if anything.
        how: `command`, `progress` and `simulate` of `Experiment`.
    """

    def __init__(
        self,
        scenario: Scenario,
        options: Options,
        plan: FitPlan,
        data: Data,
        prior: Prior,
        *,
        ahead: Ahead | None = None,
        **how: Any,
    ) -> None:
        end = plan.window.days[1]
        # a record of a year after the window is drawn, as it is wherever the ensemble is used
        options = replace(options, days=(end - scenario.run.start).days + 1, assumptions="ranges")
        super().__init__(
            "fit",
            [scenario],
            options,
            settings={
                "window": [plan.window.first, plan.window.last],
                "members": list(plan.rounds),
                "data": data.as_json(),
                "parameters": list(prior.names),
            },
            model=package_hash(_NOT_FIT),
            **how,
        )
        self.setting: Setting = FitSetting(**vars(self.setting), data=data, ahead=ahead)
        self.plan, self.data, self.prior, self.ahead = plan, data, prior, ahead
        #: known when its ensemble is
        self.most_runs = plan.budget
        #: every case that was run, for what failed
        self.seen: list[Case] = []

    @property
    def size(self) -> int:
        """How many assumptions are fitted."""
        return len(self.prior.names)

    def trials(self, wave: int, values: Values) -> list[Trial]:
        """The run of each member of a wave; no two of a fit share a seed.

        With a seed of its own each, chance in the runs stays chance: with shared seeds a fit would
        take one sequence of weather for the model's.

        Args:
            wave: Its number; those after the last have the candidates, the sets, and the sets that
                are tried as the centre, round by round.
            values: Of every member, by record name.
        """
        members = enumerate(zip(values, self.seeds_of(wave, len(values)), strict=True))
        later = ("candidate", "set", "centre")
        after = wave - len(self.plan.sizes)
        name = f"wave {wave + 1}, member" if after < 0 else later[min(after, len(later) - 1)]
        scenario = self.scenario
        if self.ahead is not None and after >= later.index("set"):
            centre = after > later.index("set")
            scenario = self.ahead.central if centre else self.ahead.scenario
        return [
            Trial(Case(f"{name} {n + 1}", scenario, dict(of)), seed) for n, (of, seed) in members
        ]

    @property
    def scenario(self) -> Scenario:
        """What is run."""
        return self._scenarios[0]

    def seeds_of(self, number: int, members: int) -> range:
        """The seed of each member of a wave."""
        return self.seeds(members, sum(self.plan.rounds[:number]))

    def wave(self, number: int, scores: Array) -> tuple[Array, Flags]:
        """`run_values` of scores of assumptions and controls, (assumptions, members)."""
        return self.run_values(number, values_of(self.prior, scores[: self.size]))

    def run_values(self, number: int, values: Values) -> tuple[Array, Flags]:
        """Run what is missing of a wave, and read what all runs gave.

        Args:
            number: Its number.
            values: Of every member, by record name.

        Returns:
            Figures of the members whose run came to its end, (those members, figures), those of
            the years after the data last where runs go on to them; and which members these are,
            (members,).

        Raises:
            InputError: Too many failed.
        """
        runs, trials = self.runs, self.trials(number, values)
        self.seen += [trial.case for trial in trials]
        runs.add(trials)
        ended = np.array([runs.has(trial.case, trial.seed) for trial in trials])
        if ended.sum() < (1.0 - MOST_FAILED) * len(trials):
            failed, first = runs.failures(self.seen), runs.first_error(self.seen)
            raise InputError(
                f"{len(failed)} runs failed, more than {MOST_FAILED:.0%} of the members of a "
                f"wave; nothing was fitted{first}",
                run_folder=self.folder.path,
            )
        of_runs = ((one.case, one.seed) for one in compress(trials, ended))
        return np.array([one["figures"] for one in runs.reduced(of_runs)]), ended
