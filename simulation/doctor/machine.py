"""The machine: cores, memory, and the folders that have to be written to."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path

from simulation.doctor.finding import Finding
from simulation.errors import InputError

#: bytes free below which a folder is worth a warning: a large experiment takes as much
_LITTLE_ROOM = 1_000_000_000
_GB = 1_000_000_000
_MEMORY = Path("/proc/meminfo")
#: where Linux tells what a container may use
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def cores() -> Finding:
    """How many runs go on at a time."""
    from simulation.experiments.engine.worker_pool import cores as usable

    count = usable()
    runs = "one run at a time" if count == 1 else f"{count} runs at a time"
    return Finding("ok", "cores", f"{count}: {runs} unless --workers says otherwise")


def memory() -> Finding:
    """How much memory there is, where the system tells."""
    total, free = _total(), _free()
    if total is None:
        return Finding("ok", "memory", "not told by this system")
    text = f"{total / _GB:.1f} GB"
    return Finding("ok", "memory", text if free is None else f"{text}, {free / _GB:.1f} GB free")


def folder(what: str, path: Path, advice: str) -> Finding:
    """Whether a folder can be written to, or made; it is not made, and nothing stays in it.

    Args:
        what: What it is for, in a word or two.
        path: The folder.
        advice: What to do where it cannot be written to.
    """
    there = path.absolute()
    try:
        if there.exists() and not there.is_dir():
            return Finding("fail", what, f"{there} is a file, not a folder; {advice}")
        while not there.exists():
            there = there.parent
        with tempfile.TemporaryFile(dir=there):
            pass
        room = shutil.disk_usage(there).free
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Finding("fail", what, f"{there} cannot be written to ({reason}); {advice}")
    text = f"{path.absolute()}, {room / _GB:.1f} GB free"
    if room < _LITTLE_ROOM:
        return Finding("warn", what, f"{text}: little room for results; {advice}")
    return Finding("ok", what, text)


def results(path: Path) -> Finding:
    """The folder that results go to."""
    advice = "start crossings in a folder of your own, or name another with --out"
    return folder("results", path, advice)


def compiled() -> Finding:
    """The folder in which the compiled model is kept."""
    advice = (
        "set the environment variable XDG_CACHE_HOME (or NUMBA_CACHE_DIR) to a folder of your own"
    )
    try:
        from simulation.compiled import is_compiled
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Finding("fail", "compiled model", f"cannot be kept ({reason}); {advice}")
    found = folder("compiled model", Path(os.environ["NUMBA_CACHE_DIR"]), advice)
    if found.status == "fail":
        try:
            import_module("simulation.model")
        except (OSError, InputError):
            return found
        text = f"{found.text}; until then it may be compiled anew by every command"
        return found._replace(status="warn", text=text)
    if found.status == "ok" and not is_compiled():
        return found._replace(text=f"{found.text}; not compiled yet, the first run does it")
    return found


def temporary() -> Finding:
    """The folder for what is needed for a moment."""
    advice = "set the environment variable TMPDIR to a folder of your own"
    try:
        path = Path(tempfile.gettempdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Finding("fail", "temporary", f"none can be written to ({reason}); {advice}")
    return folder("temporary", path, advice)


def _total() -> int | None:
    """Memory of the machine, or what a container may use of it; bytes."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    for limit in _LIMITS:
        try:
            total = min(total, int(limit.read_text()))
        except (OSError, ValueError):
            continue  # no limit, or another system
    return total if total > 0 else None


def _free() -> int | None:
    """Memory that a new process can have, as Linux tells it; bytes."""
    try:
        for line in _MEMORY.read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None
