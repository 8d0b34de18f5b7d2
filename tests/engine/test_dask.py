"""Experiments on a real Dask scheduler with worker processes, over the loopback device."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation import compare
from simulation.cli import cli
from simulation.engine import dask_executor
from simulation.engine.cluster import Cluster
from simulation.engine.run_store import StoredRun
from simulation.engine.trials import Case, Setting, Trial
from simulation.engine.worker_pool import FatalError
from simulation.errors import InputError
from tests.comparing import manifest, numbers
from tests.machines import NONE, model
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
    monkeypatch.setattr(dask_executor, "model_hash", lambda: "0123")
    message = refused(cluster.address, "would give other numbers: model hash .* here 0123")
    assert f'--scheduler = "{cluster.address}": the worker tcp://127.0.0.1' in message


@pytest.mark.slow
def test_a_worker_that_joins_later_is_looked_at_too(tmp_path):
    trial = Trial(Case("one", scenario_from(tmp_path)), 1)
    mine = dask_executor.fingerprint()
    theirs = json.dumps({**json.loads(mine), "numpy": "1"})
    setting = Setting(1.0, 5, simulate=model)
    unlike = f"would give other numbers: numpy {json.loads(mine)['numpy']}, here 1"
    with pytest.raises(FatalError, match=unlike):
        dask_executor.run_trial(setting, trial, theirs)
    stored = StoredRun.model_validate_json(dask_executor.run_trial(setting, trial, mine))
    assert (stored.seed, stored.error) == (1, None)


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


def test_the_warning_is_one_line_of_the_command_and_of_python(crossings, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 0.5)
    base = scenario_from(tmp_path, "", name="base", title="base", days=5)
    words = ("compare", "base.toml", "base.toml", "--scheduler", "tcp://192.0.2.1:8786")
    lines = crossings(*words).stderr.splitlines()
    assert len([line for line in lines if line.startswith("Warning: tcp://192.0.2.1:8786")]) == 1
    assert "Warning" not in crossings(*words, "--quiet").stderr
    with pytest.warns(UserWarning, match="not encrypted"), pytest.raises(InputError):
        compare(base, base, scheduler="tcp://192.0.2.1:8786")


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
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 2.0)
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
    monkeypatch.setattr(dask_executor, "CONNECT_WITHIN", 2.0)
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


@pytest.mark.slow
def test_a_scheduler_without_workers_is_bad_input(refused, fragile, monkeypatch):
    monkeypatch.setattr(dask_executor, "WORKERS_WITHIN", 1.0)
    refused(fragile(0).address, "the scheduler has no workers")


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


@pytest.mark.slow
@pytest.mark.full
def test_when_the_last_worker_is_gone_it_stops_after_some_patience(
    comparison, fragile, tmp_path, monkeypatch
):
    monkeypatch.setattr(dask_executor, "PATIENCE", 2.0)
    broken = fragile(1)
    wrong = str(tmp_path / "flag")
    with pytest.raises(InputError, match=r"has had no workers for 2 s\); \d+ finished runs are k"):
        comparison("there", wrong=wrong, scheduler=broken.address)


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


@pytest.mark.slow
@pytest.mark.full
def test_a_run_that_takes_longer_than_a_worker_may_be_silent_is_waited_for(
    comparison, fragile, tmp_path
):
    begun = tmp_path / "begun"
    machines = fragile(2, DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="12s")
    comparison("warm", scheduler=machines.address)
    assert (
        comparison("there", wrong=f"slow:{begun}", scheduler=machines.address).findings.failed == []
    )
    assert sorted(begun.read_text().split()) == ["Base", "Other"]  # each was begun once


@pytest.mark.slow
@pytest.mark.full
def test_a_scheduler_that_is_frozen_is_given_up(comparison, fragile, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_executor, "ANSWER_WITHIN", 8.0)
    broken = fragile(1)

    def freeze(progress):
        if progress.finished == 3:
            os.kill(broken.scheduler.pid, signal.SIGSTOP)

    with pytest.raises(InputError, match=r"does not answer\); \d+ finished runs are kept"):
        comparison("there", pairs=12, progress=freeze, scheduler=broken.address)
