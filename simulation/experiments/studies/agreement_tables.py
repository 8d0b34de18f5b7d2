"""The files of a study of agreements: tables of what each does, and the sets as scenarios."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.studies.agreement_pairs import RAISED, with_agreements
from simulation.experiments.studies.agreement_sets import BEST_SET
from simulation.experiments.studies.agreement_study import Study
from simulation.scenario import Scenario

_NUMBERS = (
    "pairs", "baseline", "scenario", "difference", "low", "high", "percent", "percent_low",
    "percent_high", "probability", "detectable",
)  # fmt: skip


def write_agreements(study: Study, summary: Mapping[str, Any]) -> None:
    """Write `agreements.csv`, `sets.csv`, each set under `sets/`, and `best-set.toml`."""
    folder = study.experiment.folder
    folder.write_text("agreements.csv", agreements_csv(summary["pairs"]))
    folder.write_text("sets.csv", sets_csv(summary["sets"]))
    # what an earlier attempt with other numbers left would be taken for this one's
    shutil.rmtree(folder.path / "sets", ignore_errors=True)
    (folder.path / BEST_SET).unlink(missing_ok=True)
    if summary["sets"]:
        (folder.path / "sets").mkdir()
    for entry in summary["sets"]:
        folder.write_text(entry["file"], set_scenario(study, entry["agreements"]).resolved_toml())
    if summary["best_set"]:
        scenario = set_scenario(study, summary["best_set"])
        folder.write_text(BEST_SET, scenario.resolved_toml())


def set_scenario(study: Study, keys: Sequence[str]) -> Scenario:
    """A set of agreements as a scenario that stands for itself."""
    signed = [study.agreements[key] for key in keys]
    names = "; ".join(item.name for item in signed)
    return with_agreements(
        study.base.scenario,
        signed,
        f'All of "{study.base.name}", with sharing raised to {RAISED} for the whole run, warm-up '
        f"included, between: {names}.",
    )


def agreements_csv(pairs: Iterable[Mapping[str, Any]]) -> str:
    """Every agreement, one row for each stage and outcome; one row if it was not run."""
    words = ("key", "name", "before", "status", "rank")
    rows: list[list[Any]] = []
    for pair in pairs:
        about = [pair[word] for word in words]
        found = [(stage, pair[stage]) for stage in ("screening", "refined") if pair[stage]]
        rows += [[*about, *row] for stage, effect in found for row in _rows(stage, effect)]
        if not found:
            rows.append([*about, *[None] * (2 + len(_NUMBERS))])
    return as_csv(["agreement", *words[1:], "stage", "outcome", *_NUMBERS], rows)


def sets_csv(sets: Iterable[Mapping[str, Any]]) -> str:
    """Every set, one row for each outcome of all of it and of what its last agreement added."""
    rows = [
        [entry["size"], entry["added_key"], " ".join(entry["agreements"]), *row]
        for entry in sets
        for what in ("total", "added")
        if entry[what]
        for row in _rows(what, entry[what])
    ]
    return as_csv(["size", "added", "agreements", "difference_of", "outcome", *_NUMBERS], rows)


def _rows(label: str, effect: Mapping[str, Mapping[str, Any]]) -> list[list[Any]]:
    return [
        [label, outcome, *(entry[name] for name in _NUMBERS)] for outcome, entry in effect.items()
    ]
