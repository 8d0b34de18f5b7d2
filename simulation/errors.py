"""The one error a user of the command line ever sees."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

#: exit status of a command that was given something it cannot use
EXIT_INPUT = 2
#: exit status of a command that Ctrl-C ended
EXIT_INTERRUPTED = 130
#: letters of a key or a value that are shown
_MOST = 300
#: letters of what is allowed that are shown
_MOST_ALLOWED = 1_500


class InputError(Exception):
    """Something a user wrote cannot be used.

    Its text is a single line that names the file, the key, the bad value and what is allowed.

    Args:
        problem: What is wrong, in words ("unknown key").
        file: The file it was read from, if any.
        key: The key inside the file (`sharing[0].level`) or the command-line option.
        value: The bad value, shown with `repr`-like quotes.
        allowed: What would have been accepted, in words.
        suggestion: The nearest accepted value ("did you mean").
        kept: The folder in which what was done before stays.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: object = None,
        key: str | None = None,
        value: object = None,
        allowed: str | None = None,
        suggestion: str | None = None,
        kept: object = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.key = key
        self.value = value
        self.allowed = allowed
        self.suggestion = suggestion
        self.kept = None if kept is None else str(kept)
        super().__init__(str(self))

    def __str__(self) -> str:
        subject = _cut(self.key or "")
        if self.value is not None:
            shown = _cut(str(self.value))
            shown = f'"{shown}"' if isinstance(self.value, str) else shown
            subject = f"{subject} = {shown}" if subject else shown
        parts = [part for part in (self.file, subject, self.problem) if part]
        text = ": ".join(parts)
        if self.allowed:
            text += f"; allowed: {_cut(self.allowed, _MOST_ALLOWED)}"
        if self.suggestion:
            text += f'; did you mean "{self.suggestion}"?'
        if self.kept:
            text += f"; what was run is kept in {_cut(self.kept)}"
        return _on_a_terminal(" ".join(text.split()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.problem, self.__dict__.copy()))


def _cut(text: str, most: int = _MOST) -> str:
    """A text whose middle is left out where it is longer than anybody would read."""
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 :]}"


def _on_a_terminal(text: str) -> str:
    """A text in which what would steer a terminal, or cannot be seen, is spelt out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _rebuild(problem: str, state: dict[str, object]) -> InputError:
    error = InputError(problem)
    error.__dict__.update(state)
    return error


def closest(value: str, known: Iterable[str]) -> str | None:
    """The known word most like `value`, or None when nothing is near."""
    by_lower = {word.lower(): word for word in known}
    found = difflib.get_close_matches(value.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def dotted(location: Sequence[int | str]) -> str:
    """A key inside a file as a user would write it: `sharing[0].level`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").replace("-", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f'."{part}"' if text else f'"{part}"'
    return text
