"""Parameters of a test that are asked in the full checks alone, as others ask nearly the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def seldom(first: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Values of one parameter: the first are always asked, the others in the full checks alone."""
    return [*first, *(pytest.param(value, marks=pytest.mark.full) for value in others)]


def seldom_together(
    first: Iterable[tuple[Any, ...]], others: Iterable[tuple[Any, ...]]
) -> list[Any]:
    """The same where each test takes several values."""
    return [*first, *(pytest.param(*values, marks=pytest.mark.full) for values in others)]
