"""The data of the package and of the user: tables, shipped scenarios, and the fitted ensemble."""

from __future__ import annotations

from simulation.doctor.finding import Finding


def scenarios() -> Finding:
    """Whether every shipped scenario can be read, and all it stands on with it."""
    from simulation.errors import InputError
    from simulation.scenario import load_scenario, shipped_scenarios

    found = shipped_scenarios()
    if not found:
        return Finding("fail", "scenarios", "none is shipped; install crossings again")
    try:
        for name in found:
            load_scenario(name)
    except (InputError, OSError) as error:
        return Finding("fail", "scenarios", f"{error}; install crossings again")
    return Finding("ok", "scenarios", f"{len(found)} shipped, all can be read")


def tables() -> Finding:
    """Whether the observed tables are shipped or a user's, and whether they can be read."""
    from simulation.corridor import in_use, vintages
    from simulation.errors import InputError

    folder = in_use.user_folder()
    try:
        found = in_use.read_in_use(folder)
        known = vintages.load_vintages(found)
        for name in in_use.UPDATED:
            found.file(name)
    except (InputError, OSError) as error:
        return Finding("fail", "data", str(error))
    last = max(v.last for v in known if v.table == "channel_monthly.csv")
    text = f"observed tables to {last}"
    if not found.users:
        return Finding("ok", "data", f"{text}, shipped with crossings")
    yours = len(set(known) - set(vintages.load_vintages(in_use.shipped())))
    return Finding("ok", "data", f"{text}, with {yours} series of yours from {folder}")


def fit() -> Finding:
    """The fitted assumptions that experiments draw from unless they are told otherwise."""
    from simulation.errors import InputError
    from simulation.experiments.engine.fitted_inputs import stale_text
    from simulation.experiments.engine.trials import (
        NothingFittedError,
        describe_fitted,
        fitted_ensemble,
    )

    try:
        entry = describe_fitted("fitted")
    except NothingFittedError:
        text = "none: experiments take every assumption at its recorded value"
        return Finding("warn", "fit", text)
    except InputError as error:
        return Finding("fail", "fit", f"{error}; use --assumptions records, or install again")
    assert entry is not None
    try:
        changed = stale_text(fitted_ensemble())
    except InputError as error:  # a table of the user's cannot be read
        return Finding("fail", "fit", str(error))
    if changed is not None:
        return Finding("warn", "fit", changed)
    window = f", fitted to {' to '.join(entry.window)}" if entry.window else ""
    return Finding("ok", "fit", f"{entry.sets} sets of assumptions{window}")
