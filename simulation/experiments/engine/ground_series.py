"""Daily series of places and borders in a run, as some figures of borders are published."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.corridor import Corridor
from simulation.outcomes import RunRecord

Array = npt.NDArray[np.float64]


def ground_series(record: RunRecord, corridor: Corridor) -> dict[str, Array]:
    """Daily series of places and borders, (days,).

    Stock and flow of Serbia leave out the airport, where people enter the corridor: they count
    once they have come to a place on the way.
    """
    legs, places = corridor.legs, corridor.places
    serbia = {p.id for p in places if p.authority == "RS" and p.kind != "entry"}
    coast = {p.id for p in places if p.kind == "coast"}

    def on(series: np.ndarray, border: str) -> Array:
        there = [number for number, leg in enumerate(legs) if leg.border == border]
        return np.asarray(series[:, there].sum(axis=1), dtype=float)

    def present(ids: set[str]) -> Array:
        there = [number for number, place in enumerate(places) if place.id in ids]
        return np.asarray(record.place_present[:, there].sum(axis=1), dtype=float)

    into = [n for n, leg in enumerate(legs) if leg.target in serbia and leg.origin not in serbia]
    to_uk = [n for n, leg in enumerate(legs) if leg.stage == "channel"]
    return {
        "stops_turkey_bulgaria": on(record.leg_stops, "TR-BG"),
        "stops_serbia_hungary": on(record.leg_stops, "RS-HU"),
        "attempts_croatia_slovenia": on(record.leg_departures, "HR-SI"),
        "came_to_serbia": np.asarray(record.leg_arrivals[:, into].sum(axis=1), dtype=float),
        "set_outs_uk": np.asarray(record.leg_departures[:, to_uk].sum(axis=1), dtype=float),
        "present_serbia": present(serbia),
        "present_coast": present(coast),
    }
