"""The checks of `crossings doctor`: versions and files, cores, memory and folders."""

from __future__ import annotations

import base64
import errno
import hashlib
import tempfile
from importlib import metadata
from types import SimpleNamespace

import pytest

import simulation
from simulation.doctor import checks


def listed(name: str, content: bytes, where):
    value = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

    class Listed:
        hash = metadata.FileHash(f"sha256={value}")
        locate = staticmethod(lambda: where / name)
        __str__ = staticmethod(lambda: f"simulation/{name}")

    return Listed()


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """A package of two files, as a list of installed files knows them."""
    for name in ("a.py", "b.toml"):
        (tmp_path / name).write_bytes(name.encode())
    files = [listed(name, name.encode(), tmp_path) for name in ("a.py", "b.toml")]
    monkeypatch.setattr(checks, "_PACKAGE", tmp_path)
    monkeypatch.setattr(metadata, "distribution", lambda name: SimpleNamespace(files=files))
    return tmp_path


@pytest.mark.parametrize(("spoil", "status", "text"), [
    (lambda folder: None, "ok", "all 2 files as they were packed"),
    (lambda folder: (folder / "a.py").unlink(), "fail",
     "files are missing (simulation/a.py); install it again"),
    (lambda folder: (folder / "b.toml").write_text("other"), "warn", "(simulation/b.toml)"),
])  # fmt: skip
def test_the_files_of_a_package_are_looked_at(installed, spoil, status, text):
    spoil(installed)
    found = checks.package()
    assert found.status == status
    assert text in found.text


def test_a_checkout_is_told_as_such():
    found = checks.package()
    assert found.status == "ok"
    assert found.text.startswith(simulation.__version__)


def test_libraries_are_there():
    found = checks.libraries()
    assert found.status == "ok"
    assert f"numpy {metadata.version('numpy')}" in found.text
    for found in (checks.python(), checks.extra("cluster"), checks.cores()):
        assert found.status == "ok"


def test_a_library_that_will_not_do_is_named(monkeypatch):
    needs = ["numpy>=999", "no-such-library>=1", "mesa<0.1,>=0", 'distributed>=999; extra == "x"']
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    found = checks.libraries()
    assert found.status == "fail"
    assert f"numpy is {metadata.version('numpy')}, >=999 is needed" in found.text
    assert "no-such-library is not installed" in found.text
    assert "mesa is " in found.text
    assert "distributed" not in found.text


@pytest.mark.parametrize(("version", "bounds", "holds"), [
    ("2.10.0", ">=2.9", True), ("2.9", ">=2.10", False), ("3.5.1", "<4,>=3.5", True),
    ("4.0.0", "<4,>=3.5", False), ("2.0", ">=2.0.0", True), ("1!x", "", True),
])  # fmt: skip
def test_versions_are_compared_by_number(version, bounds, holds):
    assert checks._within(version, bounds) is holds


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_folder_is_looked_at_and_left_as_it_is(tmp_path):
    found = checks.results(tmp_path / "a" / "b")
    assert found.status == "ok"
    assert found.text.startswith(f"{tmp_path / 'a' / 'b'}, ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_comes_with_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    found = checks.results(tmp_path / "mine")
    assert found.status == "fail"
    assert found.text == (
        f"{tmp_path} cannot be written to (permission denied); start crossings in a folder of your "
        "own, or name another with --out"
    )
    assert "TMPDIR" in checks.temporary().text
    monkeypatch.setattr(checks, "import_module", lambda name: None)
    compiled = checks.compiled()
    assert compiled.status == "warn"  # the model can be imported all the same
    assert "XDG_CACHE_HOME" in compiled.text


def test_a_model_that_can_be_compiled_nowhere_is_a_failure(monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(checks, "import_module", refuse)
    assert checks.compiled().status == "fail"


@pytest.mark.parametrize("name", ["file", "x" * 300 + "/y"])
def test_what_is_no_folder_is_a_failure(name, tmp_path):
    (tmp_path / "file").touch()
    found = checks.results(tmp_path / name)
    assert found.status == "fail"
    assert "--out" in found.text


def test_little_room_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "_LITTLE_ROOM", 10**30)
    found = checks.results(tmp_path)
    assert found.status == "warn"
    assert "little room" in found.text


def test_no_temporary_folder_at_all_is_a_failure(monkeypatch):
    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    assert checks.temporary().status == "fail"


def test_memory_is_told_or_said_not_to_be(monkeypatch, tmp_path):
    assert checks.memory().status == "ok"
    limit = tmp_path / "max"
    limit.write_text("2000000000\n")
    monkeypatch.setattr(checks, "_LIMITS", (limit, tmp_path / "none"))
    monkeypatch.setattr(checks, "_MEMORY", tmp_path / "none")
    assert checks.memory().text == "2.0 GB"
    monkeypatch.setattr(checks, "_total", lambda: None)
    assert checks.memory().text == "unknown on this system"
