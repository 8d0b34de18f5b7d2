"""Checks of vehicles and trains at borders: people found are refused and turned back.

A check adds to what patrols find on a leg; whoever is found is stopped there as by a patrol. People
avoid checks as they avoid patrols (`conditions.evade`), and the time they cost counts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.processes.tables import LegArrays
from simulation.scenario.levers.border_control import BorderChecks


def add_checks(
    checks: BorderChecks,
    authority_to: npt.NDArray[np.int16],
    recorded: npt.NDArray[np.float64],
    search_rate: npt.NDArray[np.float64],
    legs: LegArrays,
) -> None:
    """Add checks to the rate at which people are found, and to who mostly stops them.

    Args:
        checks: Today's checks.
        authority_to: (legs,) row of the authority on whose ground the leg ends.
        recorded: (legs,) chance that a stop by that authority is reported as a detection.
        search_rate: (legs,) search by patrols (effort x sweep / width), to which checks add.
        legs: Its `recorded_chance` and `stop_authority` are changed.
    """
    here = np.flatnonzero(checks.rate > 0.0)
    patrols, rate = search_rate[here], checks.rate[here]
    share = rate / (patrols + rate)  # of stops that checks make
    reported = np.where(checks.authority[here] == authority_to[here], recorded[here], 0.0)
    legs.recorded_chance[here] += share * (reported - legs.recorded_chance[here])
    mostly = here[rate > patrols]
    legs.stop_authority[mostly] = checks.authority[mostly]
    search_rate[here] += rate
