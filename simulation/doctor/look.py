"""All that `crossings doctor` looks at, one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulation.doctor import checks
from simulation.doctor.checks import HealthCheck


def look(results: Path) -> Iterator[HealthCheck]:
    """Look at one thing after the other; what cannot work any more is not tried.

    Args:
        results: Folder that results are to go to.
    """
    yield checks.package()
    yield checks.python()
    yield (libraries := checks.libraries())
    yield from map(checks.extra, checks.EXTRAS)
    yield checks.cores()
    yield checks.memory()
    yield checks.results(results)
    yield checks.temporary()
    if libraries.status == "fail":
        return
    yield (compiled := checks.compiled())
    if compiled.status == "fail":
        return
    from simulation.corridor.in_use import only_shipped

    yield checks.tables()
    with only_shipped():  # what is pinned is a run with the shipped tables
        yield (scenarios := checks.scenarios())
        yield checks.fit()
        if scenarios.status != "fail":
            from simulation.doctor.selfcheck import check, read_pinned
            from simulation.engine.trials import precompile_model

            precompile_model()
            yield check(read_pinned())
