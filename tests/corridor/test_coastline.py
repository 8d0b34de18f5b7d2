from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor import load_coastline, load_corridor
from simulation.corridor.coastline import cut_outline
from simulation.report.maps import CORRIDOR_LANDS, CROWDED_LANDS, STRAIT_LANDS


def nearest_km(lines, longitude, latitude):
    points = np.concatenate(lines)
    east = (points[:, 0] - longitude) * np.cos(np.radians(latitude))
    return float(np.hypot(east, points[:, 1] - latitude).min() * 111.2)


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


def holds(ring, longitude, latitude):
    """Whether a point lies within a closed line, by how often a ray to the east crosses that."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    rises = (y0 > latitude) != (y1 > latitude)
    at = x0 + (latitude - y0) / np.where(rises, y1 - y0, 1.0) * (x1 - x0)
    return bool(np.count_nonzero(rises & (at > longitude)) % 2)


def on_land(longitude, latitude):
    return sum(holds(ring, longitude, latitude) for ring in load_coastline("coast")) % 2 == 1


def test_coasts_are_closed_outlines_of_land():
    for ring in load_coastline("coast"):
        np.testing.assert_array_equal(ring[0], ring[-1])
    for name, longitude, latitude in (*CORRIDOR_LANDS, *CROWDED_LANDS, *STRAIT_LANDS):
        assert on_land(longitude, latitude), name
    seas = {"North Sea": (3.0, 54.0), "Channel": (0.0, 50.2), "Adriatic": (16.0, 42.8)}
    seas |= {"Biscay": (-6.0, 45.0), "Aegean": (25.0, 38.8), "Strait of Dover": (1.55, 51.0)}
    for name, place in seas.items():
        assert not on_land(*place), name


@given(
    corners=st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=12),
    point=st.tuples(st.floats(-4.9, 4.9), st.floats(-2.9, 2.9)),
)
def test_what_is_cut_is_the_part_inside(corners, point):
    ring, window = np.array([*corners, corners[0]]), (-5.0, -3.0, 5.0, 3.0)
    cut = cut_outline(ring, window)
    if len(cut):
        assert (np.abs(cut) <= (5.0 + 1e-9, 3.0 + 1e-9)).all()
        np.testing.assert_array_equal(cut[0], cut[-1])
    crossings = np.abs(ring[:, 1] - point[1]).min()
    if crossings > 1e-6:
        assert holds(ring, *point) == (len(cut) > 0 and holds(cut, *point))
