"""The data of the package: shipped scenarios, and the fitted ensemble."""

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


def fit() -> Finding:
    """The fitted assumptions that experiments draw from unless they are told otherwise."""
    from simulation.errors import InputError
    from simulation.experiments.fitted_inputs import stale_text
    from simulation.experiments.trials import NothingFittedError, fitted_ensemble, fitted_entry

    try:
        entry = fitted_entry("fitted")
    except NothingFittedError:
        text = "none: experiments take every assumption at its recorded value"
        return Finding("warn", "fit", text)
    except InputError as error:
        return Finding("fail", "fit", f"{error}; use --assumptions records, or install again")
    assert entry is not None
    if (changed := stale_text(fitted_ensemble())) is not None:
        return Finding("warn", "fit", changed)
    window = f", fitted to {' to '.join(entry['window'])}" if entry["window"] else ""
    return Finding("ok", "fit", f"{entry['sets']} sets of assumptions{window}")
