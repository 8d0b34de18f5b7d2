"""Compiled code means what plain Python does; functions of the package are kept on disk."""

from __future__ import annotations

import numpy as np
import pytest

from simulation import compiled
from simulation.model.processes.tables import occasion_of


def test_an_error_of_numba_is_not_hidden(monkeypatch):
    def njit(**_: object):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiled.numba, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        compiled.compiled(abs)


def test_an_occasion_is_the_same_compiled_and_not():
    # columns are int16: shifted as they are, NumPy loses the bits that Numba keeps
    key = np.int16(300), np.int16(5), np.int16(7)
    assert occasion_of(*key) == occasion_of.py_func(*key) == (300 << 24) + (5 << 12) + 7
