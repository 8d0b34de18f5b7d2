from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor import load_coastline, load_corridor
from simulation.corridor.build_coastline import MAP_WINDOW
from simulation.corridor.tables import DATA


def nearest_km(lines, longitude, latitude):
    points = np.concatenate(lines)
    east = (points[:, 0] - longitude) * np.cos(np.radians(latitude))
    return float(np.hypot(east, points[:, 1] - latitude).min() * 111.2)


def test_lines_are_few_and_lie_in_the_map_window():
    assert (DATA / "coastline.json").stat().st_size < 150_000
    points, (west, south, east, north) = np.concatenate(load_coastline()), MAP_WINDOW
    assert (points.min(axis=0) >= np.array([west, south]) - 1).all()
    assert (points.max(axis=0) <= np.array([east, north]) + 1).all()


def test_both_kinds_together_are_everything():
    coast, borders = load_coastline("coast"), load_coastline("borders")
    assert len(load_coastline()) == len(coast) + len(borders)
    assert min(len(coast), len(borders)) > 50
    assert all(line.ndim == 2 and line.shape[1] == 2 and len(line) > 1 for line in coast)


@pytest.mark.parametrize("kind", ["coast", "landing"])
def test_launch_areas_and_channel_landings_lie_on_the_coast(kind):
    coast = load_coastline("coast")
    for place in load_corridor().places:
        if place.kind == kind:
            assert nearest_km(coast, place.longitude, place.latitude) < 12, place.id


def test_borders_are_where_people_cross_them():
    borders = load_coastline("borders")
    assert nearest_km(borders, 19.97, 46.18) < 8  # Horgos, Serbia-Hungary
    assert nearest_km(borders, 21.66, 42.24) < 8  # Lojane, North Macedonia-Serbia
    assert nearest_km(borders, 20.46, 44.81) > 40  # Belgrade lies inside Serbia
