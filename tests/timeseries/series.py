"""A monthly series with a known law, to learn from."""

from __future__ import annotations

import numpy as np

from simulation.timeseries.months import months_after

MONTHS = 96


def made(seed=0, months=MONTHS, error=0.2):
    """Months and counts of a level that wanders, with a season."""
    rng = np.random.default_rng(seed)
    level = 7.0 + np.cumsum(0.5 * error * rng.standard_normal(months))
    season = 0.4 * np.cos(2.0 * np.pi * np.arange(months) / 12.0)
    counts = np.exp(level + season + error * rng.standard_normal(months))
    return months_after("2014-12", months), np.rint(counts)
