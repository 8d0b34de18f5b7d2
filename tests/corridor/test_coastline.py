from __future__ import annotations

import json

import numpy as np
import pytest

from simulation.corridor import load_coastline, load_corridor
from simulation.corridor.build_coastline import MAP_WINDOW, SCALE, build, encode, simplify
from simulation.corridor.tables import DATA
from simulation.errors import InputError


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


def test_simplify_keeps_ends_and_corners_and_drops_the_rest():
    line = np.array([[0, 0], [1, 0.001], [2, 0], [2, 1], [2.001, 2], [2, 3]], dtype=float)
    assert simplify(line, 0.01).tolist() == [[0, 0], [2, 0], [2, 3]]
    assert len(simplify(line, 1e-5)) == 6
    ring = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    assert len(simplify(ring, 0.1)) >= 4


def test_what_is_encoded_can_be_read_back(tmp_path):
    line = np.array([[1.2345, 50.1], [1.3, 50.2], [1.25, 50.15]])
    file = tmp_path / "coastline.json"
    file.write_text(json.dumps({"scale": SCALE, "coast": [encode(line)], "borders": []}))
    (read,) = load_coastline(file=file)
    assert np.abs(read - line).max() <= 0.5 / SCALE + 1e-12


def test_build_tells_coast_from_border(tmp_path):
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.01, 0.01], "translate": [0, 50]},
        # Two squares side by side, the second arc between them; the last far outside the window.
        "arcs": [
            [[100, 0], [-100, 0], [0, 100], [100, 0]],
            [[100, 0], [0, 100]],
            [[100, 100], [100, 0], [0, -100], [-100, 0]],
            [[9000, 0], [100, 0], [0, 100], [-100, -100]],
        ],
        "objects": {"countries": {"geometries": [
            {"type": "Polygon", "arcs": [[0, -2]]},
            {"type": "MultiPolygon", "arcs": [[[1, 2]], [[3]]]},
        ]}},
    }  # fmt: skip
    source, target = tmp_path / "world.json", tmp_path / "coastline.json"
    source.write_text(json.dumps(topology))
    target.write_text(build(source))
    assert len(load_coastline("coast", target)) == 2
    (border,) = load_coastline("borders", target)
    assert border.tolist() == [[1, 50], [1, 51]]


def test_unusable_files_are_errors(tmp_path):
    with pytest.raises(InputError, match="file not found"):
        load_coastline(file=tmp_path / "none.json")
    (tmp_path / "x.json").write_text('{"scale": 1000}')
    with pytest.raises(InputError, match="build_coastline writes one"):
        load_coastline(file=tmp_path / "x.json")
    with pytest.raises(InputError, match="coast, borders"):
        load_coastline("rivers")
