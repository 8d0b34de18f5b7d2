"""Experiments on a real Dask scheduler with worker processes, over the loopback device."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.engine import cluster as cluster_module
from simulation.engine.cluster import Cluster
from simulation.errors import InputError
from tests.comparing import manifest, numbers
from tests.machines import NONE
from tests.refusals import succeeded
from tests.runs import START, scenario_from

dask = pytest.importorskip("dask")
Client = pytest.importorskip("distributed").Client

# -- on a cluster ---------------------------------------------------------------------------------


def test_a_cluster_gives_the_same_bits_and_the_same_failures(comparison, cluster, tmp_path):
    remote = comparison("there", wrong="storm", scheduler=cluster.address)
    here = comparison("here", wrong="storm", workers=2)
    assert numbers(remote.folder) == numbers(here.folder)
    assert remote.ran == here.ran == 10
    failed = remote.findings.failed
    assert [entry.seed for entry in failed] == [3, 3]
    assert failed[0].error.startswith("ValueError: a storm (machines.py:")
    # description is no part of what is computed
    assert comparison("there", scheduler=cluster.address).ran == 2


@pytest.mark.usefixtures("another_fingerprint")
def test_workers_of_another_model_are_refused(refused, cluster, monkeypatch):
    monkeypatch.setattr(cluster_module, "model_hash", lambda: "0123")
    message = refused(cluster.address, "would give other numbers: model hash .* here 0123")
    assert f'--scheduler = "{cluster.address}": the worker tcp://127.0.0.1' in message


def test_memory_that_runs_short_on_a_worker_ends_it_and_the_same_command_goes_on(
    comparison, cluster, tmp_path
):
    with pytest.raises(InputError, match="memory ran short on a worker") as stopped:
        comparison("there", wrong="no memory", scheduler=cluster.address)
    assert "finished runs are kept, and the same command goes on" in str(stopped.value)
    rest = comparison("there", scheduler=cluster.address)
    assert numbers(rest.folder) == numbers(comparison("here", workers=2).folder)


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("tcp://head:8786", True), ("tcp://10.0.0.1:8786", True), ("tcp://[fe80::1]:8786", True),
        ("tcp://127.0.0.1:8786", False), ("tcp://[::1]:8786", False),
        ("tcp://localhost:8786", False), ("tls://head:8786", False),
    ],
)  # fmt: skip
def test_a_connection_that_is_not_encrypted_is_warned_of(address, warned):
    warning = Cluster(address).warning
    assert (warning is not None) == warned
    if warning is not None:
        assert "--tls-ca, --tls-cert and --tls-key" in warning
        assert "\n" not in warning


@pytest.mark.slow
def test_the_model_itself_on_a_cluster(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # whose runs share the days before the policy: a worker keeps them for the next run of a seed
    dated = f'[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\nfrom = {START}\n'
    for name, text in (("base", ""), ("other", dated)):
        scenario_from(tmp_path, text, name=name, title=name, days=5, warm_up=70)
    for out, *where in (("there", "--scheduler", cluster.address), ("here", "--workers", "2")):
        arguments = ["base.toml", "other.toml", "--scale", "0.02", "--replications", "2"]
        succeeded(CliRunner().invoke(cli, ["compare", *arguments, "--out", out, *where]))
    assert numbers(tmp_path / "here") == numbers(tmp_path / "there")


# -- on one that is not there ---------------------------------------------------------------------


@pytest.fixture
def refused(comparison, tmp_path):
    """Compare on a scheduler that is refused, with nothing written; the message."""

    def call(scheduler, match: str) -> str:
        with pytest.raises(InputError, match=match) as error:
            comparison("there", scheduler=scheduler)
        assert not (tmp_path / "there").exists()
        return str(error.value)

    return call


def test_something_that_listens_and_says_nothing_is_refused(crossings, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT_WITHIN", 2.0)
    for name, text in (("base", ""), ("other", NONE)):
        scenario_from(tmp_path, text, name=name, title=name, days=5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        arguments = ("base.toml", "other.toml", "--scheduler", address, "--out", "there")
        threads = threading.active_count()
        result = crossings("compare", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f'--scheduler = "{address}": no Dask scheduler answers there within 2 s; '
        "allowed: a running Dask scheduler whose workers have this version of crossings\n"
    )
    assert threading.active_count() == threads  # nothing waits on, to hold up the end
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", None])
def test_another_service_or_none_is_refused(refused, monkeypatch, said):
    monkeypatch.setattr(cluster_module, "CONNECT_WITHIN", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as other:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = other.accept()
                    caller.sendall(said)
                    caller.close()

        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        if said is None:
            other.close()
        threading.Thread(target=serve, daemon=True).start()
        refused(address, f'--scheduler = "{address}": no Dask scheduler answers there')


def test_tls_without_certificates_is_refused_in_words(refused, tmp_path):
    address = "tls://127.0.0.1:8786"
    refused(address, "tls needs certificates: --tls-ca, --tls-cert and --tls")
    names = ("ca-file", "client.cert", "client.key")
    missing = {f"distributed.comm.tls.{name}": str(tmp_path / "none.pem") for name in names}
    with dask.config.set(missing):
        refused(address, "certificates cannot be used")


def test_without_the_library_it_is_said_how_to_install_it(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused("tcp://127.0.0.1:8786", 'the extra "cluster"')


# -- on one that breaks ---------------------------------------------------------------------------


@pytest.mark.full
def test_a_scheduler_that_dies_half_way_costs_nothing_that_is_finished(
    comparison, fragile, tmp_path
):
    broken = fragile()

    def kill(progress):
        if progress.finished == 5:
            broken.scheduler.kill()

    with pytest.raises(InputError) as stopped:
        comparison("there", pairs=12, progress=kill, scheduler=broken.address)
    message = str(stopped.value)
    assert f"the experiment stopped (the scheduler {broken.address} is gone)" in message
    assert "finished runs are kept, and the same command goes on from there" in message
    assert "\n" not in message
    assert manifest(tmp_path / "there")["status"] == "stopped"
    rest = comparison("there", pairs=12, workers=2)
    assert 0 < rest.ran <= 24 - 5
    assert numbers(rest.folder) == numbers(comparison("here", pairs=12, workers=2).folder)


@pytest.mark.slow
@pytest.mark.full
def test_a_worker_that_dies_has_its_run_given_to_another(comparison, fragile, tmp_path):
    wrong = str(tmp_path / "flag.once")
    finished = comparison("there", wrong=wrong, scheduler=fragile(2).address)
    assert Path(wrong).exists()
    assert finished.findings.failed == []
    assert finished.findings.seeds == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
@pytest.mark.full
def test_a_run_that_kills_every_worker_is_a_failed_run(comparison, fragile, tmp_path):
    broken = fragile(3, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    finished = comparison("there", wrong=str(tmp_path / "flag"), scheduler=broken.address)
    assert set(finished.findings.seeds) == {1, 2, 4, 5, 6}
    assert {entry.seed for entry in finished.findings.failed} == {3}
    for entry in finished.findings.failed:
        assert entry.error.startswith("every worker process that ran it ended or fell silent")


#: a scheduler that gives a silent worker up as soon as Dask allows; of a busy machine's, that are
#: slow and not lost, a run may have as many as it likes
IMPATIENT = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "4s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "100",
}


@pytest.mark.slow
@pytest.mark.full
def test_a_worker_that_is_frozen_has_its_runs_given_to_another(comparison, fragile):
    broken = fragile(2, **IMPATIENT)
    frozen = []

    def freeze(progress):
        if progress.finished >= 5 and not frozen:
            frozen.append(broken.workers[0])
            os.kill(frozen[0].pid, signal.SIGSTOP)

    comparison("warm", scheduler=broken.address)  # the libraries are loaded
    finished = comparison("there", pairs=10, progress=freeze, scheduler=broken.address)
    assert frozen
    assert finished.findings.failed == []
    assert numbers(finished.folder) == numbers(comparison("here", pairs=10, workers=2).folder)
