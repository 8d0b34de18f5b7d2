"""The installation: versions, libraries, and whether every file is as it was packed."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from simulation import __version__
from simulation.doctor.finding import Finding
from simulation.optional import install_command

_PACKAGE = Path(__file__).resolve().parents[1]
#: oldest Python that will do
_PYTHON = (3, 12)
#: libraries that make the numbers: their versions are shown
_SHOWN = ("mesa", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
_NEED = re.compile(r"([A-Za-z0-9._-]+)(.*)")
_EXTRA = re.compile(r"extra == ['\"]([\w-]+)['\"]")
_BOUND = re.compile(r"(>=|<)\s*([\d.]+)")
#: how many names a line holds before it says "and more"
_FEW = 3


def python() -> Finding:
    """The Python that runs this."""
    found = f"{sys.version.split()[0]} ({sys.executable})"
    if sys.version_info[:2] < _PYTHON:
        needed = ".".join(map(str, _PYTHON))
        return Finding("fail", "Python", f"{found}: too old, it takes {needed} or later")
    return Finding("ok", "Python", found)


def package() -> Finding:
    """This version of crossings, and whether its files are those that were packed."""
    where = f"{__version__} in {_PACKAGE}"
    try:
        listed = metadata.distribution("crossings").files or []
    except metadata.PackageNotFoundError:
        return Finding("warn", "crossings", f"{where}, used without being installed")
    own = [file for file in listed if file.hash is not None and _is_ours(Path(str(file.locate())))]
    if not own:
        return Finding("ok", "crossings", f"{where}, a checkout")
    missing, changed = [], []
    for file in own:
        path = Path(str(file.locate()))
        if not path.is_file():
            missing.append(str(file))
        elif file.hash is not None and _digest(path, file.hash.mode) != file.hash.value:
            changed.append(str(file))
    if missing:
        text = f"{where}: files are missing ({_some(missing)}); install it again"
        return Finding("fail", "crossings", text)
    if changed:
        text = f"{where}: files have been changed since ({_some(changed)}); install it again"
        return Finding("warn", "crossings", f"{text} unless that was meant")
    return Finding("ok", "crossings", f"{where}, all {len(own)} files as they were packed")


def libraries() -> Finding:
    """What crossings needs, and whether it is there in a version that will do."""
    needs = _needs()
    if not needs:
        return Finding("warn", "libraries", "what is needed is known of an installed package only")
    wrong = []
    for name, bounds in needs:
        version = _version(name)
        if version is None:
            wrong.append(f"{name} is not installed")
        elif not _within(version, bounds):
            wrong.append(f"{name} is {version}, {bounds} is needed")
    if wrong:
        return Finding("fail", "libraries", f"{'; '.join(wrong)}: install crossings again")
    shown = ", ".join(f"{name} {_version(name)}" for name in _SHOWN)
    return Finding("ok", "libraries", f"all {len(needs)} as needed: {shown}")


#: extra -> the library that tells whether it is installed, and what needs it
EXTRAS = {"app": ("solara", "crossings app"), "cluster": ("distributed", "--scheduler")}


def extra(name: str) -> Finding:
    """A part of crossings that is installed on its own, a key of `EXTRAS`."""
    library, user = EXTRAS[name]
    version = _version(library)
    if version is None:
        text = f"not installed; only {user} needs it ({install_command(name)})"
        return Finding("ok", name, text)
    bounds = next((bounds for needed, bounds in _needs(name) if needed == library), "")
    if not _within(version, bounds):
        text = f"{library} is {version}, {user} needs {bounds}: {install_command(name)}"
        return Finding("warn", name, text)
    return Finding("ok", name, f"{library} {version}, for {user}")


def _is_ours(path: Path) -> bool:
    """Whether a file lies in the package that runs; those of a checkout are in no list."""
    return path.resolve().is_relative_to(_PACKAGE)


def _needs(extra: str | None = None) -> list[tuple[str, str]]:
    """Names and bounds of the libraries that crossings needs, or that one of its extras adds.

    Empty where crossings is not installed.
    """
    try:
        needs = metadata.requires("crossings") or []
    except metadata.PackageNotFoundError:
        return []
    found = [(_EXTRA.search(need), need) for need in needs]
    return [_parts(need) for of, need in found if (of[1] if of else None) == extra]


def _parts(need: str) -> tuple[str, str]:
    """`numpy>=2.0` -> its name and its bounds."""
    found = _NEED.match(need.partition(";")[0].strip())
    assert found is not None
    return found[1], found[2].strip()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _within(version: str, bounds: str) -> bool:
    """Whether a version lies within `>=` and `<`."""
    here = _numbers(version)
    return all(
        here >= _numbers(bound) if sign == ">=" else here < _numbers(bound)
        for sign, bound in _BOUND.findall(bounds)
    )


def _numbers(version: str) -> tuple[int, ...]:
    """`2.10.0rc1` -> (2, 10); trailing zeros do not count."""
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", version)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _digest(path: Path, mode: str) -> str:
    """The digest of a file as the list of installed files writes it."""
    raw = hashlib.new(mode, path.read_bytes()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return ", ".join(found[:_FEW]) + more
