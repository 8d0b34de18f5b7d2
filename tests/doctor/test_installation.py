"""Versions and files of an installation, whole and damaged."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from types import SimpleNamespace

import pytest

import simulation
from simulation.doctor import installation


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
    monkeypatch.setattr(installation, "_PACKAGE", tmp_path)
    monkeypatch.setattr(metadata, "distribution", lambda name: SimpleNamespace(files=files))
    return tmp_path


def test_a_whole_package_is_well(installed):
    found = installation.package()
    assert found.status == "ok"
    assert found.text.endswith("all 2 files as they were packed")


def test_a_missing_file_is_a_failure(installed):
    (installed / "a.py").unlink()
    found = installation.package()
    assert found.status == "fail"
    assert "files are missing (simulation/a.py); install it again" in found.text


def test_a_changed_file_is_a_warning(installed):
    (installed / "b.toml").write_text("other")
    found = installation.package()
    assert found.status == "warn"
    assert "(simulation/b.toml)" in found.text


def test_a_checkout_is_told_as_such():
    found = installation.package()
    assert found.status == "ok"
    assert found.text.startswith(simulation.__version__)


def test_libraries_are_there():
    found = installation.libraries()
    assert found.status == "ok"
    assert f"numpy {metadata.version('numpy')}" in found.text
    assert installation.python().status == "ok"
    assert installation.extra("cluster").status == "ok"


def test_a_library_that_will_not_do_is_named(monkeypatch):
    needs = ["numpy>=999", "no-such-library>=1", "mesa<0.1,>=0", 'distributed>=999; extra == "x"']
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    found = installation.libraries()
    assert found.status == "fail"
    assert f"numpy is {metadata.version('numpy')}, >=999 is needed" in found.text
    assert "no-such-library is not installed" in found.text
    assert "mesa is " in found.text
    assert "distributed" not in found.text


@pytest.mark.parametrize(
    ("version", "bounds", "holds"),
    [
        ("2.10.0", ">=2.9", True),
        ("2.9", ">=2.10", False),
        ("3.5.1", "<4,>=3.5", True),
        ("4.0.0", "<4,>=3.5", False),
        ("2.0", ">=2.0.0", True),
        ("1!x", "", True),
    ],
)
def test_versions_are_compared_by_number(version, bounds, holds):
    assert installation._within(version, bounds) is holds
