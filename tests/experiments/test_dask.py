"""Experiments on a real Dask scheduler with worker processes, over the loopback device."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.errors import InputError
from simulation.experiments import dask_executor
from simulation.experiments.compare import Compared, Precision, compare
from simulation.experiments.experiment import Options
from simulation.experiments.trials import Case, Setting, Trial
from tests import synthetic
from tests.runs import scenario_from

NONE = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n'
ROOT = Path(__file__).parents[2]
dask = pytest.importorskip("dask")
Client = pytest.importorskip("distributed").Client


def model(scenario, *, seed, **options):
    """The stand-in, imported by the workers; what goes wrong stands in the scenario's title."""
    record = synthetic.simulate(scenario, seed=seed, **options)
    wrong = scenario.description
    if wrong == "storm" and seed == 3:
        raise ValueError("a storm")
    if wrong.startswith("/"):  # kills the worker that comes first, or each that comes
        flag = Path(wrong)
        if seed == 3 and not (flag.exists() and flag.suffix == ".once"):
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    share = 0.8 if scenario.title == "Other" else 1.0
    noise = np.random.default_rng(seed + 5000).normal(0, 5, len(record.dates))
    arrivals = record.daily["channel_arrivals"] * share + noise * (share < 1)
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


class Cluster:
    """A scheduler and workers in processes of their own."""

    def __init__(self, folder: Path, workers: int, **variables: str) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
        self.scheduler = self.start("dask_scheduler", *options)
        deadline = time.monotonic() + 30
        while not file.exists() or not file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]
        self.workers = [
            self.start("dask_worker", self.address, "--nthreads", "1", "--no-nanny")
            for _ in range(workers)
        ]
        if workers:
            with Client(self.address, timeout=60, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)

    def start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{what}", "--no-dashboard", *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Two workers that outlive the tests that use them."""
    made = Cluster(tmp_path_factory.mktemp("cluster"), 2)
    yield made
    made.end()


@pytest.fixture
def fragile(tmp_path) -> Iterator[Callable[..., Cluster]]:
    """A cluster of one test's own, to break."""
    made: list[Cluster] = []

    def make(workers: int = 2, **variables: str) -> Cluster:
        folder = tmp_path / "cluster"
        folder.mkdir()
        made.append(Cluster(folder, workers, **variables))
        return made[0]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def comparison(tmp_path) -> Callable[..., Compared]:
    """Compare two scenarios with the stand-in for the model."""

    def call(out: str, pairs: int = 6, wrong: str = "", progress=None, **options) -> Compared:
        text = f'description = "{wrong}"\n'
        base = scenario_from(tmp_path, text, title="Base", days=20)
        other = scenario_from(tmp_path, text + NONE, name="other", title="Other", days=20)
        told = Options(out=tmp_path / out, days=5, **options)
        wanted = Precision(pairs)
        return compare(base, [other], told, wanted, progress=progress, simulate=model)

    return call


def numbers(folder: Path) -> dict[str, bytes]:
    names = ("summary.json", "differences.csv", "runs.parquet", "months.parquet", "legs.parquet")
    return {name: (folder / name).read_bytes() for name in names}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- on a cluster ---------------------------------------------------------------------------------


def test_a_cluster_gives_the_same_bits_and_the_same_failures(comparison, cluster, tmp_path):
    there = comparison("there", wrong="storm", scheduler=cluster.address)
    here = comparison("here", wrong="storm", workers=2)
    assert numbers(there.folder) == numbers(here.folder)
    assert there.ran == here.ran == 10
    failed = there.summary["failed"]
    assert [entry["seed"] for entry in failed] == [3, 3]
    assert failed[0]["error"].startswith("ValueError: a storm (test_dask.py:")
    again = comparison("there", wrong="", pairs=6, scheduler=cluster.address)
    assert again.ran == 2  # description is no part of what is computed


def test_no_more_runs_are_out_than_the_workers_can_hold(comparison, cluster, monkeypatch):
    out = []
    ended = dask_executor.DaskExecutor._ended

    def note(self, under_way):
        out.append(len(under_way))
        return ended(self, under_way)

    monkeypatch.setattr(dask_executor.DaskExecutor, "_ended", note)
    comparison("there", pairs=20, scheduler=cluster.address)
    assert max(out) == 4
    assert len(out) >= 10


def test_workers_of_another_model_are_refused(comparison, cluster, monkeypatch, tmp_path):
    monkeypatch.setattr(dask_executor, "model_hash", lambda: "0123")
    dask_executor.fingerprint.cache_clear()
    try:
        with pytest.raises(InputError) as refused:
            comparison("there", scheduler=cluster.address)
    finally:
        dask_executor.fingerprint.cache_clear()
    assert f'--scheduler = "{cluster.address}": the worker tcp://127.0.0.1' in str(refused.value)
    assert "would give other numbers: model hash" in str(refused.value)
    assert "here 0123" in str(refused.value)
    assert not (tmp_path / "there").exists()


def test_a_worker_that_joins_later_is_looked_at_too(tmp_path):
    trial = Trial(Case("one", scenario_from(tmp_path)), 1)
    mine = dask_executor.fingerprint()
    found = dask_executor.run_trial(Setting(1.0, 5, simulate=model), trial, {**mine, "numpy": "1"})
    assert found == {"unlike": f"numpy {mine['numpy']}, here 1"}
    found = dask_executor.run_trial(Setting(1.0, 5, simulate=model), trial, mine)
    assert found["seed"] == 1
    assert "measures" in found


@pytest.mark.slow
def test_the_model_itself_on_a_cluster(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("base", ""), ("other", NONE)):
        scenario_from(tmp_path, text, name=name, title=name, days=20, warm_up=10)
    for out, *where in (("there", "--scheduler", cluster.address), ("here", "--workers", "2")):
        arguments = ["base.toml", "other.toml", "--scale", "0.02", "--replications", "2"]
        result = CliRunner().invoke(cli, ["compare", *arguments, "--out", out, *where])
        assert result.exit_code == 0, result.output
    assert numbers(tmp_path / "here") == numbers(tmp_path / "there")


# -- on one that is not there ---------------------------------------------------------------------


def test_a_scheduler_that_is_not_there_is_bad_input(comparison, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        comparison("there", scheduler=address)
    assert time.monotonic() - started < 10
    assert f'--scheduler = "{address}": no Dask scheduler answers there' in str(refused.value)
    assert not (tmp_path / "there").exists()


def test_something_that_listens_and_says_nothing_is_refused_in_time(
    crossings, tmp_path, monkeypatch
):
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 2.0)
    for name, text in (("base", ""), ("other", NONE)):
        scenario_from(tmp_path, text, name=name, title=name, days=5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        arguments = ("base.toml", "other.toml", "--scheduler", address, "--out", "there")
        threads, started = threading.active_count(), time.monotonic()
        result = crossings("compare", *arguments)
        assert time.monotonic() - started < 4
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f'--scheduler = "{address}": no Dask scheduler answers there within 2 s; '
        "allowed: a running Dask scheduler whose workers have this version of crossings\n"
    )
    assert threading.active_count() == threads  # nothing waits on, to hold up the end
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""]
)
def test_another_service_is_refused_in_time(comparison, tmp_path, monkeypatch, said):
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as other:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = other.accept()
                    caller.sendall(said)
                    caller.close()

        threading.Thread(target=serve, daemon=True).start()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(InputError, match="no Dask scheduler answers there"):
            comparison("there", scheduler=address)
        assert time.monotonic() - started < 4
    assert not (tmp_path / "there").exists()


def test_tls_without_certificates_is_refused_in_words(comparison, tmp_path):
    with pytest.raises(InputError, match=r"tls needs certificates, and distributed\.comm\.tls n"):
        comparison("there", scheduler="tls://127.0.0.1:8786")
    names = ("ca-file", "client.cert", "client.key")
    missing = {f"distributed.comm.tls.{name}": str(tmp_path / "none.pem") for name in names}
    with dask.config.set(missing), pytest.raises(InputError, match="certificates of Dask cannot"):
        comparison("there", scheduler="tls://127.0.0.1:8786")
    assert not (tmp_path / "there").exists()


def test_a_worker_is_no_scheduler(comparison, cluster, tmp_path):
    with Client(cluster.address, timeout=60, set_as_default=False) as client:
        worker = next(iter(client.nthreads()))
    with pytest.raises(InputError, match="no Dask scheduler answers there but a Worker"):
        comparison("there", scheduler=worker)
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(
    "address", ["localhost:8786", "tcp://host", "http://host:80", "tcp://:8786", "tcp://a b:1", ""]
)
def test_what_is_no_address_is_refused(comparison, tmp_path, address):
    with pytest.raises(InputError, match="not the address of a Dask scheduler; allowed: tcp://ho"):
        comparison("there", scheduler=address)
    assert not (tmp_path / "there").exists()


def test_without_the_library_it_is_said_how_to_install_it(comparison, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as refused:
        comparison("there", scheduler="tcp://127.0.0.1:8786")
    assert 'the extra "cluster"' in str(refused.value)
    assert not (tmp_path / "there").exists()


@pytest.mark.slow
def test_a_scheduler_without_workers_is_bad_input(comparison, fragile, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_executor, "WORKERS_WITHIN", 1.0)
    with pytest.raises(InputError, match="the scheduler has no workers"):
        comparison("there", scheduler=fragile(0).address)
    assert not (tmp_path / "there").exists()


# -- on one that breaks ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_scheduler_that_dies_half_way_costs_nothing_that_is_finished(
    comparison, fragile, tmp_path
):
    broken = fragile()

    def kill(progress):
        if progress.finished == 5:
            broken.scheduler.kill()

    with pytest.raises(InputError) as stopped:
        comparison("there", pairs=12, progress=kill, scheduler=broken.address)
    told = str(stopped.value)
    assert f"the experiment stopped (the scheduler {broken.address} is gone)" in told
    assert "finished runs are kept, and the same command goes on from there" in told
    assert "\n" not in told
    manifest = json.loads((tmp_path / "there" / "manifest.json").read_text())
    assert manifest["status"] == "stopped"
    rest = comparison("there", pairs=12, workers=2)
    assert 0 < rest.ran <= 24 - 5
    whole = comparison("here", pairs=12, workers=2)
    assert numbers(rest.folder) == numbers(whole.folder)


@pytest.mark.slow
def test_a_worker_that_dies_has_its_run_given_to_another(comparison, fragile, tmp_path):
    wrong = str(tmp_path / "flag.once")
    found = comparison("there", wrong=wrong, scheduler=fragile(2).address)
    assert Path(wrong).exists()
    assert found.summary["failed"] == []
    assert found.summary["seeds"] == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
def test_a_run_that_kills_every_worker_is_a_failed_run(comparison, fragile, tmp_path):
    broken = fragile(3, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    found = comparison("there", wrong=str(tmp_path / "flag"), scheduler=broken.address)
    # runs that waited at a worker as it died are given up with it, for Dask cannot tell them apart:
    # which ones is a matter of timing, that the experiment ends with those left is not
    seeds = set(found.summary["seeds"])
    assert set() < seeds < {1, 2, 3, 4, 5, 6}
    assert 3 not in seeds
    assert {entry["seed"] for entry in found.summary["failed"]} == {1, 2, 3, 4, 5, 6} - seeds
    errors = {entry["error"] for entry in found.summary["failed"] if entry["seed"] == 3}
    assert errors == {"every worker process that ran it ended unexpectedly"}


@pytest.mark.slow
def test_when_the_last_worker_is_gone_it_stops_after_some_patience(
    comparison, fragile, tmp_path, monkeypatch
):
    monkeypatch.setattr(dask_executor, "PATIENCE", 2.0)
    broken = fragile(1)
    wrong = str(tmp_path / "flag")
    with pytest.raises(InputError, match=r"has had no workers for 2 s\); \d+ finished runs are k"):
        comparison("there", wrong=wrong, scheduler=broken.address)
