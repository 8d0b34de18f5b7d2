"""A user's own CSV of months, as figures for the tables."""

from __future__ import annotations

import math

from simulation.corridor.observed import CHANNEL_SERIES
from simulation.data.own_series import OwnSeries
from simulation.data.reading import CHANNEL, FRONTEX, PREVENTED, YEARLY, Key, Reading
from simulation.timeseries.months import MONTHS_OF_YEAR

KIND = "your own series"
SOURCE = "Your own count"
#: series by month, and their tables; all others are held by year
MONTHLY = {
    **dict.fromkeys(CHANNEL_SERIES, CHANNEL),
    "wb_detections": FRONTEX,
    "prevented_share": PREVENTED,
}


def own_reading(own: OwnSeries) -> Reading:
    """The months of a user's file, and the sums of whole years of what is held by year."""
    figures: dict[Key, float] = {}
    places: dict[Key, str] = {}
    notes = list(own.notes)
    for name, values in own.series.items():
        known = {
            month: float(value)
            for month, value in zip(own.months, values, strict=True)
            if math.isfinite(value)
        }
        where = dict(zip(own.months, own.places, strict=True))
        if name in MONTHLY:
            for month, value in known.items():
                key = Key(MONTHLY[name], month, name)
                figures[key] = value
                places[key] = f"{where[month]}: {name}"
            continue
        years = sorted({month[:4] for month in known})
        whole = [y for y in years if sum(month[:4] == y for month in known) == MONTHS_OF_YEAR]
        for year in whole:
            total = sum(value for month, value in known.items() if month[:4] == year)
            figures[Key(YEARLY, year, name)] = total
        for year in sorted(set(years) - set(whole)):
            notes.append(
                f"{name} of {year} is left out: it is held by year, and months are missing"
            )
    return Reading(
        own.file, KIND, SOURCE, dict.fromkeys(own.series, "own"), figures, places, tuple(notes),
        whole=False,
    )  # fmt: skip
