from __future__ import annotations

import pytest

from simulation.data.own_series import read_own_series


@pytest.fixture
def read(tmp_path):
    """Write a file of a user's own, read it, and see that it was left as it is."""

    def reading(content, name="own.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        file = tmp_path / name
        file.write_bytes(data)
        try:
            return read_own_series(file)
        finally:
            assert file.read_bytes() == data
            assert [path.name for path in tmp_path.iterdir()] == [name]

    return reading
