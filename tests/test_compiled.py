"""Compiled code means what plain Python does; where it can be kept nowhere, that is told."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from simulation import compiled
from simulation.errors import InputError
from simulation.processes.tables import occasion_of

#: what compiled code depends on
FILES = ("chain.py", "compiled.py", "randomness.py", "agents/unit.py", "processes/market.py")


def raising(text: str):
    def njit(**_: object):
        raise RuntimeError(text)

    return njit


@pytest.mark.parametrize("wrap", [compiled.compiled, compiled.kernel])
def test_no_folder_for_compiled_code_is_a_users_error(monkeypatch, wrap):
    text = "cannot cache function 'f': no locator available for file 'f.py'"
    monkeypatch.setattr(compiled.numba, "njit", raising(text))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/nowhere")
    with pytest.raises(InputError) as raised:
        wrap(abs)
    assert (raised.value.key, raised.value.value) == ("XDG_CACHE_HOME", "/nowhere")


def test_another_error_is_not_hidden(monkeypatch):
    monkeypatch.setattr(compiled.numba, "njit", raising("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        compiled.compiled(abs)


@pytest.mark.parametrize("name", FILES)
def test_the_folder_is_another_when_code_or_its_options_change(tmp_path, name):
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(Path(compiled.__file__).parent / file, tmp_path / file)
    spec = spec_from_file_location("a_copy", tmp_path / "compiled.py")
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    before = copy.cache_directory()
    assert copy.cache_directory() == before
    with (tmp_path / name).open("a", encoding="utf-8") as changed:
        changed.write("one = 2\n")
    assert copy.cache_directory() != before


def test_an_occasion_is_the_same_compiled_and_not():
    # columns are int16: shifted as they are, NumPy loses the bits that Numba keeps
    key = np.int16(300), np.int16(5), np.int16(7)
    assert occasion_of(*key) == occasion_of.py_func(*key) == (300 << 24) + (5 << 12) + 7
