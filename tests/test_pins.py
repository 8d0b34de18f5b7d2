"""What is installed is pinned, for uv and for pip alike, without the host of an index."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.third_party import ROOT, runtime

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
AGAIN = "run `uv run python benchmarks/pins.py`"


def pins(lines: list[str]) -> dict[str, list[Requirement]]:
    """Pins by normalised name; a name has several where versions differ by Python."""
    by_name: dict[str, list[Requirement]] = {}
    for line in lines:
        need = Requirement(line)
        by_name.setdefault(canonicalize_name(need.name), []).append(need)
    return by_name


INSTALLED = pins(PROJECT["tool"]["uv"]["constraint-dependencies"])
EXTRAS = [*chain(*PROJECT["project"]["optional-dependencies"].values())]
#: development tools; a group among them is no need of its own
TOOLS = [need for need in PROJECT["dependency-groups"]["dev"] if isinstance(need, str)]


def names_of(needs: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(need).name) for need in needs}


def test_every_distribution_that_a_user_installs_is_pinned():
    closure = runtime()
    needed = {*closure.installed, *closure.elsewhere}
    assert len(needed) > 90
    assert needed - set(INSTALLED) == set(), AGAIN


def test_what_is_installed_is_what_is_pinned():
    others = {}
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.name)
        for need in INSTALLED.get(name, ()):
            holds = need.marker is None or need.marker.evaluate()
            if holds and not need.specifier.contains(distribution.version, prereleases=True):
                others[name] = (distribution.version, str(need))
    assert others == {}, "install again: uv sync --group dev"


def test_what_is_asked_for_is_what_is_pinned():
    for need in map(Requirement, [*PROJECT["project"]["dependencies"], *EXTRAS, *TOOLS]):
        for pin in INSTALLED[canonicalize_name(need.name)]:
            (version,) = (specifier.version for specifier in pin.specifier)
            assert need.specifier.contains(version), (str(need), str(pin))


def test_what_builds_the_package_is_pinned():
    building = pins(PROJECT["tool"]["uv"]["build-constraint-dependencies"])
    assert names_of(PROJECT["build-system"]["requires"]) <= set(building), AGAIN


def test_pip_reads_the_same_versions():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    uv = PROJECT["tool"]["uv"]
    both = {*uv["constraint-dependencies"], *uv["build-constraint-dependencies"]}
    assert {line for line in lines if not line.startswith("#")} == both, AGAIN


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_no_index_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"index-url|--index|--find-links|://", text)


def test_no_file_of_uv_with_hosts_is_kept():
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
