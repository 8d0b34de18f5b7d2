"""Trials on a Dask cluster; their results are checked and stored on this machine.

Needs the library `distributed`, which the extra `cluster` installs.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import inspect
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from simulation.errors import InputError
from simulation.experiments.engine.cluster import Cluster, UnpicklingGuard, texts_of
from simulation.experiments.engine.identity import package_versions
from simulation.experiments.engine.run_store import StoredRun
from simulation.experiments.engine.runs import RunListener
from simulation.experiments.engine.trials import (
    Setting,
    Trial,
    default_assumptions,
    fitted_hash,
    group_of,
)
from simulation.experiments.engine.worker_pool import FatalError, Pending, Stop, describe
from simulation.optional import optional_library
from simulation.source_hash import model_hash

#: seconds in which a scheduler must answer, and in which it must have a worker
CONNECT_WITHIN = 5.0
WORKERS_WITHIN = 10.0
#: seconds in which a worker must say which model it has; the first time it loads the libraries
LOADED_WITHIN = 300.0
#: seconds in which a scheduler under way must answer
ANSWER_WITHIN = 60.0
#: seconds without any worker after which an experiment under way stops
PATIENCE = 120.0
#: workers that a run may lose before it counts as failed
MOST_LOST = 3
#: runs handed to each worker: one in hand, one that waits for it
_EACH = 2
#: seconds between two looks at the workers
_LOOK_EVERY = 2.0
#: what a run's last digit depends on beside the model
_LIBRARIES = ("numba", "numpy")
#: what results may be written in; pickles are not among them
_FORMATS = ["msgpack", "error"]
#: characters of an answer; one of 33 years has some 300,000
MOST_CHARACTERS = 8_000_000
#: characters of a worker's words that are shown
_MOST_SHOWN = 300
#: a worker runs one trial at a time, however many threads it has
_ONE = threading.Lock()


class Answer(BaseModel):
    """One of three: what a run gave, why it failed, or how the worker differs."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: StoredRun | None = None
    error: str | None = None
    unlike: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Answer:
        given = [getattr(self, name) for name in self.model_fields_set]
        if len(given) != 1 or given == [None]:
            raise ValueError("must hold exactly one of run, error, unlike")
        return self


def write_answer(answer: Answer) -> str:
    """An answer as text, made on the worker."""
    text = json.dumps(answer.model_dump(exclude_unset=True), separators=(",", ":"))
    if len(text) > MOST_CHARACTERS:
        error = f"the result of the run is too large ({len(text):,} characters)"
        return write_answer(Answer(error=error))
    return text


def read_answer(text: object, trial: Trial, setting: Setting) -> Answer:
    """The answer of a worker, checked.

    Args:
        text: What came.
        trial: What was asked.
        setting: Knows what its measures look like.

    Raises:
        FatalError: No worker of this version answers so.
    """
    try:
        if not isinstance(text, str):
            raise ValueError("not a text")
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"longer than {MOST_CHARACTERS:,} characters")
        answer = Answer.model_validate_json(text)
        if (run := answer.run) is not None:
            if (run.case, run.seed) != trial.key or run.measures is None or run.error is not None:
                raise ValueError("of another run")
            setting.check(run.measures)
    except ValueError as error:
        words = shown(str(error))
        if isinstance(error, ValidationError):
            found = error.errors(include_url=False, include_input=False)[0]
            words = f"{'.'.join(map(str, found['loc']))}: {shown(found['msg'])}"
        raise FatalError(f"a worker gave a wrong answer ({words})") from None
    return answer


def shown(text: str) -> str:
    """A worker's words in one line that steers no terminal."""
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}..."


class _ClusterWorker(BaseModel):
    """A worker that the scheduler knows; it takes work while its status is `running`."""

    model_config = ConfigDict(extra="ignore", strict=True)

    #: when the scheduler last heard of it, by its clock, and when that last changed, by ours, s
    last_seen: float
    changed: float = 0.0
    status: str


_WORKERS = TypeAdapter(dict[str, _ClusterWorker])


@dataclass(eq=False)
class _Task:
    """Something asked of a worker, by its address; `future` is what Dask knows of it."""

    worker: str
    future: Any
    #: its answer, once it is here
    text: concurrent.futures.Future[object]
    #: whether the worker has finished with it, and whether it ended before the text was here
    over: bool = False
    lost: bool = False


class DaskExecutor:
    """Runs trials on the workers of a Dask scheduler.

    A run that raises is a failed run, as on this machine. A worker that ends, or that gives no sign
    of life for some time, has its runs given to others. A run that loses several workers so has
    failed. What the cluster sends is text that is checked; nothing of it is executed.

    Args:
        setting: What all trials share.
        cluster: Where to run.

    Raises:
        InputError: The address, a certificate or the time for a worker cannot be used.
    """

    def __init__(self, setting: Setting, cluster: Cluster) -> None:
        cluster.check()
        self._setting = setting
        self._cluster = cluster
        self._address = cluster.address
        self._client: Any = None
        self._guard = UnpicklingGuard()
        self._fingerprint = fingerprint()
        self._workers: dict[str, _ClusterWorker] = {}
        self._looked = self._heard = float("-inf")
        self._alone_since: float | None = None

    def __enter__(self) -> DaskExecutor:
        library = _library()
        self._guard.hold()
        try:
            self._connect(library)
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
            self._check_workers()
        except BaseException as error:
            self._close()
            if isinstance(error, TimeoutError):
                raise self._unusable("the scheduler has no workers") from None
            if isinstance(error, (FatalError, CancelledError, OSError)):
                raise self._unusable(str(error) or "the scheduler is gone") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, trials: Sequence[Trial], listener: RunListener, stop: Stop | None = None) -> None:
        """Run all trials; see `Executor`.

        Raises:
            FatalError: The scheduler or all of its workers are gone, a worker has another model or
                gives a wrong answer, or the disk here is full.
        """
        waiting = Pending(self._setting.plan(trials), group_of, stop)
        in_hand: dict[_Task, Trial] = {}
        lost: Counter[tuple[str, int]] = Counter()
        self._alone_since, self._heard = None, time.monotonic()
        try:
            while waiting or in_hand:
                if self._look():
                    for task in self._strand(in_hand, lost):
                        trial = in_hand.pop(task)
                        if lost[trial.key] >= MOST_LOST:
                            listener.failed(trial, _LOST_TOO_OFTEN)
                        else:
                            waiting.put_back(trial)
                self._hand_out(waiting, in_hand)
                for task in self._ended(in_hand):
                    try:
                        self._write_down(in_hand[task], task, listener)
                    except _LostError:
                        task.lost = True
                    else:
                        del in_hand[task]
        except (CancelledError, OSError) as error:
            # a connection that breaks is seen before the client calls itself closed
            if self._client.status == "running" and not isinstance(error, _lost_connection()):
                raise
            raise FatalError(f"the scheduler {self._address} is gone") from error
        finally:
            for task in in_hand:
                self._drop(task)

    # -- connecting -------------------------------------------------------------------------------

    def _connect(self, library: Any) -> None:
        """Find the scheduler, or refuse with an `InputError`."""
        security = self._cluster.security(library)
        try:
            arguments = security.get_connection_args("client")
        except (OSError, ValueError) as error:
            raise self._unusable(f"the certificates of Dask cannot be used: {error}") from error
        if self._address.startswith("tls:") and arguments.get("ssl_context") is None:
            raise self._unusable("tls needs certificates: --tls-ca, --tls-cert and --tls-key")
        # asked first by us: its client waits for ever for something that listens and says nothing
        try:
            kind = asyncio.run(_who_answers(library, self._address, CONNECT_WITHIN, arguments))
        except Exception as error:  # another service may answer with anything
            self._check_guard()
            problem = f"no Dask scheduler answers there within {CONNECT_WITHIN:g} s"
            raise self._unusable(problem) from error
        if kind != "Scheduler":
            raise self._unusable(f"no Dask scheduler answers there but a {shown(kind)}")
        try:
            self._client = library.Client(
                self._address,
                timeout=CONNECT_WITHIN,
                set_as_default=False,
                security=security,
                deserializers=_FORMATS,
            )
            for topic in ("print", "warn"):  # a worker's words are not for this terminal
                self._client.unsubscribe_topic(topic)
        except Exception as error:
            self._check_guard()
            if not isinstance(error, (OSError, ImportError)):
                raise
            raise self._unusable(f"the scheduler takes no clients: {error}") from error

    def _check_workers(self) -> None:
        """Refuse workers that would give other numbers, and a scheduler of which none answers."""
        self._heard = time.monotonic()
        self._look()
        until = time.monotonic() + LOADED_WITHIN
        asked = {self._ask(worker, fingerprint): worker for worker in self._free()}
        same = False
        while asked and time.monotonic() < until:
            self._look()
            for task in [task for task in asked if task.worker not in self._free()]:
                self._drop(task)
                del asked[task]
            for task in self._ended(asked):
                worker = asked.pop(task)
                try:
                    found = self._text(task)
                except _LostError:
                    continue
                except _FailedError as error:
                    problem = f"the worker {worker} cannot load crossings: {error}"
                    raise self._unusable(problem) from error
                if found != self._fingerprint:
                    unlike = difference(self._fingerprint, found)
                    raise self._unusable(f"the worker {worker} would give other numbers: {unlike}")
                same = True
        for task in asked:
            self._drop(task)
        if not same:
            raise self._unusable("no worker of the scheduler answers")

    # -- workers ----------------------------------------------------------------------------------

    def _look(self) -> bool:
        """Look at the workers, if the last look is some time ago; whether it looked."""
        self._check_guard()
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return False
        self._looked = now
        try:
            workers = _WORKERS.validate_python(self._identity()["workers"])
        except (ValidationError, LookupError, TypeError) as error:
            raise FatalError(f"the scheduler {self._address} gives a wrong answer") from error
        except OSError as error:  # a time-out among them: it may be busy
            if self._client.status != "running":
                raise FatalError(f"the scheduler {self._address} is gone") from error
            if time.monotonic() - self._heard < ANSWER_WITHIN:
                return False
            raise FatalError(f"the scheduler {self._address} does not answer") from error
        now = self._heard = time.monotonic()
        for address, worker in workers.items():
            known = self._workers.get(address)
            same = known is not None and known.last_seen == worker.last_seen
            worker.changed = known.changed if known is not None and same else now
        self._workers = workers
        if self._free():
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE:
            raise FatalError(f"the scheduler {self._address} has had no workers for {PATIENCE:g} s")
        return True

    def _identity(self) -> Any:
        """What the scheduler says of itself and all its workers."""
        scheduler = self._client.scheduler
        # older versions name all workers, and know no such argument
        limited = "n_workers" in inspect.signature(self._client.scheduler_info).parameters
        asked = scheduler.identity(n_workers=-1) if limited else scheduler.identity()
        return self._soon(asked).result(timeout=ANSWER_WITHIN)

    def _alive(self, worker: str) -> bool:
        """Whether a worker is there and gave a sign of life within its time."""
        known = self._workers.get(worker)
        # by the last look, for a look that is late says nothing of a worker
        return known is not None and self._heard - known.changed <= self._cluster.worker_timeout

    def _free(self) -> list[str]:
        """Addresses of the workers that take runs."""
        return [
            address
            for address, worker in sorted(self._workers.items())
            if worker.status == "running" and self._alive(address)
        ]

    def _strand(self, in_hand: dict[_Task, Trial], lost: Counter[tuple[str, int]]) -> list[_Task]:
        """The tasks of workers that are gone or given up, the last handed out first."""
        # of the tasks of one worker the news of its end may come one after another
        gone = {task.worker for task in in_hand if task.lost or _ended_with_worker(task)}
        stranded = [
            task
            for task in in_hand
            if (_ended_with_worker(task) if task.text.done() else not self._alive(task.worker))
            or task.lost
            or (task.worker in gone and not task.text.done())
        ]
        # the first that a worker had not finished is the run it had in hand: the loss counts for
        # that run and for no other
        charged = set()
        for task in stranded:
            self._drop(task)
            if task.worker not in charged and not task.over:
                charged.add(task.worker)
                lost[in_hand[task].key] += 1
        return stranded[::-1]

    def _hand_out(self, waiting: Pending[Trial], in_hand: dict[_Task, Trial]) -> None:
        """Give runs to the workers that have fewest; no more than these are anywhere."""
        load = Counter(dict.fromkeys(self._free(), 0))
        load.update(task.worker for task in in_hand if task.worker in load)
        while waiting and load:
            worker = min(load, key=load.__getitem__)
            if load[worker] >= _EACH:
                return
            trial = waiting.next_for(worker)
            load[worker] += 1
            in_hand[self._ask(worker, run_trial, self._setting, trial, self._fingerprint)] = trial

    # -- tasks ------------------------------------------------------------------------------------

    def _ask(self, worker: str, function: Any, *arguments: Any) -> _Task:
        """Have a function called on a worker, and its text brought here."""
        future = self._client.submit(function, *arguments, pure=False, workers=[worker])
        task = _Task(worker, future, concurrent.futures.Future())
        future.add_done_callback(functools.partial(self._fetch, task))
        return task

    def _fetch(self, task: _Task, future: Any) -> None:
        """Bring the text of a task here; called by Dask when the task has ended."""
        if future.status == "finished":
            task.over = True
            # not by the client, which asks for several at once: one silent worker would hold up all
            found = self._soon(self._client.scheduler.gather(keys=[future.key]))
            found.add_done_callback(functools.partial(_fetched, task))
        elif future.status == "error":
            _settle(task, error=_failure(future.exception()))
        else:
            _settle(task, error=CancelledError())

    def _soon(self, work: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    def _ended(self, tasks: dict[_Task, Any]) -> list[_Task]:
        """The tasks whose text is here by now, some seconds from now at the latest."""
        texts = {task.text: task for task in tasks if not task.lost}
        if not texts:
            time.sleep(_LOOK_EVERY)
        found = concurrent.futures.wait(
            texts, timeout=_LOOK_EVERY, return_when=concurrent.futures.FIRST_COMPLETED
        )
        return [texts[text] for text in found.done]

    def _text(self, task: _Task) -> object:
        """What a task gave; raises `_LostError` or `_FailedError` where it gave nothing."""
        try:
            return task.text.result()
        except (CancelledError, OSError, _LostError, _FailedError):
            raise
        except Exception as error:
            raise FatalError(
                f"the worker {task.worker} gave an answer that is not text; nothing of it was "
                "executed, and nothing more is taken from there"
            ) from error
        finally:
            task.future.release()

    def _write_down(self, trial: Trial, task: _Task, listener: RunListener) -> None:
        """Write down what a run gave, or that it failed."""
        try:
            text = self._text(task)
        except _FailedError as error:
            listener.failed(trial, str(error))
            return
        answer = read_answer(text, trial, self._setting)
        if answer.unlike is not None:
            unlike = shown(answer.unlike)
            raise FatalError(f"a worker that has joined is of no use: {unlike}")
        if answer.run is not None:
            listener.finished(trial, answer.run)
        else:
            listener.failed(trial, shown(answer.error or ""))

    @staticmethod
    def _drop(task: _Task) -> None:
        """Wait for a task no longer; what it gives is thrown away by the scheduler."""
        task.text.cancel()
        task.future.release()

    # -- the end ----------------------------------------------------------------------------------

    def _check_guard(self) -> None:
        """Stop where the cluster sent what would have been executed."""
        if self._guard.refused is not None:
            wanted = shown(self._guard.refused)
            raise FatalError(
                f"the cluster sent a pickled object ({wanted}); nothing of it was executed, and "
                "nothing more is taken from there"
            )

    def _unusable(self, problem: str) -> InputError:
        return InputError(
            problem,
            key="--scheduler",
            value=self._address,
            allowed="a running Dask scheduler whose workers have this version of crossings",
        )

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            # runs nobody waits for any more are dropped by the scheduler
            with contextlib.suppress(Exception):
                client.close(timeout=CONNECT_WITHIN)
            if client.status != "closed":
                # or it tries again when it is collected, and its failure is printed
                client.status = "closed"
                return  # something may still come in, so pickles stay refused
        self._guard.release()


_LOST_TOO_OFTEN = "every worker process that ran it ended or fell silent"


def _ended_with_worker(task: _Task) -> bool:
    """Whether it is known that a task's worker ended before the task gave anything."""
    text = task.text
    return text.done() and not text.cancelled() and isinstance(text.exception(), _LostError)


class _LostError(Exception):
    """The worker of a task ended before its text was here."""


class _FailedError(Exception):
    """A task raised on its worker; the text is what it raised."""


@functools.cache
def fingerprint() -> str:
    """What the numbers of a run depend on beside what is asked; the same here and on a worker.

    Returns:
        JSON text: the value of each thing by its name.
    """
    versions = package_versions()
    return json.dumps(
        {
            "model hash": model_hash(),
            # as it has been read: what a worker draws from is what it tells of
            "fitted ensemble": fitted_hash(default_assumptions()) or "none",
            **{name: versions[name] for name in _LIBRARIES},
        }
    )


def difference(mine: str, other: object) -> str:
    """What differs between two fingerprints, in words.

    Args:
        mine: That of this machine.
        other: What a worker gave for its own.
    """
    try:
        text = other if isinstance(other, str) and len(other) <= _MOST_FINGERPRINT else ""
        there = _FINGERPRINT.validate_json(text)
    except ValidationError:
        return "it does not say which"
    return shown(
        ", ".join(
            f"{name} {there.get(name)}, here {value}"
            for name, value in _FINGERPRINT.validate_json(mine).items()
            if there.get(name) != value
        )
    )


_FINGERPRINT = TypeAdapter(dict[str, str])
_MOST_FINGERPRINT = 10_000


def run_trial(setting: Setting, trial: Trial, expected: str) -> str:
    """Run a trial on a worker.

    Returns:
        An `Answer`: the run, why it failed, or what differs here.
    """
    found = fingerprint()
    if found != expected:
        return write_answer(Answer(unlike=difference(expected, found)))
    try:
        with _ONE:
            return write_answer(Answer(run=setting.run(trial)))
    except BaseException as error:  # a worker outlives whatever a run raises
        return write_answer(Answer(error=describe(error)))


async def _who_answers(library: Any, address: str, within: float, security: dict[str, Any]) -> str:
    """What kind of Dask server there is at an address; raises anything where there is none."""
    async with asyncio.timeout(within):
        comm = await library.comm.connect(address, timeout=within, **security)
        try:
            await comm.write({"op": "identity", "reply": True})
            found = await comm.read(deserializers=_FORMATS)
            return str(found["type"])
        finally:
            comm.abort()


def _fetched(task: _Task, found: concurrent.futures.Future[Any]) -> None:
    """Give a task the text that the scheduler brought, or what went wrong with it."""
    try:
        said = found.result()
    except BaseException as error:
        _settle(task, error=error)
        return
    match said:
        case {"status": "error"}:
            _settle(task, error=_LostError())
        case {"data": dict(data)}:
            _settle(task, data.get(task.future.key))
        case _:
            _settle(task, error=TypeError("not what a scheduler says"))


def _settle(task: _Task, value: object = None, error: BaseException | None = None) -> None:
    """Give a task its text or its error, if somebody still waits for it."""
    if task.text.set_running_or_notify_cancel():
        if error is None:
            task.text.set_result(value)
        else:
            task.text.set_exception(error)


def _failure(error: Exception) -> _LostError | _FailedError:
    """Why a task gave nothing, from an error whose pickle was refused and not read."""
    pickled = error.args[0] if error.args else None
    if not isinstance(pickled, bytes):
        return _FailedError(shown(f"{type(error).__name__}: {error}"))
    texts = texts_of(pickled)
    if "KilledWorker" in texts:
        return _LostError()
    name, *words = [text for text in texts if text != "builtins"] or ["an error"]
    return _FailedError(shown(f"{name}: {' '.join(words)}" if words else name))


def _lost_connection() -> tuple[type[BaseException], ...]:
    """What is raised where a scheduler is gone."""
    from distributed.comm.core import CommClosedError

    return CancelledError, CommClosedError, ConnectionError


def _library() -> Any:
    """The library, with its own messages turned off."""
    distributed = optional_library("distributed", extra="cluster", key="--scheduler")
    for name in ("distributed", "distributed.client", "distributed.protocol.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed
