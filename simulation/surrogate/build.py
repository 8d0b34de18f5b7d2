"""The build of a surrogate: its design is run pair by pair, then it is trained and judged.

Pairs are run in batches, and of each run only its figures are kept. So a build needs little memory,
goes on where it was stopped, and can be made longer: more rows begin with the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.corridor.in_use import in_use
from simulation.errors import InputError
from simulation.experiments.argument import check_arguments
from simulation.experiments.arguments import EMULATOR_BUILD
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.run_store import packed, unpacked
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.engine.world_design import PARTS
from simulation.experiments.findings import Count, ExperimentFindings, Failure, Finding
from simulation.experiments.study import Cost, Study, StudyResult, check_cost
from simulation.fitting.gate import GateLine
from simulation.outcomes import RunRecord
from simulation.regular_files import renamed
from simulation.scenario import Scenario, load_scenario
from simulation.source_hash import simulator_hash
from simulation.surrogate.coordinates import AXES, BASE, Measure, scenario_of
from simulation.surrogate.design import Row, design_hash, levers_of, policies, rows
from simulation.surrogate.features import Doses
from simulation.surrogate.figures import FIGURES, TARGETS, effects_of, figures_of
from simulation.surrogate.gate import first_failed, judge
from simulation.surrogate.predictor import PACKAGED, Surrogate, Worlds, load_surrogate
from simulation.surrogate.training import JUDGED, HeldOut, Pairs, learning_library, train

#: the surrogate in the folder of its build, and its rows
FILE, ROWS = "emulator.npz", "rows.csv"
#: rows whose scenarios are in memory together
_BATCH = 64


@dataclass(frozen=True)
class FiguresSetting(Setting):
    """What the runs of a build share; of each, only its figures are kept.

    Attributes:
        periods: How many periods they are of.
    """

    periods: int = field(kw_only=True)

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """The figures of a run."""
        return {"figures": packed(figures_of(record))}

    def check(self, measures: dict[str, Any]) -> None:
        """Refuse what `reduce` does not give.

        Raises:
            ValueError: Says what is wrong.
        """
        try:
            shape = unpacked(measures["figures"]).shape
        except (KeyError, TypeError) as error:
            raise ValueError("no figures of a run") from error
        if shape != (self.periods, len(FIGURES)):
            raise ValueError("not the figures of a run of these days")


class CardLine(Finding):
    """How well effects of some held-out policies were forecast.

    Attributes:
        what: Which policies or paths.
        pairs: Pairs of runs.
        error: By outcome, typical error (median) in percentage points.
        covered: By outcome, share of pairs in their 90% range.
    """

    what: str
    pairs: Count
    error: dict[str, float]
    covered: dict[str, float]


class Emulated(Finding):
    """The findings of a build.

    Attributes:
        rows: Pairs of runs that were asked for.
        pairs: Those that finished.
        policies: Different policies among them.
        kernel: Weights of the kernel that was chosen.
        bytes: Size of the file.
        gate: What it must do before it can be installed, and whether it does.
        card: Errors by number of levers and by path.
    """

    rows: Count
    pairs: Count
    policies: Count
    kernel: dict[str, float]
    bytes: Count
    gate: list[GateLine]
    card: list[CardLine]
    failed: list[Failure]


class EmulatorFindings(ExperimentFindings, Emulated):
    """`summary.json` of a build."""


class _Planned(NamedTuple):
    """A row with both of its runs.

    Attributes:
        row: The row.
        policy: Its measures.
        scenario: The what-if.
        both: The run without and the run with the policy.
    """

    row: Row
    policy: tuple[Measure, ...]
    scenario: Scenario
    both: tuple[Trial, Trial]


@dataclass(frozen=True)
class EmulatorBuild(Study[EmulatorFindings]):
    """What do policies on the outlook do, on the whole?

    Attributes:
        rows: Pairs of runs.
        announce: Called with the cost before the first run.
    """

    kind: ClassVar[str] = "emulator"
    findings = EmulatorFindings
    crossed: ClassVar[bool] = True
    rows: int
    announce: Callable[[Cost], None] | None = None
    base: Scenario = field(default_factory=lambda: load_scenario(BASE))

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """What policies are laid over."""
        return [self.base]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The design, and not how much of it is run: more rows go on with the same folder."""
        return {"design": design_hash(self.base)}

    def check(self) -> None:
        """Refuse a number of rows that no design has, and to run what could not be trained."""
        check_arguments(EMULATOR_BUILD, self)
        learning_library("kernel_ridge")

    def begin(self, options: Options, **how: Any) -> Experiment:
        """The experiment, which keeps of each run its figures."""
        experiment = super().begin(options, **how)
        periods = len(experiment.axes.periods)
        experiment.setting = FiguresSetting(**vars(experiment.setting), periods=periods)
        return experiment

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        experiment.most_runs = 2 * self.rows
        first = next(self._planned(experiment))
        check_cost(experiment, first.both, 2 * self.rows - 2, yes=True, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the design, train the surrogate, judge it and write it."""
        runs, folder = experiment.runs, experiment.folder
        doses = Doses(self.base, experiment.axes.end)
        done: list[tuple[Row, tuple[Measure, ...]]] = []
        features, both = [], []
        failed: dict[tuple[str, int], Failure] = {}
        for batch in batched(self._planned(experiment), _BATCH):
            runs.add(trial for one in batch for trial in one.both)
            cases = [trial.case for one in batch for trial in one.both]
            failed |= {(one.case, one.seed): one for one in runs.failures(cases)}
            for one in batch:
                if all(runs.has(trial.case, trial.seed) for trial in one.both):
                    done.append((one.row, one.policy))
                    features.append(doses.of(one.policy, one.scenario))
                    both.append([unpacked(runs.reduced(trial.case, trial.seed)["figures"])
                                 for trial in one.both])  # fmt: skip
        if not done:
            first = "".join(f"; the first error: {one.error}" for one in [*failed.values()][:1])
            raise InputError(f"no pair of runs succeeded{first}", run_folder=folder.path)
        base, other = np.moveaxis(np.array(both), 1, 0)
        pairs = self._pairs(experiment, done, np.array(features), effects_of(base, other))
        surrogate, held = train(pairs, experiment.axes.periods, self._about(experiment, len(done)))
        gate, card = judge(pairs, held), card_of(pairs, held)
        about = {**surrogate.about, "gate": [line.as_json() for line in gate]}
        about["card"] = [line.as_json() for line in card]
        content = Surrogate(**{**vars(surrogate), "about": about}).as_bytes()
        with folder.writing(FILE) as scrap:
            scrap.write_bytes(content)
        folder.write_text(ROWS, _rows_csv(done, pairs))
        findings = Emulated(
            rows=self.rows,
            pairs=len(done),
            policies=len(np.unique(pairs.policy)),
            kernel=surrogate.kernel._asdict(),
            bytes=len(content),
            gate=gate,
            card=card,
            failed=[*failed.values()],
        )
        return StudyResult(findings, [], [], tables=False)

    def _planned(self, experiment: Experiment) -> Iterator[_Planned]:
        """The rows of the design with their runs, one after another."""
        seed, setting = experiment.options.seed, experiment.setting
        asked = rows(self.rows, seed)
        measures = list(policies(1 + max(row.policy for row in asked), seed, self.base))
        for row in asked:
            scenario = scenario_of(measures[row.policy], self.base, f"policy {row.policy + 1}")
            values = (
                {} if row.set_of is None else setting.set_of(row.set_of).values(setting.drawn_from)
            )
            base, other = (
                Trial(Case(one.title, one, values), row.seed) for one in (self.base, scenario)
            )
            yield _Planned(row, measures[row.policy], scenario, (base, other))

    def _pairs(
        self,
        experiment: Experiment,
        done: Sequence[tuple[Row, tuple[Measure, ...]]],
        features: npt.NDArray[np.float64],
        effects: npt.NDArray[np.float64],
    ) -> Pairs:
        """The pairs that finished, as they are trained on."""
        design, setting = experiment.setting.worlds, experiment.setting
        assert design is not None
        # paths are all alike where no month of the run is drawn
        positions = [design.position(row.seed) for row, _ in done]
        of = [setting.set_of(row.seed if row.set_of is None else row.set_of) for row, _ in done]
        # sets are told apart by their number in the ensemble; what they leave open is drawn
        names = [one.fitted if one.fitted is not None else str(one) for one in of]
        order = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return Pairs(
            features,
            np.array([row.policy for row, _ in done]),
            np.array([levers_of(policy) for _, policy in done]),
            Worlds(
                np.array([0.5 if one is None else one for one in positions]),
                np.array([order[name] for name in names]),
            ),
            [row.repeats for row, _ in done],
            effects,
        )

    def _about(self, experiment: Experiment, pairs: int) -> dict[str, Any]:
        """What the surrogate rests on."""
        return {
            "base": self.base.hash(),
            "design": design_hash(self.base),
            "model": simulator_hash(),
            "fit": experiment.identity.fitted_hash,
            "data": in_use().hash(),
            "pairs": pairs,
            "scale": experiment.setting.scale,
            "seed": experiment.options.seed,
            "days": experiment.setting.days,
            "command": experiment.command,
        }


def card_of(pairs: Pairs, held: HeldOut) -> list[CardLine]:
    """How well held-out policies were forecast, by number of levers and by path."""
    few = pairs.levers <= np.median(pairs.levers)
    kinds = {f"{int(pairs.levers[few].max())} levers or fewer": few, "more levers": ~few}
    kinds |= {f"{part} of the paths": pairs.part == number for number, part in enumerate(PARTS)}
    lines = []
    for what, which in kinds.items():
        if not which.any():
            continue
        error, covered = {}, {}
        for place, outcome in enumerate(JUDGED):
            column = held.column(outcome, "run")
            seen, forecast = (100.0 * np.expm1(one[which, column])
                              for one in (held.seen, held.forecast))  # fmt: skip
            inside = (held.low[which, place] <= held.seen[which, column]) & (
                held.seen[which, column] <= held.high[which, place]
            )
            error[outcome] = float(np.median(np.abs(seen - forecast)))
            covered[outcome] = float(inside.mean())
        lines.append(CardLine(what=what, pairs=int(which.sum()), error=error, covered=covered))
    return lines


def install(file: Path, target: Path = PACKAGED) -> Path:
    """Put a surrogate into the package.

    Args:
        file: The surrogate.
        target: Where the package has it.

    Raises:
        InputError: It has not passed its gate, is too large, or cannot be written; what was there
            stays.
    """
    surrogate = load_surrogate(file)
    lines = [GateLine.model_validate(line) for line in surrogate.about["gate"]]
    if (line := first_failed(lines)) is not None:
        value = f"{line.shown}, not {line.asked}"
        raise InputError(f"fails its gate: {line.what}", file=file, key="gate", value=value)
    try:
        with renamed(target) as scrap:
            scrap.write_bytes(file.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", file=target,
                         key="--install", allowed="an installation you may write to",
                         ) from error  # fmt: skip
    return target


def _rows_csv(done: Sequence[tuple[Row, tuple[Measure, ...]]], pairs: Pairs) -> str:
    """The policies and the effects over the whole run, a line for each pair."""
    lines = []
    for (row, policy), position, effects in zip(
        done, pairs.worlds.position, pairs.log_ratios, strict=True
    ):
        strengths = {one.axis: one.strength for one in policy}
        begins = sorted(str(one.start or "") for one in policy)
        lines.append([
            row.policy + 1, row.seed, row.repeats, float(position), begins[0],
            *(strengths.get(name) for name in AXES), *effects[0].tolist(),
        ])  # fmt: skip
    header = ["policy", "seed", "repeats", "position", "first", *AXES]
    return as_csv([*header, *(f"log_{name}" for name in TARGETS)], lines)
