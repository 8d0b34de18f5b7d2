"""The runs of a fit: generations of members, one run each, in one journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.identity import NOT_MODEL, package_hash
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.fitting.plan import Plan
from simulation.fitting.priors import Prior, values_of
from simulation.fitting.series import Data
from simulation.outcomes import RunRecord
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
#: what changes nothing of a fit: how it is shown, and the ensemble an earlier one left
_NOT_FIT = NOT_MODEL - {"fitting"}


@dataclass(frozen=True)
class FitSetting(Setting):
    """What the runs of a fit share; of each, only the figures that are fitted are kept.

    Attributes:
        data: What they are compared with.
    """

    data: Data | None = None

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """The figures of a run."""
        assert self.data is not None
        return {"figures": self.data.of(record).tolist()}

    def check(self, measures: dict[str, Any]) -> None:
        """Refuse what `reduce` does not give.

        Raises:
            ValueError: Says what is wrong.
        """
        assert self.data is not None
        figures = measures.get("figures")
        if (
            set(measures) != {"figures"}
            or not isinstance(figures, list)
            or len(figures) != self.data.size
            or not all(type(figure) is float for figure in figures)
        ):
            raise ValueError(f"not the {self.data.size} figures of a run")


class FitExperiment(Experiment):
    """A fit under way.

    Args:
        scenario: What is run.
        options: What it was told; its days are those of the plan.
        plan: How much is run.
        data: What was observed.
        prior: What is fitted.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.
    """

    def __init__(
        self,
        scenario: Scenario,
        options: Options,
        plan: Plan,
        data: Data,
        prior: Prior,
        *,
        command: str = "",
        progress: Callable[[Progress], None] | None = None,
        simulate: Callable[..., Any] | None = None,
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
                "members": list(plan.sizes),
                "data": data.as_json(),
                "parameters": list(prior.names),
            },
            model=package_hash(_NOT_FIT),
            command=command,
            progress=self._tell if progress is not None else None,
            simulate=simulate,
        )
        self.setting: Setting = FitSetting(
            scale=self.setting.scale,
            days=self.setting.days,
            assumptions=self.setting.assumptions,
            simulate=simulate,
            data=data,
        )
        self.plan = plan
        self.data = data
        self.prior = prior
        #: every case that was run, for what failed
        self.seen: list[Case] = []
        self._shown = progress

    @property
    def planned(self) -> int:
        """Runs of the whole fit, whose generations are asked for one after the other."""
        return max(super().planned, self.plan.budget)

    def trials(self, generation: int, scores: Array) -> list[Trial]:
        """The run of each member of a generation; no two of a fit share a seed.

        With a seed of its own each, chance in the runs stays chance: with shared seeds a fit would
        take one sequence of weather for the model's.

        Args:
            generation: Its number.
            scores: (records, members).
        """
        seeds = self.seeds(scores.shape[1], sum(self.plan.sizes[:generation]))
        members = enumerate(zip(values_of(self.prior, scores), seeds, strict=True))
        return [
            Trial(Case(f"generation {generation}, member {n + 1}", self.scenario, values), seed)
            for n, (values, seed) in members
        ]

    @property
    def scenario(self) -> Scenario:
        """What is run."""
        return self._scenarios[0]

    def figures(self, trials: Sequence[Trial]) -> Array:
        """Run what is missing, and read what all gave.

        Returns:
            (members, figures); NaN throughout for a member whose run failed.
        """
        self.seen += [trial.case for trial in trials]
        runs = self.runs
        runs.add(trials)
        found = np.full((len(trials), self.data.size), np.nan)
        for number, trial in enumerate(trials):
            if runs.has(trial.case, trial.seed):
                found[number] = runs.reduced(trial.case, trial.seed)["figures"]
        return found

    def _tell(self, progress: Progress) -> None:
        """Show what is left of the whole fit, not of the generation in hand."""
        assert self._shown is not None
        left = max(progress.replications, self.plan.budget - self.runs.taken_over)
        self._shown(replace(progress, replications=left, days_total=left * self.setting.days))
