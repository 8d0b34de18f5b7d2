"""Estimates at once, what is proposed from them, and the build of the library behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from simulation.api.asking import (
    Asked,
    ExperimentOptions,
    SeededOptions,
    call_of,
    declared,
    python_errors,
    read_arguments,
)
from simulation.frames import EmulatorResults, EstimateResults, ProposalResults
from simulation.scenario import scenario_of

if TYPE_CHECKING:
    pass

_OVER = "What levers are added to: a `Scenario`, a file or a shipped name."


@declared(
    "estimate",
    scenario="A what-if over outlook or agreements-absent: a `Scenario`, a file or a shipped name.",
)
def estimate(
    scenario: Asked,
    *,
    period: str | None = None,
    margin: str | None = None,
    emulator: str | Path | None = None,
) -> EstimateResults:
    """Estimate at once what a scenario changes against the base of its library, without a run.

    Returns:
        The effects; printed, they are sentences.

    Raises:
        InputError: There is no library, or the scenario lies between none of its policies.
    """
    from simulation.estimates.estimate import RUN, estimate_of
    from simulation.wording import estimate as wording
    from simulation.wording.quoting import quotable

    with python_errors():
        asked = read_arguments("estimate", locals())
        answer = quotable(
            estimate_of(scenario, asked["emulator"], asked["period"] or RUN, asked["margin"])
        )
    text = [*wording.headline(answer), *wording.limits(answer), f"To run it: {answer.command}"]
    return EstimateResults(answer.as_json(), "\n".join(text))


@declared("reach", scenario=_OVER)
def reach(
    scenario: Asked = "outlook",
    *,
    goal: str,
    vary: str | Sequence[str] = (),
    keep: str | Sequence[str] = (),
    share: float = 0.5,
    budget: str | None = None,
    by: int | None = None,
    emulator: str | Path | None = None,
    propose_only: bool = False,
    replications: int = 64,
    yes: bool = False,
    **options: Unpack[ExperimentOptions],
) -> ProposalResults:
    """Find the smallest changes to the levers of a scenario that reach a goal.

    Returns:
        The proposals, and the runs that verify them.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or there is no
            library.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.estimates.reach import reach_of

    with call_of("reach", {**locals(), **options}) as call:
        loaded = scenario_of(scenario)
        how, rest = call.options(days=None)
        names, study = call.names([loaded]), reach_of(loaded, **rest)
        return call.conduct(ProposalResults, study, how, names, assumptions=how.assumptions)


@declared("emulator build")
def build_emulator(
    *,
    base: str = "outlook",
    pairs: int = 64,
    install: bool = False,
    **options: Unpack[SeededOptions],
) -> EmulatorResults:
    """Run the policies of a library, each in the same worlds.

    Returns:
        The library, and how near interpolation comes.

    Raises:
        InputError: An argument or the folder cannot be used.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.estimates.build import LibraryBuild
    from simulation.estimates.build import install as put_in_place

    with call_of("emulator build", {**locals(), **options}) as call:
        how, _ = call.options(days=None, assumptions="fitted")
        study = LibraryBuild(call.asked["base"], call.asked["pairs"])
        outcome = call.conduct(EmulatorResults, study, how)
        if install:
            put_in_place(outcome.emulator, study.library.file)
        return outcome
