from __future__ import annotations

import shutil

import pytest

from simulation.corridor.tables import DATA


@pytest.fixture
def folder(tmp_path):
    """A copy of the data."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture
def edit(folder):
    """Replace one piece of text in one file of a copy of the data, and give the folder."""

    def change(file, old, new):
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return change
