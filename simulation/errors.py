"""The error that a user of the command line sees, and suggestions of similar words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import partial

#: exit status of a command that was given something it cannot use
EXIT_INPUT = 2
#: exit status of a command that Ctrl-C ended
EXIT_INTERRUPTED = 130
#: why runs end where there is too little memory, and what needs less
NO_MEMORY = "memory ran short; fewer --workers or a smaller --scale needs less"
#: letters of a key or a value that are shown
_MOST = 300
#: letters of what is allowed that are shown
_MOST_ALLOWED = 1_500
#: How alike two words must be for one to be meant by the other (0 to 1, difflib's ratio). Real
#: slips lie above it and other words below: `tests/test_closest.py` holds the tables of both.
_ALIKE = 0.77
#: letters from which a part of a word, or a short word with a slip, stands for it
_LEAST_LETTERS = 3


class FatalError(Exception):
    """No other run can succeed either, such as on a full disk."""


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
        run_folder: The folder that holds the finished runs.
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
        run_folder: object = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.key = key
        self.value = value
        self.allowed = allowed
        self.suggestion = suggestion
        self.run_folder = None if run_folder is None else str(run_folder)
        super().__init__(str(self))

    def __str__(self) -> str:
        subject = _cut(self.key or "")
        if self.value is not None:
            shown = _cut(str(self.value))
            shown = f'"{shown}"' if isinstance(self.value, str) else shown
            subject = f"{subject} = {shown}" if subject else shown
        parts = [part for part in (self.file, subject, self.problem) if part]
        text = ": ".join(parts)
        if self.suggestion:
            text += f'; did you mean "{self.suggestion}"?'
        if self.allowed:
            mark = "" if self.suggestion else ";"
            text += f"{mark} allowed: {_cut(self.allowed, _MOST_ALLOWED)}"
        if self.run_folder:
            text += f"; what was run is kept in {_cut(self.run_folder)}"
        return _on_a_terminal(" ".join(text.split()))

    def __reduce__(self) -> tuple[object, ...]:
        return partial(InputError, **self.__dict__), ()


def _cut(text: str, most: int = _MOST) -> str:
    """A text whose middle is left out where it is too long to read."""
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 :]}"


def _on_a_terminal(text: str) -> str:
    """A text with control and invisible characters written as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def closest(value: str, words: Iterable[str]) -> str | None:
    """The word most similar to `value`, or None when none is similar enough.

    A word is meant if it has nearly the same letters, if it alone begins with what was written
    ("invest"), or if more was written behind it ("start_date"). Of words with several parts, such
    as `group.name` or `from>to:mode`, each part must be alike: a long first part that is right
    says nothing about the second.
    """
    written = _folded(value)
    if not written or len(written) > _MOST:
        return None
    by_letters = {_folded(word): word for word in words}
    if written in by_letters:
        return by_letters[written]
    for near in difflib.get_close_matches(written, by_letters, n=5, cutoff=_ALIKE):
        if _parts_alike(written, near):
            return by_letters[near]
    slips = [word for word in by_letters if _one_slip(written, word)]
    longer = [word for word in by_letters if word.startswith(written.removesuffix("s"))]
    shorter = [
        word for word in by_letters if written.startswith(word) and not written[len(word)].isalpha()
    ]
    for candidates in (slips, longer, shorter):
        if len(candidates) == 1 and min(len(written), len(candidates[0])) >= _LEAST_LETTERS:
            return by_letters[candidates[0]]
    return None


def unknown_word(
    problem: str, value: str, valid_words: Iterable[str], *, key: str | None = None
) -> InputError:
    """The error for a word that is not one of the valid words.

    Args:
        problem: What is wrong, in words.
        value: The word.
        valid_words: The words that would have been accepted.
        key: The command-line option, or the key inside a file.
    """
    words = list(valid_words)
    allowed, suggestion = ", ".join(words), closest(value, words)
    return InputError(problem, key=key, value=value, allowed=allowed, suggestion=suggestion)


def listed(words: Iterable[str], most: int = _MOST_ALLOWED - 300) -> str:
    """Known words as a list for a message; a long one ends with how many more there are."""
    items = list(words)
    shown, letters = 0, 0
    for word in items:
        letters += len(word) + 2
        if letters > most:
            break
        shown += 1
    rest = len(items) - shown
    return ", ".join(items[:shown]) + (f" and {rest} more" if rest else "")


def _folded(text: str) -> str:
    """A word in small letters, with one hyphen between its parts."""
    return re.sub(r"[\s_-]+", "-", text.strip().lower())


def _parts_alike(written: str, word: str) -> bool:
    parts, others = (re.split(r"[.>:]", text) for text in (written, word))
    return len(parts) != len(others) or all(
        part == other or difflib.SequenceMatcher(None, part, other).ratio() >= _ALIKE
        for part, other in zip(parts, others, strict=True)
    )


def _one_slip(written: str, word: str) -> bool:
    """Whether two adjacent letters are swapped, or one letter of four or more is wrong."""
    # in a short word either makes the ratio smaller than that of other words
    if len(written) != len(word):
        return False
    differ = [at for at, (a, b) in enumerate(zip(written, word, strict=True)) if a != b]
    if len(differ) == 1:
        return len(written) > _LEAST_LETTERS
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1
    return swapped and all(written[a] == word[b] for a, b in (differ, differ[::-1]))


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
