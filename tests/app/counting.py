"""How many sessions and models a server holds, and its memory: a browser is not told."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

from tests.app.browsing import PATIENCE, Served

#: what a server runs before it starts, so that it answers a signal with what it holds
COUNTING = """
import gc, signal, sys
def count(*_):
    found = sys.modules["solara.server.kernel_context"].contexts
    gc.collect()
    models = sum(type(one).__name__ == "Crossings" for one in gc.get_objects())
    print(f"sessions: {len(found)} models: {models}", file=sys.stderr, flush=True)
signal.signal(signal.SIGUSR1, count)
"""


def sessions(server: Served) -> int:
    """How many sessions a server has that was started with `COUNTING`."""
    return _counted(server)[0]


def models(server: Served) -> int:
    """How many models such a server holds."""
    return _counted(server)[1]


def _counted(server: Served) -> tuple[int, int]:
    said = len(server.said())
    server.process.send_signal(signal.SIGUSR1)
    ends = time.monotonic() + PATIENCE
    while not (found := re.search(r"sessions: (\d+) models: (\d+)\n", server.said()[said:])):
        assert time.monotonic() < ends, "the server does not say what it holds"
        time.sleep(0.02)
    return int(found[1]), int(found[2])


def memory_mb(server: Served) -> float:
    """Memory that a server holds now, MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1e3
