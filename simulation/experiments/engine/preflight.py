"""What is told before runs begin, and kept with their results: see `simulation.scenario.notes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from simulation.errors import InputError
from simulation.experiments.engine.fitted_ensembles import stale_text
from simulation.experiments.engine.trials import Assumptions, fitted_ensemble
from simulation.parameters import load_parameters
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.records import Value
from simulation.parameters.sampling import samples
from simulation.scenario import Scenario
from simulation.scenario.notes import Assumed, Note, notes_of

#: sets drawn from the ranges to see under how many of them a lever can act
_DRAWS = 100
_FITTED, _RANGES = "fitted sets of assumptions", "sets drawn from the ranges"


def assumed(assumptions: Assumptions | None, ensemble: FittedEnsemble | None = None) -> Assumed:
    """The assumptions under which it is asked whether a lever can act.

    Args:
        assumptions: Those of the runs; None before any are chosen, which asks the records first and
            then the fitted sets, if the package holds some.
        ensemble: The fitted sets; those of the package when None.

    Raises:
        InputError: Fitted ones are asked for and there are none.
    """
    if assumptions == "records":
        return Assumed()
    if assumptions == "ranges":
        records = load_parameters()
        drawn = tuple((1.0 / _DRAWS, one) for one in samples(records, range(1, _DRAWS + 1)))
        return Assumed(drawn, first=False, words=_RANGES)
    try:
        found = ensemble or fitted_ensemble()
    except InputError:
        if assumptions is not None:
            raise
        return Assumed()
    return Assumed(_sets(found), first=assumptions is None, words=_FITTED)


@lru_cache(maxsize=2)
def _sets(ensemble: FittedEnsemble) -> tuple[tuple[float, Mapping[str, Value]], ...]:
    """Weight and values of every set, worked out once for an ensemble."""
    return tuple((float(w), ensemble.member(number)) for number, w in enumerate(ensemble.weights))


def notes_before(
    scenarios: Sequence[Scenario],
    *,
    days: int | None,
    assumptions: Assumptions | None,
    ensemble: FittedEnsemble | None = None,
) -> tuple[Note, ...]:
    """Everything to know before some scenarios are run.

    Args:
        scenarios: A scenario; or a baseline, and those that are compared with it.
        days: Days counted from the start; all when None.
        assumptions: Those of the runs; None before any are chosen.
        ensemble: The fitted sets that are drawn from; those of the package when None.
    """
    found = notes_of(scenarios, days=days, assumed=assumed(assumptions, ensemble))
    if assumptions == "fitted" and (text := stale_text(ensemble or fitted_ensemble())):
        found = (Note("stale", text), *found)
    return found
