"""The lever `wave`: more people of some origins set out on a route than its indicator says.

It is no part of the policy of a day: its people are drawn before the first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from simulation.corridor.network import BY_ROUTE
from simulation.scenario.field_types import NotNegative, Origins, Route
from simulation.scenario.levers.base import Timed, amount, by_record, origin_words
from simulation.scenario.levers.declaration import TIMES, Form
from simulation.scenario.timeline import DAYS_PER_YEAR

if TYPE_CHECKING:
    from simulation.parameters import Parameters
    from simulation.scenario.scenario import Scenario


class Wave(Timed):
    """More people of some origins set out on a route than its indicator says.

    They come on top of those usual, and with and without the wave everybody else is the same.
    Visas, returns agreements and legal routes apply to them too; places on a legal route are as
    many as before.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("entries.wave_people",)
    template: ClassVar = """\
# [[wave]]                    # on top of those usual
# origins = ["albania"]
# route = "air"
# people_per_year = 20000
# from = 2027-05-01
# to = 2027-09-30
"""
    form: ClassVar = Form(button="Add a wave", noun="waves")

    origins: Origins = Field(title="Who", description="Who.")
    route: Route = Field(title="By which route", description="By which route.")
    people_per_year: NotNegative | None = by_record(
        "entries.wave_people",
        "People more a year",
        "How many more, over all the origins named, evenly.",
    )

    def sentence(self) -> str:
        size, often = "", ""
        if self.people_per_year is not None:
            size, often = f" {amount(self.people_per_year)}", " a year"
        who = origin_words(self.origins)
        return f"A wave of{size} more people{often} from {who} {BY_ROUTE[self.route]}"


def wave_people(
    scenario: Scenario, parameters: Parameters, first: int, days: int
) -> dict[tuple[str, str], np.ndarray]:
    """People a day who set out beyond those usual, by route and origin.

    Args:
        scenario: Its waves.
        parameters: The usual size of one.
        first: Ordinal of the first day.
        days: Number of days.

    Returns:
        (route, origin) -> float (days,).
    """
    people: dict[tuple[str, str], np.ndarray] = {}
    for wave in scenario.of(Wave):
        usual = parameters.entries.wave_people
        size = usual if wave.people_per_year is None else wave.people_per_year
        part = np.array([wave.span.progress(first + day) for day in range(days)])
        for origin in wave.origins:
            key = (wave.route, origin)
            more = part * size / DAYS_PER_YEAR / len(wave.origins)
            people[key] = people.get(key, np.zeros(days)) + more
    return people
