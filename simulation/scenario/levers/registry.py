"""The levers there are, in the order in which a scenario is written and described."""

from __future__ import annotations

from typing import Any

from simulation.scenario.levers.adverts import Adverts
from simulation.scenario.levers.base import Lever, PhasedIn
from simulation.scenario.levers.boats import Boats
from simulation.scenario.levers.border_control import BorderControl
from simulation.scenario.levers.declaration import LeverGroup, PolicyPart
from simulation.scenario.levers.departures import Departures
from simulation.scenario.levers.freeze import Freeze
from simulation.scenario.levers.freight import Freight
from simulation.scenario.levers.funding import Funding
from simulation.scenario.levers.interception_at_sea import InterceptionAtSea
from simulation.scenario.levers.legal_route import LegalRoute
from simulation.scenario.levers.operation import Operation
from simulation.scenario.levers.raid import Raid
from simulation.scenario.levers.return_after_arrival import ReturnAfterArrival
from simulation.scenario.levers.returns import Returns
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.levers.shock import Shock
from simulation.scenario.levers.staff import Staff
from simulation.scenario.levers.taxi_boats import TaxiBoats
from simulation.scenario.levers.visa import Visa
from simulation.scenario.levers.wave import Wave

LEVERS: tuple[type[Lever], ...] = (
    Sharing,
    Funding,
    Staff,
    Operation,
    Raid,
    Adverts,
    Freeze,
    Visa,
    Returns,
    LegalRoute,
    Departures,
    ReturnAfterArrival,
    InterceptionAtSea,
    BorderControl,
    Wave,
    Shock,
    Boats,
    TaxiBoats,
    Freight,
)
SECTIONS = tuple(lever.section for lever in LEVERS)
LEVER_OF: dict[str, type[Lever]] = {lever.section: lever for lever in LEVERS}
#: sections of levers that say how things were before they grew to those of today
PHASED_IN = tuple(lever.section for lever in LEVERS if issubclass(lever, PhasedIn))
#: the parts of the policy of a day
PARTS: tuple[PolicyPart[Any], ...] = tuple(part for lever in LEVERS for part in lever.parts)
#: the groups, each with its levers, in the order of the levers
GROUPS: dict[LeverGroup, tuple[type[Lever], ...]] = {
    group: tuple(lever for lever in LEVERS if lever.group is group)
    for group in dict.fromkeys(lever.group for lever in LEVERS)
}
