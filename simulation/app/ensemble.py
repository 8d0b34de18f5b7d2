"""Estimates in the background: pairs of runs in processes of their own, in turn, with an interval.

One object serves all visitors of a server: the machine has only so many cores.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from simulation.app.draft import OPTIONS
from simulation.app.ensemble_process import EnsembleOrder
from simulation.engine.findings import Effect
from simulation.engine.result_folder import (
    SUMMARY,
    ResultFolder,
    read_findings,
    reason,
)
from simulation.engine.time_budget import DEFAULT_SECONDS, exactly
from simulation.engine.worker_pool import cores
from simulation.errors import EXIT_INTERRUPTED, InputError
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.regular_files import write_text
from simulation.safe_json import parse_json
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences
from simulation.studies.compare import ComparisonFindings
from simulation.wording import differences as wording

#: most estimates that may wait, and most whose end is remembered
_MOST_WAITING = 20
_MOST_REMEMBERED = 200
#: last lines of its error output, which say why it ended
_LAST_WORDS = 20
#: folder of all estimates, below that of all results
FOLDER = "what-ifs"


class Effort(NamedTuple):
    """How much work an estimate may be.

    Attributes:
        name: A word for folders.
        label: What a visitor chooses.
        pairs: Pairs of runs; None to add them until the difference is known to 1% or the time
            that `crossings compare` has by default is over.
        scale: Share of the people simulated.
    """

    name: str
    label: str
    pairs: int | None
    scale: float


#: with pairs enough for a range
QUICK = Effort(
    "quick", "Quick, a minute or two: 24 pairs of runs with a tenth of the people", 24, 0.1
)
CAREFUL = Effort(
    "careful",
    f"Careful, {exactly(DEFAULT_SECONDS)}: everybody, and pairs until arrivals are known to 1% or "
    "the time is over. Ask again to go on",
    None,
    1.0,
)

Phase = Literal["waiting", "running", "stopping", "done", "stopped", "failed"]


@dataclass(frozen=True)
class EnsembleState:
    """How an estimate stands at a moment.

    Attributes:
        key: Which estimate.
        title: Title of the what-if.
        whatif: Its fingerprint, as of `fingerprint`.
        effort: How much work it is.
        phase: `waiting`, `running`, `stopping`, `done`, `stopped` or `failed`.
        place: Place in the queue while it waits, from 1.
        finished: Runs finished since it began.
        planned: Runs planned so far.
        share: How much of what is planned is done, 0 to 1.
        estimate: Its result.
        problem: Why it failed.
        folder: Folder of the comparison below the folder of all results.
        changes: What the what-if changes in the baseline, in sentences.
    """

    key: str
    title: str
    whatif: str
    effort: Effort
    phase: Phase = "waiting"
    place: int = 0
    finished: int = 0
    planned: int = 0
    share: float = 0.0
    estimate: EstimateText | None = None
    problem: str = ""
    folder: str = ""
    changes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self.phase in ("done", "stopped", "failed")


@dataclass
class _Job:
    """An estimate, its process, and who asked for it."""

    state: EnsembleState
    order: EnsembleOrder
    whatif: Scenario
    baseline: Scenario
    askers: set[str]
    process: subprocess.Popen[str] | None = None
    words: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_WORDS))

    def say(self, phase: Phase, problem: str = "", estimate: EstimateText | None = None) -> None:
        """Set the phase, with the reason of a failure or the result."""
        self.state = replace(self.state, phase=phase, problem=problem, estimate=estimate)


class Ensembles:
    """The estimates of one server.

    Args:
        results: Folder of all results.
        limit: Most that run at a time; one for two cores if None.
        start: Starts the process of an estimate.
        leave_within: Seconds a process may take to wind up before it is killed.
    """

    def __init__(
        self,
        results: Path,
        limit: int | None = None,
        start: Callable[[EnsembleOrder], subprocess.Popen[str]] | None = None,
        leave_within: float = 15.0,
    ) -> None:
        self.results = results
        self._limit = limit or max(1, cores() // 2)
        self._start, self._leave_within = start or start_process, leave_within
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._waiting: list[str] = []
        self._running: list[str] = []
        self._closed = False

    def ask(
        self,
        whatif: Scenario,
        baseline: Scenario,
        effort: Effort,
        asker: str,
        years: str | None = None,
    ) -> str:
        """Ask for an estimate; it begins when there is room for it.

        Two visitors who ask for the same share it. One that failed or was stopped goes on from
        the runs that were kept.

        Args:
            whatif: The what-if.
            baseline: What it is compared with, over the same days.
            effort: How much work it may be.
            asker: Who asks.
            years: Years that every figure is of, such as `2027..2028`; all days when None.

        Returns:
            A key for `state` and `stop`.

        Raises:
            InputError: It cannot be started now.
        """
        order = self._order(whatif, baseline, effort, years)
        key = order.out
        with self._lock:
            earlier = self._jobs.get(key)
            if earlier is not None and not earlier.state.ended:
                earlier.askers.add(asker)
                return key
            if self._closed:
                raise InputError("the server is about to end, nothing more can be started")
            if len(self._waiting) >= _MOST_WAITING:
                raise InputError(
                    "too many estimates wait already", allowed="try again when some have ended"
                )
            state = EnsembleState(
                key, whatif.title, fingerprint(whatif, years), effort,
                folder=Path(order.out).relative_to(self.results).as_posix(),
                changes=tuple(describe_differences(whatif, baseline)),
            )  # fmt: skip
            self._jobs.pop(key, None)
            self._jobs[key] = _Job(state, order, whatif, baseline, {asker})
            self._waiting.append(key)
            self._forget()
            self._next()
            return key

    def state(self, key: str) -> EnsembleState | None:
        """How an estimate stands; None if it is not known any more."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return None
            place = self._waiting.index(key) + 1 if key in self._waiting else 0
            return replace(job.state, place=place)

    def latest(self, asker: str, whatif: str) -> str:
        """The estimate that a page shows when it opens; empty if none.

        Args:
            asker: Who looks.
            whatif: Fingerprint of the what-if on the page.

        Returns:
            The key of the last one they asked for that has not ended; or else of the last one that
            is done and is of this what-if.
        """
        with self._lock:
            mine = [job.state for job in self._jobs.values() if asker in job.askers]
            under_way = [state.key for state in mine if not state.ended]
            done = [state.key for state in mine if state.phase == "done" and state.whatif == whatif]
            return next(iter([*under_way[-1:], *done[-1:]]), "")

    def stop(self, key: str, asker: str) -> bool:
        """Give an estimate up; finished runs are kept.

        Returns:
            Whether it stops; not so while somebody else waits for it too.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.state.ended:
                return True
            job.askers.discard(asker)
            if job.askers:
                return False
            if key in self._waiting:
                self._waiting.remove(key)
                job.say("stopped")
            elif job.process is not None and job.state.phase == "running":
                job.say("stopping")
                _interrupt(job.process)
                timer = threading.Timer(self._leave_within, _kill, [job.process])
                timer.daemon = True
                timer.start()
            return True

    def stop_all(self) -> None:
        """End everything, as the server ends; finished runs are kept."""
        with self._lock:
            self._closed = True
            for key in self._waiting:
                self._jobs[key].say("stopped")
            self._waiting.clear()
            running = [self._jobs[key] for key in self._running]
            processes = [job.process for job in running if job.process is not None]
            for job in running:
                job.say("stopping")
        for process in processes:
            _interrupt(process)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self._leave_within)
            _kill(process)

    def _order(
        self, whatif: Scenario, baseline: Scenario, effort: Effort, years: str | None
    ) -> EnsembleOrder:
        from simulation.engine.trials import default_assumptions, fitted_hash
        from simulation.source_hash import model_hash

        assumptions = default_assumptions()
        said = [
            baseline.resolved_toml(), whatif.resolved_toml(), effort.pairs, effort.scale,
            fitted_hash(assumptions), model_hash(), *filter(None, [years]),
        ]  # fmt: skip
        short = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
        name = f"{short_name(whatif.title)}-{short}"
        folder = self.results / FOLDER / name
        return EnsembleOrder(
            baseline=str(folder / "baseline.toml"),
            whatif=str(folder / "what-if.toml"),
            out=str(folder / effort.name),
            pairs=effort.pairs,
            scale=effort.scale,
            assumptions=assumptions,
            workers=max(1, cores() // self._limit),
            years=years,
        )

    def _next(self) -> None:
        """Start what has come to its turn."""
        while self._waiting and len(self._running) < self._limit and not self._closed:
            job = self._jobs[self._waiting.pop(0)]
            try:
                # both scenarios, as they are after all they extend
                Path(job.order.out).parent.mkdir(parents=True, exist_ok=True)
                write_text(Path(job.order.baseline), job.baseline.resolved_toml())
                write_text(Path(job.order.whatif), job.whatif.resolved_toml())
                job.process = process = self._start(job.order)
            except OSError as error:
                job.say("failed", f"It cannot be started ({reason(error)}).")
                continue
            job.say("running")
            self._running.append(job.state.key)
            name = f"estimate {job.state.folder}"
            threading.Thread(
                target=self._follow, args=(job, process), name=name, daemon=True
            ).start()

    def _follow(self, job: _Job, process: subprocess.Popen[str]) -> None:
        """Hear what a process says until it ends, then start the next."""
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            news = _news(line)
            if news is None:
                job.words.append(line.strip())
            elif "problem" in news:
                said = f"{news['problem']}."
            elif "share" in news:
                heard = {key: news[key] for key in ("finished", "planned", "share")}
                with self._lock:
                    job.state = replace(job.state, **heard)
        code = process.wait()
        process.stdout.close()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        ending = _ending(job, code, said)
        with self._lock:
            job.say(*ending)
            self._running.remove(job.state.key)
            self._next()

    def _forget(self) -> None:
        """Drop the oldest that have ended; their results stay where they are."""
        ended = [key for key, job in self._jobs.items() if job.state.ended]
        for key in ended[: max(0, len(ended) - _MOST_REMEMBERED)]:
            del self._jobs[key]


def _ending(job: _Job, code: int, said: str) -> tuple[Phase, str, EstimateText | None]:
    """How an estimate ended: its phase, the reason of a failure, and the result."""
    if code == 0:
        try:
            return "done", "", read_estimate(Path(job.order.out))
        except InputError as error:
            return "failed", f"{error}.", None
    if job.state.phase == "stopping" or (not said and code == EXIT_INTERRUPTED):
        return "stopped", "", None
    return "failed", said or _death(code, job.words), None


@cache
def of_server() -> Ensembles:
    """The estimates of this server, below its folder of results; made once."""
    ensembles = Ensembles(OPTIONS.results)
    atexit.register(ensembles.stop_all)
    return ensembles


def start_process(order: EnsembleOrder) -> subprocess.Popen[str]:
    """Start a process in a group of its own, so that it can be ended with all it started."""
    return subprocess.Popen(
        order.words(),
        stdin=subprocess.PIPE,  # it ends when this is closed, also by our death
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # of no meaning on Windows, where the flags do it
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _interrupt(process: subprocess.Popen[str]) -> None:
    """Ask a process to wind up, as Ctrl-C does."""
    with contextlib.suppress(OSError, ValueError):
        if os.name != "nt":
            process.send_signal(signal.SIGINT)
        elif process.stdin is not None:
            process.stdin.close()


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process and all it started, if it has not ended."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if os.name != "nt":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _news(line: str) -> dict[str, Any] | None:
    """The message in a line; None if the line is not one of ours."""
    try:
        message = parse_json(line.encode("utf-8", "replace"))
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _death(code: int, words: deque[str]) -> str:
    """Why a process died that did not say so itself."""
    advice = "Finished runs are kept: ask again, and it goes on from there."
    if code == -getattr(signal, "SIGKILL", 9):
        return f"The system ended it, most often because memory ran out. {advice}"
    last = next((text for text in reversed(words) if text), "")
    return f"It ended unexpectedly ({last[:300] or f'exit {code}'}). {advice}"


def fingerprint(whatif: Scenario, years: str | None) -> str:
    """What tells the estimate of a what-if over some years from others."""
    return " ".join(filter(None, (whatif.hash(), years)))


def short_name(title: str) -> str:
    """A title as part of the name of a file or a folder."""
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in title.lower())
    return "-".join(words.split())[:40].strip("-") or "what-if"


# -- what an estimate says -------------------------------------------------------------------------


@dataclass(frozen=True)
class EstimateText:
    """A difference with its interval, in words.

    Attributes:
        arrivals: What it does to small-boat arrivals.
        deaths: What it does to deaths in the Channel.
        warning: What must not be missed; empty if nothing.
        basis: What the intervals are made of, and what is not in them.
    """

    arrivals: str
    deaths: str
    warning: str
    basis: str


def read_estimate(folder: Path) -> EstimateText:
    """Read the estimate from the comparison in a folder.

    Raises:
        InputError: There is none, or it has changed since it was made.
    """
    if not (folder / SUMMARY).is_file():
        raise InputError("holds no finished comparison", file=folder)
    if problem := ResultFolder(folder).changes().problem:
        raise InputError(problem, file=folder)
    return estimate_of(read_findings(folder, ComparisonFindings))


def estimate_of(findings: ComparisonFindings) -> EstimateText:
    """The estimate, in words, from a comparison of one scenario."""
    scenario, basis = findings.scenarios[0], wording.basis(findings, typed=False)
    failures = wording.failures(findings)
    if scenario.identical:
        same = (
            f"the same as in the baseline, to the last digit in all {findings.replications} pairs "
            "of runs: what it changes has no effect on anyone in the model within these days."
        )
        arrived, died = (f"{OUTCOMES[of].label}: {same}" for of in (HEADLINE, wording.BESIDE))
        return EstimateText(arrived, died, failures, basis)
    arrivals, deaths = scenario.effect(HEADLINE), scenario.effect(wording.BESIDE)
    return EstimateText(
        _sentence(HEADLINE, arrivals, findings, scenario.pairs_to_settle),
        _sentence(wording.BESIDE, deaths, findings, None),
        " ".join(filter(None, (_not_a_success(arrivals, deaths), failures))),
        basis,
    )


def _sentence(name: str, effect: Effect, findings: ComparisonFindings, settle: int | None) -> str:
    seconds = None if findings.ended is None else findings.ended.seconds_per_pair
    lines = wording.effect_lines(
        OUTCOMES[name].label, name, effect, findings, settle, option=None, seconds=seconds
    )
    return " ".join(lines)


def _not_a_success(arrivals: Effect, deaths: Effect) -> str:
    """A fall of arrivals with a rise of deaths is no success, and must be said."""
    clear = arrivals.is_clear and deaths.is_clear
    if clear and arrivals.way < 0.0 < deaths.way:
        return "Fewer people arrive and more of them die: this is not a success."
    return ""
