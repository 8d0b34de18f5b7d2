"""Would the tests notice if the code said something else? Mutation testing with Cosmic Ray.

    uv run python benchmarks/mutants.py [--of statistics|processes] [--module NAME]
        [--sample N] [--seed S] [--workers N] [--survivors]

Cosmic Ray's operators change one thing at a time (a sign, a comparison, a number, a condition); the
tests of that module then run in a process forked for this one mutant, in which the module is
imported in its changed form: no file is touched. A mutant is killed when a test fails or takes
several times as long as it should. Of the processes of the model, the run that `crossings doctor`
repeats is made as well, after the tests, and has to give the numbers of the code as it is. Where a
module holds compiled functions, Numba is switched off, or each mutant would be compiled for half a
minute; the code is the same. Left out: what changes nothing (annotations, and texts), and
decorators. All mutants are tried, or N of them drawn with a fixed seed, and then the share killed
has its interval (Wilson, 95%).
"""

# ruff: noqa: E402 (what is set in the environment comes before NumPy)
from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

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
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

LOADED = (
    hypothesis, np, pandas, pyarrow.parquet, pydantic, pytest, scipy.stats, simulation.compiled,
)  # fmt: skip

E, P = "tests/experiments/", "tests/processes/"
#: module -> the tests that should notice
STATISTICS: dict[str, tuple[str, ...]] = {
    "simulation.experiments.paired": (f"{E}test_paired.py",),
    "simulation.experiments.ladder": (f"{E}test_ladder.py",),
    "simulation.experiments.noise": (f"{E}test_discovery.py",),
    "simulation.experiments.measures": (f"{E}test_measures.py",),
    "simulation.experiments.summary": (f"{E}test_summary.py",),
    "simulation.experiments.sensitivity_indices": (f"{E}test_sensitivity.py",),
    "simulation.experiments.boxes": (f"{E}test_discovery.py",),
    "simulation.fitting.weights": ("tests/fitting/test_engine.py",),
}
#: tests of compiled functions that end soon without a compiler
_KERNELS = tuple(f"{P}test_{part}.py" for part in ("deals", "pure", "choice", "sharing"))
_KERNELS_OF_PEOPLE = (*_KERNELS, f"{P}test_against_reference.py")
PROCESSES: dict[str, tuple[str, ...]] = {
    f"simulation.processes.{name}": tests
    for names, tests in (
        ("deals movement sailing ways tables", _KERNELS_OF_PEOPLE),
        ("allocation census conditions inbox launching relocation service sharing", _KERNELS),
        ("entries", (f"{P}test_entries.py", f"{P}test_waves.py")),
        ("investigation supply", _KERNELS),
        ("channel choice intelligence market operators raids risk sea setup world", (P,)),
    )
    for name in names.split()
}
GROUPS = {"statistics": STATISTICS, "processes": PROCESSES}
#: seconds the tests of an unchanged module may take, and how many times as long a mutant may
LEAST_SECONDS, PATIENCE = 5.0, 5.0


class Mutant(NamedTuple):
    """One change of one module."""

    module: str
    operator: str
    occurrence: int
    line: int
    source: str


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / (module.replace(".", "/") + ".py")


def mutants_of(module: str) -> list[Mutant]:
    """Every change of a module that changes what it does."""
    source = path_of(module).read_text(encoding="utf-8")
    plain, found = _essence(source), []
    tree = get_ast(source)
    for name in sorted(operator_names()):
        if "Decorator" in name or "Variable" in name:
            continue
        operator = get_operator(name)()
        places = [place for node in ast_nodes(tree) for place in operator.mutation_positions(node)]
        for occurrence, (first, _) in enumerate(places):
            changed = mutate_code(source, operator, occurrence)
            if changed is not None and _essence(changed) not in (None, plain):
                found.append(Mutant(module, name, occurrence, first[0], changed))
    unique = {_essence(mutant.source): mutant for mutant in found}
    return sorted(unique.values(), key=lambda mutant: (mutant.line, mutant.operator))


class _Bare(ast.NodeTransformer):
    """Takes away what is never run: annotations and texts that stand alone."""

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

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def _essence(source: str) -> str | None:
    """What a source does; None if it is none."""
    try:
        return ast.dump(_Bare().visit(ast.parse(source)))
    except SyntaxError:
        return None


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module from another text than its file's."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(path_of(mutant.module)))
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> Any:
        return compile(self.mutant.source, self.path, "exec", dont_inherit=True)


class Trial(NamedTuple):
    """How mutants of a module are tried.

    Attributes:
        tests: The tests that should notice.
        compiled: Whether Numba compiles; not where the module itself holds compiled functions.
        pinned: File with the digest of the pinned run of the code as it is; None: no such run.
    """

    tests: tuple[str, ...]
    compiled: bool
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
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    os.chdir(ROOT)
    os.environ["NUMBA_DISABLE_JIT"] = str(int(not trial.compiled))
    numba.config.DISABLE_JIT = int(not trial.compiled)
    told = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow",
            "--hypothesis-seed=0",
            "-W", "ignore::RuntimeWarning", "-W", "ignore::DeprecationWarning",
            "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
    try:
        status = int(pytest.main([*told, *trial.tests]))
        if not status and trial.pinned is not None:
            found = _pinned_run()
            if mutant is None:
                trial.pinned.write_text(found, encoding="utf-8")
            status = int(found != trial.pinned.read_text(encoding="utf-8"))
    except BaseException:
        status = 1
    os._exit(status)


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
        time.sleep(0.01)
    return found


def usual_seconds(trial: Trial) -> float:
    """How long the tests take with nothing changed; they must pass."""
    began = time.monotonic()
    status = os.waitstatus_to_exitcode(os.waitpid(start(trial, None), 0)[1])
    if status:
        tests = " ".join(trial.tests)
        raise SystemExit(f"the tests fail with nothing changed (exit {status}): {tests}")
    return time.monotonic() - began


def trial_of(module: str, tests: tuple[str, ...], folder: Path) -> Trial:
    """How mutants of a module are tried; `folder` is for digests."""
    text = path_of(module).read_text(encoding="utf-8")
    compiled = "@kernel" not in text and "@compiled" not in text
    of_model = module in PROCESSES
    return Trial(tests, compiled, folder / f"compiled-{compiled}" if of_model else None)


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
    mutants = [mutant for module in part for mutant in mutants_of(module)]
    there = len(mutants)
    if told.sample is not None and told.sample < there:
        mutants = random.Random(told.seed).sample(mutants, told.sample)
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
    if tries < there:
        low, high = wilson(hits, tries)
        print(f"{tries} of {there:,} mutants, seed {told.seed}: {low:.0%} to {high:.0%} of all")
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
