"""Would the tests notice if the code said something else? Mutation testing with Cosmic Ray.

    uv run --group dev python benchmarks/mutants.py
        [--of statistics|processes|engine|studies|report|commands] [--module NAME]
        [--sample N] [--minutes N] [--seed S] [--workers N] [--survivors] [--goal SHARE]

Cosmic Ray's operators change one thing at a time (a sign, a comparison, a number, a condition); the
tests of that module then run in a process forked for this one mutant, in which the module is
imported in its changed form: no file is touched. Each file of tests is run once with nothing
changed, to learn how long it takes and which lines it runs; of a mutant's tests, those files that
never run its line are left out. A mutant is killed when a test fails or takes several times as long
as it should. Of the processes of the model, the run that `crossings doctor`
repeats is made as well, after the tests, and has to give the numbers of the code as it is. Where a
module holds compiled functions, they and the compiled ones that call them run as plain Python, or
each mutant would be compiled for half a minute; the code is the same, and all else stays compiled.
Left out: what changes nothing (annotations, texts, `frozen`, `strict`), and decorators. All mutants
are tried, or N of them drawn with a fixed seed, and then the share killed has its interval (Wilson,
95%). Of the large rooms (all but processes), 60 are drawn unless --sample says otherwise. After
--minutes no further one is begun. Ends with exit code 1 if a smaller share than --goal is killed.
"""

# ruff: noqa: E402 (what is set in the environment comes before NumPy)
from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import ast
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import random
import re
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# names the folder of compiled code, which has to come before Numba is imported
import simulation.compiled  # isort: skip

# heavy, and not mutated: imported once for all that are forked
import hypothesis
import networkx
import numba
import numpy as np
import pandas
import plotly.graph_objects
import pyarrow.parquet
import pydantic
import pytest
import scipy.stats
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

LOADED = (
    hypothesis, networkx, np, pandas, plotly.graph_objects, pyarrow.parquet, pydantic, pytest,
    scipy.stats, simulation.compiled,
)  # fmt: skip

#: module -> the tests that should notice, after a bar those made last for they take longer; of
#: `tests/a/test_b.py` it says `a/b`
STATISTICS = {
    "statistics.paired": "statistics/paired",
    "statistics.noise": "statistics/noise | studies/sensitivity",
    "engine.replications": "engine/replications chain",
    "statistics.sensitivity_indices": "statistics/sensitivity_indices | studies/sensitivity",
    "statistics.boxes": "statistics/boxes",
    "fitting.emulation": "fitting/emulation",
    "fitting.identifiability": "fitting/emulation",
}
PROCESSES = {
    f"model.processes.{name}": re.sub(r"\w+", r"model/processes/\g<0>", parts)
    for name, parts in {
        "activity": "sharing intelligence",
        "adaptation": "market healing supply operators pure | against_reference",
        "adverts": "adverts",
        "allocation": "allocation pure",
        "building": "world pure",
        "channel": "channel freight pure",
        "collection": "collection | intelligence",
        "conditions": "pure channel",
        "contracts": "contracts channel | against_reference market",
        "cooperation": "investigation",
        "entries": "entries",
        "freezing": "freezing",
        "healing": "healing | market",
        "intelligence": "intelligence | raids",
        "investigation": "investigation | intelligence raids",
        "launching": "channel pure | against_reference",
        "lying_low": "lying_low",
        "market": "market operators",
        "movement": "pure contracts route_choice waiting | against_reference",
        "operators": "operators market",
        "raids": "raids",
        "removals": "removals",
        "report_queue": "report_queue sharing | intelligence",
        "route_choice": "route_choice freight | against_reference",
        "service": "allocation market | intelligence",
        "sharing": "sharing | intelligence",
        "supply": "supply investigation",
        "tables": "pure allocation | against_reference market",
        "weather": "weather",
        "world": "world channel market supply allocation operators | against_reference",
    }.items()
}
#: room -> tests of each of its modules, made last; those of one module are that of its own name,
#: where there is one, and what `BESIDE` adds
ROOMS = {
    "statistics": "studies/world_effects commands/compare",
    "engine": "engine/runs commands/compare",
    "studies": "studies/study commands/compare report/every_page",
    "report": "report/run report/comparison report/every_page",
    "commands": "commands/usage_errors commands/notes",
}
BESIDE = {
    "engine.catalogue": "commands/results",
    "engine.cluster": "engine/dask_tls",
    "engine.dask_executor": "engine/dask",
    "engine.experiment": "commands/notes commands/results commands/scenario",
    "engine.fitted_ensembles": "fitting/packaged commands/assumptions data/store",
    "engine.identity": "engine/fitted_draws",
    "engine.options": "commands/assumptions",
    "engine.progress": "engine/replications",
    "engine.result_tables": "engine/replications",
    "engine.result_folder": "commands/results commands/run",
    "engine.trials": "engine/fitted_draws studies/study",
    "engine.observed_run": "validation/facts commands/scenario",
    "engine.findings": "wording/differences wording/assumptions docs/deaths_rule",
    "studies.agreements.findings": "studies/agreements/words studies/agreements/study",
    "studies.agreements.pairs": "studies/agreements/command",
    "studies.agreements.words": "studies/agreements/command studies/agreements/study",
    "studies.compare": "engine/time_budget",
    "studies.design_points": "studies/study studies/sensitivity",
    "studies.agreements.page": "studies/agreements/words studies/agreements/study",
    "studies.agreements.study": "studies/agreements/pairs studies/agreements/command",
    "studies.options": "commands/options_table studies/compare",
    "studies.since_change": "studies/compare",
    "report.answers": "answers/versions answers/ledger",
    "report.backtest": "validation/backtest",
    "report.brief_formats": "commands/brief",
    "report.data": "report/drawing",
    "studies.discovery.words": "studies/discovery/findings",
    "studies.discovery.page": "studies/discovery/findings",
    "studies.discovery.command": "studies/discovery/findings",
    "report.comparison": "wording/assumptions engine/fitted_draws commands/compare",
    "report.comparison_charts": "report/drawing report/comparison commands/compare",
    "report.comparison_months": "report/comparison",
    "report.document": "report/fit validation/backtest report/document",
    "report.drawing": "report/blocks",
    "report.experiment": "commands/results report/fit report/run docs/deaths_rule",
    "report.facts": "validation/published",
    "report.html": "report/fan_chart report/blocks",
    "report.maps": "report/drawing",
    "report.markdown": "report/fit validation/backtest",
    "report.monitor": "validation/monitor",
    "report.picture": "report/drawing commands/brief",
    "report.run": "commands/run",
    "report.sensitivity": "studies/sensitivity",
    "studies.design.page": "studies/design/findings",
    "studies.design.command": "studies/design/findings",
    "studies.sweep.words": "studies/sweep/findings studies/sweep/command",
    "studies.sweep.page": "studies/sweep/findings studies/sweep/command",
    "report.terminal": "report/blocks studies/discovery/findings",
    "report.run_charts": "report/drawing",
    "commands.app": "app/server",
    "commands.columns": "commands/results commands/data",
    "commands.experiment": (
        "commands/results commands/compare commands/assumptions commands/fit report/fit"
        " estimates/estimate trust/lost_runs"
    ),
    "commands.options": "commands/usage_errors commands/monitor commands/fit commands/data",
    "commands.progress": "commands/run",
    "commands.report": "commands/results",
    "commands.run": "trust/lost_runs",
    "commands.scenario": "scenario/resources",
    "commands.serving": "app/server app/guard app/visits",
    "commands.verify": "crates/crates",
}


def modules_in(room: str) -> list[str]:
    """Every module of a folder of the package, but those that hold nothing."""
    folder = ROOT / "simulation"
    paths = (path.relative_to(folder).with_suffix("") for path in (folder / room).rglob("*.py"))
    return sorted(".".join(path.parts) for path in paths if path.name != "__init__")


def test_file(name: str) -> Path:
    """The file of tests that the tables call by a short name."""
    folder, _, stem = name.rpartition("/")
    return ROOT / "tests" / folder / f"test_{stem}.py"


def tests_in(room: str) -> dict[str, str]:
    """The tests of each module of a room."""
    tests = {}
    for module in modules_in(room):
        own = module.replace(".", "/")
        early = f"{own if test_file(own).exists() else ''} {BESIDE.get(module, '')}"
        tests[module] = STATISTICS.get(module, f"{early} | {ROOMS[room]}")
    return tests


GROUPS = {"processes": PROCESSES} | {room: tests_in(room) for room in ROOMS}
GROUPS["statistics"] |= STATISTICS
#: mutants that are tried where there are very many, unless another number is given
MOST = dict.fromkeys(ROOMS, 60)
#: seconds the tests of an unchanged module may take, and how many times as long a mutant may
LEAST_SECONDS, PATIENCE = 5.0, 5.0


class Mutant(NamedTuple):
    """One change of one module."""

    module: str
    operator: str
    occurrence: int
    line: int
    source: str


def label(mutant: Mutant) -> str:
    """Where a mutant is, and its changed line."""
    line = mutant.source.splitlines()[mutant.line - 1].strip()
    return f"{mutant.module}:{mutant.line} {mutant.operator}: {line}"


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / (module.replace(".", "/") + ".py")


class Change(NamedTuple):
    """Where one operator can change a module."""

    module: str
    line: int
    operator: str
    occurrence: int


def changes_of(module: str) -> list[Change]:
    """Every place at which something of a module can be changed."""
    nodes, changes = list(ast_nodes(get_ast(path_of(module).read_text(encoding="utf-8")))), []
    for name in sorted(operator_names()):
        if "Decorator" in name or "Variable" in name:
            continue
        operator = get_operator(name)()
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        changes += [Change(module, first[0], name, k) for k, (first, _) in enumerate(places)]
    return sorted(changes)


def drawn(changes: Sequence[Change], count: int | None, seed: int) -> list[Mutant]:
    """Mutants that differ from the module and from each other: of all changes, or some drawn."""
    order = list(changes)
    if count is not None:
        random.Random(seed).shuffle(order)
    mutants: dict[tuple[str, str], Mutant] = {}
    for module, line, name, occurrence in order:
        if len(mutants) == count:
            break
        source = path_of(module).read_text(encoding="utf-8")
        changed = mutate_code(source, get_operator(name)(), occurrence)
        essence = None if changed is None else _essence(changed)
        if changed is not None and essence is not None and essence != _essence(source):
            mutants.setdefault((module, essence), Mutant(module, name, occurrence, line, changed))
    return list(mutants.values())


class _Bare(ast.NodeTransformer):
    """Takes away what no run depends on.

    These are annotations, texts that stand alone, imports for types alone, and guards against our
    own slips: whether a dataclass is frozen, or a `zip` strict.
    """

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(None)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        types = any(isinstance(name, ast.Name) and name.id == "TYPE_CHECKING"
                    for name in ast.walk(node.test))  # fmt: skip
        return None if types else self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg in ("frozen", "strict") else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def _essence(source: str) -> str | None:
    """What a source does; None if it is none, or one the compiler warns of, such as `is 1`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)
            compile(source, "", "exec", dont_inherit=True)
        return ast.dump(_Bare().visit(ast.parse(source)))
    except SyntaxError:
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads one module, from another text than its file's or to run as plain Python."""

    def __init__(self, module: str, source: str | None, plain: bool) -> None:
        super().__init__(module, str(path_of(module)))
        self.source, self.plain = source, plain

    def get_code(self, fullname: str) -> Any:
        if self.source is None:
            return super().get_code(fullname)
        return compile(self.source, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: Any) -> None:
        super().exec_module(module)
        if self.plain:
            for name, value in list(vars(module).items()):
                if isinstance(value, numba.core.dispatcher.Dispatcher):
                    setattr(module, name, _with_width(value))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the mutant's module, and those that run as plain Python."""

    def __init__(self, mutant: Mutant | None, plain: frozenset[str]) -> None:
        self.mutant, self.plain = mutant, plain

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        changed = self.mutant is not None and self.mutant.module == fullname
        if not changed and fullname not in self.plain:
            return None
        source = self.mutant.source if changed else None
        loader = _Loader(fullname, source, fullname in self.plain)
        return importlib.util.spec_from_file_location(fullname, loader.path, loader=loader)


def _with_width(function: Any) -> Any:
    """A compiled function that gives plain Python numbers of 64 bits, as it gives compiled code."""
    kinds = {
        "int": np.int64,
        "np.int64": np.int64,
        "np.uint64": np.uint64,
        "float": np.float64,
    }
    kind = kinds.get(function.py_func.__annotations__.get("return"))
    return function if kind is None else lambda *given: kind(function(*given))


class Trial(NamedTuple):
    """One way in which mutants of a module are tried; those that survive go to the next.

    Attributes:
        tests: The tests that should notice.
        plain: Modules whose compiled functions run as plain Python: this one and its callers.
        pinned: File with the digest of the pinned run of the code as it is; None: no such run.
    """

    tests: tuple[str, ...]
    plain: frozenset[str]
    pinned: Path | None


def start(work: Callable[[], bool], plain: frozenset[str], mutant: Mutant | None = None) -> int:
    """Do some work in a process of its own, with a mutant in it: its pid; it ends with 0 if true.

    The compiled functions of the modules in `plain` run as plain Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which do nothing here
        pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 2)
    sys.meta_path.insert(0, _Finder(mutant, plain))
    _leave_plain(plain)
    os.chdir(ROOT)
    try:
        status = int(not work())
    except BaseException:
        status = 1
    os._exit(status)


def _passes(tests: Sequence[str], plain: frozenset[str]) -> bool:
    """Whether tests pass, or there are none; slow ones too, where nothing runs as plain Python."""
    marked = "not slow" if plain else "not (slow and full)"
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", marked,
               "--hypothesis-seed=0",
               "-W", "ignore::RuntimeWarning", "-W", "ignore::DeprecationWarning",
               "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
    return not tests or pytest.main([*options, *tests]) in (0, pytest.ExitCode.NO_TESTS_COLLECTED)


class Alone(NamedTuple):
    """What a piece of work does with nothing changed.

    Attributes:
        seconds: How long it takes.
        lines: The lines of the package that run, each as `file:line`.
    """

    seconds: float
    lines: frozenset[str]


def _alone(work: Callable[[], bool], plain: frozenset[str], name: str) -> Alone:
    """Do some work with nothing changed."""
    began = time.monotonic()
    # a pipe, for some tests limit how large files may become
    reader, writer = os.pipe()

    def recorded() -> bool:
        _record_lines(writer)
        return work()

    pid = start(recorded, plain)
    os.close(writer)
    with open(reader, encoding="utf-8") as log:
        lines = frozenset(log.read().splitlines())
    if status := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise SystemExit(f"{name} fails with nothing changed (exit {status})")
    return Alone(time.monotonic() - began, lines)


def _record_lines(log: int) -> None:
    """Write each line of the package down when it first runs, here or in a process forked later."""
    monitoring, package = sys.monitoring, str(ROOT / "simulation")

    def at_line(code: CodeType, line: int) -> object:
        if code.co_filename.startswith(package):
            os.write(log, f"{code.co_filename}:{line}\n".encode())
        return monitoring.DISABLE

    monitoring.use_tool_id(monitoring.COVERAGE_ID, "mutants")
    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, at_line)
    monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)


@cache
def tests_alone(test: str, plain: frozenset[str]) -> Alone:
    """What the tests of one file do with nothing changed."""
    return _alone(lambda: _passes([test], plain), plain, test)


@cache
def pinned_alone(pinned: Path, plain: frozenset[str]) -> Alone:
    """What the pinned run does with nothing changed; its digest is written down."""
    return _alone(lambda: pinned.write_text(_pinned_run()) > 0, plain, "the pinned run")


@cache
def statement_around(module: str, line: int) -> frozenset[str]:
    """The lines of the statement, or of the head of the block, that holds a line.

    Of what stands in no statement, as the options of a decorator do, all lines of the module.
    """
    text = path_of(module).read_text(encoding="utf-8")
    lines = range(1, len(text.splitlines()) + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            body = getattr(node, "body", None)
            head = range(node.lineno, body[0].lineno) if body else range(0)
            span = head if line in head else range(node.lineno, (node.end_lineno or 0) + 1)
            lines = min(lines, span, key=len)
    return frozenset(f"{path_of(module)}:{number}" for number in lines)


def reaching(trial: Trial, mutant: Mutant) -> list[str]:
    """The tests of a trial that run what a mutant changes."""
    changed = statement_around(mutant.module, mutant.line)
    return [test for test in trial.tests if changed & tests_alone(test, trial.plain).lines]


def survives(trial: Trial, tests: Sequence[str]) -> bool:
    """Whether tests pass and the pinned run, if there is one, gives what it gives unchanged."""
    if not _passes(tests, trial.plain):
        return False
    return trial.pinned is None or _pinned_run() == trial.pinned.read_text()


def _leave_plain(modules: frozenset[str]) -> None:
    """Compile nothing of some modules of the package, which compiles with options alone."""
    njit = numba.njit

    def compile_others(*given: Any, **options: Any) -> Any:
        if given:
            return njit(*given, **options)
        return lambda function: (
            _plain(function) if function.__module__ in modules else njit(**options)(function)
        )

    numba.njit = compile_others


def _plain(function: Any) -> Any:
    """A function as it is, which finds the columns of tables by their names."""
    return functools.wraps(function)(lambda *given: function(*map(_by_name, given)))


def _by_name(given: Any) -> Any:
    """A table of rows, by itself or in a named tuple, whose columns are attributes in Python."""
    if isinstance(given, tuple):
        return type(given)(*map(_by_name, given)) if hasattr(given, "_fields") else given
    is_table = isinstance(given, np.ndarray) and given.dtype.names
    return given.view(np.recarray) if is_table else given


def _pinned_run() -> str:
    """The digest of the run that the package's own check repeats."""
    from simulation.doctor import selfcheck

    pinned = json.loads(selfcheck.PINNED.read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # without Numba words overflow aloud
        return selfcheck.numbers(pinned["run"])[1]


def killed(statuses: Counter[str]) -> float:
    """Share of mutants that were killed."""
    return 1.0 - statuses["survived"] / max(statuses.total(), 1)


def patience(trial: Trial, tests: Sequence[str]) -> float:
    """Seconds that a mutant may take: several times as long as its tests with nothing changed."""
    took = sum(tests_alone(test, trial.plain).seconds for test in tests)
    if trial.pinned is not None:
        took += pinned_alone(trial.pinned, trial.plain).seconds
    return max(LEAST_SECONDS, took) * PATIENCE


def try_all(
    mutants: Sequence[Mutant],
    trials: dict[str, list[Trial]],
    workers: int,
    minutes: float = math.inf,
) -> list[tuple[Mutant, str]]:
    """Try mutants, some at a time, as many as are begun in some minutes: what became of each."""
    ends = time.monotonic() + 60.0 * minutes
    waiting = [(mutant, trials[mutant.module]) for mutant in mutants][::-1]
    running: dict[int, tuple[Mutant, list[Trial], float]] = {}
    mutant_fates: list[tuple[Mutant, str]] = []

    def ended(mutant: Mutant, fate: str) -> None:
        mutant_fates.append((mutant, fate))
        ways = trials[mutant.module]
        is_run = fate != "survived" or any(way.pinned or reaching(way, mutant) for way in ways)
        text = f"{label(mutant)}: {fate}{'' if is_run else ', run by no test'}"
        print(f"{len(mutant_fates)} of {len(mutants)}: {text}", file=sys.stderr, flush=True)

    while waiting or running:
        while waiting and len(running) < workers:
            mutant, further = waiting.pop()
            if further == trials[mutant.module] and time.monotonic() > ends:
                continue
            if not further:
                ended(mutant, "survived")
                continue
            trial, *further = further
            tests = reaching(trial, mutant)
            if not tests and trial.pinned is None:
                waiting.append((mutant, further))
                continue
            deadline = time.monotonic() + patience(trial, tests)
            work = functools.partial(survives, trial, tests)
            running[start(work, trial.plain, mutant)] = (mutant, further, deadline)
        for pid, (mutant, further, deadline) in list(running.items()):
            has_ended, status = os.waitpid(pid, os.WNOHANG)
            late = time.monotonic() > deadline
            if late and not has_ended:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            if not (has_ended or late):
                continue
            del running[pid]
            if has_ended and os.waitstatus_to_exitcode(status) == 0:
                waiting.append((mutant, further))
            else:
                ended(mutant, "killed" if has_ended else "too slow")
        time.sleep(0.01)
    return mutant_fates


def compiled_callers(module: str) -> frozenset[str]:
    """The modules of the model that hold compiled functions and import this one, and itself.

    Of those that import one of them too: a compiled function can only call compiled ones.
    """
    folder = path_of(module).parent
    text = {
        f"simulation.model.processes.{path.stem}": path.read_text("utf-8")
        for path in folder.glob("*.py")
    }
    compiled = {name for name in text if re.search(r"^@(kernel|compiled|inner)$", text[name], re.M)}
    imports = {name: set(re.findall(r"^from (\S+) import", text[name], re.M)) for name in compiled}
    callers = {module} & set(imports)
    while more := {name for name in set(imports) - callers if imports[name] & callers}:
        callers |= more
    return frozenset(callers)


def trials_of(module: str, tests: str, folder: Path) -> list[Trial]:
    """The ways in which mutants of a module are tried in turn; `folder` is for digests."""
    of_model = module.startswith("simulation.model.processes.")
    plain = compiled_callers(module) if of_model else frozenset[str]()
    parts = [tuple(str(test_file(name)) for name in part.split()) for part in tests.split("|")]
    pinned = [folder / module if of_model else None, None]
    trials = [Trial(tests, plain, digest) for tests, digest in zip(parts, pinned, strict=False)]
    return [trial for trial in trials if trial.tests]


def main() -> int:
    """Change, test, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--of", choices=sorted(GROUPS), default="statistics")
    parser.add_argument("--module", help="only this one, by the end of its name")
    parser.add_argument("--sample", type=int, help="how many to draw; 0: try all")
    parser.add_argument("--minutes", type=float, default=math.inf, help="for beginning them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--goal", type=float, default=0.0, help="share to be killed: 1 if below")
    options = parser.parse_args()
    digests = tempfile.TemporaryDirectory()
    part = {
        f"simulation.{module}": trials_of(f"simulation.{module}", tests, Path(digests.name))
        for module, tests in GROUPS[options.of].items()
        if options.module is None or module.endswith(options.module)
    }
    changes = [change for module in part for change in changes_of(module)]
    sample = MOST.get(options.of) if options.sample is None else options.sample or None
    mutants = drawn(changes, sample, options.seed)
    began = time.monotonic()
    mutant_fates = try_all(mutants, part, options.workers, options.minutes)
    by_module: dict[str, Counter[str]] = {}
    for mutant, fate in mutant_fates:
        by_module.setdefault(mutant.module, Counter())[fate] += 1
    print(f"{'module':46} {'mutants':>8} {'killed':>8} {'survived':>9} {'share killed':>13}")
    for module, fates in sorted(by_module.items()):
        gone = fates.total() - fates["survived"]
        print(f"{module:46} {fates.total():8} {gone:8} {fates['survived']:9} {killed(fates):13.0%}")
    everything = sum(by_module.values(), Counter())
    hits, tries = everything.total() - everything["survived"], everything.total()
    print(f"{'all':46} {tries:8} {hits:8} {tries - hits:9} {killed(everything):13.0%}")
    if tries < len(mutants):
        print(f"{tries} of {len(mutants)} were begun in {options.minutes:g} minutes")
    if tries and (sample is not None or tries < len(mutants)):
        low, high = scipy.stats.binomtest(hits, tries).proportion_ci(method="wilson")
        places = f"drawn at {len(changes):,} places, seed {options.seed}"
        print(f"{places}: {low:.0%} to {high:.0%} of all")
    print(f"{time.monotonic() - began:.0f} s")
    if options.survivors:
        for mutant, fate in sorted(mutant_fates):
            if fate == "survived":
                print(label(mutant))
    return 0 if tries and killed(everything) >= options.goal else 1


if __name__ == "__main__":
    sys.exit(main())
