"""Cores, memory and folders: what is found, and the advice where a folder cannot be used."""

from __future__ import annotations

import errno
import tempfile

import pytest

from simulation.doctor import machine
from simulation.errors import InputError


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_folder_is_looked_at_and_left_as_it_is(tmp_path):
    found = machine.results(tmp_path / "a" / "b")
    assert found.status == "ok"
    assert found.text.startswith(f"{tmp_path / 'a' / 'b'}, ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_comes_with_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    found = machine.results(tmp_path / "mine")
    assert found.status == "fail"
    assert found.text == (
        f"{tmp_path} cannot be written to (permission denied); start crossings in a folder of your "
        "own, or name another with --out"
    )
    assert "TMPDIR" in machine.temporary().text
    monkeypatch.setattr(machine, "import_module", lambda name: None)
    compiled = machine.compiled()
    assert compiled.status == "warn"  # the model can be imported all the same
    assert "XDG_CACHE_HOME" in compiled.text


def test_a_model_that_can_be_compiled_nowhere_is_a_failure(monkeypatch):
    def no_place(name: str) -> None:
        raise InputError("the compiled model can be kept nowhere")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(machine, "import_module", no_place)
    assert machine.compiled().status == "fail"


@pytest.mark.parametrize("name", ["file", "x" * 300 + "/y"])
def test_what_is_no_folder_is_a_failure(name, tmp_path):
    (tmp_path / "file").touch()
    found = machine.results(tmp_path / name)
    assert found.status == "fail"
    assert "--out" in found.text


def test_little_room_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_LITTLE_ROOM", 10**30)
    found = machine.results(tmp_path)
    assert found.status == "warn"
    assert "little room" in found.text


def test_no_temporary_folder_at_all_is_a_failure(monkeypatch):
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert machine.temporary().status == "fail"


def test_memory_is_told_or_said_not_to_be(monkeypatch, tmp_path):
    assert machine.memory().status == "ok"
    limit = tmp_path / "max"
    limit.write_text("2000000000\n")
    monkeypatch.setattr(machine, "_LIMITS", (limit, tmp_path / "none"))
    monkeypatch.setattr(machine, "_MEMORY", tmp_path / "none")
    assert machine.memory().text == "2.0 GB"
    monkeypatch.setattr(machine, "_total", lambda: None)
    assert machine.memory().text == "not told by this system"


def test_cores_are_counted():
    assert machine.cores().status == "ok"
