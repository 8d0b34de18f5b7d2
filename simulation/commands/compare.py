"""`crossings compare`: scenarios against a baseline with the same seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from simulation.commands.experiment import Tell, study_command, tell_blocks
from simulation.engine.time_budget import time_for
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.scenario import Scenario
    from simulation.studies.compare import Compare, Precision


@study_command("compare")
@click.argument("scenarios", nargs=-1, required=True, metavar="[BASELINE] SCENARIO...")
def compare(
    scenarios: tuple[str, ...],
    replications: str,
    precision: float,
    limit: int,
    set_: int | None,
    path: str | None,
    period: str | None,
    time: str | None,
    rank: str,
    margin: str | None,
    ladder: bool,
    tell: Tell,
) -> Compare:
    """Compare each SCENARIO with BASELINE: paired differences with 90% intervals.

    A single SCENARIO is compared with the scenario that it extends, over its days.

    Both sides run with the same seeds and the same assumptions, so what differs is what the
    scenario does. The same command again goes on where it ended and runs nothing twice. With auto
    it ends after --time at the latest, with what it has by then.
    """
    from simulation.scenario import load_scenario
    from simulation.studies.compare import Compare, Precision

    pairs = _count(replications)
    wanted = Precision(pairs, precision, limit, time_for(pairs, time))
    wanted.check()
    first, *others = (load_scenario(name) for name in scenarios)
    if not others:
        first, others = _extended(first), [first]
    announce = partial(_announce, tell, first, others, period)
    return Compare(
        first, others, wanted, ladder, announce, set_=set_, path=path, period=period, rank=rank,
        margin=margin,
    )  # fmt: skip


def _announce(
    tell: Tell, base: Scenario, others: Sequence[Scenario], period: str | None, wanted: Precision
) -> None:
    """Say what is estimated, where it can be, and how long pairs will be added."""
    from simulation.report.estimate import first_look
    from simulation.studies.compare import announcement

    titled = [(one.title, one) for one in others]
    tell_blocks(tell, first_look(base, titled, period, reason=False))
    if wanted.replications is None:
        tell(announcement(wanted))


def _extended(scenario: Scenario) -> Scenario:
    """The scenario that another one extends and changes, over the days of the other one."""
    from simulation.scenario.describe import describe_differences

    parent = scenario.parent_on_its_days
    if parent is not None and describe_differences(scenario, parent):
        return parent
    if parent is None:
        raise InputError(
            "extends no scenario that it could be compared with",
            file=scenario.file,
            key="extends",
            allowed=f"a baseline before it: crossings compare BASELINE {scenario.slug}",
        )
    raise InputError(
        "has the same policies over its days as this scenario: there is nothing to compare",
        file=scenario.file,
        key="extends",
        value=parent.slug,
        allowed=f"a scenario that differs: crossings compare {scenario.slug} SCENARIO",
    )


def _count(text: str) -> int | None:
    """The number of pairs; None for auto."""
    if text == "auto":
        return None
    try:
        return int(text)
    except ValueError:
        raise InputError(
            "not a number of pairs", key="--replications", value=text, allowed="auto, or 2 or more"
        ) from None
