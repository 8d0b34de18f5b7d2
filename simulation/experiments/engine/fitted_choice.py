"""Which fitted ensemble an experiment draws from: by its window, by its file, or the newest."""

from __future__ import annotations

import os
import re
from pathlib import Path

from simulation.errors import InputError, closest
from simulation.parameters.fitted import (
    FittedEnsemble,
    load_fitted,
    packaged,
    window_name,
    window_of,
)

OPTION = "--ensemble"
_YEAR = re.compile("[0-9]{4}")


def choose_ensemble(text: str) -> FittedEnsemble:
    """The ensemble that a user names.

    Args:
        text: A window of months of which the package holds an ensemble, as `2021-01..2023-12` or
            `2021-2023`, or a file that `crossings fit` wrote.

    Raises:
        InputError: There is none, or its file cannot be used.
    """
    there = packaged()
    window = window_of(_spelled(text))
    if window is None or os.path.lexists(text):
        found = load_fitted(Path(text)) if text else None
        if found is not None:
            return found
        raise InputError(
            "no such file, and no window of months",
            key=OPTION,
            value=text,
            allowed=_allowed(list(there)),
            suggestion=closest(text, [window_name(*one) for one in there]),
        )
    path = there.get(window)
    found = None if path is None else load_fitted(path)
    if found is None:
        first, last = window
        raise InputError(
            "nothing has been fitted to this window",
            key=OPTION,
            value=text,
            allowed=f"{_allowed(list(there))}; or make it: "
            f"crossings fit --from {first} --to {last} --install",
        )
    return found


def newest_before(month: str) -> FittedEnsemble | None:
    """The newest ensemble of the package whose window ends before a month; None if there is none.

    Args:
        month: Such as "2024-01".
    """
    found = [path for window, path in packaged().items() if window[1] < month]
    return load_fitted(found[-1]) if found else None


def _spelled(text: str) -> str:
    """A window of whole years spelled out in months."""
    for mark in ("..", "-"):
        first, _, last = text.partition(mark)
        if _YEAR.fullmatch(first) and _YEAR.fullmatch(last):
            return window_name(f"{first}-01", f"{last}-12")
    return text


def _allowed(windows: list[tuple[str, str]]) -> str:
    named = ", ".join(window_name(*one) for one in windows) or "no window yet"
    return f"{named}, or a file that crossings fit wrote"
