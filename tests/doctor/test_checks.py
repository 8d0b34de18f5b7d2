"""The checks of `crossings doctor`: versions and files, cores, memory and folders."""

from __future__ import annotations

import base64
import errno
import hashlib
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

import simulation
from simulation.doctor import checks

PACKAGE = Path(simulation.__file__).parent


def listed(name: str, content: bytes):
    """A file of the package, as a list of installed files knows it."""
    value = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

    class Listed:
        hash = metadata.FileHash(f"sha256={value}")
        locate = staticmethod(lambda: PACKAGE / name)
        __str__ = staticmethod(lambda: f"simulation/{name}")

    return Listed()


@pytest.mark.parametrize(("name", "content", "status", "text"), [
    ("version.py", None, "ok", "all 2 files as they were packed"),
    ("nothing.py", b"", "fail", "(simulation/nothing.py)"),
    ("version.py", b"other", "warn", "(simulation/version.py)"),
])  # fmt: skip
def test_the_files_of_a_package_are_looked_at(monkeypatch, name, content, status, text):
    if content is None:
        content = (PACKAGE / name).read_bytes()
    files = [listed("cli.py", (PACKAGE / "cli.py").read_bytes()), listed(name, content)]
    monkeypatch.setattr(metadata, "distribution", lambda _: SimpleNamespace(files=files))
    check = checks.package()
    assert check.status == status
    assert text in check.text


def test_a_checkout_is_told_as_such():
    check = checks.package()
    assert check.status == "ok"
    assert check.text.startswith(simulation.__version__)


def test_libraries_are_there():
    assert f"numpy {metadata.version('numpy')}" in checks.libraries().text
    for check in (checks.libraries(), checks.python(), checks.extra("cluster"), checks.cores()):
        assert check.status == "ok"


def test_a_library_that_will_not_do_is_named(monkeypatch):
    needs = ["numpy>=999", "no-such-library>=1", "mesa<0.1,>=0", 'distributed>=999; extra == "x"']
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    check = checks.libraries()
    assert check.status == "fail"
    for name in ("numpy", "no-such-library", "mesa"):
        assert f"{name} is " in check.text
    assert "distributed" not in check.text


@pytest.mark.parametrize(("version", "bounds", "status"), [
    ("2.10.0", ">=2.9", "ok"), ("2.9", ">=2.10", "fail"), ("3.5.1", "<4,>=3.5", "ok"),
    ("4.0.0", "<4,>=3.5", "fail"), ("2.0", ">=2.0.0", "ok"), ("1!x", "", "ok"),
])  # fmt: skip
def test_versions_are_compared_by_number(monkeypatch, version, bounds, status):
    monkeypatch.setattr(metadata, "requires", lambda name: [f"numpy{bounds}"])
    monkeypatch.setattr(metadata, "version", lambda name: version)
    assert checks.libraries().status == status


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
    assert "TMPDIR" in checks.temporary().text
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
