"""Where compiled code can be kept nowhere, that is told in one line."""

from __future__ import annotations

import pytest

from simulation import compiled
from simulation.errors import InputError


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
    assert str(raised.value) == (
        'XDG_CACHE_HOME = "/nowhere": the compiled model can be kept nowhere; allowed: set this '
        "variable to a folder that can be written to"
    )


def test_another_error_is_not_hidden(monkeypatch):
    monkeypatch.setattr(compiled.numba, "njit", raising("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        compiled.compiled(abs)
