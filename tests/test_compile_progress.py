"""Whoever steps a model in a script learns that it compiles, and how far it is."""

from __future__ import annotations

import logging
import multiprocessing

import pytest
from numba.core import event

from simulation import compiled
from simulation.compiled import COMPILING, CompileProgress


@pytest.fixture
def messages(caplog, monkeypatch):
    """What is logged while some functions of the model are compiled, each of them once.

    Args: whether compiled code is kept, whether this is a worker, and seconds a function takes.
    """

    def compile_some(stored: bool = False, worker: bool = False, seconds: float = 1.0) -> list[str]:
        now = iter(seconds * n for n in range(100))
        monkeypatch.setattr(compiled, "is_compiled", lambda: stored)
        monkeypatch.setattr(multiprocessing, "parent_process", lambda: worker or None)
        monkeypatch.setattr(compiled.time, "monotonic", lambda: next(now))
        progress = CompileProgress()
        for name in "abcd":
            progress.declare(name)
        with caplog.at_level(logging.WARNING, compiled.__name__):
            for name in ["not of the model", *"aabc"]:
                progress.on_start(event.Event("numba:compile", 0, {"dispatcher": name}))
                progress.on_end(event.Event("numba:compile", 0, {"dispatcher": name}))
        return caplog.messages

    return compile_some


def test_it_says_so_once_and_how_far_it_is(messages):
    first, *later = messages(seconds=6.0)
    assert first == COMPILING
    assert len(later) == 2, "every ten seconds"
    assert later[-1].startswith("3 of at most 4")


@pytest.mark.parametrize("quiet", [{"stored": True}, {"worker": True}])
def test_a_function_or_two_more_are_not_worth_a_line_nor_any_of_a_worker(messages, quiet):
    assert messages(**quiet) == []


def test_numba_tells_when_it_compiles(monkeypatch):
    seen: list[object] = []
    progress = CompileProgress()
    monkeypatch.setattr(progress, "on_start", lambda one: seen.append(one.data["dispatcher"]))
    function = compiled.kernel(lambda number: number + 1)
    with event.install_listener("numba:compile", progress):
        assert function(2) == 3
    assert seen == [function]
