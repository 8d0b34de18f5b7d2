"""What the surrogate says of a scenario, at once and without a run."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.corridor.in_use import in_use
from simulation.errors import InputError
from simulation.experiments.effect_chain import LINK_SUMS, spec_of
from simulation.experiments.engine.world_design import PARTS
from simulation.experiments.findings import Count, Effect, Finding, OutcomeEffects, Window
from simulation.parameters.fitted import ensemble_hash, packaged
from simulation.scenario import Scenario, load_scenario, scenario_of
from simulation.scenario.scenario import asks_the_same
from simulation.source_hash import simulator_hash
from simulation.surrogate.coordinates import BASE, command, policy_of
from simulation.surrogate.design import design_hash
from simulation.surrogate.features import Doses
from simulation.surrogate.figures import ARRIVALS, UK_TOTAL
from simulation.surrogate.predictor import PACKAGED, Surrogate, load_surrogate

_OTHERS = ("channel_boats", "channel_attempts", "seat_price_eur")
#: outcomes that are estimated by period, and what they are called
OUTCOMES = {
    ARRIVALS: spec_of(ARRIVALS).label,
    UK_TOTAL: "Arrivals in the UK by boat, lorry or ferry",
    **{name: spec_of(name).label for name in _OTHERS},
}
#: the chain between facts and launches, over the whole run
CHAIN = (*LINK_SUMS, "arrests_on_case", "boats_seized")
#: what a surrogate rests on, by key
_CHANGES = {
    "model": "the model",
    "fit": "the fit",
    "data": "the data in use",
    "base": f"the scenario {BASE}",
}
Array = npt.NDArray[np.float64]


class Estimate(Finding):
    """An estimate of the effects of a scenario; no run was done for it.

    Attributes:
        title: Of the scenario.
        against: Title of what it is compared with.
        days: Days it is of.
        pairs: Pairs of runs of other policies that it rests on.
        outcomes: Effects by outcome and period, in percent; `run` is the whole run.
        by_path: The same for each third of the future paths, by how many people they bring.
        chain: Effects on the links of the chain over the whole run, in percent.
        gate: The first line of its gate that the surrogate fails; empty where it passes.
        changed: What has changed since the surrogate was built.
        command: Command that runs the scenario.
    """

    title: str
    against: str
    days: Window
    pairs: Count
    outcomes: dict[str, OutcomeEffects]
    by_path: dict[str, dict[str, OutcomeEffects]]
    chain: dict[str, Effect]
    gate: str
    changed: list[str]
    command: str


def estimate_of(asked: Scenario | str | Path, file: Path | None = None) -> Estimate:
    """Estimate the effects of a scenario against `outlook`.

    Args:
        asked: The scenario, its file or its name.
        file: The surrogate; that of the package when None.

    Raises:
        InputError: There is no surrogate, it is of another design, or its design cannot express the
            scenario.
    """
    scenario, base = scenario_of(asked), load_scenario(BASE)
    surrogate = surrogate_for(base, file, f"{command(scenario)}, which runs the scenario")
    about = surrogate.about
    policy = policy_of(scenario, base)
    end = base.run.start + timedelta(days=about["days"] - 1)
    values, falls = surrogate.ranges(Doses(base, end).of(policy, scenario))
    read = _Reader(surrogate, 100.0 * np.expm1(values), falls)
    return Estimate(
        title=scenario.title,
        against=base.title,
        days=Window.between(base.run.start, end),
        pairs=about["pairs"],
        outcomes=read.outcomes(0),
        by_path={part: read.outcomes(number) for number, part in enumerate(PARTS, start=1)},
        chain={name: read.effect(name, "run", 0) for name in CHAIN},
        gate=failed_line(about),
        changed=changes_since(about, base),
        command=command(scenario),
    )


def surrogate_for(base: Scenario, file: Path | None, instead: str) -> Surrogate:
    """The surrogate that answers.

    Args:
        base: The scenario that policies are laid over.
        file: Its file; that of the package when None.
        instead: What can be done where none is packaged.

    Raises:
        InputError: There is none, or it is of another design.
    """
    if file is None and not PACKAGED.is_file():
        raise InputError("no surrogate is packaged, so nothing can be estimated", allowed=instead)
    path = file or PACKAGED
    surrogate = load_surrogate(path)
    if (design := surrogate.about["design"]) != design_hash(base):
        raise InputError("is of another design", file=path, key="design", value=design,
                         allowed="build it again: crossings emulator build")  # fmt: skip
    return surrogate


def failed_line(about: Mapping[str, Any]) -> str:
    """The first line of its gate that a surrogate fails; empty where it passes."""
    return next((line["what"] for line in about["gate"] if not line["passed"]), "")


def estimated(pairs: int, ends: Sequence[float], ways: Sequence[float]) -> Effect:
    """An effect over worlds, in percent; it has no mean of pairs, and so no interval.

    Args:
        pairs: Pairs of runs of other policies that it rests on.
        ends: Its low end, middle and high end.
        ways: Shares of worlds in which it falls, and in which it rises.
    """
    low, middle, high = map(float, ends)
    return Effect(
        pairs=pairs, mean_difference=None, mean_low=None, mean_high=None, detectable=False,
        baseline=None, scenario=None, mean_percent=middle, plausible_low=low, median=middle,
        plausible_high=high, plausible_unit="%", probability_of_fall=float(ways[0]),
        probability_of_rise=float(ways[1]),
    )  # fmt: skip


def estimates_of(base: Scenario, others: Sequence[Scenario]) -> list[Estimate]:
    """Estimates of those scenarios of a comparison that the packaged surrogate can express.

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


class _Reader:
    """Reads effects by outcome and period."""

    def __init__(self, surrogate: Surrogate, percent: Array, falls: Array) -> None:
        self._targets: Sequence[tuple[str, str]] = list(surrogate.targets)
        self._pairs, self._percent, self._falls = surrogate.about["pairs"], percent, falls

    def outcomes(self, part: int) -> dict[str, OutcomeEffects]:
        """Every outcome by period; part 0 is all paths together."""
        periods = dict.fromkeys(period for _, period in self._targets)
        return {
            name: OutcomeEffects(
                label=label,
                unit="%",
                periods={period: self.effect(name, period, part) for period in periods},
            )
            for name, label in OUTCOMES.items()
        }

    def effect(self, name: str, period: str, part: int) -> Effect:
        """One effect over worlds."""
        target = self._targets.index((name, period))
        ends, ways = (one[part, :, target].tolist() for one in (self._percent, self._falls))
        return estimated(self._pairs, ends, ways)


def changes_since(about: Mapping[str, Any], base: Scenario) -> list[str]:
    """What a surrogate rests on that is not what it was."""
    newest = [*packaged().values()][-1:]
    now = {
        "model": simulator_hash(),
        "fit": next((ensemble_hash(path.read_text(encoding="utf-8")) for path in newest), None),
        "data": in_use().hash(),
        "base": base.hash(),
    }
    return [words for key, words in _CHANGES.items() if about[key] != now[key]]
