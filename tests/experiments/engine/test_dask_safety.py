"""A cluster that means harm: nothing that it sends is executed on this machine."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simulation.errors import InputError
from simulation.experiments.engine import dask_executor as answers
from simulation.experiments.engine.cluster import RefusedError, UnpicklingGuard, texts_of
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.engine.worker_pool import FatalError
from tests.experiments.machines import model
from tests.runs import scenario_from

protocol = pytest.importorskip("distributed.protocol")
core = pytest.importorskip("distributed.core")
client = pytest.importorskip("distributed.client")


class Harm:
    """Makes a folder when it is unpickled, in this process and in no other."""

    def __init__(self, folder: Path) -> None:
        self.code = f"import os\nif os.getpid() == {os.getpid()}: os.mkdir({str(folder)!r})"

    def __reduce__(self):
        return exec, (self.code,)


def test_harm_does_harm(tmp_path):
    """Or the tests below could not fail."""
    pickle.loads(pickle.dumps(Harm(tmp_path / "harm")))
    assert (tmp_path / "harm").exists()


# -- the parts of Dask that unpickle --------------------------------------------------------------


def raised(harm):
    raise core.clean_exception(pickle.dumps(harm), pickle.dumps(harm))[1]


def message(harm, **options):
    protocol.loads(protocol.dumps({"op": "x", "what": protocol.ToPickle(harm)}), **options)


def in_another_thread(harm):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(message, harm).result()


OF_A_TYPE = {"serializer": "dask", "sub-header": {}}
#: way -> what unpickles, and whether it is a message, which ends the conversation
WAYS = {
    "a message": (message, True),
    "a message in another thread": (in_another_thread, True),
    "one that is not deserialized": (lambda harm: message(harm, deserialize=False), True),
    "a result": (
        lambda harm: protocol.loads(protocol.dumps({"result": protocol.to_serialize(harm)})), True,
    ),
    "a type": (
        lambda harm: protocol.deserialize(
            {**OF_A_TYPE, "type-serialized": pickle.dumps(harm)}, [b""]
        ),
        False,
    ),
    "an error": (raised, False),
    "a warning": (lambda harm: client._handle_warn((0, {"message": pickle.dumps(harm)})), False),
}  # fmt: skip


@pytest.fixture
def guard() -> Iterator[UnpicklingGuard]:
    held = UnpicklingGuard()
    held.hold()
    yield held
    held.release()


@pytest.mark.parametrize("way", WAYS)
def test_dask_unpickles_nothing_while_it_is_refused(guard, tmp_path, way):
    unpickle, ends = WAYS[way]
    with pytest.raises(Exception) as refused:  # noqa: PT011
        unpickle(Harm(tmp_path / "harm"))
    assert isinstance(refused.value, RefusedError) or b"exec" in refused.value.args[0]
    assert not (tmp_path / "harm").exists()
    assert guard.refused == ("builtins.exec" if ends else None)


def test_other_code_unpickles_as_before_and_so_does_dask_afterwards(guard, tmp_path):
    assert pickle.loads(pickle.dumps(Path("a"))) == Path("a")
    guard.release()
    message(Harm(tmp_path / "harm"))
    assert (tmp_path / "harm").exists()


def test_the_texts_of_a_pickle_are_read_and_nothing_is_executed(tmp_path):
    told = texts_of(pickle.dumps(ModuleNotFoundError("No module named 'simulation'")))
    assert told[-2:] == ["ModuleNotFoundError", "No module named 'simulation'"]
    assert "exec" in texts_of(pickle.dumps(Harm(tmp_path / "harm")))
    assert not (tmp_path / "harm").exists()
    for spoilt in (b"", b"no pickle", pickle.dumps("a" * 300_000), b"\x80\x05\x8c\xff"):
        assert texts_of(spoilt) == []


# -- answers --------------------------------------------------------------------------------------


@pytest.fixture
def asked(tmp_path):
    setting = Setting(1.0, 5, simulate=model)
    trial = Trial(Case("one", scenario_from(tmp_path, days=20)), 1)
    return setting, trial, json.loads(answers.write_answer(answers.Answer(run=setting.run(trial))))


def test_a_good_answer_is_the_run_to_the_last_bit(asked):
    setting, trial, good = asked
    answer = answers.read_answer(json.dumps(good), trial, setting)
    assert json.dumps(answer.run.model_dump(exclude_unset=True)) == json.dumps(good["run"])
    assert answers.read_answer('{"error":"a storm"}', trial, setting).error == "a storm"
    assert answers.read_answer('{"unlike":"numpy 1"}', trial, setting).unlike == "numpy 1"


def changed(good, **run):
    return json.dumps({"run": {**good["run"], **run}})


BAD = {
    "bytes": lambda good: json.dumps(good).encode(),
    "an object": lambda good: good,
    "nothing": lambda good: None,
    "no JSON": lambda good: "{",
    "deep": lambda good: "[" * 100_000,
    "long": lambda good: json.dumps({"error": "a" * 9_000_000}),
    "another kind": lambda good: '{"output": 1}',
    "two kinds": lambda good: '{"error": "a", "unlike": "b"}',
    "no kind": lambda good: "{}",
    "null": lambda good: '{"error": null}',
    "another run": lambda good: changed(good, seed=2),
    "another case": lambda good: changed(good, case="0123"),
    "a seed as text": lambda good: changed(good, seed="1"),
    "negative time": lambda good: changed(good, seconds=-1.0),
    "infinite time": lambda good: changed(good, seconds=float("inf")),
    "one key more": lambda good: changed(good, more=1),
    "no measures": lambda good: changed(good, measures={}),
    "other measures": lambda good: changed(good, measures={**good["run"]["measures"], "x": 1}),
    "a bomb": lambda good: changed(good, measures={**good["run"]["measures"], "legs": bomb()}),
    "too short": lambda good: changed(
        good, measures={**good["run"]["measures"], "legs": [[9, 3], "eJwDAAAAAAE="]}
    ),
}


def bomb():
    """Some kilobytes of text that would be 30 MB of zeros."""
    import base64
    import zlib

    return [[8, 3], base64.b64encode(zlib.compress(bytes(30_000_000), 9)).decode()]


@pytest.mark.parametrize("kind", BAD)
def test_whatever_else_comes_is_refused_in_one_line(asked, kind):
    setting, trial, good = asked
    with pytest.raises(FatalError, match="a worker gave a wrong answer") as refused:
        answers.read_answer(BAD[kind](good), trial, setting)
    assert len(str(refused.value)) < 500
    assert "\n" not in str(refused.value)


def test_a_worker_does_not_send_what_would_be_refused(asked):
    setting, trial, _ = asked
    text = answers.write_answer(answers.Answer(error="a" * 9_000_000))
    assert answers.read_answer(text, trial, setting).error.startswith(
        "the result of the run is too large"
    )


def test_words_of_a_worker_steer_no_terminal():
    assert answers.shown("\x1b[2J a\nb\x07") == "?[2J a b?"
    assert len(answers.shown("a" * 10_000)) < 400


# -- a cluster ------------------------------------------------------------------------------------

SCHEDULER = """
import asyncio, sys
from distributed.comm import listen
from distributed.protocol import ToPickle, to_serialize

class Harm:
    def __reduce__(self):
        return exec, (sys.argv[2],)

async def answer(comm):
    while True:
        await comm.read()
        await comm.write({"type": WRAP(Harm())})

async def main():
    listener = await listen("tcp://127.0.0.1:0", answer)
    print(listener.contact_address, flush=True)
    await asyncio.sleep(600)

WRAP = {"pickle": ToPickle, "serialize": to_serialize}[sys.argv[1]]
asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["pickle", "serialize"])
def test_a_scheduler_that_answers_with_a_pickle(comparison, tmp_path, way):
    harm = Harm(tmp_path / "harm")
    scheduler = subprocess.Popen(
        [sys.executable, "-c", SCHEDULER, way, harm.code], stdout=subprocess.PIPE, text=True
    )
    try:
        address = scheduler.stdout.readline().strip()
        with pytest.raises(InputError):
            comparison("there", scheduler=address)
    finally:
        scheduler.kill()
        scheduler.wait()
        scheduler.stdout.close()
    assert not (tmp_path / "harm").exists()
    assert not (tmp_path / "there").exists()


#: what is loaded into a scheduler or a worker, and does harm from there; HARM is the code
LOADED = """
import asyncio, os, pickle
from distributed import get_worker
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.protocol import ToPickle
import distributed.comm.tcp
import simulation.experiments.engine.dask_executor as executor

class Harm:
    def __reduce__(self):
        return exec, (HARM,)

class HarmError(Exception):
    def __reduce__(self):
        return exec, (HARM,)

honest = executor.run_trial

def raises(*given):
    raise HarmError

def warns(*given):
    get_worker().log_event("warn", {"message": pickle.dumps(Harm())})
    return honest(*given)

class Sends(SchedulerPlugin):
    def __init__(self, scheduler, message):
        self.scheduler, self.message = scheduler, message

    def add_client(self, scheduler, client):
        def send():
            if not os.path.exists(ARMED):
                return
            for comm in self.scheduler.client_comms.values():
                comm.send(self.message)
        asyncio.get_running_loop().call_later(0.5, send)

def no_formats():
    write = distributed.comm.tcp.TCP.write
    distributed.comm.tcp.TCP.write = lambda self, msg, serializers=None, on_error="message": (
        write(self, msg, serializers=None, on_error=on_error)
    )

def dask_setup(server):
    DO
"""

WORKERS = {
    "as its fingerprint": "executor.fingerprint = Harm",
    "as a result": "executor.run_trial = lambda *given: Harm()",
    "as a result that is pickled": "no_formats(); executor.run_trial = lambda *given: Harm()",
    "as an error": "executor.run_trial = raises",
    "as a warning": "executor.run_trial = warns",
    "in place of measures": "executor.run_trial = lambda *given: '{\"run\": 1}'",
}
SCHEDULERS = {
    "as a message": "server.add_plugin(Sends(server, {'op': 'x', 'a': ToPickle(Harm())}))",
    "as a warning": (
        "server.add_plugin(Sends(server, {'op': 'event', 'topic': 'warn',"
        " 'event': (0, {'message': pickle.dumps(Harm())})}))"
    ),
}


def loaded(folder: Path, harm: Harm, what: str) -> tuple[str, str]:
    """Options that load harm into a process of a cluster."""
    file = folder / "loaded.py"
    text = LOADED.replace("HARM,", f"{harm.code!r},").replace("DO", what)
    text = text.replace("ARMED", repr(str(folder / "armed")))
    file.write_text(text, encoding="utf-8")
    return "--preload", str(file)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "way"),
    [*(("worker", way) for way in WORKERS), *(("scheduler", way) for way in SCHEDULERS)],
)
def test_a_cluster_that_sends_harm(comparison, fragile, tmp_path, who, way):
    what = {"worker": WORKERS, "scheduler": SCHEDULERS}[who][way]
    made = fragile(1, **{who: loaded(tmp_path, Harm(tmp_path / "harm"), what)})
    (tmp_path / "armed").touch()  # the client that made the cluster is gone
    if way == "as a warning":
        assert comparison("there", pairs=30, scheduler=made.address).ran == 60
    else:
        with pytest.raises(InputError) as refused:
            comparison("there", pairs={"worker": 6, "scheduler": 400}[who], scheduler=made.address)
        told = str(refused.value)
        assert "\n" not in told
        assert who == "worker" or "sent a pickled object" in told
    assert not (tmp_path / "harm").exists()
    gc.collect()  # a client that could not be closed says nothing as it is collected
