"""What a fitted ensemble comes from: the same fit gives the same file, whenever it is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.engine.command_text import command_text
from simulation.engine.findings import Seed
from simulation.engine.fitted_ensembles import (
    map_hash,
    past_hash,
    records_hash,
    table_identities,
)
from simulation.errors import InputError
from simulation.fitting.calibration import ERROR, RIDGE, TARGET_SPREAD
from simulation.fitting.emulation import CURVED, HELD_VARIANCE
from simulation.fitting.gate import GateLine, first_failed
from simulation.fitting.priors import ROUND_RECORDED
from simulation.fitting.selection import LAST_WAVES, NEAR, TOLERANCE
from simulation.fitting.slice_sampling import STEPS
from simulation.fitting.smoother import INFORMED_FROM, LONGEST_STEP, RESIDUAL_SHARE
from simulation.fitting.waves import FARTHEST
from simulation.parameters.fitted import (
    FOLDER,
    FittedEnsemble,
    centre_text,
    load_fitted,
    packaged,
    window_name,
)
from simulation.parameters.records import CENTRE
from simulation.regular_files import write_text
from simulation.source_hash import simulator_hash
from simulation.statistics.finding import Count, Finding

if TYPE_CHECKING:
    from simulation.fitting.experiment import FitExperiment

_CONSTANTS = {
    "spread_round_recorded": ROUND_RECORDED,
    "farthest": FARTHEST,
    "held_variance": HELD_VARIANCE,
    "curved": CURVED,
    "near": NEAR,
    "slice_steps": STEPS,
    "residual_share": RESIDUAL_SHARE,
    "target_spread": TARGET_SPREAD,
    "run_error": ERROR,
    "slope_ridge": RIDGE,
    "informed_from": INFORMED_FROM,
    "longest_step": LONGEST_STEP,
    "tolerance": TOLERANCE,
    "last_waves": LAST_WAVES,
}


class Provenance(Finding):
    """What a fit rests on, as its file holds it.

    Hashes identify the scenario up to the end of the window, what was observed, the simulator's
    code, the records and the tables; `inputs` does each table (see `table_identities`).

    Attributes:
        command: Command that makes the same ensemble.
        own_series: Names of the user's own among `series`.
        scale: Share of the people simulated.
        runs: Runs from which the sets were found.
        uninformed: Records of which the figures tell nothing.
        constants: Of the method, by name.
        gate: What the ensemble must do to be installed, and whether it does.
    """

    command: str
    scenario: str
    scenario_hash: str
    window: list[str]
    series: list[str]
    own_series: list[str]
    data_hash: str
    seed: Seed
    scale: float
    budget: Count
    runs: Count
    version: str
    model_hash: str
    records_hash: str
    corridor_hash: str
    inputs: dict[str, dict[str, list[str] | str | None]]
    uninformed: list[str]
    method: str
    constants: dict[str, float]
    gate: list[GateLine]


def provenance(
    experiment: FitExperiment,
    uninformed: list[str],
    gate: list[GateLine],
    runs: int,
    own: Mapping[str, Any] | None,
) -> Provenance:
    """What a fit rests on, as its file holds it.

    Args:
        experiment: The fit.
        uninformed: Records of which the figures tell nothing.
        gate: Of the ensemble.
        runs: Runs from which the sets were found.
        own: Series of a user's own.
    """
    plan, data = experiment.plan, experiment.data
    tables = table_identities(plan.window.last)
    observed = json.dumps(data.as_json(), sort_keys=True)
    return Provenance(
        # a file of a user's own figures is not named
        command=command_text(
            "fit",
            [experiment.scenario.slug],
            {
                "from": plan.window.first,
                "to": plan.window.last,
                "budget": plan.budget,
                "seed": experiment.options.seed,
                "scale": f"{experiment.setting.scale:g}",
                "own_data": "FILE" if own else None,
            },
        ),
        scenario=experiment.scenario.title,
        scenario_hash=past_hash(experiment.scenario, plan.window.days[1]),
        window=[plan.window.first, plan.window.last],
        series=[block.spec.name for block in data.blocks],
        own_series=sorted(own or ()),
        data_hash=hashlib.sha256(observed.encode()).hexdigest()[:16],
        seed=experiment.options.seed,
        scale=experiment.setting.scale,
        budget=plan.budget,
        runs=runs,
        version=metadata.version("crossings"),
        model_hash=simulator_hash(),
        records_hash=records_hash(experiment.prior.names),
        corridor_hash=map_hash(tables),
        inputs=tables,
        uninformed=uninformed,
        method="emulator, elliptical slice sampling, Gauss-Newton steps of randomised maximum "
        "likelihood, steps to the years, runs within a tolerance, twice",
        constants=_CONSTANTS,
        gate=gate,
    )


def install(file: Path, folder: Path = FOLDER) -> Path:
    """Put a fitted ensemble beside the others of the package, under the name of its window.

    Args:
        file: The ensemble.
        folder: Where the package keeps them.

    The newest gives the model its central values as well; one without them leaves it the recorded
    values.

    Returns:
        Where it lies now; an earlier one of the same window is replaced.

    Raises:
        InputError: It has not passed its gate, or cannot be used or written; what was there stays.
    """
    fitted = load_fitted(file)
    if fitted is None:
        raise InputError("there is no such file", file=file)
    if fitted.window is None:
        raise InputError("does not say which months it was fitted to", file=file, key="window")
    _check_gate(fitted, file)
    target = folder / f"{window_name(*fitted.window)}.json"
    try:
        folder.mkdir(exist_ok=True)
        write_text(target, file.read_text(encoding="utf-8"))
        if target == list(packaged(folder).values())[-1]:
            if fitted.centre is not None:
                write_text(folder / CENTRE.name, centre_text(fitted))
            else:
                (folder / CENTRE.name).unlink(missing_ok=True)
    except OSError as error:
        allowed = "an installation you may write to"
        refuse = partial(InputError, file=target, key="--install", allowed=allowed)
        raise refuse(f"cannot be written ({error.strerror or error})") from error
    return target


def _check_gate(fitted: FittedEnsemble, file: Path) -> None:
    """Refuse an ensemble that has not passed its gate, by the first line it failed."""
    lines = fitted.provenance.get("gate")
    if not lines:
        raise InputError("has no gate; fit again", file=file, key="gate")
    line = first_failed([GateLine.model_validate(line) for line in lines])
    if line is not None:
        problem, value = f"fails its gate: {line.what}", f"{line.shown}, not {line.asked}"
        raise InputError(problem, file=file, key="gate", value=value)
