"""What a fitted ensemble comes from, without dates: the same fit gives the same file."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from simulation.corridor.tables import DATA
from simulation.errors import InputError
from simulation.experiments.folders import write_text
from simulation.experiments.identity import simulator_hash
from simulation.fitting.experiment import FitExperiment
from simulation.fitting.weights import Weights
from simulation.parameters import load_parameters
from simulation.parameters.fitted import FILE, FittedEnsemble, load_fitted

#: tables of the corridor that no run reads: what was observed, what is drawn, where it is from
NOT_MAP = frozenset(
    {
        "arrivals_by_origin_yearly.csv", "channel_monthly.csv", "coastline.json",
        "entry_anchors.csv", "frontex_monthly.csv", "observed_yearly.csv", "prevented_monthly.csv",
        "sources.toml",
    }
)  # fmt: skip


def provenance(
    experiment: FitExperiment,
    weights: Weights,
    uninformed: Sequence[str],
    own: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What a fit rests on, as its file holds it.

    Args:
        experiment: The fit.
        weights: Of its last generation.
        uninformed: Records that have their prior range, as the figures tell nothing of them.
        own: Series of a user's own.
    """
    plan, data = experiment.plan, experiment.data
    return {
        "command": command_of(experiment, own),
        "scenario": experiment.scenario.title,
        "scenario_hash": experiment.scenario.hash(),
        "window": [plan.window.first, plan.window.last],
        "series": [block.spec.name for block in data.blocks],
        "own_series": sorted(own or ()),
        "data_hash": _hash(data.as_json()),
        "seed": experiment.options.seed,
        "scale": experiment.setting.scale,
        "budget": plan.budget,
        "runs": plan.runs,
        "members": int(weights.values.size),
        "effective_members": round(weights.effective, 1),
        "effective_members_raw": round(weights.effective_raw, 1),
        "weights_power": round(weights.power, 4),
        "version": metadata.version("crossings"),
        "model_hash": simulator_hash(),
        "records_hash": records_hash(experiment.prior.names),
        "corridor_hash": corridor_hash(),
        "uninformed": uninformed,
        "method": f"ES-MDA, pyesmda {metadata.version('pyesmda')}, importance weights",
    }


def command_of(experiment: FitExperiment, own: Mapping[str, Any] | None) -> str:
    """The command that makes the same ensemble, whatever machine and folder it is run on.

    The file of a user's own figures, which only the user has, is not named.
    """
    plan, setting = experiment.plan, experiment.setting
    words = [
        "crossings", "fit", experiment.scenario.slug,
        "--from", plan.window.first, "--to", plan.window.last, "--budget", str(plan.budget),
        "--seed", str(experiment.options.seed), "--scale", f"{setting.scale:g}",
    ]  # fmt: skip
    return shlex.join(words + (["--own-data", "FILE"] if own else []))


def records_hash(names: Iterable[str]) -> str:
    """Hash of the priors of some records: value, range and distribution."""
    parameters = load_parameters()
    records = [parameters.record(name) for name in sorted(names)]
    return _hash([[r.name, r.value, r.low, r.high, r.distribution] for r in records])


def corridor_hash(folder: Path = DATA) -> str:
    """Hash of the map: the corridor's tables that a run reads, whatever ends their lines.

    Args:
        folder: Where they are.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in {".csv", ".toml", ".json"} and path.name not in NOT_MAP:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(path.name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


def install(file: Path, target: Path = FILE) -> FittedEnsemble:
    """Put a fitted ensemble in the place from which experiments take it.

    Raises:
        InputError: It cannot be used or written; what was there stays.
    """
    fitted = load_fitted(file)
    if fitted is None:
        raise InputError("there is no such file", file=file)
    try:
        write_text(target, file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            file=target,
            key="--install",
            allowed="an installation you may write to",
        ) from error
    return fitted


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
