"""What a look at one thing found."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One line of `crossings doctor`.

    Attributes:
        status: `ok`; `warn` for what works but should be known; `fail` for what does not work.
        what: What was looked at, in a word or two.
        text: What was found, and what to do about it.
    """

    status: Status
    what: str
    text: str
