"""A few policies of the library of estimates, so that a build of them is done at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from simulation.estimates import build, estimate
from simulation.estimates.library import OUTLOOK, load_library

WHOLE = load_library(OUTLOOK)
SEA, RETURNS = "Units off the French coast that stop boats at sea", "Returns to France a week"
FEW = replace(
    WHOLE,
    shipped=["outlook-adverts"],
    levers={name: WHOLE.levers[name] for name in (SEA, RETURNS)},
    strengths=[*({SEA: one} for one in WHOLE.levers[SEA].strengths),
               *({RETURNS: one} for one in WHOLE.levers[RETURNS].strengths)],
)  # fmt: skip


@contextmanager
def few_policies() -> Iterator[None]:
    """Within it the library has few policies."""
    with (
        mock.patch.object(build, "load_library", return_value=FEW),
        mock.patch.object(estimate, "library_for", return_value=FEW),
    ):
        yield
