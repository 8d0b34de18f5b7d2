"""The checks of `crossings doctor`: folders, and advice where one will not do."""

from __future__ import annotations

import errno
import shutil
import tempfile
from types import SimpleNamespace

from simulation.doctor import checks


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_folder_is_looked_at_and_left_as_it_is(tmp_path):
    check = checks.results(tmp_path / "a" / "b")
    assert check.status == "ok"
    assert check.text.startswith(f"{tmp_path / 'a' / 'b'}, ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_comes_with_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    check = checks.results(tmp_path / "mine")
    assert check.status == "fail"
    assert check.text.startswith(f"{tmp_path} cannot be written to (permission denied)")
    assert "--out" in check.text
    compiled = checks.compiled()
    assert compiled.status == "warn"  # it works all the same
    assert "XDG_CACHE_HOME" in compiled.text


def test_what_can_be_no_folder_is_a_failure(tmp_path):
    assert checks.results(tmp_path / ("x" * 300) / "y").status == "fail"


def test_little_room_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**8))
    check = checks.results(tmp_path)
    assert check.status == "warn"
    assert "little room" in check.text
