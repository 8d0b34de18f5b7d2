"""The full model: one comparison at a time in a process of its own, `crossings compare`.

Finished runs are kept in its folder of results: the same question asked again goes on from there.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import solara
import solara.lab

from simulation.app import board
from simulation.app.draft import OPTIONS
from simulation.app.notice import Notice, link
from simulation.app.results import address
from simulation.app.results_view import BriefLinks
from simulation.app.what_if import short_name
from simulation.engine.catalogue import catalogue
from simulation.engine.findings import Effect
from simulation.engine.result_folder import SUMMARY, ResultFolder, read_findings
from simulation.engine.time_budget import DEFAULT_SECONDS, exactly
from simulation.errors import InputError
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.regular_files import write_text
from simulation.scenario import Scenario
from simulation.studies.compare import ComparisonFindings
from simulation.wording import differences as wording

#: folder of all comparisons, below that of all results
FOLDER = "what-ifs"
#: file with what its process wrote last
_ERRORS = "errors.txt"
#: seconds between two looks at a comparison
_EVERY = 1.0


class Effort(NamedTuple):
    """How much work a comparison may be.

    Attributes:
        name: A word for folders.
        label: What a visitor chooses.
        options: Options of `crossings compare`.
    """

    name: str
    label: str
    options: tuple[str, ...]


QUICK = Effort(
    "quick",
    "Quick, a minute or two: 24 pairs of runs with a tenth of the people",
    ("--replications", "24", "--scale", "0.1"),
)
CAREFUL = Effort(
    "careful",
    f"Careful, {exactly(DEFAULT_SECONDS)}: everybody, and pairs until arrivals are known to 1% or "
    "the time is over. Ask again to go on",
    (),
)
_EFFORTS = {effort.label: effort for effort in (QUICK, CAREFUL)}


@dataclass(frozen=True)
class ComparisonState:
    """How a comparison stands.

    Attributes:
        title: Title of the what-if.
        question: Hash of the what-if, and the years that every figure is of.
        folder: Its folder below that of all results.
        phase: What it does.
        finished: Runs that are finished.
        problem: Why it failed.
        text: Its result.
    """

    title: str
    question: tuple[str, str | None]
    folder: str
    phase: Literal["running", "done", "stopped", "failed"] = "running"
    finished: int = 0
    problem: str = ""
    text: EstimateText | None = None


class Comparisons:
    """The comparison of a server, one at a time: each takes all cores.

    Args:
        results: Folder of all results.
    """

    def __init__(self, results: Path) -> None:
        self.results = results
        self._lock = threading.Lock()
        self._state: ComparisonState | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        atexit.register(self.stop)

    def start(
        self, whatif: Scenario, baseline: Scenario, effort: Effort, years: str | None
    ) -> ComparisonState:
        """Compare a what-if with its baseline.

        Args:
            whatif: The what-if.
            baseline: What it is compared with, over the same days.
            effort: How much work it may be.
            years: Years that every figure is of, such as `2027..2028`; all days when None.

        Raises:
            InputError: Another comparison runs.
        """
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                raise InputError("another comparison runs", allowed="one at a time")
            files = {"baseline.toml": baseline, "what-if.toml": whatif}
            texts = [scenario.resolved_toml() for scenario in files.values()]
            folder = self.results / FOLDER / f"{short_name(whatif.title)}-{_hash([*texts, years])}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in zip(files, texts, strict=True):
                write_text(folder / name, text)
            out = folder / effort.name
            period = () if years is None else ("--period", years)
            words = [*(str(folder / name) for name in files), "--out", str(out), *effort.options]
            self._stopped = False
            with (folder / _ERRORS).open("wb") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "simulation", "compare", *words, *period, "--quiet"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                )
            shown = out.relative_to(self.results).as_posix()
            self._state = ComparisonState(whatif.title, (whatif.hash(), years), shown)
            return self._state

    def stop(self) -> None:
        """Give the comparison up; finished runs are kept."""
        if self._process is not None and self._process.poll() is None:
            self._stopped = True
            self._process.terminate()

    def state(self) -> ComparisonState | None:
        """How the last comparison stands; None where there was none."""
        with self._lock:
            if self._state is not None and self._state.phase == "running":
                self._state = self._looked_at(self._state)
            return self._state

    def _looked_at(self, state: ComparisonState) -> ComparisonState:
        """The state of a comparison that ran when last looked at."""
        assert self._process is not None
        out, code = self.results / state.folder, self._process.poll()
        if code is None:
            return replace(state, finished=sum(one.done or 0 for one in catalogue(out)))
        if code == 0:
            try:
                return replace(state, phase="done", text=read_estimate(out))
            except InputError as error:
                return replace(state, phase="failed", problem=f"{error}.")
        if self._stopped:
            return replace(state, phase="stopped")
        lines = (out.parent / _ERRORS).read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), f"exit {code}")
        return replace(state, phase="failed", problem=last)


def _hash(said: list[str | None]) -> str:
    """What tells the folder of a question from others, and from that of another model or fit."""
    from simulation.engine.trials import default_assumptions, fitted_hash
    from simulation.source_hash import model_hash

    of_model = [model_hash(), fitted_hash(default_assumptions())]
    return hashlib.sha256(json.dumps([*said, *of_model]).encode()).hexdigest()[:8]


@cache
def of_server() -> Comparisons:
    """The comparison of this server, below its folder of results; made once."""
    return Comparisons(OPTIONS.results)


# -- what a comparison says ------------------------------------------------------------------------


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
        same = f"the same as in the baseline in all {findings.replications} pairs of runs."
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


# -- the panel -------------------------------------------------------------------------------------


@solara.component
def ComparisonPanel() -> None:
    """Start the full model, follow it, and read what it says."""
    checked = board.checked.value
    whatif = None if checked.is_baseline else checked.whatif
    years = board.years_of_run.value
    effort, set_effort = solara.use_state(QUICK.label)
    problem, set_problem = solara.use_state("")
    state, set_state = solara.use_state(of_server().state())
    running = state is not None and state.phase == "running"

    async def follow() -> None:
        while (now := of_server().state()) and now.phase == "running":
            set_state(now)
            await asyncio.sleep(_EVERY)
        set_state(now)

    solara.lab.use_task(follow, dependencies=[running], prefer_threaded=False)

    def start() -> None:
        if whatif is None:
            return
        try:
            set_state(of_server().start(whatif, checked.baseline, _EFFORTS[effort], years))
            set_problem("")
        except InputError as error:
            set_problem(f"{error}.")
        except OSError as error:
            set_problem(f"The results cannot be written ({error.strerror}).")

    with solara.Column(gap="8px", classes=["crossings-comparison"]):
        solara.v.Html(tag="h2", children=["The full model"])
        solara.Text(
            "It runs the what-if and the baseline many times, in pairs with the same seed. What it "
            "gives may be quoted, with its range."
        )
        solara.v.RadioGroup(
            v_model=effort,
            on_v_model=set_effort,
            disabled=running,
            dense=True,
            hide_details=True,
            label="How much work?",
            children=[solara.v.Radio(label=label, value=label) for label in _EFFORTS],
        )
        with solara.Row(gap="8px"):
            idle = running or whatif is None
            solara.Button("Run the full model", on_click=start, disabled=idle, color="primary")
            if running:
                solara.Button("Stop", on_click=of_server().stop, text=True)
        if problem:
            Notice("warning", problem)
        if state is not None:
            asked = whatif and (whatif.hash(), years)
            _State(state, asked != state.question)


@solara.component
def _State(state: ComparisonState, changed: bool) -> None:
    """How a comparison stands, and whether the page shows another what-if than it is of."""
    if changed:
        Notice("info", f"The question has changed. This is the comparison of “{state.title}”:")
    if state.phase == "running":
        solara.v.ProgressLinear(indeterminate=True, attributes={"aria-label": "Progress"})
        solara.Text(f"{state.finished:,} runs are finished. It goes on if you close this page.")
    elif state.phase == "failed":
        Notice("error", f"The comparison of “{state.title}” failed.", state.problem)
    elif state.phase == "stopped":
        Notice("info", "It was stopped; finished runs are kept. Run it again, and it goes on.")
    elif state.text is not None:
        for sentence in (state.text.arrivals, state.text.deaths):
            solara.Text(sentence, style={"font-size": "1.1rem", "font-weight": "500"})
        if state.text.warning:
            Notice("warning", state.text.warning)
        solara.Text(state.text.basis)
        link(address(state.folder), "Read the whole report (in a new tab)")
        BriefLinks(state.folder)
