"""Compiled code means what plain Python does; where it can be kept nowhere, that is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from simulation import compiled
from simulation.errors import InputError
from simulation.processes.tables import occasion_of

#: what compiled code depends on
FILES = ("chain.py", "compiled.py", "randomness.py", "agents/unit.py", "processes/market.py")


@pytest.mark.parametrize("wrap", [compiled.compiled, compiled.kernel])
def test_no_folder_for_compiled_code_is_a_users_error(monkeypatch, tmp_path, wrap):
    blocked = tmp_path / "a-file"
    blocked.touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    with pytest.raises(InputError) as raised:
        wrap(occasion_of.py_func)
    assert (raised.value.key, raised.value.value) == ("XDG_CACHE_HOME", str(blocked))


def test_another_error_is_not_hidden(monkeypatch):
    def njit(**_: object):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiled.numba, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        compiled.compiled(abs)


COMPILE = """
from numpy import int16
from simulation.processes.tables import occasion_of
occasion_of(int16(1), int16(2), int16(3))
print(sum(occasion_of.stats.cache_hits.values()), sum(occasion_of.stats.cache_misses.values()))
"""


def test_a_copy_of_the_package_finds_what_another_compiled(tmp_path):
    hits_and_misses = []
    for name in ("one", "other"):
        folder = tmp_path / name
        shutil.copytree(Path(compiled.__file__).parent, folder / "simulation")
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        command = [sys.executable, "-c", COMPILE]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        hits_and_misses.append(done.stdout.split())
    assert hits_and_misses == [["0", "1"], ["1", "0"]]


@pytest.mark.parametrize("name", FILES)
def test_the_folder_is_another_when_code_or_its_options_change(tmp_path, name):
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(Path(compiled.__file__).parent / file, tmp_path / file)
    spec = spec_from_file_location("a_copy", tmp_path / "compiled.py")
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    before = copy.cache_directory()
    copy._source_digest.cache_clear()
    assert copy.cache_directory() == before
    with (tmp_path / name).open("a", encoding="utf-8") as changed:
        changed.write("one = 2\n")
    copy._source_digest.cache_clear()
    assert copy.cache_directory() != before


def test_an_occasion_is_the_same_compiled_and_not():
    # columns are int16: shifted as they are, NumPy loses the bits that Numba keeps
    key = np.int16(300), np.int16(5), np.int16(7)
    assert occasion_of(*key) == occasion_of.py_func(*key) == (300 << 24) + (5 << 12) + 7
