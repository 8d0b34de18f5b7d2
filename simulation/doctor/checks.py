"""What `crossings doctor` looks at: the installation, the machine, and the data."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from simulation.errors import InputError
from simulation.optional import install_command
from simulation.version import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
#: libraries that make the numbers: their versions are shown
_SHOWN = ("mesa", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
_NEED = re.compile(r"\s*([A-Za-z0-9._-]+)([^;]*)")  # name and bounds: `numpy>=2.0`
_EXTRA = re.compile(r"extra == ['\"]([\w-]+)['\"]")
_BOUND = re.compile(r"(>=|<)\s*([\d.]+)")
#: how many names a line holds before it says "and more"
_FEW = 3
#: bytes free below which a folder is worth a warning: a large experiment takes as much
_LITTLE_ROOM = 1_000_000_000
_GB = 1_000_000_000
_MEMORY = Path("/proc/meminfo")
#: where Linux tells what a container may use
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
CheckStatus = Literal["ok", "warn", "fail"]


class HealthCheck(NamedTuple):
    """One line of `crossings doctor`.

    Attributes:
        status: `ok`; `warn` for what works but should be known; `fail` for what does not work.
        what: What was looked at, in a word or two.
        text: The result, and what to do about it.
    """

    status: CheckStatus
    what: str
    text: str


# -- the installation -----------------------------------------------------------------------------


def python() -> HealthCheck:
    """The Python that runs this."""
    return HealthCheck("ok", "Python", f"{sys.version.split()[0]} ({sys.executable})")


def package() -> HealthCheck:
    """This version of crossings, and whether its files are those that were packed."""
    where = f"{__version__} in {_PACKAGE}"
    try:
        listed = metadata.distribution("crossings").files or []
    except metadata.PackageNotFoundError:
        return HealthCheck("warn", "crossings", f"{where}, used without being installed")
    own = {Path(str(file.locate())): file for file in listed if file.hash is not None}
    # those of a checkout are in no list
    own = {path: file for path, file in own.items() if path.resolve().is_relative_to(_PACKAGE)}
    if not own:
        return HealthCheck("ok", "crossings", f"{where}, a checkout")
    missing = [str(file) for path, file in own.items() if not path.is_file()]
    if missing:
        text = f"{where}: files are missing ({_some(missing)}); install it again"
        return HealthCheck("fail", "crossings", text)
    changed = [
        str(file)
        for path, file in own.items()
        if file.hash is not None and _digest(path, file.hash.mode) != file.hash.value
    ]
    if changed:
        text = f"{where}: files have been changed since ({_some(changed)}); install it again"
        return HealthCheck("warn", "crossings", f"{text} unless that was meant")
    return HealthCheck("ok", "crossings", f"{where}, all {len(own)} files as they were packed")


def libraries() -> HealthCheck:
    """Check the required libraries and their versions."""
    needs = _needs()
    if not needs:
        text = "cannot be checked: crossings is not installed as a package"
        return HealthCheck("warn", "libraries", text)
    wrong = []
    for name, bounds in needs:
        version = _version(name)
        if version is None:
            wrong.append(f"{name} is not installed")
        elif not _within(version, bounds):
            wrong.append(f"{name} is {version}, {bounds} is needed")
    if wrong:
        return HealthCheck("fail", "libraries", f"{'; '.join(wrong)}: install crossings again")
    shown = ", ".join(f"{name} {_version(name)}" for name in _SHOWN)
    return HealthCheck("ok", "libraries", f"all {len(needs)} as needed: {shown}")


#: extra -> the library that tells whether it is installed, and what needs it
EXTRAS = {
    "app": ("solara", "crossings app"),
    "cluster": ("distributed", "--scheduler"),
}


def extra(name: str) -> HealthCheck:
    """A part of crossings that is installed on its own, a key of `EXTRAS`."""
    library, user = EXTRAS[name]
    version = _version(library)
    if version is None:
        text = f"not installed; only {user} needs it ({install_command(name)})"
        return HealthCheck("ok", name, text)
    bounds = next((bounds for needed, bounds in _needs(name) if needed == library), "")
    if not _within(version, bounds):
        text = f"{library} is {version}, {user} needs {bounds}: {install_command(name)}"
        return HealthCheck("warn", name, text)
    return HealthCheck("ok", name, f"{library} {version}, for {user}")


def _needs(extra: str | None = None) -> list[tuple[str, str]]:
    """Names and bounds of what crossings, or an extra, needs; empty where it is not installed."""
    needs = []
    with suppress(metadata.PackageNotFoundError):
        for need in metadata.requires("crossings") or []:
            of, parts = _EXTRA.search(need), _NEED.match(need)
            if (of[1] if of else None) == extra and parts is not None:
                needs.append((parts[1], parts[2].strip()))
    return needs


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
    ordered = sorted(names)
    more = f" and {len(ordered) - _FEW} more" if len(ordered) > _FEW else ""
    return ", ".join(ordered[:_FEW]) + more


# -- the machine ----------------------------------------------------------------------------------


def cores() -> HealthCheck:
    """How many runs go on at a time."""
    from simulation.engine.worker_pool import cores as usable

    count = usable()
    runs = "one run at a time" if count == 1 else f"{count} runs at a time"
    return HealthCheck("ok", "cores", f"{count}: {runs} unless --workers says otherwise")


def memory() -> HealthCheck:
    """How much memory there is, where the system tells."""
    total, free = _total(), _free()
    if total is None:
        return HealthCheck("ok", "memory", "unknown on this system")
    left = "" if free is None else f", {free / _GB:.1f} GB free"
    return HealthCheck("ok", "memory", f"{total / _GB:.1f} GB{left}")


def folder(what: str, path: Path, advice: str) -> HealthCheck:
    """Whether a folder can be written to, or made; it is not made, and nothing stays in it.

    Args:
        what: What it is for, in a word or two.
        path: The folder.
        advice: What to do where it cannot be written to.
    """
    parent = path.absolute()
    try:
        if parent.exists() and not parent.is_dir():
            return HealthCheck("fail", what, f"{parent} is a file, not a folder; {advice}")
        while not parent.exists():
            parent = parent.parent
        with tempfile.TemporaryFile(dir=parent):
            pass
        room = shutil.disk_usage(parent).free
    except OSError as error:
        return _cannot(what, f"{parent} cannot be written to", error, advice)
    text = f"{path.absolute()}, {room / _GB:.1f} GB free"
    if room < _LITTLE_ROOM:
        return HealthCheck("warn", what, f"{text}: little room for results; {advice}")
    return HealthCheck("ok", what, text)


def _cannot(what: str, problem: str, error: OSError, advice: str) -> HealthCheck:
    reason = (error.strerror or str(error)).lower()
    return HealthCheck("fail", what, f"{problem} ({reason}); {advice}")


def results(path: Path) -> HealthCheck:
    """The folder that results go to."""
    advice = "start crossings in a folder of your own, or name another with --out"
    return folder("results", path, advice)


def compiled() -> HealthCheck:
    """The folder in which the compiled model is kept."""
    advice = (
        "set the environment variable XDG_CACHE_HOME (or NUMBA_CACHE_DIR) to a folder of your own"
    )
    from simulation.compiled_cache import cache_directory, is_compiled

    cache = folder("compiled model", cache_directory(), advice)
    if cache.status == "fail":
        text = f"{cache.text}; until then it may be compiled anew by every command"
        return cache._replace(status="warn", text=text)
    if cache.status == "ok" and not is_compiled():
        return cache._replace(text=f"{cache.text}; not compiled yet, the first run does it")
    return cache


def temporary() -> HealthCheck:
    """The folder for temporary files."""
    advice = "set the environment variable TMPDIR to a folder of your own"
    try:
        return folder("temporary", Path(tempfile.gettempdir()), advice)
    except OSError as error:
        return _cannot("temporary", "none can be written to", error, advice)


def _total() -> int | None:
    """Memory of the machine, or what a container may use of it; bytes."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    for limit in _LIMITS:
        with suppress(OSError, ValueError):  # no limit, or another system
            total = min(total, int(limit.read_text()))
    return total if total > 0 else None


def _free() -> int | None:
    """Memory that a new process can have, as Linux tells it; bytes."""
    with suppress(OSError):
        match = re.search(r"^MemAvailable:\s*(\d+)", _MEMORY.read_text(), re.MULTILINE)
        return int(match[1]) * 1024 if match else None
    return None


# -- the data -------------------------------------------------------------------------------------


def scenarios() -> HealthCheck:
    """Whether every shipped scenario can be read, with all that it extends."""
    from simulation.scenario import load_scenario, shipped_scenarios

    names = shipped_scenarios()
    if not names:
        return HealthCheck("fail", "scenarios", "none is shipped; install crossings again")
    try:
        for name in names:
            load_scenario(name)
    except (InputError, OSError) as error:
        return HealthCheck("fail", "scenarios", f"{error}; install crossings again")
    return HealthCheck("ok", "scenarios", f"{len(names)} shipped, all can be read")


def tables() -> HealthCheck:
    """Whether the observed tables are shipped or a user's, and whether they can be read."""
    from simulation.corridor import in_use

    folder = in_use.user_folder()
    try:
        tables_in_use = in_use.read_in_use(folder)
        vintages = in_use.load_vintages(tables_in_use)
        for name in in_use.UPDATED:
            tables_in_use.file(name)
    except (InputError, OSError) as error:
        return HealthCheck("fail", "data", str(error))
    last = max(v.last for v in vintages if v.table == "channel_monthly.csv")
    text = f"observed tables to {last}"
    if not tables_in_use.users:
        return HealthCheck("ok", "data", f"{text}, shipped with crossings")
    yours = len(set(vintages) - set(in_use.load_vintages(in_use.shipped())))
    return HealthCheck("ok", "data", f"{text}, with {yours} series of yours from {folder}")


def fit() -> HealthCheck:
    """The fitted assumptions that experiments draw from by default."""
    from simulation.engine.fitted_ensembles import stale_text
    from simulation.engine.trials import (
        NothingFittedError,
        describe_fitted,
        fitted_ensemble,
    )

    try:
        entry = describe_fitted("fitted")
    except NothingFittedError:
        text = "none: experiments take every assumption at its central value"
        return HealthCheck("warn", "fit", text)
    except InputError as error:
        return HealthCheck("fail", "fit", f"{error}; use --assumptions records, or install again")
    assert entry is not None
    try:
        changed = stale_text(fitted_ensemble())
    except InputError as error:  # a table of the user's cannot be read
        return HealthCheck("fail", "fit", str(error))
    if changed is not None:
        return HealthCheck("warn", "fit", changed)
    window = f", fitted to {' to '.join(entry.window)}" if entry.window else ""
    return HealthCheck("ok", "fit", f"{entry.sets} sets of assumptions{window}")
