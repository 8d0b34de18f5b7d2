"""Refuse to unpickle what a Dask cluster sends.

Unpickling can call any function of this machine. Dask unpickles in many places of its client: in
results, in exceptions, in the type of a result, in warnings, and in every message that says so.
Its option `deserializers` covers results only. Python raises the audit event `pickle.find_class`
before a pickle reaches any class or function, in the C code and wherever it is called. Refusing
the event refuses them all.
"""

from __future__ import annotations

import pickletools
import sys
import threading
from typing import Any

#: Dask sends bytes with their type, as a pickle of it
_HARMLESS = {("builtins", "bytes")}
#: bytes of a pickle that are read for its texts
_MOST_READ = 100_000

_lock = threading.Lock()
_guards: list[UnpicklingGuard] = []
_hooked = False


class RefusedError(TypeError):
    """A pickle wanted a class or a function.

    It is a TypeError because Dask takes one for an object that cannot be read.
    """


class UnpicklingGuard:
    """Refuses pickles in Dask's code, from `hold` on, in every thread of this process.

    Attributes:
        refused: The first class or function that a message of the cluster wanted, or None. What
            Dask itself takes for unreadable, such as a pickled exception, is refused too, but is
            not noted.
    """

    def __init__(self) -> None:
        self.refused: str | None = None

    def __enter__(self) -> UnpicklingGuard:
        self.hold()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def hold(self) -> None:
        """Begin to refuse."""
        global _hooked
        with _lock:
            if not _hooked:
                sys.addaudithook(_hook)
                _hooked = True
            _guards.append(self)

    def release(self) -> None:
        """No longer refuse, unless another guard does."""
        with _lock:
            if self in _guards:
                _guards.remove(self)


def texts_of(pickled: bytes) -> list[str]:
    """The texts in a pickle, in their order; nothing of it is executed."""
    found = []
    try:
        for _, value, _ in pickletools.genops(pickled[:_MOST_READ]):
            if isinstance(value, str):
                found.append(value)
    except Exception:  # whatever a pickle that is none, or is cut off, leads to
        pass
    return found


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "pickle.find_class" and _guards:
        _judge(*arguments)


def _judge(module: object, name: object) -> None:
    """Refuse what a pickle wants, if Dask is among the callers."""
    callers = set()
    frame = sys._getframe()
    while frame is not None:
        callers.add(str(frame.f_globals.get("__name__")))
        frame = frame.f_back  # type: ignore[assignment]
    if not any(caller.split(".")[0] == "distributed" for caller in callers):
        return
    if (module, name) in _HARMLESS:
        return
    wanted = f"{module}.{name}"
    if "distributed.protocol.core" in callers:  # a message; its reader ends here
        for guard in _guards:
            guard.refused = guard.refused or wanted
    raise RefusedError(f"a pickle wants {wanted}")
