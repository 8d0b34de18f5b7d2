"""The lever `legal_route`: a legal way to the UK instead of an irregular one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.scenario.field_types import NotNegative, Origins
from simulation.scenario.levers.base import Timed, amount, origin_words
from simulation.scenario.levers.declaration import (
    ENTRY,
    Form,
    Inputs,
    PolicyPart,
    read_only,
)
from simulation.scenario.timeline import DAYS_PER_YEAR


def _people(inputs: Inputs, day: int) -> np.ndarray:
    """People a day, by origin, who take a legal way to the UK instead, float (origins,).

    The people of each route are spread evenly over its origins.
    """
    people = np.zeros(len(inputs.origins))
    for route, part in inputs.of(LegalRoute, day):
        each = part * route.people_per_year / DAYS_PER_YEAR / len(route.origins)
        people[inputs.origin_rows(route.origins)] += each
    return read_only(people)


class LegalRoute(Timed):
    """Places on a legal way to the UK, taken up by people who would have come irregularly.

    Whoever takes it is not on the corridor. Places stay empty on days on which fewer would set
    out for the UK.
    """

    group: ClassVar = ENTRY
    template: ClassVar = """\
# [[legal_route]]
# origins = ["afghanistan", "syria"]
# people_per_year = 5000
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add a legal route", noun="legal routes")
    parts: ClassVar = (
        PolicyPart(
            name="legal_route_people",
            does="people a day who take a legal way",
            value=_people,
        ),
    )

    origins: Origins = Field(title="For whom", description="For whom.")
    people_per_year: NotNegative = Field(
        title="People a year", description="How many, over all the origins named, evenly."
    )

    def sentence(self) -> str:
        people = f"{amount(self.people_per_year)} people a year"
        return f"A legal way to the UK for {people} from {origin_words(self.origins)}"
