"""A user's own monthly series, cut to the window of a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulation.corridor.observed import MONTH
from simulation.data.own_series import OwnSeries, read_own_series
from simulation.errors import InputError

__all__ = ["OwnSeries", "check_window", "read_own_series"]


def check_window(own: OwnSeries, first: str, last: str) -> OwnSeries:
    """The series within the months of a run.

    A published workbook holds every year there is, so what lies outside is left out with a note;
    a month outside the run in a user's own table is a mistake.

    Args:
        own: The series.
        first: First month of the run, as "2021-01".
        last: Last month of the run, included.

    Raises:
        InputError: If a month lies outside, or nothing is known inside.
    """
    for name, month in (("--from", first), ("--to", last)):
        if not (month.isascii() and MONTH.match(month)):
            raise InputError(
                "not a month", key=name, value=month, allowed='a month such as "2023-01"'
            )
    window = f"{first} to {last}"
    if first > last:
        raise InputError("ends before it begins", key="--from, --to", value=window)
    inside = np.array([first <= month <= last for month in own.months])
    for month, place, within in zip(own.months, own.places, inside, strict=True):
        if not within and not own.published:
            raise InputError(
                "a month outside the run",
                file=own.file,
                key=f"{place}: month",
                value=month,
                allowed=f"{window}; leave the line out, or change --from and --to",
            )
    series = {name: values[inside] for name, values in own.series.items()}
    series = {name: values for name, values in series.items() if np.isfinite(values).any()}
    if not series:
        raise InputError(
            "no month of the run is known",
            file=own.file,
            value=f"{own.months[0]} to {own.months[-1]}",
            allowed=window,
        )
    for values in series.values():
        values.setflags(write=False)
    notes = own.notes
    gone = [name for name in own.series if name not in series]
    if gone:
        notes += (f"no month of the run is known of {', '.join(gone)}",)
    if not inside.all():
        notes += (f"{int((~inside).sum())} months outside the run ({window}) are left out",)
    return replace(
        own,
        months=tuple(m for m, within in zip(own.months, inside, strict=True) if within),
        places=tuple(p for p, within in zip(own.places, inside, strict=True) if within),
        series=series,
        notes=notes,
    )
