from __future__ import annotations

import shutil

import pytest

from simulation.corridor.tables import DATA


@pytest.fixture
def edit(tmp_path):
    """Copy the data, replace one piece of text in one file, and give the folder."""

    def change(file, old, new):
        folder = tmp_path / "data"
        if not folder.exists():
            shutil.copytree(DATA, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return change
