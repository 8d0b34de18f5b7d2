"""Sets of agreements, grown one at a time: what each more adds, and where it adds nothing more.

Which agreement is added is decided with the seeds of the second stage; what a set does is then
measured with seeds that decided nothing. A set of one is the agreement itself, with the effect that
the ranking gives it, so that both say the same. The search is greedy: a set is the best found by
adding one agreement to the set before it, not the best of all sets of its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.experiments.engine.command_text import command_text
from simulation.experiments.studies.agreement_study import Study
from simulation.wording.agreement_verdicts import helps

#: file of the set to go on with
BEST_SET = "best-set.toml"


@dataclass(frozen=True)
class Grown:
    """Sets of agreements, each of them the one before and one more.

    Attributes:
        order: The agreements in the order in which they were added.
        candidates: Those there were to choose from.
        exhausted: Whether it ended because no agreement left bought anything more.
    """

    order: tuple[str, ...]
    candidates: tuple[str, ...]
    exhausted: bool


def grow(study: Study, candidates: Sequence[str]) -> Grown:
    """Add agreements one at a time, each time the one that buys most given those before."""
    order: list[str] = []
    while len(order) < min(study.wanted.sets, len(candidates)):
        before = study.set_of(order)
        cases = {key: study.set_of([*order, key]) for key in candidates if key not in order}
        study.add([before, *cases.values()], study.refining)
        gains = {
            key: study.gain(study.effect(case, study.refining, 1, base=before))
            for key, case in cases.items()
        }
        best = max(gains, key=lambda key: gains[key])
        if gains[best] <= 0.0:
            return Grown(tuple(order), tuple(candidates), exhausted=True)
        order.append(best)
    return Grown(tuple(order), tuple(candidates), exhausted=False)


def measure_sets(
    study: Study, grown: Grown, refined: Mapping[str, dict[str, Any]], name: str
) -> dict[str, Any]:
    """Run the sets with fresh seeds: what each does, and what its last agreement added.

    Args:
        study: Under way.
        grown: The sets.
        refined: The effects of the refined agreements, as the ranking has them.
        name: How the user names the scenario, for the command that runs the best set.

    Returns:
        What is found, as JSON knows it.
    """
    order = grown.order
    ladder = [study.set_of(order[:size]) for size in range(len(order) + 1)]
    if order:
        study.add(ladder, study.confirming)
    sets: list[dict[str, Any]] = []
    for size in range(1, len(order) + 1):
        total = study.effect(ladder[size], study.confirming, len(order))
        added = study.effect(ladder[size], study.confirming, len(order), base=ladder[size - 1])
        if size == 1:
            total = added = refined.get(order[0], total)
        sets.append(
            {
                "size": size,
                "added_key": order[size - 1],
                "added_name": study.agreements[order[size - 1]].name,
                "agreements": list(order[:size]),
                "total": total,
                "added": added,
                "buys": _buys(study, added),
                "file": f"sets/set-{size}.toml",
            }
        )
    # a step that seems to add something to a set that buys nothing is not the end of a climb
    buying: list[int] = [
        entry["size"] for entry in sets if entry["buys"] and _buys(study, entry["total"])
    ]
    best = max(buying, default=len(order))
    folder = study.experiment.folder.path
    command = command_text("compare", [name, folder / BEST_SET], {})
    return {
        "sets": sets,
        "candidates": list(grown.candidates),
        "sets_exhausted": grown.exhausted,
        "flat_after": max(buying, default=0) if sets else None,
        "best_set": list(order[:best]),
        "best_set_command": command if best else None,
    }


def _buys(study: Study, effect: dict[str, Any] | None) -> bool:
    """Whether an effect is detectable, and on the side that is wanted."""
    return effect is not None and helps(effect[study.wanted.by], study.better)
