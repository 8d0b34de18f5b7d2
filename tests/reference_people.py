"""What the reference day is about: people, legs, offers and places as plain objects.

Written for `tests/reference.py`, away from the columns of the compiled day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from simulation.agents.migrant import FINAL_STATES, MigrantColumns

MOST_TRIES = 4095


@dataclass(slots=True, eq=False)
class Person:
    """Somebody on the way, with everything a row of the columns holds."""

    row: int
    uid: int
    entry_day: int
    origin: int
    destination: int
    risk_aversion: float
    funds: int
    escrow: int
    escrow_leg: int
    paid: int
    state: int
    place: int
    leg: int
    due: int
    tries: int
    detours: int
    stopped_leg: int
    spells: int
    earning: bool
    waited: int
    joined: int
    smuggler: int
    recalled_smuggler: int
    legs_served: int
    end_day: int
    single_try: bool

    def attempt(self) -> int:
        """The number of this attempt: place, visit and try."""
        return self.place * 2**24 + self.detours * 2**12 + self.tries

    def attempt_by(self, leg: Leg) -> int:
        """The number of this attempt on one leg."""
        return self.attempt() * 512 + leg.number

    def has_paid_for(self, leg: Leg) -> bool:
        """Whether a third party holds a fee for this leg."""
        return self.escrow > 0 and self.escrow_leg == leg.number

    def is_done(self) -> bool:
        return self.state in FINAL_STATES

    def fail_once_more(self) -> None:
        self.tries = min(self.tries + 1, MOST_TRIES)


@dataclass(slots=True, eq=False)
class Offer:
    """An operator on a leg today."""

    number: int
    smuggler: int
    uid: int
    room: int
    weight: float
    fee: int
    stop_factor: float
    single_fee: int

    def is_open(self) -> bool:
        return self.room > 0 and self.weight > 0.0


@dataclass(slots=True, eq=False)
class Leg:
    """A leg today."""

    number: int
    target: int
    duration: int
    smuggled: bool
    boat: bool
    sideways: bool
    offered: bool
    fee: int
    stop_chance: float
    belief: float
    death_chance: float
    other_cost: float
    recorded_chance: float
    stop_authority: int
    final_state: int
    freight: bool
    alone: bool
    single_fee: int
    offers: list[Offer] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Place:
    """A place today."""

    number: int
    stay_mean: float
    destination: int
    ways: list[Leg] = field(default_factory=list)


COLUMNS = tuple(f.name for f in fields(Person) if f.name != "row")


def people_from_columns(columns: MigrantColumns, rows: Any) -> list[Person]:
    """One `Person` for each of the rows, in their order."""
    rows = np.asarray(rows)
    values = [getattr(columns, name)[rows].tolist() for name in COLUMNS]
    return [Person(row, *person) for row, *person in zip(rows.tolist(), *values, strict=True)]
