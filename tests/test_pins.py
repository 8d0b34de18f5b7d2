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
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        need = Requirement(line)
        found.setdefault(canonicalize_name(need.name), []).append(need)
    return found


@pytest.fixture(scope="module")
def installed() -> dict[str, list[Requirement]]:
    return pins(PROJECT["tool"]["uv"]["constraint-dependencies"])


def test_every_distribution_that_a_user_installs_is_pinned(installed):
    closure = runtime()
    needed = {*closure.installed, *closure.elsewhere}
    assert len(needed) > 90
    assert needed - set(installed) == set(), AGAIN


def test_a_pin_is_one_version(installed):
    for name, needs in installed.items():
        for need in needs:
            (specifier,) = need.specifier
            assert specifier.operator == "==", name
            assert "*" not in specifier.version, name


@pytest.mark.parametrize("python", ["3.12", "3.13", "3.14"])
def test_no_name_has_two_versions_on_one_machine(installed, python):
    for system in ("linux", "win32", "darwin"):
        machine = {"python_version": python, "python_full_version": f"{python}.0",
                   "sys_platform": system}  # fmt: skip
        for name, needs in installed.items():
            held = [need for need in needs if not need.marker or need.marker.evaluate(machine)]
            assert len(held) <= 1, (name, machine)


def test_what_is_installed_is_what_is_pinned(installed):
    others = {}
    for found in metadata.distributions():
        name = canonicalize_name(found.name)
        for need in installed.get(name, ()):
            holds = need.marker is None or need.marker.evaluate()
            if holds and not need.specifier.contains(found.version, prereleases=True):
                others[name] = (found.version, str(need))
    assert others == {}, "install again: uv sync --group dev"


def test_what_is_asked_for_is_what_is_pinned(installed):
    project = PROJECT["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    asked += [need for need in PROJECT["dependency-groups"]["dev"] if isinstance(need, str)]
    for need in map(Requirement, asked):
        for pin in installed[canonicalize_name(need.name)]:
            (version,) = (specifier.version for specifier in pin.specifier)
            assert need.specifier.contains(version), (str(need), str(pin))


def test_what_builds_the_package_is_pinned():
    building = pins(PROJECT["tool"]["uv"]["build-constraint-dependencies"])
    needs = PROJECT["build-system"]["requires"]
    assert {canonicalize_name(Requirement(need).name) for need in needs} <= set(building), AGAIN


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


def test_tools_are_installed_only_where_they_are_asked_for():
    assert PROJECT["tool"]["uv"]["default-groups"] == []
    closure = set(runtime().installed)
    tools = {canonicalize_name(Requirement(need).name)
             for need in PROJECT["dependency-groups"]["dev"] if isinstance(need, str)}  # fmt: skip
    # the notebook's format and kernel are Solara's too, and the extra is tested with the tools
    assert tools & closure <= {"distributed", "ipykernel", "nbformat"}
