"""What a fitted ensemble comes from: the same fit gives the same file, whenever it is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError
from simulation.experiments.engine.command_text import command_text
from simulation.experiments.engine.fitted_ensembles import (
    map_hash,
    past_hash,
    records_hash,
    table_identities,
)
from simulation.experiments.findings import Count, Finding, Seed
from simulation.fitting.emulation import Weights
from simulation.parameters.fitted import FOLDER, load_fitted, window_name
from simulation.regular_files import write_text
from simulation.source_hash import simulator_hash

if TYPE_CHECKING:
    from simulation.fitting.fit import FitExperiment


class Provenance(Finding):
    """What a fit rests on, as its file holds it.

    Hashes identify the scenario up to the end of the window, what was observed, the simulator's
    code, the records and the tables; `inputs` does each table (see `table_identities`).

    Attributes:
        command: Command that makes the same ensemble.
        own_series: Names of the user's own among `series`.
        scale: Share of the people simulated.
        runs: Runs that have a weight, worth `effective_runs` of equal weight.
        uninformed: Records of which the figures tell nothing.
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
    effective_runs: float
    weights_power: float
    version: str
    model_hash: str
    records_hash: str
    corridor_hash: str
    inputs: dict[str, dict[str, Any]]
    uninformed: list[str]
    method: str


def provenance(
    experiment: FitExperiment,
    weights: Weights,
    uninformed: list[str],
    own: Mapping[str, Any] | None,
) -> Provenance:
    """What a fit rests on, as its file holds it.

    Args:
        experiment: The fit.
        weights: Of all runs.
        uninformed: Records of which the figures tell nothing.
        own: Series of a user's own.
    """
    plan, data = experiment.plan, experiment.data
    tables = table_identities(plan.window.last)
    observed = json.dumps(data.as_json(), sort_keys=True)
    return Provenance(
        command=_command_of(experiment, own),
        scenario=experiment.scenario.title,
        scenario_hash=past_hash(experiment.scenario, plan.window.days[1]),
        window=[plan.window.first, plan.window.last],
        series=[block.spec.name for block in data.blocks],
        own_series=sorted(own or ()),
        data_hash=hashlib.sha256(observed.encode()).hexdigest()[:16],
        seed=experiment.options.seed,
        scale=experiment.setting.scale,
        budget=plan.budget,
        runs=int(weights.values.size),
        effective_runs=round(weights.effective, 1),
        weights_power=round(weights.power, 4),
        version=metadata.version("crossings"),
        model_hash=simulator_hash(),
        records_hash=records_hash(experiment.prior.names),
        corridor_hash=map_hash(tables),
        inputs=tables,
        uninformed=uninformed,
        method="linear emulator, Bayes linear update, weights of all runs",
    )


def _command_of(experiment: FitExperiment, own: Mapping[str, Any] | None) -> str:
    """The command that makes the same ensemble; a file of a user's own figures is not named."""
    plan, setting = experiment.plan, experiment.setting
    asked = {
        "from": plan.window.first,
        "to": plan.window.last,
        "budget": plan.budget,
        "seed": experiment.options.seed,
        "scale": f"{setting.scale:g}",
        "own_data": "FILE" if own else None,
    }
    return command_text("fit", [experiment.scenario.slug], asked)


def install(file: Path, folder: Path = FOLDER) -> Path:
    """Put a fitted ensemble beside the others of the package, under the name of its window.

    Args:
        file: The ensemble.
        folder: Where the package keeps them.

    Returns:
        Where it lies now; an earlier one of the same window is replaced.

    Raises:
        InputError: It cannot be used or written; what was there stays.
    """
    fitted = load_fitted(file)
    if fitted is None:
        raise InputError("there is no such file", file=file)
    if fitted.window is None:
        raise InputError("does not say which months it was fitted to", file=file, key="window")
    target = folder / f"{window_name(*fitted.window)}.json"
    try:
        folder.mkdir(exist_ok=True)
        write_text(target, file.read_text(encoding="utf-8"))
    except OSError as error:
        allowed = "an installation you may write to"
        refuse = partial(InputError, file=target, key="--install", allowed=allowed)
        raise refuse(f"cannot be written ({error.strerror or error})") from error
    return target
