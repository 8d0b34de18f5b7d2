"""What a library says of a scenario, at once and without a run."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulation.corridor.in_use import in_use
from simulation.engine.findings import Effect, LinkEffect, OutcomeEffects, Window
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.world_design import PARTS
from simulation.errors import InputError
from simulation.estimates.library import (
    BASES,
    Library,
    Mix,
    command,
    library_for,
    refusal,
)
from simulation.estimates.stored_runs import Array, Ints, StoredRuns, load_stored_runs
from simulation.margins import asked_margins
from simulation.outcomes import listing
from simulation.parameters.fitted import ensemble_hash, packaged
from simulation.scenario import Scenario, scenario_of
from simulation.scenario.scenario import asks_the_same
from simulation.source_hash import simulator_hash
from simulation.statistics.finding import Count, Finding
from simulation.studies.effect_chain import LINK_SUMS
from simulation.studies.options import UK_TOTAL, Sides
from simulation.studies.paired_effects import (
    Measured,
    effects_of_run,
    judged,
    link_effects_of,
    measure,
    outcome_effects,
    outcome_sum,
)
from simulation.studies.world_effects import PathEffects

#: the period that is the whole run
RUN = "run"
#: what a library rests on, by key
_CHANGES = {
    "model": "the model",
    "fit": "the fit",
    "data": "the data in use",
    "base": "the base of the library",
}


class Placed(NamedTuple):
    """A scenario among the policies of its library.

    Attributes:
        library: The policies.
        stored: The runs, with the years asked for as the first period.
        mix: The policies between which it lies.
        totals: Its totals, as in `stored`.
        links: Its links, as in `stored`.
    """

    library: Library
    stored: StoredRuns
    mix: Mix
    totals: Array
    links: Array

    @property
    def changed(self) -> list[str]:
        """What has changed since the library was built."""
        return changes_since(self.stored, self.library)

    @property
    def sides(self) -> Sides:
        """The base and the scenario over the years asked for."""
        stored = self.stored
        worlds = stored.worlds(np.arange(stored.pairs))
        return Sides(stored.totals[0][:, 0], self.totals[:, 0], worlds)


class Estimate(Finding):
    """An estimate of the effects of a scenario; no run was done for it.

    Attributes:
        title: Of the scenario.
        against: Title of what it is compared with.
        days: Days it is of.
        pairs: Pairs of runs behind it.
        runs: Runs of its library.
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
    runs: Count
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
    asked: Scenario | str | Path,
    file: Path | None = None,
    period: str = RUN,
    margin: str | None = None,
) -> Estimate:
    """Estimate the effects of a scenario against the base of its library.

    Args:
        asked: The scenario, its file or its name.
        file: The runs of the library; those of the package when None.
        period: Years, such as `2027..2028`; `run` for the whole run.
        margin: Largest changes that do not matter, as `simulation.margins.read_margins` takes them.

    Raises:
        InputError: There is no library, it is of other policies, the scenario lies between none of
            them, or the years are not those of the run.
    """
    scenario = scenario_of(asked)
    library, stored, mix, totals, links = placed = place(scenario, file, period)
    sides = placed.sides
    measured = _measured(stored, totals, np.arange(stored.pairs))
    of_links = measure(stored.links[0], links, sides.worlds, list(LINK_SUMS), resamples=0)
    start = library.base.run.start
    end = start + timedelta(days=stored.about["days"] - 1)
    estimate = Estimate(
        title=scenario.title,
        against=library.base.title,
        days=Window.between(start, end),
        pairs=stored.pairs,
        runs=stored.pairs * len(stored.totals),
        lever=mix.lever,
        between=list(mix.between),
        period=period,
        outcomes=outcome_effects(measured, stored.periods),
        uk_total=uk_total(sides),
        by_path=_by_path(stored, totals),
        chain=link_effects_of(of_links),
        changed=placed.changed,
        command=command(scenario),
    )
    return judged(estimate, asked_margins(margin, [scenario.margin]))


def place(scenario: Scenario, file: Path | None = None, period: str = RUN) -> Placed:
    """The place of a scenario in its library.

    Args:
        scenario: The scenario.
        file: The runs of the library; those of the package when None.
        period: Years, such as `2027..2028`; `run` for the whole run.

    Raises:
        InputError: As `estimate_of`.
    """
    library = library_for(scenario)
    mix = library.place(scenario)
    stored = stored_runs_for(library, file, f"{command(scenario)}, which runs the scenario")
    stored = stored.of_years(period, library.base.run.start)
    if mix.lever and mix.lever not in stored.about["interpolated"]:
        strengths = ", ".join(f"{one:g}" for one in library.levers[mix.lever].strengths)
        raise refusal(scenario, f"“{mix.lever}” is not interpolated; the library has {strengths}")
    return Placed(library, stored, mix, *stored.at(mix))


def uk_total(sides: Sides) -> LinkEffect:
    """The effect on arrivals by boat or lorry."""
    usual, changed = (outcome_sum(values, UK_TOTAL)[:, None] for values in sides[:2])
    measured = measure(usual, changed, sides.worlds, [UK_TOTAL], resamples=0)
    return link_effects_of(measured, [UK_TOTAL])[UK_TOTAL]


def estimates_of(
    base: Scenario, others: Sequence[Scenario], period: str = RUN
) -> list[Estimate | None]:
    """Estimates of scenarios of an experiment; None for one that the packaged libraries lack.

    Args:
        base: What they are compared with.
        others: The scenarios.
        period: Years, such as `2027..2028`; `run` for the whole run.
    """
    estimates: list[Estimate | None] = [None] * len(others)
    if not why_none(base):
        for number, scenario in enumerate(others):
            with contextlib.suppress(InputError):
                estimates[number] = estimate_of(scenario, period=period)
    return estimates


def why_none(base: Scenario) -> str:
    """Why nothing is estimated before runs against a scenario; empty where that can be."""
    library = library_for(base)
    if not library.file.is_file():
        return "no library of estimates is packaged"
    if not asks_the_same(base, library.base):
        return f"the libraries compare with {listing(BASES)} alone"
    changed = changes_since(load_stored_runs(library.file), library)
    return f"changed since the library was built: {', '.join(changed)}" if changed else ""


def stored_runs_for(library: Library, file: Path | None, instead: str) -> StoredRuns:
    """The runs of a library.

    Args:
        library: Its policies.
        file: The file; that of the package when None.
        instead: What can be done where none is packaged.

    Raises:
        InputError: There is none, or it is of other policies or outcomes.
    """
    path = file or library.file
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
