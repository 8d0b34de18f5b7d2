"""Estimates at once, and the build of the library that they are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from simulation.api.asking import (
    Asked,
    SeededOptions,
    command_of,
    conduct_study,
    declared,
    folder_for,
    options_of,
    python_errors,
    read_arguments,
)
from simulation.frames import EmulatorResults, EstimateResults


@declared("estimate", scenario="A what-if over outlook: a `Scenario`, a file or a shipped name.")
def estimate(scenario: Asked, *, emulator: str | Path | None = None) -> EstimateResults:
    """Estimate at once what a scenario changes against outlook, without a run.

    Returns:
        The effects; printed, they are sentences.

    Raises:
        InputError: There is no library, or the scenario lies between none of its policies.
    """
    from simulation.estimates.estimate import estimate_of
    from simulation.wording import estimate as wording
    from simulation.wording.quoting import quotable

    with python_errors():
        asked = read_arguments("estimate", locals())
        answer = quotable(estimate_of(scenario, asked["emulator"]))
    text = [*wording.headline(answer), *wording.limits(answer), f"To run it: {answer.command}"]
    return EstimateResults(answer.as_json(), "\n".join(text))


@declared("emulator build")
def build_emulator(
    *, pairs: int = 64, install: bool = False, **options: Unpack[SeededOptions]
) -> EmulatorResults:
    """Run the policies of the library on outlook, each in the same worlds.

    Returns:
        The library, and how near interpolation comes.

    Raises:
        InputError: An argument or the folder cannot be used.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.estimates.build import LibraryBuild
    from simulation.estimates.build import install as put_in_place

    with python_errors():
        asked = read_arguments("emulator build", {**locals(), **options})
        with folder_for(asked["out"]) as folder:
            how = options_of(dict(asked), folder, days=None, assumptions="fitted")
            outcome = conduct_study(
                EmulatorResults, LibraryBuild(asked["pairs"]), how, out=asked["out"],
                progress=options.get("progress"),
                command=command_of("emulator build", [], asked | {"out": folder}),
            )  # fmt: skip
            if install:
                put_in_place(outcome.emulator)
            return outcome
