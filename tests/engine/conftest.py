"""Clusters, and comparisons on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulation.engine import cluster as cluster_module
from simulation.engine.cluster import Cluster, fingerprint
from simulation.engine.findings import Finished
from simulation.engine.options import Options
from simulation.studies.compare import ComparisonFindings, Precision
from tests.conducting import compare
from tests.machines import NONE, Machines, model
from tests.runs import scenario_from


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """A scheduler is waited for as long as a busy machine needs."""
    monkeypatch.setattr(cluster_module, "CONNECT_WITHIN", 30.0)
    monkeypatch.setattr(cluster_module, "WORKERS_WITHIN", 120.0)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Machines]:
    """Two workers that outlive the tests that use them."""
    machines = Machines(tmp_path_factory.mktemp("cluster"), 2)
    yield machines
    machines.end()


@pytest.fixture
def fragile(tmp_path) -> Iterator[Callable[..., Machines]]:
    """A cluster of one test's own, to break."""
    started: list[Machines] = []

    def make(workers: int = 2, **options) -> Machines:
        folder = tmp_path / "cluster"
        folder.mkdir()
        started.append(Machines(folder, workers, **options))
        return started[0]

    yield make
    for one in started:
        one.end()


@pytest.fixture
def another_fingerprint() -> Iterator[None]:
    """What this process says of itself is worked out in the test, and anew after it."""
    fingerprint.cache_clear()
    yield
    fingerprint.cache_clear()


@pytest.fixture
def comparison(tmp_path) -> Callable[..., Finished[ComparisonFindings]]:
    """Compare two scenarios with the stand-in for the model."""

    def call(
        out: str, pairs: int = 6, wrong: str = "", progress=None, scheduler=None, **options
    ) -> Finished[ComparisonFindings]:
        if isinstance(scheduler, str):
            scheduler = Cluster(scheduler)
        text = f'description = "{wrong}"\n'
        base = scenario_from(tmp_path, text, title="Base", days=20)
        other = scenario_from(tmp_path, text + NONE, name="other", title="Other", days=20)
        run_options = Options(out=tmp_path / out, days=5, cluster=scheduler, **options)
        return compare(
            base, [other], run_options, Precision(pairs), progress=progress, simulate=model
        )

    return call
