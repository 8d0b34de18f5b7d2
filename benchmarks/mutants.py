"""Would the tests notice if the code said something else? Mutation testing with Cosmic Ray.

    uv run --group dev python benchmarks/mutants.py [--of statistics|processes] [--module NAME]
        [--sample N] [--seed S] [--workers N] [--survivors]

Cosmic Ray's operators change one thing at a time (a sign, a comparison, a number, a condition); the
tests of that module then run in a process forked for this one mutant, in which the module is
imported in its changed form: no file is touched. A mutant is killed when a test fails or takes
several times as long as it should. Of the processes of the model, the run that `crossings doctor`
repeats is made as well, after the tests, and has to give the numbers of the code as it is. Where a
module holds compiled functions, they and the compiled ones that call them run as plain Python, or
each mutant would be compiled for half a minute; the code is the same, and all else stays compiled.
Left out: what changes nothing (annotations, and texts), and decorators. All mutants are tried, or N
of them drawn with a fixed seed, and then the share killed has its interval (Wilson, 95%).
"""

# ruff: noqa: E402 (what is set in the environment comes before NumPy)
from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import re
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

# names the folder of compiled code, which has to come before Numba is imported
import simulation.compiled  # isort: skip

# heavy, and not mutated: imported once for all that are forked
import hypothesis
import numba
import numpy as np
import pandas
import pyarrow.parquet
import pydantic
import pytest
import scipy.stats
from changes import ROOT, Mutant, changes_of, drawn, path_of

LOADED = (
    hypothesis, np, pandas, pyarrow.parquet, pydantic, pytest, scipy.stats, simulation.compiled,
)  # fmt: skip

S, P = "tests/experiments/statistics/", "tests/processes/"
#: module -> the tests that should notice, after a bar those made last for they take longer
STATISTICS = {
    "simulation.experiments.statistics.paired": f"{S}test_paired.py",
    "simulation.experiments.studies.ladder": "tests/experiments/studies/test_ladder.py",
    "simulation.experiments.statistics.noise": (
        f"{S}test_noise.py | tests/experiments/studies/test_sensitivity.py"
    ),
    "simulation.experiments.engine.measures": "tests/experiments/engine/test_measures.py",
    "simulation.experiments.statistics.run_statistics": f"{S}test_run_statistics.py",
    "simulation.experiments.statistics.sensitivity_indices": (
        f"{S}test_sensitivity_indices.py | tests/experiments/studies/test_sensitivity.py"
    ),
    "simulation.experiments.statistics.boxes": f"{S}test_boxes.py",
    "simulation.fitting.emulation": "tests/fitting/test_emulation.py",
    "simulation.fitting.identifiability": "tests/fitting/test_emulation.py",
    "simulation.fitting.weights": "tests/fitting/test_weights.py",
}
PROCESSES = {
    f"simulation.processes.{name}": " ".join(
        part if part == "|" else f"{P}test_{part}.py" for part in parts.split()
    )
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
        "fees": "supply market",
        "freezing": "freezing",
        "healing": "healing | market",
        "intelligence": "intelligence | raids",
        "investigation": "investigation | intelligence raids",
        "launching": "channel pure | against_reference",
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
        "world": "world channel market supply allocation operators | against_reference",
    }.items()
}
GROUPS = {"statistics": STATISTICS, "processes": PROCESSES}
#: seconds the tests of an unchanged module may take, and how many times as long a mutant may
LEAST_SECONDS, PATIENCE = 5.0, 5.0


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
    """How mutants of a module are tried.

    Attributes:
        tests: The tests that should notice.
        late: Tests made last.
        plain: Modules whose compiled functions run as plain Python: this one and its callers.
        pinned: File with the digest of the pinned run of the code as it is; None: no such run.
    """

    tests: tuple[str, ...]
    late: tuple[str, ...]
    plain: frozenset[str]
    pinned: Path | None


def start(trial: Trial, mutant: Mutant | None) -> int:
    """Run tests in a process of their own, with a mutant in it: its pid.

    Without a mutant it writes the digest of the pinned run down.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which do nothing here
        pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 2)
    sys.meta_path.insert(0, _Finder(mutant, trial.plain))
    _leave_plain(trial.plain)
    os.chdir(ROOT)
    try:
        status = int(
            not (_passes(trial.tests) and _is_pinned(trial, mutant) and _passes(trial.late))
        )
    except BaseException:
        status = 1
    os._exit(status)


def _passes(tests: tuple[str, ...]) -> bool:
    """Whether tests pass, or there are none."""
    told = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow",
            "--hypothesis-seed=0",
            "-W", "ignore::RuntimeWarning", "-W", "ignore::DeprecationWarning",
            "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
    return not tests or pytest.main([*told, *tests]) == 0


def _is_pinned(trial: Trial, mutant: Mutant | None) -> bool:
    """Whether the pinned run gives what it gives with nothing changed, if there is one."""
    if trial.pinned is None:
        return True
    found = _pinned_run()
    if mutant is None:
        trial.pinned.write_text(found, encoding="utf-8")
    return found == trial.pinned.read_text(encoding="utf-8")


def _leave_plain(modules: frozenset[str]) -> None:
    """Compile nothing of some modules."""
    compile_it = simulation.compiled._kept
    simulation.compiled._kept = lambda function, **options: (
        _plain(function) if function.__module__ in modules else compile_it(function, **options)
    )


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


def wilson(hits: int, tries: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share (Wilson)."""
    share, spread = hits / tries, z * z / tries
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / tries + spread / tries / 4) / (1 + spread)
    return middle - half, middle + half


def try_all(
    mutants: Sequence[Mutant],
    trials: dict[str, Trial],
    patience: dict[Trial, float],
    workers: int,
) -> list[tuple[Mutant, str]]:
    """Try mutants, some at a time: each with what became of it."""
    waiting = list(mutants)[::-1]
    running: dict[int, tuple[Mutant, float]] = {}
    found: list[tuple[Mutant, str]] = []
    told = 50
    while waiting or running:
        while waiting and len(running) < workers:
            mutant = waiting.pop()
            trial = trials[mutant.module]
            running[start(trial, mutant)] = (mutant, time.monotonic() + patience[trial])
        for pid, (mutant, deadline) in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            late = time.monotonic() > deadline
            if late and not ended:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            if ended or late:
                del running[pid]
                fate = "survived" if ended and os.waitstatus_to_exitcode(status) == 0 else "killed"
                found.append((mutant, "too slow" if late and not ended else fate))
        if len(found) >= told:
            print(f"{len(found)} of {len(mutants)}", file=sys.stderr, flush=True)
            told += 50
        time.sleep(0.01)
    return found


def usual_seconds(trial: Trial) -> float:
    """How long the tests take with nothing changed; they must pass."""
    began = time.monotonic()
    status = os.waitstatus_to_exitcode(os.waitpid(start(trial, None), 0)[1])
    if status:
        tests = " ".join((*trial.tests, *trial.late))
        raise SystemExit(f"the tests fail with nothing changed (exit {status}): {tests}")
    return time.monotonic() - began


def compiled_callers(module: str) -> frozenset[str]:
    """The modules of the model that hold compiled functions and import this one, and itself.

    Of those that import one of them too: a compiled function can only call compiled ones.
    """
    folder = path_of(module).parent
    text = {
        f"simulation.processes.{path.stem}": path.read_text("utf-8") for path in folder.glob("*.py")
    }
    compiled = {name for name in text if re.search(r"^@(kernel|compiled|inner)$", text[name], re.M)}
    imports = {name: set(re.findall(r"^from (\S+) import", text[name], re.M)) for name in compiled}
    found = {module} & set(imports)
    while more := {name for name in set(imports) - found if imports[name] & found}:
        found |= more
    return frozenset(found)


def trial_of(module: str, tests: str, folder: Path) -> Trial:
    """How mutants of a module are tried; `folder` is for digests."""
    early, _, late = tests.partition("|")
    of_model = module in PROCESSES
    plain = compiled_callers(module) if of_model else frozenset[str]()
    pinned = folder / module if of_model else None
    return Trial(tuple(early.split()), tuple(late.split()), plain, pinned)


def main() -> None:
    """Change, test, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--of", choices=sorted(GROUPS), default="statistics")
    parser.add_argument("--module", help="only this one, by the end of its name")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--survivors", action="store_true")
    told = parser.parse_args()
    digests = tempfile.TemporaryDirectory()
    part = {
        module: trial_of(module, tests, Path(digests.name))
        for module, tests in GROUPS[told.of].items()
        if told.module is None or module.endswith(told.module)
    }
    folder = path_of("simulation.processes.world").parent
    forgotten = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    forgotten -= {module.rpartition(".")[2] for module in PROCESSES}
    if forgotten:
        parser.error(f"name in PROCESSES, with the tests that should notice: {sorted(forgotten)}")
    changes = [change for module in part for change in changes_of(module)]
    mutants = drawn(changes, told.sample, told.seed)
    usual = {trial: usual_seconds(trial) for trial in {part[m.module] for m in mutants}}
    patience = {trial: max(LEAST_SECONDS, took) * PATIENCE for trial, took in usual.items()}
    began = time.monotonic()
    found = try_all(mutants, part, patience, told.workers)
    by_module: dict[str, Counter[str]] = {}
    for mutant, fate in found:
        by_module.setdefault(mutant.module, Counter())[fate] += 1
    print(f"{'module':46} {'mutants':>8} {'killed':>8} {'survived':>9} {'share killed':>13}")
    for module, fates in sorted(by_module.items()):
        gone = fates.total() - fates["survived"]
        print(f"{module:46} {fates.total():8} {gone:8} {fates['survived']:9} {killed(fates):13.0%}")
    everything = sum(by_module.values(), Counter())
    hits, tries = everything.total() - everything["survived"], everything.total()
    print(f"{'all':46} {tries:8} {hits:8} {tries - hits:9} {killed(everything):13.0%}")
    if told.sample is not None:
        low, high = wilson(hits, tries)
        print(f"drawn at {len(changes):,} places, seed {told.seed}: {low:.0%} to {high:.0%} of all")
    print(
        f"{time.monotonic() - began:.0f} s; the tests alone take "
        f"{max(usual.values()):.0f} s at most"
    )
    if told.survivors:
        for mutant, fate in sorted(found):
            if fate == "survived":
                line = mutant.source.splitlines()[mutant.line - 1].strip()
                print(f"{mutant.module}:{mutant.line} {mutant.operator}: {line}")


if __name__ == "__main__":
    main()
