"""How much work something takes, in units that neither the machine nor its other work decides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree

_DOCUMENT = b"<a>" + b'<b c="d">1</b>' * 20_000 + b"</a>"


class Work(NamedTuple):
    """What something took: CPU seconds, and these as a multiple of `unit_seconds`."""

    seconds: float
    units: float


def unit_seconds() -> float:
    """CPU seconds in which 20,000 elements of XML are read now; some 0.01 s."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        ElementTree.fromstring(_DOCUMENT)
        seconds.append(time.process_time() - began)
    return min(seconds)


def work_of(do: Callable[[], Any]) -> Work:
    """Do something and measure its work in this process; errors are raised as they are."""
    before = unit_seconds()
    began = time.process_time()
    do()
    seconds = time.process_time() - began
    # a clock speed that changes meanwhile counts for what is measured
    return Work(seconds, seconds / max(before, unit_seconds()))
