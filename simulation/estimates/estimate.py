"""What the library says of a scenario, at once and without a run."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from simulation.corridor.in_use import in_use
from simulation.errors import InputError
from simulation.estimates.library import BASE, Library, command, load_library, refusal
from simulation.estimates.stored_runs import (
    PACKAGED,
    Array,
    Ints,
    StoredRuns,
    load_stored_runs,
)
from simulation.experiments.effect_chain import LINK_SUMS
from simulation.experiments.engine.run_store import OUTCOME_NAMES
from simulation.experiments.engine.world_design import PARTS
from simulation.experiments.findings import (
    Count,
    Effect,
    Finding,
    LinkEffect,
    OutcomeEffects,
    Window,
)
from simulation.experiments.studies.paired_effects import (
    Measured,
    effects_of_run,
    link_effects_of,
    measure,
    outcome_effects,
    outcome_sum,
)
from simulation.experiments.studies.world_effects import PathEffects
from simulation.parameters.fitted import ensemble_hash, packaged
from simulation.scenario import Scenario, load_scenario, scenario_of
from simulation.scenario.scenario import asks_the_same
from simulation.source_hash import simulator_hash

#: the period that is the whole run, and the sum of outcomes that is estimated with them
RUN, _UK_TOTAL = "run", "uk_total"
#: what a library rests on, by key
_CHANGES = {
    "model": "the model",
    "fit": "the fit",
    "data": "the data in use",
    "base": f"the scenario {BASE}",
}


class Estimate(Finding):
    """An estimate of the effects of a scenario; no run was done for it.

    Attributes:
        title: Of the scenario.
        against: Title of what it is compared with.
        days: Days it is of.
        pairs: Pairs of runs behind it.
        lever: The lever that is interpolated; empty where the policy itself was run.
        between: The strengths of that lever that were run.
        period: Years that were asked for, such as `2027..2028`; `run` for the whole run.
        outcomes: Effects by outcome and period; `run` is the whole run.
        uk_total: Effect on arrivals by boat or lorry over the years that were asked for.
        by_path: Effects over these years for each third of the future paths, by how many people
            they bring.
        chain: Effects on the links of the chain over the whole run.
        changed: What has changed since the library was built.
        command: Command that runs the scenario.
    """

    title: str
    against: str
    days: Window
    pairs: Count
    lever: str
    between: list[float]
    period: str
    outcomes: dict[str, OutcomeEffects]
    uk_total: LinkEffect
    by_path: list[PathEffects]
    chain: dict[str, LinkEffect]
    changed: list[str]
    command: str

    def effect(self, name: str) -> Effect:
        """The effect on an outcome, or on a sum of links, over the whole run."""
        return self.chain[name] if name in self.chain else self.outcomes[name].periods[RUN]


def estimate_of(
    asked: Scenario | str | Path, file: Path | None = None, period: str = RUN
) -> Estimate:
    """Estimate the effects of a scenario against `outlook`.

    Args:
        asked: The scenario, its file or its name.
        file: The library; that of the package when None.
        period: Years, such as `2027..2028`; `run` for the whole run.

    Raises:
        InputError: There is no library, it is of other policies, the scenario lies between none of
            them, or the years are not those of the run.
    """
    scenario, library = scenario_of(asked), load_library()
    start = library.base.run.start
    stored = stored_runs_for(library, file, f"{command(scenario)}, which runs the scenario")
    stored = stored.of_years(period, start)
    mix = library.place(scenario)
    if mix.lever and mix.lever not in stored.about["interpolated"]:
        strengths = ", ".join(f"{one:g}" for one in library.levers[mix.lever].strengths)
        raise refusal(scenario, f"“{mix.lever}” is not interpolated; the library has {strengths}")
    totals, links = stored.at(mix)
    every = np.arange(stored.pairs)
    measured = _measured(stored, totals, every)
    of_links = measure(stored.links[0], links, stored.worlds(every), list(LINK_SUMS), resamples=0)
    end = start + timedelta(days=stored.about["days"] - 1)
    usual, changed = (
        outcome_sum(values[:, 0], _UK_TOTAL)[:, None] for values in (stored.totals[0], totals)
    )
    of_uk = measure(usual, changed, stored.worlds(every), [_UK_TOTAL], resamples=0)
    return Estimate(
        title=scenario.title,
        against=library.base.title,
        days=Window.between(start, end),
        pairs=stored.pairs,
        lever=mix.lever,
        between=list(mix.between),
        period=period,
        outcomes=outcome_effects(measured, stored.periods),
        uk_total=link_effects_of(of_uk, [_UK_TOTAL])[_UK_TOTAL],
        by_path=_by_path(stored, totals),
        chain=link_effects_of(of_links),
        changed=changes_since(stored, library),
        command=command(scenario),
    )


def estimates_of(base: Scenario, others: Sequence[Scenario]) -> list[Estimate]:
    """Estimates of those scenarios of a comparison that the packaged library can give.

    There is none where the model, the fit or the data are not those that it was built with.

    Args:
        base: What they are compared with; there is no estimate against another than `outlook`.
        others: The scenarios.
    """
    if not PACKAGED.is_file() or not asks_the_same(base, load_scenario(BASE)):
        return []
    estimates = []
    for scenario in others:
        with contextlib.suppress(InputError):
            estimates.append(estimate_of(scenario))
    return [one for one in estimates if not one.changed]


def stored_runs_for(library: Library, file: Path | None, instead: str) -> StoredRuns:
    """The runs of a library.

    Args:
        library: Its policies.
        file: The file; that of the package when None.
        instead: What can be done where none is packaged.

    Raises:
        InputError: There is none, or it is of other policies or outcomes.
    """
    path = file or PACKAGED
    if file is None and not path.is_file():
        raise InputError("no library of estimates is packaged, so nothing can be estimated",
                         allowed=instead)  # fmt: skip
    stored = load_stored_runs(path)
    of = {"library": library.hash, "outcomes": list(OUTCOME_NAMES), "links": list(LINK_SUMS)}
    own = {**stored.about, "outcomes": list(stored.outcomes)}
    for key, value in of.items():
        if own[key] != value:
            raise InputError("is of other policies or outcomes", file=path, key=key,
                             allowed="build it again: crossings emulator build")  # fmt: skip
    return stored


def _measured(stored: StoredRuns, totals: Array, pairs: Ints) -> Measured:
    """The effects of some pairs."""
    return measure(stored.totals[0][pairs], totals[pairs], stored.worlds(pairs), stored.outcomes)


def _by_path(stored: StoredRuns, totals: Array) -> list[PathEffects]:
    """The effects over the first period in each third of the paths with two pairs or more."""
    effects = []
    for number, part in enumerate(PARTS):
        pairs = np.flatnonzero(stored.thirds == number)
        if pairs.size > 1:
            sets, paths = (len({*labels}) for labels in stored.worlds(pairs))
            outcomes = effects_of_run(_measured(stored, totals, pairs))
            effects.append(
                PathEffects(part=part, pairs=pairs.size, sets=sets, paths=paths, outcomes=outcomes)
            )
    return effects


def changes_since(stored: StoredRuns, library: Library) -> list[str]:
    """What a library rests on that is not what it was."""
    newest = [*packaged().values()][-1:]
    now = {
        "model": simulator_hash(),
        "fit": next((ensemble_hash(path.read_text(encoding="utf-8")) for path in newest), None),
        "data": in_use().hash(),
        "base": library.base.hash(),
    }
    return [words for key, words in _CHANGES.items() if stored.about[key] != now[key]]
