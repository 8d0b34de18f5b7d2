"""What `crossings doctor` looks at: the folders, the data, the fit, and a small run."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from simulation.doctor.selfcheck import HealthCheck, check, read_pinned
from simulation.errors import InputError
from simulation.version import __version__

#: bytes free below which a folder is worth a warning: a large experiment takes as much
_LITTLE_ROOM = 1_000_000_000
_GB = 1_000_000_000


def look(results_folder: Path) -> Iterator[HealthCheck]:
    """Look at one thing after the other; what cannot work any more is not tried.

    Args:
        results_folder: Folder that results are to go to.
    """
    text = (
        f"{__version__} in {Path(__file__).resolve().parents[1]}, Python {sys.version.split()[0]}"
    )
    yield HealthCheck("ok", "crossings", text)
    yield results(results_folder)
    yield compiled()
    from simulation.corridor.in_use import only_shipped

    yield tables()
    with only_shipped():  # what is pinned is a run with the shipped tables
        yield fit()
        from simulation.engine.trials import precompile_model

        precompile_model()
        yield check(read_pinned())


# -- the machine ----------------------------------------------------------------------------------


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
        reason = (error.strerror or str(error)).lower()
        problem = f"{parent} cannot be written to ({reason}); {advice}"
        return HealthCheck("fail", what, problem)
    text = f"{path.absolute()}, {room / _GB:.1f} GB free"
    if room < _LITTLE_ROOM:
        return HealthCheck("warn", what, f"{text}: little room for results; {advice}")
    return HealthCheck("ok", what, text)


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


# -- the data -------------------------------------------------------------------------------------


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
