"""How many sessions a server has, and how much memory it takes: a browser is not told."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

from tests.app.browsing import PATIENCE, Served

#: what a server runs before it starts, so that it answers a signal with the number of sessions
COUNTING = """
import signal, sys
def count(*_):
    found = sys.modules["solara.server.kernel_context"].contexts
    print("sessions:", len(found), file=sys.stderr, flush=True)
signal.signal(signal.SIGUSR1, count)
"""


def sessions(server: Served) -> int:
    """How many sessions a server has that was started with `COUNTING`."""
    said = len(server.said())
    server.process.send_signal(signal.SIGUSR1)
    ends = time.monotonic() + PATIENCE
    while not (found := re.search(r"sessions: (\d+)\n", server.said()[said:])):
        assert time.monotonic() < ends, "the server does not say how many sessions it has"
        time.sleep(0.02)
    return int(found[1])


def memory_mb(server: Served) -> float:
    """Memory that a server holds now, MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1e3
